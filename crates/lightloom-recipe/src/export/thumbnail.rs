//! The small copy that a result's metadata hold of it, made anew where the pixels have changed.

use super::Finish;
use super::means::Means;
use lightloom_codec::{EncodeOptions, encode, find};
use lightloom_filter::{Stopped, Work};
use lightloom_picture::colour::{Conversion, Intent, Profile, Space};
use lightloom_picture::{
    Chroma, Layout, Metadata, Picture, Pixels, Planar, Raster, RowForm, Sample, Shape, Thumbnail, rgb_of_ycbcr,
};

/// Longer side of a thumbnail, in pixels (DCF 2.0).
const SIDE: u32 = 160;
/// Longer side of results up to which they need none.
pub const NO_THUMBNAIL_SIDE: u32 = 2 * SIDE;
/// Quality of its JPEG, of which some six kilobytes come.
const QUALITY: u8 = 80;

impl Finish<'_> {
    /// Begins the thumbnail of a result whose metadata hold one.
    pub(super) fn begin_thumbnail(&self, metadata: &Metadata, form: RowForm) -> Option<Reducer> {
        let shape = form.shape();
        let is_large = shape.width.max(shape.height) > NO_THUMBNAIL_SIDE;
        let is_wanted = self.codec.embeds_thumbnails() && is_large && Thumbnail::is_in(metadata);
        is_wanted.then(|| Reducer::new(form))
    }

    /// A thumbnail in sRGB of what is finished; none for results that are hardly larger, and for high dynamic range.
    ///
    /// # Errors
    /// [`Stopped`] once `work.stop` says so.
    pub(super) fn thumbnail(
        &self,
        reduced: Option<Reducer>,
        icc: Option<&[u8]>,
        is_hdr: bool,
        work: &mut Work<'_>,
    ) -> Result<Thumbnail, Stopped> {
        let Some(reduced) = reduced else { return Ok(Thumbnail::Needless) };
        let Some(jpeg) = find("jpeg").filter(|_| !is_hdr) else { return Ok(Thumbnail::Missing) };
        let small = reduced.finish();
        let size = (small.width(), small.height());
        let srgb = if small.layout().colours() == 1 { Profile::grey_srgb() } else { Profile::named(Space::Srgb) };
        let own = icc.and_then(|icc| Profile::parse(icc).ok());
        let conversion = own
            .filter(|own| own.fits(small.layout()))
            .and_then(|own| Conversion::new(&own, &srgb, Intent::default(), true).ok());
        let mut pixels = Pixels::from(small);
        if let Some(conversion) = conversion {
            pixels = conversion.run(pixels, false, work.stop, work.buffers).map_err(|_| Stopped)?;
        }
        let encoded = encode(jpeg, Picture::new(pixels), &EncodeOptions::with_quality(QUALITY), work.buffers);
        Ok(encoded.map_or(Thumbnail::Missing, |encoded| Thumbnail::New { jpeg: encoded.bytes, size }))
    }
}

/// The picture at thumbnail size, laid over white. Takes rows from top to bottom.
pub(super) struct Reducer {
    shape: Shape,
    size: (u32, u32),
    made: Made,
}

/// What the rows so far have come to.
enum Made {
    Pixels(Means),
    /// Y, Cb and Cr, which become RGB at the end.
    Planes(Box<[Means; 3]>),
}

impl Reducer {
    fn new(form: RowForm) -> Self {
        let shape = form.shape();
        let Shape { width, height, layout, .. } = shape;
        let longest = width.max(height);
        let side =
            |n: u32| ((u64::from(n) * u64::from(SIDE) + u64::from(longest) / 2) / u64::from(longest)).max(1) as u32;
        let size = (side(width), side(height));
        let means = |layout, shared| Means::new((width, height), (layout, shared), size);
        let made = match form {
            RowForm::Pixels(_) => Made::Pixels(means(layout, Chroma::FULL)),
            RowForm::Planes(planar) => {
                let planes = [Chroma::FULL, planar.chroma, planar.chroma];
                Made::Planes(Box::new(planes.map(|shared| means(Layout::Grey, shared))))
            }
        };
        Self { shape, size, made }
    }

    /// Looks at some rows of what arrives, of which the first is row `top`.
    pub(super) fn add<S: Sample>(&mut self, top: u32, rows: &[S], stride: usize) {
        if let Made::Pixels(means) = &mut self.made {
            (top..).zip(rows.chunks_exact(stride.max(1))).for_each(|(y, row)| means.add(y, row));
        }
    }

