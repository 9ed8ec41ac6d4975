//! Ready experiments: each idea of multithreading and multiprocessing as something that happens and is measured here.
//!
//! An experiment is one function in one of the files beside and one row of [`EXPERIMENTS`].

mod counting;
mod limits;
mod workers;

use std::path::PathBuf;
use std::time::Duration;

use serde::Serialize;

use super::{Comparison, LabEvent, MeasureError, Results, Row, Study};
use lightloom_batch::{Executor, Settings, SlowSource, SourceEntry, logical_cores};
use lightloom_filter::FilterError;
use lightloom_recipe::{FormatChoice, Recipe, Step};

/// Every experiment, in the order in which they build on each other.
pub static EXPERIMENTS: &[&Experiment] = &[
    &workers::WAITING,
    &workers::COMPUTING,
    &workers::BOTH,
    &workers::ONE_LOCK,
    &workers::TOO_MANY,
    &limits::QUEUE,
    &limits::MEMORY,
    &workers::PROCESSES,
    &counting::LOST_UPDATES,
];

/// An experiment as data.
pub struct Experiment {
    /// Name on the command line.
    pub id: &'static str,
    /// Name that a person reads.
    pub title: &'static str,
    /// What is done and what to look for, in two sentences.
    pub text: &'static str,
    /// Whether it needs pictures.
    pub needs_pictures: bool,
    run: fn(&Bench, &mut Watch<'_>) -> Result<Findings, MeasureError>,
}

impl std::fmt::Debug for Experiment {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Experiment({})", self.id)
    }
}

type Watch<'a> = dyn FnMut(LabEvent<'_>) + 'a;

/// What an experiment works with.
#[derive(Debug, Clone, Default)]
pub struct Bench {
    /// Pictures; a few are enough, more than are needed are left out.
    pub sources: Vec<SourceEntry>,
    /// Results are written into a folder in here, which is removed afterwards.
    pub folder: PathBuf,
    /// Runs of each choice; 3 or more for a sentence.
    pub repeats: usize,
    /// Limits and worker program of the runs; everything else is the experiment's.
    pub settings: Settings,
}

/// A measured figure.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Bar {
    /// What it belongs to.
    pub label: String,
    /// The median.
    pub value: f64,
    /// The smallest and the largest of the runs.
    pub range: (f64, f64),
    /// Unit; bars of one unit are drawn on one scale.
    pub unit: &'static str,
}

/// What came out.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Findings {
    /// The figures.
    pub bars: Vec<Bar>,
    /// What they show, with a number; or that they show nothing.
    pub sentence: String,
    /// What of it was simulated.
    pub simulated: Option<String>,
}

impl Experiment {
    /// Runs it. `watch` gets an event for each run; stopping a run stops the experiment.
    ///
    /// # Errors
    /// As [`Study::measure`].
    pub fn run(&self, bench: &Bench, watch: &mut Watch<'_>) -> Result<Findings, MeasureError> {
        (self.run)(bench, watch)
    }
}

/// The experiment with this id.
pub fn find_experiment(id: &str) -> Option<&'static Experiment> {
    EXPERIMENTS.iter().copied().find(|e| e.id == id)
}

/// How long an experiment may add rounds.
const PATIENCE: Duration = Duration::from_secs(20);

/// Pictures on a network drive, as experiments simulate it.
const SLOW: SlowSource = SlowSource { latency_ms: 40, mib_per_sec: None };

/// A recipe that takes a few milliseconds per picture.
const LITTLE: &[&str] = &["resize:width=64,height=64"];

/// A recipe that keeps a core busy.
const MUCH: &[&str] = &["resize:width=1000,height=1000", "gaussian_blur:sigma=6", "unsharp_mask"];

/// A recipe between the two.
const SOME: &[&str] = &["resize:width=500,height=500", "unsharp_mask"];

/// At least two, so that a machine with one core shows what more workers do there.
fn cores() -> usize {
    logical_cores().max(2)
}

fn recipe(filters: &[&str]) -> Result<Recipe, FilterError> {
    let filters = filters.iter().map(|filter| Step::parse(filter)).collect::<Result<_, _>>()?;
    let mut recipe = Recipe { filters, ..Recipe::default() };
    recipe.export.format = FormatChoice::from_id("jpeg").unwrap_or(FormatChoice::Same);
    Ok(recipe)
}

