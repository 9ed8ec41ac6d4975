//! Some rows of a picture on their way through point operations: a plane of floats for each colour channel, which is
//! what vector units compute with. Alpha stays behind, since no point operation changes it.
//!
//! Point filters are plain closures over these planes: the loops in `kernel/each.rs` and `kernel/colour.rs` are compiled
//! once for each of AVX-512, AVX2, NEON and the baseline processor.

use std::ops::Range;

use multiversion::multiversion;

use lightloom_picture::{Layout, Sample};

/// The colours of some pixels, 0.0 black and 1.0 white, not weighted by alpha: one plane of grey, or red, green and
/// blue.
#[derive(Default)]
pub struct Planes {
    planes: [Vec<f32>; 3],
    colours: usize,
}

impl Planes {
    /// One plane of grey.
    pub(crate) fn grey(plane: Vec<f32>) -> Self {
        Self { planes: [plane, Vec::new(), Vec::new()], colours: 1 }
    }

    /// Fills them from interleaved samples.
    pub fn load<S: Sample>(&mut self, samples: &[S], layout: Layout) {
        self.fit(samples.len() / layout.channels(), layout.colours());
        match layout {
            Layout::Grey => load::<1, 1, S>(&mut self.planes, samples),
            Layout::GreyAlpha => load::<2, 1, S>(&mut self.planes, samples),
            Layout::Rgb => load::<3, 3, S>(&mut self.planes, samples),
            Layout::Rgba => load::<4, 3, S>(&mut self.planes, samples),
        }
    }

    /// As [`Self::load`], with what `tables` hold for each level of each colour.
    pub fn load_through(&mut self, tables: &[[f32; 256]; 3], samples: &[u8], layout: Layout) {
        self.fit(samples.len() / layout.channels(), layout.colours());
        match layout {
            Layout::Grey => look_up::<1, 1>(&mut self.planes, tables, samples),
            Layout::GreyAlpha => look_up::<2, 1>(&mut self.planes, tables, samples),
            Layout::Rgb => look_up::<3, 3>(&mut self.planes, tables, samples),
            Layout::Rgba => look_up::<4, 3>(&mut self.planes, tables, samples),
        }
    }

    /// Rounds them into the colours of interleaved samples; alpha stays as it is there.
    pub fn store<S: Sample>(&self, samples: &mut [S], layout: Layout) {
        debug_assert_eq!(self.colours, layout.colours());
        store_planes(&self.planes, samples, layout);
    }

    /// One plane, or three.
    pub fn all(&self) -> &[Vec<f32>] {
        &self.planes[..self.colours]
    }

    fn fit(&mut self, pixels: usize, colours: usize) {
        self.colours = colours;
        self.planes[..colours].iter_mut().for_each(|plane| plane.resize(pixels, 0.0));
    }
}

/// Whole rows of a picture, or pixels whose position does not matter.
pub struct Strip<'a> {
    planes: &'a mut Planes,
    /// Pixels per row; 0 for pixels from anywhere.
    pub width: u32,
    /// First row of the picture in the strip.
    pub top: u32,
}

impl<'a> Strip<'a> {
    /// Rows of `width` pixels, of which the first is row `top` of the picture.
    pub const fn new(planes: &'a mut Planes, width: u32, top: u32) -> Self {
        Self { planes, width, top }
    }

    /// Any pixels, for operations that do not depend on the position.
    pub const fn anywhere(planes: &'a mut Planes) -> Self {
        Self::new(planes, 0, 0)
    }

    /// How many planes there are: 1 or 3.
    pub const fn colours(&self) -> usize {
        self.planes.colours
    }

    /// The plane of grey, or those of red, green and blue.
    pub fn planes(&mut self) -> &mut [Vec<f32>] {
        &mut self.planes.planes[..self.planes.colours]
    }

    /// Red, green and blue, where there are colours.
    pub fn rgb(&mut self) -> Option<[&mut [f32]; 3]> {
        let [red, green, blue] = &mut self.planes.planes;
        (self.planes.colours == 3).then_some([red, green, blue])
    }

    /// Every row of the picture in the strip, with its range in the planes. Only for operations that depend on the
    /// position.
    pub fn rows(&self) -> impl Iterator<Item = (u32, Range<usize>)> + use<> {
        debug_assert!(self.width > 0, "these pixels are from anywhere");
        let (width, pixels) = (self.width as usize, self.planes.planes[0].len());
        (self.top..).zip((0..pixels).step_by(width.max(1)).map(move |from| from..from + width))
    }

    /// Repeats grey as red, green and blue.
    pub(crate) fn spread(&mut self) {
        if self.planes.colours == 1 {
            let [grey, green, blue] = &mut self.planes.planes;
            green.clone_from(grey);
            blue.clone_from(grey);
            self.planes.colours = 3;
        }
    }

    /// Leaves the first plane as grey.
    pub(crate) fn keep_first(&mut self) {
        self.planes.colours = 1;
    }
}

