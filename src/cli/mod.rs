//! The command line: arguments to a batch, and its report as text or JSON.
//!
//! **Invariant:** this room knows everything but `gui`. Results go to standard output, progress and complaints to
//! standard error.

mod demo;
mod filters;
mod process;
mod progress;

use std::path::PathBuf;

use clap::{Args, Parser, Subcommand};

pub use demo::{demo_recipe, headless as demo_headless, unpack_samples};
pub use filters::{filter_table, list as list_filters};
pub use process::process;

use crate::batch::{Executor, Fault, Settings, default_io_threads, default_memory_bytes, find_executor, logical_cores};
use crate::recipe::FormatChoice;

/// Batch image processor: threads that wait feed cores that work.
///
/// Without a command it opens the window, with the folders and files that are named, if any.
#[derive(Debug, Parser)]
#[command(name = "lightloom", version, args_conflicts_with_subcommands = true)]
pub struct Cli {
    /// What to do without a window.
    #[command(subcommand)]
    pub command: Option<Command>,
    /// Folders and files to open in the window.
    pub inputs: Vec<PathBuf>,
}

/// What the program does without a window.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Process folders and files
    Process(ProcessArgs),
    /// Try it on bundled sample photos: in the window, or without a display into ./lightloom-demo
    Demo {
        /// Without a window: how often each choice of workers is measured, after a warm-up
        #[arg(long, default_value_t = 3, value_parser = clap::value_parser!(u8).range(1..=20))]
        repeats: u8,
    },
    /// A worker process of the executor 'processes': started by the program itself
    #[command(hide = true)]
    Worker {
        /// Go wrong with some pictures, for tests
        #[arg(long, value_name = "KIND=NAME")]
        fault: Vec<Fault>,
    },
    /// List the filters with their parameters
    Filters {
        /// Print JSON
        #[arg(long)]
        json: bool,
    },
}

/// Arguments of `process`.
#[derive(Debug, Args)]
pub struct ProcessArgs {
    /// Folders (entered to any depth) and files
    #[arg(required = true)]
    pub inputs: Vec<PathBuf>,
    /// Folder for the results
    #[arg(long, value_name = "DIR")]
    pub out: PathBuf,
    /// Recipe file (TOML); filters named with --filter follow it
    #[arg(long, value_name = "FILE")]
    pub recipe: Option<PathBuf>,
    /// A filter, applied in the order given, such as resize:width=1920,height=1920
    #[arg(long = "filter", value_name = "ID:key=value,…")]
    pub filters: Vec<String>,
    /// Format of the results [default: same, or the recipe's]
    #[arg(long, value_parser = parse_format, value_name = "jpeg|png|webp|tiff|same")]
    pub format: Option<FormatChoice>,
    /// Quality of lossy formats [default: 90, or the recipe's]
    #[arg(long, value_parser = clap::value_parser!(u8).range(1..=100), value_name = "1-100")]
    pub quality: Option<u8>,
    /// Who carries the work [default: hybrid]
    #[arg(long, value_parser = parse_executor, value_name = "sequential|threads|cores|hybrid|processes")]
    pub executor: Option<&'static Executor>,
    /// Threads that read and write
    #[arg(long, value_parser = clap::value_parser!(u16).range(1..=64), value_name = "1-64")]
    pub io_threads: Option<u16>,
    /// Cores that compute
    #[arg(long, value_parser = clap::value_parser!(u16).range(1..=1024), value_name = "N")]
    pub cores: Option<u16>,
    /// Memory for pictures in flight
    #[arg(long, value_parser = clap::value_parser!(u32).range(1..), value_name = "MiB")]
    pub memory: Option<u32>,
    /// Put all results into one folder instead of keeping the tree
    #[arg(long)]
    pub flat: bool,
    /// Print one JSON object on standard output
    #[arg(long)]
    pub json: bool,
}

impl ProcessArgs {
    /// The worker settings that were asked for.
    pub fn settings(&self) -> Settings {
        Settings {
            executor: self.executor.unwrap_or(Settings::default().executor),
            io_threads: self.io_threads.map_or_else(default_io_threads, usize::from),
            cores: self.cores.map_or_else(logical_cores, usize::from),
            memory_bytes: self.memory.map_or_else(default_memory_bytes, |mib| u64::from(mib) << 20),
            ..Settings::default()
        }
    }
}

fn parse_format(text: &str) -> Result<FormatChoice, String> {
    FormatChoice::from_id(text).ok_or_else(|| {
        format!("the formats are {}", FormatChoice::all().map(FormatChoice::id).collect::<Vec<_>>().join(", "))
    })
}

fn parse_executor(text: &str) -> Result<&'static Executor, String> {
    find_executor(text).ok_or_else(|| {
        format!("the executors are {}", crate::batch::EXECUTORS.iter().map(|e| e.id).collect::<Vec<_>>().join(", "))
    })
}

/// How the program ended, as its exit code.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Exit {
    /// All well.
    Well = 0,
    /// Some pictures failed or were skipped.
    SomeFailed = 1,
    /// The arguments, the recipe or the inputs leave nothing to do.
    BadUsage = 2,
}
