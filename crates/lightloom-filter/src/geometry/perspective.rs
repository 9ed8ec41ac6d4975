//! Perspective: makes converging lines parallel, or a slanted page upright.
//!
//! Algorithm: a quadrilateral of the picture is mapped onto the whole result by a projective transform (Heckbert
//! 1989) with an interpolating kernel (see `warp`). Keystone takes a trapezium, narrower at one edge, and keeps the
//! size; corners takes any convex quadrilateral, and the sides of the result are as long as its longer edges.
//! Range: kernels with negative lobes overshoot at edges; integers clip it, floats keep it. Alpha: interpolated and
//! clipped, colours weighted by it. Depth: kept; 8 bits without alpha in whole numbers (see `warp_u8`), all else in
//! f32, rounded once. Edges: the nearest pixel is repeated for corners that lie beyond the picture.

use std::sync::Arc;

use crate::figure::{self, Figure, Frame, OnPicture, Settings, Spot, percent};
use crate::kernel::resample::{INTERPOLATING, Kernel};
use crate::kernel::warp::warp;
use crate::kernel::warp_map::{Beyond, to_quadrilateral};
use crate::{Example, Filter, FilterContext, Operation, Stopped, Unfit, Whole, Work};
use lightloom_param::{Editor, TextForm, Value, choice, number, parameters, text};
use lightloom_picture::{Geometry, Pixels, Shape};

choice! {
    enum Mode {
        Keystone = "keystone",
        Corners = "corners",
    }
}

parameters! {
    pub(crate) struct Perspective {
        mode: Mode = choice("Mode", "Keystone widens one edge, corners makes a quadrilateral the picture"),
        vertical: f32 = number(
            "Vertical",
            "What is cut on each side at the top, or at the bottom where negative",
            "%",
            (-45.0, 45.0),
            0.0,
        )
        .step(0.5)
        .when("mode", &["keystone"]),
        horizontal: f32 = number(
            "Horizontal",
            "What is cut above and below at the right, or at the left where negative",
            "%",
            (-45.0, 45.0),
            0.0,
        )
        .step(0.5)
        .when("mode", &["keystone"]),
        corners: Arc<str> = text(
            "Corners",
            "Top left, top right, bottom right and bottom left in percent of width and height",
            &FORM,
            "0:0,100:0,100:100,0:100",
        )
        .when("mode", &["corners"]),
        kernel: Kernel = choice("Kernel", "Catmull-Rom is sharp, Lanczos a little sharper, bilinear soft")
            .among(INTERPOLATING),
    }
}

impl Filter for Perspective {
    const TITLE: &'static str = "Perspective";
    const HELP: &'static str = "Makes converging lines parallel or a slanted page upright";
    const EXAMPLE: Example = Example::of(&[("vertical", "18")]);
    const ON_PICTURE: Option<OnPicture<Self>> = Some(OnPicture::of(Self::figure, Self::settings));

    fn compile(&self, _context: &FilterContext) -> Result<Operation, Unfit> {
        let corners = self.quadrilateral();
        if corners == WHOLE {
            return Ok(Operation::Identity);
        }
        Ok(Operation::whole(Rectification { corners, natural: self.mode == Mode::Corners, kernel: self.kernel }))
    }
}

impl Perspective {
    /// What becomes the whole result.
    fn quadrilateral(&self) -> Corners {
        if self.mode == Mode::Corners {
            return corners(&self.corners).unwrap_or(WHOLE);
        }
        let [vertical, horizontal] = [self.vertical, self.horizontal].map(|percent| f64::from(percent) / 100.0);
        let (top, bottom) = (vertical.max(0.0), (-vertical).max(0.0));
        let (right, left) = (horizontal.max(0.0), (-horizontal).max(0.0));
        [(top, left), (1.0 - top, right), (1.0 - bottom, 1.0 - right), (bottom, 1.0 - left)]
    }

    fn figure(&self, frame: &Frame) -> Option<Figure> {
        let corners = self.quadrilateral().map(|(x, y)| Spot { x: x * frame.width, y: y * frame.height });
        Some(Figure::Corners(figure::Corners { corners }))
    }

