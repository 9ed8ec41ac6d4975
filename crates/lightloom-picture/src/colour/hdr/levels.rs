//! Functions of samples as tables: over all values of an integer, or over the bits of a float.

use std::sync::LazyLock;

use super::DIFFUSE_WHITE;
use super::transfer::{HdrTransfer, hlg_to_scene, light_to_pq, pq_to_light, scene_to_hlg};
use crate::colour::curve::Curve;
use crate::{Depth, Sample};

/// Pixels that are converted at once.
pub(super) const STRIP: usize = 4096;

/// Steps within an octave.
const STEPS: usize = 256;
/// The first octave begins at 2 to this power, below the light of the first of 16 bits of PQ.
const FIRST: i32 = -36;
/// The last ends at 2 to this power, above 10,000 cd/m².
const LAST: i32 = 6;

/// A smooth function of a float as a table over its bits, as fine in the shadows as in the lights.
pub(super) struct Octaves<F> {
    table: Vec<f32>,
    exact: F,
}

impl<F: Fn(f64) -> f64> Octaves<F> {
    pub fn new(exact: F) -> Self {
        let value = |i: usize| {
            let octave = 2_f64.powi((i / STEPS) as i32 + FIRST);
            exact(octave * (1.0 + (i % STEPS) as f64 / STEPS as f64)) as f32
        };
        Self { table: (0..=(LAST - FIRST) as usize * STEPS).map(value).collect(), exact }
    }

    /// Its value; that of NaN is the function's business.
    #[inline]
    pub fn at(&self, x: f32) -> f32 {
        const SHIFT: u32 = 23 - STEPS.ilog2();
        const BEGIN: u32 = ((127 + FIRST) as u32) << 23;
        // Negative numbers and NaN wrap to beyond the table.
        let from_first = x.to_bits().wrapping_sub(BEGIN);
        let i = (from_first >> SHIFT) as usize;
        if i < self.table.len() - 1 {
            let part = (from_first & ((1 << SHIFT) - 1)) as f32 * (1.0 / (1 << SHIFT) as f32);
            self.table[i] + (self.table[i + 1] - self.table[i]) * part
        } else {
            (self.exact)(f64::from(x)) as f32
        }
    }
}

/// Light of a decoded sample, in multiples of diffuse white.
pub(super) fn decoded(sample: f64) -> f64 {
    Curve::SRGB.eval(sample)
}

/// The decoded sample of light in multiples of diffuse white.
pub(super) fn encoded(light: f64) -> f64 {
    Curve::SRGB.invert(light)
}

/// The tables that every picture needs.
pub(super) struct LightTables {
    /// Decoded samples to light.
    pub decode: Octaves<fn(f64) -> f64>,
    /// Light to decoded samples.
    pub encode: Octaves<fn(f64) -> f64>,
    /// Decoded samples to PQ.
    pub to_pq: Octaves<fn(f64) -> f64>,
    /// Light of a scene to HLG.
    pub to_hlg: Octaves<fn(f64) -> f64>,
}

impl LightTables {
    pub fn get() -> &'static Self {
        static TABLES: LazyLock<LightTables> = LazyLock::new(|| LightTables {
            decode: Octaves::new(decoded),
            encode: Octaves::new(encoded),
            to_pq: Octaves::new(|sample| light_to_pq(decoded(sample) * DIFFUSE_WHITE)),
            to_hlg: Octaves::new(scene_to_hlg),
        });
        &TABLES
    }
}

/// What the levels of coded samples stand for: of PQ decoded samples, of HLG light of the scene.
pub(super) struct Levels<S> {
    table: Vec<f32>,
    function: fn(f64) -> f64,
    sample: std::marker::PhantomData<S>,
}

impl<S: Sample> Levels<S> {
    pub fn new(transfer: HdrTransfer) -> Self {
        let function: fn(f64) -> f64 = match transfer {
            HdrTransfer::Pq => |signal| encoded(pq_to_light(signal) / DIFFUSE_WHITE),
            HdrTransfer::Hlg => hlg_to_scene,
        };
        let top = match S::DEPTH {
            Depth::U8 => 255,
            Depth::U16 => 65_535,
            Depth::F32 => 0,
        };
        let table = if top == 0 {
            Vec::new()
        } else {
            (0..=top).map(|level| function(f64::from(level) / f64::from(top)) as f32).collect()
        };
        Self { table, function, sample: std::marker::PhantomData }
    }

    #[inline]
    pub fn at(&self, sample: S) -> f32 {
        let unit = sample.to_unit();
        match self.table.len() {
            0 => (self.function)(f64::from(unit)) as f32,
            n => self.table[((unit * (n - 1) as f32 + 0.5) as usize).min(n - 1)],
        }
    }
}
