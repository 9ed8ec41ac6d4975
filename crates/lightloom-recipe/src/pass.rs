//! One pass over a picture: strips of rows that fit a core's cache, spread over the pool where that is wanted.
//!
//! Results do not depend, bit for bit, on where strips are cut and whether they are spread.

use std::borrow::Cow;
use std::ops::{Range, RangeInclusive};

use rayon::prelude::*;

use super::fold_luts::LookupTables;
use lightloom_filter::{Area, Dependence, Measure, Planes, Point, Stopped, Strip, Whole, Work};
use lightloom_picture::with_raster;
use lightloom_picture::{Extent, Layout, Pixels, Raster, Sample, View};

/// Samples of a strip: 32 KiB as floats, which fits the first-level cache; but at least one row where positions count.
const STRIP_SAMPLES: usize = 8 * 1024;

/// A strip that does not consist of rows has a multiple of so many pixels, so that vectors are full.
const VECTOR_PIXELS: usize = 64;

/// Rows of a strip of an area operation: many against its halo, few against the time until a stop is noticed, and fewer
/// where cores would otherwise be idle at the end.
const AREA_ROWS: RangeInclusive<u32> = 32..=128;

/// Least number of strips per core, as far as rows allow.
const AREA_STRIPS: u32 = 4;

/// One run over the samples of the picture.
pub(super) enum Pass {
    /// Fused point operations: each sample is converted, changed by all of them, and rounded once. The first may have
    /// to be measured before.
    Points(Option<Box<dyn Measure>>, Vec<Box<dyn Point>>),
    /// An area operation.
    Area(Box<dyn Area>),
    /// An operation on the whole picture.
    Whole(Box<dyn Whole>),
}

impl Pass {
    /// For an operation whose result's size only the picture shows: what it does to this one.
    pub(super) fn found(&self, pixels: &Pixels, work: &mut Work<'_>) -> Result<Option<Box<dyn Whole>>, Stopped> {
        match self {
            Self::Whole(whole) if whole.finds_shape() => whole.find(pixels, work),
            _ => Ok(None),
        }
    }

    /// Runs it. A borrowed picture is read in place, except by an operation on the whole picture that needs its own.
    pub(super) fn run(&self, pixels: Cow<'_, Pixels>, work: &mut Work<'_>) -> Result<Pixels, Stopped> {
        match self {
            Self::Points(measure, points) => {
                let measured = match measure {
                    Some(measure) => Some(measure.measure(&pixels, work)?),
                    None => None,
                };
                let points: Vec<&dyn Point> = measured.iter().chain(points).map(|point| &**point).collect();
                match pixels {
                    Cow::Owned(Pixels::U8(own)) => run_u8(&points, Cow::Owned(own), work).map(Pixels::from),
                    Cow::Borrowed(Pixels::U8(shared)) => run_u8(&points, Cow::Borrowed(shared), work).map(Pixels::from),
                    Cow::Owned(own) => {
                        with_raster!(own, r => run_points(&points, None, Cow::Owned(r), work).map(Pixels::from))
                    }
                    Cow::Borrowed(shared) => {
                        with_raster!(shared, r => run_points(&points, None, Cow::Borrowed(r), work).map(Pixels::from))
                    }
                }
            }
            Self::Area(area) => {
                let halo = area.halo();
                let run_u8 = |raster: Cow<'_, _>, work: &mut Work<'_>| {
                    run_area(raster, halo, work, |s, rows, t| area.rows_u8(s, rows, t)).map(Pixels::from)
                };
                let run_u16 = |raster: Cow<'_, _>, work: &mut Work<'_>| {
                    run_area(raster, halo, work, |s, rows, t| area.rows_u16(s, rows, t)).map(Pixels::from)
                };
                let run_f32 = |raster: Cow<'_, _>, work: &mut Work<'_>| {
                    run_area(raster, halo, work, |s, rows, t| area.rows_f32(s, rows, t)).map(Pixels::from)
                };
                match pixels {
                    Cow::Owned(Pixels::U8(own)) => run_u8(Cow::Owned(own), work),
                    Cow::Owned(Pixels::U16(own)) => run_u16(Cow::Owned(own), work),
                    Cow::Owned(Pixels::F32(own)) => run_f32(Cow::Owned(own), work),
                    Cow::Borrowed(Pixels::U8(shared)) => run_u8(Cow::Borrowed(shared), work),
                    Cow::Borrowed(Pixels::U16(shared)) => run_u16(Cow::Borrowed(shared), work),
                    Cow::Borrowed(Pixels::F32(shared)) => run_f32(Cow::Borrowed(shared), work),
                }
            }
            Self::Whole(whole) => match pixels {
                Cow::Owned(own) => whole.apply(own, work),
                Cow::Borrowed(shared) => whole.apply_to(shared, work),
            },
        }
    }
}

