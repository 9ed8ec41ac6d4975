//! Measurements as a value: saved with machine, version and settings, reopened, exported.

use std::fs;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::time::{SystemTime, UNIX_EPOCH};

use etcetera::BaseStrategy;
use serde::{Deserialize, Serialize};
use thiserror::Error;

use super::{Comparison, Machine, RunRecord, Scaling};
use lightloom_batch::{EXECUTORS, Executor, Settings, read_regular};
use lightloom_param::shown;

/// Version of the saved form.
const FORMAT: u32 = 2;

/// The form of version 0.1.0, which took turns in a fixed order and did not look at what else happened on the machine.
const FIRST_FORMAT: u32 = 1;

/// Most bytes of the saved form.
const LARGEST: u64 = 256 << 20;

/// What a lab measured.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Results {
    /// Version of the saved form.
    pub format: u32,
    /// The program that measured.
    pub program: String,
    /// The name that the person gave it.
    pub name: String,
    /// Seconds since 1970 at the end of the measurement.
    pub measured_at: u64,
    /// Where it was measured.
    pub machine: Machine,
    /// Pictures in a run.
    pub images: usize,
    /// Bytes of their files.
    pub input_bytes: u64,
    /// The recipe, as TOML.
    pub recipe: String,
    /// Whether the files lay in the machine's file cache when the runs began; `None` where that is not known.
    #[serde(default)]
    pub warm_cache: Option<bool>,
    /// Whether the files were taken out of the file cache before each run.
    #[serde(default)]
    pub cold: bool,
    /// The folder that the results of the runs were written into; empty where it is not known.
    #[serde(default)]
    pub target: String,
    /// Decided the order of the choices in each round.
    #[serde(default)]
    pub seed: u64,
    /// Whether it was stopped before its end.
    pub interrupted: bool,
    /// Every finished run but the warm-up, in the order in which they ran.
    pub runs: Vec<RunRecord>,
}

/// Results with what follows from them, for export.
#[derive(Debug, Serialize)]
pub struct ResultsReport<'a> {
    /// What may be said.
    pub verdict: String,
    /// The settings to use, where there are grounds for any.
    pub recommended: Option<String>,
    /// A row per choice.
    pub comparison: Comparison,
    /// How the throughput of each executor grows.
    pub scaling: Vec<ExecutorScaling>,
    /// The results themselves.
    #[serde(flatten)]
    pub results: &'a Results,
}

/// How an executor's throughput grows with the number of workers.
#[derive(Debug, Serialize)]
pub struct ExecutorScaling {
    /// Which.
    #[serde(serialize_with = "id")]
    pub executor: &'static Executor,
    /// Its points and laws.
    #[serde(flatten)]
    pub scaling: Scaling,
}

fn id<S: serde::Serializer>(executor: &&'static Executor, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_str(executor.id)
}

/// The settings that a measurement supports.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Recommendation {
    /// What to set.
    pub settings: Settings,
    /// Why, in one sentence.
    pub reason: String,
}

/// Why saved results cannot be used.
#[derive(Debug, Error)]
pub enum SavedError {
    /// The disk refuses.
    #[error("{path}: {reason}", path = shown(path))]
    Disk {
        /// Which file or folder.
        path: PathBuf,
        /// Why.
        reason: String,
    },
    /// The file is none of ours, or damaged.
    #[error("{path} holds no results that can be read: {reason}", path = shown(path))]
    Form {
        /// Which file.
        path: PathBuf,
        /// What is wrong with it.
        reason: String,
    },
    /// Another version wrote it.
    #[error(
        "{path} was saved by another version of the program (form {found}); this one reads form {FORMAT}: measure again or use that version",
        path = shown(path)
    )]
    Version {
        /// Which file.
        path: PathBuf,
        /// The version of its form.
        found: u32,
    },
}

