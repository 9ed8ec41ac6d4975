//! One picture through a pipe: from standard input, to standard output.

use std::io::{self, IsTerminal, Read};
use std::path::Path;

use anyhow::{Context, Result, bail};
use lightloom_param::shown;
use tempfile::TempDir;

use super::{Exit, console};
use crate::batch::{OutputState, Report, Source, SourceEntry};
use crate::codec::Limits;

/// Whether a path stands for standard input or output.
pub(super) fn is_stream(path: &Path) -> bool {
    path.as_os_str() == "-"
}

/// The picture that comes from standard input.
///
/// # Errors
/// If there is none, or it is larger than `limits` allow.
pub(super) fn picture(limits: &Limits) -> Result<SourceEntry> {
    if io::stdin().is_terminal() {
        bail!("standard input is a terminal; pipe a picture in, as in: lightloom process - --out - < in.jpg > out.jpg");
    }
    let mut bytes = Vec::new();
    let most = limits.file_bytes.saturating_add(1);
    io::stdin().lock().take(most).read_to_end(&mut bytes).context("standard input cannot be read")?;
    if bytes.is_empty() {
        bail!("standard input is empty; pipe a picture in");
    }
    Ok(Source::memory("stdin", bytes).into())
}

/// Where the result waits until it is whole.
pub(super) struct Outlet(TempDir);

impl Outlet {
    /// # Errors
    /// If standard output is a terminal, which shows no pictures.
    pub fn new() -> Result<Self> {
        if io::stdout().is_terminal() {
            bail!("standard output is a terminal, which shows no pictures; redirect it to a file or another program");
        }
        let folder = tempfile::Builder::new().prefix("lightloom-").tempdir();
        Ok(Self(folder.context("no temporary folder can be made")?))
    }

    pub fn folder(&self) -> &Path {
        self.0.path()
    }

    /// Writes the result to standard output.
    ///
    /// # Errors
    /// If there are several, or it cannot be written.
    pub fn pass_on(&self, report: &Report) -> Result<Exit> {
        for image in &report.images {
            for warning in &image.warnings {
                console::say(&format!("note: {}: {warning}", image.source));
            }
        }
        let images = report.images.iter().flat_map(|image| &image.outputs);
        let written: Vec<_> = images.filter(|output| output.state != OutputState::Kept).collect();
        match written.as_slice() {
            [] => Ok(Exit::SomeFailed),
            [only] => {
                let bytes = std::fs::read(&only.path).with_context(|| format!("{} is gone", shown(&only.path)))?;
                console::print_bytes(&bytes)?;
                Ok(if report.totals.failed > 0 { Exit::SomeFailed } else { Exit::Well })
            }
            several => bail!("there are {} results, and standard output takes one; name a folder", several.len()),
        }
    }
}
