//! A small copy of the picture, a few values per cell: where slow changes of light are measured, at a cost that does
//! not grow with the radius.
//!
//! Cells average whole blocks of pixels. All sums run along whole rows of cells, so nothing depends on strips or
//! workers.

use multiversion::multiversion;

use crate::kernel::histogram::{luma, lumas};
use crate::{Stopped, Strip, Work};
use lightloom_picture::with_raster;
use lightloom_picture::{Layout, Pixels, Raster, Sample};

/// `N` values for each cell.
#[derive(Debug, Clone)]
pub(crate) struct Field<const N: usize> {
    pub(crate) width: usize,
    pub(crate) height: usize,
    /// Pixels along each side of a cell.
    pub(crate) factor: usize,
    pub(crate) cells: Vec<[f32; N]>,
}

/// Colours of a pixel as three channels, unit range, and its alpha. NaN counts as black, others
/// as at most 16 times white, so that none can spoil a sum.
#[inline(always)]
pub(crate) fn colours<S: Sample>(pixel: &[S]) -> ([f32; 3], f32) {
    let tame = |v: S| {
        let v = v.to_unit();
        if v.is_nan() { 0.0 } else { v.clamp(-16.0, 16.0) }
    };
    match pixel {
        [red, green, blue, alpha] => ([tame(*red), tame(*green), tame(*blue)], tame(*alpha)),
        [red, green, blue] => ([tame(*red), tame(*green), tame(*blue)], 1.0),
        [grey, alpha] => ([tame(*grey); 3], tame(*alpha)),
        [grey, ..] => ([tame(*grey); 3], 1.0),
        [] => ([0.0; 3], 0.0),
    }
}

/// Adds the values of a row's pixels to their cells and weights, `factor` pixels per cell.
fn add_row<S: Sample, const CHANNELS: usize, const N: usize>(
    (cells, weights): (&mut [[f32; N]], &mut [f32]),
    row: &[S],
    factor: usize,
    value: &impl Fn([f32; 3]) -> [f32; N],
) {
    let blocks = row.as_chunks::<CHANNELS>().0.chunks(factor);
    for ((block, cell), weight) in blocks.zip(cells).zip(weights) {
        let (mut sums, mut sum) = (*cell, *weight);
        for pixel in block {
            let (rgb, alpha) = colours(pixel);
            let value = value(rgb);
            (0..N).for_each(|i| sums[i] += alpha * value[i]);
            sum += alpha;
        }
        (*cell, *weight) = (sums, sum);
    }
}

impl<const N: usize> Field<N> {
    /// Averages `value` of the colours over blocks of `factor` × `factor` pixels, weighted by alpha.
    ///
    /// # Errors
    /// [`Stopped`] once `work.stop` says so.
    pub(crate) fn of(
        source: &Pixels,
        factor: usize,
        work: &Work<'_>,
        value: impl Fn([f32; 3]) -> [f32; N] + Sync,
    ) -> Result<Self, Stopped> {
        with_raster!(source, r => Self::of_raster(r, factor, work, value))
    }

    fn of_raster<S: Sample>(
        source: &Raster<S>,
        factor: usize,
        work: &Work<'_>,
        value: impl Fn([f32; 3]) -> [f32; N] + Sync,
    ) -> Result<Self, Stopped> {
        let (width, height) = ((source.width() as usize).div_ceil(factor), (source.height() as usize).div_ceil(factor));
        let mut cells = vec![[0.0; N]; width * height];
        work.fill(&mut cells, width, |row, cells| {
            let mut weights = vec![0.0_f32; width];
            for y in row * factor..((row + 1) * factor).min(source.height() as usize) {
                let (cells, row) = ((&mut *cells, &mut weights[..]), source.row(y as u32));
                match source.layout() {
                    Layout::Grey => add_row::<S, 1, N>(cells, row, factor, &value),
                    Layout::GreyAlpha => add_row::<S, 2, N>(cells, row, factor, &value),
                    Layout::Rgb => add_row::<S, 3, N>(cells, row, factor, &value),
                    Layout::Rgba => add_row::<S, 4, N>(cells, row, factor, &value),
                }
            }
            for (cell, weight) in cells.iter_mut().zip(&weights) {
                let share = if *weight > 0.0 { 1.0 / weight } else { 0.0 };
                cell.iter_mut().for_each(|v| *v *= share);
            }
        })?;
        Ok(Self { width, height, factor, cells })
    }