impl Pass {
    /// As [`Self::run`], for a picture that fills only `extent` of the pixels of a scaled decode. Only operations on the
    /// whole picture heed it: with any other first, the decoder does not scale for an export.
    pub(super) fn run_scaled(
        &self,
        pixels: Cow<'_, Pixels>,
        extent: Extent,
        work: &mut Work<'_>,
    ) -> Result<Pixels, Stopped> {
        match self {
            Self::Whole(whole) if !extent.is_whole(pixels.shape()) => {
                let result = whole.apply_scaled(&pixels, extent, work);
                if let Cow::Owned(own) = pixels {
                    own.recycle(work.buffers);
                }
                result
            }
            _ => self.run(pixels, work),
        }
    }
}

/// The filters at the head that see only a sample are looked up in tables; often those are all.
fn run_u8(points: &[&dyn Point], raster: Cow<'_, Raster<u8>>, work: &mut Work<'_>) -> Result<Raster<u8>, Stopped> {
    let layout = raster.layout();
    let tables = LookupTables::new(points, layout);
    let rest = &points[tables.points..];
    if rest.is_empty() {
        return tables.run(raster, work);
    }
    run_points(rest, Some(&|samples, planes| tables.load(samples, planes, layout)), raster, work)
}

/// Fills planes from a strip of samples.
type Load<'a, S> = &'a (dyn Fn(&[S], &mut Planes) + Sync);

/// Point operations in one pass over pictures of one layout and width.
pub(super) struct Fused<'a> {
    points: &'a [&'a dyn Point],
    width: u32,
    layout: Layout,
    pub(super) result_layout: Layout,
    /// Whether results depend on their position.
    is_placed: bool,
}

impl<'a> Fused<'a> {
    pub(super) fn new(points: &'a [&'a dyn Point], layout: Layout, width: u32) -> Self {
        let result_layout = points.iter().fold(layout, |layout, point| point.layout(layout));
        let is_placed = points.iter().any(|point| point.dependence() == Dependence::Position);
        Self { points, width, layout, result_layout, is_placed }
    }

    /// How many rows are a strip, if those count.
    fn rows(&self) -> usize {
        (STRIP_SAMPLES / (self.width as usize * self.layout.channels()).max(1)).max(1)
    }

    /// Samples of a strip, before and after.
    pub(super) fn strip_samples(&self) -> (usize, usize) {
        let pixels = if self.is_placed {
            self.rows() * self.width as usize
        } else {
            STRIP_SAMPLES / self.layout.channels() / VECTOR_PIXELS * VECTOR_PIXELS
        };
        (pixels * self.layout.channels(), pixels * self.result_layout.channels())
    }

    /// Changes planes that hold the strip of this number, counted from the row `top` on.
    pub(super) fn compute(&self, planes: &mut Planes, top: u32, strip: usize) {
        let mut strip = if self.is_placed {
            Strip::new(planes, self.width, top + (strip * self.rows()) as u32)
        } else {
            Strip::anywhere(planes)
        };
        self.points.iter().for_each(|point| point.apply(&mut strip));
    }

    /// Stores planes that came of `from`.
    pub(super) fn store<S: Sample>(&self, planes: &Planes, from: &[S], to: &mut [S]) {
        let (before, after) = (self.layout, self.result_layout);
        planes.store(to, after);
        if before.has_alpha() {
            let alphas = from.iter().skip(before.channels() - 1).step_by(before.channels());
            let places = to.iter_mut().skip(after.channels() - 1).step_by(after.channels());
            places.zip(alphas).for_each(|(to, from)| *to = *from);
        }
    }
}

