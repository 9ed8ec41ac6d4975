//! Projective maps, and what lies beyond the source: shared by both implementations.

use crate::kernel::resample::Kernel;

/// Maps pixel centres of the result to positions in the source, in homogeneous coordinates: the matrix times (x, y, 1),
/// divided by the third component.
pub(crate) type Map = [[f64; 3]; 3];

/// What lies beyond the source.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) enum Beyond {
    /// The nearest pixel.
    Nearest,
    /// One colour: straight samples of the source's layout.
    Colour([f32; 4]),
}

/// The weights of `T` neighbouring pixels for a position at the fraction `share` (0–1) between the two middle ones. They
/// sum to 1.
pub(crate) fn weights<const T: usize>(kernel: Kernel, share: f64) -> [f64; T] {
    let raw: [f64; T] = std::array::from_fn(|tap| kernel.weight(tap as f64 - (T / 2 - 1) as f64 - share));
    let sum: f64 = raw.iter().sum();
    raw.map(|weight| weight / sum)
}

/// The map from a rectangle of `size` to the quadrilateral that its corners, clockwise from the top left, become; both
/// in pixels from the picture's corner (Heckbert 1989). The quadrilateral must be convex.
pub(crate) fn to_quadrilateral(size: (u32, u32), corners: [(f64, f64); 4]) -> Map {
    let [(x0, y0), (x1, y1), (x2, y2), (x3, y3)] = corners;
    let (dx1, dx2, sx) = (x1 - x2, x3 - x2, x0 - x1 + x2 - x3);
    let (dy1, dy2, sy) = (y1 - y2, y3 - y2, y0 - y1 + y2 - y3);
    let determinant = dx1 * dy2 - dx2 * dy1;
    let (g, h) = ((sx * dy2 - dx2 * sy) / determinant, (dx1 * sy - sx * dy1) / determinant);
    let square = [[x1 - x0 + g * x1, x3 - x0 + h * x3, x0], [y1 - y0 + g * y1, y3 - y0 + h * y3, y0], [g, h, 1.0]];
    let (width, height) = (f64::from(size.0), f64::from(size.1));
    // from pixel centres to the unit square, and back to pixel centres at the end
    let unit = [[1.0 / width, 0.0, 0.5 / width], [0.0, 1.0 / height, 0.5 / height], [0.0, 0.0, 1.0]];
    let centres = [[1.0, 0.0, -0.5], [0.0, 1.0, -0.5], [0.0, 0.0, 1.0]];
    product(&centres, &product(&square, &unit))
}

fn product(a: &Map, b: &Map) -> Map {
    a.map(|row| [0, 1, 2].map(|j| row[0] * b[0][j] + row[1] * b[1][j] + row[2] * b[2][j]))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn corners_go_to_corners() {
        let corners = [(1.0, 2.0), (9.0, 1.0), (8.0, 7.0), (0.5, 6.0)];
        let map = to_quadrilateral((20, 10), corners);
        for ((x, y), corner) in [(0.0, 0.0), (20.0, 0.0), (20.0, 10.0), (0.0, 10.0)].into_iter().zip(corners) {
            // a corner lies half a pixel before the centre of its pixel
            let [u, v, w] = map.map(|row| row[0] * (x - 0.5) + row[1] * (y - 0.5) + row[2]);
            assert!((u / w + 0.5 - corner.0).abs() < 1e-9 && (v / w + 0.5 - corner.1).abs() < 1e-9, "{x} {y}");
        }
    }
}
