//! Interleaved samples of one type.

use crate::{Buffers, Layout, Sample};

/// A rectangle of interleaved samples without padding.
#[derive(Debug, Clone, PartialEq)]
pub struct Raster<S> {
    width: u32,
    height: u32,
    layout: Layout,
    samples: Vec<S>,
}

impl<S: Sample> Raster<S> {
    /// Takes `samples` as rows from top to bottom.
    ///
    /// # Panics
    /// If the number of samples is not width × height × channels.
    pub fn new(width: u32, height: u32, layout: Layout, samples: Vec<S>) -> Self {
        assert_eq!(
            samples.len(),
            width as usize * height as usize * layout.channels(),
            "samples do not fill the raster"
        );
        Self { width, height, layout, samples }
    }

    /// No pixels at all.
    pub(crate) const fn empty() -> Self {
        Self { width: 0, height: 0, layout: Layout::Grey, samples: Vec::new() }
    }

    /// A copy in a buffer of `buffers`.
    pub fn copied(&self, buffers: &mut Buffers) -> Self {
        let mut samples = buffers.take_for_overwrite(self.samples.len());
        samples.copy_from_slice(&self.samples);
        Self { samples, ..*self }
    }

    pub const fn width(&self) -> u32 {
        self.width
    }

    pub const fn height(&self) -> u32 {
        self.height
    }

    /// Channels of a pixel.
    pub const fn layout(&self) -> Layout {
        self.layout
    }

    /// Samples per row.
    pub const fn stride(&self) -> usize {
        self.width as usize * self.layout.channels()
    }

    /// All samples, row by row.
    pub fn samples(&self) -> &[S] {
        &self.samples
    }

    /// All samples, row by row.
    pub fn samples_mut(&mut self) -> &mut [S] {
        &mut self.samples
    }

    /// The samples of row `y`.
    pub fn row(&self, y: u32) -> &[S] {
        let stride = self.stride();
        &self.samples[y as usize * stride..][..stride]
    }

    /// The buffer, for reuse.
    pub fn into_samples(self) -> Vec<S> {
        self.samples
    }
}
