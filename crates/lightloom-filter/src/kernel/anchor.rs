//! The nine anchors: where in a larger rectangle a smaller one lies.

use crate::figure::{Figure, Frame, Placed, Settings, Spot, percent};
use lightloom_param::{Choice as _, Value, choice};
use lightloom_picture::Area;

choice! {
    pub(crate) enum Anchor {
        Centre = "centre",
        TopLeft = "top_left",
        Top = "top",
        TopRight = "top_right",
        Left = "left",
        Right = "right",
        BottomLeft = "bottom_left",
        Bottom = "bottom",
        BottomRight = "bottom_right",
    }
}

/// All of them, starting with the usual corner of watermarks.
pub(crate) const CORNERS_FIRST: &[&str] =
    &["bottom_right", "bottom", "bottom_left", "right", "centre", "left", "top_right", "top", "top_left"];

impl Anchor {
    /// The fraction of the spare width to the left, and of the spare height above: 0, ½ or 1.
    pub(crate) const fn shares(self) -> (f64, f64) {
        let x = match self {
            Self::TopLeft | Self::Left | Self::BottomLeft => 0.0,
            Self::Centre | Self::Top | Self::Bottom => 0.5,
            Self::TopRight | Self::Right | Self::BottomRight => 1.0,
        };
        let y = match self {
            Self::TopLeft | Self::Top | Self::TopRight => 0.0,
            Self::Centre | Self::Left | Self::Right => 0.5,
            Self::BottomLeft | Self::Bottom | Self::BottomRight => 1.0,
        };
        (x, y)
    }
}

/// Something that is put on a picture at an anchor, with its size and its distance from the edges in per cent of the
/// picture's shorter side.
pub(crate) struct Anchored {
    pub anchor: Anchor,
    pub percent: f64,
    pub margin: f64,
}

/// Largest distance from the edges, in per cent of the shorter side.
const MOST_MARGIN: f64 = 50.0;

impl Anchored {
    /// As it is seen; `None` as long as it is not known what is put there.
    pub(crate) fn figure(&self, frame: &Frame) -> Option<Figure> {
        let content = frame.content?;
        let shorter = frame.width.min(frame.height);
        let (width, height) =
            (self.percent / 100.0 * shorter * content.width, self.percent / 100.0 * shorter * content.height);
        let margin = self.margin / 100.0 * shorter;
        let (x, y) = self.anchor.shares();
        let at = |extent: f64, length: f64, share: f64| (extent - length) * share + margin * (1.0 - 2.0 * share);
        let area = Area { left: at(frame.width, width, x), top: at(frame.height, height, y), width, height };
        Some(Figure::Placed(Placed { area, pinned: Spot { x, y } }))
    }

    /// What to set so that it is seen like that: its size, under this key and within these limits, where that is another one;
    /// else the anchor and the margin with which it comes closest.
    pub(crate) fn settings(
        &self,
        size: &'static str,
        (least, most): (f64, f64),
        figure: &Figure,
        frame: &Frame,
    ) -> Settings {
        let (Figure::Placed(Placed { area, .. }), Some(Figure::Placed(own))) = (figure, self.figure(frame)) else {
            return Settings::new();
        };
        let factor = area.width / own.area.width;
        if (factor - 1.0).abs() > 1e-9 {
            let shorter = frame.width.min(frame.height);
            let percent = percent(factor * self.percent / 100.0 * shorter, shorter);
            return vec![(size, Value::Number(percent.clamp(least, most)))];
        }
        let mut nearest = (f64::INFINITY, self.anchor, self.margin);
        // Where several are as close, the one that it has.
        for anchor in std::iter::once(self.anchor).chain(Anchor::ALL.iter().copied()) {
            let margin = anchor.margin_near(area, frame);
            let with = Self { anchor, margin, ..*self };
            let Some(Figure::Placed(placed)) = with.figure(frame) else { continue };
            let distance = (placed.area.left - area.left).hypot(placed.area.top - area.top);
            if distance < nearest.0 - 1e-6 {
                nearest = (distance, anchor, margin);
            }
        }
        let (_, anchor, margin) = nearest;
        vec![("anchor", Value::Choice(anchor.word())), ("margin", Value::Number(margin))]
    }
}

impl Anchor {
    /// The distance from the edges, in per cent of the shorter side, with which it comes closest to an area.
    fn margin_near(self, area: &Area, frame: &Frame) -> f64 {
        let (x, y) = self.shares();
        let shorter = frame.width.min(frame.height);
        let sides = [(x, area.left, frame.width - area.width), (y, area.top, frame.height - area.height)];
        let distances = sides.into_iter().filter(|(share, ..)| *share != 0.5);
        let distances: Vec<f64> =
            distances.map(|(share, at, room)| (at - room * share) * (1.0 - 2.0 * share)).collect();
        let mean = distances.iter().sum::<f64>() / distances.len().max(1) as f64;
        percent(mean, shorter).clamp(0.0, MOST_MARGIN)
    }
}

/// The position of something `size` long in `extent`, `margin` away from the edge that it is anchored to.
pub(crate) fn position(extent: u32, size: u32, share: f64, margin: f64) -> i64 {
    let spare = f64::from(extent) - f64::from(size);
    (spare * share + margin * (1.0 - 2.0 * share)).trunc() as i64
}

#[cfg(test)]
mod tests {
    use super::*;
    use lightloom_param::Choice;

    #[test]
    fn margins_go_inwards() {
        assert_eq!([0.0, 0.5, 1.0].map(|share| position(100, 20, share, 7.0)), [7, 40, 73]);
        assert_eq!([0.0, 0.5, 1.0].map(|share| position(10, 21, share, 0.0)), [0, -5, -11]);
        for words in [Anchor::WORDS, CORNERS_FIRST] {
            let anchors = words.iter().map(|word| Anchor::from_word(word).unwrap());
            let shares = anchors.map(Anchor::shares);
            let mut all: Vec<(i64, i64)> = shares.map(|(x, y)| ((2.0 * x) as i64, (2.0 * y) as i64)).collect();
            all.sort_unstable();
            all.dedup();
            assert_eq!(all.len(), 9);
        }
    }
}
