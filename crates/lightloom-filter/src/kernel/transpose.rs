//! Transposition of squares as wide as a vector.

/// 32-bit numbers of the widest vector.
pub(crate) const LANES: usize = 16;

/// Rows and columns of lanes, where vectors are loaded and stored fastest.
#[repr(align(64))]
pub(crate) struct Square(pub(crate) [u32; LANES * LANES]);

/// Transposes a square: each perfect shuffle moves one bit of the row's number to the column's (Stone 1971).
#[inline(always)]
pub(crate) fn transpose(square: &mut [u32; LANES * LANES]) {
    let mut shuffled = Square([0; LANES * LANES]);
    shuffle(square, &mut shuffled.0);
    shuffle(&shuffled.0, square);
    shuffle(square, &mut shuffled.0);
    shuffle(&shuffled.0, square);
}

/// Interleaves both halves.
#[inline(always)]
fn shuffle<const COUNT: usize>(from: &[u32; COUNT], to: &mut [u32; COUNT]) {
    for i in 0..COUNT / 2 {
        to[2 * i] = from[i];
        to[2 * i + 1] = from[COUNT / 2 + i];
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rows_become_columns() {
        let mut square = Square(std::array::from_fn(|i| i as u32));
        transpose(&mut square.0);
        for (i, v) in square.0.iter().enumerate() {
            assert_eq!(*v as usize, i % LANES * LANES + i / LANES);
        }
    }
}