    fn settings(&self, figure: &Figure, frame: &Frame) -> Settings {
        let Figure::Corners(figure::Corners { corners }) = figure else { return Settings::new() };
        if self.mode == Mode::Corners {
            let text = corners.map(|at| format!("{}:{}", percent(at.x, frame.width), percent(at.y, frame.height)));
            return vec![("corners", Value::Text(text.join(",").into()))];
        }
        // A trapezium follows the corner that was moved; a corner that goes outwards narrows the opposite edge.
        let own = self.quadrilateral().map(|(x, y)| (x * frame.width, y * frame.height));
        let distance = |i: &usize| (corners[*i].x - own[*i].0).hypot(corners[*i].y - own[*i].1);
        let farthest = (0..4).max_by(|a, b| distance(a).total_cmp(&distance(b))).filter(|i| distance(i) > 0.0);
        let Some(moved) = farthest else {
            let value = |percent: f32| Value::Number(percent.into());
            return vec![("vertical", value(self.vertical)), ("horizontal", value(self.horizontal))];
        };
        let is_right = moved == 1 || moved == 2;
        let is_bottom = moved >= 2;
        let at = corners[moved];
        let inwards = |at: f64, extent: f64, far: bool| percent(if far { extent - at } else { at }, extent);
        let vertical = inwards(at.x, frame.width, is_right) * if is_bottom { -1.0 } else { 1.0 };
        let horizontal = inwards(at.y, frame.height, is_bottom) * if is_right { 1.0 } else { -1.0 };
        let value = |percent: f64| Value::Number(percent.clamp(-45.0, 45.0) + 0.0);
        vec![("vertical", value(vertical)), ("horizontal", value(horizontal))]
    }
}

static FORM: TextForm = TextForm {
    allowed: "four corners from -50 to 150 such as 10:0,90:3,100:95,0:100, clockwise and without a dent",
    check: |text| corners(text).is_some(),
    editor: Editor::Line,
    tokens: false,
};

/// Corners as shares of width and height.
type Corners = [(f64, f64); 4];

fn corners(text: &str) -> Option<Corners> {
    let number = |text: &str| text.trim().parse().ok().filter(|v: &f64| (-50.0..=150.0).contains(v));
    let point = |text: &str| text.split_once(':').and_then(|(x, y)| Some((number(x)? / 100.0, number(y)? / 100.0)));
    let points: Vec<(f64, f64)> = text.split(',').map(point).collect::<Option<_>>()?;
    let corners: Corners = points.try_into().ok()?;
    // every corner turns right, by more than a hair
    let turn = |i: usize| {
        let ((ax, ay), (bx, by), (cx, cy)) = (corners[i], corners[(i + 1) % 4], corners[(i + 2) % 4]);
        (bx - ax) * (cy - by) - (by - ay) * (cx - bx)
    };
    (0..4).all(|i| turn(i) > 1e-4).then_some(corners)
}

const WHOLE: Corners = [(0.0, 0.0), (1.0, 0.0), (1.0, 1.0), (0.0, 1.0)];

struct Rectification {
    corners: Corners,
    /// Whether the result gets the size of the quadrilateral rather than of the picture.
    natural: bool,
    kernel: Kernel,
}

impl Rectification {
    fn in_pixels(&self, source: Shape) -> Corners {
        self.corners.map(|(x, y)| (x * f64::from(source.width), y * f64::from(source.height)))
    }
}

impl Whole for Rectification {
    fn shape(&self, source: Shape) -> Shape {
        if !self.natural {
            return source;
        }
        let [a, b, c, d] = self.in_pixels(source);
        let length = |p: (f64, f64), q: (f64, f64)| (p.0 - q.0).hypot(p.1 - q.1);
        let longer = |p: f64, q: f64| (p.max(q).round() as u32).max(1);
        Shape { width: longer(length(a, b), length(d, c)), height: longer(length(a, d), length(b, c)), ..source }
    }

    fn geometry(&self, source: Shape) -> Geometry {
        let Shape { width, height, .. } = self.shape(source);
        let (from, to) = ((source.width, source.height), (width, height));
        let map = to_quadrilateral(to, self.in_pixels(source));
        // A convex quadrilateral has an inverse.
        Geometry::drawn_from(from, to, &map).unwrap_or_else(|| Geometry::scaled(from, to))
    }

