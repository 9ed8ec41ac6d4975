//! White balance: makes the light warmer or cooler, greener or more magenta.
//!
//! Algorithm: chromatic adaptation. White moves from D65 along the CIE daylight locus (CIE 15:2004) by one mired per
//! unit of temperature, and perpendicular to the locus in the CIE 1960 UCS by 1/3000 per unit of tint (the scale of
//! Adobe's DNG SDK). The Bradford matrix (Lam 1985, ICC.1:2010 annex E) maps the old white to the new one; with the
//! sRGB primaries on both sides this is one 3×3 matrix on linear light. The luminance of white is preserved.
//! Range: floats keep values outside 0–1, integers clip. Alpha: untouched. Depth: kept; the transfer functions are
//! tabulated to a quarter of a 16-bit level. Edges: none; each pixel depends only on itself. Grey pictures stay as
//! they are.

use crate::kernel::colour::map_rgb;
use crate::kernel::linear::{DECODE, ENCODE, Through};
use crate::{Dependence, Example, Filter, FilterContext, Operation, Point, Strip, Unfit};
use lightloom_param::{number, parameters};

parameters! {
    pub(crate) struct WhiteBalance {
        temperature: f32 = number(
            "Temperature",
            "Shift of white in mired; positive is warmer and negative is cooler",
            "",
            (-100.0, 100.0),
            0.0,
        ),
        tint: f32 = number("Tint", "Positive is more magenta and negative is greener", "", (-100.0, 100.0), 0.0),
    }
}

impl Filter for WhiteBalance {
    const TITLE: &'static str = "White balance";
    const HELP: &'static str = "Makes the light warmer or cooler, greener or more magenta";
    const EXAMPLE: Example = Example::of(&[("temperature", "45")]);

    fn compile(&self, context: &FilterContext) -> Result<Operation, Unfit> {
        let (temperature, tint) = (self.temperature, self.tint);
        if (temperature == 0.0 && tint == 0.0) || context.shape.layout.colours() == 1 {
            return Ok(Operation::Identity);
        }
        let matrix = adaptation(f64::from(temperature), f64::from(tint)).map(|row| row.map(|v| v as f32));
        // in steps, since the first is a table together with what comes before it
        Ok(Operation::Points(vec![
            Box::new(Through(&DECODE)),
            Box::new(ChromaticAdaptation { matrix }),
            Box::new(Through(&ENCODE)),
        ]))
    }
}

struct ChromaticAdaptation {
    /// Linear sRGB to linear sRGB.
    matrix: Matrix<f32>,
}

impl Point for ChromaticAdaptation {
    fn dependence(&self) -> Dependence {
        Dependence::Pixel
    }

    fn apply(&self, strip: &mut Strip<'_>) {
        let [to_red, to_green, to_blue] = self.matrix;
        map_rgb(strip, |[red, green, blue]| {
            let mixed = |row: [f32; 3]| row[0] * red + row[1] * green + row[2] * blue;
            [mixed(to_red), mixed(to_green), mixed(to_blue)]
        });
    }
}

type Matrix<T> = [[T; 3]; 3];

/// Linear sRGB to CIE XYZ (IEC 61966-2-1); the row sums are D65.
const SRGB_TO_XYZ: Matrix<f64> = [
    [0.412_456_4, 0.357_576_1, 0.180_437_5],
    [0.212_672_9, 0.715_152_2, 0.072_175_0],
    [0.019_333_9, 0.119_192_0, 0.950_304_1],
];

/// CIE XYZ to the sharpened cone responses of the Bradford transform.
const BRADFORD: Matrix<f64> = [[0.8951, 0.2664, -0.1614], [-0.7502, 1.7135, 0.0367], [0.0389, -0.0685, 1.0296]];

/// D65 in mired: 10⁶ ÷ 6504 K.
const D65_MIRED: f64 = 1e6 / 6504.0;

/// Distance in the CIE 1960 UCS of one unit of tint.
const TINT: f64 = 1.0 / 3000.0;

