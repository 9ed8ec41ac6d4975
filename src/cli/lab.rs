//! `lightloom lab`: measures choices of workers on the user's own pictures, recommends settings.

use std::path::{Path, PathBuf};
use std::time::Duration;

use anyhow::{Context, Result, bail};
use clap::Args;
use lightloom_param::shown;

use super::args::{MachineArgs, RecipeArgs, parse_executor};
use super::console;
use super::{Exit, ServeArgs, process, progress, serve, table};
use crate::batch::{EXECUTORS, Executor, Search, Settings, SourceEntry, default_io_threads, logical_cores};
use crate::lab::{LabEvent, Results, Study, recommend, target_folder, unpack_samples};

/// Arguments of `lab`.
#[derive(Debug, Args)]
pub struct LabArgs {
    /// Folders (searched recursively) and files; the sample photos if none is given
    pub inputs: Vec<PathBuf>,
    /// What is done to each picture.
    #[command(flatten)]
    pub recipe: RecipeArgs,
    /// How runs use the machine.
    #[command(flatten)]
    pub machine: MachineArgs,
    /// Executors to compare [default: all]
    #[arg(long, value_delimiter = ',', value_parser = parse_executor, value_name = "ID,…")]
    pub executors: Vec<&'static Executor>,
    /// Worker counts to try with each executor [default: 1, 2, 4, … up to all cores]
    #[arg(long, value_delimiter = ',', value_parser = clap::value_parser!(u16).range(1..=256), value_name = "N,…")]
    pub workers: Vec<u16>,
    /// I/O threads (hybrid)
    #[arg(long, value_parser = clap::value_parser!(u16).range(1..=64), value_name = "1-64")]
    pub io_threads: Option<u16>,
    /// Rounds that are measured in any case, each with a run of every choice, after a warm-up
    #[arg(long, default_value_t = 4, value_parser = clap::value_parser!(u8).range(1..=50))]
    pub repeats: u8,
    /// Add rounds until the answer is clear, for at most this many seconds in all; 0 adds none
    #[arg(long, default_value_t = 60, value_name = "SECONDS")]
    pub budget: u32,
    /// Take the files out of the file cache before each run (Linux)
    #[arg(long)]
    pub cold: bool,
    /// Order of the choices within rounds, as a number that saved results name [default: another each time]
    #[arg(long, value_name = "N")]
    pub seed: Option<u64>,
    /// Measure at most this many pictures, spread evenly over all
    #[arg(long, value_parser = clap::value_parser!(u32).range(1..), value_name = "N")]
    pub sample: Option<u32>,
    /// Folder for the results of the runs, which are deleted afterwards [default: that of the first picture, so that the
    /// same disk is written to as by a run]
    #[arg(long, value_name = "DIR")]
    pub scratch: Option<PathBuf>,
    /// Measure for a few seconds and recommend settings
    #[arg(long)]
    pub recommend: bool,
    /// Save the results under this name
    #[arg(long, value_name = "NAME")]
    pub save: Option<String>,
    /// Show the saved results of this name, or list all
    #[arg(long, value_name = "NAME", num_args = 0..=1, default_missing_value = "")]
    pub saved: Option<String>,
    /// Print JSON
    #[arg(long, conflicts_with = "csv")]
    pub json: bool,
    /// Print one line of comma-separated values per run
    #[arg(long)]
    pub csv: bool,
    /// A server for trying how waits are hidden. Last, since its heading would hold for all arguments that follow.
    #[command(flatten)]
    pub serve: ServeArgs,
}

/// Measures and prints.
///
/// # Errors
/// If there is nothing to measure, or nowhere to write.
pub fn lab(args: &LabArgs) -> Result<Exit> {
    if let Some(name) = &args.saved {
        return saved(name, args);
    }
    let samples = tempfile::Builder::new().prefix("lightloom-samples-").tempdir()?;
    let sources = sources(&args.inputs, samples.path())?;
    if let Some(port) = args.serve.serve_sample {
        return serve::serve(&args.serve, port, &sources);
    }
    let folder = args.scratch.clone().unwrap_or_else(|| target_folder(None, &sources));
    std::fs::create_dir_all(&folder).with_context(|| format!("the folder {} cannot be created", shown(&folder)))?;
    let sample = args.sample.map(|count| count as usize);
    let recipe = args.recipe.recipe()?;
    let settings = args.machine.settings();
    let mut follow = Follow::default();
    let work = Study { sources, sample, recipe, folder, cold: args.cold, seed: args.seed, ..Study::default() };
    let mut results = if args.recommend {
        let patience = Duration::from_secs(8);
        let (results, recommendation) = recommend(&work, &settings, patience, &mut |event| follow.event(&event))?;
        follow.end();
        console::print(&format!("{}\n{}\n\n", recommendation.settings.describe(), recommendation.reason))?;
        results
    } else {
        let (choices, repeats) = (choices(args, &settings), usize::from(args.repeats));
        let patience = Duration::from_secs(args.budget.into());
        let study = Study { choices, repeats, patience, ..work };
        let results = study.measure(&mut |event| follow.event(&event))?;
        follow.end();
        results
    };
    if let Some(name) = &args.save {
        results.name.clone_from(name);
        let folder = Results::folder().context("this system has no folder for user data")?;
        console::say(&format!("saved: {}", shown(&results.save(&folder)?)));
    }
    print(&results, args)?;
    let failed = results.interrupted || results.comparison().rows.is_empty();
    Ok(if failed { Exit::SomeFailed } else { Exit::Well })
}

