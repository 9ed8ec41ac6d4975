//! The journal of watched folders: a run whose pictures come batch after batch, and which goes on where it ended when the
//! program is started again.
//!
//! What the journal says is in memory as well, so that each file that is met is known at once: a source that has an
//! outcome is done for as long as it stays as it was, whatever became of its results.

use std::collections::{BTreeSet, HashMap, HashSet};
use std::fs::{self, File, OpenOptions, TryLockError};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::AtomicUsize;

use super::begin::{file_record, job_records, new_folders, output_record, roots, run_record};
use super::content::{Content, Expected};
use super::record::{FileRecord, Finished, JobRecord, Publishing, Record, ResultRecord, RunRecord, Seconds};
use super::recorder::{absolute, end_last_line, finished};
use super::store::{Pointer, point, pointers};
use super::update::{ByPicture, Said, add_picture, apply, earlier_in};
use super::{History, JournalError, Recorder, SavedPath, Store, Sums, recipe_hash};
use lightloom_batch::{
    Batch, EventSink, ImageReport, Job, Outcome, OutputSettings, OutputState, RESULT_FOLDER, Report, Settings, Totals,
    source_hash,
};
use lightloom_recipe::Recipe;

/// What is watched, and what is done with it.
#[derive(Debug, Clone, Copy)]
pub struct Watched<'a> {
    pub folders: &'a [PathBuf],
    pub recipe: &'a Recipe,
    pub output: &'a OutputSettings,
    pub settings: &'a Settings,
}

/// What is known of a file that is met.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Met {
    /// Nothing: it is to be processed.
    New,
    /// It has an outcome, and has not changed since.
    Done,
    /// It was processed under this name, and has been renamed since.
    Renamed(PathBuf),
}

/// The journal of watched folders.
#[derive(Debug)]
pub struct Series {
    run: String,
    path: PathBuf,
    /// Locked for as long as it is open.
    file: File,
    /// The largest number of a picture.
    last_number: usize,
    /// Pictures that are listed.
    listed: usize,
    sources: HashMap<PathBuf, Outcomes>,
    by_identity: HashMap<(u64, u64), PathBuf>,
    /// Sizes of results.
    results: HashMap<PathBuf, u64>,
    earlier: ByPicture,
    /// Folders with a pointer to the journal.
    pointed: HashSet<PathBuf>,
    /// What a program that was killed had begun.
    left: Vec<Job>,
    /// The pictures of the batch under way.
    current: Vec<JobRecord>,
    /// Of this part of the run.
    totals: Totals,
}

/// The last outcome of a source.
#[derive(Debug)]
struct Outcomes {
    /// The file as it was.
    file: Option<FileRecord>,
    hash: Option<String>,
}

impl Series {
    /// Goes on with the journal of these folders, recipe and results, or begins one.
    ///
    /// # Errors
    /// If it cannot be written, or another program watches them.
    pub fn open(store: &Store, watched: &Watched<'_>) -> Result<Self, JournalError> {
        if let Some(path) = find(store, watched) {
            let unwritable = |e: &std::io::Error| JournalError::unwritable(&path, e);
            let mut file = OpenOptions::new().read(true).append(true).open(&path).map_err(|e| unwritable(&e))?;
            if matches!(file.try_lock(), Err(TryLockError::WouldBlock)) {
                return Err(JournalError::Watched(History::run_of(&path)?.id));
            }
            let history = History::read(&path)?;
            if history.undone.is_none() {
                end_last_line(&mut file).map_err(|e| unwritable(&e))?;
                return Self::go_on(&history, file, watched);
            }
        }
        Self::begin(store, watched)
    }

    fn begin(store: &Store, watched: &Watched<'_>) -> Result<Self, JournalError> {
        let (run, file) = store.create()?;
        let path = store.path(&run);
        let head = run_record(&run, watched.recipe, watched.output, watched.settings);
        let head = RunRecord { watched: saved(watched.folders), ..head };
        let series = Self::empty(run, path, file, watched);
        series.write(&[Record::Run(Box::new(head)), Record::Planned { jobs: 0, new_folders: Vec::new() }])?;
        Ok(series)
    }

