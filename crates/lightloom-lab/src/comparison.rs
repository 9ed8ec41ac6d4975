//! Finished runs side by side: medians, spreads and ratios by choice of workers.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::{Machine, Scaling, verdict};
use lightloom_batch::executor::Role;
use lightloom_batch::{Activity, EXECUTORS, Executor, Settings, Totals};

/// A finished run.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct RunRecord {
    /// With which choice.
    pub settings: Settings,
    /// What came out.
    pub totals: Totals,
    /// BLAKE3 of all results with their names, in hexadecimal digits; `None` where they were not looked at.
    pub output_hash: Option<String>,
}

/// All runs of one choice of workers.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Row {
    /// The choice.
    pub settings: Settings,
    /// The choice in a few words.
    pub title: String,
    /// Threads, cores and processes together.
    pub workers: usize,
    /// Number of runs.
    pub runs: usize,
    /// Median elapsed time.
    pub wall_secs: f64,
    /// Shortest elapsed time.
    pub wall_min_secs: f64,
    /// Longest elapsed time.
    pub wall_max_secs: f64,
    /// Pictures per second at the median.
    pub images_per_sec: f64,
    /// Median of processor time ÷ elapsed time: cores kept busy on average.
    pub cpu_use: f64,
    /// How many times faster than [`Comparison::baseline`], by medians.
    pub speed_up: f64,
    /// Largest sum of memory that was admitted for pictures in flight.
    pub peak_bytes: u64,
    /// Largest memory that the program and its worker processes held.
    pub resident_bytes: u64,
    /// Bytes written by a run.
    pub output_bytes: u64,
    /// Whether every run wrote the same bytes as the first run of all; `None` where they were not looked at.
    pub same_bytes: Option<bool>,
    /// Pictures that failed in a run.
    pub failed: usize,
    /// Share of a picture's time in which reading and writing wait rather than compute, 0 to 1.
    pub waiting: f64,
}

impl Row {
    /// Longest less shortest elapsed time, as a share of the median.
    pub fn spread(&self) -> f64 {
        (self.wall_max_secs - self.wall_min_secs) / self.wall_secs.max(1e-9)
    }

    /// Whether each run of this row was slower than each of the other.
    pub fn is_clearly_slower_than(&self, other: &Self) -> bool {
        self.wall_min_secs > other.wall_max_secs
    }
}

/// Rows in the order of [`EXECUTORS`], fewer workers first.
#[derive(Debug, Clone, PartialEq, Serialize, Default)]
pub struct Comparison {
    /// One for each choice that ran.
    pub rows: Vec<Row>,
    /// What speed-ups refer to.
    pub baseline: String,
}

/// The middle of some values, 0 for none.
pub(super) fn median(mut values: Vec<f64>) -> f64 {
    values.sort_by(f64::total_cmp);
    let middle = values.len() / 2;
    match values.len() {
        0 => 0.0,
        n if n % 2 == 1 => values[middle],
        _ => (values[middle - 1] + values[middle]) / 2.0,
    }
}

impl Comparison {
    /// Compares runs that came to their end with at least one picture; stopped runs say nothing about speed and are left
    /// out. Speed-ups refer to the sequential row, or to the slowest one where there is none.
    pub fn of(records: &[RunRecord]) -> Self {
        let whole: Vec<&RunRecord> = records
            .iter()
            .filter(|r| r.totals.stopped + r.totals.skipped == 0 && r.totals.done + r.totals.partial > 0)
            .collect();
        let mut choices: Vec<Settings> = Vec::new();
        for record in &whole {
            if !choices.contains(&record.settings) {
                choices.push(record.settings.clone());
            }
        }
        let first_hash = whole.iter().find_map(|r| r.output_hash.as_deref());
        let mut rows: Vec<Row> =
            choices.into_iter().filter_map(|choice| Self::row(choice, &whole, first_hash)).collect();
        let place = |row: &Row| EXECUTORS.iter().position(|e| *e == row.settings.executor);
        rows.sort_by_key(|row| (place(row), row.workers, row.settings.cores));
        let baseline = rows.iter().find(|row| row.settings.executor.role == Role::Baseline);
        let baseline = baseline.or_else(|| rows.iter().max_by(|a, b| a.wall_secs.total_cmp(&b.wall_secs)));
        let (baseline, secs) = baseline.map_or((String::new(), 0.0), |row| (row.title.clone(), row.wall_secs));
        for row in &mut rows {
            row.speed_up = secs / row.wall_secs.max(1e-9);
        }
        Self { rows, baseline }
    }

