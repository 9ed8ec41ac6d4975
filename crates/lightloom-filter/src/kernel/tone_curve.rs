//! A tone curve through points, as people write and drag it: `0:0,0.25:0.2,1:1`.
//!
//! Between its points runs the monotone piecewise cubic of Fritsch and Carlson (1980) with their three-point tangents
//! as given by Fritsch and Butland (1984) for unequal distances, so that the curve never overshoots; before the first
//! and after the last point it is level.

use std::fmt::Write as _;

use crate::kernel::colour::unit;
use lightloom_param::{Editor, TextForm};

/// The form of a parameter that holds a tone curve.
pub(crate) static FORM: TextForm = TextForm {
    allowed: "2 to 32 points from 0 to 1 such as 0:0,0.25:0.2,1:1, each further right than the one before",
    check: |text| ToneCurve::parse(text).is_some(),
    editor: Editor::Curve,
    tokens: false,
};

/// The same for a curve that is rarely used.
pub(crate) static FOLDED_FORM: TextForm =
    TextForm { allowed: FORM.allowed, check: FORM.check, editor: Editor::FoldedCurve, tokens: false };

/// The curve that changes nothing.
pub(crate) const STRAIGHT: &str = "0:0,1:1";

/// A function from 0–1 to 0–1 through some points.
#[derive(Debug, Clone, PartialEq)]
pub struct ToneCurve {
    points: Vec<(f32, f32)>,
    pieces: Vec<Piece>,
    /// The piece in which each 256th of 0–1 starts.
    cells: [u8; CELLS + 1],
}

/// Number of parts of 0–1 by which a value finds its piece.
const CELLS: usize = 256;

/// A cubic that holds up to the start of the next one.
#[derive(Debug, Clone, Copy, PartialEq)]
struct Piece {
    from: f32,
    to: f32,
    /// By rising power of the distance from `from`.
    coefficients: [f32; 4],
}

impl ToneCurve {
    /// Points that a curve can have.
    pub const MOST_POINTS: usize = 32;

    /// Reads `x:y,x:y`; `None` unless there are 2 to 32 points within 0–1 whose x rise.
    pub fn parse(text: &str) -> Option<Self> {
        let number = |text: &str| text.trim().parse().ok().filter(|v| (0.0..=1.0).contains(v));
        let point = |text: &str| text.split_once(':').and_then(|(x, y)| Some((number(x)?, number(y)?)));
        let points: Vec<(f32, f32)> = text.split(',').map(point).collect::<Option<_>>()?;
        let rises = points.windows(2).all(|pair| pair[0].0 < pair[1].0);
        ((2..=Self::MOST_POINTS).contains(&points.len()) && rises).then(|| Self::through(points))
    }

    fn through(points: Vec<(f32, f32)>) -> Self {
        let tangents = tangents(&points);
        let level = |from, to, y| Piece { from, to, coefficients: [y, 0.0, 0.0, 0.0] };
        let (first, last) = (points[0], points[points.len() - 1]);
        let mut pieces = vec![level(0.0, first.0, first.1)];
        for (pair, slopes) in points.windows(2).zip(tangents.windows(2)) {
            let ((from, y), (to, end)) = (pair[0], pair[1]);
            let (width, m0, m1) = (to - from, slopes[0], slopes[1]);
            let slope = (end - y) / width;
            // the cubic Hermite polynomial
            let coefficients =
                [y, m0, (3.0 * slope - 2.0 * m0 - m1) / width, (m0 + m1 - 2.0 * slope) / (width * width)];
            pieces.push(Piece { from, to, coefficients });
        }
        pieces.push(level(last.0, f32::INFINITY, last.1));
        let piece_at = |x: f32| pieces.iter().position(|piece| x < piece.to).unwrap_or(pieces.len() - 1) as u8;
        let cells = std::array::from_fn(|cell| piece_at(cell as f32 / CELLS as f32));
        Self { points, pieces, cells }
    }

    /// Writes points so that [`Self::parse`] reads them back.
    pub fn text(points: &[(f32, f32)]) -> String {
        let mut text = String::new();
        for (x, y) in points {
            let comma = if text.is_empty() { "" } else { "," };
            let _ = write!(text, "{comma}{x}:{y}");
        }
        text
    }

    /// The points from left to right.
    pub fn points(&self) -> &[(f32, f32)] {
        &self.points
    }

    /// Whether it is the diagonal.
    pub(crate) fn is_straight(&self) -> bool {
        self.points.iter().all(|(x, y)| x == y)
            && self.points.first().is_some_and(|p| p.0 == 0.0)
            && self.points.last().is_some_and(|p| p.0 == 1.0)
    }

    /// The value at `x`; NaN counts as 0.
    #[inline]
    pub fn at(&self, x: f32) -> f32 {
        let x = unit(x);
        let mut piece = usize::from(self.cells[(x * CELLS as f32) as usize]);
        while x >= self.pieces[piece].to {
            piece += 1;
        }
        let Piece { from, coefficients: [c0, c1, c2, c3], .. } = self.pieces[piece];
        let distance = x - from;
        ((c3 * distance + c2) * distance + c1) * distance + c0
    }
}