    /// Looks at the next band of planes, of which the first row is row `top` of the picture.
    pub(super) fn add_band(&mut self, top: u32, planar: Planar, band: &[u8]) {
        if let Made::Planes(planes) = &mut self.made {
            let [luma, cb, cr] = &mut **planes;
            let planes = planar.planes(band);
            (top..self.shape.height)
                .zip(planes[0].chunks_exact(planar.width as usize))
                .for_each(|(y, row)| luma.add(y, row));
            let row = top / planar.chroma.rows;
            cb.add(row, planes[1]);
            cr.add(row, planes[2]);
        }
    }

    /// The result, once all rows have been seen.
    fn finish(self) -> Raster<u8> {
        let layout = if self.shape.layout.colours() == 1 { Layout::Grey } else { Layout::Rgb };
        let samples = match self.made {
            Made::Pixels(means) => means.finish(),
            Made::Planes(planes) => {
                let [luma, cb, cr] = planes.map(Means::finish);
                luma.into_iter().zip(cb).zip(cr).flat_map(|((y, cb), cr)| rgb_of_ycbcr([y, cb, cr])).collect()
            }
        };
        Raster::new(self.size.0, self.size.1, layout, samples)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use lightloom_picture::Depth;

    fn reduced<S: Sample>(raster: &Raster<S>) -> Raster<u8> {
        let (width, height, layout) = (raster.width(), raster.height(), raster.layout());
        let mut reducer = Reducer::new(RowForm::Pixels(Shape { width, height, layout, depth: Depth::U8 }));
        for (rows, top) in raster.samples().chunks(3 * raster.stride()).zip((0..).step_by(3)) {
            reducer.add(top, rows, raster.stride());
        }
        reducer.finish()
    }

    #[test]
    fn pixels_of_a_thumbnail_are_means_over_white() {
        // Stripes of one pixel, of which every square has as many of each kind.
        let stripes = |x: u32| if x.is_multiple_of(2) { 0_u16 } else { 65_535 };
        let grey = Raster::new(640, 4, Layout::Grey, (0..640 * 4).map(|i| stripes(i % 640)).collect());
        let small = reduced(&grey);
        assert_eq!((small.width(), small.height()), (160, 1));
        assert!(small.samples().iter().all(|v| v.abs_diff(128) <= 1), "{:?}", small.samples());
        let half = Raster::new(200, 400, Layout::Rgba, [1.0_f32, 0.0, 2.0, 0.5].repeat(200 * 400));
        let small = reduced(&half);
        assert_eq!((small.width(), small.height(), small.layout()), (80, 160, Layout::Rgb));
        assert!(small.samples().as_chunks::<3>().0.iter().all(|pixel| *pixel == [255, 128, 255]));
    }

    #[test]
    fn bands_of_planes_are_reduced_as_their_pixels_are() {
        for chroma in [Chroma::FULL, Chroma { columns: 2, rows: 1 }, Chroma { columns: 2, rows: 2 }] {
            let planar = Planar { width: 701, height: 501, chroma };
            let bands = (0..planar.bands() as usize * planar.band_samples()).map(|i| (100 + i / 7 % 50) as u8);
            let bands: Vec<u8> = bands.collect();
            let mut pixels = Vec::new();
            let mut reducer = Reducer::new(RowForm::Planes(planar));
            for (band, top) in bands.chunks(planar.band_samples()).zip((0..).step_by(chroma.rows as usize)) {
                reducer.add_band(top, planar, band);
                let rows = chroma.rows.min(501 - top);
                let [luma, cb, cr] = planar.planes(band);
                let shared = chroma.columns as usize;
                let pixel = |row, x| rgb_of_ycbcr([luma[row as usize * 701 + x], cb[x / shared], cr[x / shared]]);
                pixels.extend((0..rows).flat_map(|row| (0..701).flat_map(move |x| pixel(row, x))));
            }
            let (ours, theirs) = (reducer.finish(), reduced(&Raster::new(701, 501, Layout::Rgb, pixels)));
            let mut differences = ours.samples().iter().zip(theirs.samples()).map(|(a, b)| a.abs_diff(*b));
            assert!(differences.all(|difference| difference <= 2), "{chroma:?}");
        }
    }
}
