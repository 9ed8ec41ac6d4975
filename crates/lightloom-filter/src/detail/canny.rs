//! Canny edges: draws thin lines along edges.
//!
//! Algorithm: Gaussian blur, Sobel gradient of luma, non-maximum suppression in four directions, and hysteresis: of
//! what exceeds the low threshold, only what is connected to something above the high one is kept (Canny 1986).
//! Range: black and white only. Alpha: untouched; luma is measured as it is stored. Depth: kept, measured in f32.
//! Edges: the nearest pixel is repeated; beyond them there is no edge.

use multiversion::multiversion;

use crate::kernel::gaussian::Gaussian;
use crate::kernel::histogram::luma;
use crate::{Example, Filter, FilterContext, Operation, Stopped, Unfit, Whole, Work};
use lightloom_param::{number, parameters};
use lightloom_picture::with_raster;
use lightloom_picture::{Geometry, Layout, Pixels, Raster, Sample, Shape};

parameters! {
    pub(crate) struct Canny {
        sigma: f32 = number(
            "Blur (σ)",
            "Standard deviation of the blur before in pixels of the full picture; 0 does not blur",
            "px",
            (0.0, 20.0),
            1.4,
        )
        .step(0.1),
        low: f32 = number(
            "Low threshold",
            "Gradient from which a line goes on, in percent of a step from black to white",
            "%",
            (0.0, 100.0),
            5.0,
        )
        .step(0.5),
        high: f32 = number(
            "High threshold",
            "Gradient at which a line begins, in percent of a step from black to white",
            "%",
            (0.0, 100.0),
            15.0,
        )
        .step(0.5),
    }
}

impl Filter for Canny {
    const TITLE: &'static str = "Canny edges";
    const HELP: &'static str = "Draws thin white lines along edges on black";
    const EXAMPLE: Example = Example::of(&[]);

    fn compile(&self, context: &FilterContext) -> Result<Operation, Unfit> {
        let sigma = self.sigma * context.scale;
        let blur = (sigma > 0.0).then(|| Gaussian::new(sigma)).filter(|kernel| !kernel.is_negligible());
        let (low, high) = (self.low, self.high);
        // Sobel's kernel makes four of a step; the smaller threshold is the low one, whichever was given as such
        let [low, high] = [low.min(high), low.max(high)].map(|share| share / 100.0 * 4.0 * LEVELS);
        Ok(Operation::whole(CannyDetector { blur, low: low * low, high: high * high }))
    }
}

/// Luma is measured in levels of 8 bits, in 256 steps each, so that gradients of 8-bit pictures are exact.
const LEVELS: f32 = 255.0;
const STEPS: f32 = 256.0;

struct CannyDetector {
    blur: Option<Gaussian>,
    /// Squares of the thresholds.
    low: f32,
    high: f32,
}

/// Rows per piece of work.
const BAND: usize = 64;

/// Classes of pixels: no edge, an edge if it is connected to a strong one, a strong one, one that has been followed.
const NONE: u8 = 0;
const WEAK: u8 = 1;
const SURE: u8 = 2;
const DONE: u8 = 3;

impl Whole for CannyDetector {
    fn geometry(&self, source: Shape) -> Geometry {
        Geometry::identity((source.width, source.height))
    }

    fn extra_bytes(&self, source: Shape) -> u64 {
        // luma, blurred luma, classes and the pixels still to be followed
        source.pixels() * (4 + 4 + 1 + 4)
    }

    fn apply(&self, source: Pixels, work: &mut Work<'_>) -> Result<Pixels, Stopped> {
        let (width, height) = (source.width() as usize, source.height() as usize);
        let size = (source.width(), source.height());
        let mut plane = with_raster!(&source, r => work.draw(size, Layout::Grey, BAND, |rows, levels: &mut [f32]| {
            for (levels, y) in levels.chunks_exact_mut(width).zip(rows.start as u32..) {
                match r.layout() {
                    Layout::Grey => levels_of::<_, 1>(levels, r.row(y)),
                    Layout::GreyAlpha => levels_of::<_, 2>(levels, r.row(y)),
                    Layout::Rgb => levels_of::<_, 3>(levels, r.row(y)),
                    Layout::Rgba => levels_of::<_, 4>(levels, r.row(y)),
                }
            }
        }))?;
        if let Some(blur) = &self.blur {
            let blurred = work.draw(size, Layout::Grey, BAND, |rows, blurred: &mut [f32]| {
                let rows = rows.start as u32..rows.end as u32;
                let top = rows.start;
                blur.rows(plane.view(), rows, |y, row| {
                    blurred[(y - top) as usize * width..][..width].copy_from_slice(row);
                });
            })?;
            let levels = std::mem::replace(&mut plane, blurred);
            work.buffers.give(levels.into_samples());
        }
        let mut classes: Vec<u8> = work.buffers.take_for_overwrite(width * height);
        work.fill(&mut classes, BAND * width, |band, classes| self.classify(&plane, band * BAND, classes))?;
        work.buffers.give(plane.into_samples());
        follow(&mut classes, width, work)?;
        let result = with_raster!(source, r => draw(r, &classes, work).map(Pixels::from));
        work.buffers.give(classes);
        result
    }
}