    fn empty(run: String, path: PathBuf, file: File, watched: &Watched<'_>) -> Self {
        Self {
            run,
            path,
            file,
            last_number: 0,
            listed: 0,
            sources: HashMap::new(),
            by_identity: HashMap::new(),
            results: HashMap::new(),
            earlier: earlier_in(result_folders(watched).iter().map(PathBuf::as_path)),
            pointed: HashSet::new(),
            left: Vec::new(),
            current: Vec::new(),
            totals: Totals::default(),
        }
    }

    fn go_on(history: &History, file: File, watched: &Watched<'_>) -> Result<Self, JournalError> {
        let mut series = Self::empty(history.run.id.clone(), history.path.clone(), file, watched);
        series.last_number = history.jobs.keys().next_back().copied().unwrap_or(0);
        series.listed = history.jobs.len();
        series.results = history.written().map(|(_, result)| (result.path.to_path(), result.bytes)).collect();
        let mut records =
            vec![Record::Resumed { at: Seconds::now(), program: env!("CARGO_PKG_VERSION").to_owned(), scratch: None }];
        for job in history.jobs.values() {
            match history.finished.get(&job.job) {
                Some(finished) => series.learn(job, finished, Said::Before),
                None => records.extend(series.take_up(job, history.publishing.get(&job.job))),
            }
        }
        series.write(&records)?;
        Ok(series)
    }

    /// Takes up a picture without an outcome. Where its source is not what it was, returns the record of that: it is met
    /// like any other then.
    fn take_up(&mut self, job: &JobRecord, publishing: Option<&Vec<Publishing>>) -> Option<Record> {
        let source = job.to_source();
        let now = source.place().and_then(file_record);
        if job.file.zip(now).is_some_and(|(before, now)| now.is_as(&before)) {
            self.left.push(job.to_job(self.left.len()));
            return None;
        }
        let published = published(job, publishing.map_or(&[], Vec::as_slice));
        self.results.extend(published.iter().map(|result| (result.path.to_path(), result.bytes)));
        add_picture(&mut self.earlier, &self.run, job, None, &published, Said::Before);
        let reason = if now.is_some() { "its source changed before it was processed" } else { "its source is gone" };
        let report = ImageReport::unread(source, Outcome::Skipped, None, reason.to_owned());
        Some(Record::Finished(Box::new(finished(job.job, &report, Vec::new()))))
    }

    /// Keeps in mind what became of a picture.
    fn learn(&mut self, job: &JobRecord, finished: &Finished, said: Said) {
        let source = job.source_path();
        if let Some(identity) = job.file.and_then(|file| file.identity) {
            self.by_identity.insert(identity, source.clone());
        }
        let source_hash = finished.source_hash.as_deref();
        add_picture(&mut self.earlier, &self.run, job, source_hash, &finished.outputs, said);
        self.sources.insert(source, Outcomes { file: job.file, hash: finished.source_hash.clone() });
    }

    /// Name of the run.
    pub fn run(&self) -> &str {
        &self.run
    }

    /// How many pictures came before the next batch: see [`Planning::jobs_after`](lightloom_batch::Planning::jobs_after).
    pub const fn last_number(&self) -> usize {
        self.last_number
    }

    /// How many sources have an outcome.
    pub fn done(&self) -> usize {
        self.sources.len()
    }

    /// What a program that was killed had begun, as it was planned, once. Results that had their names already have exactly
    /// the bytes that are made again, and are to be adopted.
    pub fn take_left(&mut self) -> Vec<Job> {
        std::mem::take(&mut self.left)
    }

    /// Whether a file, given by its absolute path, has an outcome and has not changed since.
    pub fn is_done(&self, path: &Path, file: &FileRecord) -> bool {
        self.sources.get(path).and_then(|outcome| outcome.file).is_some_and(|before| file.is_as(&before))
    }

