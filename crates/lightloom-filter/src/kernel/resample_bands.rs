//! Resampling of pictures that are planes of luma and chroma, each at its own resolution: chroma goes from that of the source
//! to that of the result at once. A sample of chroma stands for the pixels that share it, also at an edge where one of them
//! is beyond the picture, so that colours stay where luma is.

use std::ops::Range;

use crate::RowWise;
use crate::kernel::light_u8::Tones;
use crate::kernel::resample::Kernel;
use crate::kernel::resample_u8::{Directions, ROWS, Scratch};
use crate::kernel::scratch::sized;
use lightloom_picture::{Chroma, Extent, Planar, Span, View};

/// What resizes a picture that arrives in bands of planes to `result`. It fills `extent` of the source's pixels.
pub(crate) fn by_bands(source: Planar, extent: Extent, result: Planar, kernel: Kernel) -> Box<dyn RowWise> {
    let shared = |span: Span, by: u32| Span { divisor: span.divisor * by, ..span };
    let Chroma { columns, rows } = source.chroma;
    let of_chroma = Extent { columns: shared(extent.columns, columns), rows: shared(extent.rows, rows) };
    let size = (result.width, result.height);
    let luma = Directions::new(extent, size, kernel, Tones::Encoded);
    let chroma = Directions::shared(of_chroma, size, (result.chroma.columns, result.chroma.rows), kernel);
    Box::new(BandResampler { source, result, luma, chroma, scratch: Scratch::default(), rows: Vec::new() })
}

struct BandResampler {
    source: Planar,
    result: Planar,
    luma: Directions,
    chroma: Directions,
    scratch: Scratch<1>,
    /// Some of a plane of the result.
    rows: Vec<u8>,
}

impl BandResampler {
    /// Rows of luma in some bands of the result.
    fn luma_rows(&self, bands: &Range<u32>) -> Range<u32> {
        let rows = self.result.chroma.rows;
        bands.start * rows..self.result.height.min(bands.end * rows)
    }
}

impl RowWise for BandResampler {
    fn step(&self) -> u32 {
        ROWS as u32
    }

    fn needs(&self, bands: Range<u32>) -> Range<u32> {
        let (luma, chroma) = (self.luma.needs(&self.luma_rows(&bands)), self.chroma.needs(&bands));
        let rows = self.source.chroma.rows;
        (luma.start / rows).min(chroma.start)..luma.end.div_ceil(rows).max(chroma.end)
    }

    fn rows(&mut self, bands: View<'_, u8>, wanted: Range<u32>, target: &mut [u8]) {
        let luma_rows = self.luma_rows(&wanted);
        let Self { source, result, luma, chroma, scratch, rows: held } = self;
        let (source, result) = (*source, *result);
        let width = source.width as usize;
        let of_luma = |y: u32| {
            let [luma, ..] = source.planes(bands.row(y / source.chroma.rows));
            &luma[(y % source.chroma.rows) as usize * width..][..width]
        };
        let size = (source.width, source.height);
        for first in luma_rows.clone().step_by(ROWS) {
            let rows = first as usize..luma_rows.end.min(first + ROWS as u32) as usize;
            let made = sized(held, rows.len() * result.width as usize);
            luma.rows(size, of_luma, rows.clone(), made, scratch);
            for (y, row) in rows.zip(made.chunks_exact(result.width as usize)) {
                let (band, at) = (y as u32 / result.chroma.rows - wanted.start, y % result.chroma.rows as usize);
                let band = &mut target[band as usize * result.band_samples()..][..result.band_samples()];
                let [to, ..] = result.planes_mut(band);
                // The last again, where its band is not all in the picture.
                to[at * row.len()..].chunks_exact_mut(row.len()).for_each(|to| to.copy_from_slice(row));
            }
        }
        let size = (source.chroma_width(), source.bands());
        for plane in 1..3 {
            let rows = wanted.start as usize..wanted.end as usize;
            let columns = result.chroma_width() as usize;
            let made = sized(held, rows.len() * columns);
            chroma.rows(size, |y| source.planes(bands.row(y))[plane], rows, made, scratch);
            for (row, band) in made.chunks_exact(columns).zip(target.chunks_exact_mut(result.band_samples())) {
                result.planes_mut(band)[plane].copy_from_slice(row);
            }
        }
    }
}
