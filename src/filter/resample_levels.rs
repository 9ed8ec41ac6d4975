//! Resampling of 8-bit pictures without alpha, by `fast_image_resize`: weights of 16 bits, rows first, and levels between
//! the two directions.
//!
//! Each direction is a call of its own, cut along the other one: what a part of the picture becomes does not depend on
//! how it is cut, so the result is the same on any number of cores.

use std::num::NonZeroU32;

use fast_image_resize::images::{TypedImage, TypedImageRef};
use fast_image_resize::pixels::{U8, U8x3};
use fast_image_resize::{FilterType, ImageView, ImageViewMut, PixelTrait, ResizeAlg, ResizeOptions, Resizer};
use rayon::prelude::*;

use super::resample::Kernel;
use super::{Stopped, Work};
use crate::picture::{Layout, Raster};

/// The picture in another size; `None` where this way is not open: with alpha, and for some kernels.
pub(super) fn resample(
    source: &Raster<u8>,
    target: (u32, u32),
    kernel: Kernel,
    work: &mut Work<'_>,
) -> Option<Result<Raster<u8>, Stopped>> {
    let filter = match kernel {
        Kernel::Lanczos3 => FilterType::Lanczos3,
        Kernel::CatmullRom => FilterType::CatmullRom,
        Kernel::Bilinear => FilterType::Bilinear,
        Kernel::Box => FilterType::Box,
        // the library's Mitchell strays by several levels where it shrinks a lot
        Kernel::Mitchell | Kernel::Nearest => return None,
    };
    match source.layout() {
        Layout::Grey => both_ways::<U8>(source, target, filter, work),
        Layout::Rgb => both_ways::<U8x3>(source, target, filter, work),
        Layout::GreyAlpha | Layout::Rgba => None,
    }
}

fn both_ways<P: PixelTrait>(
    source: &Raster<u8>,
    (width, height): (u32, u32),
    filter: FilterType,
    work: &mut Work<'_>,
) -> Option<Result<Raster<u8>, Stopped>> {
    let (layout, channels) = (source.layout(), source.layout().channels());
    let parts = if work.split { rayon::current_num_threads() as u32 } else { 1 };
    let stop = work.stop;
    let mut high = work.buffers.take::<u8>(source.width() as usize * height as usize * channels);
    let mut samples = work.buffers.take::<u8>(width as usize * height as usize * channels);
    let done = {
        let (high, samples) = (&mut high, &mut samples);
        let from = TypedImageRef::<P>::from_buffer(source.width(), source.height(), source.samples()).ok()?;
        let mut between = TypedImage::from_buffer(source.width(), height, high).ok()?;
        rows_from_rows(&from, &mut between, filter, parts).and_then(|()| {
            if stop() {
                return Some(());
            }
            let mut to = TypedImage::from_buffer(width, height, samples).ok()?;
            pixels_from_pixels(&between, &mut to, filter, parts)
        })
    };
    work.buffers.give(high);
    if done.is_none() || stop() {
        work.buffers.give(samples);
        return done.map(|()| Err(Stopped));
    }
    Some(Ok(Raster::new(width, height, layout, samples)))
}

/// Changes the height. Parts are columns.
fn rows_from_rows<P: PixelTrait>(
    from: &impl ImageView<Pixel = P>,
    to: &mut impl ImageViewMut<Pixel = P>,
    filter: FilterType,
    parts: u32,
) -> Option<()> {
    let (width, height) = (to.width(), from.height());
    let parts = NonZeroU32::new(parts.clamp(1, width))?;
    let mut columns = to.split_by_width_mut(0, NonZeroU32::new(width)?, parts)?;
    let lefts = beginnings(columns.iter().map(ImageView::width));
    along(&mut columns, &lefts, |part, left| {
        let crop = ResizeOptions::new().crop(f64::from(*left), 0.0, f64::from(part.width()), f64::from(height));
        resized(from, part, &crop, filter)
    })
}

/// Changes the width. Parts are rows.
fn pixels_from_pixels<P: PixelTrait>(
    from: &impl ImageView<Pixel = P>,
    to: &mut impl ImageViewMut<Pixel = P>,
    filter: FilterType,
    parts: u32,
) -> Option<()> {
    let (width, height) = (from.width(), to.height());
    let parts = NonZeroU32::new(parts.clamp(1, height))?;
    let mut rows = to.split_by_height_mut(0, NonZeroU32::new(height)?, parts)?;
    let tops = beginnings(rows.iter().map(ImageView::height));
    along(&mut rows, &tops, |part, top| {
        let crop = ResizeOptions::new().crop(0.0, f64::from(*top), f64::from(width), f64::from(part.height()));
        resized(from, part, &crop, filter)
    })
}

