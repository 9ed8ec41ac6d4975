//! The median of the square around each pixel, by the algorithm that is fastest for its size and the samples' type.

use std::ops::Range;

use crate::AreaOf;
use crate::kernel::scratch::Pool;
use crate::kernel::{median_counts, median_histogram, median_network, median_ranks};
use lightloom_picture::{Sample, View};

/// The median of the square around each pixel.
pub(crate) struct MedianFilter {
    radius: usize,
    memory: Pool<median_counts::Memory>,
}

impl MedianFilter {
    /// Squares extend `radius` pixels to each side.
    pub(crate) fn new(radius: usize) -> Self {
        Self { radius, memory: Pool::default() }
    }
}

impl<S: Ranked> AreaOf<S> for MedianFilter {
    fn halo(&self) -> u32 {
        self.radius as u32
    }

    fn rows(&self, source: View<'_, S>, rows: Range<u32>, target: &mut [S]) {
        S::medians(self, source, rows, target);
    }
}

/// Samples, with the fastest algorithm for their medians.
pub(crate) trait Ranked: Sample {
    fn medians(of: &MedianFilter, source: View<'_, Self>, rows: Range<u32>, target: &mut [Self]) {
        median_ranks::rows(source, rows, target, of.radius);
    }
}

impl Ranked for u8 {
    fn medians(of: &MedianFilter, source: View<'_, Self>, rows: Range<u32>, target: &mut [Self]) {
        match of.radius {
            _ if source.layout().has_alpha() => median_ranks::rows(source, rows, target, of.radius),
            1 => median_network::three(source, rows, target),
            2 => median_network::five(source, rows, target),
            radius @ ..=median_counts::MOST => {
                of.memory.with(|memory| median_counts::rows(memory, source, rows, target, radius));
            }
            radius => median_histogram::rows(source, rows, target, radius),
        }
    }
}

impl Ranked for u16 {}

impl Ranked for f32 {}
