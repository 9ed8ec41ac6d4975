//! Trim: cuts off uniform borders.
//!
//! Algorithm: the result is the smallest rectangle that contains every pixel that differs from the border by more
//! than the tolerance in any channel, plus a margin; rows are copied. The border is the colour that most of the four
//! corners have, or white, black or full transparency. A picture that is all border stays as it is.
//! Range, depth: untouched. Alpha: untouched; it weights pixels when they are compared, so that colours hidden by
//! transparency do not count. Edges: no pixels are invented beyond them. The size of the result depends on the
//! content: the filters that follow are compiled once it is known.

use crate::{Example, Filter, FilterContext, Operation, Scene, Stopped, Unfit, Whole, Work};
use lightloom_param::{choice, integer, number, parameters};
use lightloom_picture::with_raster;
use lightloom_picture::{Geometry, Layout, Pixels, Raster, Sample, Shape};

choice! {
    enum Border {
        Corners = "corners",
        White = "white",
        Black = "black",
        Transparent = "transparent",
    }
}

parameters! {
    pub(crate) struct Trim {
        border: Border = choice(
            "Border",
            "What counts as border: the colour of the corners, white, black, or what is transparent",
        ),
        tolerance: f32 = number(
            "Tolerance",
            "How far from the border's colour a pixel may be and still belong to it, in levels of 255",
            "levels",
            (0.0, 255.0),
            10.0,
        ),
        margin: u32 = integer(
            "Margin",
            "How much border is left on each side, in pixels of the full picture",
            "px",
            (0, 10_000),
            0,
        )
        .logarithmic(),
    }
}

impl Filter for Trim {
    const TITLE: &'static str = "Trim";
    const HELP: &'static str = "Cuts off borders of one colour";
    const EXAMPLE: Example = Example::on(Scene::Framed, &[]);

    fn compile(&self, context: &FilterContext) -> Result<Operation, Unfit> {
        Ok(Operation::whole(Trimming {
            border: self.border,
            // half a 16-bit step more, so that rounding does not decide
            tolerance: self.tolerance / 255.0 + 0.5 / 65_535.0,
            margin: (f64::from(self.margin) * f64::from(context.scale)).round() as u32,
        }))
    }
}

struct Trimming {
    border: Border,
    /// In the unit range.
    tolerance: f32,
    margin: u32,
}

/// Colours weighted by alpha, and alpha; greys fill the first.
type Weighted = [f32; 4];

fn weighted<S: Sample>(pixel: &[S]) -> Weighted {
    match pixel {
        [red, green, blue, alpha] => {
            let alpha = alpha.to_unit();
            [red.to_unit() * alpha, green.to_unit() * alpha, blue.to_unit() * alpha, alpha]
        }
        [red, green, blue] => [red.to_unit(), green.to_unit(), blue.to_unit(), 1.0],
        [grey, alpha] => [grey.to_unit() * alpha.to_unit(), 0.0, 0.0, alpha.to_unit()],
        [grey, ..] => [grey.to_unit(), 0.0, 0.0, 1.0],
        [] => [0.0; 4],
    }
}

/// Whether two are as close as the tolerance; NaN is close to nothing.
fn is_close(a: Weighted, b: Weighted, tolerance: f32) -> bool {
    (0..4).all(|i| (a[i] - b[i]).abs() <= tolerance)
}

/// Columns and rows, the last ones included.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Extent {
    left: u32,
    right: u32,
    top: u32,
    bottom: u32,
}

impl Extent {
    const NONE: Self = Self { left: u32::MAX, right: 0, top: u32::MAX, bottom: 0 };

    fn with(self, other: Self) -> Self {
        Self {
            left: self.left.min(other.left),
            right: self.right.max(other.right),
            top: self.top.min(other.top),
            bottom: self.bottom.max(other.bottom),
        }
    }
}

impl Trimming {
    fn border<S: Sample>(&self, source: &Raster<S>) -> Weighted {
        let channels = source.layout().channels();
        let corners = [0, source.height() - 1].map(|y| {
            let row = source.row(y);
            [weighted(&row[..channels]), weighted(&row[row.len() - channels..])]
        });
        let corners = corners.concat();
        let white = match source.layout() {
            Layout::Grey | Layout::GreyAlpha => [1.0, 0.0, 0.0, 1.0],
            Layout::Rgb | Layout::Rgba => [1.0; 4],
        };
        match self.border {
            Border::White => white,
            Border::Black => [0.0, 0.0, 0.0, 1.0],
            Border::Transparent => [0.0; 4],
            Border::Corners => {
                let alike = |a: &Weighted| corners.iter().filter(|b| is_close(*a, **b, self.tolerance)).count();
                // the first of equals
                corners.iter().rev().copied().max_by_key(alike).unwrap_or_default()
            }
        }
    }

