//! Lightloom, a batch image processor: threads that wait feed cores that work.
//!
//! One way leads through the house: files are found and read, pictures are decoded, filtered and encoded, results are
//! written. Each room knows only those before it:
//! `picture ← {codec, filter} ← recipe ← batch ← lab ← {cli, gui}`.

pub mod batch;
pub mod cli;
pub mod codec;
pub mod filter;
#[cfg(feature = "gui")]
pub mod gui;
pub mod lab;
pub mod picture;
pub mod recipe;
