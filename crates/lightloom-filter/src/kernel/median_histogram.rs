//! Medians of large squares of bytes in constant time (Perreault and Hébert 2007): each column has a histogram that
//! moves down with the rows, and the histogram of the square, their sum, moves along the row. Sixteen coarse bins tell
//! in which sixteen fine bins the median is; only those are then updated.
//!
//! The picture is processed in bands of columns, so that their histograms stay in the cache.

use std::ops::Range;

use multiversion::multiversion;

use lightloom_picture::View;

/// Columns of a band, without its margins.
const BAND: usize = 96;

/// Histogram of a column or a square.
#[derive(Clone)]
struct Counts {
    coarse: [u16; 16],
    fine: [[u16; 16]; 16],
}

const NONE: Counts = Counts { coarse: [0; 16], fine: [[0; 16]; 16] };

impl Counts {
    #[inline(always)]
    fn put(&mut self, value: u8, change: u16) {
        let (high, low) = (usize::from(value >> 4), usize::from(value & 15));
        self.coarse[high] = self.coarse[high].wrapping_add(change);
        self.fine[high][low] = self.fine[high][low].wrapping_add(change);
    }
}

#[inline(always)]
fn exchange(sum: &mut [u16; 16], leaving: &[u16; 16], coming: &[u16; 16]) {
    for i in 0..16 {
        sum[i] = sum[i].wrapping_add(coming[i]).wrapping_sub(leaving[i]);
    }
}

/// The first bin at which the running sum exceeds `middle`, and `middle` less the sum before it.
#[inline(always)]
fn find(bins: &[u16; 16], mut middle: u16) -> (usize, u16) {
    for (i, bin) in bins.iter().enumerate() {
        if middle < *bin {
            return (i, middle);
        }
        middle -= bin;
    }
    (15, 0)
}

/// The medians of one row of one channel; there are `2 * radius` more `columns` than pixels.
#[multiversion(targets("x86_64+avx2", "aarch64+neon"))]
fn row_of_medians(target: &mut [u8], columns: &[Counts], radius: usize, channels: usize) {
    let side = 2 * radius + 1;
    let mut square = NONE;
    // for each coarse bin, the range of columns whose fine bins have been added up
    let mut known = [(0, 0); 16];
    for column in &columns[..side] {
        exchange(&mut square.coarse, &NONE.coarse, &column.coarse);
    }
    let middle = (side * side / 2) as u16;
    for x in 0..columns.len() + 1 - side {
        if x > 0 {
            exchange(&mut square.coarse, &columns[x - 1].coarse, &columns[x + side - 1].coarse);
        }
        let (high, rest) = find(&square.coarse, middle);
        let (first, end) = &mut known[high];
        let fine = &mut square.fine[high];
        if *end <= x + radius {
            // too little overlap: start afresh
            *fine = [0; 16];
            (*first, *end) = (x, x);
        }
        while *first < x {
            exchange(fine, &columns[*first].fine[high], &NONE.coarse);
            *first += 1;
        }
        while *end < x + side {
            exchange(fine, &NONE.coarse, &columns[*end].fine[high]);
            *end += 1;
        }
        let (low, _) = find(fine, rest);
        target[x * channels] = (high * 16 + low) as u8;
    }
}

/// The medians of squares that extend `radius` pixels to each side.
pub(crate) fn rows(source: View<'_, u8>, rows: Range<u32>, target: &mut [u8], radius: usize) {
    let (stride, channels) = (source.stride(), source.layout().channels());
    let width = source.width() as usize;
    if stride == 0 {
        return;
    }
    // the row that would come after the last square is not looked at
    let last = (i64::from(rows.end) - 1 + radius as i64).min(i64::from(source.height()) - 1);
    let row = |y: i64| source.row(y.clamp(0, last) as u32);
    for left in (0..width).step_by(BAND) {
        let pixels = BAND.min(width - left);
        let offset = |column: usize| (left + column).saturating_sub(radius).min(width - 1) * channels;
        for channel in 0..channels {
            let mut columns = vec![NONE; pixels + 2 * radius];
            let above = i64::from(rows.start) - radius as i64;
            for y in above..above + 2 * radius as i64 + 1 {
                let row = row(y);
                for (i, column) in columns.iter_mut().enumerate() {
                    column.put(row[offset(i) + channel], 1);
                }
            }
            for (y, target) in rows.clone().zip(target.chunks_exact_mut(stride)) {
                row_of_medians(&mut target[left * channels + channel..], &columns, radius, channels);
                let (leaving, coming) = (row(i64::from(y) - radius as i64), row(i64::from(y) + radius as i64 + 1));
                for (i, column) in columns.iter_mut().enumerate() {
                    let at = offset(i) + channel;
                    column.put(leaving[at], u16::MAX);
                    column.put(coming[at], 1);
                }
            }
        }
    }
}
