//! One pass over a picture: strips of rows that fit a core's cache, spread over the pool where that is wanted.

use std::borrow::Cow;

use rayon::prelude::*;

use super::collapse::Tables;
use crate::filter::{Area, Measure, Point, Stopped, Strip, Whole, Work};
use crate::picture::{Pixels, Raster, Sample};
use crate::with_raster;

/// Samples of a strip: 64 KiB as floats, or one row where that is longer.
const STRIP_SAMPLES: usize = 16 * 1024;

/// Rows of a strip of an area operation: many against its halo, few against the time until a stop is noticed.
const AREA_ROWS: u32 = 32;

/// One walk over the picture.
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
    /// Runs it. A borrowed picture is read where it lies, except by an operation on the whole picture that wants its own.
    pub(super) fn run(&self, pixels: Cow<'_, Pixels>, work: &mut Work<'_>) -> Result<Pixels, Stopped> {
        match self {
            Self::Points(measure, points) => {
                let measured = match measure {
                    Some(measure) => Some(measure.measure(&pixels, work)?),
                    None => None,
                };
                let points: Vec<&dyn Point> = measured.iter().chain(points).map(|point| &**point).collect();
                let tables = match &*pixels {
                    Pixels::U8(raster) => Tables::of(&points, raster.layout()),
                    _ => None,
                };
                match (tables, pixels) {
                    (Some(tables), pixels) => {
                        let mut own = match pixels {
                            Cow::Owned(own) => own,
                            Cow::Borrowed(shared) => shared.copied(work.buffers),
                        };
                        if let Pixels::U8(raster) = &mut own {
                            tables.run(raster, work)?;
                        }
                        Ok(own)
                    }
                    (None, Cow::Owned(own)) => {
                        with_raster!(own, r => run_points(&points, Cow::Owned(r), work).map(Pixels::from))
                    }
                    (None, Cow::Borrowed(shared)) => {
                        with_raster!(shared, r => run_points(&points, Cow::Borrowed(r), work).map(Pixels::from))
                    }
                }
            }
            Self::Area(area) => {
                let result = match &*pixels {
                    Pixels::U8(r) => {
                        run_area(r, area.halo(), work, |s, rows, t| area.rows_u8(s, rows, t)).map(Pixels::from)
                    }
                    Pixels::U16(r) => {
                        run_area(r, area.halo(), work, |s, rows, t| area.rows_u16(s, rows, t)).map(Pixels::from)
                    }
                    Pixels::F32(r) => {
                        run_area(r, area.halo(), work, |s, rows, t| area.rows_f32(s, rows, t)).map(Pixels::from)
                    }
                };
                if let Cow::Owned(own) = pixels {
                    own.recycle(work.buffers);
                }
                result
            }
            Self::Whole(whole) => match pixels {
                Cow::Owned(own) => whole.apply(own, work),
                Cow::Borrowed(shared) => whole.apply_to(shared, work),
            },
        }
    }
}

fn run_points<S: Sample>(
    points: &[&dyn Point],
    raster: Cow<'_, Raster<S>>,
    work: &mut Work<'_>,
) -> Result<Raster<S>, Stopped> {
    let layout = raster.layout();
    let result_layout = points.iter().fold(layout, |layout, point| point.layout(layout));
    let (width, height) = (raster.width(), raster.height());
    let rows = (STRIP_SAMPLES / raster.stride().max(1)).max(1);
    let (source_strip, result_strip) = (rows * raster.stride(), rows * width as usize * result_layout.channels());
    let apply = |index: usize, samples: &mut Vec<f32>| {
        let mut strip = Strip { samples, layout, width, top: (index * rows) as u32 };
        for point in points {
            point.apply(&mut strip);
        }
    };
    let stop = work.stop;
    let raster = match raster {
        Cow::Owned(mut raster) if result_layout == layout => {
            let change = |floats: &mut Vec<f32>, (index, strip): (usize, &mut [S])| {
                if stop() {
                    return Err(Stopped);
                }
                load(strip, floats);
                apply(index, floats);
                store(floats, strip);
                Ok(())
            };
            if work.split {
                raster.samples_mut().par_chunks_mut(source_strip).enumerate().try_for_each_init(Vec::new, change)?;
            } else {
                let mut floats = work.buffers.take(0);
                let strips = raster.samples_mut().chunks_mut(source_strip).enumerate();
                let outcome = strips.into_iter().try_for_each(|strip| change(&mut floats, strip));
                work.buffers.give(floats);
                outcome?;
            }
            return Ok(raster);
        }
        other => other,
    };
    let mut target = work.buffers.take::<S>(width as usize * height as usize * result_layout.channels());
    let change = |floats: &mut Vec<f32>, (index, (from, to)): (usize, (&[S], &mut [S]))| {
        if stop() {
            return Err(Stopped);
        }
        load(from, floats);
        apply(index, floats);
        store(floats, to);
        Ok(())
    };
    if work.split {
        let strips = raster.samples().par_chunks(source_strip).zip(target.par_chunks_mut(result_strip));
        strips.enumerate().try_for_each_init(Vec::new, change)?;
    } else {
        let mut floats = Vec::new();
        let strips = raster.samples().chunks(source_strip).zip(target.chunks_mut(result_strip));
        strips.enumerate().try_for_each(|strip| change(&mut floats, strip))?;
    }
    if let Cow::Owned(own) = raster {
        work.buffers.give(own.into_samples());
    }
    Ok(Raster::new(width, height, result_layout, target))
}

#[multiversion::multiversion(targets("x86_64+avx2"))]
fn load<S: Sample>(from: &[S], to: &mut Vec<f32>) {
    to.clear();
    to.extend(from.iter().map(|s| s.to_unit()));
}

#[multiversion::multiversion(targets("x86_64+avx2"))]
fn store<S: Sample>(from: &[f32], to: &mut [S]) {
    for (to, from) in to.iter_mut().zip(from) {
        *to = S::from_unit(*from);
    }
}

fn run_area<S: Sample>(
    raster: &Raster<S>,
    halo: u32,
    work: &mut Work<'_>,
    rows: impl Fn(&Raster<S>, std::ops::Range<u32>, &mut [S]) + Sync,
) -> Result<Raster<S>, Stopped> {
    let (width, height, layout) = (raster.width(), raster.height(), raster.layout());
    let strip_rows = AREA_ROWS.max(halo);
    let mut target = work.buffers.take::<S>(raster.samples().len());
    let stop = work.stop;
    let change = |(index, strip): (usize, &mut [S])| {
        if stop() {
            return Err(Stopped);
        }
        let top = index as u32 * strip_rows;
        rows(raster, top..(top + strip_rows).min(height), strip);
        Ok(())
    };
    let strip = strip_rows as usize * raster.stride();
    if work.split {
        target.par_chunks_mut(strip).enumerate().try_for_each(change)?;
    } else {
        target.chunks_mut(strip).enumerate().try_for_each(change)?;
    }
    Ok(Raster::new(width, height, layout, target))
}
