//! The nine anchors: where in a larger rectangle a smaller one lies.

/// The words, centre first.
pub(crate) const ANCHORS: &[&str] =
    &["centre", "top_left", "top", "top_right", "left", "right", "bottom_left", "bottom", "bottom_right"];

/// The same with the corner where watermarks usually stand first.
pub(crate) const CORNER_ANCHORS: &[&str] =
    &["bottom_right", "bottom", "bottom_left", "right", "centre", "left", "top_right", "top", "top_left"];

/// What part of the spare width lies to the left, and of the spare height above: 0, ½ or 1.
pub(crate) fn shares(word: &str) -> (f64, f64) {
    let x = match word {
        "top_left" | "left" | "bottom_left" => 0.0,
        "top_right" | "right" | "bottom_right" => 1.0,
        _ => 0.5,
    };
    let y = match word {
        "top_left" | "top" | "top_right" => 0.0,
        "bottom_left" | "bottom" | "bottom_right" => 1.0,
        _ => 0.5,
    };
    (x, y)
}

/// The place of something `size` long in `extent`, `margin` away from the edge that it is anchored to.
pub(crate) fn place(extent: u32, size: u32, share: f64, margin: f64) -> i64 {
    let spare = f64::from(extent) - f64::from(size);
    (spare * share + margin * (1.0 - 2.0 * share)).trunc() as i64
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn margins_go_inwards() {
        assert_eq!([0.0, 0.5, 1.0].map(|share| place(100, 20, share, 7.0)), [7, 40, 73]);
        assert_eq!([0.0, 0.5, 1.0].map(|share| place(10, 21, share, 0.0)), [0, -5, -11]);
        for words in [ANCHORS, CORNER_ANCHORS] {
            let mut all: Vec<(i64, i64)> =
                words.iter().map(|w| shares(w)).map(|(x, y)| ((2.0 * x) as i64, (2.0 * y) as i64)).collect();
            all.sort_unstable();
            all.dedup();
            assert_eq!(all.len(), 9);
        }
    }
}
