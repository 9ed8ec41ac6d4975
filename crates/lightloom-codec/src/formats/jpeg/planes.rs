//! JPEG files whose components are sampled in ways that the decoder itself does not bring together, as in CMYK files of
//! which only the cyan is stored at full size. The decoder delivers the components as they are stored; here each is
//! enlarged as libjpeg does it (`jdsample.c`), and they are converted to RGB or to inks.

use libjpeg_turbo_rs::{ColorSpace, DecodeWarning, Decoder, FrameHeader, JpegError};

use lightloom_picture::{Buffers, Layout, Raster};

/// Whether a file has to be read this way: where the first component is not the finest and the others divide it, and
/// where four are not of one size, unless it is the chroma of a picture that the decoder makes smaller.
pub(crate) fn needed(frame: &FrameHeader, divisor: u8) -> bool {
    let factors: Vec<(u8, u8)> =
        frame.components.iter().map(|c| (c.horizontal_sampling, c.vertical_sampling)).collect();
    let divides = |of: (u8, u8), by: (u8, u8)| of.0.is_multiple_of(by.0) && of.1.is_multiple_of(by.1);
    match *factors.as_slice() {
        _ if frame.is_lossless => false,
        [first, second, third] => !(divides(first, second) && divides(first, third)),
        [first, second, third, fourth] => {
            let fits = first == fourth && second == third && divides(first, second);
            !fits || first != second && divisor == 1
        }
        _ => false,
    }
}

/// Decodes to RGB, or to four inks as they are stored, at full size.
pub(crate) fn decode(
    decoder: Decoder<'_>,
    buffers: &mut Buffers,
) -> Result<(Raster<u8>, Vec<DecodeWarning>), JpegError> {
    let space = decoder.jpeg_color_space();
    let layout = match space {
        ColorSpace::YCbCr | ColorSpace::Rgb => Layout::Rgb,
        ColorSpace::Ycck | ColorSpace::Cmyk => Layout::Rgba,
        other => return Err(JpegError::Unsupported(format!("components of {other:?} in several sizes"))),
    };
    let frame = decoder.header().clone();
    let finest =
        frame.components.iter().fold((1, 1), |(h, v), c| (c.horizontal_sampling.max(h), c.vertical_sampling.max(v)));
    let (raw, warnings) = decoder.decode_raw_with_warnings()?;
    let (width, height, channels) = (raw.width, raw.height, layout.channels());
    let planes: Vec<Plane> = frame
        .components
        .iter()
        .zip(raw.planes.into_iter().zip(raw.plane_widths))
        .map(|(component, (samples, stride))| {
            let own = (component.horizontal_sampling, component.vertical_sampling);
            Plane::new(samples, stride, own, finest, (width, height))
        })
        .collect();
    if planes.len() != channels {
        return Err(JpegError::CorruptData(format!("{} components of {channels}", planes.len())));
    }
    let mut samples = buffers.take::<u8>(width * height * channels);
    let (mut row, mut sums) = (vec![0; width], Vec::new());
    for (y, pixels) in samples.chunks_exact_mut(width * channels).enumerate() {
        for (channel, plane) in planes.iter().enumerate() {
            plane.row(y, &mut row, &mut sums);
            pixels.iter_mut().skip(channel).step_by(channels).zip(&row).for_each(|(to, from)| *to = *from);
        }
        match space {
            ColorSpace::YCbCr => pixels.as_chunks_mut::<3>().0.iter_mut().for_each(|pixel| *pixel = rgb(*pixel)),
            ColorSpace::Ycck => pixels.as_chunks_mut::<4>().0.iter_mut().for_each(|[a, b, c, _]| {
                [*a, *b, *c] = rgb([*a, *b, *c]).map(|v| 255 - v);
            }),
            _ => {}
        }
    }
    Ok((Raster::new(width as u32, height as u32, layout, samples), warnings))
}

/// How many times a component is enlarged in one direction: by `finest` / `own`.
#[derive(Clone, Copy)]
struct Factor {
    own: usize,
    finest: usize,
}

impl Factor {
    const fn is(self, times: usize) -> bool {
        self.own * times == self.finest
    }
}

/// One component as it is stored.
struct Plane {
    samples: Vec<u8>,
    stride: usize,
    /// Samples of a row, and rows, that belong to the picture.
    width: usize,
    height: usize,
    across: Factor,
    down: Factor,
}

impl Plane {
    fn new(samples: Vec<u8>, stride: usize, own: (u8, u8), finest: (u8, u8), (width, height): (usize, usize)) -> Self {
        let factor = |own: u8, finest: u8| Factor { own: own.into(), finest: finest.into() };
        let (across, down) = (factor(own.0, finest.0), factor(own.1, finest.1));
        let side = |side: usize, factor: Factor| (side * factor.own).div_ceil(factor.finest);
        Self { samples, stride, width: side(width, across), height: side(height, down), across, down }
    }

    fn stored(&self, y: usize) -> &[u8] {
        &self.samples[y * self.stride..][..self.width]
    }

    /// Row `y` of the picture: sides that are doubled pass through a triangle filter, with libjpeg's rounding; all
    /// others repeat samples. `sums` is spare memory.
    fn row(&self, y: usize, row: &mut [u8], sums: &mut Vec<u16>) {
        let Self { across, down, .. } = *self;
        let smooth_across = across.is(2) && self.width > 2;
        let smooth_down = down.is(2) && (across.is(1) || smooth_across);
        let near = self.stored(y * down.own / down.finest);
        if !(smooth_down || smooth_across && down.is(1)) {
            for (x, to) in row.iter_mut().enumerate() {
                *to = near[x * across.own / across.finest];
            }
            return;
        }
        sums.clear();
        if smooth_down {
            let far = if y.is_multiple_of(2) { (y / 2).saturating_sub(1) } else { (y / 2 + 1).min(self.height - 1) };
            sums.extend(near.iter().zip(self.stored(far)).map(|(near, far)| 3 * u16::from(*near) + u16::from(*far)));
        } else {
            sums.extend(near.iter().copied().map(u16::from));
        }
        if !smooth_across {
            let bias = 1 + (y % 2) as u16;
            row.iter_mut().zip(sums).for_each(|(to, sum)| *to = ((*sum + bias) >> 2) as u8);
            return;
        }
        let (shift, biases) = if smooth_down { (4, [8, 7]) } else { (2, [1, 2]) };
        for (x, to) in row.iter_mut().enumerate() {
            let (own, odd) = (x / 2, x % 2);
            let other = if odd == 0 { own.saturating_sub(1) } else { (own + 1).min(self.width - 1) };
            *to = ((3 * sums[own] + sums[other] + biases[odd]) >> shift) as u8;
        }
    }
}

/// YCbCr to RGB (JFIF 1.02), in libjpeg's integers of 16 bits below the point.
fn rgb([y, cb, cr]: [u8; 3]) -> [u8; 3] {
    const HALF: i32 = 1 << 15;
    let (y, cb, cr) = (i32::from(y), i32::from(cb) - 128, i32::from(cr) - 128);
    [
        y + ((91_881 * cr + HALF) >> 16),
        y + ((-22_554 * cb - 46_802 * cr + HALF) >> 16),
        y + ((116_130 * cb + HALF) >> 16),
    ]
    .map(|v| v.clamp(0, 255) as u8)
}