fn run_points<S: Sample>(
    points: &[&dyn Point],
    load: Option<Load<'_, S>>,
    raster: Cow<'_, Raster<S>>,
    work: &mut Work<'_>,
) -> Result<Raster<S>, Stopped> {
    let layout = raster.layout();
    let (width, height) = (raster.width(), raster.height());
    let fused = Fused::new(points, layout, width);
    let result_layout = fused.result_layout;
    let (source_strip, result_strip) = fused.strip_samples();
    let stop = work.stop;
    let computed = |planes: &mut Planes, index: usize, samples: &[S]| {
        if stop() {
            return Err(Stopped);
        }
        match load {
            Some(load) => load(samples, planes),
            None => planes.load(samples, layout),
        }
        fused.compute(planes, 0, index);
        Ok(())
    };
    let raster = match raster {
        Cow::Owned(mut raster) if result_layout == layout => {
            let change = |planes: &mut Planes, (index, strip): (usize, &mut [S])| {
                computed(planes, index, strip)?;
                planes.store(strip, layout);
                Ok(())
            };
            let samples = raster.samples_mut();
            if work.split {
                samples.par_chunks_mut(source_strip).enumerate().try_for_each_init(Planes::default, change)?;
            } else {
                let mut planes = Planes::default();
                samples.chunks_mut(source_strip).enumerate().try_for_each(|strip| change(&mut planes, strip))?;
            }
            return Ok(raster);
        }
        other => other,
    };
    let mut target = work.buffers.take_for_overwrite::<S>(width as usize * height as usize * result_layout.channels());
    let change = |planes: &mut Planes, (index, (from, to)): (usize, (&[S], &mut [S]))| {
        computed(planes, index, from)?;
        fused.store(planes, from, to);
        Ok(())
    };
    // planes stay with their core: lent from piece to piece they would move between caches
    let done: Result<(), Stopped> = if work.split {
        let strips = raster.samples().par_chunks(source_strip).zip(target.par_chunks_mut(result_strip));
        strips.enumerate().try_for_each_init(Planes::default, change)
    } else {
        let mut planes = Planes::default();
        let strips = raster.samples().chunks(source_strip).zip(target.chunks_mut(result_strip));
        strips.enumerate().try_for_each(|strip| change(&mut planes, strip))
    };
    if let Cow::Owned(own) = raster {
        work.buffers.give(own.into_samples());
    }
    if done.is_err() {
        work.buffers.give(target);
        return Err(Stopped);
    }
    Ok(Raster::new(width, height, result_layout, target))
}

/// Computes rows of the result from the whole picture.
trait Rows<S>: Fn(View<'_, S>, Range<u32>, &mut [S]) + Sync {}

impl<S, F: Fn(View<'_, S>, Range<u32>, &mut [S]) + Sync> Rows<S> for F {}

fn run_area<S: Sample>(
    raster: Cow<'_, Raster<S>>,
    halo: u32,
    work: &mut Work<'_>,
    rows: impl Rows<S>,
) -> Result<Raster<S>, Stopped> {
    let (width, height, layout) = (raster.width(), raster.height(), raster.layout());
    let cores = if work.split { rayon::current_num_threads() as u32 } else { 1 };
    let strip_rows = (height / (AREA_STRIPS * cores)).clamp(*AREA_ROWS.start(), *AREA_ROWS.end()).max(halo);
    match raster {
        Cow::Owned(own) if !work.split && height > strip_rows => area_in_place(own, strip_rows, work, rows),
        raster => {
            let result = work.draw((width, height), layout, strip_rows as usize, |strip, target| {
                rows(raster.view(), strip.start as u32..strip.end as u32, target);
            });
            if let Cow::Owned(own) = raster {
                work.buffers.give(own.into_samples());
            }
            result
        }
    }
}

/// Writes the result over the picture, which takes half the memory. A strip has at least as many rows as each of its rows
/// depends on to one side, so nothing depends on the strip before the one before.
fn area_in_place<S: Sample>(
    mut raster: Raster<S>,
    strip_rows: u32,
    work: &mut Work<'_>,
    rows: impl Rows<S>,
) -> Result<Raster<S>, Stopped> {
    let (height, stride) = (raster.height(), raster.stride());
    let mut spare = || work.buffers.take_for_overwrite::<S>(strip_rows as usize * stride);
    let (mut this, mut before) = (spare(), spare());
    let mut waiting: Option<Range<usize>> = None;
    for top in (0..height).step_by(strip_rows as usize) {
        if (work.stop)() {
            [raster.into_samples(), this, before].into_iter().for_each(|samples| work.buffers.give(samples));
            return Err(Stopped);
        }
        let end = height.min(top + strip_rows);
        let place = top as usize * stride..end as usize * stride;
        rows(raster.view(), top..end, &mut this[..place.len()]);
        if let Some(place) = waiting.replace(place) {
            let len = place.len();
            raster.samples_mut()[place].copy_from_slice(&before[..len]);
        }
        std::mem::swap(&mut this, &mut before);
    }
    if let Some(place) = waiting {
        let len = place.len();
        raster.samples_mut()[place].copy_from_slice(&before[..len]);
    }
    [this, before].into_iter().for_each(|samples| work.buffers.give(samples));
    Ok(raster)
}
