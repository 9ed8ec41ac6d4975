//! Straighten: rotates the picture by a few degrees and cuts off the empty corners.
//!
//! Algorithm: every pixel is sampled through the rotation about the centre with an interpolating kernel (see `warp`).
//! The result is the largest rectangle within the rotated picture (in closed form), the largest one with the
//! picture's proportions, or the whole rotated picture with coloured corners.
//! Range: kernels with negative lobes overshoot at edges; integers clip it, floats keep it. Alpha: interpolated and
//! clipped, colours weighted by it; a corner colour with opacity below full adds an alpha channel. Depth: kept; 8
//! bits without alpha in whole numbers (see `warp_u8`), all else in f32, rounded once. Edges: the nearest pixel is
//! repeated, or the corner colour is used.

use crate::figure::{self, Figure, Frame, OnPicture, Settings, Spot, rounded};
use crate::kernel::resample::{INTERPOLATING, Kernel};
use crate::kernel::surround::{converted_bytes, layout_with, unit_pixel};
use crate::kernel::warp::warp;
use crate::kernel::warp_map::{Beyond, Map};
use crate::{Colour, Example, Filter, FilterContext, Operation, Stopped, Unfit, Whole, Work};
use lightloom_param::{Value, choice, colour, number, parameters};
use lightloom_picture::{Geometry, Pixels, Shape};

choice! {
    enum Extent {
        Largest = "largest",
        Proportions = "proportions",
        Whole = "whole",
    }
}

parameters! {
    pub(crate) struct Straighten {
        angle: f32 = number("Angle", "Positive turns clockwise", "°", (-45.0, 45.0), 0.0).step(0.1),
        result: Extent = choice(
            "Result",
            "The largest rectangle inside, the largest with the picture's proportions, or the whole with corners",
        ),
        colour: Colour = colour("Corners", "Colour of the corners", Colour::WHITE).when("result", &["whole"]),
        kernel: Kernel = choice(
            "Kernel",
            "Catmull-Rom is sharp, Lanczos a little sharper and slower, bilinear soft",
        )
        .among(INTERPOLATING),
    }
}

impl Filter for Straighten {
    const TITLE: &'static str = "Straighten";
    const HELP: &'static str = "Turns the picture by any angle and cuts off the corners";
    const EXAMPLE: Example = Example::of(&[("angle", "6")]);
    const ON_PICTURE: Option<OnPicture<Self>> = Some(OnPicture::of(Self::figure, Self::settings));

    fn compile(&self, _context: &FilterContext) -> Result<Operation, Unfit> {
        Ok(if self.angle == 0.0 { Operation::Identity } else { Operation::whole(self.rotation()) })
    }
}

impl Straighten {
    fn rotation(&self) -> Rotation {
        let angle = f64::from(self.angle).to_radians();
        Rotation { sin: angle.sin(), cos: angle.cos(), result: self.result, colour: self.colour, kernel: self.kernel }
    }

    fn figure(&self, frame: &Frame) -> Option<Figure> {
        let rotation = self.rotation();
        let (width, height) = rotation.size(frame.width as u32, frame.height as u32);
        let (x, y) = (f64::from(width) / 2.0, f64::from(height) / 2.0);
        let from_centre = |(x, y): (f64, f64)| Spot {
            x: frame.width / 2.0 + rotation.cos * x + rotation.sin * y,
            y: frame.height / 2.0 - rotation.sin * x + rotation.cos * y,
        };
        let outline = [(-x, -y), (x, -y), (x, y), (-x, y)].map(from_centre);
        Some(Figure::Rotation(figure::Rotation { degrees: f64::from(self.angle), outline }))
    }

    fn settings(&self, figure: &Figure, _: &Frame) -> Settings {
        let Figure::Rotation(figure::Rotation { degrees, .. }) = figure else { return Settings::new() };
        vec![("angle", Value::Number(rounded(*degrees, 1)))]
    }
}

struct Rotation {
    sin: f64,
    cos: f64,
    result: Extent,
    colour: Colour,
    kernel: Kernel,
}