    /// Bytes of a field for pictures with this number of pixels, including a working copy.
    pub(crate) fn bytes(pixels: u64, factor: usize) -> u64 {
        2 * (4 * N as u64) * pixels.div_ceil((factor * factor) as u64)
    }

    /// Maps the values of each cell.
    pub(crate) fn map<const M: usize>(&self, value: impl Fn(&[f32; N]) -> [f32; M]) -> Field<M> {
        Field {
            width: self.width,
            height: self.height,
            factor: self.factor,
            cells: self.cells.iter().map(value).collect(),
        }
    }

    /// The mean over squares that extend `radius` cells to each side; beyond the edges the nearest cell is repeated.
    ///
    /// # Errors
    /// [`Stopped`] once `work.stop` says so.
    pub(crate) fn box_mean(&self, radius: usize, work: &Work<'_>) -> Result<Self, Stopped> {
        self.means_of_rows(radius, work)?.transposed().means_of_rows(radius, work).map(|field| field.transposed())
    }

    fn transposed(&self) -> Self {
        let mut cells = Vec::with_capacity(self.cells.len());
        for x in 0..self.width {
            cells.extend(self.cells[x..].iter().step_by(self.width.max(1)));
        }
        Self { width: self.height, height: self.width, factor: self.factor, cells }
    }

    fn means_of_rows(&self, radius: usize, work: &Work<'_>) -> Result<Self, Stopped> {
        let mut cells = vec![[0.0; N]; self.cells.len()];
        let (width, last) = (self.width, self.width.saturating_sub(1));
        let share = 1.0 / (2 * radius + 1) as f64;
        work.fill(&mut cells, width, |y, cells| {
            let row = &self.cells[y * width..][..width];
            let mut sums = [0.0; N];
            for i in 0..2 * radius + 1 {
                (0..N).for_each(|c| sums[c] += f64::from(row[i.saturating_sub(radius).min(last)][c]));
            }
            for (x, cell) in cells.iter_mut().enumerate() {
                let (coming, leaving) = (row[(x + radius + 1).min(last)], row[x.saturating_sub(radius)]);
                for c in 0..N {
                    cell[c] = (sums[c] * share) as f32;
                    sums[c] += f64::from(coming[c]) - f64::from(leaving[c]);
                }
            }
        })?;
        Ok(Self { cells, ..*self })
    }

    /// The values at the pixels of row `y`, bilinear between the centres of cells: a plane for each.
    pub(crate) fn row(&self, y: u32, width: usize, values: &mut [Vec<f32>; N]) {
        values.iter_mut().for_each(|plane| plane.resize(width, 0.0));
        if self.cells.is_empty() {
            return;
        }
        let at = ((y as f32 + 0.5) / self.factor as f32 - 0.5).clamp(0.0, (self.height - 1) as f32);
        let above = (at as usize).min(self.height.saturating_sub(2));
        let (below, share) = ((above + 1).min(self.height - 1), at - above as f32);
        let row = |y: usize| &self.cells[y * self.width..][..self.width];
        let mixed: Vec<[f32; N]> = row(above)
            .iter()
            .zip(row(below))
            .map(|(a, b)| std::array::from_fn(|c| a[c] + share * (b[c] - a[c])))
            .collect();
        // before the centre of the first cell and after that of the last there is nothing to interpolate
        let lead = (self.factor / 2).min(width);
        let share = |i: usize| ((lead + i) as f32 + 0.5) / self.factor as f32 - 0.5;
        let shares: Vec<f32> = (0..self.factor).map(share).collect();
        for (c, plane) in values.iter_mut().enumerate() {
            let (first, rest) = plane.split_at_mut(lead);
            first.fill(mixed[0][c]);
            for (cell, pixels) in rest.chunks_mut(self.factor).enumerate() {
                let from = mixed[cell.min(self.width - 1)][c];
                let rise = mixed[(cell + 1).min(self.width - 1)][c] - from;
                pixels.iter_mut().zip(&shares).for_each(|(v, share)| *v = from + share * rise);
            }
        }
    }
}

