//! Goes on with a run that was killed or stopped, or has its failures tried again.
//!
//! What the journal says was done is believed only if each result has the bytes that it had. What is left is done as it
//! was planned: under the same names and numbers, by the same recipe. A result that had its name before the program was
//! killed, but no record, has exactly the bytes that are made again, and is taken for what it is.

use std::fs::OpenOptions;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::AtomicUsize;

use super::archives::Places;
use super::begin::file_record;
use super::content::{Content, in_parallel};
use super::record::{FileRecord, Finished, JobRecord, Record, Seconds};
use super::recorder::{absolute, end_last_line};
use super::store::is_running;
use super::{History, JournalError, Recorder, Sums, recipe_hash};
use lightloom_batch::{
    Batch, EarlierResults, EventSink, ImageReport, Job, Outcome, OutputReport, OutputSettings, OutputState,
    PackedArchive, Packing, ResultSettings, Settings, load_files,
};
use lightloom_codec::Limits;
use lightloom_recipe::Recipe;

/// What of a run is to be done again.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Again {
    /// What has no outcome.
    Unfinished,
    /// And what failed.
    Failed,
}

/// The rest of a run.
#[derive(Debug)]
pub struct Rest {
    /// The run so far.
    pub history: History,
    /// What is left to do.
    pub batch: Batch,
    /// What was done, verified.
    pub before: Vec<ImageReport>,
    /// Results that have to be made again, since they are missing or were changed.
    pub lost: Vec<PathBuf>,
    /// What is to be in the archive with what is left.
    earlier: EarlierResults,
}

impl Rest {
    /// Looks at what a run has done and what is left. Results are counted in `verified` as they are looked at.
    ///
    /// # Errors
    /// If the run is not to be resumed, or its recipe cannot be.
    pub fn of(journal: &Path, again: Again, settings: Settings, verified: &AtomicUsize) -> Result<Self, JournalError> {
        if is_running(journal) {
            return Err(JournalError::Running(History::read(journal)?.run.id));
        }
        let history = History::read(journal)?;
        let id = || history.run.id.clone();
        if history.undone.is_some() {
            return Err(JournalError::Undone(id()));
        }
        if !history.is_planned {
            return Err(JournalError::NotPlanned(id()));
        }
        let recipe = history.recipe()?;
        let done: Vec<&Finished> = history.finished.values().filter(|finished| is_done(finished, again)).collect();
        // What is watched is taken away by whoever waits for it, and what changed was processed again.
        let looks = history.run.watched.is_empty();
        let places = Places::of(&history);
        let looked = in_parallel(&done, verified, |finished| if looks { lost(finished, &places) } else { Vec::new() });
        let archives = places.intact();
        let mut before = Vec::new();
        let mut earlier = EarlierResults { archives, ..EarlierResults::default() };
        let mut lost = Vec::new();
        let mut redone = Vec::new();
        for (finished, of_picture) in done.iter().zip(looked) {
            if of_picture.is_empty() {
                let Some(job) = history.jobs.get(&finished.job) else { continue };
                before.push(report(job, finished));
                if let Some(archive) = history.run.output.archive.as_ref().and(history.run.output.folder.as_ref()) {
                    let renamed = history.renamed(finished, &archive.to_path());
                    earlier.pictures.insert(finished.job, report(job, &renamed));
                }
            } else {
                redone.push(finished.job);
                lost.extend(of_picture);
            }
        }
        let is_left = |job: &&JobRecord| {
            let finished = history.finished.get(&job.job);
            finished.is_none_or(|finished| !is_done(finished, again)) || redone.binary_search(&job.job).is_ok()
        };
        let left = history.jobs.values().filter(is_left).enumerate();
        let jobs: Vec<Job> = left.map(|(index, record)| again_as_planned(record, index)).collect();
        if jobs.is_empty() && !history.is_unpacked() {
            return Err(JournalError::Complete(id()));
        }
        let limits = Limits::from_text(&history.run.limits).unwrap_or(settings.limits);
        let batch = Batch {
            jobs,
            recipe,
            results: ResultSettings {
                conflict: history.run.output.conflict,
                adopt: true,
                hash: true,
                are_taken: !history.run.watched.is_empty(),
                ..ResultSettings::default()
            },
            settings: Settings { limits, ..settings },
        };
        Ok(Self { history, batch, before, lost, earlier })
    }

