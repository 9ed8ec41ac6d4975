//! Finished runs side by side: medians, spreads, and ratios with their intervals by choice of workers.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::inference::{Interval, Judgement, Ratio, Rounds};
use super::{Circumstances, Conditions, Machine, Scaling, verdict};
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
    /// The round of a study that it belongs to, from 0; `None` where it was run by itself, or by an older version.
    #[serde(default)]
    pub round: Option<usize>,
    /// What else happened on the machine; `None` where nobody looked.
    #[serde(default)]
    pub conditions: Option<Conditions>,
}

impl RunRecord {
    /// A run by itself.
    pub fn single(settings: Settings, totals: Totals) -> Self {
        Self { settings, totals, output_hash: None, round: None, conditions: None }
    }
}

/// What a comparison says about a choice.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Standing {
    /// Faster than every other.
    Fastest,
    /// Slower than another.
    Slower,
    /// Not known to be slower than any other.
    Contender,
}

impl Standing {
    /// The word that a person reads.
    pub const fn title(self) -> &'static str {
        match self {
            Self::Fastest => "fastest",
            Self::Slower => "slower",
            Self::Contender => "open",
        }
    }
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
    /// How many times as fast as [`Comparison::baseline`]: the trimmed geometric mean over complete rounds, or by medians
    /// where there are fewer than two.
    pub speed_up: f64,
    /// The interval of `speed_up`; `None` with fewer than three rounds, and for the baseline itself.
    pub speed_up_interval: Option<Interval>,
    /// What the rounds say about it; `None` where they say nothing yet.
    pub standing: Option<Standing>,
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
}

