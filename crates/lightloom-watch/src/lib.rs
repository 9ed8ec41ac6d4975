//! Watched folders: pictures are processed once they are whole, each once, also across restarts.
//!
//! The system tells of changes where it can (`listener`); where it cannot, as on network shares (`mounts`), and as a
//! safety net everywhere, the folders are looked through from time to time. Both only say where to look: what counts is
//! what a file looks like then. A [`Settler`] decides when a file is whole. What has settled goes through the ordinary
//! engine in small batches, with one journal for all of them ([`Series`](lightloom_journal::Series)), which knows what has
//! been done.
//!
//! **Invariant:** nothing here draws or prints. No source is touched, and no result is taken for a source.

mod inbox;
mod listener;
mod mounts;
mod request;
mod roots;
mod settler;
mod watcher;
mod watching;

pub use request::{DEFAULT_SETTLE, WatchError, WatchRequest};
pub use settler::Settler;
pub use watching::{Stopper, WatchCounts, WatchEvent, Watching, watch};
