//! Where results go: to a folder, into an archive, or to standard output.

use std::ops::ControlFlow::{self, Break, Continue};
use std::path::PathBuf;

use anyhow::{Result, bail};

use super::pipe::{Outlet, is_stream};
use super::{Exit, ProcessArgs, console};
use crate::batch::{Packing, Report};
use crate::recipe::Recipe;

/// Where results go.
pub(super) enum Destination {
    Folder(PathBuf),
    Archive(Packing),
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
        if args.changed {
            bail!("an archive is always made as a whole; name a folder for --changed");
        }
        // A plan names results as they will be called in the archive, and begins none.
        if args.dry_run || args.explain {
            return Ok(Self::Folder(out));
        }
        let shard_bytes = args.shard.map(|mib| u64::from(mib) << 20);
        Ok(Self::Archive(Packing::begin(&out, args.names.conflict, shard_bytes)?))
    }

    /// The folder that the run writes to.
    pub fn folder(&self) -> PathBuf {
        match self {
            Self::Folder(folder) => folder.clone(),
            Self::Archive(packing) => packing.folder(),
            Self::Pipe(outlet) => outlet.folder().to_path_buf(),
        }
    }

    /// Whether a journal can say where results are.
    pub const fn keeps_journal(&self) -> bool {
        matches!(self, Self::Folder(_))
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
    pub fn take(&self, report: &mut Report, recipe: &Recipe) -> Result<ControlFlow<Exit, PathBuf>> {
        match self {
            Self::Folder(folder) => Ok(Continue(folder.clone())),
            Self::Pipe(outlet) => Ok(Break(outlet.pass_on(report)?)),
            Self::Archive(_) if report.totals.stopped > 0 => {
                console::say("note: no archive was written, since the run was stopped");
                report.images.iter_mut().for_each(|image| image.outputs.clear());
                Ok(Continue(PathBuf::new()))
            }
            Self::Archive(packing) => {
                let archives = packing.pack(report, recipe)?;
                if archives.len() > 1 {
                    console::say(&format!("note: {} archives were written", archives.len()));
                }
                Ok(Continue(archives.into_iter().next().unwrap_or_default()))
            }
        }
    }
}