/// Rows in the order of [`EXECUTORS`], fewer workers first.
#[derive(Debug, Clone, PartialEq, Serialize, Default)]
pub struct Comparison {
    /// One for each choice that ran.
    pub rows: Vec<Row>,
    /// What speed-ups refer to.
    pub baseline: String,
    /// Complete rounds: each has a run of every choice.
    pub rounds: usize,
    /// Whether every choice ran once before any ran again, so that a change of the machine is no difference of choices.
    pub in_turns: bool,
    /// No two choices that are not slower than another differ by more than this, as a share; `None` where that is not known.
    pub equal_within: Option<f64>,
    /// What else happened on the machine.
    pub circumstances: Circumstances,
    /// Times of the complete rounds, by the rows' order.
    #[serde(skip)]
    times: Rounds,
    #[serde(skip)]
    judgement: Option<Judgement>,
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
        let place = |choice: &Settings| EXECUTORS.iter().position(|e| *e == choice.executor);
        choices.sort_by_key(|choice| (place(choice), choice.workers(), choice.cores));
        let first_hash = whole.iter().find_map(|r| r.output_hash.as_deref());
        let rows = choices.iter().filter_map(|choice| Self::row(choice.clone(), &whole, first_hash)).collect();
        let Turns { times, in_turns } = Turns::of(&whole, &choices);
        let circumstances = Circumstances::of(&whole, times.drift());
        let mut comparison = Self { rows, rounds: times.len(), in_turns, circumstances, times, ..Self::default() };
        comparison.relate();
        comparison
    }

    /// Works out ratios and standings.
    fn relate(&mut self) {
        let rows = &self.rows;
        let baseline = rows.iter().position(|row| row.settings.executor.role == Role::Baseline);
        let slowest = || (0..rows.len()).max_by(|a, b| rows[*a].wall_secs.total_cmp(&rows[*b].wall_secs));
        let Some(baseline) = baseline.or_else(slowest) else { return };
        self.baseline.clone_from(&self.rows[baseline].title);
        let secs = self.rows[baseline].wall_secs;
        // Without turns the rounds are none.
        self.judgement = self.times.judge().filter(|_| self.in_turns);
        self.equal_within = self.judgement.as_ref().map(|judgement| judgement.equal_within);
        for (index, row) in self.rows.iter_mut().enumerate() {
            (row.speed_up, row.speed_up_interval) = if self.times.len() >= 2 {
                let Ratio { value, interval } = self.times.ratio(baseline, index);
                (value, interval.filter(|_| self.in_turns))
            } else {
                (secs / row.wall_secs.max(1e-9), None)
            };
            row.standing = self.judgement.as_ref().map(|judgement| match judgement.fastest {
                Some(fastest) if fastest == index => Standing::Fastest,
                Some(_) => Standing::Slower,
                None if judgement.contenders.contains(&index) => Standing::Contender,
                None => Standing::Slower,
            });
        }
    }

    fn index(&self, row: &Row) -> Option<usize> {
        self.rows.iter().position(|other| other.settings == row.settings)
    }

    /// How many times as fast `row` is as `than`, both of this comparison.
    pub fn ratio(&self, row: &Row, than: &Row) -> Ratio {
        match self.index(row).zip(self.index(than)) {
            Some((row, than)) if self.in_turns && self.times.len() >= 2 => self.times.ratio(than, row),
            _ => Ratio { value: than.wall_secs / row.wall_secs.max(1e-9), interval: None },
        }
    }

    /// Whether `row` is slower than `than`, both of this comparison, beyond chance.
    pub fn is_slower(&self, row: &Row, than: &Row) -> bool {
        let Some((row, than)) = self.index(row).zip(self.index(than)).filter(|_| self.in_turns) else { return false };
        let fastest = self.judgement.as_ref().and_then(|judgement| judgement.fastest);
        row != than && (fastest == Some(than) || self.times.is_slower(row, than))
    }

    /// Whether further rounds could change nothing that matters.
    pub(super) fn is_clear(&self) -> bool {
        self.judgement.as_ref().is_some_and(Judgement::is_clear)
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
            speed_up_interval: None,
            standing: None,
            peak_bytes: runs.iter().map(|t| t.peak_bytes).max().unwrap_or(0),
            resident_bytes: runs.iter().map(|t| t.resident_bytes).max().unwrap_or(0),
            output_bytes: last.output_bytes,
            same_bytes: (!hashes.is_empty()).then(|| hashes.iter().all(|hash| Some(*hash) == first_hash)),
            failed: last.failed,
            waiting: median(runs.iter().map(|t| waiting(t)).collect()),
            settings,
        })
    }

    /// What may be said, with numbers, or what is still missing for it; never a winner where chance could have made it.
    pub fn verdict(&self) -> String {
        verdict::sentence(self, &Machine::here())
    }

    /// The choice to recommend; none where the runs give no grounds for one.
    pub fn best(&self) -> Option<&Row> {
        verdict::best(self, &Machine::here())
    }

    /// What the rounds say of all choices.
    pub(super) const fn judgement(&self) -> Option<&Judgement> {
        self.judgement.as_ref()
    }

    /// How an executor's throughput grows with its [`varied_workers`](Settings::varied_workers). Choices that differ in
    /// anything else as well are left out.
    pub fn scaling(&self, executor: &'static Executor) -> Scaling {
        let mut by_count: BTreeMap<usize, usize> = BTreeMap::new();
        for (index, row) in self.rows.iter().enumerate().filter(|(_, row)| row.settings.executor == executor) {
            by_count.entry(row.settings.varied_workers()).or_insert(index);
        }
        let Some(baseline) = self.rows.iter().position(|row| row.title == self.baseline) else {
            return Scaling::fit(Vec::new());
        };
        let speed = self.rows[baseline].images_per_sec;
        let points = |of: &dyn Fn(usize) -> f64| -> Vec<(usize, f64)> {
            by_count.iter().map(|(count, index)| (*count, speed * of(*index))).collect()
        };
        let scaling = Scaling::fit(points(&|index| self.rows[index].speed_up));
        if !self.in_turns || self.rounds < 3 {
            return scaling;
        }
        let without = (0..self.rounds).map(|round| {
            let others = self.times.without(round);
            points(&|index| others.ratio(baseline, index).value)
        });
        scaling.with_intervals(without.collect())
    }
}

/// Runs by rounds.
struct Turns {
    times: Rounds,
    in_turns: bool,
}

