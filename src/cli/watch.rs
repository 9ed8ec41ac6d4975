//! `lightloom watch`: the pictures of folders are processed as they come. One line says what became of each.

use std::path::PathBuf;
use std::time::{Duration, Instant};

use anyhow::Result;
use clap::Args;
use crossbeam_channel::RecvTimeoutError;
use lightloom_param::shown;

use super::args::{NameArgs, RecipeArgs, WorkerArgs};
use super::console::{self, Reader, Unprinted};
use super::{Exit, LimitArgs};
use crate::batch::{ImageReport, Outcome, Settings};
use crate::journal::Store;
use crate::watch::{DEFAULT_SETTLE, WatchEvent, WatchRequest, Watching, watch as begin};

/// How long the end waits for a disk that does not answer.
const PATIENCE: Duration = Duration::from_millis(900);

/// How often the end is looked for.
const LOOK: Duration = Duration::from_millis(50);

/// Arguments of `watch`.
#[derive(Debug, Args)]
pub struct WatchArgs {
    /// Folders to watch, with all folders below them
    #[arg(required = true, value_name = "DIR")]
    pub inputs: Vec<PathBuf>,
    /// Folder for the results
    #[arg(long, value_name = "DIR")]
    pub out: PathBuf,
    /// What is done to each picture.
    #[command(flatten)]
    pub recipe: RecipeArgs,
    /// Who does the work.
    #[command(flatten)]
    pub workers: WorkerArgs,
    /// Which files count, and how results are called.
    #[command(flatten)]
    pub names: NameArgs,
    /// Seconds for which a file does not change before it is taken for whole [default: 2]
    #[arg(long, value_parser = parse_secs, value_name = "SECS")]
    pub settle: Option<Duration>,
    /// Look through the folders every so many seconds, instead of having the system tell of changes [default: as the
    /// folders need it]
    #[arg(long, value_parser = parse_secs, value_name = "SECS")]
    pub poll: Option<Duration>,
    /// Process what is there and was not processed yet, and end
    #[arg(long)]
    pub once: bool,
    /// Print one JSON object per line and picture on standard output
    #[arg(long)]
    pub json: bool,
    /// Which files are refused. Last, since its heading would hold for all arguments that follow.
    #[command(flatten)]
    pub limits: LimitArgs,
}

fn parse_secs(text: &str) -> Result<Duration, String> {
    let secs = text.parse::<f64>().ok().filter(|secs| (0.05..=86_400.0).contains(secs));
    secs.map(Duration::from_secs_f64).ok_or_else(|| "a number of seconds from 0.05 to 86400 is wanted".to_owned())
}

/// Watches until it is stopped.
///
/// # Errors
/// On a bad recipe, filter or folder, before anything is written.
pub fn watch(args: &WatchArgs) -> Result<Exit> {
    let request = WatchRequest {
        folders: args.inputs.clone(),
        recipe: args.recipe.recipe()?,
        output: args.names.output(args.out.clone(), &args.recipe),
        settings: Settings { limits: args.limits.limits(), ..args.workers.settings() },
        all_files: args.names.all_files,
        settle: args.settle.unwrap_or(DEFAULT_SETTLE),
        poll: args.poll,
        once: args.once,
    };
    let watching = begin(request, &Store::of_user()?, || {})?;
    let stopper = watching.stopper();
    // Without a handler Ctrl-C ends the program at once; the next watch takes up what was in work.
    let _ = ctrlc::set_handler(move || match stopper.is_stopped() {
        false => stopper.stop(),
        true => std::process::exit(Exit::SomeFailed as i32),
    });
    follow(&watching, args.json)?;
    let failed = watching.counts().failed > 0;
    Ok(if args.once && failed { Exit::SomeFailed } else { Exit::Well })
}

/// Prints what happens until the watch ends.
fn follow(watching: &Watching, json: bool) -> Result<(), Unprinted> {
    let stopper = watching.stopper();
    let mut stopped = None;
    let mut reader = Reader::Reads;
    loop {
        match watching.events().recv_timeout(LOOK) {
            Ok(WatchEvent::Picture(report)) if reader == Reader::Reads => reader = print(&report, json)?,
            Ok(WatchEvent::Picture(_)) => {}
            Ok(WatchEvent::Note(note)) => console::say(&format!("note: {note}")),
            Ok(WatchEvent::Problem(problem)) => console::say(&format!("trouble: {problem}")),
            Err(RecvTimeoutError::Disconnected) => return Ok(()),
            Err(RecvTimeoutError::Timeout) if watching.is_finished() && watching.events().is_empty() => return Ok(()),
            Err(RecvTimeoutError::Timeout) => {}
        }
        if stopper.is_stopped() && stopped.get_or_insert_with(Instant::now).elapsed() > PATIENCE {
            console::say("note: not waited for a disk that does not answer; the next watch takes up what was in work");
            return Ok(());
        }
    }
}

/// One line for a picture.
fn print(report: &ImageReport, json: bool) -> Result<Reader, Unprinted> {
    if json {
        return console::print_json(report);
    }
    let results: Vec<_> = report.outputs.iter().map(|output| shown(&output.path)).collect();
    let results = if results.is_empty() { String::new() } else { format!(" → {}", results.join(", ")) };
    let reason = report.reason.as_ref().map_or(String::new(), |reason| format!(": {reason}"));
    let stage = report.stage.map_or(String::new(), |stage| format!(" ({})", stage.title()));
    let word = match report.outcome {
        Outcome::Done => "done",
        Outcome::Partial => "partial",
        Outcome::Failed => "failed",
        Outcome::Skipped => "skipped",
        Outcome::Stopped => "stopped",
    };
    let warnings = report.warnings.iter().map(|warning| format!("; {warning}")).collect::<String>();
    console::print(&format!("{word}{stage}: {}{results}{reason}{warnings}", report.source))
}
