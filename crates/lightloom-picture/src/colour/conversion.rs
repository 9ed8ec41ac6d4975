//! From one profile to another: decode to linear light, one affine map, encode; strip by strip.

use rayon::prelude::*;

use super::black::{black, compensation};
use super::curve::{Curve, Decoder, Encoder};
use super::profile::{D50, Model};
use super::tables::{GAMMA, Tables};
use super::{Intent, Profile, ProfileError};
use crate::with_raster;
use crate::{Buffers, Depth, Layout, Pixels, Raster, Sample};

/// Pixels of a strip. Strips begin at the same pixels whoever works on them, so results do not depend on it.
const STRIP: usize = 4096;

/// The result is no longer wanted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Abandoned;

type Matrix = [[f64; 3]; 3];

/// A conversion between two profiles, ready for pictures of any depth.
#[derive(Debug, Clone)]
pub struct Conversion {
    source: Source,
    /// The affine map between the linear sides: matrix and summand.
    matrix: [[f32; 3]; 3],
    summand: [f32; 3],
    target: Target,
    identity: bool,
}

#[derive(Debug, Clone)]
enum Source {
    Curves([Curve; 3]),
    Grey(Curve),
    Tables(Tables),
}

#[derive(Debug, Clone)]
enum Target {
    Curves(Box<[Encoder; 3]>),
    Grey(Box<Encoder>),
    Tables(Tables),
}

impl Conversion {
    /// From pictures under `from` to pictures under `to`; with black-point compensation if `compensate`, except under
    /// the absolute intent, where it has no meaning.
    ///
    /// # Errors
    /// If a table of one of the profiles cannot be used, or `to` describes inks.
    pub fn new(from: &Profile, to: &Profile, intent: Intent, compensate: bool) -> Result<Self, ProfileError> {
        if to.is_cmyk() {
            return Err(ProfileError("results cannot be CMYK; choose an RGB or grey profile".to_owned()));
        }
        let (source, into) = match &from.model {
            Model::Matrix(curves, matrix) => (Source::Curves(curves.clone()), *matrix),
            Model::Grey(curve) => (Source::Grey(curve.clone()), diagonal(D50)),
            Model::Tables => (Source::Tables(Tables::from_device(from, intent)?), diagonal([1.0; 3])),
        };
        let (target, out) = match &to.model {
            Model::Matrix(curves, matrix) => {
                (Target::Curves(Box::new(curves.clone().map(Encoder::new))), inverse(matrix))
            }
            Model::Grey(curve) => {
                (Target::Grey(Box::new(Encoder::new(curve.clone()))), [[0.0, 1.0, 0.0], [0.0; 3], [0.0; 3]])
            }
            Model::Tables => (Target::Tables(Tables::to_device(to, intent)?), diagonal([1.0; 3])),
        };
        let (mut factor, mut summand) = ([1.0; 3], [0.0; 3]);
        if intent == Intent::Absolute {
            let (own, other) = (from.media_white(), to.media_white());
            factor = [0, 1, 2].map(|i| own[i] / other[i]);
        } else if compensate {
            (factor, summand) = compensation(black(from, intent), black(to, intent));
        }
        let mut matrix = product(&out, &product(&diagonal(factor), &into));
        let summand = apply(&out, summand);
        let tables = matches!((&source, &target), (Source::Tables(_), _) | (_, Target::Tables(_)));
        if !tables && factor == [1.0; 3] {
            keep_white(&mut matrix);
        }
        Ok(Self {
            source,
            matrix: matrix.map(|row| row.map(|v| v as f32)),
            summand: summand.map(|v| v as f32),
            target,
            identity: from.is_like(to) && factor == [1.0; 3],
        })
    }

    /// Whether the profiles say the same, so that nothing would change.
    pub const fn is_identity(&self) -> bool {
        self.identity
    }

    /// Converts a picture; depth stays, alpha is copied. The colour channels of `pixels` must be those of the
    /// source profile; the layout of the result is that of the target. `split` spreads the strips over the pool;
    /// the result does not depend on it. Samples beyond 0–1 stay so in float pictures where the target's curve is a
    /// formula.
    ///
    /// # Errors
    /// An error once `stop` says so; it is asked before each strip.
    pub fn run(
        &self,
        pixels: Pixels,
        split: bool,
        stop: &(dyn Fn() -> bool + Sync),
        buffers: &mut Buffers,
    ) -> Result<Pixels, Abandoned> {
        if self.identity {
            return Ok(pixels);
        }
        with_raster!(pixels, r => self.raster(r, split, stop, buffers).map(Pixels::from))
    }

