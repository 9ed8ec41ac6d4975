//! Colour quantisation: boxes of the colour space are split where that lowers the error most (Wu, "Color
//! quantization by dynamic programming and principal analysis", 1992, one axis at a time), the result is refined by
//! k-means (Lloyd, 1982), and what is left of the error is passed on to neighbours (Floyd and Steinberg, 1976).

/// A picture of at most 256 colours.
#[derive(Debug)]
pub(crate) struct Indexed {
    /// Red, green, blue and straight alpha of each entry; transparent ones come first.
    pub colours: Vec<[u8; 4]>,
    /// Palette index of each pixel, row by row.
    pub indices: Vec<u8>,
    /// Whether every pixel kept its colour.
    pub exact: bool,
}

/// A colour with premultiplied alpha, so that invisible colours have no weight.
type Point = [f32; 4];

/// Weights of red, green, blue and alpha, roughly as the eye perceives them.
const WEIGHTS: Point = [0.7, 1.0, 0.5, 1.0];

fn point([r, g, b, a]: [u8; 4]) -> Point {
    let alpha = f32::from(a);
    let of = |v: u8| f32::from(v) * alpha / 255.0;
    [of(r) * WEIGHTS[0], of(g) * WEIGHTS[1], of(b) * WEIGHTS[2], alpha * WEIGHTS[3]]
}

fn colour(point: Point) -> [u8; 4] {
    let alpha = point[3] / WEIGHTS[3];
    if alpha < 0.5 {
        return [0; 4];
    }
    let of = |i: usize| (point[i] / WEIGHTS[i] * 255.0 / alpha).round().clamp(0.0, 255.0) as u8;
    [of(0), of(1), of(2), alpha.round().clamp(0.0, 255.0) as u8]
}

fn distance(a: &Point, b: &Point) -> f32 {
    a.iter().zip(b).map(|(a, b)| (a - b) * (a - b)).sum()
}

/// Reduces RGBA samples in rows of `width` pixels to at most `most` colours (2–256). A picture with no more than these
/// keeps them exactly.
pub(crate) fn reduce(rgba: &[u8], width: usize, most: usize, dither: bool) -> Indexed {
    let most = most.clamp(2, 256);
    if let Some(exact) = as_they_are(rgba, most) {
        return exact;
    }
    let bins = Bins::count(rgba);
    let mut centres = refine(split(bins.cells.clone(), most), &bins.cells);
    // Fully transparent pixels must find an entry that is just that.
    if bins.transparent && !centres.iter().any(|c| colour(*c)[3] == 0) {
        centres.truncate(most - 1);
        centres.push([0.0; 4]);
    }
    let mut colours: Vec<[u8; 4]> = centres.into_iter().map(colour).collect();
    colours.sort_unstable_by_key(|c| (c[3], *c));
    colours.dedup();
    let mut nearest = Nearest::new(&colours, bins.opaque);
    let indices = if dither { diffuse(rgba, width, &colours, &mut nearest) } else { map(rgba, &mut nearest) };
    Indexed { colours, indices, exact: false }
}

/// The picture in its own colours, if they are few enough. All that is fully transparent is one colour.
fn as_they_are(rgba: &[u8], most: usize) -> Option<Indexed> {
    let mut colours: Vec<[u8; 4]> = Vec::new();
    // Runs of one colour are common where colours are few.
    let mut last = None;
    for pixel in pixels(rgba) {
        if last == Some(pixel) {
            continue;
        }
        last = Some(pixel);
        if let Err(place) = colours.binary_search_by_key(&(pixel[3], pixel), |c| (c[3], *c)) {
            if colours.len() == most {
                return None;
            }
            colours.insert(place, pixel);
        }
    }
    let find = |pixel: [u8; 4]| colours.binary_search_by_key(&(pixel[3], pixel), |c| (c[3], *c)).unwrap_or(0) as u8;
    let mut last = ([0; 4], find([0; 4]));
    let indices = pixels(rgba).map(|pixel| {
        if pixel != last.0 {
            last = (pixel, find(pixel));
        }
        last.1
    });
    Some(Indexed { indices: indices.collect(), colours, exact: true })
}

