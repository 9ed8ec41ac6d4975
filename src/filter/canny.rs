//! Canny edges: thin lines along edges.
//!
//! Algorithm: Gaussian blur, Sobel gradient of luma, only the greatest magnitude across an edge stays (in four
//! directions), and of what is above the low threshold only what hangs together with something above the high one
//! (Canny 1986).
//! Range: black and white only. Alpha: untouched; luma is measured as it is stored. Depth: kept, measured in f32.
//! Edges: the nearest pixel is repeated; beyond them there is no edge.

use multiversion::multiversion;

use super::gaussian::Gaussian;
use super::histogram::luma;
use super::{
    Example, FilterError, FilterSpec, Frame, Group, Operation, ParamKind, ParamSpec, Params, Stopped, Whole, Work,
};
use crate::picture::{Layout, Pixels, Raster, Sample, Shape};
use crate::with_raster;

/// See the module.
pub static SPEC: FilterSpec = FilterSpec {
    id: "canny",
    title: "Canny edges",
    group: Group::Detail,
    help: "Draws thin white lines along edges on black",
    version: 1,
    params: &[
        ParamSpec {
            key: "sigma",
            label: "Blur (σ)",
            help: "Standard deviation of the blur before in pixels of the full picture; 0 does not blur",
            unit: "px",
            kind: ParamKind::Number { min: 0.0, max: 20.0, default: 1.4, step: 0.1, logarithmic: false },
        },
        ParamSpec {
            key: "low",
            label: "Low threshold",
            help: "Gradient from which a line goes on, in percent of a step from black to white",
            unit: "%",
            kind: ParamKind::Number { min: 0.0, max: 100.0, default: 5.0, step: 0.5, logarithmic: false },
        },
        ParamSpec {
            key: "high",
            label: "High threshold",
            help: "Gradient at which a line begins, in percent of a step from black to white",
            unit: "%",
            kind: ParamKind::Number { min: 0.0, max: 100.0, default: 15.0, step: 0.5, logarithmic: false },
        },
    ],
    example: Example::of(&[]),
    compile,
};

fn compile(params: &Params, frame: &Frame) -> Result<Operation, FilterError> {
    let sigma = params.number("sigma") * frame.scale;
    let blur = (sigma > 0.0).then(|| Gaussian::new(sigma)).filter(|kernel| !kernel.is_negligible());
    let (low, high) = (params.number("low"), params.number("high"));
    // Sobel's kernel makes four of a step; the smaller threshold is the low one, whichever was given as such
    let [low, high] = [low.min(high), low.max(high)].map(|share| share / 100.0 * 4.0 * LEVELS);
    Ok(Operation::whole(Canny { blur, low: low * low, high: high * high }))
}

/// Luma is measured in levels of 8 bits, in 256 steps each, so that gradients of 8-bit pictures are exact.
const LEVELS: f32 = 255.0;
const STEPS: f32 = 256.0;

struct Canny {
    blur: Option<Gaussian>,
    /// Squares of the thresholds.
    low: f32,
    high: f32,
}

/// Rows that a core takes at once.
const BAND: usize = 64;

/// What a pixel can be: no edge, an edge if it hangs together with a sure one, a sure one.
const NONE: u8 = 0;
const WEAK: u8 = 1;
const SURE: u8 = 2;

impl Whole for Canny {
    fn extra_bytes(&self, source: Shape) -> u64 {
        // luma, blurred luma, classes and the places still to be followed
        source.pixels() * (4 + 4 + 1 + 4)
    }

    fn apply(&self, source: Pixels, work: &mut Work<'_>) -> Result<Pixels, Stopped> {
        let (width, height) = (source.width() as usize, source.height() as usize);
        let mut levels: Vec<f32> = work.buffers.take(width * height);
        with_raster!(&source, r => work.fill(&mut levels, BAND * width, |band, levels| {
            for (levels, y) in levels.chunks_exact_mut(width).zip((band * BAND) as u32..) {
                levels_of(levels, r.row(y), r.layout());
            }
        }))?;
        let mut plane = Raster::new(width as u32, height as u32, Layout::Grey, levels);
        if let Some(blur) = &self.blur {
            let mut blurred: Vec<f32> = work.buffers.take(width * height);
            work.fill(&mut blurred, BAND * width, |band, blurred| {
                let top = (band * BAND) as u32;
                let rows = top..top + (blurred.len() / width) as u32;
                blur.rows(&plane, rows, |y, row| blurred[(y - top) as usize * width..][..width].copy_from_slice(row));
            })?;
            let levels = std::mem::replace(&mut plane, Raster::new(width as u32, height as u32, Layout::Grey, blurred));
            work.buffers.give(levels.into_samples());
        }
        let mut classes: Vec<u8> = work.buffers.take(width * height);
        work.fill(&mut classes, BAND * width, |band, classes| self.classify(&plane, band * BAND, classes))?;
        work.buffers.give(plane.into_samples());
        follow(&mut classes, width, work)?;
        let result = with_raster!(source, r => draw(r, &classes, work).map(Pixels::from));
        work.buffers.give(classes);
        result
    }
}

fn levels_of<S: Sample>(levels: &mut [f32], row: &[S], layout: Layout) {
    for (level, pixel) in levels.iter_mut().zip(row.chunks_exact(layout.channels())) {
        let tone = match pixel {
            [red, green, blue, ..] => luma([red.to_unit(), green.to_unit(), blue.to_unit()]),
            _ => pixel[0].to_unit(),
        };
        *level = (tone * LEVELS * STEPS).round() / STEPS;
    }
}