impl Rotation {
    fn size(&self, width: u32, height: u32) -> (u32, u32) {
        let (w, h) = (f64::from(width), f64::from(height));
        let (sin, cos) = (self.sin.abs(), self.cos);
        let (wide, high) = match self.result {
            Extent::Whole => (w * cos + h * sin, h * cos + w * sin),
            Extent::Proportions => {
                let scale = (w / (w * cos + h * sin)).min(h / (h * cos + w * sin));
                (w * scale, h * scale)
            }
            Extent::Largest => largest_inside(w, h, sin, cos),
        };
        // a little more, so that a rounding error does not cost a pixel
        let side = |v: f64| ((v + 1e-6).floor() as u32).max(1);
        if self.result == Extent::Whole { (wide.ceil() as u32, high.ceil() as u32) } else { (side(wide), side(high)) }
    }

    /// From pixel centres of the result to those of the source.
    fn map(&self, source: (u32, u32), size: (u32, u32)) -> Map {
        let middle = |side: u32| (f64::from(side) - 1.0) / 2.0;
        let (x, y) = (middle(size.0), middle(size.1));
        let (u, v) = (middle(source.0), middle(source.1));
        let (sin, cos) = (self.sin, self.cos);
        [[cos, sin, u - cos * x - sin * y], [-sin, cos, v + sin * x - cos * y], [0.0, 0.0, 1.0]]
    }
}

/// The sides of the largest upright rectangle within a `w` × `h` one that is turned by an angle up to a quarter turn.
fn largest_inside(w: f64, h: f64, sin: f64, cos: f64) -> (f64, f64) {
    let (long, short) = (w.max(h), w.min(h));
    let double = cos * cos - sin * sin;
    if short <= 2.0 * sin * cos * long || double.abs() < 1e-9 {
        // two corners touch the middle of the long sides
        let half = 0.5 * short;
        if w >= h { (half / sin, half / cos) } else { (half / cos, half / sin) }
    } else {
        ((w * cos - h * sin) / double, (h * cos - w * sin) / double)
    }
}

impl Whole for Rotation {
    fn shape(&self, source: Shape) -> Shape {
        let (width, height) = self.size(source.width, source.height);
        let layout = if self.result == Extent::Whole { layout_with(source.layout, self.colour) } else { source.layout };
        Shape { width, height, layout, ..source }
    }

    fn geometry(&self, source: Shape) -> Geometry {
        let (from, to) = ((source.width, source.height), self.size(source.width, source.height));
        // A rotation has an inverse.
        Geometry::drawn_from(from, to, &self.map(from, to)).unwrap_or_else(|| Geometry::scaled(from, to))
    }

    fn extra_bytes(&self, source: Shape) -> u64 {
        converted_bytes(source, self.shape(source).layout)
    }

