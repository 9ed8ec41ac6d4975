//! Results in archives: where they are when a journal is read, and what a new run takes over from earlier ones.
//!
//! A journal calls results as if the archive were a folder (`photos.zip/a.jpg`). Until the archive is written they wait in
//! the run's folder for that; then they are what the run wrote if the archive has its bytes.

use std::collections::{BTreeMap, HashMap};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicUsize, Ordering::Relaxed};

use super::begin::{OutputHashes, SourceBefore};
use super::content::{Content, Expected};
use super::record::{Finished, JobRecord, ResultRecord, TargetRecord};
use super::resume::report;
use super::{History, Store};
use lightloom_batch::{EarlierResults, Job, OutputSettings, PackedArchive, RESULTS_WAIT_IN, Target};
use lightloom_recipe::Recipe;

/// Earlier runs into an archive that are looked at.
const RUNS: usize = 32;

/// Where the results of a run are that may go into an archive.
pub(super) struct Places<'a> {
    history: &'a History,
    archives: Vec<(&'a Path, Content)>,
}

impl<'a> Places<'a> {
    /// Looks at the archives of a run, which takes as long as reading them.
    pub fn of(history: &'a History) -> Self {
        let archives = history.packed.iter().flatten();
        let archives = archives.map(|archive| (&*archive.path, expected(archive).look())).collect();
        Self { history, archives }
    }

    /// Looks at a result of a picture.
    pub fn look(&self, job: usize, result: &ResultRecord) -> Content {
        let path = result.path.to_path();
        if self.history.in_archives.contains(&job) {
            let archive = self.archives.iter().find(|(archive, _)| path.starts_with(archive));
            return archive.map_or(Content::Missing, |(_, content)| *content);
        }
        let waiting = self.history.waiting_place(&path);
        Expected { path: waiting.as_deref().unwrap_or(&path), bytes: result.bytes, hash: &result.hash }.look()
    }

    /// The archives that are still as the run wrote them.
    pub fn intact(&self) -> Vec<PathBuf> {
        let intact = self.archives.iter().filter(|(_, content)| *content == Content::Same);
        intact.map(|(path, _)| path.to_path_buf()).collect()
    }
}

/// An archive as a journal describes it.
pub(super) fn expected(archive: &PackedArchive) -> Expected<'_> {
    Expected { path: &archive.path, bytes: archive.bytes, hash: &archive.hash }
}

impl History {
    /// Where a result waits that goes into an archive.
    fn waiting_place(&self, path: &Path) -> Option<PathBuf> {
        let scratch = self.run.output.archive.as_ref()?.scratch.to_path();
        let below = path.strip_prefix(self.run.output.folder.as_ref()?.to_path()).ok()?;
        Some(scratch.join(RESULTS_WAIT_IN).join(below))
    }

    /// The path of a result below that of its archive.
    pub(super) fn below_archive(&self, path: &Path) -> Option<PathBuf> {
        let packed = self.packed.iter().flatten().map(|archive| archive.path.clone());
        let archives = self.run.output.folder.iter().map(super::SavedPath::to_path).chain(packed);
        archives.into_iter().find_map(|archive| Some(path.strip_prefix(archive).ok()?.to_path_buf()))
    }

    /// The same results under the name of the archive that is to be written.
    pub(super) fn renamed(&self, finished: &Finished, archive: &Path) -> Finished {
        let rename = |result: &ResultRecord| {
            let below = self.below_archive(&result.path.to_path());
            let path = below.map_or_else(|| result.path.clone(), |below| archive.join(below).as_path().into());
            ResultRecord { path, ..result.clone() }
        };
        Finished { outputs: finished.outputs.iter().map(rename).collect(), ..finished.clone() }
    }
}

impl Store {
    /// The newest journals of runs into the archive at `path`, by which name it was asked for.
    fn into_archive(&self, path: &Path) -> impl Iterator<Item = History> {
        let path = std::path::absolute(path).unwrap_or_else(|_| path.to_path_buf());
        let journals = self.runs().into_iter().map(|run| self.path(&run)).collect::<Vec<_>>().into_iter();
        let is_meant = move |journal: &PathBuf| {
            let run = History::run_of(journal).ok();
            run.is_some_and(|run| {
                run.output.archive.is_some() && run.output.folder.is_some_and(|f| f.to_path() == path)
            })
        };
        journals.filter(is_meant).take(RUNS).filter_map(|journal| History::read(&journal).ok())
    }

    /// The newest journal whose run wrote the archive at this path, or was to.
    pub(super) fn find_archive(&self, path: &Path) -> Option<PathBuf> {
        let path = std::path::absolute(path).ok()?;
        let journals = self.runs().into_iter().map(|run| self.path(&run));
        let mut of_folder = journals.filter(|journal| {
            let output = History::run_of(journal).ok().map(|run| run.output);
            let output = output.filter(|output| output.archive.is_some()).and_then(|output| output.folder);
            output.is_some_and(|folder| folder.to_path().parent() == path.parent())
        });
        of_folder.find(|journal| {
            History::read(journal).is_ok_and(|history| {
                let is_packed = history.packed.iter().flatten().any(|archive| archive.path == path);
                is_packed || history.run.output.folder.is_some_and(|folder| folder.to_path() == path)
            })
        })
    }
}

/// Has pictures skipped whose results are in the archive at `output`, as the newest run into it made them from the same
/// sources by the same recipe, and returns what is to be taken over from there. An archive that anybody changed since is
/// made anew. Pictures are counted in `looked_at`.
pub fn only_changed_in_archive(
    store: &Store,
    jobs: &mut [Job],
    output: &OutputSettings,
    recipe: &Recipe,
    looked_at: &AtomicUsize,
) -> EarlierResults {
    let nothing = EarlierResults::default();
    let Some(path) = output.folder.as_deref() else { return nothing };
    let packed = |history: &History| history.undone.is_none() && history.packed.as_ref().is_some_and(|p| !p.is_empty());
    let Some(history) = store.into_archive(path).find(packed) else { return nothing };
    let archives = Places::of(&history).intact();
    if archives.len() != history.packed.as_ref().map_or(0, Vec::len) {
        return nothing;
    }
    let known: HashMap<PathBuf, &JobRecord> = history.jobs.values().map(|job| (job.source_path(), job)).collect();
    let mut hashes = OutputHashes::new(recipe);
    let mut taken_over = BTreeMap::new();
    for job in jobs {
        looked_at.fetch_add(1, Relaxed);
        let Some(before) = known.get(job.source.absolute().name()) else { continue };
        let Some(finished) = history.finished.get(&before.job).filter(|f| !f.outputs.is_empty()) else { continue };
        let targets = before.targets.iter().zip(&job.targets);
        let is_alike = before.targets.len() == job.targets.len()
            && targets.zip(hashes.of(job)).all(|((before, now), hash)| is_same_target(before, now, hash));
        let source = SourceBefore { file: before.file, hash: finished.source_hash.clone() };
        if is_alike && source.is_as(&job.source) {
            job.skip = Some(format!("nothing has changed since the run {}", history.id()));
            taken_over.insert(job.number, report(before, &history.renamed(finished, path)));
        }
    }
    EarlierResults { pictures: taken_over, archives }
}

/// Whether a result would be called the same and depends on the same.
fn is_same_target(before: &TargetRecord, now: &Target, hash: &str) -> bool {
    let (was, is) = (before.to_target(), now);
    let folder = std::path::absolute(&is.folder).unwrap_or_else(|_| is.folder.clone());
    before.recipe_hash == hash && was.folder == folder && (was.stem, was.suffix) == (is.stem.clone(), is.suffix.clone())
}
