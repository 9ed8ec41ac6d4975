//! Metadata of gain maps in the binary form of ISO 21496-1: big-endian fractions.
//!
//! Earlier drafts, which libultrahdr 1.x follows, have two flags more; both are understood when reading, and not written.

use super::{GainCurve, GainMapMetadata};

/// Each colour has a curve of its own.
const MULTICHANNEL: u8 = 0x80;
/// The map is applied in the colour space of the base picture.
const BASE_SPACE: u8 = 0x40;
/// Of drafts: all fractions have the same denominator, which is written once.
const COMMON_DENOMINATOR: u8 = 0x08;

struct Reader<'a> {
    bytes: &'a [u8],
    common: Option<u32>,
}

impl Reader<'_> {
    fn take<const N: usize>(&mut self) -> Option<[u8; N]> {
        let (taken, rest) = self.bytes.split_first_chunk()?;
        self.bytes = rest;
        Some(*taken)
    }

    fn over(&mut self, numerator: f64) -> Option<f64> {
        let denominator = match self.common {
            Some(common) => common,
            None => u32::from_be_bytes(self.take()?),
        };
        (denominator != 0).then(|| numerator / f64::from(denominator))
    }

    fn unsigned(&mut self) -> Option<f64> {
        let numerator = u32::from_be_bytes(self.take()?);
        self.over(numerator.into())
    }

    fn signed(&mut self) -> Option<f64> {
        let numerator = i32::from_be_bytes(self.take()?);
        self.over(numerator.into())
    }
}

impl GainMapMetadata {
    /// Reads the block that follows the name of the standard in a JPEG segment.
    pub fn from_iso(block: &[u8]) -> Option<Self> {
        let mut reader = Reader { bytes: block, common: None };
        // The version that a reader must know, and that of the writer.
        let (least, _) = (u16::from_be_bytes(reader.take()?), reader.take::<2>()?);
        let [flags] = reader.take()?;
        if least != 0 {
            return None;
        }
        if flags & COMMON_DENOMINATOR != 0 {
            reader.common = Some(u32::from_be_bytes(reader.take()?));
        }
        let (base_headroom, alternate_headroom) = (reader.unsigned()?, reader.unsigned()?);
        let mut curve = || {
            let (min, max, gamma) = (reader.signed()?, reader.signed()?, reader.unsigned()?);
            Some(GainCurve { min, max, gamma, base_offset: reader.signed()?, alternate_offset: reader.signed()? })
        };
        let first = curve()?;
        let curves = if flags & MULTICHANNEL != 0 { [first, curve()?, curve()?] } else { [first; 3] };
        let metadata = Self { curves, base_headroom, alternate_headroom, in_base_space: flags & BASE_SPACE != 0 };
        metadata.is_sane().then_some(metadata)
    }

    /// Writes what [`Self::from_iso`] reads.
    pub fn to_iso(&self) -> Vec<u8> {
        let mut out = vec![0; 4];
        let several = !self.is_uniform();
        out.push(if several { MULTICHANNEL } else { 0 } | if self.in_base_space { BASE_SPACE } else { 0 });
        let mut push = |value: f64| {
            let (numerator, denominator) = fraction(value);
            out.extend(numerator.to_be_bytes());
            out.extend(denominator.to_be_bytes());
        };
        push(self.base_headroom);
        push(self.alternate_headroom);
        for GainCurve { min, max, gamma, base_offset, alternate_offset } in &self.curves[..if several { 3 } else { 1 }]
        {
            [*min, *max, *gamma, *base_offset, *alternate_offset].into_iter().for_each(&mut push);
        }
        out
    }
}

/// The simplest fraction that is as near as a float of 32 bits (continued fractions); the value is within
/// [`MOST_STOPS`](super::MOST_STOPS) or a gamma.
fn fraction(value: f64) -> (i32, u32) {
    let magnitude = value.abs();
    let (mut before, mut now) = ((0_u64, 1_u64), (1_u64, 0_u64));
    let mut rest = magnitude;
    loop {
        let whole = rest.floor();
        let next = (whole as u64 * now.0 + before.0, whole as u64 * now.1 + before.1);
        if next.0 > i32::MAX as u64 || next.1 > i32::MAX as u64 {
            break;
        }
        (before, now) = (now, next);
        if (now.0 as f64 / now.1 as f64 - magnitude).abs() <= magnitude * 1e-9 || rest - whole < 1e-12 {
            break;
        }
        rest = 1.0 / (rest - whole);
    }
    let numerator = now.0 as i32;
    (if value < 0.0 { -numerator } else { numerator }, now.1.max(1) as u32)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::gain_map::tests::two_stops;
    use crate::{Layout, Raster};

    #[test]
    fn fractions_are_the_simplest() {
        let cases =
            [(0.0, (0, 1)), (1.0, (1, 1)), (1.0 / 64.0, (1, 64)), (-2.3, (-23, 10)), (0.333_333_333_333, (1, 3))];
        for (value, expected) in cases {
            assert_eq!(fraction(value), expected, "{value}");
        }
        for value in [std::f64::consts::PI, 1e-7, 31.999_999, 0.045_471_23, 1000.0] {
            let (over, under) = fraction(value);
            assert!((f64::from(over) / f64::from(under) - value).abs() < 1e-8 * value.max(1.0), "{value}");
        }
    }

    #[test]
    fn what_is_written_is_read_back() {
        let mut metadata = two_stops(Raster::new(1, 1, Layout::Grey, vec![0])).metadata;
        assert_eq!(GainMapMetadata::from_iso(&metadata.to_iso()), Some(metadata));
        assert_eq!(metadata.to_iso().len(), 5 + 16 + 40);
        metadata.curves[1].min = -0.7;
        metadata.in_base_space = false;
        let block = metadata.to_iso();
        assert_eq!((block.len(), GainMapMetadata::from_iso(&block)), (5 + 16 + 120, Some(metadata)));
        for cut in 0..block.len() {
            assert_eq!(GainMapMetadata::from_iso(&block[..cut]), None);
        }
    }

    /// Laid out by hand after the standard's table: one channel, headrooms 0/1 and 3/1, gains −1/2 to 3/1, gamma 1/1,
    /// offsets 1/64 — with fractions, and in the draft's form with a common denominator.
    #[test]
    fn both_forms_are_read() {
        let number = |n: i32| n.to_be_bytes();
        let pairs = [(0, 1), (3, 1), (-1, 2), (3, 1), (1, 1), (1, 64), (1, 64)];
        let mut block = vec![0, 0, 0, 0, 0x40];
        pairs.iter().for_each(|(n, d)| block.extend([number(*n), number(*d)].concat()));
        let read = GainMapMetadata::from_iso(&block).unwrap();
        assert_eq!((read.curves[2].min, read.curves[2].max, read.alternate_headroom), (-0.5, 3.0, 3.0));
        let mut common = vec![0, 0, 0, 0, 0x48];
        common.extend(number(64));
        pairs.iter().for_each(|(n, d)| common.extend(number(n * 64 / d)));
        assert_eq!(GainMapMetadata::from_iso(&common), Some(read));
        block[12] = 0;
        assert_eq!(GainMapMetadata::from_iso(&block), None, "a denominator of zero");
        let mut later = block.clone();
        later[1] = 1;
        assert_eq!(GainMapMetadata::from_iso(&later), None, "a version that this reader does not know");
    }
}
