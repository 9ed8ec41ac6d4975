//! How throughput grows with workers: Amdahl's law and Gunther's Universal Scalability Law, fitted to measurements.
//!
//! The law is X(n) = λ·n ÷ (1 + σ·(n − 1) + κ·n·(n − 1)): λ is the throughput of one worker, σ the share of the work
//! that only one can do at a time (contention), κ the cost of keeping each pair of workers in agreement (coherency).
//! Amdahl's law is the case κ = 0. Source: N. J. Gunther, *Guerrilla Capacity Planning*, 2007, chapters 4 to 6.

use serde::Serialize;

use super::inference::{Interval, quantile};

/// A fitted law.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Law {
    /// Throughput of one worker, a second.
    pub lambda: f64,
    /// Contention, 0 to 1.
    pub sigma: f64,
    /// Coherency, at least 0.
    pub kappa: f64,
}

impl Law {
    /// Throughput with `workers`, a second.
    pub fn at(&self, workers: f64) -> f64 {
        self.lambda * workers / self.divisor(workers)
    }

    fn divisor(&self, n: f64) -> f64 {
        1.0 + self.sigma * (n - 1.0) + self.kappa * n * (n - 1.0)
    }

    /// The number of workers beyond which throughput falls, where there is one.
    pub fn peak(&self) -> Option<f64> {
        (self.kappa > 1e-9).then(|| ((1.0 - self.sigma).max(0.0) / self.kappa).sqrt().max(1.0))
    }

    /// The speed-up over one worker that no number of workers can exceed; infinite without contention.
    pub fn limit(&self) -> f64 {
        match self.peak() {
            Some(peak) => self.at(peak) / self.lambda,
            None => 1.0 / self.sigma,
        }
    }

    fn describe(&self, intervals: Option<LawIntervals>) -> String {
        let range = |interval: Option<Interval>, decimals: usize| {
            interval.map_or(String::new(), |range| {
                format!(" ({:.decimals$}–{:.decimals$} %)", 100.0 * range.low, 100.0 * range.high)
            })
        };
        let contention =
            format!("{:.1} %{} contention", 100.0 * self.sigma, range(intervals.map(|intervals| intervals.sigma), 1));
        match self.peak() {
            Some(peak) => format!(
                "{contention}, {:.2} %{} coherency, peak at {peak:.1} workers",
                100.0 * self.kappa,
                range(intervals.map(|intervals| intervals.kappa), 2)
            ),
            None if self.sigma < 1e-6 => format!("{contention}, so it scales ideally as far as it was measured"),
            None => format!("{contention}, at most {:.1} times one worker", self.limit()),
        }
    }

    /// Sum of squared differences to points of (workers, throughput).
    fn error(&self, points: &[(f64, f64)]) -> f64 {
        points.iter().map(|&(n, x)| (self.at(n) - x).powi(2)).sum()
    }
}

/// How certain the parameters of a law are: 95 % intervals by leaving out one round at a time (the jackknife; J. W. Tukey,
/// Annals of Mathematical Statistics 29, 1958, page 614).
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct LawIntervals {
    /// Of the throughput of one worker.
    pub lambda: Interval,
    /// Of the contention.
    pub sigma: Interval,
    /// Of the coherency.
    pub kappa: Interval,
}

impl LawIntervals {
    /// From a law and what it would be without each of the rounds.
    fn of(law: Law, without: &[Law]) -> Self {
        let count = without.len() as f64;
        let quantile = quantile(0.025, without.len().saturating_sub(1));
        let interval = |figure: fn(&Law) -> f64, most: f64| {
            let mean = without.iter().map(figure).sum::<f64>() / count;
            let squares: f64 = without.iter().map(|law| (figure(law) - mean).powi(2)).sum();
            let half = quantile * (squares * (count - 1.0) / count).sqrt();
            Interval { low: (figure(&law) - half).max(0.0), high: (figure(&law) + half).min(most) }
        };
        Self {
            lambda: interval(|law| law.lambda, f64::INFINITY),
            sigma: interval(|law| law.sigma, 1.0),
            kappa: interval(|law| law.kappa, f64::INFINITY),
        }
    }
}

/// Throughput of one executor by number of workers, and the laws that describe it.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Scaling {
    /// Workers and throughput in pictures a second, by workers.
    pub points: Vec<(usize, f64)>,
    /// Amdahl's law. Two numbers of workers determine it whatever they are, so at least three are needed.
    pub amdahl: Option<Law>,
    /// How certain it is; `None` with fewer than three rounds.
    pub amdahl_intervals: Option<LawIntervals>,
    /// The Universal Scalability Law; at least four, likewise.
    pub usl: Option<Law>,
    /// How certain it is; `None` with fewer than three rounds.
    pub usl_intervals: Option<LawIntervals>,
}

