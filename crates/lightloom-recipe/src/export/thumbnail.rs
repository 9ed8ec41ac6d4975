//! The small copy that a result's metadata hold of it, made anew where the pixels have changed.

use super::Finish;
use lightloom_codec::{EncodeOptions, encode, find};
use lightloom_filter::{Stopped, Work};
use lightloom_picture::colour::{Conversion, Intent, Profile, Space};
use lightloom_picture::{Layout, Metadata, Picture, Pixels, Planar, Raster, Sample, Shape, Thumbnail, rgb_of_ycbcr};

/// Longer side of a thumbnail, in pixels (DCF 2.0).
const SIDE: u32 = 160;
/// Longer side of results up to which they need none.
pub const NO_THUMBNAIL_SIDE: u32 = 2 * SIDE;
/// Quality of its JPEG, of which some six kilobytes come.
const QUALITY: u8 = 80;
/// Samples of each pixel of a thumbnail, across and down: more would only take time.
const MOST_SAMPLES: u32 = 6;

impl Finish<'_> {
    /// Begins the thumbnail of a result whose metadata hold one.
    pub(super) fn begin_thumbnail(&self, metadata: &Metadata, shape: Shape) -> Option<Reducer> {
        let is_large = shape.width.max(shape.height) > NO_THUMBNAIL_SIDE;
        let is_wanted = self.codec.embeds_thumbnails() && is_large && Thumbnail::is_in(metadata);
        is_wanted.then(|| Reducer::new(shape))
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

/// The picture at thumbnail size, laid over white: means of samples that are spread evenly over each pixel's square. Takes
/// rows from top to bottom.
pub(super) struct Reducer {
    layout: Layout,
    size: (u32, u32),
    /// Where the samples of a row are, those of each pixel after each other.
    starts: Vec<usize>,
    /// Samples of a pixel, across and down.
    spread: (u32, u32),
    /// Rows of the picture that are looked at, one for each step down.
    rows: Vec<u32>,
    /// How many have been.
    seen: usize,
    sums: Vec<[f32; 3]>,
    samples: Vec<u8>,
    /// Whether the samples are Y, Cb and Cr, of which the means become RGB at the end.
    is_ycbcr: bool,
}

impl Reducer {
    fn new(Shape { width, height, layout, .. }: Shape) -> Self {
        let longest = width.max(height);
        let side =
            |n: u32| ((u64::from(n) * u64::from(SIDE) + u64::from(longest) / 2) / u64::from(longest)).max(1) as u32;
        let size = (side(width), side(height));
        let spread = (width.div_ceil(size.0).min(MOST_SAMPLES), height.div_ceil(size.1).min(MOST_SAMPLES));
        let places = |of: u32, length: u32| {
            (0..of).map(move |at| ((2 * u64::from(at) + 1) * u64::from(length) / (2 * u64::from(of))) as u32)
        };
        let starts = places(size.0 * spread.0, width).map(|x| x as usize * layout.channels()).collect();
        let rows = places(size.1 * spread.1, height).collect();
        Self { layout, size, starts, spread, rows, seen: 0, sums: Vec::new(), samples: Vec::new(), is_ycbcr: false }
    }

    /// Looks at some rows, of which the first is row `top` of the picture.
    pub(super) fn add<S: Sample>(&mut self, top: u32, rows: &[S], stride: usize) {
        let channels = self.layout.channels();
        for (row, y) in rows.chunks_exact(stride.max(1)).zip(top..) {
            self.add_row(y, |at| &row[at..at + channels]);
        }
    }

    /// Looks at the next band of planes, of which the first row is row `top` of the picture.
    pub(super) fn add_band(&mut self, top: u32, planar: Planar, band: &[u8]) {
        self.is_ycbcr = true;
        let channels = self.layout.channels();
        for row in 0..planar.chroma.rows {
            self.add_row(top + row, |at| planar.pixel(band, row, at / channels));
        }
    }

    /// Looks at row `y`, if that is wanted. `pixel` is told where in a row of pixels the samples would begin.
    fn add_row<S: Sample, P: AsRef<[S]>>(&mut self, y: u32, pixel: impl Fn(usize) -> P) {
        while self.rows.get(self.seen) == Some(&y) {
            self.add_wanted(&pixel);
            self.seen += 1;
        }
    }

    fn add_wanted<S: Sample, P: AsRef<[S]>>(&mut self, pixel: impl Fn(usize) -> P) {
        let colours = self.layout.colours();
        let (across, down) = self.spread;
        self.sums.resize(self.size.0 as usize, [0.0; 3]);
        for (sums, starts) in self.sums.iter_mut().zip(self.starts.chunks_exact(across as usize)) {
            for at in starts {
                let pixel = pixel(*at);
                let pixel = pixel.as_ref();
                let alpha = pixel.get(colours).map_or(1.0, |alpha| alpha.to_unit());
                for (sum, sample) in sums.iter_mut().zip(&pixel[..colours]) {
                    *sum += sample.to_unit().clamp(0.0, 1.0) * alpha + 1.0 - alpha;
                }
            }
        }
        if (self.seen + 1).is_multiple_of(down as usize) {
            let means =
                self.sums.iter().flat_map(|sums| sums[..colours].iter().map(|sum| sum / (across * down) as f32));
            self.samples.extend(means.map(u8::from_unit));
            self.sums.clear();
        }
    }

    /// The result, once all rows have been seen.
    fn finish(mut self) -> Raster<u8> {
        let layout = if self.layout.colours() == 1 { Layout::Grey } else { Layout::Rgb };
        let (columns, rows) = self.size;
        self.samples.resize(columns as usize * rows as usize * layout.channels(), 0);
        if self.is_ycbcr {
            self.samples.as_chunks_mut().0.iter_mut().for_each(|pixel| *pixel = rgb_of_ycbcr(*pixel));
        }
        Raster::new(columns, rows, layout, self.samples)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use lightloom_picture::{Chroma, Depth};

    fn reduced<S: Sample>(raster: &Raster<S>) -> Raster<u8> {
        let (width, height, layout) = (raster.width(), raster.height(), raster.layout());
        let mut reducer = Reducer::new(Shape { width, height, layout, depth: Depth::U8 });
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
            let shape = Shape { width: 701, height: 501, layout: Layout::Rgb, depth: Depth::U8 };
            let mut reducer = Reducer::new(shape);
            for (band, top) in bands.chunks(planar.band_samples()).zip((0..).step_by(chroma.rows as usize)) {
                reducer.add_band(top, planar, band);
                let rows = chroma.rows.min(501 - top);
                let pixel = |row, x| rgb_of_ycbcr(planar.pixel(band, row, x));
                pixels.extend((0..rows).flat_map(|row| (0..701).flat_map(move |x| pixel(row, x))));
            }
            let (ours, theirs) = (reducer.finish(), reduced(&Raster::new(701, 501, Layout::Rgb, pixels)));
            let mut differences = ours.samples().iter().zip(theirs.samples()).map(|(a, b)| a.abs_diff(*b));
            assert!(differences.all(|difference| difference <= 2), "{chroma:?}");
        }
    }
}
