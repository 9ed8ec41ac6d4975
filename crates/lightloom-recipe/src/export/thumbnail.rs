//! The small copy that a result's metadata hold of it, made anew where the pixels have changed.

use super::Finish;
use lightloom_codec::{EncodeOptions, encode, find};
use lightloom_filter::{Stopped, Work};
use lightloom_picture::colour::{Conversion, Intent, Profile, Space};
use lightloom_picture::{Layout, Picture, Pixels, Raster, Sample, Thumbnail, with_raster};

/// Longer side of a thumbnail, in pixels (DCF 2.0).
const SIDE: u32 = 160;
/// Longer side of results up to which they need none.
pub const NO_THUMBNAIL_SIDE: u32 = 2 * SIDE;
/// Quality of its JPEG, of which some six kilobytes come.
const QUALITY: u8 = 80;
/// Samples of each pixel of a thumbnail, across and down: more would only take time.
const MOST_SAMPLES: u32 = 6;

impl Finish<'_> {
    /// A thumbnail of the finished pixels in sRGB; none for results that are hardly larger, and for high dynamic range.
    ///
    /// # Errors
    /// [`Stopped`] once `work.stop` says so.
    pub(super) fn thumbnail(&self, picture: &Picture, is_hdr: bool, work: &mut Work<'_>) -> Result<Thumbnail, Stopped> {
        let shape = picture.pixels.shape();
        if !self.codec.embeds_thumbnails() || shape.width.max(shape.height) <= NO_THUMBNAIL_SIDE {
            return Ok(Thumbnail::Needless);
        }
        let Some(jpeg) = find("jpeg").filter(|_| !is_hdr) else { return Ok(Thumbnail::Missing) };
        let small = with_raster!(&picture.pixels, raster => reduced(raster));
        let size = (small.width(), small.height());
        let srgb = if small.layout().colours() == 1 { Profile::grey_srgb() } else { Profile::named(Space::Srgb) };
        let own = picture.metadata.icc.as_deref().and_then(|icc| Profile::parse(icc).ok());
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

/// The picture at thumbnail size, laid over white: means of samples that are spread evenly over each pixel's square.
fn reduced<S: Sample>(raster: &Raster<S>) -> Raster<u8> {
    let (width, height) = (raster.width(), raster.height());
    let longest = width.max(height);
    let side = |n: u32| ((u64::from(n) * u64::from(SIDE) + u64::from(longest) / 2) / u64::from(longest)).max(1) as u32;
    let (columns, rows) = (side(width), side(height));
    let (channels, colours) = (raster.layout().channels(), raster.layout().colours());
    let across = width.div_ceil(columns).min(MOST_SAMPLES);
    let down = height.div_ceil(rows).min(MOST_SAMPLES);
    let place =
        |at: u32, of: u32, length: u32| ((2 * u64::from(at) + 1) * u64::from(length) / (2 * u64::from(of))) as usize;
    let starts: Vec<usize> = (0..columns * across).map(|x| place(x, columns * across, width) * channels).collect();
    let mut samples = Vec::with_capacity(columns as usize * rows as usize * colours);
    for y in 0..rows {
        let lines: Vec<&[S]> = (0..down).map(|i| raster.row(place(y * down + i, rows * down, height) as u32)).collect();
        for starts in starts.chunks_exact(across as usize) {
            let mut sums = [0.0_f32; 3];
            for pixel in lines.iter().flat_map(|line| starts.iter().map(|at| &line[*at..][..channels])) {
                let alpha = pixel.get(colours).map_or(1.0, |alpha| alpha.to_unit());
                for (sum, sample) in sums.iter_mut().zip(&pixel[..colours]) {
                    *sum += sample.to_unit().clamp(0.0, 1.0) * alpha + 1.0 - alpha;
                }
            }
            samples.extend(sums[..colours].iter().map(|sum| u8::from_unit(sum / (across * down) as f32)));
        }
    }
    Raster::new(columns, rows, if colours == 1 { Layout::Grey } else { Layout::Rgb }, samples)
}

#[cfg(test)]
mod tests {
    use super::*;

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
}
