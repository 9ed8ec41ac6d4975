//! Finished runs side by side, and what may be said of them.

use serde::Serialize;

use crate::batch::{Executor, Settings, Totals};

/// A finished run.
#[derive(Debug, Clone, PartialEq)]
pub struct RunRecord {
    /// Who carried it.
    pub settings: Settings,
    /// What came out.
    pub totals: Totals,
}

/// All runs of one executor.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Row {
    /// The executor's id.
    pub executor: &'static str,
    /// The executor's name that a person reads.
    pub title: &'static str,
    /// Number of runs.
    pub runs: usize,
    /// Median elapsed time.
    pub wall_secs: f64,
    /// Shortest elapsed time.
    pub wall_min_secs: f64,
    /// Longest elapsed time.
    pub wall_max_secs: f64,
    /// Pictures a second at the median.
    pub images_per_sec: f64,
    /// Median of processor time ÷ elapsed time: cores kept busy on average.
    pub cpu_use: f64,
    /// How many times faster than the slowest row, by medians.
    pub speed_up: f64,
}

/// Rows in the order of [`crate::batch::EXECUTORS`].
#[derive(Debug, Clone, PartialEq, Serialize, Default)]
pub struct Comparison {
    /// One for each executor that ran.
    pub rows: Vec<Row>,
}

fn median(values: &mut [f64]) -> f64 {
    values.sort_by(f64::total_cmp);
    let middle = values.len() / 2;
    if values.len() % 2 == 1 { values[middle] } else { (values[middle - 1] + values[middle]) / 2.0 }
}

impl Comparison {
    /// Compares runs that finished every picture; stopped runs say nothing about speed and are left out.
    pub fn of(records: &[RunRecord]) -> Self {
        let whole: Vec<&RunRecord> = records.iter().filter(|r| r.totals.skipped == 0 && r.totals.images > 0).collect();
        let mut rows: Vec<Row> = crate::batch::EXECUTORS.iter().filter_map(|e| Self::row(e, &whole)).collect();
        let slowest = rows.iter().map(|r| r.wall_secs).fold(0.0, f64::max);
        for row in &mut rows {
            row.speed_up = slowest / row.wall_secs.max(1e-9);
        }
        Self { rows }
    }

    fn row(executor: &'static Executor, records: &[&RunRecord]) -> Option<Row> {
        let runs: Vec<&Totals> =
            records.iter().filter(|r| r.settings.executor == executor).map(|r| &r.totals).collect();
        runs.first()?;
        let mut walls: Vec<f64> = runs.iter().map(|t| t.wall_secs).collect();
        let wall_secs = median(&mut walls);
        Some(Row {
            executor: executor.id,
            title: executor.title,
            runs: runs.len(),
            wall_secs,
            wall_min_secs: walls[0],
            wall_max_secs: walls[walls.len() - 1],
            images_per_sec: median(&mut runs.iter().map(|t| t.images_per_sec()).collect::<Vec<_>>()),
            cpu_use: median(&mut runs.iter().map(|t| t.cpu_use()).collect::<Vec<_>>()),
            speed_up: 1.0,
        })
    }

    /// One sentence, or what is still missing for one: a winner is named only if its slowest run beat every other
    /// row's fastest.
    pub fn verdict(&self) -> String {
        let [_, _, ..] = &self.rows[..] else {
            return "Run the same pictures with another choice to compare.".to_owned();
        };
        if self.rows.iter().any(|r| r.runs < 2) {
            return "Measured once each; run each choice again for a verdict.".to_owned();
        }
        let mut by_speed: Vec<&Row> = self.rows.iter().collect();
        by_speed.sort_by(|a, b| a.wall_secs.total_cmp(&b.wall_secs));
        let (best, second, last) = (by_speed[0], by_speed[1], by_speed[by_speed.len() - 1]);
        if best.wall_max_secs < second.wall_min_secs {
            format!(
                "{} is fastest: {:.2} times as fast as {}.",
                best.title,
                second.wall_secs / best.wall_secs,
                second.title
            )
        } else if by_speed.len() > 2 && best.wall_max_secs.max(second.wall_max_secs) < last.wall_min_secs {
            format!("{} and {} are equally fast within the spread; both beat {}.", best.title, second.title, last.title)
        } else {
            "No clear difference: the runs of one choice differ as much as the choices.".to_owned()
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::batch::find_executor;

    fn record(executor: &str, wall_secs: f64, skipped: usize) -> RunRecord {
        let settings = Settings { executor: find_executor(executor).unwrap(), ..Settings::default() };
        let totals = Totals {
            images: 10,
            done: 10 - skipped,
            partial: 0,
            failed: 0,
            skipped,
            wall_secs,
            cpu_secs: 3.0 * wall_secs,
            lane_cpu_secs: 2.0 * wall_secs,
            megapixels: 1.0,
            output_bytes: 1,
            peak_bytes: 1,
            ..Totals::default()
        };
        RunRecord { settings, totals }
    }

    #[test]
    fn figures_are_medians_and_ratios() {
        let runs = [("threads", 4.0), ("threads", 5.0), ("threads", 9.0), ("cores", 2.5)];
        let comparison = Comparison::of(&runs.map(|(e, w)| record(e, w, 0)));
        let [threads, cores] = &comparison.rows[..] else { panic!("{comparison:?}") };
        assert_eq!((threads.runs, threads.wall_secs, threads.wall_min_secs, threads.wall_max_secs), (3, 5.0, 4.0, 9.0));
        assert_eq!((threads.images_per_sec, threads.cpu_use, threads.speed_up), (2.0, 2.0, 1.0));
        assert_eq!((cores.images_per_sec, cores.speed_up), (4.0, 2.0));
    }

    #[test]
    fn a_verdict_needs_more_difference_than_spread() {
        let verdict = |runs: &[(&str, f64)]| {
            Comparison::of(&runs.iter().map(|(e, w)| record(e, *w, 0)).collect::<Vec<_>>()).verdict()
        };
        assert!(verdict(&[("threads", 4.0)]).contains("another choice"));
        assert!(verdict(&[("threads", 4.0), ("cores", 2.0)]).contains("once"));
        assert!(verdict(&[("threads", 4.0), ("threads", 4.2), ("cores", 2.0), ("cores", 2.2)]).contains("fastest"));
        assert!(verdict(&[("threads", 4.0), ("threads", 2.1), ("cores", 2.0), ("cores", 2.2)]).contains("No clear"));
        let both =
            [("threads", 4.0), ("threads", 4.1), ("cores", 2.0), ("cores", 2.2), ("hybrid", 2.1), ("hybrid", 2.0)];
        assert!(verdict(&both).contains("equally fast"), "{}", verdict(&both));
    }

    #[test]
    fn stopped_runs_are_left_out() {
        assert!(Comparison::of(&[record("threads", 1.0, 3)]).rows.is_empty());
    }
}
