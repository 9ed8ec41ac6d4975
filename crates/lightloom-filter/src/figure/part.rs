//! A part of the picture that is kept: moved as a whole, resized at its corners and sides.

use super::{Frame, Grip, Handle, Spot};
use lightloom_picture::Area;

/// A part of the picture that is kept.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Part {
    pub area: Area,
    /// Width ÷ height that it keeps when it is resized.
    pub ratio: Option<f64>,
}

/// Where a handle lies: −1 left or top, 0 in the middle, 1 right or bottom.
struct Pull {
    name: &'static str,
    x: f64,
    y: f64,
}

const fn pull(name: &'static str, x: f64, y: f64) -> Pull {
    Pull { name, x, y }
}

/// The handles after the first one, which moves the whole.
const PULLS: [Pull; 8] = [
    pull("Top side", 0.0, -1.0),
    pull("Right side", 1.0, 0.0),
    pull("Bottom side", 0.0, 1.0),
    pull("Left side", -1.0, 0.0),
    pull("Top left corner", -1.0, -1.0),
    pull("Top right corner", 1.0, -1.0),
    pull("Bottom right corner", 1.0, 1.0),
    pull("Bottom left corner", -1.0, 1.0),
];

/// Smallest side, in pixels.
const LEAST: f64 = 1.0;

impl Part {
    pub(super) fn handles(&self) -> Vec<Handle> {
        let (x, y) = self.area.centre();
        let inside = Handle { name: "Position", at: Spot { x, y }, grip: Grip::Inside(self.area) };
        let others = PULLS.iter().map(|pull| Handle {
            name: pull.name,
            at: Spot { x: x + pull.x * self.area.width / 2.0, y: y + pull.y * self.area.height / 2.0 },
            grip: match (pull.x == 0.0, pull.y == 0.0) {
                (true, _) => Grip::Vertical,
                (_, true) => Grip::Horizontal,
                _ => Grip::Corner { right: pull.x > 0.0, bottom: pull.y > 0.0 },
            },
        });
        std::iter::once(inside).chain(others).collect()
    }

    pub(super) fn dragged(&self, handle: usize, by: Spot, frame: &Frame) -> Self {
        let pull = handle.checked_sub(1).and_then(|index| PULLS.get(index));
        let area = match (pull, self.ratio) {
            (None, _) => {
                let Area { left, top, width, height } = self.area;
                let left = (left + by.x).min(frame.width - width).max(0.0);
                Area { left, top: (top + by.y).min(frame.height - height).max(0.0), width, height }
            }
            (Some(pull), None) => self.resized(pull, by, frame),
            (Some(pull), Some(ratio)) => self.scaled(pull, by, ratio, frame),
        };
        Self { area, ..*self }
    }

    fn resized(&self, pull: &Pull, by: Spot, frame: &Frame) -> Area {
        let side = |start: f64, length: f64, pull: f64, by: f64, extent: f64| {
            let end = start + length;
            let start = if pull < 0.0 { (start + by).min(end - LEAST).max(0.0) } else { start };
            let end = if pull > 0.0 { (end + by).max(start + LEAST).min(extent) } else { end };
            (start, end - start)
        };
        let Area { left, top, width, height } = self.area;
        let (left, width) = side(left, width, pull.x, by.x, frame.width);
        let (top, height) = side(top, height, pull.y, by.y, frame.height);
        Area { left, top, width, height }
    }

    /// Resized about the opposite corner, or about the middle of the opposite side.
    fn scaled(&self, pull: &Pull, by: Spot, ratio: f64, frame: &Frame) -> Area {
        let Area { left, top, width, height } = self.area;
        // Which share of the part lies before the point that stays.
        let (share_x, share_y) = ((1.0 - pull.x) / 2.0, (1.0 - pull.y) / 2.0);
        let (x, y) = (left + share_x * width, top + share_y * height);
        let wider = pull.x * by.x;
        let higher = pull.y * by.y * ratio;
        let wanted = width + if wider.abs() >= higher.abs() { wider } else { higher };
        let room = |at: f64, share: f64, extent: f64| match share {
            0.0 => extent - at,
            1.0 => at,
            _ => 2.0 * at.min(extent - at),
        };
        let most = room(x, share_x, frame.width).min(room(y, share_y, frame.height) * ratio);
        let width = wanted.max(LEAST).max(LEAST * ratio).min(most);
        let height = width / ratio;
        Area { left: x - share_x * width, top: y - share_y * height, width, height }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const FRAME: Frame = Frame { width: 300.0, height: 200.0, content: None };

    const fn area(left: f64, top: f64, width: f64, height: f64) -> Area {
        Area { left, top, width, height }
    }

    fn dragged(ratio: Option<f64>, name: &str, x: f64, y: f64) -> Area {
        let part = Part { area: area(100.0, 50.0, 90.0, 60.0), ratio };
        let handle = part.handles().iter().position(|handle| handle.name == name).unwrap();
        part.dragged(handle, Spot { x, y }, &FRAME).area
    }

    #[test]
    fn sides_and_corners_move_within_the_picture() {
        assert_eq!(dragged(None, "Position", 10.0, -20.0), area(110.0, 30.0, 90.0, 60.0));
        assert_eq!(dragged(None, "Position", 999.0, -999.0), area(210.0, 0.0, 90.0, 60.0));
        assert_eq!(dragged(None, "Top left corner", -30.0, 10.0), area(70.0, 60.0, 120.0, 50.0));
        assert_eq!(dragged(None, "Right side", 50.0, 50.0), area(100.0, 50.0, 140.0, 60.0));
        assert_eq!(dragged(None, "Bottom right corner", 999.0, 999.0), area(100.0, 50.0, 200.0, 150.0));
        assert_eq!(dragged(None, "Left side", 500.0, 0.0), area(189.0, 50.0, 1.0, 60.0), "a pixel stays");
    }

    #[test]
    fn a_ratio_is_kept_wherever_it_is_dragged() {
        assert_eq!(dragged(Some(1.5), "Bottom right corner", 30.0, 0.0), area(100.0, 50.0, 120.0, 80.0));
        assert_eq!(dragged(Some(1.5), "Top left corner", 0.0, 20.0), area(130.0, 70.0, 60.0, 40.0));
        assert_eq!(dragged(Some(1.5), "Right side", -30.0, 7.0), area(100.0, 60.0, 60.0, 40.0));
        for name in PULLS.map(|pull| pull.name) {
            for (x, y) in [(500.0, 500.0), (-500.0, -500.0), (500.0, -500.0), (-500.0, 500.0)] {
                let Area { left, top, width, height } = dragged(Some(1.5), name, x, y);
                assert!((width / height - 1.5).abs() < 1e-9, "{name}");
                let inside =
                    left >= -1e-9 && top >= -1e-9 && left + width <= 300.0 + 1e-9 && top + height <= 200.0 + 1e-9;
                assert!(inside && height >= 1.0, "{name}: {left} {top} {width} {height}");
            }
        }
    }
}