#[multiversion(targets("x86_64+avx512f+avx512vl+avx512bw+avx512dq", "x86_64+avx2", "aarch64+neon"))]
fn levels_of<S: Sample, const N: usize>(levels: &mut [f32], row: &[S]) {
    /// Beyond it floats are integers: adding it and taking it away rounds.
    const WHOLE: f32 = 12_582_912.0;
    for (level, pixel) in levels.iter_mut().zip(row.as_chunks::<N>().0) {
        let tone = if N < 3 {
            pixel[0].to_unit()
        } else {
            luma([pixel[0].to_unit(), pixel[1 % N].to_unit(), pixel[2 % N].to_unit()])
        };
        *level = ((tone * (LEVELS * STEPS) + WHOLE) - WHOLE) * (1.0 / STEPS);
    }
}

/// Edges in white, the rest in black; alpha stays.
fn draw<S: Sample>(mut raster: Raster<S>, classes: &[u8], work: &Work<'_>) -> Result<Raster<S>, Stopped> {
    let (layout, width) = (raster.layout(), raster.width() as usize);
    let band = BAND * raster.stride();
    work.fill(raster.samples_mut(), band, |index, samples| {
        let classes = &classes[index * BAND * width..];
        match layout {
            Layout::Grey => paint::<S, 1>(samples, classes),
            Layout::GreyAlpha => paint::<S, 2>(samples, classes),
            Layout::Rgb => paint::<S, 3>(samples, classes),
            Layout::Rgba => paint::<S, 4>(samples, classes),
        }
    })?;
    Ok(raster)
}

fn paint<S: Sample, const N: usize>(samples: &mut [S], classes: &[u8]) {
    for (pixel, class) in samples.as_chunks_mut::<N>().0.iter_mut().zip(classes) {
        let tone = if *class == DONE { S::WHITE } else { S::default() };
        let colours = if N.is_multiple_of(2) { N - 1 } else { N };
        pixel[..colours].fill(tone);
    }
}

/// The gradients of a row, and the squares of their magnitudes between two zeros; `above` and `below` are the
/// neighbouring rows.
#[multiversion(targets("x86_64+avx512f+avx512vl+avx512bw+avx512dq", "x86_64+avx2", "aarch64+neon"))]
fn sobel(gradients: &mut Gradients, above: &[f32], own: &[f32], below: &[f32]) {
    let width = own.len();
    let last = width - 1;
    let Gradients { gx, gy, squares } = gradients;
    let (gx, gy, squares) = (&mut gx[..width], &mut gy[..width], &mut squares[1..=width]);
    for x in [0, last] {
        let beside = [x.saturating_sub(1), x, (x + 1).min(last)];
        let [above, own, below] = [above, own, below].map(|row| beside.map(|x| row[x]));
        (gx[x], gy[x]) = gradient(above, own, below);
    }
    if let Some(inner) = width.checked_sub(2) {
        let ([al, ac, ar], [ol, or], [bl, bc, br]) = (
            [0, 1, 2].map(|from| &above[from..][..inner]),
            [0, 2].map(|from| &own[from..][..inner]),
            [0, 1, 2].map(|from| &below[from..][..inner]),
        );
        let (gx, gy) = (&mut gx[1..][..inner], &mut gy[1..][..inner]);
        for i in 0..inner {
            (gx[i], gy[i]) = gradient([al[i], ac[i], ar[i]], [ol[i], 0.0, or[i]], [bl[i], bc[i], br[i]]);
        }
    }
    for x in 0..width {
        squares[x] = gx[x] * gx[x] + gy[x] * gy[x];
    }
}

/// Of three pixels in three rows each.
#[inline(always)]
fn gradient(above: [f32; 3], own: [f32; 3], below: [f32; 3]) -> (f32, f32) {
    (
        (above[2] - above[0]) + 2.0 * (own[2] - own[0]) + (below[2] - below[0]),
        (below[0] - above[0]) + 2.0 * (below[1] - above[1]) + (below[2] - above[2]),
    )
}

/// Gradients of a row.
struct Gradients {
    gx: Vec<f32>,
    gy: Vec<f32>,
    /// Squares of magnitudes, with one more at both ends: beyond the picture is no edge.
    squares: Vec<f32>,
}

impl CannyDetector {
    /// Classifies the pixels of some rows from `top` on.
    fn classify(&self, plane: &Raster<f32>, top: usize, classes: &mut [u8]) {
        let (width, height) = (plane.width() as usize, plane.height() as usize);
        let row = |y: usize| plane.row(y.min(height - 1) as u32);
        let mut recent =
            [(); 3].map(|()| Gradients { gx: vec![0.0; width], gy: vec![0.0; width], squares: vec![0.0; width + 2] });
        let measure = |y: usize, gradients: &mut Gradients| {
            if y >= height {
                return gradients.squares.fill(0.0);
            }
            sobel(gradients, row(y.saturating_sub(1)), row(y), row(y + 1));
        };
        if top > 0 {
            measure(top - 1, &mut recent[0]);
        }
        measure(top, &mut recent[1]);
        for (y, classes) in (top..).zip(classes.chunks_exact_mut(width)) {
            measure(y + 1, &mut recent[2]);
            classes_of(classes, &recent, self.low, self.high);
            recent.rotate_left(1);
        }
    }
}

