//! What of a filter can be seen on the picture and dragged there: a part to keep, a rotation, four corners, a band, an
//! ellipse, or something that is put on it.
//!
//! A filter that has a place declares `OnPicture`: how its parameters make a figure, and how a figure makes parameters.
//! Which handles a figure has and what a drag of one does is the figure's own business, so that a part of a picture is
//! dragged alike whichever filter keeps it. All positions are in pixels of the picture that reaches the filter, from its
//! top left corner.

mod band;
mod corners;
mod ellipse;
mod part;
mod placed;
mod rotation;

pub use band::Band;
pub use corners::Corners;
pub use ellipse::Ellipse;
pub use part::Part;
pub use placed::Placed;
pub use rotation::Rotation;

use lightloom_param::Value;
use lightloom_picture::Area;

/// A point of the picture that reaches the filter, in pixels from its top left corner.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Spot {
    pub x: f64,
    pub y: f64,
}

/// The picture that reaches a filter.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Frame {
    /// In pixels of the full picture.
    pub width: f64,
    pub height: f64,
    /// What the filter puts on it, if it does.
    pub content: Option<Content>,
}

/// The proportions of what a filter puts on a picture: its sides where its size, whatever that means to the filter, is 1.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Content {
    pub width: f64,
    pub height: f64,
}

/// A movement of the pointer.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Drag {
    pub from: Spot,
    pub to: Spot,
}

impl Drag {
    const fn by(&self) -> Spot {
        Spot { x: self.to.x - self.from.x, y: self.to.y - self.from.y }
    }
}

/// Something that can be dragged.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Handle {
    /// What it is, as a screen reader says it.
    pub name: &'static str,
    pub at: Spot,
    pub grip: Grip,
}

/// Where a handle is grasped, and which way it moves.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Grip {
    /// At a corner, which is the right or the bottom one or the opposite.
    Corner { right: bool, bottom: bool },
    /// At a side that moves to left and right.
    Horizontal,
    /// At a side that moves up and down.
    Vertical,
    /// At a point that moves any way.
    Point,
    /// At a knob that turns about the middle of the picture.
    Knob,
    /// Anywhere within.
    Inside(Area),
    /// Anywhere on the picture: a line is drawn from there.
    Line,
}

/// What of a filter can be seen on the picture.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Figure {
    Part(Part),
    Rotation(Rotation),
    Corners(Corners),
    Band(Band),
    Ellipse(Ellipse),
    Placed(Placed),
}

impl Figure {
    /// What can be dragged of it; what lies over others comes later.
    pub fn handles(&self, frame: &Frame) -> Vec<Handle> {
        match self {
            Self::Part(part) => part.handles(),
            Self::Rotation(rotation) => rotation.handles(frame),
            Self::Corners(corners) => corners.handles(),
            Self::Band(band) => band.handles(frame),
            Self::Ellipse(ellipse) => ellipse.handles(frame),
            Self::Placed(placed) => placed.handles(),
        }
    }

    /// It, after one of its handles has been dragged.
    #[must_use]
    pub fn dragged(&self, handle: usize, drag: Drag, frame: &Frame) -> Self {
        match self {
            Self::Part(part) => Self::Part(part.dragged(handle, drag.by(), frame)),
            Self::Rotation(rotation) => Self::Rotation(rotation.dragged(handle, drag, frame)),
            Self::Corners(corners) => Self::Corners(corners.dragged(handle, drag.by(), frame)),
            Self::Band(band) => Self::Band(band.dragged(handle, drag.by(), frame)),
            Self::Ellipse(ellipse) => Self::Ellipse(ellipse.dragged(handle, drag.by(), frame)),
            Self::Placed(placed) => Self::Placed(placed.dragged(handle, drag.by())),
        }
    }

    /// It, after one of its handles has been moved by so many steps to the right and down: of a pixel, or of a tenth of a
    /// degree.
    #[must_use]
    pub fn stepped(&self, handle: usize, right: f64, down: f64, frame: &Frame) -> Self {
        if let Self::Rotation(rotation) = self {
            return Self::Rotation(rotation.turned(-0.1 * (right + down)));
        }
        let Some(Handle { at, .. }) = self.handles(frame).get(handle).copied() else { return *self };
        self.dragged(handle, Drag { from: at, to: Spot { x: at.x + right, y: at.y + down } }, frame)
    }
}

/// Values for some of a filter's parameters, by key.
pub(crate) type Settings = Vec<(&'static str, Value)>;

/// How the parameters of a filter make a figure, and a figure its parameters.
pub(crate) struct OnPicture<F> {
    /// What is seen of these values; `None` where they put nothing on the picture.
    pub figure: fn(&F, &Frame) -> Option<Figure>,
    /// What to set so that this figure is seen, as nearly as the parameters can say it. Values that a parameter does not take
    /// are left out by the caller.
    pub settings: fn(&F, &Figure, &Frame) -> Settings,
    /// What it puts on a picture of so many columns and rows; files of parameters have been loaded.
    pub content: fn(&F, (u32, u32)) -> Option<Content>,
}

impl<F> OnPicture<F> {
    /// For a filter that puts nothing on the picture.
    pub const fn of(figure: fn(&F, &Frame) -> Option<Figure>, settings: fn(&F, &Figure, &Frame) -> Settings) -> Self {
        Self { figure, settings, content: |_, _| None }
    }
}

/// As [`OnPicture`], for values in the order of the parameters.
pub(crate) struct ValuesOnPicture {
    pub figure: fn(&[Value], &Frame) -> Option<Figure>,
    pub settings: fn(&[Value], &Figure, &Frame) -> Settings,
    pub content: fn(&[Value], (u32, u32)) -> Option<Content>,
}

/// A length as per cent of another one, with as few digits as tell half a pixel.
pub(crate) fn percent(pixels: f64, of: f64) -> f64 {
    let digits = (of.max(1.0) / 50.0).log10().ceil().clamp(0.0, 5.0) as i32;
    rounded(100.0 * pixels / of.max(f64::MIN_POSITIVE), digits)
}

/// A number with so many digits behind its point.
pub(crate) fn rounded(value: f64, digits: i32) -> f64 {
    let unit = 10_f64.powi(digits);
    // Minus zero is zero.
    (value * unit).round() / unit + 0.0
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn half_a_pixel_is_told_apart() {
        for of in [1.0, 96.0, 640.0, 6000.0, 65_535.0] {
            for pixels in [0.0, 1.0, 0.3 * of, of - 1.0] {
                assert!((percent(pixels, of) / 100.0 * of - pixels).abs() <= 0.5, "{pixels} of {of}");
            }
        }
        assert_eq!(
            (percent(1.0, 3.0), percent(1.0, 6000.0), percent(-0.0, 9.0).is_sign_negative()),
            (33.0, 0.017, false)
        );
    }
}
