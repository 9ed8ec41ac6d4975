//! Does again only what changed: pictures whose source, recipe or result differs from an earlier run.

use std::collections::{HashMap, HashSet};
use std::path::{Path, PathBuf};
use std::sync::atomic::AtomicUsize;

use super::History;
use super::begin::{OutputHashes, SourceBefore, roots};
use super::content::{Content, Expected, in_parallel};
use super::record::{JobRecord, ResultRecord, TargetRecord};
use super::store::pointers;
use lightloom_batch::{Action, Job, OutputState, Source, Target};
use lightloom_recipe::Recipe;

/// Earlier runs that are looked at for each folder with results.
const RUNS: usize = 32;

/// What the last run that made a result of a picture says of it.
#[derive(Debug)]
pub(super) struct Earlier {
    run: String,
    target: TargetRecord,
    /// The source as it was.
    source: SourceBefore,
    /// One, or of files with several pictures several.
    results: Vec<ResultRecord>,
}

/// By the source and the name of the output.
pub(super) type ByPicture = HashMap<(PathBuf, String), Earlier>;

/// Has targets skipped whose result is there as an earlier run made it from the same source by the same recipe. Where
/// something differs the earlier result is replaced, as long as nobody changed it. Pictures are counted in `looked_at`.
pub fn only_changed(jobs: &mut [Job], recipe: &Recipe, looked_at: &AtomicUsize) {
    apply(&earlier_in(roots(jobs)), jobs, recipe, looked_at);
}

/// As [`only_changed`], given what earlier runs say.
pub(super) fn apply(earlier: &ByPicture, jobs: &mut [Job], recipe: &Recipe, looked_at: &AtomicUsize) {
    let outputs = recipe.all_outputs();
    let mut hashes = OutputHashes::new(recipe);
    let hashes: Vec<Vec<String>> = jobs.iter().map(|job| hashes.of(job).to_vec()).collect();
    let with_hashes: Vec<(&Job, &Vec<String>)> = jobs.iter().zip(&hashes).collect();
    let found: Vec<Vec<Option<Found>>> = in_parallel(&with_hashes, looked_at, |(job, hashes)| {
        let source = job.source.absolute().name().to_path_buf();
        let of_output = |(name, hash): (&String, &String)| {
            let earlier = earlier.get(&(source.clone(), name.clone()))?;
            Some(earlier.found(&job.source, hash))
        };
        outputs.iter().map(|output| &output.name).zip(hashes.iter()).map(of_output).collect()
    });
    let mut claimed: HashSet<PathBuf> = jobs.iter().flat_map(|job| &job.targets).map(path_of).collect();
    for (job, found) in jobs.iter_mut().zip(found) {
        for (target, found) in job.targets.iter_mut().zip(found) {
            match found {
                None => {}
                Some(Found::Unchanged(reason)) => target.action = Action::Skip(reason),
                // Two pictures never share a target, whatever earlier runs said.
                Some(Found::Ours(earlier, action))
                    if path_of(&earlier) == path_of(target) || claimed.insert(path_of(&earlier)) =>
                {
                    *target = Target { action, ..earlier };
                }
                Some(Found::Ours(..)) => {}
                Some(Found::Edited(path)) => job.notes.push(format!(
                    "its earlier result was changed since and is kept: {}",
                    lightloom_param::shown(&path)
                )),
            }
        }
    }
}

/// What is found of an earlier result.
enum Found {
    /// All is as it was, and how that is said.
    Unchanged(String),
    /// It is to be made again in its place.
    Ours(Target, Action),
    /// Someone changed it.
    Edited(PathBuf),
}

impl Earlier {
    fn found(&self, source: &Source, hash: &str) -> Found {
        let target = self.target.to_target();
        let looked = self.results.iter().map(|result| {
            let path = result.path.to_path();
            let content = Expected { path: &path, bytes: result.bytes, hash: &result.hash }.look();
            (path, content)
        });
        let looked: Vec<_> = looked.collect();
        if let Some((path, _)) =
            looked.iter().find(|(_, content)| matches!(content, Content::Changed | Content::Unreadable))
        {
            return Found::Edited(path.clone());
        }
        let is_there = looked.iter().all(|(_, content)| *content == Content::Same);
        if is_there && self.target.recipe_hash == hash && self.source.is_as(source) {
            return Found::Unchanged(format!("nothing has changed since the run {}", self.run));
        }
        Found::Ours(target, if is_there { Action::Replace } else { Action::Create })
    }
}

/// What earlier runs into these folders say.
pub(super) fn earlier_in<'a>(roots: impl IntoIterator<Item = &'a Path>) -> ByPicture {
    let mut earlier = ByPicture::new();
    let mut seen = HashSet::new();
    for pointer in roots.into_iter().flat_map(|root| pointers(root).into_iter().rev().take(RUNS)) {
        if !seen.insert(pointer.run.clone()) {
            continue;
        }
        let Ok(history) = History::read(&pointer.journal.to_path()) else { continue };
        if history.undone.is_none() {
            add(&mut earlier, &history);
        }
    }
    earlier
}

/// Adds what a run says where no newer one has said something.
fn add(earlier: &mut ByPicture, history: &History) {
    for finished in history.finished.values() {
        if let Some(job) = history.jobs.get(&finished.job) {
            let source_hash = finished.source_hash.as_deref();
            add_picture(earlier, history.id(), job, source_hash, &finished.outputs, Said::Before);
        }
    }
}

/// When a run says something of a picture.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Said {
    /// It is read from a journal, those of newer runs first.
    Before,
    /// It happened just now.
    Now,
}

/// Adds what a run says of a picture, unless a newer run has said something.
pub(super) fn add_picture(
    earlier: &mut ByPicture,
    run: &str,
    job: &JobRecord,
    source_hash: Option<&str>,
    results: &[ResultRecord],
    said: Said,
) {
    // Names begin with the time in seconds.
    let is_newer = |other: &Earlier| other.run != run && other.run.get(..15) >= run.get(..15);
    for target in &job.targets {
        let of_target = |result: &&ResultRecord| result.name == target.output && result.state != OutputState::Kept;
        let results: Vec<ResultRecord> = results.iter().filter(of_target).cloned().collect();
        let key = (job.source_path(), target.output.clone());
        if results.is_empty() || (said == Said::Before && earlier.get(&key).is_some_and(is_newer)) {
            continue;
        }
        let source = SourceBefore { file: job.file, hash: source_hash.map(str::to_owned) };
        earlier.insert(key, Earlier { run: run.to_owned(), target: target.clone(), source, results });
    }
}

fn path_of(target: &Target) -> PathBuf {
    absolute(&target.folder.join(target.file_name()))
}

fn absolute(path: &Path) -> PathBuf {
    std::path::absolute(path).unwrap_or_else(|_| path.to_path_buf())
}