    fn apply(&self, source: Pixels, work: &mut Work<'_>) -> Result<Pixels, Stopped> {
        let shape = self.shape(source.shape());
        let size = (shape.width, shape.height);
        let map = to_quadrilateral(size, self.in_pixels(source.shape()));
        let result = warp(&source, size, &map, self.kernel, Beyond::Nearest, work);
        source.recycle(work.buffers);
        result
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::{bytes, floats, grey8, run};
    use lightloom_picture::{Layout, Raster};

    #[test]
    fn what_is_a_quadrilateral() {
        assert!(corners("0:0,100:0,100:100,0:100").is_some() && corners(" 10:5 , 90:0,100:100,0:90 ").is_some());
        for text in ["", "0:0,100:0,100:100", "0:0,0:100,100:100,100:0", "0:0,100:0,20:20,0:100", "0:0,0:0,0:0,0:0"] {
            assert!(corners(text).is_none(), "{text}");
        }
        assert!(corners("0:0,100:0,100:100,0:900").is_none() && corners("0:0,100:0,100:100,0:NaN").is_none());
    }

    #[test]
    fn an_upright_part_is_a_crop() {
        let source: Vec<u8> = (0..48).collect();
        let part =
            run("perspective", &[("mode", "corners"), ("corners", "25:50,75:50,75:100,25:100")], grey8(8, &source));
        assert_eq!((part.width(), part.height()), (4, 3));
        assert_eq!(bytes(&part), [26, 27, 28, 29, 34, 35, 36, 37, 42, 43, 44, 45]);
        let turned =
            run("perspective", &[("mode", "corners"), ("corners", "0:100,0:0,100:0,100:100")], grey8(8, &source));
        assert_eq!(turned, run("rotate", &[("turns", "right")], grey8(8, &source)));
    }

    #[test]
    fn it_agrees_with_scikit_image() {
        // skimage.transform.warp, order 3, mode edge, of the same noise (tests/reference/warp.py)
        let noise: Vec<f32> = (0..12 * 9_u32).map(|i| (i * 7919 % 101) as f32 / 100.0).collect();
        let source = Pixels::from(Raster::new(12, 9, Layout::Grey, noise));
        let result = run("perspective", &[("vertical", "20"), ("horizontal", "-10")], source);
        for (v, e) in floats(&result).iter().zip(KEYSTONE) {
            assert!((v - e).abs() < 1e-4, "{v}, not {e}");
        }
    }

    const KEYSTONE: &[f32] = &[
        0.72655, 0.3229, 0.11126, 0.45171, 0.56471, 0.28862, 0.24333, 0.46605, 0.80929, 0.62655, 0.25928, 0.64212,
        0.6556, 0.4619, 0.12022, 0.28088, 0.59456, 0.83632, 0.59649, 0.35922, 0.73463, 0.45709, 0.15574, 0.60183,
        0.44983, 0.67854, 0.73843, 0.53371, 0.44876, 0.84791, 0.67256, 0.2583, 0.62919, 0.48261, 0.2725, 0.56703,
        0.19869, 0.55666, 0.93957, 0.81755, 0.33526, 0.65541, 0.55545, 0.15786, 0.51254, 0.93081, 0.73006, 0.49844,
        0.14516, 0.36955, 0.69773, 0.75902, 0.2625, 0.50922, 0.4811, 0.03022, 0.42922, 0.86401, 0.51797, 0.50877,
        0.88968, 0.45908, 0.41485, 0.71331, 0.18091, 0.25626, 0.66792, 0.80592, 0.35742, 0.75154, 0.2639, 0.46225,
        0.74621, 0.55957, 0.19008, 0.5365, 0.86058, 0.70927, 0.47359, 0.79662, 0.21771, 0.63201, -0.01796, 0.43532,
        0.44531, 0.60911, 0.0458, 0.2712, 0.71033, 0.7138, 0.29408, 0.63527, 0.0873, 0.52029, 0.85887, 0.32763,
        0.11917, 0.42808, 0.8461, 0.69108, 0.36598, 0.62668, 0.09183, 0.55719, 0.9009, 0.33951, 0.44758, 0.32108,
    ];
}