/// The pixels; all that is fully transparent is transparent black.
fn pixels(rgba: &[u8]) -> impl Iterator<Item = [u8; 4]> {
    rgba.chunks_exact(4).map(|p| if p[3] == 0 { [0; 4] } else { [p[0], p[1], p[2], p[3]] })
}

/// Pixels of nearly the same colour.
#[derive(Clone, Copy)]
struct Cell {
    count: f32,
    mean: Point,
}

/// How often colours occur, in cells of 8 levels per channel (32 of alpha).
struct Bins {
    cells: Vec<Cell>,
    /// Whether some pixel is fully transparent.
    transparent: bool,
    /// Whether none is even a little.
    opaque: bool,
}

impl Bins {
    fn count(rgba: &[u8]) -> Self {
        let opaque = rgba.chunks_exact(4).all(|p| p[3] == 255);
        let mut sums = vec![(0_u32, [0_f64; 4]); if opaque { 1 << 15 } else { 1 << 18 }];
        let mut transparent = false;
        for pixel in pixels(rgba) {
            transparent |= pixel[3] == 0;
            let [r, g, b, a] = pixel.map(usize::from);
            let rgb = (r >> 3) << 10 | (g >> 3) << 5 | b >> 3;
            let (count, sum) = &mut sums[if opaque { rgb } else { (a >> 5) << 15 | rgb }];
            *count += 1;
            for (sum, v) in sum.iter_mut().zip(point(pixel)) {
                *sum += f64::from(v);
            }
        }
        let cell = |(count, sum): (u32, [f64; 4])| Cell {
            count: count as f32,
            mean: sum.map(|s| (s / f64::from(count)) as f32),
        };
        Self { cells: sums.into_iter().filter(|(n, _)| *n > 0).map(cell).collect(), transparent, opaque }
    }
}

/// Cells that share a colour.
struct Group {
    cells: Vec<Cell>,
    mean: Point,
    /// Sum of squared distances from the mean, and the axis that holds the most of it.
    error: f64,
    axis: usize,
}

impl Group {
    fn new(cells: Vec<Cell>) -> Self {
        let total: f64 = cells.iter().map(|cell| f64::from(cell.count)).sum();
        let mut mean = [0.0; 4];
        let mut errors = [0.0; 4];
        for axis in 0..4 {
            let sum: f64 = cells.iter().map(|cell| f64::from(cell.count) * f64::from(cell.mean[axis])).sum();
            mean[axis] = (sum / total) as f32;
            let error = |cell: &Cell| f64::from(cell.count) * f64::from(cell.mean[axis] - mean[axis]).powi(2);
            errors[axis] = cells.iter().map(error).sum();
        }
        let axis = (0..4).max_by(|a, b| errors[*a].total_cmp(&errors[*b])).unwrap_or(0);
        Self { cells, mean, error: errors.iter().sum(), axis }
    }

    /// Cut in two so that the squared error along the axis is the least.
    fn cut(mut self) -> (Self, Self) {
        let axis = self.axis;
        self.cells.sort_unstable_by(|a, b| a.mean[axis].total_cmp(&b.mean[axis]));
        let weighted = |cell: &Cell| (f64::from(cell.count), f64::from(cell.count) * f64::from(cell.mean[axis]));
        let (total, sum) = self.cells.iter().map(weighted).fold((0.0, 0.0), |a, b| (a.0 + b.0, a.1 + b.1));
        let (mut n, mut s) = (0.0, 0.0);
        let mut best = (f64::MIN, 1);
        for (i, cell) in self.cells.iter().enumerate().take(self.cells.len() - 1) {
            let (dn, ds) = weighted(cell);
            (n, s) = (n + dn, s + ds);
            // The least error is where the means are the farthest apart, weighted.
            let gain = s * s / n + (sum - s).powi(2) / (total - n);
            if gain > best.0 {
                best = (gain, i + 1);
            }
        }
        let upper = self.cells.split_off(best.1);
        (Self::new(self.cells), Self::new(upper))
    }
}