impl Results {
    /// Empty results of a measurement that begins here and now.
    pub fn new(images: usize, input_bytes: u64, recipe: String) -> Self {
        Self {
            format: FORMAT,
            program: concat!("lightloom ", env!("CARGO_PKG_VERSION")).to_owned(),
            name: String::new(),
            measured_at: SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |t| t.as_secs()),
            machine: Machine::here(),
            images,
            input_bytes,
            recipe,
            warm_cache: None,
            cold: false,
            target: String::new(),
            seed: 0,
            interrupted: false,
            runs: Vec::new(),
        }
    }

    /// Rows by choice.
    pub fn comparison(&self) -> Comparison {
        Comparison::of(&self.runs)
    }

    /// How the throughput of each executor that was measured grows with its workers.
    pub fn scaling(&self, comparison: &Comparison) -> Vec<ExecutorScaling> {
        let all = EXECUTORS.iter().map(|executor| ExecutorScaling { executor, scaling: comparison.scaling(executor) });
        all.filter(|entry| !entry.scaling.points.is_empty()).collect()
    }

    /// What may be said; says when the measurement was stopped, or the source simulated.
    pub fn verdict(&self) -> String {
        let failed = |run: &RunRecord| run.totals.failed > 0 && run.totals.failed == run.totals.images;
        let mut said = if !self.runs.is_empty() && self.runs.iter().all(failed) {
            "Every picture failed, so there is nothing to compare; process them to see why.".to_owned()
        } else if self.runs.is_empty() && self.interrupted {
            "Nothing has been measured.".to_owned()
        } else {
            super::verdict::sentence(&self.comparison(), &self.machine)
        };
        if let Some(slow) = self.runs.iter().find_map(|run| run.settings.slow_source) {
            said += &format!(" ({slow})");
        }
        if self.images == 1 {
            said += " One picture cannot be shared among workers; measure several.";
        }
        if self.interrupted {
            said += " The measurement was stopped before its end.";
        }
        if self.format == FIRST_FORMAT {
            said += " (Measured by an older version, which did not look at what else happened on the machine.)";
        }
        said
    }

    /// What was in the file cache, in a few words.
    pub fn cache(&self) -> String {
        let share = self.comparison().circumstances.cached.map(|share| (100.0 * share).round());
        match (self.cold, share) {
            (true, Some(share)) => {
                format!("files taken out of the file cache before each run ({share} % were left in it)")
            }
            (true, None) => "files taken out of the file cache before each run".to_owned(),
            (false, Some(share)) => format!("{share} % of the files were in the file cache"),
            (false, None) => "file cache not looked at".to_owned(),
        }
    }

    /// The settings that the runs give grounds for.
    pub fn recommendation(&self) -> Option<Recommendation> {
        let comparison = self.comparison();
        let best = super::verdict::best(&comparison, &self.machine)?;
        let settings = Settings { slow_source: None, ..best.settings.clone() };
        Some(Recommendation { settings, reason: self.verdict() })
    }

    /// One line per run, after a line of column names.
    pub fn to_csv(&self) -> String {
        super::csv::table(self)
    }

    /// The results with what follows from them.
    pub fn report(&self) -> ResultsReport<'_> {
        let comparison = self.comparison();
        ResultsReport {
            verdict: self.verdict(),
            recommended: self.recommendation().map(|found| found.settings.describe()),
            scaling: self.scaling(&comparison),
            comparison,
            results: self,
        }
    }

    /// As it is saved, as JSON.
    ///
    /// # Errors
    /// Never; the form allows it.
    pub fn to_json(&self) -> Result<String, serde_json::Error> {
        serde_json::to_string_pretty(self)
    }

    /// The folder for saved results of this person; none where the system names no home.
    pub fn folder() -> Option<PathBuf> {
        Some(etcetera::choose_base_strategy().ok()?.data_dir().join("lightloom").join("lab"))
    }

    /// The file in `folder` that results of this name are saved to.
    pub fn path(folder: &Path, name: &str) -> PathBuf {
        folder.join(format!("{}.json", file_name(name)))
    }

    /// Saves under [`Self::name`] in `folder`; an older result of that name is replaced.
    ///
    /// # Errors
    /// If the disk refuses.
    pub fn save(&self, folder: &Path) -> Result<PathBuf, SavedError> {
        let path = Self::path(folder, &self.name);
        let write = || -> std::io::Result<()> {
            fs::create_dir_all(folder)?;
            let mut file = tempfile::NamedTempFile::new_in(folder)?;
            file.write_all(self.to_json()?.as_bytes())?;
            file.as_file().sync_all()?;
            file.persist(&path)?;
            Ok(())
        };
        write().map_err(|e| SavedError::Disk { path: path.clone(), reason: e.to_string() })?;
        Ok(path)
    }

    /// Reads what [`Self::save`] wrote.
    ///
    /// # Errors
    /// If the file cannot be read, is damaged, or another version's.
    pub fn load(path: &Path) -> Result<Self, SavedError> {
        #[derive(Deserialize)]
        struct Head {
            format: u32,
        }
        let text = read_regular(path, LARGEST).map_err(|reason| SavedError::Disk { path: path.to_owned(), reason })?;
        let form = |e: serde_json::Error| SavedError::Form { path: path.to_owned(), reason: e.to_string() };
        let head: Head = serde_json::from_slice(&text).map_err(form)?;
        if ![FIRST_FORMAT, FORMAT].contains(&head.format) {
            return Err(SavedError::Version { path: path.to_owned(), found: head.format });
        }
        serde_json::from_slice(&text).map_err(form)
    }

    /// Every saved result in `folder`, newest first, or why it cannot be used.
    pub fn saved(folder: &Path) -> Vec<Result<Self, SavedError>> {
        let entries = fs::read_dir(folder).into_iter().flatten().flatten();
        let paths = entries.map(|e| e.path()).filter(|path| path.extension().is_some_and(|e| e == "json"));
        let mut found: Vec<_> = paths.map(|path| Self::load(&path)).collect();
        found.sort_by_key(|r| std::cmp::Reverse(r.as_ref().map_or(0, |results| results.measured_at)));
        found
    }
}

