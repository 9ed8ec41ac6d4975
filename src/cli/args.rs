//! Arguments that several commands share.

use std::path::PathBuf;
use std::sync::LazyLock;

use anyhow::{Context, Result, anyhow};
use clap::Args;

use super::console;
use super::export::ExportArgs;
use crate::batch::{
    Conflict, EXECUTORS, Executor, Library, OutputSettings, Priority, Settings, SlowSource, Template, WorkerProgram,
    find_executor, load_files,
};
use crate::recipe::{FormatChoice, FrameChoice, Recipe, Step};

/// What is done to each picture.
#[derive(Debug, Args)]
pub struct RecipeArgs {
    /// A built-in preset or one of your own; 'lightloom presets' lists them
    #[arg(long, value_name = "NAME", conflicts_with = "recipe")]
    pub preset: Option<String>,
    /// Recipe file (TOML); filters given with --filter run after its common ones
    #[arg(long, value_name = "FILE")]
    pub recipe: Option<PathBuf>,
    /// A filter, applied in the order given, such as resize:width=1920,height=1920
    #[arg(long = "filter", value_name = "ID:key=value,…")]
    pub filters: Vec<String>,
    /// Format of all results, such as jpeg; 'lightloom formats' lists them [default: same, or the recipe's]
    #[arg(long, value_parser = parse_format, value_name = "ID|same")]
    pub format: Option<FormatChoice>,
    /// Quality of lossy formats [default: 90, or the recipe's]
    #[arg(long, value_parser = clap::value_parser!(u8).range(1..=100), value_name = "1-100")]
    pub quality: Option<u8>,
    /// What to write of animations and files of several pages: the first picture, all as numbered files, or an
    /// animation where the format can hold one [default: first, or the recipe's]
    #[arg(long, value_parser = parse_frames, value_name = "first|all|keep")]
    pub frames: Option<FrameChoice>,
    /// An encoding option, such as subsampling=444 (--help lists them)
    #[arg(long = "option", value_name = "KEY=VALUE", long_help = super::formats::option_help())]
    pub options: Vec<String>,
    /// Colours and metadata of the results.
    #[command(flatten)]
    pub export: ExportArgs,
}

impl RecipeArgs {
    /// What the recipe is called: its preset or its file; nothing where neither was named.
    pub fn name(&self) -> String {
        let of_file = || Some(self.recipe.as_deref()?.file_stem()?.to_string_lossy().into_owned());
        self.preset.clone().or_else(of_file).unwrap_or_default()
    }

    /// The recipe that was asked for.
    ///
    /// # Errors
    /// If its file cannot be read, or a filter or one of its values is not allowed.
    pub fn recipe(&self) -> Result<Recipe> {
        let mut recipe = match (&self.recipe, &self.preset) {
            (Some(path), _) => Library::of_user()?.open(path)?,
            (None, Some(name)) => super::presets::named(name)?,
            (None, None) => Recipe::default(),
        };
        for filter in &self.filters {
            recipe.filters.push(Step::parse(filter).with_context(|| format!("--filter {filter}"))?);
        }
        self.export.apply(&mut recipe.export);
        load_files(&mut recipe);
        for output in recipe.all_outputs().iter() {
            let name = if output.name.is_empty() { String::new() } else { format!("output '{}': ", output.name) };
            output.export.colour.profile().map_err(|reason| anyhow!("{name}{reason}"))?;
        }
        if let Some(error) = recipe.unusable_file() {
            return Err(error.into());
        }
        for export in recipe.exports_mut() {
            export.format = self.format.unwrap_or(export.format);
            if let Some(quality) = self.quality {
                export.options.set_quality(quality);
            }
            export.frames = self.frames.unwrap_or(export.frames);
            for option in &self.options {
                let (key, value) = option
                    .split_once('=')
                    .with_context(|| format!("--option {option}: an option is KEY=VALUE, such as subsampling=444"))?;
                export.options.set_text(key.trim(), value).with_context(|| format!("--option {option}"))?;
            }
        }
        Ok(recipe)
    }
}

