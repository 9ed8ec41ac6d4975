//! Colour arithmetic that filters share: luma, HSL, and loops over the pixels of a strip.

use multiversion::multiversion;

use crate::kernel::grey_bands::GreyBands;
pub(crate) use crate::kernel::histogram::luma;
use crate::{Dependence, Point, RowWise, Strip};
use lightloom_picture::{Layout, Planar};

/// A value within 0–1; NaN becomes 0.
#[inline(always)]
#[expect(clippy::manual_clamp, reason = "clamp would let NaN through")]
pub(crate) fn unit(v: f32) -> f32 {
    v.max(0.0).min(1.0)
}

/// `a` and `b` mixed: 0 is `a` and 1 is `b`.
#[inline(always)]
pub(crate) fn mix(a: f32, b: f32, share: f32) -> f32 {
    a + (b - a) * share
}

/// Two colours mixed.
#[inline(always)]
pub(crate) fn mix3(a: [f32; 3], b: [f32; 3], share: f32) -> [f32; 3] {
    [mix(a[0], b[0], share), mix(a[1], b[1], share), mix(a[2], b[2], share)]
}

/// 0 up to `from`, 1 from `to` on, and a smooth cubic in between.
#[inline(always)]
pub(crate) fn smoothstep(from: f32, to: f32, v: f32) -> f32 {
    let t = unit((v - from) / (to - from));
    t * t * (3.0 - 2.0 * t)
}

/// Hue in degrees (0–360, 0 for greys), HSL saturation and lightness (Joblove and Greenberg 1978).
#[inline(always)]
pub(crate) fn to_hsl(rgb: [f32; 3]) -> [f32; 3] {
    let (hue, max, min) = hue(rgb);
    let (sum, chroma) = (max + min, max - min);
    let range = 1.0 - (sum - 1.0).abs();
    [hue, if chroma > 0.0 && range > 0.0 { chroma / range } else { 0.0 }, 0.5 * sum]
}

/// Hue in degrees, the largest and the smallest channel.
#[inline(always)]
pub(crate) fn hue([red, green, blue]: [f32; 3]) -> (f32, f32, f32) {
    let (max, min) = (red.max(green).max(blue), red.min(green).min(blue));
    let chroma = max - min;
    // selections instead of branches, so that many pixels are processed at once
    let (difference, start) = if max == green { (blue - red, 2.0) } else { (red - green, 4.0) };
    let (difference, start) = if max == red { (green - blue, 0.0) } else { (difference, start) };
    let start = if difference < 0.0 && start == 0.0 { 6.0 } else { start };
    let grey = chroma <= 0.0;
    let sixth = difference / if grey { 1.0 } else { chroma } + start;
    (if grey { 0.0 } else { 60.0 * sixth }, max, min)
}

/// The inverse of [`to_hsl`]; any hue is taken modulo 360.
#[inline(always)]
pub(crate) fn from_hsl([hue, saturation, lightness]: [f32; 3]) -> [f32; 3] {
    let chroma = (1.0 - (2.0 * lightness - 1.0).abs()) * saturation;
    let low = lightness - 0.5 * chroma;
    pure_hue(hue).map(|v| low + chroma * v)
}

/// The fully saturated colour of a hue in degrees.
#[inline(always)]
pub(crate) fn pure_hue(hue: f32) -> [f32; 3] {
    let sixth = (hue - 360.0 * (hue / 360.0).floor()) / 60.0;
    let ramp = |v: f32| unit(v);
    [ramp((sixth - 3.0).abs() - 1.0), ramp(2.0 - (sixth - 2.0).abs()), ramp(2.0 - (sixth - 4.0).abs())]
}

/// A function of red, green and blue that returns a colour or a grey. Short ones are closures; long ones are types
/// whose `at` is `inline(always)`, because a long closure would remain a separate function, compiled for the baseline
/// processor and called for each pixel.
pub(crate) trait OfColours<T = [f32; 3]> {
    /// The result for a pixel.
    fn at(&self, rgb: [f32; 3]) -> T;
}

impl<T, F: Fn([f32; 3]) -> T> OfColours<T> for F {
    #[inline(always)]
    fn at(&self, rgb: [f32; 3]) -> T {
        self(rgb)
    }
}

/// Calls `function` for every pixel's red, green and blue; strips without colour stay as they are.
pub(crate) fn map_rgb(strip: &mut Strip<'_>, function: impl Fn([f32; 3]) -> [f32; 3]) {
    map_colours(strip, &function);
}