impl Scaling {
    /// Fits both laws by least squares on throughput.
    pub fn fit(mut points: Vec<(usize, f64)>) -> Self {
        points.retain(|(n, x)| *n > 0 && x.is_finite() && *x > 0.0);
        points.sort_by_key(|(n, _)| *n);
        points.dedup_by_key(|(n, _)| *n);
        let exact: Vec<(f64, f64)> = points.iter().map(|&(n, x)| (n as f64, x)).collect();
        Self {
            amdahl: (exact.len() >= 3).then(|| fit(&exact, false)),
            usl: (exact.len() >= 4).then(|| fit(&exact, true)),
            amdahl_intervals: None,
            usl_intervals: None,
            points,
        }
    }

    /// Both laws in a line, as far as they could be fitted.
    pub fn describe(&self) -> Option<String> {
        let laws = [("Amdahl", self.amdahl, self.amdahl_intervals), ("USL", self.usl, self.usl_intervals)];
        let laws =
            laws.into_iter().filter_map(|(name, law, intervals)| Some(format!("{name}: {}", law?.describe(intervals))));
        let laws: Vec<String> = laws.collect();
        (!laws.is_empty()).then(|| laws.join("; "))
    }

    /// The same with intervals, from the points without each of the rounds.
    pub(super) fn with_intervals(mut self, without: Vec<Vec<(usize, f64)>>) -> Self {
        if self.amdahl.is_none() || without.len() < 3 {
            return self;
        }
        let without: Vec<Self> = without.into_iter().map(Self::fit).collect();
        let intervals = |law: Option<Law>, of: fn(&Self) -> Option<Law>| {
            let others: Option<Vec<Law>> = without.iter().map(of).collect();
            Some(LawIntervals::of(law?, &others?))
        };
        self.amdahl_intervals = intervals(self.amdahl, |scaling| scaling.amdahl);
        self.usl_intervals = intervals(self.usl, |scaling| scaling.usl);
        self
    }
}

/// Least squares by Levenberg and Marquardt's method, begun where the throughput of one worker scales ideally. Parameters
/// stay where they mean something: 0 ≤ σ ≤ 1, κ ≥ 0.
fn fit(points: &[(f64, f64)], with_kappa: bool) -> Law {
    let free = if with_kappa { 3 } else { 2 };
    let first = points[0];
    let mut law = Law { lambda: first.1 / first.0, sigma: 0.05, kappa: 0.0 };
    let mut error = law.error(points);
    let mut damping = 1e-3;
    for _ in 0..500 {
        let mut matrix = [[0.0; 3]; 3];
        let mut vector = [0.0; 3];
        for &(n, x) in points {
            let divisor = law.divisor(n);
            let slope = -law.lambda * n / (divisor * divisor);
            let gradient = [n / divisor, slope * (n - 1.0), slope * n * (n - 1.0)];
            for i in 0..free {
                vector[i] += gradient[i] * (x - law.at(n));
                for j in 0..free {
                    matrix[i][j] += gradient[i] * gradient[j];
                }
            }
        }
        for (i, row) in matrix.iter_mut().enumerate() {
            row[i] = row[i] * (1.0 + damping) + 1e-12;
        }
        let [lambda, sigma, kappa] = solve(matrix, vector);
        let next = Law {
            lambda: (law.lambda + lambda).max(1e-12),
            sigma: (law.sigma + sigma).clamp(0.0, 1.0),
            kappa: (law.kappa + kappa).max(0.0),
        };
        let next_error = next.error(points);
        if next_error < error {
            let done = error - next_error <= 1e-15 * error;
            (law, error) = (next, next_error);
            damping = (damping / 4.0_f64).max(1e-12);
            if done {
                break;
            }
        } else {
            damping *= 4.0;
            if damping > 1e12 {
                break;
            }
        }
    }
    law
}

