//! The canvas of an animation: composites frames, and finds the part of a frame that differs from the one before.

use lightloom_picture::{Layout, Pixels, Raster};

/// A part of a canvas.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Rect {
    pub left: u32,
    pub top: u32,
    pub width: u32,
    pub height: u32,
}

/// RGBA of a whole animation, transparent at first.
pub(crate) struct Canvas {
    pub width: u32,
    pub height: u32,
    pub rgba: Vec<u8>,
}

impl Canvas {
    pub fn new(width: u32, height: u32) -> Self {
        Self { width, height, rgba: vec![0; width as usize * height as usize * 4] }
    }

    pub fn pixels(&self) -> Pixels {
        Raster::new(self.width, self.height, Layout::Rgba, self.rgba.clone()).into()
    }

    /// Clips `rect` to the canvas, row by row: the range in the canvas, and that in the rows of `rect`.
    fn rows(&self, rect: Rect) -> impl Iterator<Item = (std::ops::Range<usize>, std::ops::Range<usize>)> + use<> {
        let columns = rect.width.min(self.width.saturating_sub(rect.left)) as usize;
        let rows = rect.height.min(self.height.saturating_sub(rect.top)) as usize;
        let (stride, own) = (self.width as usize * 4, rect.width as usize * 4);
        let first = rect.top as usize * stride + rect.left as usize * 4;
        let rows = if columns == 0 { 0 } else { rows };
        (0..rows).map(move |y| (first + y * stride..first + y * stride + columns * 4, y * own..y * own + columns * 4))
    }

    /// Makes a part transparent.
    pub fn clear(&mut self, rect: Rect) {
        for (here, _) in self.rows(rect) {
            self.rgba[here].fill(0);
        }
    }

    /// Replaces a part; `rgba` holds the rows of `rect`.
    pub fn replace(&mut self, rect: Rect, rgba: &[u8]) {
        for (here, there) in self.rows(rect) {
            if let Some(row) = rgba.get(there) {
                self.rgba[here].copy_from_slice(row);
            }
        }
    }

    /// Lays `rgba` over a part (Porter and Duff's "over", straight alpha).
    pub fn over(&mut self, rect: Rect, rgba: &[u8]) {
        for (here, there) in self.rows(rect) {
            let Some(row) = rgba.get(there) else { continue };
            for (below, above) in self.rgba[here].chunks_exact_mut(4).zip(row.chunks_exact(4)) {
                match above[3] {
                    0 => {}
                    255 => below.copy_from_slice(above),
                    alpha => {
                        let (a, b) = (u32::from(alpha) * 255, u32::from(below[3]) * (255 - u32::from(alpha)));
                        for c in 0..3 {
                            below[c] =
                                ((u32::from(above[c]) * a + u32::from(below[c]) * b + (a + b) / 2) / (a + b)) as u8;
                        }
                        below[3] = ((a + b + 127) / 255) as u8;
                    }
                }
            }
        }
    }

    /// The samples of a part.
    pub fn cut(&self, rect: Rect) -> Vec<u8> {
        self.rows(rect).flat_map(|(here, _)| &self.rgba[here]).copied().collect()
    }
}

/// The smallest part, one pixel at least, that holds all pixels in which two pictures of equal size differ, with even
/// left and top where asked for.
pub(crate) fn difference(before: &[u8], after: &[u8], width: u32, height: u32, even: bool) -> Rect {
    let stride = width as usize * 4;
    let (mut left, mut right, mut top, mut bottom) = (width as usize, 0, None, 0);
    for (y, (a, b)) in before.chunks_exact(stride).zip(after.chunks_exact(stride)).enumerate() {
        if a == b {
            continue;
        }
        top = top.or(Some(y));
        bottom = y;
        let differs = |x: &usize| a[x * 4..][..4] != b[x * 4..][..4];
        let columns = 0..width as usize;
        left = left.min(columns.clone().find(differs).unwrap_or(left));
        right = right.max(columns.rev().find(differs).unwrap_or(right));
    }
    let Some(mut top) = top else { return Rect { left: 0, top: 0, width: 1, height: 1 } };
    if even {
        (left, top) = (left & !1, top & !1);
    }
    debug_assert!(bottom < height as usize);
    Rect { left: left as u32, top: top as u32, width: (right + 1 - left) as u32, height: (bottom + 1 - top) as u32 }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parts_beyond_the_canvas_are_left_out() {
        let mut canvas = Canvas::new(3, 2);
        let rect = Rect { left: 2, top: 1, width: 4, height: 4 };
        canvas.replace(rect, &[7; 64]);
        assert_eq!(canvas.rgba[20..], [7; 4]);
        assert_eq!(canvas.rgba[..20], [0; 20]);
        canvas.over(Rect { left: 9, ..rect }, &[7; 64]);
        canvas.replace(rect, &[9; 3]);
        assert_eq!(canvas.rgba[20..], [7; 4], "too few samples change nothing");
        canvas.clear(Rect { left: 0, top: 0, width: u32::MAX, height: u32::MAX });
        assert_eq!(canvas.rgba, [0; 24]);
    }

    #[test]
    fn over_is_porter_and_duff() {
        let mut canvas = Canvas::new(1, 1);
        let all = Rect { left: 0, top: 0, width: 1, height: 1 };
        canvas.over(all, &[200, 100, 0, 128]);
        assert_eq!(canvas.rgba, [200, 100, 0, 128], "over nothing it is itself");
        canvas.over(all, &[0, 0, 255, 64]);
        // α = 64/255 + 128/255 × 191/255; colours weighted by their shares.
        let (top, below) = (64.0 / 255.0, 128.0 / 255.0 * 191.0 / 255.0);
        let alpha: f64 = top + below;
        let expected = [200.0 * below / alpha, 100.0 * below / alpha, 255.0 * top / alpha, alpha * 255.0];
        assert_eq!(canvas.rgba, expected.map(|v| v.round() as u8));
    }

    #[test]
    fn the_difference_is_as_small_as_can_be() {
        let before = vec![0; 6 * 5 * 4];
        let mut after = before.clone();
        assert_eq!(difference(&before, &after, 6, 5, false), Rect { left: 0, top: 0, width: 1, height: 1 });
        after[(3 * 6 + 1) * 4] = 1;
        after[(4 * 6 + 3) * 4 + 2] = 1;
        assert_eq!(difference(&before, &after, 6, 5, false), Rect { left: 1, top: 3, width: 3, height: 2 });
        assert_eq!(difference(&before, &after, 6, 5, true), Rect { left: 0, top: 2, width: 4, height: 3 });
    }
}