/// The same with a type, for long functions.
pub(crate) fn map_colours(strip: &mut Strip<'_>, function: &impl OfColours) {
    if let Some([red, green, blue]) = strip.rgb() {
        map(red, green, blue, function);
    }
}

#[multiversion(targets("x86_64+avx512f+avx512vl+avx512bw+avx512dq", "x86_64+avx2", "aarch64+neon"))]
fn map<F: OfColours>(red: &mut [f32], green: &mut [f32], blue: &mut [f32], function: &F) {
    for ((red, green), blue) in red.iter_mut().zip(green).zip(blue) {
        [*red, *green, *blue] = function.at([*red, *green, *blue]);
    }
}

/// A point operation on colours; grey pictures get colour channels first.
pub(crate) struct Recolour<F>(pub(crate) F);

impl<F: OfColours + Send + Sync> Point for Recolour<F> {
    fn dependence(&self) -> Dependence {
        Dependence::Pixel
    }

    fn layout(&self, source: Layout) -> Layout {
        source.coloured()
    }

    fn apply(&self, strip: &mut Strip<'_>) {
        strip.spread();
        map_colours(strip, &self.0);
    }
}

/// A point operation that leaves one grey of three colours; grey pictures stay as they are.
pub(crate) struct ToGrey<F>(pub(crate) F);

impl<F: OfColours<f32> + Send + Sync> Point for ToGrey<F> {
    fn dependence(&self) -> Dependence {
        Dependence::Pixel
    }

    fn layout(&self, source: Layout) -> Layout {
        source.grey()
    }

    fn apply(&self, strip: &mut Strip<'_>) {
        if let Some([red, green, blue]) = strip.rgb() {
            join(red, green, blue, &self.0);
        }
        strip.keep_first();
    }
}

/// A weighted sum of the channels, of which grey pictures result; the weights together are 1.
pub(crate) struct WeightedGrey(pub(crate) [f32; 3]);

impl Point for WeightedGrey {
    fn dependence(&self) -> Dependence {
        Dependence::Pixel
    }

    fn layout(&self, source: Layout) -> Layout {
        source.grey()
    }

    fn grey_by_bands(&self, source: Planar) -> Option<Box<dyn RowWise + '_>> {
        Some(Box::new(GreyBands::new(self.0, source)))
    }

    fn apply(&self, strip: &mut Strip<'_>) {
        let [of_red, of_green, of_blue] = self.0;
        ToGrey(|[red, green, blue]: [f32; 3]| of_red * red + of_green * green + of_blue * blue).apply(strip);
    }
}

/// Replaces the first plane by a function of all three.
#[multiversion(targets("x86_64+avx512f+avx512vl+avx512bw+avx512dq", "x86_64+avx2", "aarch64+neon"))]
fn join<F: OfColours<f32>>(red: &mut [f32], green: &[f32], blue: &[f32], function: &F) {
    for ((red, green), blue) in red.iter_mut().zip(green).zip(blue) {
        *red = function.at([*red, *green, *blue]);
    }
}

/// A point operation on colours that leaves grey pictures as they are.
pub(crate) struct OnColour<F>(pub(crate) F);

impl<F: OfColours + Send + Sync> Point for OnColour<F> {
    fn dependence(&self) -> Dependence {
        Dependence::Pixel
    }

    fn apply(&self, strip: &mut Strip<'_>) {
        map_colours(strip, &self.0);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hsl_and_back() {
        for (rgb, hsl) in [
            ([1.0, 0.0, 0.0], [0.0, 1.0, 0.5]),
            ([0.0, 0.5, 0.0], [120.0, 1.0, 0.25]),
            ([0.25, 0.25, 0.75], [240.0, 0.5, 0.5]),
            ([1.0, 0.5, 0.0], [30.0, 1.0, 0.5]),
            ([1.0, 0.0, 0.5], [330.0, 1.0, 0.5]),
            ([0.3; 3], [0.0, 0.0, 0.3]),
            ([1.0; 3], [0.0, 0.0, 1.0]),
        ] {
            for (v, e) in to_hsl(rgb).into_iter().zip(hsl) {
                assert!((v - e).abs() < 1e-4, "{rgb:?}");
            }
        }
        for i in 0..4096 {
            let rgb = [i % 16, i / 16 % 16, i / 256].map(|v| v as f32 / 15.0);
            for (v, e) in from_hsl(to_hsl(rgb)).into_iter().zip(rgb) {
                assert!((v - e).abs() < 1e-5, "{rgb:?}");
            }
        }
    }
}
