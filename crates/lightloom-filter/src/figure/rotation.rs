//! A rotation by a few degrees: by a knob, or by a line that is drawn along what is to be level or upright.

use super::{Drag, Frame, Grip, Handle, Spot};

/// A rotation about the middle of the picture.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Rotation {
    /// Clockwise.
    pub degrees: f64,
    /// The corners of what is kept, clockwise from the top left one.
    pub outline: [Spot; 4],
}

/// Distance of the knob from the middle, as a share of the shorter side.
const RADIUS: f64 = 0.35;

/// Shortest line that says a direction, as a share of the shorter side.
const SHORTEST: f64 = 0.02;

impl Rotation {
    /// Both ends of the line through the middle that will be level; the second one is the knob.
    pub fn axis(&self, frame: &Frame) -> [Spot; 2] {
        let (sin, cos) = (-self.degrees).to_radians().sin_cos();
        let radius = RADIUS * frame.width.min(frame.height);
        let at = |along: f64| Spot { x: frame.width / 2.0 + along * cos, y: frame.height / 2.0 + along * sin };
        [at(-radius), at(radius)]
    }

    pub(super) fn handles(&self, frame: &Frame) -> Vec<Handle> {
        let middle = Spot { x: frame.width / 2.0, y: frame.height / 2.0 };
        vec![
            Handle { name: "Horizon", at: middle, grip: Grip::Line },
            Handle { name: "Angle", at: self.axis(frame)[1], grip: Grip::Knob },
        ]
    }

    pub(super) fn dragged(&self, handle: usize, drag: Drag, frame: &Frame) -> Self {
        let middle = Spot { x: frame.width / 2.0, y: frame.height / 2.0 };
        let (from, to) = if handle == 0 { (drag.from, drag.to) } else { (middle, drag.to) };
        let (x, y) = (to.x - from.x, to.y - from.y);
        if x.hypot(y) < SHORTEST * frame.width.min(frame.height) {
            return *self;
        }
        let slope = y.atan2(x).to_degrees();
        // A line has no direction, and one that is steep is to be upright.
        let turn = if handle == 0 { 90.0 } else { 180.0 };
        // Half a turn stays on its side.
        let turns = ((slope / turn).abs() - 0.5).ceil().copysign(slope);
        let slope = slope - turn * turns;
        Self { degrees: (-slope).clamp(-45.0, 45.0), ..*self }
    }

    /// Turned further by so many degrees, clockwise.
    pub(super) fn turned(&self, by: f64) -> Self {
        Self { degrees: (self.degrees + by).clamp(-45.0, 45.0), ..*self }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const FRAME: Frame = Frame { width: 400.0, height: 200.0, content: None };

    fn turned(handle: usize, from: (f64, f64), to: (f64, f64)) -> f64 {
        let rotation = Rotation { degrees: 3.0, outline: [Spot { x: 0.0, y: 0.0 }; 4] };
        let drag = Drag { from: Spot { x: from.0, y: from.1 }, to: Spot { x: to.0, y: to.1 } };
        rotation.dragged(handle, drag, &FRAME).degrees
    }

    #[test]
    fn a_line_becomes_level_or_upright_whichever_way_it_is_drawn() {
        // 10 down on 100 to the right: turned back by atan(0.1)
        let slope = 0.1_f64.atan().to_degrees();
        for (from, to) in [((10.0, 10.0), (110.0, 20.0)), ((110.0, 20.0), (10.0, 10.0))] {
            assert!((turned(0, from, to) + slope).abs() < 1e-9, "{from:?}");
        }
        // a wall that leans to the right at its top is turned to the left
        for (from, to) in [((10.0, 110.0), (20.0, 10.0)), ((20.0, 10.0), (10.0, 110.0))] {
            assert!((turned(0, from, to) + slope).abs() < 1e-9, "{from:?}");
        }
        assert_eq!(turned(0, (10.0, 10.0), (12.0, 11.0)), 3.0, "too short to say");
    }

    #[test]
    fn the_knob_is_where_it_was_dragged_to() {
        let degrees = turned(1, (0.0, 0.0), (260.0, 90.0));
        let knob = Rotation { degrees, outline: [Spot { x: 0.0, y: 0.0 }; 4] }.axis(&FRAME)[1];
        assert!(((knob.y - 100.0) / (knob.x - 200.0) + 10.0 / 60.0).abs() < 1e-9);
        assert_eq!(turned(1, (0.0, 0.0), (200.0, 0.0)), 45.0);
    }
}
