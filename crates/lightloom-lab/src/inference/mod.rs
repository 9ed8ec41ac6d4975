//! What elapsed times of several choices allow to be said about them.
//!
//! Runs are made in rounds, each of which has every choice once, in random order. A round is a block: choices are compared
//! by the differences of their log times within rounds, so that whatever changes from round to round (a warmer processor,
//! another program) cancels out. Sources of the parts:
//!
//! - *Differences of log times within blocks*: R. A. Fisher, *The Design of Experiments*, 1935, chapter IV. The estimate
//!   of a ratio of times is the trimmed geometric mean of the ratios within rounds.
//! - *Occasional outliers*: trimmed means with winsorised variances and Student's t: J. W. Tukey and D. H. McLaughlin,
//!   Sankhyā A 25, 1963, pages 331 to 352; K. K. Yuen, Biometrika 61, 1974, pages 165 to 170.
//! - *The fastest of k choices*: it is named if it differs from each of the others in a two-sided test. No correction for
//!   k is needed, since it has to pass all tests: S. Gutmann and Z. Maymin, Annals of Statistics 15, 1987, pages 456 to
//!   461. That a choice is slower than another is said after a Bonferroni correction for all pairs.
//! - *Equal within a margin*: the largest one-sided bound over all pairs, as in R. L. Berger and J. C. Hsu, Statistical
//!   Science 11, 1996, pages 283 to 319 (intersection of unions: no correction).
//! - *Rounds that are added until the answer is clear*: the error that is allowed is divided among the looks at the data:
//!   P. C. O'Brien and T. R. Fleming, Biometrics 35, 1979; K. K. G. Lan and D. L. DeMets, Biometrika 70, 1983. The shares
//!   are added up, so that nothing is assumed of how looks depend on each other.
//!
//! `simulated_tests.rs` shows what the whole procedure makes of choices that are equal, different, drifting and disturbed.

mod looks;
mod trimmed;

use serde::Serialize;

pub(crate) use looks::{LEAST_ROUNDS, MOST_ROUNDS, next_look, share};
pub(crate) use trimmed::{Trimmed, quantile};

/// Probability with which a fastest choice may be named among equal ones.
const WINNER_ERROR: f64 = 0.04;
/// Probability with which any choice may be called slower than one that it equals.
const SLOWER_ERROR: f64 = 0.03;
/// Probability with which a difference may exceed the margin that is stated for it, or a ratio its interval.
const INTERVAL_ERROR: f64 = 0.05;

/// Differences of times that mean nothing to a person.
pub(crate) const MARGIN: f64 = 0.03;

/// A range that holds a figure with at least 95 % probability, however often it is looked at while rounds are added.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Interval {
    /// Lower end.
    pub low: f64,
    /// Upper end.
    pub high: f64,
}

/// A ratio with its interval.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Ratio {
    /// The estimate.
    pub value: f64,
    /// `None` where there are fewer than three rounds.
    pub interval: Option<Interval>,
}

/// Log times of complete rounds.
#[derive(Debug, Clone, PartialEq, Default)]
pub(crate) struct Rounds {
    /// Natural logarithms of seconds, by round and choice.
    logs: Vec<Vec<f64>>,
}

/// What follows for all choices together.
#[derive(Debug, Clone, PartialEq, Default)]
pub(crate) struct Judgement {
    /// The choice that is faster than each of the others.
    pub fastest: Option<usize>,
    /// Choices that are not known to be slower than any other.
    pub contenders: Vec<usize>,
    /// No two contenders differ by more than this, as a share of the faster one's time.
    pub equal_within: f64,
}

impl Judgement {
    /// Whether more rounds could change nothing that matters.
    pub fn is_clear(&self) -> bool {
        self.fastest.is_some() || self.equal_within <= MARGIN
    }
}

impl Rounds {
    /// Of elapsed seconds by round and choice; every round has every choice.
    pub fn new(secs: &[Vec<f64>]) -> Self {
        Self { logs: secs.iter().map(|round| round.iter().map(|secs| secs.max(1e-9).ln()).collect()).collect() }
    }

    pub fn len(&self) -> usize {
        self.logs.len()
    }

    fn choices(&self) -> usize {
        self.logs.first().map_or(0, Vec::len)
    }