#[multiversion(targets("x86_64+avx512f+avx512vl+avx512bw+avx512dq", "x86_64+avx2", "aarch64+neon"))]
fn load<const CHANNELS: usize, const COLOURS: usize, S: Sample>(planes: &mut [Vec<f32>; 3], samples: &[S]) {
    let pixels = samples.as_chunks::<CHANNELS>().0;
    let [first, second, third] = planes;
    if COLOURS == 1 {
        first.iter_mut().zip(pixels).for_each(|(to, pixel)| *to = pixel[0].to_unit());
        return;
    }
    let planes = first.iter_mut().zip(second).zip(third);
    for (((red, green), blue), pixel) in planes.zip(pixels) {
        *red = pixel[0].to_unit();
        *green = pixel[1].to_unit();
        *blue = pixel[2].to_unit();
    }
}

#[multiversion(targets("x86_64+avx512f+avx512vl+avx512bw+avx512dq", "x86_64+avx2", "aarch64+neon"))]
fn look_up<const CHANNELS: usize, const COLOURS: usize>(
    planes: &mut [Vec<f32>; 3],
    tables: &[[f32; 256]; 3],
    samples: &[u8],
) {
    let pixels = samples.as_chunks::<CHANNELS>().0;
    let ([first, second, third], [reds, greens, blues]) = (planes, tables);
    if COLOURS == 1 {
        first.iter_mut().zip(pixels).for_each(|(to, pixel)| *to = reds[usize::from(pixel[0])]);
        return;
    }
    for (((red, green), blue), pixel) in first.iter_mut().zip(second).zip(third).zip(pixels) {
        *red = reds[usize::from(pixel[0])];
        *green = greens[usize::from(pixel[1])];
        *blue = blues[usize::from(pixel[2])];
    }
}

/// Rounds planes into the colours of interleaved samples; alpha stays as it is there.
pub(crate) fn store_planes<S: Sample>(planes: &[Vec<f32>; 3], samples: &mut [S], layout: Layout) {
    match layout {
        Layout::Grey => store::<1, 1, S>(planes, samples),
        Layout::GreyAlpha => store::<2, 1, S>(planes, samples),
        Layout::Rgb => store::<3, 3, S>(planes, samples),
        Layout::Rgba => store::<4, 3, S>(planes, samples),
    }
}

#[multiversion(targets("x86_64+avx512f+avx512vl+avx512bw+avx512dq", "x86_64+avx2", "aarch64+neon"))]
fn store<const CHANNELS: usize, const COLOURS: usize, S: Sample>(planes: &[Vec<f32>; 3], samples: &mut [S]) {
    let pixels = samples.as_chunks_mut::<CHANNELS>().0;
    let [first, second, third] = planes;
    if COLOURS == 1 {
        pixels.iter_mut().zip(first).for_each(|(pixel, from)| pixel[0] = S::from_unit(*from));
        return;
    }
    for (pixel, ((red, green), blue)) in pixels.iter_mut().zip(first.iter().zip(second).zip(third)) {
        pixel[0] = S::from_unit(*red);
        pixel[1] = S::from_unit(*green);
        pixel[2] = S::from_unit(*blue);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const LAYOUTS: [Layout; 4] = [Layout::Grey, Layout::GreyAlpha, Layout::Rgb, Layout::Rgba];

    #[test]
    fn samples_come_back_and_alpha_is_left_alone() {
        for layout in LAYOUTS {
            let channels = layout.channels();
            let samples: Vec<u8> = (0..=255).flat_map(|v: u8| (0..channels as u8).map(move |c| v ^ c)).collect();
            let mut planes = Planes::default();
            planes.load(&samples, layout);
            assert_eq!(planes.all().len(), layout.colours());
            assert!(planes.all().iter().enumerate().all(|(c, plane)| plane[9] == f32::from(9 ^ c as u8) / 255.0));
            let mut result = vec![7; samples.len()];
            planes.store(&mut result, layout);
            for (after, before) in result.chunks(channels).zip(samples.chunks(channels)) {
                assert_eq!(after[..layout.colours()], before[..layout.colours()]);
                assert!(!layout.has_alpha() || after[channels - 1] == 7);
            }
        }
    }

    #[test]
    fn tables_stand_for_levels() {
        let tables = [0.0, 1.0, 2.0].map(|add| std::array::from_fn(|level| add + level as f32));
        for layout in LAYOUTS {
            let samples: Vec<u8> = (0..60).collect();
            let mut planes = Planes::default();
            planes.load_through(&tables, &samples, layout);
            for (colour, plane) in planes.all().iter().enumerate() {
                assert_eq!(plane[4], (2 * colour + 4 * layout.channels()) as f32, "{layout:?}");
            }
        }
    }

    #[test]
    fn grey_is_spread_and_rows_have_their_places() {
        let mut planes = Planes::default();
        planes.load(&[0.1_f32, 0.9, 0.3, 0.8, 0.5, 0.7, 0.6, 0.6], Layout::GreyAlpha);
        let mut strip = Strip::new(&mut planes, 2, 5);
        assert!(strip.rgb().is_none());
        assert_eq!(strip.rows().collect::<Vec<_>>(), [(5, 0..2), (6, 2..4)]);
        strip.spread();
        assert!(strip.rgb().is_some_and(|planes| planes.iter().all(|plane| **plane == [0.1, 0.3, 0.5, 0.6])));
        strip.keep_first();
        assert_eq!(strip.planes().len(), 1);
    }
}
