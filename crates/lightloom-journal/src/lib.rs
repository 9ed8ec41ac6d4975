//! What runs did: each has a journal, from which it is resumed, verified, undone and shown.
//!
//! A run tells a [`Recorder`] what happens, which appends it to the run's journal ([`record`]) in the folder for the
//! program's state ([`Store`]). A journal that is read again is a [`History`]. From it:
//!
//! - [`Rest`] goes on with a run that was killed, or tries what failed again;
//! - [`only_changed`] skips what an earlier run has done already;
//! - [`undo()`] removes what a run wrote;
//! - [`Verification`] makes every result again and compares;
//! - [`Series`] goes on with that of watched folders, whose pictures come batch after batch;
//! - [`KnownResults`] tells results from pictures that are to be processed;
//! - [`History::to_html`] and [`History::to_csv`] show it, and [`Outline`] is what a list of runs needs to know;
//! - [`Store::prune`] removes those of old runs.
//!
//! Names are not trusted anywhere: a file is what a run wrote if it has its bytes. Results in an archive are what the run
//! wrote if the archive is.
//!
//! **Invariant:** nothing here draws or prints. A journal is only appended to.

// The macros of the standard library panic where a stream is full or closed.
#![warn(clippy::print_stderr, clippy::print_stdout)]

mod archives;
mod begin;
mod content;
mod error;
mod export;
mod history;
mod known;
mod local_time;
mod outline;
mod page;
mod recipe_hash;
pub mod record;
mod recorder;
mod resume;
mod retention;
mod series;
mod store;
mod sums;
mod undo;
mod update;
mod verify;

pub use archives::only_changed_in_archive;
pub use begin::begin;
pub use content::Content;
pub use error::JournalError;
pub use export::{Cause, Summary, csv_line};
pub use history::{Failures, History, RunEnd};
pub use known::KnownResults;
pub use lightloom_batch::SavedPath;
pub use outline::Outline;
pub use recorder::Recorder;
pub use resume::{Again, Rest};
pub use retention::{Pruned, forget};
pub use series::{Met, Series, Watched};
pub use store::{POINTERS, Pointer, Store, is_running, pointers};
pub use sums::{FailureSum, Sums, causes};
pub use undo::{Left, Removal, Undone, undo};
pub use update::only_changed;
pub use verify::{Checked, Verdict, Verification};