    /// What is known of a file, given by its absolute path. Where it may have been renamed its content is read.
    pub fn meets(&self, path: &Path, file: &FileRecord) -> Met {
        if self.sources.contains_key(path) {
            return if self.is_done(path, file) { Met::Done } else { Met::New };
        }
        let before = file.identity.and_then(|identity| self.by_identity.get(&identity));
        let Some((before, outcome)) = before.and_then(|before| Some((before, self.sources.get(before)?))) else {
            return Met::New;
        };
        if !outcome.file.is_some_and(|then| file.is_as(&then)) {
            return Met::New;
        }
        if before.exists() {
            return if is_same_name(before, path) { Met::Done } else { Met::New };
        }
        let same = outcome.hash.is_some() && source_hash(path).ok() == outcome.hash;
        if same { Met::Renamed(before.clone()) } else { Met::New }
    }

    /// Whether a file of this size is what the run wrote there.
    pub fn wrote(&self, path: &Path, bytes: u64) -> bool {
        self.results.get(path) == Some(&bytes)
    }

    /// Has the results of sources that changed replaced, as long as nobody changed those, and skips what an earlier run
    /// made of the same source by the same recipe.
    pub fn only_changed(&self, jobs: &mut [Job], recipe: &Recipe) {
        apply(&self.earlier, jobs, recipe, &AtomicUsize::new(0));
    }

    /// Lists the pictures of a batch and returns what is to listen to it in place of `inner`.
    ///
    /// # Errors
    /// If the journal cannot be written.
    pub fn begin_batch(&mut self, batch: &Batch, inner: Arc<dyn EventSink>) -> Result<Arc<Recorder>, JournalError> {
        self.current = job_records(&batch.jobs, &batch.recipe).collect();
        let new = self.current.iter().filter(|job| job.job > self.last_number).cloned();
        let mut records: Vec<Record> = new.map(|job| Record::Job(Box::new(job))).collect();
        self.listed += records.len();
        self.last_number = batch.jobs.iter().map(|job| job.number).max().unwrap_or(0).max(self.last_number);
        let new_folders = new_folders(&batch.jobs).iter().map(|folder| absolute(folder)).collect();
        records.push(Record::Planned { jobs: self.listed, new_folders });
        self.write(&records)?;
        for root in roots(&batch.jobs) {
            if self.pointed.insert(root.to_path_buf()) && !pointers(root).iter().any(|pointer| pointer.run == self.run)
            {
                let pointer = Pointer { run: self.run.clone(), journal: absolute(&self.path), root: absolute(root) };
                let _ = point(root, &pointer);
            }
        }
        let file = self.file.try_clone().map_err(|e| JournalError::unwritable(&self.path, &e))?;
        let (run, path) = (self.run.clone(), self.path.clone());
        // The end of the series is not that of a batch.
        Ok(Arc::new(Recorder::new(run, path, file, &batch.jobs, Sums::default(), inner)))
    }

    /// Keeps in mind what became of a batch. Returns what should be known if the journal is not whole.
    pub fn end_batch(&mut self, recorder: &Recorder, report: &Report) -> Option<String> {
        recorder.sync();
        let current = std::mem::take(&mut self.current);
        for (job, image) in current.iter().zip(&report.images) {
            let written = image.outputs.iter().filter(|output| output.state != OutputState::Kept);
            self.results.extend(written.map(|output| (absolute(&output.path).to_path(), output.bytes)));
            // What a stop interrupted has no outcome.
            if image.outcome != Outcome::Stopped {
                self.learn(job, &finished(job.job, image, Vec::new()), Said::Now);
            }
        }
        self.totals.add(&report.totals);
        recorder.problem()
    }

    /// Records that nobody watches any more.
    ///
    /// # Errors
    /// If the journal cannot be written.
    pub fn end(self) -> Result<(), JournalError> {
        let totals = Box::new(self.totals.clone());
        // Pictures may have been processed more than once: what became of them is counted from the journal.
        self.write(&[Record::Ended { at: Seconds::now(), totals, sums: None }])
    }