    /// What differs from the border, with the margin.
    fn extent<S: Sample>(&self, source: &Raster<S>, work: &Work<'_>) -> Result<Extent, Stopped> {
        let border = self.border(source);
        let channels = source.layout().channels();
        let differs = |pixel: &[S]| !is_close(weighted(pixel), border, self.tolerance);
        let found = work.measure_rows(
            source,
            || Extent::NONE,
            |extent, y, row| {
                let pixels = || row.chunks_exact(channels);
                let Some(left) = pixels().position(differs) else { return };
                let right = pixels().rposition(differs).unwrap_or(left);
                *extent = extent.with(Extent { left: left as u32, right: right as u32, top: y, bottom: y });
            },
            Extent::with,
        )?;
        if found == Extent::NONE {
            return Ok(Extent { left: 0, right: source.width() - 1, top: 0, bottom: source.height() - 1 });
        }
        Ok(Extent {
            left: found.left.saturating_sub(self.margin),
            right: found.right.saturating_add(self.margin).min(source.width() - 1),
            top: found.top.saturating_sub(self.margin),
            bottom: found.bottom.saturating_add(self.margin).min(source.height() - 1),
        })
    }
}

impl Whole for Trimming {
    fn finds_shape(&self) -> bool {
        true
    }

    fn find(&self, source: &Pixels, work: &mut Work<'_>) -> Result<Option<Box<dyn Whole>>, Stopped> {
        let extent = with_raster!(source, r => self.extent(r, work))?;
        Ok(Some(Box::new(extent)))
    }

    fn shape(&self, source: Shape) -> Shape {
        source
    }

    /// Of a picture without borders.
    fn geometry(&self, source: Shape) -> Geometry {
        Geometry::identity((source.width, source.height))
    }

    fn apply(&self, source: Pixels, work: &mut Work<'_>) -> Result<Pixels, Stopped> {
        let extent = with_raster!(&source, r => self.extent(r, work))?;
        extent.apply(source, work)
    }
}

// Keeps these columns and rows.
impl Whole for Extent {
    fn shape(&self, source: Shape) -> Shape {
        Shape { width: self.right - self.left + 1, height: self.bottom - self.top + 1, ..source }
    }

    fn geometry(&self, source: Shape) -> Geometry {
        let Shape { width, height, .. } = self.shape(source);
        let (left, top) = (-i64::from(self.left), -i64::from(self.top));
        Geometry::placed((source.width, source.height), (width, height), left, top)
    }

    fn apply(&self, source: Pixels, work: &mut Work<'_>) -> Result<Pixels, Stopped> {
        let extent = self;
        let Shape { width, height, .. } = self.shape(source.shape());
        with_raster!(source, r => {
            if (width, height) == (r.width(), r.height()) {
                return Ok(r.into());
            }
            let channels = r.layout().channels();
            let stride = width as usize * channels;
            let mut samples = work.buffers.take_for_overwrite(stride * height as usize);
            let rows = (extent.top..).zip(samples.chunks_exact_mut(stride));
            rows.for_each(|(y, to)| to.copy_from_slice(&r.row(y)[extent.left as usize * channels..][..stride]));
            let layout = r.layout();
            work.buffers.give(r.into_samples());
            Ok(Raster::new(width, height, layout, samples).into())
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::{bytes, float, grey8, run};

    /// A dark block of 3 × 2 at 2, 1 on light noise, 8 × 6.
    fn scan() -> Pixels {
        let block = |x: usize, y: usize| (2..5).contains(&x) && (1..3).contains(&y);
        grey8(
            8,
            &(0..48)
                .map(|i| if block(i % 8, i / 8) { 40 } else { 240 + ((i * 5 + i / 8 * 3) % 8) as u8 })
                .collect::<Vec<_>>(),
        )
    }

    #[test]
    fn the_border_goes_within_the_tolerance() {
        let result = run("trim", &[], scan());
        assert_eq!((result.width(), result.height(), bytes(&result)), (3, 2, &[40; 6][..]));
        for (border, tolerance) in [("white", "15"), ("corners", "8")] {
            assert_eq!(run("trim", &[("border", border), ("tolerance", tolerance)], scan()).shape(), result.shape());
        }
        assert_eq!(run("trim", &[("tolerance", "2")], scan()), scan(), "noise is no border");
        assert_eq!(run("trim", &[("border", "black")], scan()), scan());
    }

    #[test]
    fn the_margin_stays_inside() {
        let sizes = ["1", "2", "9999"].map(|margin| {
            let result = run("trim", &[("margin", margin)], scan());
            (result.width(), result.height())
        });
        assert_eq!(sizes, [(5, 4), (7, 5), (8, 6)]);
    }

    #[test]
    fn three_corners_outvote_the_fourth() {
        let mut samples = vec![9; 30];
        samples[0] = 200;
        samples[14] = 100;
        let result = run("trim", &[], grey8(6, &samples));
        assert_eq!((result.width(), result.height()), (3, 3), "from the odd corner to the mark");
    }

    #[test]
    fn hidden_colours_are_border() {
        let source = [0.7, 0.0, 0.2, 1.0, 0.1, 0.0];
        for border in ["corners", "transparent"] {
            let result = run("trim", &[("border", border)], float(Layout::GreyAlpha, &source));
            assert_eq!(result.width(), 1, "{border}");
        }
    }

    #[test]
    fn nothing_but_border_stays() {
        assert_eq!(run("trim", &[], grey8(3, &[5; 9])), grey8(3, &[5; 9]));
    }
}
