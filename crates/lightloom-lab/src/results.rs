//! Measurements as a value: saved with machine, version and settings, reopened, exported.

use std::fs;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::time::{SystemTime, UNIX_EPOCH};

use etcetera::BaseStrategy;
use serde::{Deserialize, Serialize};
use thiserror::Error;

use super::{Comparison, Machine, RunRecord, Scaling};
use lightloom_batch::{Executor, Settings, read_regular};
use lightloom_param::shown;

/// Version of the saved form.
const FORMAT: u32 = 1;

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
    /// Whether the files lay in the machine's file cache; a warm-up run puts them there.
    pub warm_cache: bool,
    /// Whether it was stopped before its end.
    pub interrupted: bool,
    /// Every finished run but the warm-up, in the order in which they ran.
    pub runs: Vec<RunRecord>,
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
            warm_cache: true,
            interrupted: false,
            runs: Vec::new(),
        }
    }

    /// Rows by choice.
    pub fn comparison(&self) -> Comparison {
        Comparison::of(&self.runs)
    }

    /// How an executor's throughput grows with its workers.
    pub fn scaling(&self, executor: &'static Executor) -> Scaling {
        self.comparison().scaling(executor)
    }

    /// One sentence; says when the measurement was stopped, or the source simulated.
    pub fn verdict(&self) -> String {
        let failed = |run: &RunRecord| run.totals.failed > 0 && run.totals.failed == run.totals.images;
        let mut said = if !self.runs.is_empty() && self.runs.iter().all(failed) {
            "Every picture failed, so there is nothing to compare; process them to see why.".to_owned()
        } else {
            super::verdict::sentence(&self.comparison(), &self.machine)
        };
        if let Some(slow) = self.runs.iter().find_map(|run| run.settings.slow_source) {
            said += &format!(" ({slow})");
        }
        if self.interrupted {
            said += " The measurement was stopped before its end.";
        }
        said
    }

    /// The settings that are as fast as any with the fewest workers; none where nothing differs clearly.
    pub fn recommendation(&self) -> Option<Recommendation> {
        let comparison = self.comparison();
        let best = comparison.best()?;
        let settings = Settings { slow_source: None, ..best.settings.clone() };
        Some(Recommendation { settings, reason: self.verdict() })
    }

    /// One line per run, after a line of column names.
    pub fn to_csv(&self) -> String {
        let mut out = String::from(
            "run,executor,io_threads,cores,workers,queue,memory_mib,simulated,images,done,failed,wall_secs,cpu_secs,lane_cpu_secs,images_per_sec,cpu_use,peak_mib,resident_mib,output_bytes,output_hash\n",
        );
        for (index, run) in self.runs.iter().enumerate() {
            let (settings, totals) = (&run.settings, &run.totals);
            let mib = |bytes: u64| bytes as f64 / 1_048_576.0;
            let cells = [
                (index + 1).to_string(),
                settings.executor.id.to_owned(),
                settings.io_threads.to_string(),
                settings.cores.to_string(),
                settings.workers().to_string(),
                settings.queue_slots().to_string(),
                format!("{:.0}", mib(settings.memory_bytes)),
                settings.slow_source.map_or(String::new(), |slow| format!("\"{slow}\"")),
                totals.images.to_string(),
                totals.done.to_string(),
                totals.failed.to_string(),
                format!("{:.6}", totals.wall_secs),
                format!("{:.6}", totals.cpu_secs),
                format!("{:.6}", totals.lane_cpu_secs),
                format!("{:.4}", totals.images_per_sec()),
                format!("{:.4}", totals.cpu_use()),
                format!("{:.1}", mib(totals.peak_bytes)),
                format!("{:.1}", mib(totals.resident_bytes)),
                totals.output_bytes.to_string(),
                run.output_hash.clone().unwrap_or_default(),
            ];
            out += &cells.join(",");
            out.push('\n');
        }
        out
    }

    /// Everything, as JSON.
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

    /// Saves under [`Self::name`] in `folder`; an older result of that name is replaced.
    ///
    /// # Errors
    /// If the disk refuses.
    pub fn save(&self, folder: &Path) -> Result<PathBuf, SavedError> {
        let path = folder.join(format!("{}.json", file_name(&self.name)));
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
        if head.format != FORMAT {
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
        let path = results().save(&folder).unwrap();
        assert_eq!(path.file_name().unwrap(), "Trip- day 1-2.json");
        assert_eq!(Results::load(&path).unwrap(), results());
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
    fn the_table_has_one_line_per_run() {
        let csv = results().to_csv();
        let lines: Vec<Vec<&str>> = csv.lines().map(|line| line.split(',').collect()).collect();
        assert_eq!(lines.len(), 4);
        assert!(lines.iter().all(|cells| cells.len() == lines[0].len()));
        assert_eq!((lines[1][1], lines[1][11], lines[3][1]), ("threads", "4.000000", "cores"));
    }

    #[test]
    fn interruption_and_simulation_are_stated() {
        let mut results = results();
        results.interrupted = true;
        results.runs[0].settings.slow_source = Some(lightloom_batch::SlowSource { latency_ms: 50, mib_per_sec: None });
        let said = results.verdict();
        assert!(said.contains("simulated source: 50 ms latency") && said.contains("stopped before its end"), "{said}");
    }
}
