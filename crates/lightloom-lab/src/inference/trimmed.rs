//! The trimmed mean of a sample, how uncertain it is, and quantiles of Student's t.

use std::f64::consts::{FRAC_2_PI, FRAC_PI_2};

/// Share of a sample that is left out at each end.
const TRIM: f64 = 0.15;

/// A trimmed mean.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Trimmed {
    /// The mean of what is not left out.
    pub mean: f64,
    /// Its standard error, from the winsorised variance.
    error: f64,
    pub degrees_of_freedom: usize,
}

impl Trimmed {
    /// Of a sample, 15 % of which are left out at each end, rounded down.
    pub fn of(mut sample: Vec<f64>) -> Self {
        sample.sort_by(f64::total_cmp);
        let count = sample.len();
        let cut = (TRIM * count as f64) as usize;
        let kept = count - 2 * cut;
        if kept == 0 {
            return Self { mean: 0.0, error: f64::INFINITY, degrees_of_freedom: 0 };
        }
        let mean = sample[cut..count - cut].iter().sum::<f64>() / kept as f64;
        let (least, most) = (sample[cut], sample[count - cut - 1]);
        sample.iter_mut().for_each(|value| *value = value.clamp(least, most));
        let centre = sample.iter().sum::<f64>() / count as f64;
        let squares: f64 = sample.iter().map(|value| (value - centre).powi(2)).sum();
        let error = (squares / (kept as f64 * (kept as f64 - 1.0))).sqrt();
        Self { mean, error, degrees_of_freedom: kept - 1 }
    }

    /// Half the width of an interval around the mean that fails above with probability `tail`.
    pub fn half_width(&self, tail: f64) -> f64 {
        self.width(quantile(tail, self.degrees_of_freedom))
    }

    /// The same from the quantile of Student's t, for where it is known.
    pub fn width(&self, quantile: f64) -> f64 {
        // Nothing is uncertain about what never differed.
        if self.error == 0.0 { 0.0 } else { quantile * self.error }
    }
}

/// The value that Student's t with this many degrees of freedom exceeds with probability `tail`, below a half; infinite
/// with none. By bisection to eleven digits.
pub(crate) fn quantile(tail: f64, degrees_of_freedom: usize) -> f64 {
    if degrees_of_freedom == 0 {
        return f64::INFINITY;
    }
    // The angle whose tangent is t ÷ √ν.
    let (mut low, mut high) = (0.0, FRAC_PI_2);
    for _ in 0..48 {
        let middle = f64::midpoint(low, high);
        if (1.0 - probability_within(middle, degrees_of_freedom)) / 2.0 > tail {
            low = middle;
        } else {
            high = middle;
        }
    }
    f64::midpoint(low, high).tan() * (degrees_of_freedom as f64).sqrt()
}

/// The probability that Student's t lies between −t and t, where `angle` is the arc tangent of t ÷ √ν: M. Abramowitz and
/// I. A. Stegun, *Handbook of Mathematical Functions*, 1964, 26.7.3 and 26.7.4.
fn probability_within(angle: f64, degrees_of_freedom: usize) -> f64 {
    let (sine, cosine) = angle.sin_cos();
    let is_odd = degrees_of_freedom % 2 == 1;
    // 1 + 1/2 cos² + 1·3/(2·4) cos⁴ + … up to cos^(ν−2), or cos + 2/3 cos³ + … likewise.
    let mut term = if is_odd { cosine } else { 1.0 };
    let mut sum = 0.0;
    let mut power = if is_odd { 1 } else { 0 };
    while power + 2 <= degrees_of_freedom {
        sum += term;
        term *= cosine * cosine * (power + 1) as f64 / (power + 2) as f64;
        power += 2;
    }
    if is_odd { FRAC_2_PI * (angle + sine * sum) } else { sine * sum }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Values of scipy 1.17, `scipy.stats.t.isf(tail, df)`.
    #[test]
    fn quantiles_agree_with_another_library() {
        for (tail, degrees_of_freedom, expected) in SCIPY {
            let found = quantile(tail, degrees_of_freedom);
            assert!(
                (found / expected - 1.0).abs() < 1e-8,
                "{tail} {degrees_of_freedom}: {found} instead of {expected}"
            );
        }
        assert_eq!(quantile(0.05, 0), f64::INFINITY);
    }

    #[rustfmt::skip]
    const SCIPY: [(f64, usize, f64); 9] = [
        (0.025, 1, 12.7062047364),
        (0.025, 2, 4.3026527297),
        (0.004, 3, 6.3221007998),
        (0.005, 5, 4.0321429836),
        (0.0001, 3, 22.2037422732),
        (3e-05, 5, 12.4190775702),
        (1e-05, 9, 8.1020578794),
        (0.05, 17, 1.7396067261),
        (5e-06, 33, 5.2076072818),
    ];

    /// Ten values, of which the smallest and the largest are left out; by hand.
    #[test]
    fn a_trimmed_mean_ignores_the_ends() {
        let with = |last: f64| Trimmed::of(vec![5.0, 1.0, 2.0, 3.0, 4.0, 6.0, 7.0, 8.0, 9.0, last]);
        assert_eq!(with(10.0), with(1e6));
        assert_eq!(with(10.0).mean, 5.5);
        // winsorised to 2, 2, 3, …, 8, 9, 9: squares about 5.5 add up to 66.5; divided by 8 · 7
        assert!((with(10.0).error - (66.5_f64 / 56.0).sqrt()).abs() < 1e-12);
        assert_eq!(Trimmed::of(vec![2.0; 4]).half_width(0.01), 0.0, "without any spread nothing is uncertain");
        assert!(!Trimmed::of(vec![1.0]).half_width(0.01).is_finite());
    }
}