    fn apply(&self, source: Pixels, work: &mut Work<'_>) -> Result<Pixels, Stopped> {
        let shape = self.shape(source.shape());
        let source = source.into_layout(shape.layout);
        let map = self.map((source.width(), source.height()), (shape.width, shape.height));
        let beyond = match self.result {
            Extent::Whole => Beyond::Colour(unit_pixel(self.colour, shape.layout)),
            Extent::Largest | Extent::Proportions => Beyond::Nearest,
        };
        let result = warp(&source, (shape.width, shape.height), &map, self.kernel, beyond, work);
        source.recycle(work.buffers);
        result
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::{bytes, floats, grey8, run};
    use lightloom_picture::{Layout, Raster};

    fn size(angle: &str, result: &str, width: u32, height: u32) -> (u32, u32) {
        let pixels = run(
            "straighten",
            &[("angle", angle), ("result", result)],
            grey8(width, &vec![9; (width * height) as usize]),
        );
        assert!(result == "whole" || bytes(&pixels).iter().all(|v| *v == 9));
        (pixels.width(), pixels.height())
    }

    #[test]
    fn sizes_in_closed_form() {
        // 300 × 200 at 10°: cos 0.98481, sin 0.17365, cos 20° 0.93969
        assert_eq!(size("10", "largest", 300, 200), (277, 154));
        assert_eq!(size("-10", "proportions", 300, 200), (240, 160));
        assert_eq!(size("10", "whole", 300, 200), (331, 250));
        // 45° of a strip: corners touch the middles
        assert_eq!(size("45", "largest", 400, 100), (70, 70));
        assert_eq!(size("45", "largest", 1, 50), (1, 1));
        assert_eq!(size("0.01", "largest", 50, 50), (49, 49));
    }

    #[test]
    fn a_rotated_plane_stays_a_plane() {
        // brightness rises to the right; after turning clockwise it rises to the lower right
        let (width, height) = (81, 61);
        let ramp: Vec<f32> = (0..width * height).map(|i| (i % width) as f32 / 80.0).collect();
        for (kernel, tolerance) in [("catmull_rom", 1e-5), ("bilinear", 1e-5), ("lanczos3", 5e-4)] {
            let pixels: Pixels = Raster::new(width, height, Layout::Grey, ramp.clone()).into();
            let result = run("straighten", &[("angle", "20"), ("kernel", kernel)], pixels);
            let (sin, cos) = 20.0_f64.to_radians().sin_cos();
            let middle = |side: u32| (f64::from(side) - 1.0) / 2.0;
            for y in 3..result.height() - 3 {
                for x in 3..result.width() - 3 {
                    let (dx, dy) = (f64::from(x) - middle(result.width()), f64::from(y) - middle(result.height()));
                    let expected = (40.0 + cos * dx + sin * dy) / 80.0;
                    let got = f64::from(floats(&result)[(y * result.width() + x) as usize]);
                    assert!((got - expected).abs() < tolerance, "{kernel} at {x} {y}: {got}, not {expected}");
                }
            }
        }
    }

    #[test]
    fn corners_are_coloured_and_the_middle_is_not() {
        let result = run(
            "straighten",
            &[("angle", "30"), ("result", "whole"), ("colour", "#00ff0000")],
            grey8(41, &[200; 41 * 41]),
        );
        assert_eq!(result.shape().layout, Layout::GreyAlpha);
        let pixel = |x: u32, y: u32| &bytes(&result)[((y * result.width() + x) * 2) as usize..][..2];
        assert_eq!(pixel(0, 0)[1], 0);
        assert_eq!(pixel(result.width() / 2, result.height() / 2), [200, 255]);
    }

    #[test]
    fn it_agrees_with_scikit_image() {
        // skimage.transform.warp, order 3, mode edge, of the same noise (tests/reference/warp.py)
        let noise: Vec<f32> = (0..12 * 9_u32).map(|i| (i * 7919 % 101) as f32 / 100.0).collect();
        let result = run("straighten", &[("angle", "12")], Pixels::from(Raster::new(12, 9, Layout::Grey, noise)));
        assert_eq!((result.width(), result.height()), TURNED.0);
        for (v, e) in floats(&result).iter().zip(TURNED.1) {
            assert!((v - e).abs() < 1e-4, "{v}, not {e}");
        }
    }

    const TURNED: ((u32, u32), &[f32]) = (
        (10, 6),
        &[
            0.25738, 0.26727, 0.8566, 0.62566, 0.65449, 0.61907, 0.43305, 0.4874, 0.20204, 0.6506, 0.45018, 0.32347,
            0.79871, 0.38546, 0.62026, 0.2369, 0.36896, 0.92705, 0.56986, 0.76856, 0.91152, 0.27377, 0.70674, 0.08726,
            0.53719, 0.40319, 0.38546, 0.86291, 0.36144, 0.7045, 0.633, 0.13646, 0.6551, 0.83097, 0.47198, 0.93083,
            0.30568, 0.73574, 0.16923, 0.60911, 0.53484, 0.20608, 0.64543, 0.73205, 0.40753, 0.60217, 0.23759, 0.50373,
            0.00696, 0.58995, 0.81868, 0.54038, 0.57942, 0.4169, 0.37642, 0.49553, 0.23791, 0.71754, 0.52102, 0.5111,
        ],
    );
}
