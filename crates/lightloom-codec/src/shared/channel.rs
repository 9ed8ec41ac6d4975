//! A channel that a mask picks from a pixel's bits.

/// A channel: where its bits are, and what they mean in eight.
pub(crate) struct Channel {
    mask: u32,
    shift: u32,
    table: Box<[u8; 256]>,
}

impl Default for Channel {
    /// A channel that is always zero.
    fn default() -> Self {
        Self { mask: 0, shift: 0, table: Box::new([0; 256]) }
    }
}

impl Channel {
    /// From its mask, of which the highest eight bits are used; `None` if it is empty.
    pub fn new(mask: u32) -> Option<Self> {
        let low = mask.checked_ilog2()?.saturating_sub(7).max(mask.trailing_zeros());
        let white = mask >> low;
        let mut table = Box::new([0; 256]);
        for (value, wide) in (0_u32..).zip(table.iter_mut()) {
            *wide = ((value.min(white) * 255 + white / 2) / white) as u8;
        }
        Some(Self { mask, shift: low, table })
    }

    /// Its value in a pixel, 255 for the largest.
    #[inline]
    pub fn of(&self, pixel: u32) -> u8 {
        self.table[((pixel & self.mask) >> self.shift) as usize & 255]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_width_goes_from_black_to_white() {
        for bits in 1..=32_u32 {
            for shift in 0..=32 - bits {
                let mask = (((1_u64 << bits) - 1) << shift) as u32;
                let channel = Channel::new(mask).unwrap();
                assert_eq!((channel.of(0), channel.of(!mask), channel.of(mask)), (0, 0, 255), "{bits} at {shift}");
                let half = channel.of(1_u32.checked_shl(shift + bits - 1).unwrap());
                assert!(bits == 1 || half.abs_diff(128) <= 42, "{half}");
            }
        }
        // Five bits, as 255 × value / 31, rounded.
        let five = Channel::new(0x7c00).unwrap();
        assert_eq!([1, 7, 16, 30].map(|v| five.of(v << 10)), [8, 58, 132, 247]);
        assert!(Channel::new(0).is_none());
    }
}