    fn row(settings: Settings, records: &[&RunRecord], first_hash: Option<&str>) -> Option<Row> {
        let records: Vec<&RunRecord> = records.iter().filter(|r| r.settings == settings).copied().collect();
        let runs: Vec<&Totals> = records.iter().map(|r| &r.totals).collect();
        let last = runs.last()?;
        let walls = || runs.iter().map(|t| t.wall_secs);
        let hashes: Vec<&str> = records.iter().filter_map(|r| r.output_hash.as_deref()).collect();
        Some(Row {
            title: settings.describe(),
            workers: settings.workers(),
            runs: runs.len(),
            wall_secs: median(walls().collect()),
            wall_min_secs: walls().fold(f64::INFINITY, f64::min),
            wall_max_secs: walls().fold(0.0, f64::max),
            images_per_sec: median(runs.iter().map(|t| t.images_per_sec()).collect()),
            cpu_use: median(runs.iter().map(|t| t.cpu_use()).collect()),
            speed_up: 1.0,
            peak_bytes: runs.iter().map(|t| t.peak_bytes).max().unwrap_or(0),
            resident_bytes: runs.iter().map(|t| t.resident_bytes).max().unwrap_or(0),
            output_bytes: last.output_bytes,
            same_bytes: (!hashes.is_empty()).then(|| hashes.iter().all(|hash| Some(*hash) == first_hash)),
            failed: last.failed,
            waiting: median(runs.iter().map(|t| waiting(t)).collect()),
            settings,
        })
    }

    /// One sentence with a number, or what is still missing for one; never a winner where the runs of one choice differ
    /// as much as the choices.
    pub fn verdict(&self) -> String {
        verdict::sentence(self, &Machine::here())
    }

    /// The row that is as fast as any within the spread with the fewest workers; none where nothing differs clearly.
    pub fn best(&self) -> Option<&Row> {
        verdict::best(self)
    }

    /// How an executor's throughput grows with its [`varied_workers`](Settings::varied_workers). Choices that differ in
    /// anything else as well are left out.
    pub fn scaling(&self, executor: &'static Executor) -> Scaling {
        let mut by_count: BTreeMap<usize, &Row> = BTreeMap::new();
        for row in self.rows.iter().filter(|row| row.settings.executor == executor) {
            by_count.entry(row.settings.varied_workers()).or_insert(row);
        }
        Scaling::fit(by_count.into_iter().map(|(n, row)| (n, row.images_per_sec)).collect())
    }
}

/// Time in which reading and writing wait, as a share of that and all computing.
fn waiting(totals: &Totals) -> f64 {
    let waits: f64 = [Activity::Read, Activity::Write, Activity::Sync]
        .into_iter()
        .map(|activity| totals.spent(activity))
        .map(|spent| (spent.wall_secs - spent.cpu_secs).max(0.0))
        .sum();
    waits / (waits + totals.lane_cpu_secs).max(1e-9)
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;
    use lightloom_batch::find_executor;

    /// A run of ten pictures with four threads, two cores.
    pub fn record(executor: &str, wall_secs: f64, stopped: usize) -> RunRecord {
        let settings =
            Settings { executor: find_executor(executor).unwrap(), io_threads: 4, cores: 2, ..Settings::default() };
        let totals = Totals {
            images: 10,
            done: 10 - stopped,
            stopped,
            wall_secs,
            cpu_secs: 3.0 * wall_secs,
            lane_cpu_secs: 2.0 * wall_secs,
            megapixels: 1.0,
            output_bytes: 1,
            peak_bytes: 1,
            ..Totals::default()
        };
        RunRecord { settings, totals, output_hash: None }
    }

    #[test]
    fn figures_are_medians_and_ratios() {
        let runs = [("threads", 4.0), ("threads", 5.0), ("threads", 9.0), ("cores", 2.5)];
        let comparison = Comparison::of(&runs.map(|(e, w)| record(e, w, 0)));
        let [threads, cores] = &comparison.rows[..] else { panic!("{comparison:?}") };
        assert_eq!((threads.runs, threads.wall_secs, threads.wall_min_secs, threads.wall_max_secs), (3, 5.0, 4.0, 9.0));
        assert_eq!((threads.images_per_sec, threads.cpu_use, threads.speed_up), (2.0, 2.0, 1.0));
        assert_eq!((cores.images_per_sec, cores.speed_up), (4.0, 2.0));
        assert_eq!((threads.title.as_str(), cores.title.as_str()), ("Threads: 4 threads", "Cores: 2 cores"));
        assert_eq!(comparison.baseline, "Threads: 4 threads");
    }

    #[test]
    fn speed_ups_refer_to_the_sequential_row() {
        let runs = [("hybrid", 1.0), ("sequential", 3.0), ("threads", 4.0)];
        let comparison = Comparison::of(&runs.map(|(e, w)| record(e, w, 0)));
        let ups: Vec<f64> = comparison.rows.iter().map(|r| r.speed_up).collect();
        assert_eq!(ups, [1.0, 0.75, 3.0]);
    }

    #[test]
    fn stopped_and_failed_runs_are_left_out() {
        let mut failed = record("threads", 1.0, 0);
        (failed.totals.done, failed.totals.failed) = (0, 10);
        assert!(Comparison::of(&[record("threads", 1.0, 3), failed]).rows.is_empty());
    }

    #[test]
    fn other_bytes_are_reported() {
        let mut runs = [record("threads", 1.0, 0), record("cores", 1.0, 0), record("cores", 1.0, 0)];
        assert_eq!(Comparison::of(&runs).rows[0].same_bytes, None);
        for (run, hash) in runs.iter_mut().zip(["a", "a", "b"]) {
            run.output_hash = Some(hash.to_owned());
        }
        let same: Vec<_> = Comparison::of(&runs).rows.iter().map(|r| r.same_bytes).collect();
        assert_eq!(same, [Some(true), Some(false)]);
    }
}
