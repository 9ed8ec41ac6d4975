//! Measures choices of workers on a person's own pictures: the same jobs by each, in rounds of random order, until the
//! answer is clear or the time is spent.

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use thiserror::Error;

use super::conditions::Observer;
use super::inference::{MOST_ROUNDS, next_look};
use super::{Results, RunRecord, cache, order};
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
    /// The pictures cannot be taken out of the file cache.
    #[error("the files cannot be taken out of the file cache, so a cold start cannot be measured: {0}")]
    Cache(String),
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
    /// Rounds, each with a run of every choice, that are made in any case after a warm-up run of the first choice.
    pub repeats: usize,
    /// Further rounds are added until the answer is clear, or so much time has passed since the beginning.
    pub patience: Duration,
    /// Whether the files are taken out of the file cache before each run.
    pub cold: bool,
    /// Decides the order of the choices within each round; `None` for another order each time.
    pub seed: Option<u64>,
    /// Results are written into a folder in here, which is removed afterwards; [`target_folder`] finds one.
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
        /// All runs that are certain so far.
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
        let mut results = self.empty_results();
        let begun = Instant::now();
        // The warm-up fills the file cache and the allocator, so that the first choice does not pay for all.
        let mut planned = self.repeats;
        let total = |planned: usize| 1 + planned * self.choices.len();
        watch(LabEvent::Next { settings: first, done: 0, total: total(planned) });
        results.interrupted = self.run(first, &mut |running| watch(LabEvent::Begun(running)))?.is_none();
        let rounds_begun = Instant::now();
        for round in 0.. {
            if round == planned {
                let round_secs = rounds_begun.elapsed().as_secs_f64() / (round.max(1)) as f64;
                let left = self.patience.saturating_sub(begun.elapsed()).as_secs_f64();
                planned += self.further_rounds(&results, round, (left / round_secs.max(1e-9)) as usize);
            }
            if round == planned || results.interrupted {
                break;
            }
            for (place, choice) in order::shuffled(self.choices.len(), results.seed, round).into_iter().enumerate() {
                let settings = &self.choices[choice];
                let done = 1 + round * self.choices.len() + place;
                watch(LabEvent::Next { settings, done, total: total(planned) });
                let Some(record) = self.run(settings, &mut |running| watch(LabEvent::Begun(running)))? else {
                    results.interrupted = true;
                    break;
                };
                let record = RunRecord { round: Some(round), ..record };
                watch(LabEvent::Ended(&record));
                results.runs.push(record);
            }
        }
        results.warm_cache = results.comparison().circumstances.cached.map(|share| share > 0.95);
        Ok(results)
    }

    fn empty_results(&self) -> Results {
        let bytes = self.measured().filter_map(|entry| entry.source.length()).sum();
        let clock = || SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |since| since.as_nanos() as u64);
        Results {
            seed: self.seed.unwrap_or_else(clock),
            cold: self.cold,
            target: shown(&self.folder).into_owned(),
            ..Results::new(self.measured().count(), bytes, self.recipe.to_toml())
        }
    }

    /// How many rounds are added after `round` of them, if `most` more are affordable: as many as lead to the next look at
    /// the results, and none where the answer is clear.
    fn further_rounds(&self, results: &Results, round: usize, most: usize) -> usize {
        if self.choices.len() < 2 || round >= MOST_ROUNDS || most == 0 {
            return 0;
        }
        let comparison = results.comparison();
        if comparison.is_clear() || comparison.rows.len() < 2 {
            return 0;
        }
        next_look(round + 1).map_or(0, |look| (look - round).min(most))
    }

    /// One run; `None` if it was stopped.
    fn run(&self, settings: &Settings, begun: &mut dyn FnMut(&Running)) -> Result<Option<RunRecord>, MeasureError> {
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
        let measured: Vec<&SourceEntry> = self.measured().collect();
        if self.cold {
            cache::evict(&measured).map_err(MeasureError::Cache)?;
        }
        let cached = cache::cached_share(&measured);
        let observer = Observer::begin();
        let running = start(batch, Arc::new(|_: Event| {}))?;
        begun(&running);
        let control = Arc::clone(running.control());
        let totals = running.wait().totals;
        let conditions = Some(observer.end(totals.cpu_secs, cached));
        if control.is_stopped() {
            return Ok(None);
        }
        let output_hash = Some(hash_of(folder.path()));
        Ok(Some(RunRecord { output_hash, conditions, ..RunRecord::single(settings.clone(), totals) }))
    }
}

/// A folder on the disk that results of `sources` go to, so that a measurement writes as a run does: `output` or, without
/// one, the folder of the first picture. Where neither can be written to, the system's temporary folder.
pub fn target_folder(output: Option<&Path>, sources: &[SourceEntry]) -> PathBuf {
    let beside = sources.first().and_then(|entry| entry.source.path()?.parent());
    // An output folder need not exist yet; its disk does.
    let existing = |folder: &Path| folder.ancestors().find(|folder| folder.is_dir()).map(Path::to_path_buf);
    let writable = |folder: &PathBuf| tempfile::Builder::new().prefix(TEMPORARY).tempdir_in(folder).is_ok();
    let folders = [output, beside].into_iter().flatten().filter_map(existing);
    folders.into_iter().find(writable).unwrap_or_else(std::env::temp_dir)
}

/// At most `count` of the indices below `all`, spread evenly over them.
fn spread(all: usize, count: Option<usize>) -> impl Iterator<Item = usize> {
    let count = count.unwrap_or(all).min(all);
    (0..count).map(move |i| i * all / count)
}

/// Folders of measurements begin so; nobody else's do.
pub(super) const TEMPORARY: &str = ".lightloom-lab-";

/// Removes what a measurement that was killed left in `folder`. One that goes on writes at least once an hour.
pub(super) fn remove_leftovers(folder: &Path) {
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
    fn a_measurement_writes_where_a_run_would() {
        let dir = tempfile::tempdir().unwrap();
        let source = SourceEntry::from(dir.path().join("a.png"));
        let output = dir.path().join("not/there/yet");
        assert_eq!(target_folder(Some(&output), std::slice::from_ref(&source)), dir.path());
        assert_eq!(target_folder(None, &[source]), dir.path());
        let memory = lightloom_batch::Source::memory("a.ppm", *b"P6");
        assert_eq!(target_folder(None, &[memory.into()]), std::env::temp_dir());
        assert_eq!(fs::read_dir(dir.path()).unwrap().count(), 0, "nothing stays behind");
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
        let old = SystemTime::now() - Duration::from_secs(7200);
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
