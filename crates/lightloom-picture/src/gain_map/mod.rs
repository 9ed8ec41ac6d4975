//! Gain maps (ISO 21496-1, Adobe's gain map specification 1.0): a small picture that says by how much each pixel of the
//! base picture becomes brighter, or darker, on a display of another dynamic range.
//!
//! A gain map belongs to the pixels of its base, whatever sizes the two have. Where those move it moves along
//! ([`GainMap::through`]); applied ([`GainMap::apply`]), it gives the alternate rendition.

mod apple;
mod iso;
mod moved;
pub mod xmp;

pub use apple::AppleMap;

use crate::{Layout, Raster};

/// A gain map with what is needed to apply it.
#[derive(Debug, Clone, PartialEq)]
pub struct GainMap {
    /// Grey, or a channel for each colour; encoded as [`GainCurve`] says.
    pub pixels: Raster<u8>,
    pub metadata: GainMapMetadata,
}

/// How a gain map is applied.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct GainMapMetadata {
    /// For red, green and blue.
    pub curves: [GainCurve; 3],
    /// Headroom of the display that the base picture is for: log2 of its brightest white over SDR white. 0 for SDR.
    pub base_headroom: f64,
    /// The same of the alternate rendition.
    pub alternate_headroom: f64,
    /// Whether it is applied in the colour space of the base picture, not in that of the alternate rendition.
    pub in_base_space: bool,
}

/// How samples of a gain map encode gains: a share v stands for a gain of min + (max − min) · v^(1/gamma), in log2; it
/// multiplies linear light, offset by a little so that blacks do not divide by zero. Gains are those from the lower dynamic
/// range to the higher, also where the base picture has the higher one, whose light they divide (ISO 21496-1, 6.3).
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct GainCurve {
    pub min: f64,
    pub max: f64,
    pub gamma: f64,
    /// Added to the base before it is multiplied.
    pub base_offset: f64,
    /// Subtracted afterwards.
    pub alternate_offset: f64,
}

/// Largest gain or headroom that is believed, in stops.
const MOST_STOPS: f64 = 32.0;

impl GainCurve {
    /// Log2 of the gain that a share stands for.
    fn stops(&self, share: f64) -> f64 {
        let share = if self.gamma == 1.0 { share } else { share.powf(1.0 / self.gamma) };
        self.min + (self.max - self.min) * share
    }

    /// The share that stands for a gain of one, or for the nearest that there is.
    fn neutral(&self) -> f64 {
        let range = self.max - self.min;
        if range <= 0.0 { 0.0 } else { (-self.min / range).clamp(0.0, 1.0).powf(self.gamma) }
    }

    fn is_sane(&self) -> bool {
        let stops = -MOST_STOPS..=MOST_STOPS;
        stops.contains(&self.min)
            && stops.contains(&self.max)
            && self.min <= self.max
            && (1e-3..=1e3).contains(&self.gamma)
            && (-1.0..=1.0).contains(&self.base_offset)
            && (-1.0..=1.0).contains(&self.alternate_offset)
    }
}

impl GainMapMetadata {
    /// Whether it can be applied: numbers are finite and within reason.
    fn is_sane(&self) -> bool {
        let headroom = 0.0..=MOST_STOPS;
        headroom.contains(&self.base_headroom)
            && headroom.contains(&self.alternate_headroom)
            && self.curves.iter().all(GainCurve::is_sane)
    }

    /// Whether all colours have the same curve.
    fn is_uniform(&self) -> bool {
        self.curves.iter().all(|curve| *curve == self.curves[0])
    }

    /// Whether the base picture has the higher dynamic range.
    pub fn is_base_hdr(&self) -> bool {
        self.base_headroom > self.alternate_headroom
    }
}

impl GainMap {
    /// Turns the base picture, in linear light where 1 is the white of SDR, into the alternate rendition. The map may be
    /// of any size; positions in between are interpolated. Pixels of one colour get the first channel's gain.
    pub fn apply(&self, base: &mut Raster<f32>) {
        let (layout, width, height) = (base.layout(), base.width(), base.height());
        let stride = base.stride();
        let sampler = moved::Sampler::new(&self.pixels);
        let scale = (
            f64::from(self.pixels.width()) / f64::from(width.max(1)),
            f64::from(self.pixels.height()) / f64::from(height.max(1)),
        );
        let sign = if self.metadata.is_base_hdr() { -1.0 } else { 1.0 };
        let rows = base.samples_mut().chunks_exact_mut(stride.max(1));
        for (y, row) in rows.enumerate() {
            for (x, pixel) in row.chunks_exact_mut(layout.channels()).enumerate() {
                let shares = sampler.at((x as f64 + 0.5) * scale.0, (y as f64 + 0.5) * scale.1);
                for ((sample, curve), share) in
                    pixel[..layout.colours()].iter_mut().zip(&self.metadata.curves).zip(shares)
                {
                    let gain = (sign * curve.stops(share)).exp2();
                    let light = (f64::from(*sample) + curve.base_offset) * gain - curve.alternate_offset;
                    *sample = light as f32;
                }
            }
        }
    }

