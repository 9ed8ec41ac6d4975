//! The recipe compiled for one picture: which passes run over it, how far the decoder may scale it down first, and how
//! much memory that takes, all known before a pixel is decoded.

use thiserror::Error;

use super::Recipe;
use super::explain::{self, Explanation, PassKind, PassNote};
use super::pass::Pass;
use crate::filter::{FilterError, Frame, Operation, Stopped, Work};
use crate::picture::{Depth, Pixels, Shape};

/// Bytes that one picture may take in memory: what a filter would make larger is refused before it is tried.
pub const MAX_PICTURE_BYTES: u64 = 2 << 30;

/// What the result is for.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Purpose {
    /// The exact result.
    Export,
    /// A look at a copy whose longer side is about this many pixels: quick, radii scaled with it.
    Proxy(u32),
}

/// Why a recipe does not fit a picture.
#[derive(Debug, Clone, PartialEq, Error)]
pub enum PlanError {
    /// A filter says no.
    #[error(transparent)]
    Filter(#[from] FilterError),
    /// A filter's result would be too large.
    #[error(
        "{filter} would make a picture of {width} × {height} pixels, which takes more than {limit} GiB; choose a smaller size"
    )]
    TooLarge {
        /// The filter's id.
        filter: &'static str,
        /// Columns of the result.
        width: u32,
        /// Rows of the result.
        height: u32,
        /// The limit in GiB.
        limit: u64,
    },
}

/// A recipe compiled for pictures of one shape.
pub struct Plan {
    source: Shape,
    decode_divisor: u8,
    passes: Vec<Pass>,
    /// One for each pass.
    notes: Vec<PassNote>,
    neutral: Vec<&'static str>,
    result: Shape,
    peak_bytes: u64,
}

/// How much larger than the target of a down-scale a scaled decode stays, so that the resize kernel and not the
/// decoder's box decides the sharpness.
const DECODE_MARGIN: f64 = 1.5;

impl Plan {
    /// Compiles `recipe` for a picture of `source` shape (upright). `divisors` are the scales that its decoder
    /// offers: it can deliver every side divided by one of them, rounded up.
    ///
    /// # Errors
    /// If a filter cannot be applied to such a picture.
    pub fn compile(recipe: &Recipe, source: Shape, divisors: &[u8], purpose: Purpose) -> Result<Self, PlanError> {
        let mut frame = Frame { shape: source, scale: 1.0 };
        let mut decode_divisor = 1;
        if let Purpose::Proxy(side) = purpose {
            let longer = source.width.max(source.height);
            decode_divisor = best_divisor(divisors, source, (side.min(longer), side.min(longer)), 1.0, u32::max);
            frame.scale = divided(longer, decode_divisor) as f32 / longer as f32;
        }
        let mut passes: Vec<Pass> = Vec::new();
        let mut notes: Vec<PassNote> = Vec::new();
        let mut neutral = Vec::new();
        let mut peak_bytes = 0;
        for step in recipe.filters.iter().filter(|s| s.enabled) {
            let operation = step.params.compile(&frame)?;
            let before = frame.shape;
            let first = passes.is_empty();
            let id = step.params.spec().id;
            let mut extra_bytes = 0;
            let kind = match operation {
                Operation::Identity => {
                    neutral.push(id);
                    continue;
                }
                Operation::Point(point) => {
                    frame.shape.layout = point.layout(before.layout);
                    match passes.last_mut() {
                        Some(Pass::Points(_, points)) => points.push(point),
                        _ => passes.push(Pass::Points(None, vec![point])),
                    }
                    PassKind::Point
                }
                Operation::Measured(measure) => {
                    extra_bytes = measure.extra_bytes(before);
                    passes.push(Pass::Points(Some(measure), Vec::new()));
                    PassKind::Measured
                }
                Operation::Area(area) => {
                    passes.push(Pass::Area(area));
                    PassKind::Area
                }
                Operation::Whole(whole) => {
                    if let (true, Purpose::Export, Some(target)) = (first, purpose, whole.shrinks_to()) {
                        decode_divisor = best_divisor(divisors, source, target, DECODE_MARGIN, u32::min);
                    }
                    frame.shape = whole.shape(before);
                    extra_bytes = whole.extra_bytes(before);
                    passes.push(Pass::Whole(whole));
                    PassKind::Whole
                }
            };
            if frame.shape.bytes() > MAX_PICTURE_BYTES {
                return Err(PlanError::TooLarge {
                    filter: id,
                    width: frame.shape.width,
                    height: frame.shape.height,
                    limit: MAX_PICTURE_BYTES >> 30,
                });
            }
            let arriving = scaled(before, if first { decode_divisor } else { 1 });
            peak_bytes = peak_bytes.max(arriving.bytes() + frame.shape.bytes() + extra_bytes);
            if notes.len() < passes.len() {
                notes.push(PassNote {
                    filters: Vec::new(),
                    kind,
                    bytes_in: arriving.bytes(),
                    bytes_out: 0,
                    width: 0,
                    height: 0,
                });
            }
            if let Some(note) = notes.last_mut() {
                note.filters.push(id);
                (note.width, note.height, note.bytes_out) =
                    (frame.shape.width, frame.shape.height, frame.shape.bytes());
            }
        }
        let decoded = scaled(source, decode_divisor).bytes();
        // A decoder holds its own planes beside the pixels, an encoder its output.
        peak_bytes = peak_bytes.max(decoded * 5 / 2).max(frame.shape.bytes() * 2);
        Ok(Self { source, decode_divisor, passes, notes, neutral, result: frame.shape, peak_bytes })
    }