impl Bench {
    fn choice(&self, executor: &'static Executor, io_threads: usize, cores: usize) -> Settings {
        let Settings { limits, worker_program, .. } = self.settings.clone();
        Settings { executor, io_threads, cores, limits, worker_program, ..Settings::default() }
    }

    /// Measures `choices` on `count` pictures, the same ones again where there are fewer.
    fn measure(
        &self,
        count: usize,
        filters: &[&str],
        choices: &[Settings],
        watch: &mut Watch<'_>,
    ) -> Result<Outcome, MeasureError> {
        let recipe = recipe(filters).map_err(|_| MeasureError::Nothing("the experiment's recipe is not known"))?;
        let count = if self.sources.is_empty() { 0 } else { count };
        let study = Study {
            sources: self.sources.iter().cycle().take(count).cloned().collect(),
            recipe,
            choices: choices.to_vec(),
            repeats: self.repeats,
            patience: if self.repeats > 2 { PATIENCE } else { Duration::ZERO },
            folder: self.folder.clone(),
            ..Study::default()
        };
        let results = study.measure(watch)?;
        Ok(Outcome { comparison: results.comparison(), results })
    }
}

/// Results that findings are made from.
struct Outcome {
    results: Results,
    comparison: Comparison,
}

impl Outcome {
    fn row(&self, settings: &Settings) -> Option<&Row> {
        self.comparison.rows.iter().find(|row| row.settings == *settings)
    }

    /// Pictures per second of every row.
    fn speeds(&self, label: impl Fn(&Row) -> String) -> Vec<Bar> {
        let images = self.results.images as f64;
        let bar = |row: &Row| Bar {
            label: label(row),
            value: row.images_per_sec,
            range: (images / row.wall_max_secs.max(1e-9), images / row.wall_min_secs.max(1e-9)),
            unit: "images/s",
        };
        self.comparison.rows.iter().map(bar).collect()
    }

    /// Memory of every row.
    fn memory(&self, label: impl Fn(&Row) -> String, bytes: impl Fn(&Row) -> u64) -> Vec<Bar> {
        let mib = |row: &Row| bytes(row) as f64 / 1_048_576.0;
        let bar = |row: &Row| Bar { label: label(row), value: mib(row), range: (mib(row), mib(row)), unit: "MiB" };
        self.comparison.rows.iter().map(bar).collect()
    }

    /// How two choices compare, in a sentence.
    fn contrast(&self, one: &Settings, other: &Settings) -> String {
        let (Some(one), Some(other)) = (self.row(one), self.row(other)) else {
            return "It was stopped, or the pictures failed, before there was something to compare.".to_owned();
        };
        let ratio = |slow: &Row, fast: &Row| slow.wall_secs / fast.wall_secs.max(1e-9);
        if self.comparison.rows.iter().any(|row| row.runs < 2) {
            "Measured once each, which shows nothing for certain.".to_owned()
        } else if self.comparison.is_slower(other, one) {
            format!("“{}” is {:.1} times as fast as “{}”.", one.title, ratio(other, one), other.title)
        } else if self.comparison.is_slower(one, other) {
            format!("“{}” is {:.1} times as fast as “{}”.", other.title, ratio(one, other), one.title)
        } else {
            format!("“{}” and “{}” do not differ by more than their runs do.", one.title, other.title)
        }
    }

    fn findings(&self, sentence: String, simulated: Option<String>) -> Findings {
        Findings { bars: self.speeds(|row| row.title.clone()), sentence, simulated }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_recipes_of_the_experiments_exist_and_ids_are_distinct() {
        for filters in [LITTLE, SOME, MUCH] {
            assert_eq!(recipe(filters).unwrap().filters.len(), filters.len());
        }
        for experiment in EXPERIMENTS {
            assert!(std::ptr::eq(find_experiment(experiment.id).unwrap(), *experiment));
            let sentences = experiment.text.matches(['.', '?']).count();
            assert_eq!(sentences, 2, "{}: {}", experiment.id, experiment.text);
        }
    }

    #[test]
    fn without_pictures_an_experiment_says_so() {
        let bench = Bench { repeats: 1, folder: std::env::temp_dir(), ..Bench::default() };
        for experiment in EXPERIMENTS.iter().filter(|e| e.needs_pictures) {
            assert!(experiment.run(&bench, &mut |_| {}).unwrap_err().to_string().contains("no pictures"));
        }
    }
}
