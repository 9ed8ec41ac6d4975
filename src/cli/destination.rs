//! Where results go: to a folder, into an archive, or to standard output.

use std::ops::ControlFlow::{self, Break, Continue};
use std::path::PathBuf;
use std::sync::atomic::AtomicUsize;

use anyhow::{Result, bail};

use super::pipe::{Outlet, is_stream};
use super::{Exit, ProcessArgs, console};
use crate::batch::{EarlierResults, Job, OutputSettings, OutputState, PackedArchive, Packing, Report};
use crate::journal::{Store, only_changed, only_changed_in_archive};
use crate::recipe::Recipe;

/// Where results go.
pub(super) enum Destination {
    Folder(PathBuf),
    /// One archive, or several of about so many bytes.
    Archive {
        path: PathBuf,
        shard_bytes: Option<u64>,
    },
    Pipe(Outlet),
}

impl Destination {
    /// # Errors
    /// If results cannot go there, or not in the way that is asked for.
    pub fn of(args: &ProcessArgs) -> Result<Self> {
        let out = args.out.clone().unwrap_or_default();
        if is_stream(&out) {
            if args.json || args.dry_run || args.explain {
                bail!(
                    "--out - takes standard output for the picture; name a folder for --json, --dry-run or --explain"
                );
            }
            return Outlet::new().map(Self::Pipe);
        }
        if !Packing::is_wanted(&out) {
            if args.shard.is_some() {
                bail!("--shard divides archives; name one with --out, such as train.tar");
            }
            return Ok(Self::Folder(out));
        }
        Ok(Self::Archive { path: out, shard_bytes: args.shard.map(|mib| u64::from(mib) << 20) })
    }

    /// The folder that the run writes to, or the archive that takes its place.
    pub fn folder(&self) -> PathBuf {
        match self {
            Self::Folder(place) | Self::Archive { path: place, .. } => place.clone(),
            Self::Pipe(outlet) => outlet.folder().to_path_buf(),
        }
    }

    /// Whether a journal can say where results are.
    pub const fn keeps_journal(&self) -> bool {
        !matches!(self, Self::Pipe(_))
    }

    /// Bytes after which a new archive is begun.
    pub const fn shard_bytes(&self) -> Option<u64> {
        match self {
            Self::Archive { shard_bytes, .. } => *shard_bytes,
            Self::Folder(_) | Self::Pipe(_) => None,
        }
    }

    /// Has pictures skipped that are as an earlier run into the same place processed them. Returns what is to be in an
    /// archive without being made again.
    ///
    /// # Errors
    /// If no folder for journals is known.
    pub fn only_changed(&self, jobs: &mut [Job], output: &OutputSettings, recipe: &Recipe) -> Result<EarlierResults> {
        let looked_at = AtomicUsize::new(0);
        if let Self::Archive { .. } = self {
            return Ok(only_changed_in_archive(&Store::of_user()?, jobs, output, recipe, &looked_at));
        }
        only_changed(jobs, recipe, &looked_at);
        Ok(EarlierResults::default())
    }

    /// How many pictures it takes.
    ///
    /// # Errors
    /// If `pictures` are too many.
    pub fn check(&self, pictures: usize) -> Result<()> {
        if matches!(self, Self::Pipe(_)) && pictures > 1 {
            bail!("there are {pictures} pictures, and standard output takes the result of one; name a folder");
        }
        Ok(())
    }

    /// Takes the results of a run that has ended. Returns where a person finds them, or the program's exit code if nothing is
    /// to be said.
    ///
    /// # Errors
    /// If they cannot be written.
    pub fn take(&self, report: &mut Report) -> Result<ControlFlow<Exit, PathBuf>> {
        match self {
            Self::Folder(folder) => Ok(Continue(folder.clone())),
            Self::Pipe(outlet) => Ok(Break(outlet.pass_on(report)?)),
            Self::Archive { .. } => {
                say_of_archives(report);
                Ok(Continue(report.archives.first().map(|archive| archive.path.clone()).unwrap_or_default()))
            }
        }
    }
}

/// Says what became of the archives of a run, where that is not what everybody expects.
pub(super) fn say_of_archives(report: &Report) {
    if let Some(reason) = &report.unpacked {
        console::say(&format!("failed: {reason}"));
    }
    let is_kept = |archive: &&PackedArchive| archive.state == OutputState::Kept;
    match report.archives.as_slice() {
        [] => {}
        archives if archives.iter().any(|archive| is_kept(&archive)) => {
            console::say("note: the archive that was there is kept");
        }
        [_] => {}
        archives => console::say(&format!("note: {} archives were written", archives.len())),
    }
}
