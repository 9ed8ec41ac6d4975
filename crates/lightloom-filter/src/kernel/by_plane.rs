//! Operations on pictures in bands of planes that treat each plane by itself.

use std::ops::Range;

use crate::RowWise;
use crate::kernel::scratch::sized;
use lightloom_picture::{Planar, View};

/// Rows of a plane that are computed at once by what does not compute much.
pub(crate) const STEP: u32 = 32;

/// A plane of luma or of chroma of a picture that arrives in bands, or a part of it.
#[derive(Clone, Copy)]
pub(crate) struct Plane<'a> {
    left: u32,
    top: u32,
    pub width: u32,
    pub height: u32,
    /// Rows of it that a band has, where they begin, and how many samples lie between their beginnings.
    rows: u32,
    start: usize,
    pitch: usize,
    bands: View<'a, u8>,
}

impl<'a> Plane<'a> {
    /// Y is number 0, Cb 1 and Cr 2.
    fn new(number: usize, planar: Planar, bands: View<'a, u8>) -> Self {
        let (luma, chroma) = (planar.width as usize, planar.chroma_width() as usize);
        let plane =
            |width, height, rows, start| Self { left: 0, top: 0, width, height, rows, start, pitch: luma, bands };
        if number == 0 {
            return plane(planar.width, planar.height, planar.chroma.rows, 0);
        }
        let start = luma * planar.chroma.rows as usize + (number - 1) * chroma;
        plane(planar.chroma_width(), planar.bands(), 1, start)
    }

    /// Samples of row `y`.
    pub fn row(&self, y: u32) -> &'a [u8] {
        let y = self.top + y;
        let (band, row) = if self.rows == 1 { (y, 0) } else { (y / self.rows, (y % self.rows) as usize) };
        &self.bands.row(band)[self.start + row * self.pitch + self.left as usize..][..self.width as usize]
    }
}

/// Makes rows of a plane from those of another.
pub(crate) trait PlaneRows: Send {
    /// Rows of the source that these of the result depend on, which may be more than there are.
    fn needs(&self, rows: Range<u32>) -> Range<u32>;

    /// Computes `rows` of the result into `target`, which holds exactly those.
    fn rows(&mut self, source: Plane<'_>, rows: Range<u32>, target: &mut [u8]);
}

/// Leaves a plane as it is.
pub(crate) struct Unchanged;

impl PlaneRows for Unchanged {
    fn needs(&self, rows: Range<u32>) -> Range<u32> {
        rows
    }

    fn rows(&mut self, source: Plane<'_>, rows: Range<u32>, target: &mut [u8]) {
        for (y, to) in rows.zip(target.chunks_exact_mut(source.width as usize)) {
            to.copy_from_slice(source.row(y));
        }
    }
}

/// Sees only a part of a plane.
pub(crate) struct Part<R> {
    pub left: u32,
    pub top: u32,
    pub width: u32,
    pub height: u32,
    pub rest: R,
}

impl<R: PlaneRows> PlaneRows for Part<R> {
    fn needs(&self, rows: Range<u32>) -> Range<u32> {
        let needs = self.rest.needs(rows);
        self.top + needs.start..self.top.saturating_add(needs.end)
    }

    fn rows(&mut self, source: Plane<'_>, rows: Range<u32>, target: &mut [u8]) {
        let Self { left, top, width, height, ref mut rest } = *self;
        rest.rows(Plane { left: source.left + left, top: source.top + top, width, height, ..source }, rows, target);
    }
}

/// What does something to luma and something to both planes of chroma.
pub(crate) struct ByPlane<L, C> {
    source: Planar,
    result: Planar,
    luma: L,
    chroma: C,
    /// Rows of luma of the result that are computed at once.
    rows: u32,
    /// Bands of it that are.
    step: u32,
    /// Some of a plane of the result.
    held: Vec<u8>,
}

impl<L: PlaneRows, C: PlaneRows> ByPlane<L, C> {
    /// `rows` of luma are computed at once, and as many bands as they are in.
    pub fn new((source, result): (Planar, Planar), (luma, chroma): (L, C), rows: u32) -> Self {
        let step = rows.div_ceil(result.chroma.rows);
        Self { source, result, luma, chroma, rows, step, held: Vec::new() }
    }

    /// Computes as many rows of chroma at once as of luma, for what is slower with fewer.
    pub fn with_chroma_in_whole_steps(self) -> Self {
        Self { step: self.rows, ..self }
    }

    /// Rows of luma in some bands of the result.
    fn luma_rows(&self, bands: &Range<u32>) -> Range<u32> {
        let rows = self.result.chroma.rows;
        bands.start * rows..self.result.height.min(bands.end * rows)
    }
}

impl<L: PlaneRows, C: PlaneRows> RowWise for ByPlane<L, C> {
    fn step(&self) -> u32 {
        self.step
    }

    fn needs(&self, bands: Range<u32>) -> Range<u32> {
        let (luma, chroma) = (self.luma.needs(self.luma_rows(&bands)), self.chroma.needs(bands));
        let rows = self.source.chroma.rows;
        (luma.start / rows).min(chroma.start)..luma.end.div_ceil(rows).max(chroma.end)
    }

    fn rows(&mut self, bands: View<'_, u8>, wanted: Range<u32>, target: &mut [u8]) {
        let luma_rows = self.luma_rows(&wanted);
        let Self { source, result, luma, chroma, rows: at_once, held, .. } = self;
        let (width, shared) = (result.width as usize, result.chroma.rows);
        for first in luma_rows.clone().step_by(*at_once as usize) {
            let rows = first..luma_rows.end.min(first + *at_once);
            let made = sized(held, rows.len() * width);
            luma.rows(Plane::new(0, *source, bands), rows.clone(), made);
            for (y, row) in rows.zip(made.chunks_exact(width)) {
                let band = (y / shared - wanted.start) as usize * result.band_samples();
                let [to, ..] = result.planes_mut(&mut target[band..][..result.band_samples()]);
                // The last again, where its band is not all in the picture.
                to[(y % shared) as usize * width..].chunks_exact_mut(width).for_each(|to| to.copy_from_slice(row));
            }
        }
        for number in 1..3 {
            let columns = result.chroma_width() as usize;
            let made = sized(held, wanted.len() * columns);
            chroma.rows(Plane::new(number, *source, bands), wanted.clone(), made);
            for (row, band) in made.chunks_exact(columns).zip(target.chunks_exact_mut(result.band_samples())) {
                result.planes_mut(band)[number].copy_from_slice(row);
            }
        }
    }
}