    /// By how much the decoder is to divide the sides: 1, 2, 4 or 8.
    pub const fn decode_divisor(&self) -> u8 {
        self.decode_divisor
    }

    /// Shape of the result of an export.
    pub const fn result(&self) -> Shape {
        self.result
    }

    /// Estimated bytes of all pixel buffers at the worst moment.
    pub const fn peak_bytes(&self) -> u64 {
        self.peak_bytes
    }

    /// What it will do, for a person to read.
    pub fn explain(&self) -> Explanation {
        Explanation {
            width: self.source.width,
            height: self.source.height,
            samples: explain::samples(self.source),
            decode_divisor: self.decode_divisor,
            neutral: self.neutral.clone(),
            passes: self.notes.clone(),
            peak_bytes: self.peak_bytes,
            colours: String::new(),
        }
    }

    /// Runs every pass. `pixels` are the decoded, upright picture, scaled as [`Self::decode_divisor`] said or not.
    ///
    /// # Errors
    /// [`Stopped`] once `work.stop` says so.
    pub fn run(&self, mut pixels: Pixels, work: &mut Work<'_>) -> Result<Pixels, Stopped> {
        for pass in &self.passes {
            pixels = pass.run(pixels, work)?;
        }
        Ok(pixels)
    }
}

/// `side` after a decoder divided it.
fn divided(side: u32, divisor: u8) -> u32 {
    side.div_ceil(u32::from(divisor))
}

fn scaled(shape: Shape, divisor: u8) -> Shape {
    Shape { width: divided(shape.width, divisor), height: divided(shape.height, divisor), ..shape }
}

/// The largest divisor that leaves the sides at least `margin` times the target; `combine` says whether the smaller or
/// the larger of the two ratios counts.
fn best_divisor(divisors: &[u8], source: Shape, target: (u32, u32), margin: f64, combine: fn(u32, u32) -> u32) -> u8 {
    if source.depth != Depth::U8 {
        return 1;
    }
    let enough = |divisor: u8| {
        let wide = f64::from(divided(source.width, divisor)) >= margin * f64::from(target.0);
        let high = f64::from(divided(source.height, divisor)) >= margin * f64::from(target.1);
        combine(u32::from(wide), u32::from(high)) == 1
    };
    divisors.iter().copied().filter(|&d| enough(d)).max().unwrap_or(1)
}
