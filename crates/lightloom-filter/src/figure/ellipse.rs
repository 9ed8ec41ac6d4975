//! An ellipse about the middle of the picture, with a transition on both sides of its line.

use super::{Frame, Grip, Handle, Spot};

/// An ellipse about the middle.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Ellipse {
    /// Horizontal and vertical radius at a distance of 1, in pixels.
    pub radii: (f64, f64),
    /// Distance at which half of the effect is reached.
    pub size: f64,
    /// Width of the transition, as a difference of distances.
    pub feather: f64,
}

impl Ellipse {
    /// Distances at which the transition begins and ends.
    pub const fn transition(&self) -> [f64; 2] {
        [self.size - self.feather / 2.0, self.size + self.feather / 2.0]
    }

    /// The point at a distance on the way to a corner, at most the corner itself.
    fn towards(&self, distance: f64, (right, down): (f64, f64), frame: &Frame) -> Spot {
        let (x, y) = (right * frame.width / 2.0, down * frame.height / 2.0);
        let of_corner = (x / self.radii.0).hypot(y / self.radii.1);
        let share = (distance / of_corner).clamp(0.0, 1.0);
        Spot { x: frame.width / 2.0 + share * x, y: frame.height / 2.0 + share * y }
    }

    pub(super) fn handles(&self, frame: &Frame) -> Vec<Handle> {
        let [inner, outer] = self.transition();
        let at = |name, distance, corner| Handle { name, at: self.towards(distance, corner, frame), grip: Grip::Point };
        vec![
            at("Inner end of the transition", inner, (1.0, 1.0)),
            at("Outer end of the transition", outer, (-1.0, 1.0)),
            at("Size", self.size, (1.0, -1.0)),
        ]
    }

    pub(super) fn dragged(&self, handle: usize, by: Spot, frame: &Frame) -> Self {
        let Some(Handle { at, .. }) = self.handles(frame).get(handle).copied() else { return *self };
        let (x, y) = (at.x + by.x - frame.width / 2.0, at.y + by.y - frame.height / 2.0);
        let distance = (x / self.radii.0).hypot(y / self.radii.1);
        match handle {
            0 => Self { feather: (2.0 * (self.size - distance)).max(0.0), ..*self },
            1 => Self { feather: (2.0 * (distance - self.size)).max(0.0), ..*self },
            _ => Self { size: distance, ..*self },
        }
    }
}