    /// Converts packed samples of a CMYK or RGB picture to pixels of three colours or one.
    pub(super) fn packed<S: Sample>(&self, from: &[S], to: &mut [S], split: bool) {
        let inputs = self.inputs();
        let outputs = self.outputs();
        let mill = self.mill::<S>();
        let strip = |(from, to): (&[S], &mut [S])| {
            self.strip(&mill, from, inputs, to, outputs);
        };
        if split {
            from.par_chunks(STRIP * inputs).zip(to.par_chunks_mut(STRIP * outputs)).for_each(strip);
        } else {
            from.chunks(STRIP * inputs).zip(to.chunks_mut(STRIP * outputs)).for_each(strip);
        }
    }

    const fn inputs(&self) -> usize {
        match &self.source {
            Source::Curves(_) => 3,
            Source::Grey(_) => 1,
            Source::Tables(tables) => tables.inputs,
        }
    }

    const fn outputs(&self) -> usize {
        if matches!(self.target, Target::Grey(_)) { 1 } else { 3 }
    }

    fn raster<S: Sample>(
        &self,
        raster: Raster<S>,
        split: bool,
        stop: &(dyn Fn() -> bool + Sync),
        buffers: &mut Buffers,
    ) -> Result<Raster<S>, Abandoned> {
        let (width, height, layout) = (raster.width(), raster.height(), raster.layout());
        if layout.colours() != self.inputs() {
            return Ok(raster);
        }
        let result = if self.outputs() == 1 { layout.grey() } else { layout.coloured() };
        let (inputs, outputs) = (layout.channels(), result.channels());
        let mill = self.mill::<S>();
        let mut target = buffers.take_for_overwrite::<S>(width as usize * height as usize * outputs);
        let change = |(from, to): (&[S], &mut [S])| {
            if stop() {
                return Err(Abandoned);
            }
            self.strip(&mill, from, inputs, to, outputs);
            Ok(())
        };
        let samples = raster.samples();
        if split {
            samples.par_chunks(STRIP * inputs).zip(target.par_chunks_mut(STRIP * outputs)).try_for_each(change)?;
        } else {
            samples.chunks(STRIP * inputs).zip(target.chunks_mut(STRIP * outputs)).try_for_each(change)?;
        }
        buffers.give(raster.into_samples());
        Ok(Raster::new(width, height, result, target))
    }

    /// The source's curves for samples of this type.
    fn mill<S: Sample>(&self) -> Vec<Decoder> {
        let levels = match S::DEPTH {
            Depth::U8 => 256,
            Depth::U16 => 65_536,
            Depth::F32 => 0,
        };
        match &self.source {
            Source::Curves([r, g, b]) if r == g && g == b => vec![Decoder::new(r.clone(), levels)],
            Source::Curves(curves) => curves.iter().map(|c| Decoder::new(c.clone(), levels)).collect(),
            Source::Grey(curve) => vec![Decoder::new(curve.clone(), levels)],
            Source::Tables(_) => Vec::new(),
        }
    }

