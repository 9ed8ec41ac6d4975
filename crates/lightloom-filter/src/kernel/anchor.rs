//! The nine anchors: where in a larger rectangle a smaller one lies.

use lightloom_param::choice;

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
