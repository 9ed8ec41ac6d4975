//! Many pictures through one recipe: find them, decide where results go, and have an executor process them.
//!
//! Three stage functions in [`stage`] know nothing of threads; an [`Executor`] only decides who calls them. What happens
//! is reported as [`Event`]s and counted in [`Progress`]. Everything that a run depends on stands in its [`Batch`], so
//! that two runs in one process need not agree on anything.
//!
//! ```
//! use std::sync::Arc;
//!
//! use lightloom_batch::{Batch, Event, OutputSettings, Settings, Source, plan_jobs, start};
//! use lightloom_recipe::{Recipe, Step};
//!
//! # fn main() -> Result<(), Box<dyn std::error::Error>> {
//! let folder = tempfile::tempdir()?;
//! let recipe = Recipe { filters: vec![Step::parse("invert")?], ..Recipe::default() };
//! // Two pixels, red and black. `discover` finds files below folders.
//! let sources = [Source::memory("two.ppm", *b"P6 2 1 255\n\xff\0\0\0\0\0").into()];
//! let output = OutputSettings { folder: Some(folder.path().into()), ..OutputSettings::default() };
//! let jobs = plan_jobs(&sources, &recipe, &output);
//! let batch = Batch { jobs, recipe, results: output.conflict.into(), settings: Settings::default() };
//! let report = start(batch, Arc::new(|_: Event| {}))?.wait();
//! assert_eq!(report.totals.done, 1);
//! let result = std::fs::read(folder.path().join("two.ppm"))?;
//! assert!(result.ends_with(b"\0\xff\xff\xff\xff\xff"));
//! # Ok(())
//! # }
//! ```
//!
//! **Invariant:** nothing here draws or prints. Nothing blocks inside the rayon pool: no lock held over I/O, no waiting
//! for memory, no channel send that can wait. An original is never opened for writing.

// The macros of the standard library panic where a stream is full or closed.
#![warn(clippy::print_stderr, clippy::print_stdout)]

mod after_run;
mod archives;
mod asking;
mod budget;
mod cause;
mod control;
mod control_group;
mod copied;
mod develop;
mod discover;
mod discover_web;
mod estimate;
mod event;
pub mod executor;
mod file_memory;
mod files;
mod fonts;
mod frames;
mod given_up;
mod hashes;
mod job;
mod left_out;
mod lent;
mod library;
mod loaded;
mod memory;
mod mounts;
mod naming;
mod natural_order;
mod open_picture;
mod output;
mod pack;
mod places;
mod pressure;
mod regular;
mod render;
mod report;
mod room;
mod run;
mod saved_path;
mod settings;
mod source;
mod source_picture;
mod space;
pub mod stage;
mod subject;
mod throttle;
mod timeline;
mod trouble;
mod wanted;
mod watch;
mod worker;
mod write;

pub use after_run::{AfterRun, Ended, Opener, open_folder, reveal};
pub use asking::Asking;
pub use control::Control;
pub use discover::{Discovered, PatternError, Patterns, Search, discover, discover_below};
pub use discover_web::{AtAddress, NotFound, WebSearch};
pub use estimate::{Estimate, estimate};
pub use event::{Event, EventSink, ImageState, Lane, Progress, Stage};
pub use executor::{EXECUTORS, Executor, find_executor};
pub use files::load_files;
pub use fonts::fallback_fonts;
pub use hashes::{blake3_text, content_hash, result_hash, source_hash};
pub use job::{Action, Job, OverridesBySource, Target, common_folder, set_overrides};
pub use left_out::LeftOut;
pub use library::{LARGEST_RECIPE, Library, LibraryError, pack};
pub use naming::{OutputSettings, Planning, RESULT_FOLDER, TOKENS, Template, TemplateError, TokenHelp, plan_jobs};
pub use natural_order::natural_order;
pub use open_picture::{Look, OpenPicture};
pub use output::{Conflict, Published};
pub use pack::{EarlierResults, PackError, PackedArchive, Packing, RESULTS_WAIT_IN, remove_scratch};
pub use places::{CheckedPlaces, check_places};
pub use regular::read_regular;
pub use report::{ImageReport, Outcome, OutputReport, OutputState, Report, Totals};
pub use room::Room;
pub use run::{Batch, ResultSettings, Running, StartError, start};
pub use saved_path::SavedPath;
pub use settings::{Priority, Settings, SlowSource, default_io_threads, default_memory_bytes, logical_cores};
pub use source::{
    Member, Memory, SavedSource, SavedWeb, Source, SourceEntry, Web, set_web_client, web_client, web_settings,
};
pub use source_picture::{PictureFacts, SourcePicture};
pub use subject::subject;
pub use timeline::{Activity, Open, Span, Spent, Timeline};
pub use trouble::{StalledFile, Trouble, TroubleKind};
#[doc(hidden)]
pub use worker::read_frames;
pub use worker::{Decoders, Fault, WorkerProgram, serve};

#[cfg(test)]
mod found_shape_tests;
