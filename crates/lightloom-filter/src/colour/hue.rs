//! Hue: rotates all colours around the colour wheel.
//!
//! Algorithm: `hsl` adds the angle to the hue of HSL (Joblove and Greenberg 1978) and keeps saturation and lightness,
//! on encoded sRGB values, as image editors do. `luma` rotates the plane perpendicular to luma by a matrix
//! (`hue-rotate` of W3C Filter Effects, with its rounded weights 0.213, 0.715 and 0.072), so that yellow does not
//! become as dark as blue.
//! Range: floats keep values outside 0–1, integers clip. Alpha: untouched. Depth: kept, computed in f32. Edges: none;
//! each pixel depends only on itself. Grey pictures stay as they are.

use crate::kernel::colour::{OfColours, OnColour, from_hsl, to_hsl};
use crate::{Example, Filter, FilterContext, Operation, Unfit};
use lightloom_param::{choice, number, parameters};

choice! {
    enum Keep {
        Hsl = "hsl",
        Luma = "luma",
    }
}

parameters! {
    pub(crate) struct Hue {
        angle: f32 = number("Angle", "From red over yellow towards green", "°", (-180.0, 180.0), 0.0),
        keep: Keep = choice("Keep", "HSL lightness and saturation, or luma"),
    }
}

impl Filter for Hue {
    const TITLE: &'static str = "Hue";
    const HELP: &'static str = "Turns all colours around the colour wheel";
    const EXAMPLE: Example = Example::of(&[("angle", "120")]);

    fn compile(&self, context: &FilterContext) -> Result<Operation, Unfit> {
        let angle = self.angle;
        if angle == 0.0 || context.shape.layout.colours() == 1 {
            return Ok(Operation::Identity);
        }
        if self.keep == Keep::Luma {
            let matrix = rotation(angle);
            return Ok(Operation::point(OnColour(move |[r, g, b]: [f32; 3]| {
                matrix.map(|[red, green, blue]| red * r + green * g + blue * b)
            })));
        }
        Ok(Operation::point(OnColour(Turn { angle })))
    }
}

/// Turns the hue of HSL.
struct Turn {
    angle: f32,
}

impl OfColours for Turn {
    #[inline(always)]
    fn at(&self, rgb: [f32; 3]) -> [f32; 3] {
        let [hue, saturation, lightness] = to_hsl(rgb);
        from_hsl([hue + self.angle, saturation, lightness])
    }
}

/// The matrix of `hue-rotate`.
fn rotation(degrees: f32) -> [[f32; 3]; 3] {
    let (sin, cos) = degrees.to_radians().sin_cos();
    let (r, g, b) = (0.213, 0.715, 0.072);
    [
        [r + cos * (1.0 - r) - sin * r, g - cos * g - sin * g, b - cos * b + sin * (1.0 - b)],
        [r - cos * r + sin * 0.143, g + cos * (1.0 - g) + sin * 0.140, b - cos * b - sin * 0.283],
        [r - cos * r - sin * (1.0 - r), g - cos * g + sin * g, b + cos * (1.0 - b) + sin * b],
    ]
}

#[cfg(test)]
mod tests {
    use crate::testing::{bytes, float, floats, rgb8, run};
    use lightloom_picture::Layout;

    #[test]
    fn primaries_rotate() {
        let source = || rgb8(&[[255, 0, 0], [0, 255, 0], [0, 0, 255], [90, 90, 90]]);
        let plus = run("hue", &[("angle", "120")], source());
        assert_eq!(bytes(&plus), [0, 255, 0, 0, 0, 255, 255, 0, 0, 90, 90, 90]);
        let minus = run("hue", &[("angle", "-60")], source());
        assert_eq!(bytes(&minus), [255, 0, 255, 255, 255, 0, 0, 255, 255, 90, 90, 90]);
    }

    #[test]
    fn it_agrees_with_colorsys() {
        // colorsys of Python: rgb_to_hls, hue + 50 / 360, hls_to_rgb (tests/reference/hues_and_tables.py)
        let result = run("hue", &[("angle", "50")], float(Layout::Rgb, &[0.2, 0.5, 0.3, 0.9, 0.7, 0.1, 0.4, 0.1, 0.6]));
        for (v, e) in floats(&result).iter().zip(TURNED) {
            assert!((v - e).abs() < 2e-6, "{v}, not {e}");
        }
    }

    const TURNED: [f32; 9] = [0.2, 0.45, 0.5, 0.433_333, 0.9, 0.1, 0.6, 0.1, 0.383_333];

    #[test]
    fn luma_is_kept() {
        let source = [0.2, 0.5, 0.3, 0.9, 0.7, 0.1];
        let result = run("hue", &[("angle", "77"), ("keep", "luma")], float(Layout::Rgb, &source));
        let luma = |v: &[f32]| 0.213 * v[0] + 0.715 * v[1] + 0.072 * v[2];
        for (before, after) in source.chunks(3).zip(floats(&result).chunks(3)) {
            assert!((luma(before) - luma(after)).abs() < 1e-3);
        }
        let half = run("hue", &[("angle", "180"), ("keep", "luma")], float(Layout::Rgb, &[1.0, 0.0, 0.0]));
        for (v, e) in floats(&half).iter().zip([-0.574, 0.426, 0.426]) {
            assert!((v - e).abs() < 1e-5);
        }
    }
}
