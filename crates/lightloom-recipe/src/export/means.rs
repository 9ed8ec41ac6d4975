//! A much smaller copy of a picture or plane: means of rectangles, computed as its rows go by.

use lightloom_picture::{Chroma, Layout, Sample};
use multiversion::multiversion;

/// Rows of a rectangle that are looked at, evenly spread: more would only take time.
const MOST_ROWS: u32 = 6;

/// Means of the rectangles that a picture is cut into, laid over white.
pub(super) struct Means {
    layout: Layout,
    /// The first column of each rectangle, and the end of the last.
    columns: Vec<usize>,
    /// As many columns share a sample as two to the power of this.
    shared: u32,
    /// Rows of samples that are looked at, as many for each row of rectangles. One may be there twice.
    rows: Vec<u32>,
    rows_each: usize,
    /// How many have been.
    seen: usize,
    /// Sums of the colours down each column.
    sums: Vec<f32>,
    means: Vec<u8>,
}

impl Means {
    /// For a picture of this width and height, of so many columns and rows of rectangles: at least one, and at most as many
    /// as it has pixels. `shared` is how many pixels share a sample.
    pub(super) fn new(
        (width, height): (u32, u32),
        (layout, shared): (Layout, Chroma),
        (columns, rows): (u32, u32),
    ) -> Self {
        let share = |of: u32, at: u32, parts: u32| (u64::from(of) * u64::from(at) / u64::from(parts)) as u32;
        let rows_each = height.div_ceil(rows).min(MOST_ROWS);
        let middles = (0..rows * rows_each).map(|at| share(height, 2 * at + 1, 2 * rows * rows_each) / shared.rows);
        Self {
            layout,
            columns: (0..=columns).map(|at| share(width, at, columns) as usize).collect(),
            shared: shared.columns.trailing_zeros(),
            rows: middles.collect(),
            rows_each: rows_each as usize,
            seen: 0,
            sums: vec![0.0; width.div_ceil(shared.columns) as usize * layout.colours()],
            means: Vec::with_capacity(columns as usize * rows as usize * layout.colours()),
        }
    }

    /// Looks at row `y` of samples. Rows come from top to bottom.
    pub(super) fn add<S: Sample>(&mut self, y: u32, row: &[S]) {
        while self.rows.get(self.seen) == Some(&y) {
            let add = match self.layout {
                Layout::Grey => add::<S, 1, 1>,
                Layout::GreyAlpha => add::<S, 2, 1>,
                Layout::Rgb => add::<S, 3, 3>,
                Layout::Rgba => add::<S, 4, 3>,
            };
            add(&mut self.sums, row);
            self.seen += 1;
            if self.seen.is_multiple_of(self.rows_each) {
                self.end_row();
            }
        }
    }

    fn end_row(&mut self) {
        let colours = self.layout.colours();
        for columns in self.columns.windows(2) {
            let columns = columns[0]..columns[1];
            let share = 1.0 / (self.rows_each * columns.len()) as f32;
            let sum =
                |colour: usize| columns.clone().map(|x| self.sums[(x >> self.shared) * colours + colour]).sum::<f32>();
            self.means.extend((0..colours).map(|colour| u8::from_unit(share * sum(colour))));
        }
        self.sums.fill(0.0);
    }

    /// The means, colours interleaved; 0 where no rows have come.
    pub(super) fn finish(mut self) -> Vec<u8> {
        self.means.resize((self.columns.len() - 1) * (self.rows.len() / self.rows_each) * self.layout.colours(), 0);
        self.means
    }
}

#[multiversion(targets("x86_64+avx512f+avx512vl+avx512bw+avx512dq", "x86_64+avx2", "aarch64+neon"))]
fn add<S: Sample, const CHANNELS: usize, const COLOURS: usize>(sums: &mut [f32], row: &[S]) {
    if CHANNELS == COLOURS {
        sums.iter_mut().zip(row).for_each(|(sum, sample)| *sum += sample.to_unit().clamp(0.0, 1.0));
        return;
    }
    for (sums, pixel) in sums.as_chunks_mut::<COLOURS>().0.iter_mut().zip(row.as_chunks::<CHANNELS>().0) {
        let alpha = pixel[COLOURS].to_unit();
        for (sum, sample) in sums.iter_mut().zip(pixel) {
            *sum += sample.to_unit().clamp(0.0, 1.0) * alpha + 1.0 - alpha;
        }
    }
}
