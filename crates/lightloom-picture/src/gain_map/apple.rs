//! Apple's former gain maps (photos of iPhones since iOS 14): gains are linear, and how far they go stands in the maker
//! note.
//!
//! Source: Apple, "Applying Apple HDR effect to your photos". The light of a pixel is multiplied by
//! 1 + (headroom − 1) · v, with v decoded by the transfer function of Rec. 709.

use super::{GainCurve, GainMap, GainMapMetadata};
use crate::Raster;
use crate::exif::{Exif, Section};

/// A gain map of that form, before its headroom is known.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct AppleMap {
    /// Brightest white over the white of SDR, as the map's own metadata have it.
    pub headroom: Option<f64>,
}

impl AppleMap {
    /// The same map in the form of ISO 21496-1. `exif` is that of the base picture. `None` if nothing says how far the
    /// gains go.
    pub fn to_gain_map(self, mut pixels: Raster<u8>, exif: Option<&[u8]>) -> Option<GainMap> {
        let headroom = self.headroom.or_else(|| maker_headroom(exif?)).filter(|v| *v > 1.0)?;
        let stops = headroom.log2();
        let table: Vec<u8> = (0..=255_u8)
            .map(|v| {
                let gain = 1.0 + (headroom - 1.0) * rec709_to_linear(f64::from(v) / 255.0);
                (gain.log2() / stops * 255.0).round() as u8
            })
            .collect();
        pixels.samples_mut().iter_mut().for_each(|v| *v = table[usize::from(*v)]);
        let curve = GainCurve { min: 0.0, max: stops, gamma: 1.0, base_offset: 0.0, alternate_offset: 0.0 };
        let metadata =
            GainMapMetadata { curves: [curve; 3], base_headroom: 0.0, alternate_headroom: stops, in_base_space: true };
        metadata.is_sane().then_some(GainMap { pixels, metadata })
    }
}

/// The inverse of the transfer function of ITU-R BT.709.
fn rec709_to_linear(v: f64) -> f64 {
    if v < 0.081 { v / 4.5 } else { ((v + 0.099) / 1.099).powf(1.0 / 0.45) }
}

/// The headroom by tags 33 and 48 of Apple's maker note.
fn maker_headroom(exif: &[u8]) -> Option<f64> {
    let exif = Exif::parse(exif)?;
    let starts = exif.text(Section::Picture, 0x010f).is_some_and(|make| make.starts_with("Apple"));
    let note = exif.maker_note().filter(|note| starts && note.starts_with(b"Apple iOS\0"))?;
    let (maker33, maker48) = (signed_ratio(note, 33).unwrap_or(0.0), signed_ratio(note, 48)?);
    let stops = match (maker33 < 1.0, maker48 <= 0.01) {
        (true, true) => -20.0 * maker48 + 1.8,
        (true, false) => -0.101 * maker48 + 1.601,
        (false, true) => -70.0 * maker48 + 3.0,
        (false, false) => -0.303 * maker48 + 2.303,
    };
    Some(stops.max(0.0).exp2())
}

/// An SRATIONAL of the note's directory, which is big-endian and counts offsets from the note's start.
fn signed_ratio(note: &[u8], tag: u16) -> Option<f64> {
    const DIRECTORY: usize = 14;
    let short = |at: usize| Some(u16::from_be_bytes(*note.get(at..)?.first_chunk()?));
    let long = |at: usize| Some(i32::from_be_bytes(*note.get(at..)?.first_chunk()?));
    let entries = (0..usize::from(short(DIRECTORY)?)).map(|i| DIRECTORY + 2 + 12 * i);
    let entry = entries.map_while(|at| short(at).map(|tag| (at, tag))).find(|(_, found)| *found == tag)?.0;
    let at = usize::try_from(long(entry + 8)?).ok().filter(|_| short(entry + 2) == Some(10))?;
    let (over, under) = (long(at)?, long(at.checked_add(4)?)?);
    (under != 0).then(|| f64::from(over) / f64::from(under))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Layout;

    fn exif(maker33: i32, maker48: i32) -> Vec<u8> {
        let mut note = b"Apple iOS\0\0\x01MM".to_vec();
        note.extend(2_u16.to_be_bytes());
        for (tag, offset) in [(33_u16, 44_u32), (48, 52)] {
            note.extend(tag.to_be_bytes());
            note.extend(10_u16.to_be_bytes());
            note.extend(1_u32.to_be_bytes());
            note.extend(offset.to_be_bytes());
        }
        note.extend([0; 4]);
        for value in [maker33, maker48] {
            note.extend(value.to_be_bytes());
            note.extend(1000_i32.to_be_bytes());
        }
        let mut exif = Exif::default();
        exif.set_text(Section::Picture, 0x010f, "Apple");
        exif.set_maker_note(&note);
        exif.to_block()
    }

    #[test]
    fn the_headroom_follows_apples_formula() {
        for (maker33, maker48, stops) in [(500, 5, 1.7), (500, 1000, 1.5), (1000, 5, 2.65), (2000, 1000, 2.0)] {
            let headroom = maker_headroom(&exif(maker33, maker48)).unwrap();
            assert!((headroom.log2() - stops).abs() < 1e-9, "{maker33} {maker48}: {}", headroom.log2());
        }
        let whole = exif(1, 1);
        for cut in 0..whole.len() {
            let _ = maker_headroom(&whole[..cut]);
        }
    }

    #[test]
    fn the_light_is_apples_within_a_hundredth() {
        let headroom = 6.0;
        let map = AppleMap { headroom: Some(headroom) };
        for v in 0..=255_u8 {
            let map = map.to_gain_map(Raster::new(1, 1, Layout::Grey, vec![v]), None).unwrap();
            let mut light = Raster::new(1, 1, Layout::Grey, vec![0.5_f32]);
            map.apply(&mut light);
            let expected = 0.5 * (1.0 + (headroom - 1.0) * rec709_to_linear(f64::from(v) / 255.0));
            assert!((f64::from(light.samples()[0]) / expected - 1.0).abs() < 0.01, "{v}");
        }
        assert!(AppleMap { headroom: None }.to_gain_map(Raster::new(1, 1, Layout::Grey, vec![0]), None).is_none());
    }
}