/// Solves three linear equations by elimination; an unknown that no equation determines becomes 0.
fn solve(mut matrix: [[f64; 3]; 3], mut vector: [f64; 3]) -> [f64; 3] {
    for pivot in 0..3 {
        let best = (pivot..3).max_by(|&a, &b| matrix[a][pivot].abs().total_cmp(&matrix[b][pivot].abs()));
        let best = best.unwrap_or(pivot);
        matrix.swap(pivot, best);
        vector.swap(pivot, best);
        if matrix[pivot][pivot].abs() < 1e-300 {
            continue;
        }
        for row in pivot + 1..3 {
            let factor = matrix[row][pivot] / matrix[pivot][pivot];
            let above = matrix[pivot];
            matrix[row].iter_mut().zip(above).skip(pivot).for_each(|(value, above)| *value -= factor * above);
            vector[row] -= factor * vector[pivot];
        }
    }
    let mut out = [0.0; 3];
    for row in (0..3).rev() {
        let known: f64 = (row + 1..3).map(|column| matrix[row][column] * out[column]).sum();
        if matrix[row][row].abs() >= 1e-300 {
            out[row] = (vector[row] - known) / matrix[row][row];
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    fn near(value: f64, expected: f64) -> bool {
        (value / expected - 1.0).abs() < 0.02
    }

    /// Seconds of another program on 1 to 8 threads, with the parameters that the R package `usl` finds for them.
    #[test]
    fn the_fit_agrees_with_the_published_one() {
        let secs = [24.327, 14.921, 12.126, 11.083, 10.995, 11.129, 11.283, 11.657];
        let scaling = Scaling::fit(secs.iter().enumerate().map(|(i, s)| (i + 1, 1.0 / s)).collect());
        let law = scaling.usl.unwrap();
        assert!(near(law.lambda, 0.0410) && near(law.sigma, 0.152) && near(law.kappa, 0.0317), "{law:?}");
        assert!(near(law.peak().unwrap(), 5.2), "{law:?}");
        assert!(near(law.limit(), law.at(law.peak().unwrap()) / law.lambda));
    }

    #[test]
    fn points_on_a_curve_determine_its_parameters() {
        let truth = Law { lambda: 10.0, sigma: 0.1, kappa: 0.0 };
        let points: Vec<_> = [1, 2, 4, 8].map(|n| (n, truth.at(n as f64))).into();
        let scaling = Scaling::fit(points);
        let amdahl = scaling.amdahl.unwrap();
        assert!((amdahl.lambda - 10.0).abs() < 1e-6 && (amdahl.sigma - 0.1).abs() < 1e-6, "{amdahl:?}");
        assert!((amdahl.limit() - 10.0).abs() < 1e-3);
        let usl = scaling.usl.unwrap();
        assert!(usl.kappa < 1e-6 && (usl.sigma - 0.1).abs() < 1e-3, "{usl:?}");
    }

    #[test]
    fn odd_measurements_give_sensible_laws() {
        // Faster than ideal, no gain at all, and a fall from the second worker on.
        for points in [
            vec![(1, 1.0), (2, 2.5), (3, 4.0), (4, 5.5)],
            vec![(1, 5.0), (2, 5.0), (4, 5.0), (8, 5.0)],
            vec![(1, 5.0), (2, 3.0), (3, 2.0), (4, 1.5)],
        ] {
            let usl = Scaling::fit(points.clone()).usl.unwrap();
            assert!(
                (0.0..=1.0).contains(&usl.sigma) && usl.kappa >= 0.0 && usl.lambda.is_finite(),
                "{points:?}: {usl:?}"
            );
        }
        let two = Scaling::fit(vec![(1, 1.0), (2, 1.9)]);
        assert_eq!((two.amdahl, two.usl), (None, None), "two points fit any line");
        assert_eq!(Scaling::fit(vec![(1, 1.0), (2, 1.9), (4, 3.0)]).usl, None);
        assert_eq!(Scaling::fit(vec![(1, f64::NAN), (0, 3.0)]).points, []);
    }

    #[test]
    fn intervals_hold_the_law_and_grow_with_the_noise() {
        let truth = Law { lambda: 10.0, sigma: 0.1, kappa: 0.002 };
        let points = |noise: f64, turn: u64| -> Vec<(usize, f64)> {
            let mut state = turn;
            let mut disturbed = |n: usize| {
                let random = (crate::order::split_mix(&mut state) >> 40) as f64 / (1u64 << 24) as f64;
                (n, truth.at(n as f64) * (1.0 + noise * (random - 0.5)))
            };
            [1, 2, 4, 8, 16].map(&mut disturbed).into()
        };
        let width = |noise: f64| {
            let scaling = Scaling::fit(points(0.0, 0)).with_intervals((0..8).map(|turn| points(noise, turn)).collect());
            let LawIntervals { sigma, kappa, .. } = scaling.usl_intervals.unwrap();
            assert!(sigma.low <= 0.1 && 0.1 <= sigma.high && kappa.low <= 0.002 && 0.002 <= kappa.high, "{scaling:?}");
            sigma.high - sigma.low
        };
        assert!(width(0.02) > 2.0 * width(0.001));
        assert_eq!(Scaling::fit(points(0.0, 0)).with_intervals(vec![points(0.0, 0); 2]).usl_intervals, None);
    }
}
