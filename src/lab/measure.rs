//! Measures executors on a person's own pictures: the same jobs by each, several times, in interleaved order.

use std::path::Path;
use std::sync::Arc;

use thiserror::Error;

use super::RunRecord;
use crate::batch::{
    Batch, Control, Event, Executor, OutputSettings, Settings, SourceFile, StartError, plan_jobs, start,
};
use crate::recipe::Recipe;

/// Why a measurement has no result.
#[derive(Debug, Error)]
pub enum MeasureError {
    /// A run could not begin.
    #[error(transparent)]
    Start(#[from] StartError),
    /// There is no place for the results of the runs.
    #[error("no temporary folder could be made in {folder}: {reason}")]
    Place {
        /// Where it was tried.
        folder: String,
        /// Why not.
        reason: String,
    },
}

/// Runs every executor `repeats` times after one warm-up run of the first, taking turns. Gives `begun` the control of
/// each run; one that is stopped is the last. Results are written as in earnest, into a folder inside `place` that is
/// removed afterwards.
///
/// # Errors
/// If a run cannot start or `place` cannot be written to.
pub fn measure(
    files: &[SourceFile],
    recipe: &Recipe,
    settings: &Settings,
    executors: &[&'static Executor],
    repeats: usize,
    place: &Path,
    mut begun: impl FnMut(&Arc<Control>),
) -> Result<Vec<RunRecord>, MeasureError> {
    let mut records = Vec::new();
    for turn in 0..=repeats {
        // The warm-up fills the file cache, so that the first executor does not pay for all.
        let executors = if turn == 0 { &executors[..executors.len().min(1)] } else { executors };
        for executor in executors {
            let folder = tempfile::Builder::new()
                .prefix(".lightloom-lab-")
                .tempdir_in(place)
                .map_err(|e| MeasureError::Place { folder: place.display().to_string(), reason: e.to_string() })?;
            let output = OutputSettings { folder: Some(folder.path().to_path_buf()), keep_tree: true };
            let jobs = plan_jobs(files, recipe.export.format, &output);
            let settings = Settings { executor, ..*settings };
            let batch = Batch { jobs, recipe: recipe.clone(), settings };
            let running = start(batch, Arc::new(|_: Event| {}))?;
            begun(running.control());
            let totals = running.wait().totals;
            if totals.skipped > 0 {
                return Ok(records);
            }
            if turn > 0 {
                records.push(RunRecord { settings, totals });
            }
        }
    }
    Ok(records)
}