/// The means of at most `most` groups of cells.
fn split(cells: Vec<Cell>, most: usize) -> Vec<Point> {
    let mut groups = vec![Group::new(cells)];
    while groups.len() < most {
        let worst = (0..groups.len())
            .filter(|i| groups[*i].cells.len() > 1)
            .max_by(|a, b| groups[*a].error.total_cmp(&groups[*b].error));
        let Some(worst) = worst else { break };
        let (lower, upper) = groups.swap_remove(worst).cut();
        groups.extend([lower, upper]);
    }
    groups.into_iter().map(|g| g.mean).collect()
}

/// Rounds of k-means: more gain little.
const ROUNDS: usize = 4;

fn refine(mut centres: Vec<Point>, cells: &[Cell]) -> Vec<Point> {
    for _ in 0..ROUNDS {
        let mut sums = vec![(0.0_f64, [0.0_f64; 4]); centres.len()];
        for Cell { count, mean } in cells {
            let (total, sum) = &mut sums[nearest(&centres, mean)];
            *total += f64::from(*count);
            for (sum, v) in sum.iter_mut().zip(mean) {
                *sum += f64::from(*count) * f64::from(*v);
            }
        }
        for (centre, (n, sum)) in centres.iter_mut().zip(sums) {
            if n > 0.0 {
                *centre = sum.map(|s| (s / n) as f32);
            }
        }
    }
    centres
}

fn nearest(centres: &[Point], p: &Point) -> usize {
    let mut best = (f32::MAX, 0);
    for (i, centre) in centres.iter().enumerate() {
        let d = distance(centre, p);
        if d < best.0 {
            best = (d, i);
        }
    }
    best.1
}

/// The nearest entry of a palette, found once for each cell of 4 levels per channel (32 of alpha).
struct Nearest {
    centres: Vec<Point>,
    opaque: bool,
    known: Vec<u16>,
}

impl Nearest {
    const UNKNOWN: u16 = u16::MAX;

    fn new(colours: &[[u8; 4]], opaque: bool) -> Self {
        let cells = if opaque { 1 << 18 } else { 1 << 21 };
        Self { centres: colours.iter().map(|c| point(*c)).collect(), opaque, known: vec![Self::UNKNOWN; cells] }
    }

    fn find(&mut self, pixel: [u8; 4]) -> u8 {
        let [r, g, b, a] = pixel.map(usize::from);
        if a == 0 {
            return 0;
        }
        let rgb = (r >> 2) << 12 | (g >> 2) << 6 | b >> 2;
        let cell = if self.opaque { rgb } else { (a >> 5) << 18 | rgb };
        if self.known[cell] == Self::UNKNOWN {
            let middle = [r, g, b].map(|v| ((v & !3) + 2) as u8);
            let alpha = if a == 255 || self.opaque { 255 } else { ((a & !31) + 16) as u8 };
            self.known[cell] = nearest(&self.centres, &point([middle[0], middle[1], middle[2], alpha])) as u16;
        }
        self.known[cell] as u8
    }
}

fn map(rgba: &[u8], nearest: &mut Nearest) -> Vec<u8> {
    pixels(rgba).map(|pixel| nearest.find(pixel)).collect()
}

/// Floyd–Steinberg in rows of changing direction; in sixteenths of a level. Nothing is passed to or from pixels that
/// are fully transparent.
fn diffuse(rgba: &[u8], width: usize, colours: &[[u8; 4]], nearest: &mut Nearest) -> Vec<u8> {
    let mut indices = vec![0; rgba.len() / 4];
    let (mut here, mut below) = (vec![[0_i32; 3]; width + 2], vec![[0_i32; 3]; width + 2]);
    for (y, (row, out)) in rgba.chunks_exact(width * 4).zip(indices.chunks_exact_mut(width)).enumerate() {
        below.fill([0; 3]);
        let forwards = y % 2 == 0;
        for i in 0..width {
            let x = if forwards { i } else { width - 1 - i };
            let pixel = &row[x * 4..][..4];
            if pixel[3] == 0 {
                continue;
            }
            let wanted: [i32; 3] =
                std::array::from_fn(|c| (i32::from(pixel[c]) * 16 + here[x + 1][c]).clamp(0, 255 * 16));
            let [r, g, b] = wanted.map(|v| ((v + 8) / 16) as u8);
            let found = nearest.find([r, g, b, pixel[3]]);
            out[x] = found;
            let got = colours[usize::from(found)];
            // Columns are counted from 1, so that both ends have a neighbour.
            let (ahead, behind) = if forwards { (x + 2, x) } else { (x, x + 2) };
            for c in 0..3 {
                let error = wanted[c] - i32::from(got[c]) * 16;
                here[ahead][c] += error * 7 / 16;
                below[behind][c] += error * 3 / 16;
                below[x + 1][c] += error * 5 / 16;
                below[ahead][c] += error / 16;
            }
        }
        std::mem::swap(&mut here, &mut below);
    }
    indices
}