/// Edges in white, the rest in black; alpha stays.
fn draw<S: Sample>(mut raster: Raster<S>, classes: &[u8], work: &Work<'_>) -> Result<Raster<S>, Stopped> {
    let (layout, width) = (raster.layout(), raster.width() as usize);
    let band = BAND * raster.stride();
    work.fill(raster.samples_mut(), band, |index, samples| {
        let classes = &classes[index * BAND * width..];
        for (pixel, class) in samples.chunks_exact_mut(layout.channels()).zip(classes) {
            pixel[..layout.colours()].fill(if *class == SURE { S::WHITE } else { S::default() });
        }
    })?;
    Ok(raster)
}

/// The two gradients of a row, whose neighbours above and below are given too.
#[multiversion(targets("x86_64+avx2+fma", "x86_64+avx2", "aarch64+neon"))]
fn sobel(gx: &mut [f32], gy: &mut [f32], above: &[f32], own: &[f32], below: &[f32]) {
    let last = own.len() - 1;
    let mut at = |x: usize, l: usize, r: usize| {
        gx[x] = (above[r] - above[l]) + 2.0 * (own[r] - own[l]) + (below[r] - below[l]);
        gy[x] = (below[l] - above[l]) + 2.0 * (below[x] - above[x]) + (below[r] - above[r]);
    };
    at(0, 0, 1.min(last));
    at(last, last.saturating_sub(1), last);
    for x in 1..last {
        at(x, x - 1, x + 1);
    }
}

impl Canny {
    /// Says for each pixel of some rows from `top` on what it can be.
    fn classify(&self, plane: &Raster<f32>, top: usize, classes: &mut [u8]) {
        let (width, height) = (plane.width() as usize, plane.height() as usize);
        let row = |y: usize| plane.row(y.min(height - 1) as u32);
        // squares of magnitudes of three rows, without any edge beyond the picture's borders
        let mut squares = [(); 3].map(|()| vec![0.0; width + 2]);
        let [mut gx, mut gy] = [(); 2].map(|()| vec![0.0; width]);
        let [mut next_gx, mut next_gy] = [(); 2].map(|()| vec![0.0; width]);
        let gradient = |y: usize, gx: &mut [f32], gy: &mut [f32], squares: &mut [f32]| {
            if y >= height {
                squares.fill(0.0);
                return;
            }
            sobel(gx, gy, row(y.saturating_sub(1)), row(y), row(y + 1));
            for ((square, gx), gy) in squares[1..=width].iter_mut().zip(&*gx).zip(&*gy) {
                *square = gx * gx + gy * gy;
            }
        };
        if top > 0 {
            gradient(top - 1, &mut gx, &mut gy, &mut squares[0]);
        }
        gradient(top, &mut gx, &mut gy, &mut squares[1]);
        for (y, classes) in (top..).zip(classes.chunks_exact_mut(width)) {
            let [above, own, below] = &mut squares;
            gradient(y + 1, &mut next_gx, &mut next_gy, below);
            for x in 0..width {
                let square = own[x + 1];
                classes[x] = match square > self.low && is_ridge(square, gx[x], gy[x], x + 1, above, own, below) {
                    false => NONE,
                    true if square > self.high => SURE,
                    true => WEAK,
                };
            }
            squares.rotate_left(1);
            std::mem::swap(&mut gx, &mut next_gx);
            std::mem::swap(&mut gy, &mut next_gy);
        }
    }
}

/// Whether no neighbour across the edge has a greater magnitude; of two equal ones the first stays.
#[inline(always)]
fn is_ridge(square: f32, gx: f32, gy: f32, x: usize, above: &[f32], own: &[f32], below: &[f32]) -> bool {
    /// Tangent of 22.5°.
    const STEEP: f32 = 0.414_213_57;
    let (ax, ay) = (gx.abs(), gy.abs());
    if ay < STEEP * ax {
        square > own[x - 1] && square >= own[x + 1]
    } else if ax < STEEP * ay {
        square > above[x] && square >= below[x]
    } else if (gx < 0.0) == (gy < 0.0) {
        square > above[x - 1] && square > below[x + 1]
    } else {
        square > above[x + 1] && square > below[x - 1]
    }
}

/// Makes everything sure that hangs together with something sure, corner to corner too.
fn follow(classes: &mut [u8], width: usize, work: &Work<'_>) -> Result<(), Stopped> {
    let mut open: Vec<u32> = Vec::new();
    for start in 0..classes.len() {
        if start % (BAND * width) == 0 && (work.stop)() {
            return Err(Stopped);
        }
        if classes[start] != SURE {
            continue;
        }
        open.push(start as u32);
        while let Some(place) = open.pop() {
            let (x, y) = (place as usize % width, place as usize / width);
            for ny in y.saturating_sub(1)..(y + 2).min(classes.len() / width) {
                for nx in x.saturating_sub(1)..(x + 2).min(width) {
                    let class = &mut classes[ny * width + nx];
                    if *class == WEAK {
                        *class = SURE;
                        open.push((ny * width + nx) as u32);
                    }
                }
            }
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::super::testing::{bytes, grey8, run};

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
    fn a_weak_line_counts_where_it_hangs_on_a_sure_one() {
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