/// The classes of the row in the middle. An edge is where no neighbour across it has a greater magnitude; of two equal
/// ones the first stays.
#[multiversion(targets("x86_64+avx512f+avx512vl+avx512bw+avx512dq", "x86_64+avx2", "aarch64+neon"))]
fn classes_of(classes: &mut [u8], [above, own, below]: &[Gradients; 3], low: f32, high: f32) {
    /// Tangent of 22.5°.
    const STEEP: f32 = 0.414_213_57;
    let width = classes.len();
    let (gx, gy) = (&own.gx[..width], &own.gy[..width]);
    let [al, ac, ar] = [0, 1, 2].map(|from| &above.squares[from..][..width]);
    let [ol, oc, or] = [0, 1, 2].map(|from| &own.squares[from..][..width]);
    let [bl, bc, br] = [0, 1, 2].map(|from| &below.squares[from..][..width]);
    for x in 0..width {
        // all is loaded before anything is chosen, so that there is no branch
        let (above, beside, below) = ([al[x], ac[x], ar[x]], [ol[x], or[x]], [bl[x], bc[x], br[x]]);
        let (gx, gy, square) = (gx[x], gy[x], oc[x]);
        let (horizontal, vertical) = (gy.abs() < STEEP * gx.abs(), gx.abs() < STEEP * gy.abs());
        let falling = (gx < 0.0) == (gy < 0.0);
        let choose = |condition: bool, yes: f32, no: f32| if condition { yes } else { no };
        let before = choose(horizontal, beside[0], choose(vertical, above[1], choose(falling, above[0], above[2])));
        let after = choose(horizontal, beside[1], choose(vertical, below[1], choose(falling, below[2], below[0])));
        let equal = (horizontal | vertical) & (square == after);
        let ridge = (square > before) & ((square > after) | equal);
        let class = if square > high { SURE } else { WEAK };
        classes[x] = if ridge & (square > low) { class } else { NONE };
    }
}

/// Follows strong edges to everything connected to them, diagonally too.
fn follow(classes: &mut [u8], width: usize, work: &Work<'_>) -> Result<(), Stopped> {
    /// Pixels that are skipped at once where no edge is strong.
    const RUN: usize = 256;
    let height = classes.len() / width;
    let mut open: Vec<u32> = Vec::new();
    for first in (0..classes.len()).step_by(RUN) {
        if first.is_multiple_of(RUN << 12) && (work.stop)() {
            return Err(Stopped);
        }
        let run = first..(first + RUN).min(classes.len());
        if !classes[run.clone()].iter().fold(false, |any, class| any | (*class == SURE)) {
            continue;
        }
        for start in run {
            if classes[start] == SURE {
                classes[start] = DONE;
                open.push(start as u32);
            }
            while let Some(index) = open.pop() {
                let (x, y) = (index as usize % width, index as usize / width);
                for ny in y.saturating_sub(1)..(y + 2).min(height) {
                    let near = ny * width + x.saturating_sub(1)..ny * width + (x + 2).min(width);
                    for (index, class) in (near.start as u32..).zip(&mut classes[near]) {
                        if matches!(*class, WEAK | SURE) {
                            *class = DONE;
                            open.push(index);
                        }
                    }
                }
            }
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use crate::testing::{bytes, grey8, run};

    #[test]
    fn a_step_becomes_one_line() {
        let step: Vec<u8> = (0..400).map(|i| if i % 20 < 10 { 40 } else { 200 }).collect();
        for sigma in ["0", "1.4"] {
            let result = run("canny", &[("sigma", sigma)], grey8(20, &step));
            for row in bytes(&result).chunks(20) {
                assert_eq!(row.iter().filter(|v| **v == 255).count(), 1, "σ {sigma}: {row:?}");
                assert!(row[9] == 255 || row[10] == 255);
            }
        }
    }

    #[test]
    fn a_weak_edge_counts_where_it_is_connected_to_a_strong_one() {
        // a step that fades from 100 to 30 levels, and one of 30 levels alone
        let samples: Vec<u8> = (0..40 * 60_usize)
            .map(|i| {
                let (x, y) = (i % 60, i / 60);
                let fading = if x >= 10 { 100 - 2 * y.min(35) as u8 } else { 0 };
                50 + fading + if x >= 40 { 30 } else { 0 }
            })
            .collect();
        let params = [("sigma", "0"), ("low", "8"), ("high", "30")];
        let result = run("canny", &params, grey8(60, &samples));
        for row in bytes(&result).chunks(60).skip(2).take(36) {
            let lines: Vec<usize> = (0..60).filter(|x| row[*x] == 255).collect();
            assert!(lines == [9] || lines == [10], "{lines:?}");
        }
    }
}