#[cfg(test)]
mod tests {
    use super::*;

    fn back(indexed: &Indexed) -> Vec<u8> {
        indexed.indices.iter().flat_map(|i| indexed.colours[usize::from(*i)]).collect()
    }

    fn gradient() -> Vec<u8> {
        (0..128 * 128).flat_map(|i| [(i % 128 * 2) as u8, (i / 128 * 2) as u8, 255 - (i % 128) as u8, 255]).collect()
    }

    /// Mean of squared differences of the three colours.
    fn mse(a: &[u8], b: &[u8]) -> f64 {
        a.iter().zip(b).map(|(a, b)| f64::from(a.abs_diff(*b)).powi(2)).sum::<f64>() / a.len() as f64 * 4.0 / 3.0
    }

    #[test]
    fn few_colours_stay_as_they_are() {
        let rgba: Vec<u8> =
            (0..1000_u32).flat_map(|i| [(i * 7 % 16) as u8, 5, (i % 16) as u8 * 3, 255 - (i % 3) as u8 * 90]).collect();
        let indexed = reduce(&rgba, 100, 256, true);
        assert!(indexed.exact);
        assert_eq!(back(&indexed), rgba);
        let invisible = [9, 8, 7, 0, 1, 2, 3, 0, 4, 4, 4, 255];
        assert_eq!(reduce(&invisible, 3, 2, false).colours, [[0; 4], [4, 4, 4, 255]]);
    }

    #[test]
    fn a_gradient_stays_close_and_dithering_keeps_its_local_mean() {
        let rgba = gradient();
        let plain = reduce(&rgba, 128, 256, false);
        assert!(!plain.exact && plain.colours.len() <= 256);
        // A uniform cube of 6 × 6 × 6 colours, the web palette, has about 51² / 12 = 217.
        let error = mse(&rgba, &back(&plain));
        assert!(error < 30.0, "{error}");
        let few = reduce(&rgba, 128, 8, true);
        assert!(few.colours.len() <= 8);
        // Means of blocks of 16 × 16 are nearer with dithering than without.
        let blocks = |rgba: &[u8]| -> Vec<u8> {
            (0..64)
                .flat_map(|block| {
                    let (bx, by) = (block % 8 * 16, block / 8 * 16);
                    (0..4).map(move |c| {
                        let sum: u32 =
                            (0..256).map(|i| u32::from(rgba[((by + i / 16) * 128 + bx + i % 16) * 4 + c])).sum();
                        (sum / 256) as u8
                    })
                })
                .collect()
        };
        let dithered = mse(&blocks(&rgba), &blocks(&back(&few)));
        let banded = mse(&blocks(&rgba), &blocks(&back(&reduce(&rgba, 128, 8, false))));
        assert!(dithered < banded / 2.0, "{dithered} against {banded}");
    }

    #[test]
    fn transparent_pixels_stay_transparent() {
        let mut rgba = gradient();
        rgba.chunks_exact_mut(4).step_by(5).for_each(|p| p[3] = 0);
        for dither in [false, true] {
            let indexed = reduce(&rgba, 128, 16, dither);
            assert!(indexed.colours.len() <= 16);
            assert!(back(&indexed).chunks_exact(4).zip(rgba.chunks_exact(4)).all(|(a, b)| a[3] == b[3]));
        }
    }
}