    /// Appends records, and waits until they are on the disk.
    fn write(&self, records: &[Record]) -> Result<(), JournalError> {
        let failed = |e: &std::io::Error| JournalError::unwritable(&self.path, e);
        let mut bytes = Vec::new();
        for record in records {
            serde_json::to_writer(&mut bytes, record).map_err(|e| failed(&e.into()))?;
            bytes.push(b'\n');
        }
        let written = std::io::Write::write_all(&mut &self.file, &bytes).and_then(|()| self.file.sync_data());
        written.map_err(|e| failed(&e))
    }
}

impl Drop for Series {
    /// Others may watch the folders from now on. A thread of the last batch may hold the file a moment longer.
    fn drop(&mut self) {
        let _ = self.file.unlock();
    }
}

/// Whether two names of one file lead to it through links, or differ only in case where the disk does not tell them apart.
fn is_same_name(a: &Path, b: &Path) -> bool {
    let lower = |path: &Path| path.as_os_str().to_string_lossy().to_lowercase();
    lower(a) == lower(b) || fs::canonicalize(a).is_ok_and(|real| fs::canonicalize(b).is_ok_and(|other| real == other))
}

/// Results that a program that was killed had given their names and not reported.
fn published(job: &JobRecord, publishing: &[Publishing]) -> Vec<ResultRecord> {
    let is_there = |one: &&Publishing| {
        let path = one.path.to_path();
        Expected { path: &path, bytes: one.bytes, hash: &one.hash }.look() == Content::Same
    };
    let result = |one: &Publishing| {
        let target = job.targets.iter().map(|target| (target, target.to_target().path()));
        let stem = one.path.to_path().with_extension("");
        let (target, _) = target.into_iter().find(|(_, path)| *path == stem)?;
        Some(ResultRecord {
            name: target.output.clone(),
            path: one.path.clone(),
            width: 0,
            height: 0,
            bytes: one.bytes,
            state: OutputState::Written,
            hash: one.hash.clone(),
            copied: false,
        })
    };
    publishing.iter().filter(is_there).filter_map(result).collect()
}

/// The newest journal of these folders, recipe and results.
fn find(store: &Store, watched: &Watched<'_>) -> Option<PathBuf> {
    let folders = result_folders(watched);
    let beside = folders.iter().flat_map(|folder| pointers(folder).into_iter().rev());
    let beside = beside.map(|pointer| pointer.journal.to_path());
    let all = beside.chain(store.runs().into_iter().map(|run| store.path(&run)));
    let wanted = (saved(watched.folders), recipe_hash::of_recipe(watched.recipe), output_record(watched.output));
    let mut seen = HashSet::new();
    let matching =
        all.filter(|path| seen.insert(path.clone())).filter_map(|path| Some((History::run_of(&path).ok()?, path)));
    let matching =
        matching.filter(|(run, _)| (&run.watched, &run.recipe_hash, &run.output) == (&wanted.0, &wanted.1, &wanted.2));
    // Names begin with the time.
    matching.max_by(|(a, _), (b, _)| a.id.cmp(&b.id)).map(|(_, path)| path)
}

/// The folders that results lie in or below.
fn result_folders(watched: &Watched<'_>) -> BTreeSet<PathBuf> {
    let beside = |folder: &PathBuf| folder.parent().unwrap_or(folder).join(RESULT_FOLDER);
    let chosen = watched.output.folder.as_ref();
    chosen.map_or_else(|| watched.folders.iter().map(beside).collect(), |folder| BTreeSet::from([folder.clone()]))
}

/// Folders in an order of their own, each once.
fn saved(folders: &[PathBuf]) -> Vec<SavedPath> {
    let sorted: BTreeSet<PathBuf> = folders.iter().map(|folder| absolute(folder).to_path()).collect();
    sorted.iter().map(|folder| folder.as_path().into()).collect()
}