    /// The map for the alternate rendition as the base picture: the way back.
    #[must_use]
    pub fn reversed(&self) -> Self {
        let GainMapMetadata { curves, base_headroom, alternate_headroom, in_base_space } = self.metadata;
        let curves = curves.map(|curve| GainCurve {
            base_offset: curve.alternate_offset,
            alternate_offset: curve.base_offset,
            ..curve
        });
        let metadata = GainMapMetadata {
            curves,
            base_headroom: alternate_headroom,
            alternate_headroom: base_headroom,
            in_base_space: !in_base_space,
        };
        Self { pixels: self.pixels.clone(), metadata }
    }

    /// Whether each colour has a channel of its own.
    pub fn is_coloured(&self) -> bool {
        self.pixels.layout() == Layout::Rgb
    }
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;

    /// A map whose gains go from 1 to 4.
    pub(crate) fn two_stops(pixels: Raster<u8>) -> GainMap {
        let curve = GainCurve { min: 0.0, max: 2.0, gamma: 1.0, base_offset: 1.0 / 64.0, alternate_offset: 1.0 / 64.0 };
        let metadata =
            GainMapMetadata { curves: [curve; 3], base_headroom: 0.0, alternate_headroom: 2.0, in_base_space: true };
        GainMap { pixels, metadata }
    }

    /// Values of libavif 1.x for gains from 0 to 2 stops and offsets of 1/64.
    #[test]
    fn applying_gives_what_libavif_gives() {
        let cases = [(0, 0.5, 0.5), (255, 0.0, 0.046_875), (255, 0.18, 0.766_875), (255, 1.0, 4.046_875)];
        for (share, base, expected) in cases {
            let map = two_stops(Raster::new(1, 1, Layout::Grey, vec![share]));
            let mut picture = Raster::new(2, 1, Layout::Rgba, [base, base, base, 0.25].repeat(2));
            map.apply(&mut picture);
            for pixel in picture.samples().chunks_exact(4) {
                assert!(pixel[..3].iter().all(|v| (v - expected).abs() < 1e-5), "{pixel:?}, not {expected}");
                assert_eq!(pixel[3], 0.25);
            }
        }
    }

    #[test]
    fn the_way_back_leads_to_the_base() {
        for share in [0, 90, 255] {
            let mut map = two_stops(Raster::new(1, 1, Layout::Grey, vec![share]));
            for curve in &mut map.metadata.curves {
                (curve.min, curve.base_offset) = (-0.5, 0.03);
            }
            let back = map.reversed();
            assert!(back.metadata.is_base_hdr() && back.reversed() == map);
            let mut picture = Raster::new(3, 1, Layout::Grey, vec![0.0_f32, 0.25, 1.0]);
            map.apply(&mut picture);
            // A base of high dynamic range is divided by its gains.
            let gain = 2_f32.powf(-0.5 + 2.5 * f32::from(share) / 255.0);
            assert!((picture.samples()[2] - ((1.0 + 0.03) * gain - 1.0 / 64.0)).abs() < 1e-5);
            back.apply(&mut picture);
            assert!(picture.samples().iter().zip([0.0, 0.25, 1.0]).all(|(a, b)| (a - b).abs() < 1e-5), "{picture:?}");
        }
    }

    #[test]
    fn channels_have_curves_of_their_own() {
        let mut map = two_stops(Raster::new(1, 1, Layout::Rgb, vec![255, 255, 64]));
        map.metadata.curves[1].max = 1.0;
        map.metadata.curves[2].gamma = 0.5;
        let mut picture = Raster::new(1, 1, Layout::Rgb, vec![0.25_f32; 3]);
        map.apply(&mut picture);
        let third = 2_f64.powf(2.0 * (64.0 / 255.0_f64).powf(2.0));
        for (got, gain) in picture.samples().iter().zip([4.0, 2.0, third]) {
            let expected = (0.25 + 1.0 / 64.0) * gain - 1.0 / 64.0;
            assert!((f64::from(*got) - expected).abs() < 1e-5, "{got}, not {expected}");
        }
    }
}
