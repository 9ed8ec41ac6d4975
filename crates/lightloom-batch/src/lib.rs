//! Many pictures through one recipe: find them, decide where results go, and have an executor carry them.
//!
//! Three stage functions in [`stage`] know nothing of threads; an [`Executor`] only decides who carries them. What
//! happens is told as [`Event`]s and counted in [`Progress`].
//!
//! **Invariant:** nothing here draws or prints. Nothing blocks inside the rayon pool: no lock held over I/O, no waiting
//! for memory, no channel send that can wait. An original is never opened for writing.

mod budget;
mod cause;
mod control;
mod event;
mod executor;
mod files;
mod frames;
mod job;
mod library;
mod memory;
mod output;
mod report;
mod run;
mod settings;
mod source;
pub mod stage;
mod subject;
mod throttle;
mod timeline;
mod worker;

pub use control::Control;
pub use event::{Event, EventSink, ImageState, Lane, Progress, Stage};
pub use executor::{EXECUTORS, Executor, find as find_executor};
pub use files::load_files;
pub use job::{Job, OutputSettings, OverridesByFile, RESULT_FOLDER, Target, common_folder, plan_jobs, put_overrides};
pub use library::{Library, LibraryError, pack};
pub use report::{ImageReport, Outcome, OutputReport, Report, Totals};
pub use run::{Batch, Running, StartError, start};
pub use settings::{Priority, Settings, SlowSource, default_io_threads, default_memory_bytes, logical_cores};
pub use source::{Found, SourceFile, discover};
pub use subject::subject;
pub use timeline::{Activity, Open, Span, Spent, Timeline};
#[doc(hidden)]
pub use worker::read_frames;
pub use worker::{Fault, serve, set_worker_program, use_this_program};

#[cfg(test)]
mod found_shape_tests;