/// A linear function of luma for each cell: the result of a guided filter.
pub(crate) struct Guided {
    /// Slope and offset.
    coefficients: Field<2>,
}

impl Guided {
    /// The guided filter (He, Sun and Tang 2010) of `guide_and_input`, its window `radius` cells to each side, in its
    /// subsampled form (He and Sun 2015): cells are means of pixels, and the coefficients are interpolated between
    /// them. Where the guide varies less than √`epsilon`, the result is smooth; stronger edges stay.
    ///
    /// # Errors
    /// [`Stopped`] once `work.stop` says so.
    pub(crate) fn new(
        guide_and_input: &Field<2>,
        radius: usize,
        epsilon: f32,
        work: &Work<'_>,
    ) -> Result<Self, Stopped> {
        let moments = guide_and_input.map(|[g, p]| [*g, *p, g * g, g * p]).box_mean(radius, work)?;
        let coefficients = moments.map(|[g, p, gg, gp]| {
            let (variance, covariance) = ((gg - g * g).max(0.0), gp - g * p);
            let slope = covariance / (variance + epsilon);
            [slope, p - slope * g]
        });
        Ok(Self { coefficients: coefficients.box_mean(radius, work)? })
    }

    /// Replaces every colour of a strip by slope · colour + offset · weight. `line` computes slope and offset
    /// from a pixel's luma and the filter's result; each colour has a weight.
    pub(crate) fn each_pixel(&self, strip: &mut Strip<'_>, weights: [f32; 3], line: impl Fn(f32, f32) -> (f32, f32)) {
        let (mut values, mut tones) = (Default::default(), vec![0.0; strip.width as usize]);
        for (y, row) in strip.rows() {
            self.coefficients.row(y, row.len(), &mut values);
            match strip.planes() {
                [red, green, blue] => lumas(&mut tones, [red, green, blue].map(|plane| &plane[row.clone()])),
                planes => tones.copy_from_slice(&planes[0][row.clone()]),
            }
            let [slopes, offsets] = &mut values;
            lines(slopes, offsets, &tones, &line);
            for (plane, weight) in strip.planes().iter_mut().zip(weights) {
                along(&mut plane[row.clone()], slopes, offsets, weight);
            }
        }
    }
}

/// Replaces the filter's slope and offset at each pixel by those for its colours.
#[multiversion(targets("x86_64+avx512f+avx512vl+avx512bw+avx512dq", "x86_64+avx2", "aarch64+neon"))]
fn lines<F: Fn(f32, f32) -> (f32, f32)>(slopes: &mut [f32], offsets: &mut [f32], tones: &[f32], line: &F) {
    for ((slope, offset), tone) in slopes.iter_mut().zip(offsets).zip(tones) {
        (*slope, *offset) = line(*tone, *slope * tone + *offset);
    }
}

#[multiversion(targets("x86_64+avx512f+avx512vl+avx512bw+avx512dq", "x86_64+avx2", "aarch64+neon"))]
fn along(plane: &mut [f32], slopes: &[f32], offsets: &[f32], weight: f32) {
    for ((v, slope), offset) in plane.iter_mut().zip(slopes).zip(offsets) {
        *v = *v * slope + offset * weight;
    }
}

/// Luma without its details: smooth on surfaces, sharp at edges.
pub(crate) struct BaseLayer(Guided);

/// Maximum number of cells, so that a measurement stays small compared with its picture.
const MOST_CELLS: u64 = 2_000_000;

/// Pixels along each side of a cell for windows that extend `radius` pixels to each side.
pub(crate) fn factor_for(radius: f32, pixels: u64) -> usize {
    let by_radius = (radius / 8.0) as usize;
    let by_size = (pixels as f64 / MOST_CELLS as f64).sqrt().ceil() as usize;
    by_radius.max(by_size).max(1)
}

