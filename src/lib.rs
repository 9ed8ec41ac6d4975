//! Lightloom, a batch image processor: threads that wait feed cores that work.
//!
//! This package is the application: the command line and the window. What it drives are the crates below `crates/`, one
//! per layer, each of which knows only those before it: `{picture ← {codec, filter} ← recipe, web} ← batch ← {journal ← watch, lab}`.

// The macros of the standard library panic where a stream is full or closed.
#![warn(clippy::print_stderr, clippy::print_stdout)]

pub use lightloom_archive as archive;
pub use lightloom_batch as batch;
pub use lightloom_codec as codec;
pub use lightloom_filter as filter;
pub use lightloom_journal as journal;
pub use lightloom_lab as lab;
pub use lightloom_picture as picture;
pub use lightloom_recipe as recipe;
pub use lightloom_watch as watch;
pub use lightloom_web as web;

pub mod cli;
#[cfg(feature = "gui")]
pub mod gui;
