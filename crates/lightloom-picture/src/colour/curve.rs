//! Tone curves of profiles (ICC.1:2022, 10.6 and 10.18) and their inverses, in float.

use moxcms::ToneReprCurve;

/// A tone curve: encoded sample to linear light, both 0–1.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Curve {
    /// x to the power of this.
    Gamma(f64),
    /// g, a, b, c, d, e, f of the parametric curve: (a·x + b)^g + e from d on, c·x + f below.
    Parametric([f64; 7]),
    /// Values at equal distances, interpolated linearly; at least two, never falling.
    Table(Vec<f64>),
}

impl Curve {
    /// That of sRGB (IEC 61966-2-1).
    pub const SRGB: Self = Self::Parametric([2.4, 1.0 / 1.055, 0.055 / 1.055, 1.0 / 12.92, 0.040_45, 0.0, 0.0]);

    /// From a profile's tag; none if it is no usable curve.
    pub fn new(curve: &ToneReprCurve) -> Option<Self> {
        match curve {
            ToneReprCurve::Lut(table) => match table.as_slice() {
                [] => Some(Self::Gamma(1.0)),
                [0] => None,
                [gamma] => Some(Self::Gamma(f64::from(*gamma) / 256.0)),
                values => {
                    let mut last = 0;
                    let rising = values.iter().map(|&v| {
                        last = last.max(v);
                        f64::from(last) / 65_535.0
                    });
                    Some(Self::Table(rising.collect()))
                }
            },
            ToneReprCurve::Parametric(values) => {
                let v: Vec<f64> = values.iter().map(|&v| f64::from(v)).collect();
                let curve = match *v.as_slice() {
                    [g] => return (g > 0.0 && g.is_finite()).then_some(Self::Gamma(g)),
                    [g, a, b] => [g, a, b, 0.0, -b / a, 0.0, 0.0],
                    [g, a, b, c] => [g, a, b, 0.0, -b / a, c, c],
                    [g, a, b, c, d] => [g, a, b, c, d, 0.0, 0.0],
                    [g, a, b, c, d, e, f] => [g, a, b, c, d, e, f],
                    _ => return None,
                };
                let usable = curve.iter().all(|v| v.is_finite()) && curve[0] > 0.0 && curve[1] > 0.0;
                usable.then_some(Self::Parametric(curve))
            }
        }
    }

    /// Linear light of an encoded value. Beyond 0–1 formulas go on, below 0 as their mirror image; tables stop.
    pub fn eval(&self, x: f64) -> f64 {
        match self {
            Self::Gamma(1.0) => x,
            Self::Gamma(g) => x.abs().powf(*g).copysign(x),
            Self::Parametric([g, a, b, c, d, e, f]) => {
                let v = x.abs();
                let y = if v >= *d { (a * v + b).max(0.0).powf(*g) + e } else { c * v + f };
                if x < 0.0 { -y } else { y }
            }
            Self::Table(table) => {
                let at = x.clamp(0.0, 1.0) * (table.len() - 1) as f64;
                let i = (at as usize).min(table.len() - 2);
                table[i] + (table[i + 1] - table[i]) * (at - i as f64)
            }
        }
    }

    /// The encoded value of linear light: the inverse of [`Self::eval`]. Where a curve is flat, the lowest value.
    pub fn invert(&self, y: f64) -> f64 {
        match self {
            Self::Gamma(1.0) => y,
            Self::Gamma(g) => y.abs().powf(1.0 / g).copysign(y),
            Self::Parametric([g, a, b, c, d, e, f]) => {
                let v = y.abs();
                let knee = (a * d + b).max(0.0).powf(*g) + e;
                let x = if v >= knee || *c == 0.0 {
                    ((v - e).max(0.0).powf(1.0 / g) - b) / a
                } else {
                    ((v - f) / c).max(0.0)
                };
                if y < 0.0 { -x } else { x }
            }
            Self::Table(table) => {
                let i = table.partition_point(|v| *v < y).clamp(1, table.len() - 1);
                let (low, high) = (table[i - 1], table[i]);
                let part = if high > low { ((y - low) / (high - low)).clamp(0.0, 1.0) } else { 0.0 };
                ((i - 1) as f64 + part) / (table.len() - 1) as f64
            }
        }
    }

    /// Whether two curves agree to an eighth of a 16-bit step in most places: the same curve written in two ways.
    pub fn is_like(&self, other: &Self) -> bool {
        self == other
            || (0..=64).all(|i| {
                let x = f64::from(i) / 64.0;
                (self.eval(x) - other.eval(x)).abs() < 2e-5
            })
    }
}