    /// The same without one round.
    pub fn without(&self, round: usize) -> Self {
        let others = self.logs.iter().enumerate().filter(|(index, _)| *index != round);
        Self { logs: others.map(|(_, logs)| logs.clone()).collect() }
    }

    /// By how much the logarithm of the time of `one` exceeds that of `other`.
    fn difference(&self, one: usize, other: usize) -> Trimmed {
        Trimmed::of(self.logs.iter().map(|round| round[one] - round[other]).collect())
    }

    /// Time of `one` divided by that of `other`.
    pub fn ratio(&self, one: usize, other: usize) -> Ratio {
        let difference = self.difference(one, other);
        let interval = (self.len() >= LEAST_ROUNDS && one != other).then(|| {
            let half = difference.half_width(INTERVAL_ERROR * share(self.len()) / 2.0);
            Interval { low: (difference.mean - half).exp(), high: (difference.mean + half).exp() }
        });
        Ratio { value: difference.mean.exp(), interval }
    }

    /// Whether `one` takes clearly longer than `other`, of all the pairs that could be looked at.
    pub fn is_slower(&self, one: usize, other: usize) -> bool {
        let difference = self.difference(one, other);
        self.len() >= LEAST_ROUNDS && one != other && difference.mean > difference.half_width(self.slower_tail())
    }

    /// The error of one side of a test whether a choice is slower than another, of all pairs.
    fn slower_tail(&self) -> f64 {
        let pairs = self.choices() * self.choices().saturating_sub(1) / 2;
        SLOWER_ERROR / pairs.max(1) as f64 * share(self.len()) / 2.0
    }

    /// What may be said; `None` with fewer than [`LEAST_ROUNDS`] rounds or two choices.
    pub fn judge(&self) -> Option<Judgement> {
        let choices = self.choices();
        if self.len() < LEAST_ROUNDS || choices < 2 {
            return None;
        }
        let differences: Vec<Vec<Trimmed>> =
            (0..choices).map(|one| (0..choices).map(|other| self.difference(one, other)).collect()).collect();
        let degrees = differences[0][1].degrees_of_freedom;
        let [winner, slower, margin] =
            [WINNER_ERROR * share(self.len()) / 2.0, self.slower_tail(), INTERVAL_ERROR * share(self.len())]
                .map(|tail| quantile(tail, degrees));
        let exceeds = |one: usize, other: usize, quantile: f64| {
            let difference = differences[one][other];
            one != other && difference.mean > 0.0 && difference.mean > difference.width(quantile)
        };
        let contenders: Vec<usize> =
            (0..choices).filter(|one| !(0..choices).any(|other| exceeds(*one, other, slower))).collect();
        let wins = |one: &usize| (0..choices).all(|other| other == *one || exceeds(other, *one, winner));
        let fastest = match contenders[..] {
            [only] => Some(only),
            _ => (0..choices).find(wins),
        };
        let pairs = contenders.iter().flat_map(|one| contenders.iter().map(|other| differences[*one][*other]));
        let equal_within = pairs.map(|pair| pair.mean + pair.width(margin)).fold(0.0, f64::max).exp_m1();
        Some(Judgement { fastest, contenders, equal_within })
    }

    /// How much slower the last round was than the first, as a share, where it is more than chance: a straight line
    /// through the mean log times of the rounds by least squares.
    pub fn drift(&self) -> Option<f64> {
        let count = self.len();
        if count < 2 * LEAST_ROUNDS {
            return None;
        }
        let means: Vec<f64> = self.logs.iter().map(|round| round.iter().sum::<f64>() / round.len() as f64).collect();
        let centre = (count - 1) as f64 / 2.0;
        let mean = means.iter().sum::<f64>() / count as f64;
        let squares: f64 = (0..count).map(|round| (round as f64 - centre).powi(2)).sum();
        let slope = means.iter().enumerate().map(|(i, m)| (i as f64 - centre) * (m - mean)).sum::<f64>() / squares;
        let left = |(i, m): (usize, &f64)| (m - mean - slope * (i as f64 - centre)).powi(2);
        let residual = means.iter().enumerate().map(left).sum::<f64>() / (count - 2) as f64;
        let half = quantile(0.01 / 2.0, count - 2) * (residual / squares).sqrt();
        (slope.abs() > half).then(|| (slope * (count - 1) as f64).exp_m1())
    }
}

#[cfg(test)]
mod simulated_tests;
