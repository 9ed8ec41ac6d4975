//! The beginning of a journal: what the run is and every picture of it.

use std::collections::{BTreeSet, HashMap};
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::UNIX_EPOCH;

use super::record::{
    ArchiveRecord, FileRecord, JobRecord, OutputRecord, Record, RunRecord, Seconds, TargetRecord, VERSION,
};
use super::recorder::absolute;
use super::store::{Pointer, point};
use super::{JournalError, Recorder, Store, Sums, recipe_hash};
use lightloom_batch::{Batch, EventSink, Job, OutputSettings, Packing, Settings, Source, Target, content_hash};
use lightloom_recipe::Recipe;

/// Begins the journal of a run, with a pointer beside its results, and returns what is to listen to the run in place of
/// `inner`.
///
/// # Errors
/// If the journal cannot be written. Where only a pointer cannot, the run will say so of its results too.
pub fn begin(
    store: &Store,
    batch: &Batch,
    output: &OutputSettings,
    inner: Arc<dyn EventSink>,
) -> Result<Arc<Recorder>, JournalError> {
    let (run, file) = store.create()?;
    let path = store.path(&run);
    let inputs: BTreeSet<&Path> = batch.jobs.iter().filter_map(|job| job.root.as_deref()).collect();
    let inputs = inputs.into_iter().map(absolute).collect();
    let mut head = RunRecord { inputs, ..run_record(&run, &batch.recipe, output, &batch.settings) };
    let archive = batch.results.archive.as_deref();
    head.output.archive = archive.map(|archive| archive_record(archive, output));
    let mut records = vec![Record::Run(Box::new(head))];
    let mut sums = Sums::default();
    let listed = job_records(&batch.jobs, &batch.recipe).inspect(|job| sums.list(job));
    records.extend(listed.map(|job| Record::Job(Box::new(job))));
    let recorder = Recorder::new(run.clone(), path.clone(), file, &batch.jobs, sums, inner);
    let new_folders = if archive.is_some() { BTreeSet::new() } else { new_folders(&batch.jobs) };
    let new_folders = new_folders.iter().map(|folder| absolute(folder)).collect();
    records.push(Record::Planned { jobs: batch.jobs.len(), new_folders });
    recorder.write_all(&records);
    recorder.sync();
    if let Some(reason) = recorder.take_failure() {
        let _ = fs::remove_file(&path);
        return Err(JournalError::Unwritable { folder: store.folder().to_path_buf(), reason });
    }
    if let Some(archive) = archive {
        // Without that, an interrupted run makes its results again.
        let _ = archive.keep_for(&path);
        return Ok(Arc::new(recorder));
    }
    for root in roots(&batch.jobs) {
        let pointer = Pointer { run: run.clone(), journal: absolute(&path), root: absolute(root) };
        let _ = point(root, &pointer);
    }
    Ok(Arc::new(recorder))
}

/// What the run is.
pub(super) fn run_record(run: &str, recipe: &Recipe, output: &OutputSettings, settings: &Settings) -> RunRecord {
    RunRecord {
        version: VERSION,
        id: run.to_owned(),
        program: env!("CARGO_PKG_VERSION").to_owned(),
        started: Seconds::now(),
        recipe: recipe.to_toml(),
        recipe_name: output.recipe_name.clone(),
        recipe_hash: recipe_hash::of_recipe(recipe),
        output: output_record(output),
        settings: settings.clone(),
        limits: settings.limits.to_text(),
        inputs: Vec::new(),
        watched: Vec::new(),
    }
}

pub(super) fn output_record(output: &OutputSettings) -> OutputRecord {
    OutputRecord {
        folder: output.folder.as_deref().map(absolute),
        keep_tree: output.keep_tree,
        names: output.names.clone(),
        conflict: output.conflict,
        archive: None,
    }
}

pub(super) fn archive_record(archive: &Packing, output: &OutputSettings) -> ArchiveRecord {
    ArchiveRecord { scratch: absolute(archive.scratch()), shard_bytes: output.shard_bytes }
}

/// The folders below which all results of these jobs lie.
pub(super) fn roots(jobs: &[Job]) -> BTreeSet<&Path> {
    jobs.iter().flat_map(|job| &job.targets).map(|target| &*target.root).collect()
}

/// The records of pictures, as their sources are now.
pub(super) fn job_records(jobs: &[Job], recipe: &Recipe) -> impl Iterator<Item = JobRecord> {
    let mut hashes = OutputHashes::new(recipe);
    jobs.iter().map(move |job| job_record(job, &mut hashes))
}

/// The folders that have to be made for these jobs, each after the one that it lies in.
pub(super) fn new_folders(jobs: &[Job]) -> BTreeSet<PathBuf> {
    let wanted: BTreeSet<&Path> = jobs.iter().flat_map(Job::folders).collect();
    let mut new = BTreeSet::new();
    for folder in wanted {
        let missing = folder.ancestors().take_while(|folder| !folder.as_os_str().is_empty() && !folder.exists());
        // What lies in a folder that was found before has been found with it.
        for folder in missing {
            if !new.insert(folder.to_path_buf()) {
                break;
            }
        }
    }
    new
}

/// Hashes of the outputs of a recipe: most pictures have the same.
pub(super) struct OutputHashes<'a> {
    recipe: &'a Recipe,
    plain: Vec<String>,
    /// By what is different for a picture, in words.
    others: HashMap<String, Vec<String>>,
    /// The outputs' names.
    names: Vec<String>,
    /// Whether a text of the recipe says of each picture what differs from another place in the batch.
    has_tokens: bool,
}