/// Which files count, and how results are called.
#[derive(Debug, Args)]
pub struct NameArgs {
    /// How results are called, such as {date:%Y}/{camera}/{name}-{seq:4}: text, tokens, and / between folders; a brace is
    /// written twice, the extension follows by itself. The tokens are {name}, {ext}, {parent}, {relpath}, {seq:4},
    /// {date:%Y-%m-%d}, {camera}, {copyright}, {width}, {height} and {recipe}
    #[arg(long, value_parser = Template::parse, default_value = "{name}", value_name = "TEMPLATE")]
    pub name: Template,
    /// Look into files whose extension is not that of a picture, and process those that are pictures all the same
    #[arg(long)]
    pub all_files: bool,
    /// Put all results into one folder instead of keeping the tree
    #[arg(long)]
    pub flat: bool,
    /// Where a result's name is taken: add a number, skip it, overwrite the file, overwrite it only if the content
    /// changed, or only if the result is smaller; originals of the batch are never overwritten
    #[arg(long, value_parser = parse_conflict, default_value = Conflict::default().id(), value_name = CONFLICT_IDS.as_str())]
    pub conflict: Conflict,
}

impl NameArgs {
    /// Results in `folder`, made by `recipe`.
    pub fn output(&self, folder: PathBuf, recipe: &RecipeArgs) -> OutputSettings {
        OutputSettings {
            folder: Some(folder),
            keep_tree: !self.flat,
            names: self.name.clone(),
            recipe_name: recipe.name(),
            conflict: self.conflict,
            shard_bytes: None,
        }
    }
}

fn parse_frames(text: &str) -> Result<FrameChoice, String> {
    FrameChoice::from_id(text).ok_or_else(|| format!("the choices are {}", FrameChoice::known()))
}

fn parse_format(text: &str) -> Result<FormatChoice, String> {
    FormatChoice::from_id(text).ok_or_else(|| {
        format!("the formats are {}", FormatChoice::all().map(FormatChoice::id).collect::<Vec<_>>().join(", "))
    })
}

/// How a run uses the machine, under any executor.
#[derive(Debug, Args)]
pub struct MachineArgs {
    /// Memory for pictures in flight
    #[arg(long, value_parser = clap::value_parser!(u32).range(1..), value_name = "MiB")]
    pub memory: Option<u32>,
    /// Maximum number of pictures between reading and writing (hybrid, async) [default: enough to keep all threads and cores busy]
    #[arg(long, value_parser = clap::value_parser!(u16).range(1..), value_name = "N")]
    pub queue: Option<u16>,
    /// Low yields to other programs [default: normal]
    #[arg(long, value_parser = parse_priority, value_name = "normal|low")]
    pub priority: Option<Priority>,
    /// Seconds that a worker process may spend on a stage of one picture (processes; SVG, JPEG XL and JPEG 2000 with any executor) [default: 120]
    #[arg(long, value_parser = clap::value_parser!(u32).range(1..), value_name = "SECS")]
    pub time_limit: Option<u32>,
    /// Seconds after which pictures are given up whose source does not answer or whose results find no space
    /// [default: never]
    #[arg(long, value_parser = clap::value_parser!(u32).range(1..), value_name = "SECS")]
    pub give_up_after: Option<u32>,
    /// Simulate a slow source: milliseconds before a file's first byte
    #[arg(long, value_name = "MS")]
    pub simulate_latency: Option<u32>,
    /// Simulate a slow source: mebibytes per second for all readers together
    #[arg(long, value_parser = clap::value_parser!(u32).range(1..), value_name = "MiB/s")]
    pub simulate_bandwidth: Option<u32>,
}

impl MachineArgs {
    /// The default settings, but for those that were given.
    pub fn settings(&self) -> Settings {
        self.over(Settings::default())
    }

