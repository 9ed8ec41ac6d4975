//! Measures choices of workers on a person's own pictures: the same jobs by each, several times, in interleaved order.

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use thiserror::Error;

use super::{Results, RunRecord};
use lightloom_batch::{
    Batch, Event, Job, OutputSettings, OverridesBySource, ResultSettings, Running, Settings, SourceEntry, StartError,
    plan_jobs, set_overrides, start,
};
use lightloom_param::shown;
use lightloom_recipe::Recipe;

/// Why a measurement has no result.
#[derive(Debug, Error)]
pub enum MeasureError {
    /// A run could not begin.
    #[error(transparent)]
    Start(#[from] StartError),
    /// There is nothing to measure.
    #[error("{0}")]
    Nothing(&'static str),
    /// Results of the runs cannot be written.
    #[error("no temporary folder could be made in {folder}: {reason}")]
    Folder {
        /// Where it was tried.
        folder: String,
        /// Why not.
        reason: String,
    },
}

/// What is to be measured.
#[derive(Debug, Clone, Default)]
pub struct Study {
    /// All pictures of the batch.
    pub sources: Vec<SourceEntry>,
    /// At most so many of them are measured, spread evenly; `None` for all.
    pub sample: Option<usize>,
    /// What is done to each.
    pub recipe: Recipe,
    /// What is different for single pictures.
    pub overrides: Arc<OverridesBySource>,
    /// The choices that are compared.
    pub choices: Vec<Settings>,
    /// Runs of each choice, after a warm-up run of the first.
    pub repeats: usize,
    /// Results are written into a folder in here, which is removed afterwards.
    pub folder: PathBuf,
}

/// What happens during a measurement.
pub enum LabEvent<'a> {
    /// A run is about to begin, once the watcher returns: time to show it, so that nothing has to be drawn meanwhile.
    Next {
        /// With which choice.
        settings: &'a Settings,
        /// Runs before this one, the warm-up included.
        done: usize,
        /// All runs.
        total: usize,
    },
    /// It has begun. Whoever stops it stops the measurement.
    Begun(&'a Running),
    /// A run has ended; the warm-up is not reported.
    Ended(&'a RunRecord),
}

impl Study {
    /// At most `count` of `sources`, spread evenly over them.
    pub fn sample(sources: &[SourceEntry], count: usize) -> Vec<SourceEntry> {
        spread(sources.len(), Some(count)).map(|index| sources[index].clone()).collect()
    }

    /// The pictures that are measured.
    fn measured(&self) -> impl Iterator<Item = &SourceEntry> {
        spread(self.sources.len(), self.sample).filter_map(|index| self.sources.get(index))
    }

    /// The same work as an export's: each picture keeps its name, its number in the batch and what is different for it.
    pub(super) fn jobs(&self, folder: &Path) -> Vec<Job> {
        let output = OutputSettings { folder: Some(folder.to_path_buf()), ..OutputSettings::default() };
        // a name depends on all pictures before it, measured or not
        let all = plan_jobs(&self.sources, &self.recipe, &output);
        let mut wanted = spread(all.len(), self.sample).peekable();
        let measured = all.into_iter().enumerate().filter(|(index, _)| wanted.next_if_eq(index).is_some());
        let mut jobs: Vec<Job> = measured.enumerate().map(|(index, (_, job))| Job { index, ..job }).collect();
        set_overrides(&mut jobs, &self.overrides);
        jobs
    }

    /// Runs every choice, taking turns. A measurement that is stopped keeps the runs that had ended.
    ///
    /// # Errors
    /// If there is nothing to measure, a run cannot start, or `folder` cannot be written to.
    pub fn measure(&self, watch: &mut dyn FnMut(LabEvent<'_>)) -> Result<Results, MeasureError> {
        if self.sources.is_empty() {
            return Err(MeasureError::Nothing("there are no pictures to measure with; add some first"));
        }
        let Some(first) = self.choices.first() else {
            return Err(MeasureError::Nothing("nothing is chosen to be measured; choose at least one executor"));
        };
        remove_leftovers(&self.folder);
        let bytes = self.measured().filter_map(|entry| entry.source.length()).sum();
        let mut results = Results::new(self.measured().count(), bytes, self.recipe.to_toml());
        // The warm-up fills the file cache and the allocator, so that the first choice does not pay for all.
        let turns = std::iter::once(first).chain((0..self.repeats).flat_map(|_| &self.choices));
        let total = 1 + self.repeats * self.choices.len();
        for (done, settings) in turns.enumerate() {
            watch(LabEvent::Next { settings, done, total });
            let (record, skipped) = self.run(settings, &mut |running| watch(LabEvent::Begun(running)))?;
            if skipped {
                results.interrupted = true;
                break;
            }
            if done > 0 {
                watch(LabEvent::Ended(&record));
                results.runs.push(record);
            }
        }
        Ok(results)
    }

    /// One run, and whether it was stopped.
    fn run(&self, settings: &Settings, begun: &mut dyn FnMut(&Running)) -> Result<(RunRecord, bool), MeasureError> {
        let folder = tempfile::Builder::new()
            .prefix(TEMPORARY)
            .tempdir_in(&self.folder)
            .map_err(|e| MeasureError::Folder { folder: shown(&self.folder).into_owned(), reason: e.to_string() })?;
        let batch = Batch {
            jobs: self.jobs(folder.path()),
            recipe: self.recipe.clone(),
            results: ResultSettings::default(),
            settings: settings.clone(),
        };
        let running = start(batch, Arc::new(|_: Event| {}))?;
        begun(&running);
        let control = Arc::clone(running.control());
        let totals = running.wait().totals;
        let output_hash = (!control.is_stopped()).then(|| hash_of(folder.path()));
        Ok((RunRecord { settings: settings.clone(), totals, output_hash }, control.is_stopped()))
    }
}

/// At most `count` of the indices below `all`, spread evenly over them.
fn spread(all: usize, count: Option<usize>) -> impl Iterator<Item = usize> {
    let count = count.unwrap_or(all).min(all);
    (0..count).map(move |i| i * all / count)
}

/// Folders of measurements begin so; nobody else's do.
pub(super) const TEMPORARY: &str = ".lightloom-lab-";

/// Removes what a measurement that was killed left in `folder`. One that goes on writes at least once an hour.
fn remove_leftovers(folder: &Path) {
    for entry in fs::read_dir(folder).into_iter().flatten().flatten() {
        let age = entry.metadata().and_then(|m| m.modified()).map(|t| t.elapsed().unwrap_or_default());
        let is_old = age.is_ok_and(|age| age.as_secs() > 3600);
        if is_old && entry.file_name().to_string_lossy().starts_with(TEMPORARY) {
            let _ = fs::remove_dir_all(entry.path());
        }
    }
}

/// All files below `root` with their names, as one number. What cannot be read counts as empty, which no whole result is.
fn hash_of(root: &Path) -> String {
    let files = walkdir::WalkDir::new(root).sort_by_file_name().into_iter().flatten();
    let mut all = blake3::Hasher::new();
    for file in files.filter(|entry| entry.file_type().is_file()) {
        let name = file.path().strip_prefix(root).unwrap_or(file.path());
        all.update(blake3::hash(name.as_os_str().as_encoded_bytes()).as_bytes());
        all.update(blake3::hash(&fs::read(file.path()).unwrap_or_default()).as_bytes());
    }
    all.finalize().to_hex().to_string()
}

#[cfg(test)]
mod tests {
    use super::*;
    use lightloom_recipe::{Overrides, Turn};

    #[test]
    fn a_sample_is_spread_over_all() {
        let sources: Vec<SourceEntry> = (0..10).map(|i| format!("{i}").as_str().into()).collect();
        let names = |count| -> Vec<String> {
            Study::sample(&sources, count).iter().map(|entry| entry.source.to_string()).collect()
        };
        assert_eq!(names(3), ["0", "3", "6"]);
        assert_eq!(names(99).len(), 10);
        assert!(Study::sample(&[], 3).is_empty());
    }

    #[test]
    fn a_measured_picture_is_what_it_is_in_an_export() {
        let sources: Vec<SourceEntry> = (0..10).map(|i| format!("/p/{i}").as_str().into()).collect();
        let own = Overrides { rotate: Turn::Right, ..Overrides::default() };
        let overrides: OverridesBySource = [("/p/3".into(), own), ("/p/4".into(), own)].into();
        let study = Study { sources: sources.clone(), overrides: Arc::new(overrides), ..Study::default() };
        let jobs = |sample| {
            let jobs = Study { sample, ..study.clone() }.jobs(Path::new("/out"));
            jobs.iter().map(|j| (j.index, j.number, j.overrides.is_some())).collect::<Vec<_>>()
        };
        assert_eq!(jobs(Some(3)), [(0, 1, false), (1, 4, true), (2, 7, false)]);
        assert_eq!(jobs(Some(99)), jobs(None));
        let mut exported = plan_jobs(
            &sources,
            &study.recipe,
            &OutputSettings { folder: Some("/out".into()), ..OutputSettings::default() },
        );
        set_overrides(&mut exported, &study.overrides);
        assert_eq!(study.jobs(Path::new("/out")), exported);

        // the second of a name is the second, whether the first is measured or not
        let sources = ["/p/a.png", "/p/b.png", "/q/b.png"].map(SourceEntry::from);
        let output = OutputSettings { folder: Some("/out".into()), ..OutputSettings::default() };
        let exported = plan_jobs(&sources, &study.recipe, &output);
        let of_the_last = |sources: &[SourceEntry]| {
            let study = Study { sources: sources.to_vec(), sample: Some(2), ..study.clone() };
            study.jobs(Path::new("/out")).pop().unwrap().targets
        };
        assert_eq!(of_the_last(&[sources.as_slice(), &sources[..1]].concat()), exported[2].targets);
        assert_eq!(exported[2].targets[0].stem, "b-2");
    }

    #[test]
    fn nothing_to_measure_is_an_error_that_says_so() {
        let study =
            Study { choices: vec![Settings::default()], repeats: 3, folder: std::env::temp_dir(), ..Study::default() };
        assert!(study.measure(&mut |_| {}).unwrap_err().to_string().contains("no pictures"));
        let study = Study { sources: vec!["x".into()], choices: Vec::new(), ..study };
        assert!(study.measure(&mut |_| {}).unwrap_err().to_string().contains("nothing is chosen"));
    }

    #[test]
    #[cfg(unix)]
    fn only_old_leftovers_of_ours_are_removed() {
        let dir = tempfile::tempdir().unwrap();
        let old = std::time::SystemTime::now() - std::time::Duration::from_secs(7200);
        for name in [".lightloom-lab-old", ".lightloom-lab-new", "holiday"] {
            let folder = dir.path().join(name);
            fs::create_dir(&folder).unwrap();
            fs::write(folder.join("a.png"), "x").unwrap();
            if !name.contains("new") {
                fs::File::open(&folder).unwrap().set_modified(old).unwrap();
            }
        }
        remove_leftovers(dir.path());
        let mut left: Vec<_> = fs::read_dir(dir.path()).unwrap().map(|e| e.unwrap().file_name()).collect();
        left.sort();
        assert_eq!(left, [".lightloom-lab-new", "holiday"]);
    }

    #[test]
    fn the_hash_sees_names_and_bytes() {
        let hash = |files: &[(&str, &str)]| {
            let dir = tempfile::tempdir().unwrap();
            for (name, text) in files {
                fs::write(dir.path().join(name), text).unwrap();
            }
            hash_of(dir.path())
        };
        let one = hash(&[("a", "1"), ("b", "2")]);
        assert_eq!(hash(&[("b", "2"), ("a", "1")]), one);
        assert_ne!(hash(&[("a", "2"), ("b", "1")]), one);
        assert_ne!(hash(&[("a", "12")]), one);
    }
}
