//! Something that is put on the picture: moved as a whole, resized at a corner.

use super::{Grip, Handle, Spot};
use lightloom_picture::Area;

/// Something that is put on the picture.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Placed {
    pub area: Area,
    /// Which point of it stays where it is when it is resized, as shares of its width and height: 0, ½ or 1.
    pub pinned: Spot,
}

/// It does not become smaller by a drag than so many times its size.
const LEAST_FACTOR: f64 = 0.01;

impl Placed {
    fn pin(&self) -> Spot {
        let Area { left, top, width, height } = self.area;
        Spot { x: left + self.pinned.x * width, y: top + self.pinned.y * height }
    }

    /// The corner that is farthest from the pinned point.
    fn corner(&self) -> Spot {
        let far = |pinned: f64| if pinned < 1.0 { 1.0 } else { 0.0 };
        let Area { left, top, width, height } = self.area;
        Spot { x: left + far(self.pinned.x) * width, y: top + far(self.pinned.y) * height }
    }

    pub(super) fn handles(&self) -> Vec<Handle> {
        let (x, y) = self.area.centre();
        let grip = Grip::Corner { right: self.pinned.x < 1.0, bottom: self.pinned.y < 1.0 };
        vec![
            Handle { name: "Position", at: Spot { x, y }, grip: Grip::Inside(self.area) },
            Handle { name: "Size", at: self.corner(), grip },
        ]
    }

    pub(super) fn dragged(&self, handle: usize, by: Spot) -> Self {
        let Area { left, top, width, height } = self.area;
        if handle == 0 {
            return Self { area: Area { left: left + by.x, top: top + by.y, width, height }, ..*self };
        }
        let (pin, corner) = (self.pin(), self.corner());
        let (x, y) = (corner.x - pin.x, corner.y - pin.y);
        // The part of the movement that goes away from the pinned point.
        let factor = 1.0 + (by.x * x + by.y * y) / (x * x + y * y).max(f64::MIN_POSITIVE);
        let factor = factor.max(LEAST_FACTOR);
        let (width, height) = (factor * width, factor * height);
        let area = Area { left: pin.x - self.pinned.x * width, top: pin.y - self.pinned.y * height, width, height };
        Self { area, ..*self }
    }
}
