//! Four corners of which a rectangle is to be made.

use super::{Frame, Grip, Handle, Spot};

/// A quadrilateral.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Corners {
    /// Clockwise from the top left one; they may lie half a picture beyond its edges.
    pub corners: [Spot; 4],
}

const NAMES: [&str; 4] = ["Top left corner", "Top right corner", "Bottom right corner", "Bottom left corner"];

impl Corners {
    pub(super) fn handles(&self) -> Vec<Handle> {
        let handle = |(name, at): (&'static str, Spot)| Handle { name, at, grip: Grip::Point };
        NAMES.into_iter().zip(self.corners).map(handle).collect()
    }

    pub(super) fn dragged(&self, handle: usize, by: Spot, frame: &Frame) -> Self {
        let mut corners = self.corners;
        if let Some(corner) = corners.get_mut(handle) {
            let within = |at: f64, extent: f64| at.clamp(-0.5 * extent, 1.5 * extent);
            *corner = Spot { x: within(corner.x + by.x, frame.width), y: within(corner.y + by.y, frame.height) };
        }
        Self { corners }
    }
}
