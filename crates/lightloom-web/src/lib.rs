//! Pictures from the web: what an address, a page or a list of addresses leads to, fetched to files.
//!
//! [`Fetch`] decides what is asked of servers and does no I/O; [`Download`] adds the file that the bytes go to;
//! [`Client`] drives downloads with threads that wait, bounded per server and altogether, and keeps what it fetched in a
//! [`Cache`]. [`page`] and [`list`] read what refers to pictures.
//!
//! **Invariant:** what a page, a list or a redirect refers to reaches no private network unless the person allows it: the
//! address that was checked, after its name was resolved, is the one that is connected to ([`reach`]).

// The macros of the standard library panic where a stream is full or closed.
#![warn(clippy::print_stderr, clippy::print_stdout)]

mod address;
mod asynchronous;
mod cache;
mod client;
mod download;
mod error;
pub mod fetch;
mod host_limits;
pub mod list;
mod names;
pub mod page;
mod parquet;
pub mod reach;
pub mod robots;
mod sample_server;
mod transport;
mod watched;

pub use address::{Address, NoAddress};
pub use asynchronous::AsyncClient;
pub use cache::{Cache, CacheSettings, Description, Known};
pub use client::{Begun, Client, ClientSettings, Fetched, Follow, NoFollow, Origin, Permission, Request};
pub use download::Download;
pub use error::FetchError;
pub use fetch::{Fetch, Pace, Rules, Want};
pub use host_limits::{HostLimits, Pass};
pub use names::{name_of, proposed_name, safe_name};
pub use reach::Reach;
pub use sample_server::{SampleServer, ServerSettings};