/// The matrix on linear sRGB that moves white by `temperature` mired and `tint` units.
fn adaptation(temperature: f64, tint: f64) -> Matrix<f64> {
    let d65 = apply(&SRGB_TO_XYZ, [1.0; 3]);
    let adapted = bradford(d65, white(d65, temperature, tint));
    product(&inverse(&SRGB_TO_XYZ), &product(&adapted, &SRGB_TO_XYZ))
}

/// The matrix on XYZ that takes colours under one white to those under another.
fn bradford(from: [f64; 3], to: [f64; 3]) -> Matrix<f64> {
    let (from, to) = (apply(&BRADFORD, from), apply(&BRADFORD, to));
    let gains = [[to[0] / from[0], 0.0, 0.0], [0.0, to[1] / from[1], 0.0], [0.0, 0.0, to[2] / from[2]]];
    product(&inverse(&BRADFORD), &product(&gains, &BRADFORD))
}

/// The shifted white in XYZ, with the luminance of `d65`.
fn white(d65: [f64; 3], temperature: f64, tint: f64) -> [f64; 3] {
    let sum = d65[0] + 15.0 * d65[1] + 3.0 * d65[2];
    let (u, v) = (4.0 * d65[0] / sum, 6.0 * d65[1] / sum);
    // the shift is taken relative to the locus, since D65 itself lies a little beside it
    let mired = D65_MIRED + temperature;
    let (start, end) = (daylight(D65_MIRED), daylight(mired));
    let (before, after) = (daylight(mired - 0.5), daylight(mired + 0.5));
    let (along_u, along_v) = (after.0 - before.0, after.1 - before.1);
    // towards warmer light u grows, and magenta lies on the side where v falls
    let unit = TINT * tint / along_u.hypot(along_v);
    let u = u + end.0 - start.0 + unit * along_v;
    let v = v + end.1 - start.1 - unit * along_u;
    // CIE 1960 to XYZ at Y = 1
    let y = d65[1];
    [1.5 * u / v * y, y, (4.0 - u - 10.0 * v) / (2.0 * v) * y]
}

/// The CIE daylight locus in CIE 1960 u, v; defined from 4000 to 25,000 K, and continued to 3940 K here.
fn daylight(mired: f64) -> (f64, f64) {
    let t = mired / 1000.0;
    let x = if mired > 1e6 / 7000.0 {
        ((-4.6070 * t + 2.9678) * t + 0.099_11) * t + 0.244_063
    } else {
        ((-2.0064 * t + 1.9018) * t + 0.247_48) * t + 0.237_040
    };
    let y = (-3.000 * x + 2.870) * x - 0.275;
    let sum = -2.0 * x + 12.0 * y + 3.0;
    (4.0 * x / sum, 6.0 * y / sum)
}

fn apply(m: &Matrix<f64>, v: [f64; 3]) -> [f64; 3] {
    m.map(|row| row[0] * v[0] + row[1] * v[1] + row[2] * v[2])
}

fn product(a: &Matrix<f64>, b: &Matrix<f64>) -> Matrix<f64> {
    a.map(|row| [0, 1, 2].map(|j| row[0] * b[0][j] + row[1] * b[1][j] + row[2] * b[2][j]))
}

