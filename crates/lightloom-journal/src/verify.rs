//! Proves that a batch is what its journal says: every result is made again from its source and the recipe, and compared
//! with what was written, by hash. Nothing is written.

use std::collections::HashMap;
use std::path::{Path, PathBuf};

use super::archives::Places;
use super::content::Content;
use super::record::{Finished, JobRecord, ResultRecord};
use super::{History, JournalError, SavedPath};
use lightloom_batch::{Batch, Conflict, ImageReport, Outcome, OutputState, Report, ResultSettings, Settings};
use lightloom_codec::Limits;

/// What a result turned out to be.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Verdict {
    /// Made again it has the same bytes, and so has the file.
    Same,
    /// Made again it has the same bytes, but the file is gone or has others.
    File(Content),
    /// Made again it has other bytes.
    Different,
    /// The source is no longer the one that was read.
    SourceChanged,
    /// It could not be made again, and why.
    NotMade(String),
}

/// A result with what it turned out to be.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Checked {
    pub source: PathBuf,
    pub path: PathBuf,
    pub verdict: Verdict,
}

/// The results of a run, to be made again.
#[derive(Debug)]
pub struct Verification {
    pub history: History,
    /// Makes them again and writes nothing.
    pub batch: Batch,
}

impl Verification {
    /// What a run wrote, to be made again with these settings of workers.
    ///
    /// # Errors
    /// If the journal cannot be read, or the recipe is no longer what it was.
    pub fn of(journal: &Path, settings: Settings) -> Result<Self, JournalError> {
        let history = History::read(journal)?;
        let recipe = history.recipe()?;
        let last = last_writers(&history);
        let written = |job: &&JobRecord| {
            let results = history.finished.get(&job.job).map(|finished| finished.outputs.as_slice());
            results.unwrap_or_default().iter().any(|result| is_there(result, job.job, &last))
        };
        let jobs = history.jobs.values().filter(written).enumerate();
        let jobs = jobs.map(|(index, record)| record.to_job(index)).collect();
        let limits = Limits::from_text(&history.run.limits).unwrap_or(settings.limits);
        let results = ResultSettings { hash: true, discard: true, ..Conflict::Unique.into() };
        let batch = Batch { jobs, recipe, results, settings: Settings { limits, ..settings } };
        Ok(Self { history, batch })
    }

    /// Compares what was made again with what the journal says and with the files.
    pub fn compare(&self, report: &Report) -> Vec<Checked> {
        let last = last_writers(&self.history);
        let places = Places::of(&self.history);
        let numbers = self.batch.jobs.iter().map(|job| job.number);
        let made = numbers.zip(&report.images);
        made.flat_map(|(number, image)| {
            let (job, finished) = (&self.history.jobs[&number], &self.history.finished[&number]);
            let results = finished.outputs.iter().enumerate();
            let results = results.filter(|(_, result)| is_there(result, number, &last)).collect::<Vec<_>>().into_iter();
            results.map(|(index, result)| Checked {
                source: job.source_path(),
                path: result.path.to_path(),
                verdict: verdict(&places, finished, image, index),
            })
        })
        .collect()
    }
}

/// The last picture whose result each path got: where folders are watched, results are replaced when sources change.
fn last_writers(history: &History) -> HashMap<&SavedPath, usize> {
    history.written().map(|(job, result)| (&result.path, job)).collect()
}

/// Whether a result of a picture is the last one at its path.
fn is_there(result: &ResultRecord, job: usize, last: &HashMap<&SavedPath, usize>) -> bool {
    result.state != OutputState::Kept && last.get(&result.path) == Some(&job)
}

fn verdict(places: &Places<'_>, finished: &Finished, image: &ImageReport, index: usize) -> Verdict {
    let result = &finished.outputs[index];
    if finished.source_hash.is_some() && image.source_hash.is_some() && finished.source_hash != image.source_hash {
        return Verdict::SourceChanged;
    }
    if !matches!(image.outcome, Outcome::Done | Outcome::Partial) {
        return Verdict::NotMade(image.reason.clone().unwrap_or_default());
    }
    let made = image.outputs.get(index).and_then(|output| output.hash.as_deref());
    if made != Some(result.hash.as_str()) {
        return Verdict::Different;
    }
    match places.look(finished.job, result) {
        Content::Same => Verdict::Same,
        content => Verdict::File(content),
    }
}
