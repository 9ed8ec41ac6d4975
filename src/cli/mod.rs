//! The command line: arguments to a batch, and its report as text or JSON.
//!
//! **Invariant:** this module knows everything but `gui`. Results go to standard output, progress and complaints to
//! standard error.

mod args;
pub mod console;
mod demo;
mod destination;
mod ending;
mod export;
mod filters;
mod formats;
mod gallery;
mod inputs;
mod lab;
mod lessons;
mod limits;
mod overrides;
mod pipe;
mod plan;
mod presets;
mod process;
mod progress;
mod runs;
mod serve;
mod table;
mod then;
mod troubles;
mod unanswered;
mod watch;
mod web;

use std::path::PathBuf;

use anyhow::Result;
use clap::{Args, Parser, Subcommand};
use lightloom_param::shown;

pub use args::{MachineArgs, RecipeArgs, WorkerArgs, worker_program};
pub use demo::{demo_recipe, headless as demo_headless};
pub use ending::{answer, failed};
pub use filters::{filter_table, list as list_filters};
pub use formats::{format_table, list as list_formats, option_table};
pub use gallery::gallery;
pub use inputs::InputArgs;
pub use lab::{LabArgs, lab};
pub use lessons::{LessonsArgs, lessons};
pub use limits::LimitArgs;
pub use presets::{PresetCommand, presets};
pub use process::process;
pub use runs::{ResumeArgs, RunsArgs, UndoArgs, VerifyArgs, resume, retry, runs, undo, verify};
pub use serve::ServeArgs;
pub use watch::{WatchArgs, watch};
pub use web::WebArgs;

use crate::batch::{AfterRun, Fault, Settings};
use crate::lab::lessons::Partner;
use args::NameArgs;

/// Batch image processor: threads that wait feed cores that work.
///
/// Without a command it opens the window, with the given folders and files, if any.
#[derive(Debug, Parser)]
#[command(name = "lightloom", version, args_conflicts_with_subcommands = true)]
pub struct Cli {
    /// What to do without a window.
    #[command(subcommand)]
    pub command: Option<Command>,
    /// Folders and files to open in the window.
    pub inputs: Vec<PathBuf>,
    /// Add them to the window that is open, if there is one, rather than open another
    #[arg(long)]
    pub reuse_window: bool,
    /// Which files the window refuses in this session; what is not given is as the window remembers it.
    #[command(flatten)]
    pub limits: LimitArgs,
}

/// What the program does beside opening its window.
#[derive(Debug, Subcommand)]
#[expect(clippy::large_enum_variant, reason = "there is one of it")]
pub enum Command {
    /// What needs no window.
    #[command(flatten)]
    Headless(HeadlessCommand),
    /// Try it on bundled sample photos: in the window, or without a display into ./lightloom-demo
    Demo {
        /// Without a window: how many times each choice of workers is measured, after a warm-up run
        #[arg(long, default_value_t = 4, value_parser = clap::value_parser!(u8).range(1..=20))]
        repeats: u8,
        /// Use other pictures than the samples, for tests
        #[arg(long, hide = true, value_name = "DIR")]
        pictures: Option<PathBuf>,
    },
}

/// What the program does without a window.
#[derive(Debug, Subcommand)]
pub enum HeadlessCommand {
    /// Process folders and files
    Process(Box<ProcessArgs>),
    /// Process the pictures of folders as they come, each once
    Watch(WatchArgs),
    /// Go on with a run that was interrupted
    Resume(ResumeArgs),
    /// Try the pictures of a run again that failed
    Retry(ResumeArgs),
    /// Make every result of a run again and compare it with what was written
    Verify(VerifyArgs),
    /// Remove exactly what a run wrote
    Undo(UndoArgs),
    /// List past runs, or show one as text, JSON, CSV or a page
    Runs(RunsArgs),
    /// List the built-in presets and your own; save, rename, delete, share and import your own
    Presets {
        /// What to do instead of listing them.
        #[command(subcommand)]
        command: Option<PresetCommand>,
    },
    /// Measure which workers are fastest on your pictures, or get a recommendation
    Lab(LabArgs),
    /// List what textbooks teach of threads and processes, and try it on this machine
    Lessons(LessonsArgs),
    /// A worker process, started by the program itself
    #[command(hide = true)]
    Worker {
        /// Fail with some pictures, for tests
        #[arg(long, value_name = "KIND=NAME")]
        fault: Vec<Fault>,
        /// Play a part in a lesson instead
        #[arg(long, value_name = "PART", conflicts_with = "fault")]
        partner: Option<Partner>,
    },
    /// List the formats: which are read, written and animated, and at which bit depths
    Formats {
        /// Print JSON, including the encoding options
        #[arg(long)]
        json: bool,
    },
    /// List the filters with their parameters
    Filters {
        /// Ids of the filters to list; all if none is given
        #[arg(value_name = "FILTER")]
        ids: Vec<String>,
        /// Print JSON
        #[arg(long)]
        json: bool,
        /// Write a page that shows every filter before and after
        #[arg(long, value_name = "DIR", conflicts_with_all = ["json", "ids"])]
        gallery: Option<PathBuf>,
    },
}