/// By cofactors; the matrices here are far from singular.
fn inverse(m: &Matrix<f64>) -> Matrix<f64> {
    let cofactor = |i: usize, j: usize| {
        let (a, b, c, d) = ((i + 1) % 3, (i + 2) % 3, (j + 1) % 3, (j + 2) % 3);
        m[a][c] * m[b][d] - m[a][d] * m[b][c]
    };
    let determinant: f64 = (0..3).map(|j| m[0][j] * cofactor(0, j)).sum();
    [0, 1, 2].map(|i| [0, 1, 2].map(|j| cofactor(j, i) / determinant))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::{float, floats, rgb8, run};
    use lightloom_picture::{Layout, linear_to_srgb, srgb_to_linear};

    const CORNERS: [(f64, f64); 8] = [
        (100.0, 0.0),
        (-100.0, 0.0),
        (0.0, 100.0),
        (0.0, -100.0),
        (100.0, 100.0),
        (-100.0, -100.0),
        (7.0, -3.0),
        (0.0, 0.0),
    ];

    #[test]
    fn white_becomes_the_new_white_and_keeps_its_luminance() {
        let d65 = apply(&SRGB_TO_XYZ, [1.0; 3]);
        for (temperature, tint) in CORNERS {
            let xyz = apply(&SRGB_TO_XYZ, apply(&adaptation(temperature, tint), [1.0; 3]));
            for (v, e) in xyz.into_iter().zip(white(d65, temperature, tint)) {
                assert!((v - e).abs() < 1e-9);
            }
            assert!((xyz[1] - 1.0).abs() < 1e-6);
        }
        for (i, row) in adaptation(0.0, 0.0).into_iter().enumerate() {
            for (j, v) in row.into_iter().enumerate() {
                assert!((v - f64::from(u8::from(i == j))).abs() < 1e-12);
            }
        }
    }

    #[test]
    fn the_adaptation_is_that_of_colour_science() {
        // colour.adaptation.matrix_chromatic_adaptation_VonKries, Bradford, D65 to D50
        // (tests/reference/hues_and_tables.py)
        let expected =
            [[1.047_824, 0.022_892, -0.050_138], [0.029_55, 0.990_482, -0.017_053], [-0.009_236, 0.015_047, 0.752_08]];
        let xyz = |x: f64, y: f64| [x / y, 1.0, (1.0 - x - y) / y];
        let matrix = bradford(xyz(0.31272, 0.32903), xyz(0.34567, 0.35851));
        for (v, e) in matrix.as_flattened().iter().zip(expected.as_flattened()) {
            assert!((v - e).abs() < 2e-6, "{v}, not {e}");
        }
    }

    #[test]
    fn the_locus_matches_published_illuminants() {
        // CIE 15:2004 table T.3, by correlated colour temperature: D50 5003 K, D55 5503 K, D65 6504 K, D75 7504 K
        for (kelvin, x, y) in [
            (5003.0, 0.34567, 0.35851),
            (5503.0, 0.33243, 0.34744),
            (6504.0, 0.31272, 0.32903),
            (7504.0, 0.29903, 0.31488),
        ] {
            let (u, v) = daylight(1e6 / kelvin);
            let sum = 2.0 * u - 8.0 * v + 4.0;
            assert!((3.0 * u / sum - x).abs() < 2e-4 && (2.0 * v / sum - y).abs() < 2e-4, "{kelvin} K");
        }
    }

    #[test]
    fn directions_are_as_named() {
        let grey = |temperature: &str, tint: &str| {
            let params = [("temperature", temperature), ("tint", tint)];
            let result = run("white_balance", &params, float(Layout::Rgb, &[0.5; 3]));
            [floats(&result)[0], floats(&result)[1], floats(&result)[2]]
        };
        let [r, g, b] = grey("60", "0");
        assert!(r > 0.52 && b < 0.45 && r > g && g > b, "warm: {r} {g} {b}");
        let [r, g, b] = grey("-60", "0");
        assert!(r < 0.48 && b > 0.52 && b > g && g > r, "cool: {r} {g} {b}");
        let [r, g, b] = grey("0", "60");
        assert!(g < 0.5 && r > g && b > g, "magenta: {r} {g} {b}");
        let [r, g, b] = grey("0", "-60");
        assert!(g > 0.5 && r < g && b < g, "green: {r} {g} {b}");
    }

    #[test]
    fn tables_are_as_good_as_the_functions() {
        let samples: Vec<f32> = (0..3000).map(|i| (i * 7 % 3001) as f32 / 2500.0 - 0.05).collect();
        let result = run("white_balance", &[("temperature", "80"), ("tint", "-40")], float(Layout::Rgb, &samples));
        let matrix = adaptation(80.0, -40.0);
        for (before, after) in samples.chunks(3).zip(floats(&result).chunks(3)) {
            let linear = [0, 1, 2].map(|i| f64::from(srgb_to_linear(before[i])));
            for (linear, after) in apply(&matrix, linear).into_iter().zip(after) {
                assert!((linear_to_srgb(linear as f32) - after).abs() < 1e-5, "{before:?}");
            }
        }
    }

    #[test]
    fn black_stays_black() {
        let black = rgb8(&[[0; 3]]);
        assert_eq!(run("white_balance", &[("temperature", "100"), ("tint", "100")], black.clone()), black);
    }
}
