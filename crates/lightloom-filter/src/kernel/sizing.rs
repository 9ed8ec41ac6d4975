//! Sizes that keep the proportions of a picture, in whole pixels: within a box, around a box, by area.

/// A side that does not limit.
pub(crate) const ANY: u32 = u32::MAX;

/// The largest size within a box: one side is the limit.
pub(crate) fn within(source: (u32, u32), (width, height): (u32, u32)) -> (u32, u32) {
    if is_wider((width, height), source) {
        (share(source.0, height, source.1).clamp(1, width), height)
    } else {
        (width, share(source.1, width, source.0).clamp(1, height))
    }
}

/// The smallest size that covers a box: one side is that of the box.
pub(crate) fn around(source: (u32, u32), (width, height): (u32, u32)) -> (u32, u32) {
    if is_wider((width, height), source) {
        (width, share(source.1, width, source.0).max(height))
    } else {
        (share(source.0, height, source.1).max(width), height)
    }
}

/// The largest size of no more than so many pixels; at least one pixel high and wide.
pub(crate) fn of_area(source: (u32, u32), pixels: f64) -> (u32, u32) {
    let factor = (pixels / (f64::from(source.0) * f64::from(source.1))).sqrt();
    // a whole number that was missed by a rounding error is meant
    let side = |side: u32| ((f64::from(side) * factor + 1e-6).floor() as u32).max(1);
    (side(source.0), side(source.1))
}

/// A side times a factor, rounded to nearest, at least 1.
pub(crate) fn scale_side(side: u32, factor: f64) -> u32 {
    ((f64::from(side) * factor).round() as u32).max(1)
}

/// Whether a box is wider in proportion to its height than another.
fn is_wider(a: (u32, u32), b: (u32, u32)) -> bool {
    u64::from(a.0) * u64::from(b.1) > u64::from(a.1) * u64::from(b.0)
}

/// `a`·`b` ÷ `c`, rounded to nearest; what is no `u32` is refused as too large later.
fn share(a: u32, b: u32, c: u32) -> u32 {
    let (product, c) = (u64::from(a) * u64::from(b), u64::from(c));
    u32::try_from((product + c / 2) / c).unwrap_or(u32::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    const SIDES: [u32; 10] = [1, 2, 3, 7, 50, 333, 1920, 6000, 65_535, 200_000];
    const BOXES: [(u32, u32); 5] = [(1, 1), (1920, 1080), (64, 48), (1, 65_535), (65_535, 65_535)];

    /// Every source and box, the size that `scaled` makes, and the factor that `choose` takes of those of the sides.
    fn all(
        scaled: impl Fn((u32, u32), (u32, u32)) -> (u32, u32),
        choose: fn(f64, f64) -> f64,
        check: impl Fn((u32, u32), (u32, u32)),
    ) {
        for (w, h) in SIDES.into_iter().flat_map(|w| SIDES.map(|h| (w, h))) {
            for limits in BOXES {
                let result = scaled((w, h), limits);
                check(limits, result);
                let factor = choose(f64::from(limits.0) / f64::from(w), f64::from(limits.1) / f64::from(h));
                for (side, scaled) in [(w, result.0), (h, result.1)] {
                    let ideal = (f64::from(side) * factor).max(1.0);
                    let is_near = (f64::from(scaled) - ideal).abs() <= 0.5 + 1e-6 || scaled == u32::MAX;
                    assert!(is_near, "{w} × {h} in {limits:?} → {result:?}");
                }
            }
        }
    }

    #[test]
    fn within_touches_the_box_and_keeps_proportions() {
        all(within, f64::min, |limits, (w, h)| {
            assert!(w >= 1 && h >= 1 && w <= limits.0 && h <= limits.1);
            assert!(w == limits.0 || h == limits.1);
        });
    }

    #[test]
    fn around_covers_the_box_and_keeps_proportions() {
        all(around, f64::max, |limits, (w, h)| {
            assert!(w >= limits.0 && h >= limits.1);
            assert!(w == limits.0 || h == limits.1);
        });
    }

    #[test]
    fn a_side_that_is_not_given_does_not_limit() {
        assert_eq!(within((1000, 4000), (800, ANY)), (800, 3200));
        assert_eq!(within((4000, 1000), (ANY, 800)), (3200, 800));
        assert_eq!(within((1, 200_000), (65_535, ANY)), (21_475, ANY), "refused as too large");
    }

    #[test]
    fn areas_are_not_exceeded() {
        assert_eq!(of_area((6000, 4000), 6e6), (3000, 2000));
        assert_eq!(of_area((4000, 3000), 2e6), (1632, 1224));
        assert_eq!(of_area((100_000, 1), 10.0), (1000, 1));
        for (w, h) in SIDES.into_iter().flat_map(|w| SIDES.map(|h| (w, h))) {
            for pixels in [1.0, 1000.0, 123_456.0, 24e6] {
                let (sw, sh) = of_area((w, h), pixels);
                assert!(sw == 1 || sh == 1 || f64::from(sw) * f64::from(sh) <= pixels, "{w} × {h}: {sw} × {sh}");
            }
        }
    }
}