/// Where parts begin that follow each other.
fn beginnings(lengths: impl Iterator<Item = u32>) -> Vec<u32> {
    let mut end = 0;
    let begin = |length| {
        end += length;
        end - length
    };
    lengths.map(begin).collect()
}

/// Every part with the place where it begins; a single one on this thread.
fn along<T: Send>(parts: &mut [T], places: &[u32], each: impl Fn(&mut T, &u32) -> Option<()> + Sync) -> Option<()> {
    if let ([part], [place]) = (&mut *parts, places) {
        return each(part, place);
    }
    parts.par_iter_mut().zip(places).try_for_each(|(part, place)| each(part, place))
}

fn resized<P: PixelTrait>(
    from: &impl ImageView<Pixel = P>,
    to: &mut impl ImageViewMut<Pixel = P>,
    crop: &ResizeOptions,
    filter: FilterType,
) -> Option<()> {
    let options = crop.resize_alg(ResizeAlg::Convolution(filter)).use_alpha(false);
    Resizer::new().resize_typed(from, to, &options).ok()
}

#[cfg(test)]
mod tests {
    use super::super::resample::Resampler;
    use super::super::testing::psnr;
    use super::*;
    use crate::picture::{Buffers, Sample};

    const KERNELS: [Kernel; 4] = [Kernel::Lanczos3, Kernel::CatmullRom, Kernel::Bilinear, Kernel::Box];

    fn picture(width: u32, height: u32, layout: Layout) -> Raster<u8> {
        let (w, channels) = (width as usize, layout.channels());
        let sample = |i: usize| {
            let (x, y) = (i / channels % w, i / channels / w);
            let tile = [210, 30, 90, 130, 180][(x / 13 + y / 9 * 2 + i % channels) % 5];
            (tile + x * 7 % 11 + y * 5 % 13) as u8
        };
        Raster::new(width, height, layout, (0..w * height as usize * channels).map(sample).collect())
    }

    fn resampled(source: &Raster<u8>, target: (u32, u32), kernel: Kernel, split: bool) -> Raster<u8> {
        let mut work = Work { buffers: &mut Buffers::default(), stop: &|| false, split };
        resample(source, target, kernel, &mut work).unwrap().unwrap()
    }

    #[test]
    fn as_good_as_floats_and_the_same_however_it_is_cut() {
        let pool = rayon::ThreadPoolBuilder::new().num_threads(5).build().unwrap();
        for (layout, size, target) in [
            (Layout::Rgb, (301, 207), (150, 103)),
            (Layout::Rgb, (301, 207), (301, 50)),
            (Layout::Rgb, (301, 207), (77, 207)),
            (Layout::Grey, (333, 90), (500, 200)),
            (Layout::Grey, (7, 5), (1, 1)),
            (Layout::Rgb, (3, 2), (40, 31)),
        ] {
            let source = picture(size.0, size.1, layout);
            for kernel in KERNELS {
                let whole = resampled(&source, target, kernel, false);
                let parts = pool.install(|| resampled(&source, target, kernel, true));
                assert!(whole == parts, "{kernel:?} of {size:?} to {target:?}");
                let mut exact = vec![0_u8; whole.samples().len()];
                Resampler::new(size, target, layout, kernel, false).rows(&source, 0..target.1, &mut exact, &|| false);
                let [whole, exact] =
                    [whole.samples(), &exact].map(|v| v.iter().map(|v| v.to_unit()).collect::<Vec<_>>());
                let quality = psnr(&whole, &exact);
                assert!(quality > 51.9, "{kernel:?} of {size:?} to {target:?}: {quality} dB");
            }
        }
    }

    #[test]
    fn other_pictures_go_another_way() {
        let mut work = Work { buffers: &mut Buffers::default(), stop: &|| false, split: false };
        assert!(resample(&picture(9, 9, Layout::Rgba), (3, 3), Kernel::Box, &mut work).is_none());
        assert!(resample(&picture(9, 9, Layout::Rgb), (3, 3), Kernel::Nearest, &mut work).is_none());
    }

    #[test]
    fn a_stop_is_noticed() {
        let mut work = Work { buffers: &mut Buffers::default(), stop: &|| true, split: false };
        assert!(resample(&picture(9, 9, Layout::Rgb), (3, 3), Kernel::Box, &mut work).unwrap().is_err());
    }
}