impl HeadlessCommand {
    /// Does what is asked for.
    ///
    /// # Errors
    /// If there is nothing to do, or what was asked for cannot be.
    pub fn run(&self) -> Result<Exit> {
        match self {
            Self::Process(args) => return process(args),
            Self::Watch(args) => return watch(args),
            Self::Resume(args) => return resume(args),
            Self::Retry(args) => return retry(args),
            Self::Verify(args) => return verify(args),
            Self::Undo(args) => return undo(args),
            Self::Runs(args) => return runs(args),
            Self::Presets { command } => return presets(command.as_ref()),
            Self::Lab(args) => return lab(args),
            Self::Lessons(args) => return lessons(args),
            Self::Filters { gallery: Some(folder), .. } => {
                let count = gallery(folder)?;
                console::print(&format!("{count} filters: {}", shown(&folder.join("index.html"))))?;
            }
            Self::Filters { ids, json, .. } => _ = console::print(&list_filters(ids, *json)?)?,
            Self::Formats { json } => _ = console::print(&list_formats(*json))?,
            Self::Worker { partner: Some(partner), .. } => partner.play()?,
            Self::Worker { fault, partner: None } => crate::batch::serve(fault.clone())?,
        }
        Ok(Exit::Well)
    }
}

/// Arguments of `process`.
#[derive(Debug, Args)]
pub struct ProcessArgs {
    /// Which pictures.
    #[command(flatten)]
    pub inputs: InputArgs,
    /// Folder for the results; or an archive (.zip, .tar) that is to hold them, written once all are there; or -, which
    /// writes the result of one picture to standard output
    #[arg(long, value_name = "DIR", required_unless_present_any = ["explain", "list_only"])]
    pub out: Option<PathBuf>,
    /// Begin another archive after so many MiB, as train-000000.tar, train-000001.tar, …; files of one picture stay together
    #[arg(long, value_parser = clap::value_parser!(u32).range(1..), value_name = "MiB")]
    pub shard: Option<u32>,
    /// What is done to each picture.
    #[command(flatten)]
    pub recipe: RecipeArgs,
    /// Who does the work.
    #[command(flatten)]
    pub workers: WorkerArgs,
    /// Adjust one picture before the recipe runs: FILE:exposure=0.5,rotate=right,straighten=-1.2,
    /// crop=LEFT:TOP:RIGHT:BOTTOM (per cent cut off); FILE may be photos.zip/inner/a.jpg or an address; may be given
    /// several times
    #[arg(long = "override", value_parser = overrides::parse, value_name = "FILE:key=value,…")]
    pub overrides: Vec<overrides::ForFile>,
    /// Which files count, and how results are called.
    #[command(flatten)]
    pub names: NameArgs,
    /// Process only pictures whose source, recipe or result has changed since the last run into the same folder or archive
    #[arg(long)]
    pub changed: bool,
    /// Only print where each picture's results would go and what would happen there, and what the run would take
    #[arg(long)]
    pub dry_run: bool,
    /// Only print what would be done to each picture
    #[arg(long)]
    pub explain: bool,
    /// Keep no record of this run: it cannot be resumed, verified or undone
    #[arg(long)]
    pub no_journal: bool,
    /// Write what each worker did and when, for Perfetto or chrome://tracing
    #[arg(long, value_name = "FILE.json")]
    pub trace: Option<PathBuf>,
    /// What to do once the run has ended: nothing, open (the folder of the results), notify, suspend, or a command
    /// whose arguments may be {folder}, {done}, {failed} and {skipped}; it is run without a shell
    #[arg(long, value_name = "ACTION", default_value = "nothing", hide_default_value = true)]
    pub then: AfterRun,
    /// Print one JSON object on standard output
    #[arg(long)]
    pub json: bool,
    /// What is fetched from the web.
    #[command(flatten)]
    pub web: WebArgs,
    /// Which files are refused. Last, since its heading would hold for all arguments that follow.
    #[command(flatten)]
    pub limits: LimitArgs,
}

impl ProcessArgs {
    /// The settings that were asked for.
    pub fn settings(&self) -> Settings {
        Settings { limits: self.limits.limits(), ..self.workers.settings() }
    }
}

/// How the program ended, as its exit code.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Exit {
    /// All well.
    Well = 0,
    /// Some pictures failed, or the run was stopped.
    SomeFailed = 1,
    /// The arguments, the recipe or the inputs leave nothing to do.
    BadUsage = 2,
    /// What was to be done is done, but its result could not be written to standard output.
    Unprinted = 3,
}