pub(super) fn sources(inputs: &[PathBuf], samples: &Path) -> Result<Vec<SourceEntry>> {
    let sources = if inputs.is_empty() {
        unpack_samples(samples).context("the sample photos cannot be unpacked")?
    } else {
        let process::Inputs { sources, problems } = process::find(inputs, &Search::default());
        problems.iter().for_each(progress::complain);
        sources
    };
    if sources.is_empty() {
        bail!("there are no pictures to measure with; name a folder or files with pictures");
    }
    Ok(sources)
}

/// Every executor with every number of workers.
fn choices(args: &LabArgs, settings: &Settings) -> Vec<Settings> {
    let executors = if args.executors.is_empty() { EXECUTORS.to_vec() } else { args.executors.clone() };
    let counts: Vec<usize> = if args.workers.is_empty() {
        let cores = logical_cores();
        (0..).map(|power| 1 << power).take_while(|n| *n < cores).chain([cores]).collect()
    } else {
        args.workers.iter().copied().map(usize::from).collect()
    };
    let io_threads = args.io_threads.map_or_else(default_io_threads, usize::from);
    let usual = Settings { io_threads, ..settings.clone() };
    let mut choices: Vec<Settings> = Vec::new();
    for executor in executors {
        for count in &counts {
            let choice = executor.with_workers(*count, &usual);
            if !choices.contains(&choice) {
                choices.push(choice);
            }
        }
    }
    choices
}

fn print(results: &Results, args: &LabArgs) -> Result<()> {
    if args.json {
        console::print_pretty_json(&results.report())?;
    } else if args.csv {
        console::print(&results.to_csv())?;
    } else {
        console::print(&table::results(results))?;
    }
    Ok(())
}

fn saved(name: &str, args: &LabArgs) -> Result<Exit> {
    let folder = Results::folder().context("this system has no folder for user data")?;
    if name.is_empty() {
        return list_saved(&folder);
    }
    let path = Results::path(&folder, name);
    if !path.exists() {
        bail!("nothing is saved as '{name}'; 'lightloom lab --saved' lists the names");
    }
    print(&Results::load(&path)?, args)?;
    Ok(Exit::Well)
}

fn list_saved(folder: &Path) -> Result<Exit> {
    let all = Results::saved(folder);
    for found in &all {
        match found {
            Ok(Results { name, runs, .. }) if runs.len() == 1 => console::print(&format!("{name:<32} 1 run"))?,
            Ok(results) => {
                console::print(&format!("{:<32} {} runs: {}", results.name, results.runs.len(), results.verdict()))?
            }
            Err(error) => {
                console::say(&format!("note: {error}"));
                continue;
            }
        };
    }
    if all.is_empty() {
        console::print("nothing is saved yet; 'lightloom lab FOLDER --save NAME' saves results")?;
    }
    Ok(Exit::Well)
}

/// Reports on standard error what is being measured; Ctrl-C stops it.
#[derive(Default)]
struct Follow {
    bar: Option<indicatif::ProgressBar>,
}

impl Follow {
    fn event(&mut self, event: &LabEvent<'_>) {
        match event {
            LabEvent::Next { settings, done, total } => {
                let bar = self.bar.get_or_insert_with(|| {
                    let style = indicatif::ProgressStyle::with_template("Measuring {bar:32} {pos}/{len} runs  {msg}");
                    indicatif::ProgressBar::new(0)
                        .with_style(style.unwrap_or_else(|_| indicatif::ProgressStyle::default_bar()))
                });
                bar.set_length(*total as u64);
                bar.set_position(*done as u64);
                bar.set_message(settings.describe());
            }
            LabEvent::Begun(running) => process::stop_on_interrupt(running.control()),
            LabEvent::Ended(_) => {}
        }
    }

    fn end(&mut self) {
        if let Some(bar) = self.bar.take() {
            bar.finish_and_clear();
        }
    }
}