/// A name as a file name: what some disk cannot store becomes a dash.
fn file_name(name: &str) -> String {
    let dashed: String = name
        .trim()
        .chars()
        .map(|c| if c.is_control() || r#"/\:*?"<>|."#.contains(c) { '-' } else { c })
        .take(80)
        .collect();
    if dashed.is_empty() { "unnamed".to_owned() } else { dashed }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::comparison::tests::record;

    fn results() -> Results {
        let mut results = Results::new(10, 1000, "version = 1\n".to_owned());
        results.name = "Trip: day 1/2".to_owned();
        results.runs = vec![record("threads", 4.0, 0), record("threads", 4.1, 0), record("cores", 2.0, 0)];
        results
    }

    #[test]
    fn results_are_saved_named_and_reopened() {
        let dir = tempfile::tempdir().unwrap();
        let folder = dir.path().join("new");
        let results = results();
        let path = results.save(&folder).unwrap();
        assert_eq!(path.file_name().unwrap(), "Trip- day 1-2.json");
        assert_eq!(Results::load(&path).unwrap(), results);
        assert_eq!(Results::saved(&folder).len(), 1);
        assert!(Results::saved(Path::new("nowhere at all")).is_empty());
    }

    #[test]
    fn damaged_and_foreign_results_are_named() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("x.json");
        fs::write(&path, "{\"format\": 9, \"future\": true}").unwrap();
        let error = Results::load(&path).unwrap_err().to_string();
        assert!(error.contains("another version") && error.contains("form 9"), "{error}");
        fs::write(&path, "{\"format\": 1}").unwrap();
        assert!(Results::load(&path).unwrap_err().to_string().contains("missing field"));
        fs::write(&path, "not json").unwrap();
        assert!(Results::saved(dir.path())[0].is_err());
    }

    #[test]
    fn interruption_and_simulation_are_stated() {
        let mut results = results();
        results.interrupted = true;
        results.runs[0].settings.slow_source = Some(lightloom_batch::SlowSource { latency_ms: 50, mib_per_sec: None });
        let said = results.verdict();
        assert!(said.contains("simulated source: 50 ms latency") && said.contains("stopped before its end"), "{said}");
    }

    #[test]
    fn one_picture_and_older_versions_are_stated() {
        let mut results = results();
        results.images = 1;
        assert!(results.verdict().contains("One picture cannot be shared"));
        results.format = FIRST_FORMAT;
        assert!(results.verdict().contains("older version"));
        results.runs.clear();
        results.interrupted = true;
        assert!(results.verdict().starts_with("Nothing has been measured"), "{}", results.verdict());
    }

    #[test]
    fn the_cache_is_what_was_measured() {
        let mut results = results();
        assert_eq!(results.cache(), "file cache not looked at");
        results.runs[0].conditions = Some(crate::Conditions { cached: Some(0.5), ..Default::default() });
        assert_eq!(results.cache(), "50 % of the files were in the file cache");
        results.cold = true;
        assert!(results.cache().contains("taken out") && results.cache().contains("50 % were left"));
    }

    #[test]
    fn the_report_has_intervals_and_laws() {
        let mut results = results();
        results.runs = (0..4)
            .flat_map(|round| {
                let secs = 1.0 + 0.01 * f64::from(round);
                [1, 2, 3, 4].map(|cores| {
                    let mut run = record("cores", 4.0 * secs / f64::from(cores), 0);
                    run.settings.cores = cores as usize;
                    run
                })
            })
            .collect();
        let json = serde_json::to_value(results.report()).unwrap();
        assert!(json["comparison"]["rows"][1]["speed_up_interval"]["low"].is_f64(), "{json:#}");
        assert!(
            json["scaling"][0]["usl"]["kappa"].is_f64()
                && json["scaling"][0]["usl_intervals"]["sigma"]["high"].is_f64()
        );
        assert_eq!((&json["scaling"][0]["executor"], &json["format"]), (&"cores".into(), &2.into()));
    }
}
