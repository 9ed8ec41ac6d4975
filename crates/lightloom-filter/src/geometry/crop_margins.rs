//! Crop margins: cuts a share off each side, whatever the size of the picture.
//!
//! Algorithm: rows are copied. The edges of the part that is kept lie at shares of width and height, rounded to whole
//! pixels; at least one pixel is kept.
//! Range, alpha, depth: untouched. Edges: no pixels are invented beyond them.

use crate::figure::{Figure, Frame, OnPicture, Part, Settings, percent};
use crate::kernel::cropped::{Cropped, Rectangle};
use crate::{Example, Filter, FilterContext, Operation, Unfit};
use lightloom_param::{Value, number, parameters};
use lightloom_picture::{Area, Shape};

parameters! {
    pub(crate) struct CropMargins {
        left: f32 = number("Left", "Share of the width cut off on the left", "%", (0.0, 99.0), 0.0).step(0.1),
        top: f32 = number("Top", "Share of the height cut off at the top", "%", (0.0, 99.0), 0.0).step(0.1),
        right: f32 = number("Right", "Share of the width cut off on the right", "%", (0.0, 99.0), 0.0).step(0.1),
        bottom: f32 = number("Bottom", "Share of the height cut off at the bottom", "%", (0.0, 99.0), 0.0).step(0.1),
    }
}

impl Filter for CropMargins {
    const TITLE: &'static str = "Crop margins";
    const HELP: &'static str = "Cuts a share off each side";
    const EXAMPLE: Example = Example::of(&[("left", "20"), ("right", "20")]);
    const ON_PICTURE: Option<OnPicture<Self>> = Some(OnPicture::of(Self::figure, Self::settings));

    fn compile(&self, context: &FilterContext) -> Result<Operation, Unfit> {
        let margins = self.margins();
        for ((near, far), names) in [(margins.x, "left and right"), (margins.y, "top and bottom")] {
            // per cent come as floats of 32 bits
            if near + far > 1.0 - 1e-6 {
                let reason = format!("{names} together cut off everything; lower one of them");
                return Err(Unfit(reason));
            }
        }
        let Shape { width, height, .. } = context.shape;
        if (span(width, margins.x), span(height, margins.y)) == ((0, width), (0, height)) {
            return Ok(Operation::Identity);
        }
        Ok(Operation::whole(Cropped(move |(width, height)| {
            let ((left, width), (top, height)) = (span(width, margins.x), span(height, margins.y));
            Rectangle { left, top, width, height }
        })))
    }
}

impl CropMargins {
    fn margins(&self) -> Margins {
        let share = |percent: f32| f64::from(percent) / 100.0;
        Margins { x: (share(self.left), share(self.right)), y: (share(self.top), share(self.bottom)) }
    }

    fn figure(&self, frame: &Frame) -> Option<Figure> {
        let margins = self.margins();
        let (columns, rows) = (span(frame.width as u32, margins.x), span(frame.height as u32, margins.y));
        let [left, top, width, height] = [columns.0, rows.0, columns.1, rows.1].map(f64::from);
        Some(Figure::Part(Part { area: Area { left, top, width, height }, ratio: None }))
    }

    fn settings(&self, figure: &Figure, frame: &Frame) -> Settings {
        let Figure::Part(Part { area, .. }) = figure else { return Settings::new() };
        let side = |cut: f64, extent: f64| Value::Number(percent(cut.round(), extent).clamp(0.0, 99.0));
        vec![
            ("left", side(area.left, frame.width)),
            ("top", side(area.top, frame.height)),
            ("right", side(frame.width - area.right(), frame.width)),
            ("bottom", side(frame.height - area.bottom(), frame.height)),
        ]
    }
}

/// Shares that are cut off at the near and the far end of each side.
struct Margins {
    x: (f64, f64),
    y: (f64, f64),
}

/// Where what stays of a side begins, and how long it is.
fn span(side: u32, (near, far): (f64, f64)) -> (u32, u32) {
    let start = ((f64::from(side) * near).round() as u32).min(side.saturating_sub(1));
    let end = side - ((f64::from(side) * far).round() as u32).min(side);
    (start, end.saturating_sub(start).max(1))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::{bytes, grey8, run};
    use crate::{Params, find};

    #[test]
    fn each_side_loses_its_share() {
        // 10 × 4, sample = 10·row + column
        let source = || grey8(10, &(0..40).collect::<Vec<_>>());
        let result = run("crop_margins", &[("left", "20"), ("right", "50"), ("top", "25"), ("bottom", "25")], source());
        assert_eq!((result.width(), bytes(&result)), (3, &[12, 13, 14, 22, 23, 24][..]));
        assert_eq!(run("crop_margins", &[("left", "4.9")], source()), source());
    }

    #[test]
    fn something_always_stays() {
        let margins = |near: f64, far: f64, side: u32| span(side, (near, far));
        for side in [1, 2, 3, 7, 65_535, u32::MAX] {
            for (near, far) in [(0.99, 0.0), (0.0, 0.99), (0.5, 0.4999), (0.33, 0.33)] {
                let (start, length) = margins(near, far, side);
                assert!(length >= 1 && start.checked_add(length).is_some_and(|end| end <= side), "{side} {near} {far}");
            }
        }
    }

    #[test]
    fn everything_is_refused() {
        let mut params = Params::defaults(find("crop_margins").unwrap());
        params.set_text("left", "60").unwrap();
        params.set_text("right", "40").unwrap();
        let frame = FilterContext { shape: grey8(3, &[1, 2, 3]).shape(), scale: 1.0 };
        let refused = params.compile(&frame).err().map(|e| e.to_string());
        assert!(refused.as_deref().is_some_and(|e| e.contains("left and right together")), "{refused:?}");
    }
}
