//! Filters of rows (PNG third edition, section 9).

use multiversion::multiversion;

/// How a row is stored: as differences from what its neighbours predict.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Filter {
    None,
    Sub,
    Up,
    Average,
    Paeth,
}

impl Filter {
    const ALL: [Self; 5] = [Self::None, Self::Sub, Self::Up, Self::Average, Self::Paeth];
}

/// Undoes the filter of a row, of `BYTES` bytes per pixel. `above` is the row before, zeros for the first.
/// Returns None if there is no such filter.
pub(super) fn undo<const BYTES: usize>(filter: u8, above: &[u8], row: &mut [u8]) -> Option<()> {
    match Filter::ALL.get(usize::from(filter))? {
        Filter::None => {}
        Filter::Up => row.iter_mut().zip(above).for_each(|(byte, above)| *byte = byte.wrapping_add(*above)),
        Filter::Sub => undo_with::<BYTES>(above, row, |left, _, _| left),
        Filter::Average => undo_with::<BYTES>(above, row, |left, above, _| average(left, above)),
        Filter::Paeth => undo_with::<BYTES>(above, row, paeth),
    }
    Some(())
}

#[inline(always)]
fn undo_with<const BYTES: usize>(above: &[u8], row: &mut [u8], predict: impl Fn(u8, u8, u8) -> u8) {
    let (mut left, mut above_left) = ([0; BYTES], [0; BYTES]);
    for (pixel, above) in row.as_chunks_mut::<BYTES>().0.iter_mut().zip(above.as_chunks::<BYTES>().0) {
        for i in 0..BYTES {
            pixel[i] = pixel[i].wrapping_add(predict(left[i], above[i], above_left[i]));
        }
        (left, above_left) = (*pixel, *above);
    }
}

#[inline(always)]
fn average(left: u8, above: u8) -> u8 {
    ((u16::from(left) + u16::from(above)) / 2) as u8
}

/// The neighbour that is nearest to left + above − above left.
#[inline(always)]
fn paeth(left: u8, above: u8, above_left: u8) -> u8 {
    let to_left = (i16::from(above) - i16::from(above_left)).abs();
    let to_above = (i16::from(left) - i16::from(above_left)).abs();
    let to_above_left = (i16::from(left) + i16::from(above) - 2 * i16::from(above_left)).abs();
    let nearer = if to_above <= to_above_left { above } else { above_left };
    if to_left <= to_above && to_left <= to_above_left { left } else { nearer }
}

/// Chooses a filter for each row: the one whose differences are least in sum, by their size (section 12.7).
pub(super) struct Chooser {
    bytes_per_pixel: usize,
    above: Vec<u8>,
    /// Of each filter, and how its row sums up.
    candidates: [(Vec<u8>, u64); 5],
}

impl Chooser {
    pub(super) fn new(row: usize, bytes_per_pixel: usize) -> Self {
        Self { bytes_per_pixel, above: vec![0; row], candidates: std::array::from_fn(|_| (vec![0; row], 0)) }
    }

    /// Appends a row and its filter to `to`.
    pub(super) fn append(&mut self, row: &[u8], to: &mut Vec<u8>) {
        for (filter, (bytes, sum)) in Filter::ALL.into_iter().zip(&mut self.candidates) {
            *sum = apply(filter, self.bytes_per_pixel, &self.above, row, bytes);
        }
        let best = (0..self.candidates.len()).min_by_key(|i| self.candidates[*i].1).unwrap_or(0);
        to.push(best as u8);
        to.extend_from_slice(&self.candidates[best].0);
        self.above.copy_from_slice(row);
    }
}

/// Filters a row; returns the sum of its differences, by their size.
#[multiversion(targets("x86_64+avx512f+avx512vl+avx512bw+avx512dq", "x86_64+avx2", "aarch64+neon"))]
fn apply(filter: Filter, bytes_per_pixel: usize, above: &[u8], row: &[u8], to: &mut [u8]) -> u64 {
    let first = bytes_per_pixel.min(row.len());
    for i in 0..first {
        let prediction = match filter {
            Filter::None | Filter::Sub => 0,
            Filter::Up | Filter::Paeth => above[i],
            Filter::Average => above[i] / 2,
        };
        to[i] = row[i].wrapping_sub(prediction);
    }
    let to_left = &row[..row.len() - first];
    let rest = (&row[first..], to_left, &above[first..], &above[..row.len() - first]);
    match filter {
        Filter::None => to.copy_from_slice(row),
        Filter::Sub => apply_with(rest, &mut to[first..], |left, _, _| left),
        Filter::Up => apply_with(rest, &mut to[first..], |_, above, _| above),
        Filter::Average => apply_with(rest, &mut to[first..], |left, above, _| average(left, above)),
        Filter::Paeth => apply_with(rest, &mut to[first..], paeth),
    }
    // Sums of 16 bits for as long as they cannot overflow.
    to.chunks(256)
        .map(|part| u64::from(part.iter().map(|byte| u16::from((*byte as i8).unsigned_abs())).sum::<u16>()))
        .sum()
}

/// A row from some pixel on, and its neighbours to the left, above, and above to the left.
type Neighbours<'a> = (&'a [u8], &'a [u8], &'a [u8], &'a [u8]);

#[inline(always)]
fn apply_with((row, left, above, above_left): Neighbours<'_>, to: &mut [u8], predict: impl Fn(u8, u8, u8) -> u8) {
    for ((((to, byte), left), above), above_left) in to.iter_mut().zip(row).zip(left).zip(above).zip(above_left) {
        *to = byte.wrapping_sub(predict(*left, *above, *above_left));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_filter_can_be_undone() {
        let rows: [Vec<u8>; 2] =
            [3_u32, 5].map(|seed| (0..61 * seed).map(|i| (i * i * 7 + i / seed) as u8).take(60).collect());
        for (number, filter) in Filter::ALL.into_iter().enumerate() {
            for bytes_per_pixel in 1..=4 {
                let mut filtered = vec![0; 60];
                apply(filter, bytes_per_pixel, &rows[0], &rows[1], &mut filtered);
                let undone = match bytes_per_pixel {
                    1 => undo::<1>(number as u8, &rows[0], &mut filtered),
                    2 => undo::<2>(number as u8, &rows[0], &mut filtered),
                    3 => undo::<3>(number as u8, &rows[0], &mut filtered),
                    _ => undo::<4>(number as u8, &rows[0], &mut filtered),
                };
                assert_eq!((undone, &filtered), (Some(()), &rows[1]), "{filter:?}, {bytes_per_pixel}");
            }
        }
        assert_eq!(undo::<1>(5, &[0], &mut [0]), None);
    }
}
