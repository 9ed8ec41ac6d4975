//! `lightloom lab --serve-sample`: a server on this machine that is as slow and as unreliable as it is told.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use anyhow::{Context, Result};
use clap::Args;

use super::{Exit, console, process};
use crate::batch::{Control, SourceEntry, stage};
use crate::codec::Limits;
use crate::web::{SampleServer, ServerSettings};

/// A server for trying how waits are hidden.
#[derive(Debug, Args)]
#[command(next_help_heading = "Sample server")]
pub struct ServeArgs {
    /// Serve the pictures over HTTP at 127.0.0.1 instead, until Ctrl-C; any free port if none is given
    #[arg(long, value_name = "PORT", num_args = 0..=1, default_missing_value = "0")]
    pub serve_sample: Option<u16>,
    /// Milliseconds before each answer
    #[arg(long, value_name = "MS", requires = "serve_sample", default_value_t = 100)]
    pub latency: u32,
    /// Up to so many milliseconds more, another number for each answer
    #[arg(long, value_name = "MS", requires = "serve_sample", default_value_t = 0)]
    pub jitter: u32,
    /// Mebibytes per second of each answer [default: no limit]
    #[arg(long, value_name = "MiB/s", requires = "serve_sample", value_parser = clap::value_parser!(u32).range(1..))]
    pub bandwidth: Option<u32>,
    /// Of a hundred answers so many say that the server is busy
    #[arg(long, value_name = "PERCENT", requires = "serve_sample", default_value_t = 0, value_parser = clap::value_parser!(u8).range(0..=100))]
    pub errors: u8,
}

/// Serves these pictures until Ctrl-C.
///
/// # Errors
/// If the port is taken, or a picture cannot be read.
pub fn serve(args: &ServeArgs, port: u16, sources: &[SourceEntry]) -> Result<Exit> {
    let mut files = BTreeMap::new();
    for entry in sources {
        let bytes = stage::read_source(&entry.source, &Limits::default()).with_context(|| entry.source.to_string())?;
        let plain = entry.source.file_name();
        let (mut name, mut number) = (plain.clone(), 2);
        while files.contains_key(&name) {
            name = format!("{number}-{plain}");
            number += 1;
        }
        files.insert(name, bytes);
    }
    let count = files.len();
    let millis = |n: u32| Duration::from_millis(u64::from(n));
    let settings = ServerSettings {
        port,
        latency: millis(args.latency),
        jitter: millis(args.jitter),
        bytes_per_sec: args.bandwidth.map(|mib| u64::from(mib) << 20),
        errors_percent: args.errors,
    };
    let server = SampleServer::start(files, settings).with_context(|| format!("port {port} cannot be used"))?;
    console::print(&format!("{count} pictures at {} until Ctrl-C", server.page()))?;
    let control = Arc::new(Control::default());
    process::stop_on_interrupt(&control);
    while !control.is_stopped() {
        std::thread::sleep(Duration::from_millis(50));
    }
    Ok(Exit::Well)
}