impl BaseLayer {
    /// Measures it with windows that extend `radius` pixels to each side.
    ///
    /// # Errors
    /// [`Stopped`] once `work.stop` says so.
    pub(crate) fn of(source: &Pixels, radius: f32, epsilon: f32, work: &Work<'_>) -> Result<Self, Stopped> {
        let factor = factor_for(radius, source.shape().pixels());
        let field = Field::of(source, factor, work, |rgb| {
            let luma = luma(rgb);
            [luma, luma]
        })?;
        let cells = (radius / factor as f32).round().max(1.0) as usize;
        Guided::new(&field, cells, epsilon, work).map(Self)
    }

    /// Bytes that measuring takes.
    pub(crate) fn bytes(radius: f32, pixels: u64) -> u64 {
        2 * Field::<4>::bytes(pixels, factor_for(radius, pixels))
    }

    /// As [`Guided::each_pixel`], for a pixel's luma and its base, and colours of equal weight.
    pub(crate) fn each_pixel(&self, strip: &mut Strip<'_>, line: impl Fn(f32, f32) -> (f32, f32)) {
        self.0.each_pixel(strip, [1.0; 3], line);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use lightloom_picture::{Buffers, Layout};

    fn with_work<R>(test: impl Fn(&Work<'_>) -> R) -> R {
        test(&Work { buffers: &mut Buffers::default(), stop: &|| false, split: false })
    }

    #[test]
    fn cells_are_means_weighted_by_alpha_and_rows_run_between_them() {
        let samples = vec![0.2, 1.0, 9.0, 0.0, 0.4, 1.0, 0.6, 1.0, 1.0, 1.0];
        let source = Raster::new(5, 1, Layout::GreyAlpha, samples).into();
        let field = with_work(|work| Field::of(&source, 2, work, |[v, ..]| [v])).unwrap();
        let mut row = Default::default();
        field.row(0, 5, &mut row);
        for (v, e) in row[0].iter().zip([0.2, 0.275, 0.425, 0.625, 0.875]) {
            assert!((v - e).abs() < 1e-6, "{row:?}");
        }
    }

    #[test]
    fn box_means_are_plain_means() {
        let cells = (0..63).map(|i| [((i * 31) % 17) as f32]).collect();
        let field = Field { width: 9, height: 7, factor: 1, cells };
        for radius in [1_i32, 3, 20] {
            let mean = with_work(|work| field.box_mean(radius as usize, work)).unwrap();
            for (i, v) in mean.cells.iter().enumerate() {
                let (x, y) = (i as i32 % 9, i as i32 / 9);
                let around = (-radius..=radius).flat_map(|dy| (-radius..=radius).map(move |dx| (dx, dy)));
                let values =
                    around.map(|(dx, dy)| field.cells[((y + dy).clamp(0, 6) * 9 + (x + dx).clamp(0, 8)) as usize][0]);
                let expected = values.map(f64::from).sum::<f64>() / f64::from((2 * radius + 1) * (2 * radius + 1));
                assert!((f64::from(v[0]) - expected).abs() < 1e-4);
            }
        }
    }

    #[test]
    fn the_guided_filter_keeps_edges_and_smooths_ripples() {
        let samples = (0..4000).map(|i| if i % 100 < 50 { 0.2 } else { 0.8 } + 0.01 * (i % 2) as f32).collect();
        let source = Raster::new(100, 40, Layout::Grey, samples).into();
        let base = with_work(|work| BaseLayer::of(&source, 6.0, 0.002, work)).unwrap();
        let mut row = Default::default();
        base.0.coefficients.row(20, 100, &mut row);
        let value = |x: usize, luma: f32| row[0][x] * luma + row[1][x];
        assert!((value(30, 0.2) - value(31, 0.21)).abs() < 0.001, "ripples are smooth");
        assert!(value(49, 0.21) < 0.25 && value(50, 0.8) > 0.75, "the edge stays");
    }
}
