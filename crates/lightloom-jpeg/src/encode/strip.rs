//! The samples of one row of units: what has arrived, and beyond the edges of the picture its outermost samples.

use super::colour::{Planar, convert, halve, halve_columns};
use super::scan::{GROUP, Source};
use super::transform::Samples;
use super::{Plane, Sampling};

/// Luma or grey, Cb and Cr; rows are as long as whole groups.
pub(super) struct Strip {
    planes: [Vec<u8>; 3],
    /// Bytes from a row of each plane to its next one.
    pitches: [usize; 3],
    /// Two rows of Cb and Cr before they are made smaller.
    full: [[Vec<u8>; 2]; 2],
    /// Rows of luma that have arrived.
    filled: usize,
    rows: usize,
    width: usize,
    sampling: Sampling,
}

impl Strip {
    /// For pictures of this width; without chroma, nothing is held for it.
    pub(super) fn new(width: usize, rows: usize, sampling: Sampling, has_chroma: bool) -> Self {
        let pitch = width.next_multiple_of(GROUP);
        let chroma = if has_chroma { pitch / sampling.columns() } else { 0 };
        let full = if has_chroma { pitch } else { 0 };
        Self {
            planes: [vec![0; pitch * rows], vec![0; chroma * 8], vec![0; chroma * 8]],
            pitches: [pitch, chroma, chroma],
            full: std::array::from_fn(|_| [vec![0; full], vec![0; full]]),
            filled: 0,
            rows,
            width,
            sampling,
        }
    }

    pub(super) fn is_full(&self) -> bool {
        self.filled == self.rows
    }

    pub(super) fn sampling(&self) -> Sampling {
        self.sampling
    }

    /// Rows of luma that it still takes.
    pub(super) fn room(&self) -> usize {
        self.rows - self.filled
    }

    /// Takes a row of grey samples.
    pub(super) fn push_grey(&mut self, row: &[u8]) {
        let at = self.filled * self.pitches[0];
        copy(&mut self.planes[0][at..at + self.pitches[0]], row);
        self.filled += 1;
    }

    /// Takes a row of RGB pixels.
    pub(super) fn push_rgb(&mut self, row: &[u8]) {
        let (pitch, width) = (self.pitches[0], self.width);
        let [luma, cb, cr] = &mut self.planes;
        let at = self.filled * pitch;
        let luma = &mut luma[at..at + pitch];
        if self.sampling == Sampling::S444 {
            let (cb, cr) = (&mut cb[at..at + pitch], &mut cr[at..at + pitch]);
            convert(row, Planar { luma, cb, cr });
            [luma, cb, cr].into_iter().for_each(|row| extend(row, width));
        } else {
            let [cb, cr] = &mut self.full[self.filled % 2];
            convert(row, Planar { luma, cb, cr });
            [luma, cb, cr].into_iter().for_each(|row| extend(row, width));
        }
        self.filled += 1;
        let pairs_rows = self.sampling == Sampling::S420;
        if self.sampling == Sampling::S422 || pairs_rows && self.filled.is_multiple_of(2) {
            self.shrink_chroma();
        }
    }

    /// Makes what has arrived of chroma smaller.
    fn shrink_chroma(&mut self) {
        let pitch = self.pitches[1];
        let at = (self.filled - 1) / self.sampling.rows() * pitch;
        let last = (self.filled - 1) % 2;
        for (plane, to) in self.planes[1..].iter_mut().enumerate() {
            let to = &mut to[at..at + pitch];
            match self.sampling {
                Sampling::S420 => halve(to, &self.full[0][plane], &self.full[last][plane]),
                _ => halve_columns(to, &self.full[last][plane]),
            }
        }
    }

    /// Takes rows of planes, from luma's row `first` on, and with them those of chroma that begin there.
    pub(super) fn push_planes(&mut self, planes: &[Plane<'_>; 3], first: usize, rows: usize) {
        for (i, plane) in planes.iter().enumerate() {
            let (columns, lines) = if i == 0 { (1, 1) } else { (self.sampling.columns(), self.sampling.rows()) };
            let (width, pitch) = (self.width.div_ceil(columns), self.pitches[i]);
            let from = plane.samples[first / lines * plane.pitch..].chunks(plane.pitch);
            let to = self.planes[i][self.filled / lines * pitch..].chunks_exact_mut(pitch);
            to.zip(from).take(rows.div_ceil(lines)).for_each(|(to, from)| copy(to, &from[..width]));
        }
        self.filled += rows;
    }

    /// Repeats the last rows down to the end of the strip. Returns how many rows of luma there were.
    pub(super) fn complete(&mut self) -> usize {
        let filled = std::mem::take(&mut self.filled);
        for (i, plane) in self.planes.iter_mut().enumerate() {
            let pitch = self.pitches[i];
            let rows = if i == 0 { filled } else { filled.div_ceil(self.sampling.rows()) };
            for at in (rows * pitch..plane.len()).step_by(pitch.max(1)) {
                plane.copy_within((rows - 1) * pitch..rows * pitch, at);
            }
        }
        filled
    }

    /// Makes the row of chroma that waits for a second row of luma, which there is not.
    pub(super) fn finish_chroma(&mut self) {
        if self.sampling == Sampling::S420 && self.filled % 2 == 1 {
            self.shrink_chroma();
        }
    }

    /// A row of a plane.
    #[cfg(test)]
    pub(super) fn row(&self, plane: usize, row: usize) -> &[u8] {
        &self.planes[plane][row * self.pitches[plane]..][..self.pitches[plane]]
    }

    /// Puts the samples of a batch of a group where one of two batches is.
    pub(super) fn gather(&self, group: usize, source: Source, to: &mut Samples, batch: usize) {
        let row = |plane: usize, row: usize, length: usize| {
            let at = row * self.pitches[plane] + group * length;
            &self.planes[plane][at..at + length]
        };
        for (y, to) in to.iter_mut().enumerate() {
            match source {
                Source::Rows { plane, first } => {
                    let from = row(plane, first + y, GROUP).as_chunks().0;
                    to.iter_mut().zip(from).for_each(|(to, from)| to[batch] = *from);
                }
                Source::Chroma => {
                    let cb = row(1, y, GROUP / 2).as_chunks::<8>().0;
                    let cr = row(2, y, GROUP / 2).as_chunks::<8>().0;
                    for (to, (cb, cr)) in to.iter_mut().zip(cb.iter().zip(cr)) {
                        to[batch][..8].copy_from_slice(cb);
                        to[batch][8..].copy_from_slice(cr);
                    }
                }
            }
        }
    }
}

/// A row, and its last sample beyond.
fn copy(to: &mut [u8], from: &[u8]) {
    to[..from.len()].copy_from_slice(from);
    extend(to, from.len());
}

/// Repeats the last of so many samples.
fn extend(row: &mut [u8], width: usize) {
    let last = row[width - 1];
    row[width..].fill(last);
}