/// Steps within an octave of [`Encoder`].
const STEPS: usize = 256;
/// Octaves below 1 that it covers.
const OCTAVES: usize = 24;

/// The inverse of a curve as a table over the bits of a float: as fine in the shadows as in the lights. Its error is
/// below a tenth of a 16-bit step for every usual curve.
#[derive(Debug, Clone)]
pub(super) struct Encoder {
    curve: Curve,
    table: Vec<f32>,
}

impl Encoder {
    pub fn new(curve: Curve) -> Self {
        let value = |i: usize| {
            let octave = 2_f64.powi((i / STEPS) as i32 - OCTAVES as i32);
            curve.invert(octave * (1.0 + (i % STEPS) as f64 / STEPS as f64)) as f32
        };
        let table = (0..=OCTAVES * STEPS).map(value).collect();
        Self { curve, table }
    }

    /// Encoded value of linear light.
    #[inline]
    pub fn encode(&self, linear: f32) -> f32 {
        const SHIFT: u32 = 23 - STEPS.ilog2();
        const FIRST: u32 = (127 - OCTAVES as u32) << 23;
        let bits = linear.to_bits();
        // Negative numbers and NaN wrap to beyond the table.
        let from_first = bits.wrapping_sub(FIRST);
        let i = (from_first >> SHIFT) as usize;
        if i < self.table.len() - 1 {
            let part = (from_first & ((1 << SHIFT) - 1)) as f32 * (1.0 / (1 << SHIFT) as f32);
            self.table[i] + (self.table[i + 1] - self.table[i]) * part
        } else if linear.is_nan() {
            0.0
        } else {
            self.curve.invert(f64::from(linear)) as f32
        }
    }
}

/// A curve as a table over all values of an integer sample, or computed for floats.
#[derive(Debug, Clone)]
pub(super) enum Decoder {
    Table(Vec<f32>),
    Exact(Curve),
}

impl Decoder {
    /// For samples of `levels` values; 0 for floats.
    pub fn new(curve: Curve, levels: usize) -> Self {
        if levels < 2 {
            return Self::Exact(curve);
        }
        Self::Table((0..levels).map(|i| curve.eval(i as f64 / (levels - 1) as f64) as f32).collect())
    }

    /// Linear light of an encoded sample.
    #[inline]
    pub fn decode(&self, encoded: f32) -> f32 {
        match self {
            Self::Table(table) => {
                let i = (encoded * (table.len() - 1) as f32 + 0.5) as usize;
                table[i.min(table.len() - 1)]
            }
            Self::Exact(curve) => curve.eval(f64::from(encoded)) as f32,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_encoder_is_the_exact_inverse_to_a_tenth_of_a_16_bit_step() {
        let table = Curve::Table((0..1024).map(|i| (f64::from(i) / 1023.0).powf(2.2)).collect());
        for curve in [Curve::SRGB, Curve::Gamma(2.2), Curve::Gamma(1.8), Curve::Gamma(1.0), table] {
            let encoder = Encoder::new(curve.clone());
            for i in 0..=65_535 {
                let x = f64::from(i) / 65_535.0;
                let back = f64::from(encoder.encode(curve.eval(x) as f32));
                assert!((back - x).abs() < 0.1 / 65_535.0, "{curve:?}: {x} came back as {back}");
            }
        }
    }

    #[test]
    fn beyond_the_range_formulas_go_on_and_nothing_is_nan() {
        let encoder = Encoder::new(Curve::SRGB);
        assert!((encoder.encode(4.0) - 1.824_786).abs() < 1e-4);
        assert!((encoder.encode(-0.5) + 0.735_357).abs() < 1e-5);
        for odd in [f32::NAN, f32::INFINITY, f32::NEG_INFINITY, 0.0, -0.0, 1e-30] {
            assert!(!encoder.encode(odd).is_nan());
        }
        assert_eq!(encoder.encode(1.0), 1.0);
    }

    #[test]
    fn nonsense_is_not_a_curve() {
        assert_eq!(Curve::new(&ToneReprCurve::Lut(vec![0])), None);
        assert_eq!(Curve::new(&ToneReprCurve::Parametric(vec![1.0, 2.0])), None);
        assert_eq!(Curve::new(&ToneReprCurve::Parametric(vec![f32::NAN])), None);
        assert_eq!(Curve::new(&ToneReprCurve::Parametric(vec![2.0, 0.0, 1.0])), None);
        let falling = Curve::new(&ToneReprCurve::Lut(vec![65_535, 0, 10])).unwrap();
        assert!((0..=10).all(|i| falling.invert(f64::from(i) / 10.0).is_finite()));
    }
}
