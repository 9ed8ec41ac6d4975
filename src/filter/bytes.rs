//! Samples seen as bytes, for libraries that take untyped buffers.
//!
//! The only unsafe code of this room. Copying instead was measured out: it doubles the memory traffic of a resize of
//! 16-bit and float pictures.

use crate::picture::Sample;

/// A sample that is nothing but its bytes: no padding, and every bit pattern is a value.
pub(super) trait Bytes: Sample {
    /// The same memory.
    fn bytes(samples: &[Self]) -> &[u8];
    /// The same memory.
    fn bytes_mut(samples: &mut [Self]) -> &mut [u8];
}

macro_rules! plain_numbers {
    ($($number:ty),*) => {$(
        impl Bytes for $number {
            fn bytes(samples: &[Self]) -> &[u8] {
                // SAFETY: the number has no padding and u8 has no alignment, so every byte of it is a u8.
                unsafe { samples.align_to::<u8>().1 }
            }
            fn bytes_mut(samples: &mut [Self]) -> &mut [u8] {
                // SAFETY: as above; and whatever bytes are written are a value of the number again.
                unsafe { samples.align_to_mut::<u8>().1 }
            }
        }
    )*};
}

plain_numbers!(u8, u16, f32);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bytes_are_the_samples() {
        assert_eq!(u16::bytes(&[1, 515]), [1_u16.to_ne_bytes(), 515_u16.to_ne_bytes()].concat());
        let mut floats = [1.5_f32, 0.0];
        f32::bytes_mut(&mut floats)[4..].copy_from_slice(&2.5_f32.to_ne_bytes());
        assert_eq!(floats, [1.5, 2.5]);
    }
}
