//! A horizontal band with a transition above and below it.

use super::{Frame, Grip, Handle, Spot};

/// A horizontal band. All lengths are in pixels.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Band {
    /// Row of its middle.
    pub middle: f64,
    /// Half its height.
    pub half: f64,
    /// Height of the transition on each side.
    pub feather: f64,
}

/// A line of a band: how far above its middle, in halves and feathers, and where on the line the handle lies.
struct Line {
    name: &'static str,
    halves: f64,
    feathers: f64,
    across: f64,
}

const fn line(name: &'static str, halves: f64, feathers: f64, across: f64) -> Line {
    Line { name, halves, feathers, across }
}

/// Apart from each other along the lines, since these may lie on one another.
const LINES: [Line; 5] = [
    line("Upper end of the transition", -1.0, -1.0, 0.66),
    line("Lower end of the transition", 1.0, 1.0, 0.66),
    line("Upper edge", -1.0, 0.0, 0.34),
    line("Lower edge", 1.0, 0.0, 0.34),
    line("Middle", 0.0, 0.0, 0.5),
];

impl Band {
    const fn row(&self, line: &Line) -> f64 {
        self.middle + line.halves * self.half + line.feathers * self.feather
    }

    pub(super) fn handles(&self, frame: &Frame) -> Vec<Handle> {
        let handle = |line: &Line| Handle {
            name: line.name,
            // What is beyond the picture is fetched from its edge.
            at: Spot { x: line.across * frame.width, y: self.row(line).clamp(0.0, frame.height) },
            grip: Grip::Vertical,
        };
        LINES.iter().map(handle).collect()
    }

    pub(super) fn dragged(&self, handle: usize, by: Spot, frame: &Frame) -> Self {
        let Some(line) = LINES.get(handle) else { return *self };
        let row = self.row(line).clamp(0.0, frame.height) + by.y;
        match (line.halves, line.feathers) {
            (0.0, _) => Self { middle: row.clamp(0.0, frame.height), ..*self },
            (side, 0.0) => Self { half: (side * (row - self.middle)).max(0.0), ..*self },
            (side, _) => Self { feather: (side * (row - self.middle) - self.half).max(0.0), ..*self },
        }
    }
}