/// Slopes at the points: the weighted harmonic mean of both sides, 0 at a turn; one-sided at the ends.
fn tangents(points: &[(f32, f32)]) -> Vec<f32> {
    let widths: Vec<f32> = points.windows(2).map(|p| p[1].0 - p[0].0).collect();
    let slopes: Vec<f32> = points.windows(2).map(|p| (p[1].1 - p[0].1) / (p[1].0 - p[0].0)).collect();
    let last = points.len() - 1;
    let end = |near: usize, next: usize| {
        let (h0, h1, d0, d1) = (widths[near], widths[next], slopes[near], slopes[next]);
        let slope = ((2.0 * h0 + h1) * d0 - h0 * d1) / (h0 + h1);
        // keeps the end monotone
        if slope * d0 <= 0.0 {
            0.0
        } else if d0 * d1 <= 0.0 && slope.abs() > 3.0 * d0.abs() {
            3.0 * d0
        } else {
            slope
        }
    };
    (0..=last)
        .map(|i| match i {
            _ if last == 1 => slopes[0],
            0 => end(0, 1),
            _ if i == last => end(last - 1, last - 2),
            _ if slopes[i - 1] * slopes[i] <= 0.0 => 0.0,
            _ => {
                let (w0, w1) = (2.0 * widths[i] + widths[i - 1], widths[i] + 2.0 * widths[i - 1]);
                (w0 + w1) / (w0 / slopes[i - 1] + w1 / slopes[i])
            }
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_a_curve_and_what_is_not() {
        for text in ["0:0,1:1", " 0.1 : 0.9 , 0.2 : 0.1 ", "0:1,0.5:0.5,1:0"] {
            assert!(ToneCurve::parse(text).is_some(), "{text}");
        }
        for text in ["", "0:0", "0:0,0:1", "0.5:0,0.4:1", "0:0,1:1.1", "0:0,1", "0:0,a:1", "0:0,1:NaN", "0:0,,1:1"] {
            assert!(ToneCurve::parse(text).is_none(), "{text}");
        }
        let many: Vec<(f32, f32)> = (0..33).map(|i| (i as f32 / 32.0, 0.5)).collect();
        assert!(ToneCurve::parse(&ToneCurve::text(&many)).is_none());
        assert_eq!(ToneCurve::parse(&ToneCurve::text(&many[..32])).unwrap().points(), &many[..32]);
    }

    #[test]
    fn it_passes_through_its_points_and_never_overshoots() {
        for text in
            ["0:0,0.1:0.6,0.2:0.61,0.9:0.62,1:1", "0:0,0.4:0.9,0.5:0.2,1:1", "0.2:0.3,0.8:0.7", "0:1,0.3:0,1:0.1"]
        {
            let curve = ToneCurve::parse(text).unwrap();
            for (x, y) in curve.points() {
                assert!((curve.at(*x) - y).abs() < 1e-6, "{text} at {x}");
            }
            for pair in curve.points().windows(2) {
                let (low, high) = (pair[0].1.min(pair[1].1), pair[0].1.max(pair[1].1));
                let mut before = pair[0].1;
                for i in 0..=1000 {
                    let v = curve.at(pair[0].0 + (pair[1].0 - pair[0].0) * i as f32 / 1000.0);
                    assert!(v >= low - 1e-6 && v <= high + 1e-6, "{text} leaves {low}–{high}: {v}");
                    let rising = pair[1].1 >= pair[0].1;
                    assert!(if rising { v >= before - 1e-6 } else { v <= before + 1e-6 }, "{text} turns");
                    before = v;
                }
            }
        }
    }

    #[test]
    fn it_agrees_with_scipy() {
        // scipy.interpolate.PchipInterpolator([0, .25, .6, 1], [0, .1, .75, 1]) (tests/reference/tone.py)
        let curve = ToneCurve::parse("0:0,0.25:0.1,0.6:0.75,1:1").unwrap();
        for (x, expected) in PCHIP {
            assert!((curve.at(x) - expected).abs() < 2e-6, "{x}: {}, not {expected}", curve.at(x));
        }
    }

    const PCHIP: [(f32, f32); 7] = [
        (0.05, 0.005_316_5),
        (0.125, 0.030_142_6),
        (0.3, 0.153_558_5),
        (0.45, 0.471_192_5),
        (0.59, 0.739_690_7),
        (0.7, 0.842_257_2),
        (0.95, 0.994_429_5),
    ];

    #[test]
    fn beyond_its_points_it_is_constant() {
        let curve = ToneCurve::parse("0.2:0.3,0.8:0.7").unwrap();
        assert_eq!((curve.at(-1.0), curve.at(0.1), curve.at(0.9), curve.at(f32::INFINITY)), (0.3, 0.3, 0.7, 0.7));
        assert_eq!(curve.at(f32::NAN), 0.3);
        assert!(ToneCurve::parse("0:0,0.5:0.5,1:1").unwrap().is_straight());
        assert!(!ToneCurve::parse("0:0,0.5:0.5,0.9:0.9").unwrap().is_straight());
    }
}