    /// Converts one strip of whole pixels with `n_from` and `n_to` samples each; a sample beyond the colours is alpha.
    fn strip<S: Sample>(&self, mill: &[Decoder], from: &[S], n_from: usize, to: &mut [S], n_to: usize) {
        let count = from.len() / n_from.max(1);
        let mut linear = vec![[0.0_f32; 3]; count];
        match (&self.source, mill) {
            (Source::Tables(tables), _) => {
                let n = tables.inputs;
                let packed: Vec<f32> =
                    from.chunks_exact(n_from).flat_map(|pixel| pixel[..n].iter().map(|s| s.to_unit())).collect();
                tables.run(&packed, linear.as_flattened_mut());
                linear.as_flattened_mut().iter_mut().for_each(|v| *v = v.max(0.0).powf(GAMMA as f32));
            }
            (Source::Grey(_), [curve]) => {
                for (linear, pixel) in linear.iter_mut().zip(from.chunks_exact(n_from)) {
                    *linear = [curve.decode(pixel[0].to_unit()); 3];
                }
            }
            (Source::Curves(_), [all]) => {
                for (linear, pixel) in linear.iter_mut().zip(from.chunks_exact(n_from)) {
                    *linear = [0, 1, 2].map(|i| all.decode(pixel[i].to_unit()));
                }
            }
            (_, curves) => {
                for (linear, pixel) in linear.iter_mut().zip(from.chunks_exact(n_from)) {
                    *linear = [0, 1, 2].map(|i| curves[i].decode(pixel[i].to_unit()));
                }
            }
        }
        for colour in &mut linear {
            let [x, y, z] = *colour;
            *colour = [0, 1, 2].map(|i| {
                let [a, b, c] = self.matrix[i];
                a * x + b * y + c * z + self.summand[i]
            });
        }
        match &self.target {
            Target::Curves(encoders) => {
                for (pixel, colour) in to.chunks_exact_mut(n_to).zip(&linear) {
                    for i in 0..3 {
                        pixel[i] = S::from_unit(encoders[i].encode(colour[i]));
                    }
                }
            }
            Target::Grey(encoder) => {
                for (pixel, colour) in to.chunks_exact_mut(n_to).zip(&linear) {
                    pixel[0] = S::from_unit(encoder.encode(colour[0]));
                }
            }
            Target::Tables(tables) => {
                linear.as_flattened_mut().iter_mut().for_each(|v| *v = v.clamp(0.0, 1.0).powf(1.0 / GAMMA as f32));
                let mut colours = vec![[0.0_f32; 3]; count];
                tables.run(linear.as_flattened(), colours.as_flattened_mut());
                for (pixel, colour) in to.chunks_exact_mut(n_to).zip(&colours) {
                    for i in 0..3 {
                        pixel[i] = S::from_unit(colour[i]);
                    }
                }
            }
        }
        let (has_alpha, has_room) = (n_from == 2 || n_from == 4 && self.inputs() == 3, n_to.is_multiple_of(2));
        if has_alpha && has_room {
            for (to, from) in to.chunks_exact_mut(n_to).zip(from.chunks_exact(n_from)) {
                to[n_to - 1] = from[n_from - 1];
            }
        }
    }

    /// The layout that a picture of this layout gets.
    pub const fn layout(&self, layout: Layout) -> Layout {
        if self.outputs() == 1 { layout.grey() } else { layout.coloured() }
    }
}

const fn diagonal(d: [f64; 3]) -> Matrix {
    [[d[0], 0.0, 0.0], [0.0, d[1], 0.0], [0.0, 0.0, d[2]]]
}

fn product(a: &Matrix, b: &Matrix) -> Matrix {
    [0, 1, 2].map(|i| [0, 1, 2].map(|j| (0..3).map(|k| a[i][k] * b[k][j]).sum()))
}

fn apply(m: &Matrix, v: [f64; 3]) -> [f64; 3] {
    [0, 1, 2].map(|i| (0..3).map(|k| m[i][k] * v[k]).sum())
}

pub(super) fn determinant(m: &Matrix) -> f64 {
    let minor = |i: usize, j: usize| m[1][i] * m[2][j] - m[1][j] * m[2][i];
    m[0][0] * minor(1, 2) - m[0][1] * minor(0, 2) + m[0][2] * minor(0, 1)
}

fn inverse(m: &Matrix) -> Matrix {
    let d = determinant(m);
    [0, 1, 2].map(|i| {
        [0, 1, 2].map(|j| {
            let (r, s) = ((j + 1) % 3, (j + 2) % 3);
            let (c, e) = ((i + 1) % 3, (i + 2) % 3);
            (m[r][c] * m[s][e] - m[r][e] * m[s][c]) / d
        })
    })
}

/// Profiles round their primaries to 16 bits behind the point, so that white misses white by a few 16-bit steps: rows
/// that nearly add up to 1 are made to.
fn keep_white(matrix: &mut Matrix) {
    for row in matrix {
        let sum: f64 = row.iter().sum();
        if (sum - 1.0).abs() < 3e-3 {
            row.iter_mut().for_each(|v| *v /= sum);
        }
    }
}
