//! The last stage: the results of a picture onto the disk.

use std::io;
use std::path::{Path, PathBuf};

use super::develop::DevelopedFile;
use super::output::{self, Outputs, Prepared, Published, Publishing, WriteError};
use super::space::NoSpace;
use super::stage::{Cause, Developed, StageError};
use super::{Job, OutputReport, OutputState, Stage, Target};
use lightloom_param::shown;
use lightloom_recipe::Recipe;

/// How the results of a picture are written.
pub struct Writing<'a> {
    pub(super) outputs: &'a Outputs,
    /// Whether a file with exactly the same bytes under a result's name counts as that result.
    pub(super) adopt: bool,
    /// Called with each result right before it gets the name of this path.
    pub(super) before: &'a mut dyn FnMut(&Path, &DevelopedFile),
    /// Called when nothing is left but to wait for the disk.
    pub(super) syncing: &'a mut dyn FnMut(),
    /// Whether the picture was given up meanwhile: then nothing gets a name any more.
    pub(super) is_given_up: &'a dyn Fn() -> bool,
}

/// What became of a picture's results.
#[derive(Debug, Default)]
pub struct Written {
    /// One for each result.
    pub outputs: Vec<OutputReport>,
    /// What should be known.
    pub notes: Vec<String>,
}

/// Why a picture's results could not be written.
#[derive(Debug)]
pub struct Unwritten {
    /// Why.
    pub error: Box<StageError>,
    /// What was there before: all results are on the disk before the first gets its name, so this is rarely anything.
    pub written: Written,
}

/// Writes all results of a picture: each whole or not at all, and none gets its name before all are on the disk. Where
/// the recipe keeps file times they get that of the source. Returns where they went.
///
/// # Errors
/// If a folder cannot be created or is not the one that the run began with, a file cannot be written, or an original
/// stands in its place, or the picture was given up.
pub fn write(job: &Job, developed: &Developed, recipe: &Recipe, how: Writing<'_>) -> Result<Written, Unwritten> {
    let outputs = recipe.all_outputs();
    let keeps_time = |file: &DevelopedFile| outputs.get(file.output).is_some_and(|o| o.export.metadata.file_times);
    let mut written = Written::default();
    let prepared = match prepare(job, developed, how.outputs, how.syncing) {
        Ok(prepared) => prepared,
        Err(error) => return Err(Unwritten { error: Box::new(error), written }),
    };
    if (how.is_given_up)() {
        return Err(Unwritten { error: Box::new(Cause::Stopped.at(Stage::Write)), written });
    }
    for OneResult { ready, file, target } in prepared {
        let mut before = |path: &Path| (how.before)(path, file);
        let mut publishing = Publishing { adopt: how.adopt, before: &mut before, notes: &mut written.notes };
        let modified = developed.modified.filter(|_| keeps_time(file));
        match ready.publish(&target, &file.extension, modified, &mut publishing) {
            Ok(published) => written.add(file, &published),
            Err(error) => {
                let error = Box::new(failed(file, &target, &error));
                return Err(Unwritten { error, written });
            }
        }
    }
    Ok(written)
}

/// A result that is on the disk without a name.
struct OneResult<'a> {
    ready: Prepared<'a>,
    file: &'a DevelopedFile,
    target: Target,
}

fn prepare<'a>(
    job: &Job,
    developed: &'a Developed,
    outputs: &'a Outputs,
    syncing: &mut dyn FnMut(),
) -> Result<Vec<OneResult<'a>>, StageError> {
    let mut prepared = Vec::with_capacity(developed.files.len());
    for file in &developed.files {
        let Some(target) = target_of(job, file) else { continue };
        if target.skip_reason().is_some() {
            continue;
        }
        let ready = output::prepare(outputs, &target, &file.bytes).map_err(|e| failed(file, &target, &e))?;
        prepared.push(OneResult { ready, file, target });
    }
    syncing();
    for OneResult { ready, file, target } in &prepared {
        ready.sync().map_err(|e| failed(file, target, &e))?;
    }
    Ok(prepared)
}

impl Unwritten {
    /// Where there was no space, and why, if that is what went wrong and trying again may succeed.
    pub(super) fn no_space(&self) -> Option<NoSpace> {
        let (folder, kind) = self.error.cause.unwritable().filter(|_| self.written.outputs.is_empty())?;
        let reason = match kind {
            io::ErrorKind::StorageFull => "no space left",
            io::ErrorKind::QuotaExceeded => "the quota is used up",
            _ => return None,
        };
        Some(NoSpace { folder: folder.to_path_buf(), reason: reason.to_owned() })
    }
}

impl Written {
    fn add(&mut self, file: &DevelopedFile, published: &Published) {
        let state = match published {
            Published::Written(_) => OutputState::Written,
            Published::Replaced(_) => OutputState::Replaced,
            Published::Kept { path, why } => {
                self.notes.push(format!("{}: {why}", shown(path)));
                OutputState::Kept
            }
        };
        self.outputs.push(file.report(published.path().to_path_buf(), state));
    }
}

impl DevelopedFile {
    fn report(&self, path: PathBuf, state: OutputState) -> OutputReport {
        let Self { name, width, height, bytes, hash, is_copied, .. } = self;
        let (name, hash) = (name.clone(), hash.clone());
        OutputReport {
            name,
            path,
            state,
            width: *width,
            height: *height,
            bytes: bytes.len() as u64,
            hash,
            copied: *is_copied,
        }
    }
}

impl Developed {
    /// Its results as if they had been written.
    pub(super) fn discarded(&self, job: &Job) -> Written {
        let report = |file: &DevelopedFile| Some(file.report(target_of(job, file)?.path(), OutputState::Discarded));
        Written { outputs: self.files.iter().filter_map(report).collect(), notes: Vec::new() }
    }
}

fn failed(file: &DevelopedFile, target: &Target, error: &WriteError) -> StageError {
    let cause = Cause::Unwritable { folder: target.folder.clone(), kind: error.kind(), reason: error.advice() };
    cause.of_output(&file.name).at(Stage::Write)
}

/// Where a file goes.
fn target_of(job: &Job, file: &DevelopedFile) -> Option<Target> {
    let target = job.targets.get(file.output)?;
    Some(Target { suffix: format!("{}{}", target.suffix, file.page), ..target.clone() })
}