    /// `usual`, but for the settings that were given.
    pub fn over(&self, usual: Settings) -> Settings {
        let is_slow = self.simulate_latency.is_some() || self.simulate_bandwidth.is_some();
        let slow = SlowSource { latency_ms: self.simulate_latency.unwrap_or(0), mib_per_sec: self.simulate_bandwidth };
        Settings {
            memory_bytes: self.memory.map_or(usual.memory_bytes, |mib| u64::from(mib) << 20),
            queue: self.queue.map(usize::from).or(usual.queue),
            priority: self.priority.unwrap_or(usual.priority),
            time_limit_secs: self.time_limit.unwrap_or(usual.time_limit_secs),
            give_up_after_secs: self.give_up_after.or(usual.give_up_after_secs),
            slow_source: is_slow.then_some(slow).or(usual.slow_source),
            worker_program: worker_program(),
            ..usual
        }
    }
}

/// Who does the work, and how it uses the machine.
#[derive(Debug, Args)]
pub struct WorkerArgs {
    #[arg(long, help = EXECUTOR_HELP.as_str(), value_parser = parse_executor, value_name = EXECUTOR_IDS.as_str())]
    pub executor: Option<&'static Executor>,
    /// Threads that read and write
    #[arg(long, value_parser = clap::value_parser!(u16).range(1..=64), value_name = "1-64")]
    pub io_threads: Option<u16>,
    /// Cores that compute, or worker processes
    #[arg(long, value_parser = clap::value_parser!(u16).range(1..=1024), value_name = "N")]
    pub cores: Option<u16>,
    /// How the run uses the machine.
    #[command(flatten)]
    pub machine: MachineArgs,
}

impl WorkerArgs {
    /// The settings that were asked for.
    pub fn settings(&self) -> Settings {
        self.over(Settings::default())
    }

    /// `usual`, but for the settings that were given.
    pub fn over(&self, usual: Settings) -> Settings {
        let usual = self.machine.over(usual);
        Settings {
            executor: self.executor.unwrap_or(usual.executor),
            io_threads: self.io_threads.map_or(usual.io_threads, usize::from),
            cores: self.cores.map_or(usual.cores, usize::from),
            ..usual
        }
    }
}

fn parse_priority(text: &str) -> Result<Priority, String> {
    let named = Priority::ALL.into_iter().find(|p| p.title().eq_ignore_ascii_case(text));
    named.ok_or_else(|| "the priorities are normal and low".to_owned())
}

/// What worker processes are started from: this program. Says so on standard error if it cannot be found.
pub fn worker_program() -> Option<WorkerProgram> {
    let program = WorkerProgram::this_program();
    program.inspect_err(|error| console::say(&format!("lightloom: worker processes cannot be used: {error}"))).ok()
}

/// The ids of all executors, for usage texts.
pub(super) static EXECUTOR_IDS: LazyLock<String> = LazyLock::new(|| executor_ids("|"));

/// Who does the work, with the usual choice.
pub(super) static EXECUTOR_HELP: LazyLock<String> =
    LazyLock::new(|| format!("Who does the work [default: {}]", Settings::default().executor.id));

fn executor_ids(separator: &str) -> String {
    EXECUTORS.iter().map(|executor| executor.id).collect::<Vec<_>>().join(separator)
}

/// Reads an executor's name.
///
/// # Errors
/// With all names, if it is none.
pub fn parse_executor(text: &str) -> Result<&'static Executor, String> {
    find_executor(text).ok_or_else(|| format!("the executors are {}", executor_ids(", ")))
}

/// The ids of all conflict policies, for usage texts.
pub(super) static CONFLICT_IDS: LazyLock<String> = LazyLock::new(|| Conflict::ALL.map(Conflict::id).join("|"));

/// Reads a conflict policy's name.
///
/// # Errors
/// With all names, if it is none.
pub fn parse_conflict(text: &str) -> Result<Conflict, String> {
    Conflict::from_id(text).ok_or_else(|| format!("the policies are {}", Conflict::ALL.map(Conflict::id).join(", ")))
}
