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

    /// All rows, to be read.
    pub fn view(&self) -> View<'_, S> {
        View { width: self.width, height: self.height, layout: self.layout, top: 0, samples: &self.samples }
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

/// Rows of a picture of which all or only some are at hand. Coordinates are those of the picture.
#[derive(Debug, Clone, Copy)]
pub struct View<'a, S> {
    width: u32,
    height: u32,
    layout: Layout,
    /// The first row at hand.
    top: u32,
    samples: &'a [S],
}

impl<'a, S: Sample> View<'a, S> {
    /// The rows from `top` on that `samples` hold, of a picture with so many columns and rows.
    ///
    /// # Panics
    /// If those are no whole rows, or more than the picture has.
    pub fn new((width, height): (u32, u32), layout: Layout, top: u32, samples: &'a [S]) -> Self {
        let stride = width as usize * layout.channels();
        let rows = samples.len() / stride.max(1);
        assert!(rows * stride == samples.len() && top as usize + rows <= height as usize, "these are not its rows");
        Self { width, height, layout, top, samples }
    }

    /// Columns of the picture.
    pub const fn width(self) -> u32 {
        self.width
    }

    /// Rows of the whole picture.
    pub const fn height(self) -> u32 {
        self.height
    }

    /// Channels of a pixel.
    pub const fn layout(self) -> Layout {
        self.layout
    }

    /// Samples per row.
    pub const fn stride(self) -> usize {
        self.width as usize * self.layout.channels()
    }

    /// The samples of all rows at hand.
    pub const fn samples(self) -> &'a [S] {
        self.samples
    }

    /// The samples of row `y` of the picture.
    ///
    /// # Panics
    /// If it is not at hand.
    pub fn row(self, y: u32) -> &'a [S] {
        let stride = self.stride();
        &self.samples[(y - self.top) as usize * stride..][..stride]
    }
}