impl Turns {
    /// Of runs in the order in which they ran. A run that names no round is of the round that it would be of if all
    /// choices had taken turns. Rounds that lack a choice are left out.
    fn of(records: &[&RunRecord], choices: &[Settings]) -> Self {
        let mut rounds: BTreeMap<usize, Vec<Option<(usize, f64)>>> = BTreeMap::new();
        let mut seen = vec![0; choices.len()];
        for (order, record) in records.iter().enumerate() {
            let Some(choice) = choices.iter().position(|choice| *choice == record.settings) else { continue };
            let round = record.round.unwrap_or(seen[choice]);
            seen[choice] += 1;
            let round = rounds.entry(round).or_insert_with(|| vec![None; choices.len()]);
            round[choice] = Some((order, record.totals.wall_secs));
        }
        let complete: Vec<Vec<(usize, f64)>> =
            rounds.into_values().filter_map(|round| round.into_iter().collect()).collect();
        let first = |round: &[(usize, f64)]| round.iter().map(|(order, _)| *order).min();
        let last = |round: &[(usize, f64)]| round.iter().map(|(order, _)| *order).max();
        let in_turns = complete.windows(2).all(|pair| last(&pair[0]) < first(&pair[1]));
        let secs: Vec<Vec<f64>> = complete.iter().map(|round| round.iter().map(|(_, secs)| *secs).collect()).collect();
        Self { times: Rounds::new(&secs), in_turns }
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
        RunRecord::single(settings, totals)
    }

    #[test]
    fn figures_are_medians_and_ratios() {
        let runs = [("threads", 4.0), ("threads", 5.0), ("threads", 9.0), ("cores", 2.5)];
        let comparison = Comparison::of(&runs.map(|(e, w)| record(e, w, 0)));
        let [threads, cores] = &comparison.rows[..] else { panic!("{comparison:?}") };
        assert_eq!((threads.runs, threads.wall_secs, threads.wall_min_secs, threads.wall_max_secs), (3, 5.0, 4.0, 9.0));
        assert_eq!((threads.images_per_sec, threads.cpu_use, threads.speed_up), (2.0, 2.0, 1.0));
        assert_eq!((cores.images_per_sec, cores.speed_up), (4.0, 2.0));
        assert_eq!(
            (threads.title.as_str(), cores.title.as_str()),
            ("Threads: 4 threads (simulated lock)", "Cores: 2 cores")
        );
        assert_eq!(comparison.baseline, "Threads: 4 threads (simulated lock)");
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

    #[test]
    fn ratios_are_those_within_rounds_and_have_intervals() {
        // Each round takes twice as long as the one before; within rounds one is 1.5 times as fast, give or take 2 %.
        let mut runs = Vec::new();
        for (round, noise) in [1.0, 0.98, 1.02, 1.01].into_iter().enumerate() {
            let secs = 2f64.powi(round as i32);
            runs.extend([record("threads", 1.5 * secs * noise, 0), record("cores", secs, 0)]);
        }
        let comparison = Comparison::of(&runs);
        let [threads, cores] = &comparison.rows[..] else { panic!("{comparison:?}") };
        assert!((cores.speed_up - 1.5).abs() < 0.02, "{cores:?}");
        let interval = cores.speed_up_interval.unwrap();
        assert!(1.3 < interval.low && interval.low < 1.5 && 1.5 < interval.high && interval.high < 1.7, "{interval:?}");
        assert_eq!((threads.speed_up, threads.speed_up_interval), (1.0, None));
        assert_eq!((threads.standing, cores.standing), (Some(Standing::Slower), Some(Standing::Fastest)));
        assert!(comparison.is_slower(threads, cores) && !comparison.is_slower(cores, threads));
        assert!((comparison.ratio(threads, cores).value - 1.0 / cores.speed_up).abs() < 1e-9);

        // The same runs, but one choice after the other: nothing tells the machine from the choices.
        runs.sort_by_key(|run| run.settings.executor.id);
        let comparison = Comparison::of(&runs);
        assert!(!comparison.in_turns && comparison.rows.iter().all(|row| row.standing.is_none()));
        assert!(comparison.rows.iter().all(|row| row.speed_up_interval.is_none()));
    }

    #[test]
    fn incomplete_rounds_are_left_out() {
        let mut runs: Vec<RunRecord> = (0..4)
            .flat_map(|round| {
                ["threads", "cores"].map(|id| RunRecord { round: Some(round), ..record(id, 1.0 + round as f64, 0) })
            })
            .collect();
        runs.remove(2);
        let comparison = Comparison::of(&runs);
        assert_eq!((comparison.rounds, comparison.in_turns), (3, true));
    }
}