impl<'a> OutputHashes<'a> {
    pub fn new(recipe: &'a Recipe) -> Self {
        let outputs = recipe.all_outputs();
        let plain = outputs.iter().map(|output| recipe_hash::of_output(recipe, output, "")).collect();
        let names = outputs.iter().map(|output| output.name.clone()).collect();
        let has_tokens = recipe.steps().any(|step| step.enabled && step.params.has_tokens());
        Self { recipe, plain, others: HashMap::new(), names, has_tokens }
    }

    /// Those for a picture, one for each output of the recipe.
    pub fn of(&mut self, job: &Job) -> &[String] {
        let number = self.has_tokens.then(|| format!("number {}", job.number));
        let different = job.overrides.as_ref().map(ToString::to_string).into_iter().chain(number);
        let different = different.collect::<Vec<_>>().join("; ");
        if different.is_empty() {
            return &self.plain;
        }
        let recipe = self.recipe;
        self.others.entry(different).or_insert_with_key(|different| {
            recipe.all_outputs().iter().map(|output| recipe_hash::of_output(recipe, output, different)).collect()
        })
    }
}

fn job_record(job: &Job, hashes: &mut OutputHashes<'_>) -> JobRecord {
    let names = hashes.names.clone();
    let outputs = names.into_iter().zip(hashes.of(job));
    let targets = job.targets.iter().zip(outputs);
    let targets = targets.map(|(target, (name, hash))| target_record(target, name, hash)).collect();
    let source = job.source.absolute();
    JobRecord {
        job: job.number,
        source: source.name().into(),
        in_memory: source.held().is_some(),
        file: source.place().and_then(file_record),
        origin: Some(source.saved()).filter(|_| source.path().is_none() && source.held().is_none()),
        overrides: job.overrides.as_deref().copied(),
        targets,
        notes: job.notes.clone(),
        skip: job.skip.clone(),
    }
}

fn target_record(target: &Target, output: String, hash: &str) -> TargetRecord {
    TargetRecord {
        output,
        root: absolute(&target.root),
        folder: absolute(&target.folder),
        stem: target.stem.as_os_str().into(),
        suffix: target.suffix.clone(),
        extension: target.extension.as_os_str().into(),
        action: target.action.clone(),
        size: target.size,
        recipe_hash: hash.to_owned(),
    }
}

/// A source as a run knew it.
#[derive(Debug, Clone, Default)]
pub(super) struct SourceBefore {
    /// The file that it was read from, when the run was planned.
    pub file: Option<FileRecord>,
    /// Hash of its content as it was read.
    pub hash: Option<String>,
}

impl SourceBefore {
    /// Whether it still is as it was: by size and time of its file, or if that says nothing by its content. A file in an
    /// archive can be the same in another archive, and a server that is asked whether it has something new need not send
    /// it again.
    pub fn is_as(&self, now: &Source) -> bool {
        let file = now.place().and_then(file_record);
        if let (Some(before), Some(now)) = (self.file, file)
            && now.is_as(&before)
        {
            return true;
        }
        now.path().is_none() && self.hash.is_some() && content_hash(now) == self.hash
    }
}

/// The file as it is now; `None` if it cannot be looked at.
pub(super) fn file_record(path: &Path) -> Option<FileRecord> {
    Some(FileRecord::of(&fs::metadata(path).ok()?))
}

impl FileRecord {
    /// What the system says of a file.
    pub fn of(meta: &fs::Metadata) -> Self {
        let modified = meta.modified().ok().and_then(|time| {
            let since = match time.duration_since(UNIX_EPOCH) {
                Ok(after) => i64::try_from(after.as_nanos()).ok()?,
                Err(before) => -i64::try_from(before.duration().as_nanos()).ok()?,
            };
            Some(since)
        });
        #[cfg(unix)]
        let identity = {
            use std::os::unix::fs::MetadataExt;
            Some((meta.dev(), meta.ino()))
        };
        #[cfg(not(unix))]
        let identity = None;
        Self { bytes: meta.len(), modified, identity }
    }

    /// Whether a file that is like this now is as it was: its size and time of modification are the same.
    pub fn is_as(&self, before: &Self) -> bool {
        (self.bytes, self.modified) == (before.bytes, before.modified)
    }
}

impl TargetRecord {
    /// The target again.
    pub(super) fn to_target(&self) -> Target {
        Target {
            root: self.root.to_path().into(),
            folder: self.folder.to_path(),
            stem: self.stem.to_os_string(),
            number: 1,
            suffix: self.suffix.clone(),
            extension: self.extension.to_os_string(),
            action: self.action.clone(),
            size: self.size,
        }
    }
}

impl JobRecord {
    /// The job again, at this place of a batch.
    pub(super) fn to_job(&self, index: usize) -> Job {
        Job {
            number: self.job,
            targets: self.targets.iter().map(TargetRecord::to_target).collect(),
            overrides: self.overrides.as_ref().and_then(lightloom_recipe::Overrides::shared),
            notes: self.notes.clone(),
            skip: self.skip.clone(),
            ..Job::new(index, self.to_source())
        }
    }

    /// The source again. That of a picture that was in memory is a file, which is not there.
    pub fn to_source(&self) -> Source {
        let gone = |_| Err(std::io::ErrorKind::NotFound.into());
        let saved = self.origin.as_ref().and_then(|origin| origin.to_source(gone).ok());
        saved.unwrap_or_else(|| Source::File(self.source_path()))
    }

    /// What its source is called; if that is a file, its path.
    pub fn source_path(&self) -> PathBuf {
        self.source.to_path()
    }
}