    /// Goes on with the journal while `batch` does what is left, into the same archive if there is one: returns what is to
    /// listen to the run in place of `inner`.
    ///
    /// # Errors
    /// If the journal cannot be written, or another program goes on with it.
    pub fn record(&self, batch: &mut Batch, inner: Arc<dyn EventSink>) -> Result<Arc<Recorder>, JournalError> {
        let path = &self.history.path;
        let failed = |e: &std::io::Error| JournalError::unwritable(path, e);
        let mut file = OpenOptions::new().read(true).append(true).open(path).map_err(|e| failed(&e))?;
        if matches!(file.try_lock(), Err(std::fs::TryLockError::WouldBlock)) {
            return Err(JournalError::Running(self.history.run.id.clone()));
        }
        end_last_line(&mut file).map_err(|e| failed(&e))?;
        let mut sums = Sums { resumed: self.history.resumed.len() + 1, ..Sums::default() };
        self.history.jobs.values().for_each(|job| sums.list(job));
        self.before.iter().for_each(|image| sums.add(image));
        let recorder = Recorder::new(self.history.run.id.clone(), path.clone(), file, &self.batch.jobs, sums, inner);
        let archive = self.archive()?;
        let scratch = archive.as_ref().map(|archive| absolute(archive.scratch()));
        let program = env!("CARGO_PKG_VERSION").to_owned();
        let mut records = vec![Record::Resumed { at: Seconds::now(), program, scratch }];
        // Sources are recorded as they will be read now.
        let left = self.batch.jobs.iter().filter_map(|job| self.history.jobs.get(&job.number));
        records.extend(left.filter_map(|record| {
            let file = has_changed(record)?;
            Some(Record::Job(Box::new(JobRecord { file: Some(file), ..record.clone() })))
        }));
        recorder.write_all(&records);
        batch.results.archive = archive;
        Ok(Arc::new(recorder))
    }
}

impl Rest {
    /// What was done before, with its results in the archives of the whole run where it has some.
    pub fn before_in(&self, archives: &[PackedArchive]) -> Vec<ImageReport> {
        let Some(folder) = self.history.run.output.folder.as_ref().filter(|_| !archives.is_empty()) else {
            return self.before.clone();
        };
        let folder = folder.to_path();
        let pictures = self.earlier.pictures.iter().map(|(number, image)| {
            let mut image = image.clone();
            let archive = archives.iter().find(|archive| (archive.first..=archive.last).contains(number));
            for output in &mut image.outputs {
                if let (Some(archive), Ok(below)) = (archive, output.path.strip_prefix(&folder)) {
                    output.path = archive.path.join(below);
                }
            }
            image
        });
        pictures.collect()
    }

    /// The archive that the results go into.
    fn archive(&self) -> Result<Option<Arc<Packing>>, JournalError> {
        let output = &self.history.run.output;
        let (Some(archive), Some(path)) = (&output.archive, &output.folder) else { return Ok(None) };
        let settings =
            OutputSettings { conflict: output.conflict, shard_bytes: archive.shard_bytes, ..OutputSettings::default() };
        let packing = Packing::resume(&path.to_path(), &settings, &archive.scratch.to_path(), self.earlier.clone());
        let packing = packing.map_err(|error| JournalError::Archive(error.to_string()))?;
        let _ = packing.keep_for(&self.history.path);
        Ok(Some(packing))
    }
}

impl History {
    /// The recipe of the run with the files that it refers to.
    ///
    /// # Errors
    /// If it cannot be read by this version, or a file has changed.
    pub fn recipe(&self) -> Result<Recipe, JournalError> {
        let mut recipe = Recipe::from_toml(&self.run.recipe).map_err(|e| JournalError::Recipe(e.to_string()))?;
        if recipe_hash::of_recipe(&recipe) != self.run.recipe_hash {
            return Err(JournalError::RecipeChanged);
        }
        load_files(&mut recipe);
        Ok(recipe)
    }
}

/// Whether nothing more is to be done for a picture, if its results are as they were.
fn is_done(finished: &Finished, again: Again) -> bool {
    finished.outcome != Outcome::Failed || again == Again::Unfinished
}

/// The results of a picture that are no longer what the run wrote.
fn lost(finished: &Finished, places: &Places<'_>) -> Vec<PathBuf> {
    if finished.outcome == Outcome::Failed {
        return Vec::new();
    }
    let written = finished.outputs.iter().filter(|output| output.state != OutputState::Kept);
    let lost = written.filter(|output| places.look(finished.job, output) != Content::Same);
    lost.map(|output| output.path.to_path()).collect()
}

/// A picture of the plan that is to be done, with what is new about its source.
fn again_as_planned(record: &JobRecord, index: usize) -> Job {
    let mut job = record.to_job(index);
    if record.in_memory {
        job.skip = Some("its content was held by a program that has ended".to_owned());
    }
    if has_changed(record).is_some() {
        job.notes.push("its source has changed since the run was planned".to_owned());
    }
    job
}

/// The source as it is now, if it is another than when the run was planned.
fn has_changed(record: &JobRecord) -> Option<FileRecord> {
    let now = file_record(record.to_source().place()?)?;
    let before = record.file?;
    (!now.is_as(&before)).then_some(now)
}

/// What was reported of a picture.
pub(super) fn report(job: &JobRecord, finished: &Finished) -> ImageReport {
    let source = job.to_source();
    let output = |result: &super::record::ResultRecord| OutputReport {
        name: result.name.clone(),
        path: result.path.to_path(),
        state: result.state,
        width: result.width,
        height: result.height,
        bytes: result.bytes,
        hash: Some(result.hash.clone()),
        copied: result.copied,
    };
    ImageReport {
        warnings: finished.warnings.clone(),
        outputs: finished.outputs.iter().map(output).collect(),
        source_pixels: finished.source_pixels,
        source_hash: finished.source_hash.clone(),
        reason: finished.reason.clone(),
        ..ImageReport::unread(source, finished.outcome, finished.stage, String::new())
    }
}
