//! Pictures in memory: samples, metadata, colour spaces, and what work on them needs.
//!
//! A [`Picture`] is [`Pixels`], a [`Raster`] of 8-bit, 16-bit or float samples, with its [`Metadata`]. [`Work`] is what a
//! worker lends to whoever makes pixels: spare [`Buffers`], cancellation, and threads to share rows with.
//!
//! ```
//! use lightloom_picture::{Buffers, Depth, Layout, Orientation, Pixels, Raster, Work};
//!
//! let stored = Pixels::from(Raster::new(3, 1, Layout::Grey, vec![0_u8, 128, 255]));
//! let mut buffers = Buffers::default();
//! let mut work = Work { buffers: &mut buffers, stop: &|| false, split: false };
//! let upright = Orientation::from_exif(6).apply(stored, &mut work)?;
//! assert_eq!((upright.width(), upright.height()), (1, 3));
//! let deep = upright.into_depth(Depth::U16);
//! assert_eq!(deep, Raster::new(1, 3, Layout::Grey, vec![0_u16, 32_896, 65_535]).into());
//! # Ok::<(), lightloom_picture::Stopped>(())
//! ```
//!
//! **Invariant:** this crate knows none of the others. It reads no file, knows no format and runs no filter; the others
//! use the methods of [`Pixels`] and match on its sample types only where a type takes a path of its own.

// The macros of the standard library panic where a stream is full or closed.
#![warn(clippy::print_stderr, clippy::print_stdout)]

pub mod areas;
mod buffers;
pub mod colour;
pub mod description;
pub mod exif;
mod extent;
pub mod gain_map;
mod geometry;
mod guard;
mod histogram;
pub mod iptc;
mod iptc_xmp;
mod location;
pub mod md5;
mod metadata;
mod metadata_edit;
pub mod photoshop;
mod pixels;
mod planar;
mod raster;
mod sample;
mod shape;
pub mod text;
mod transfer;
mod turn;
mod turn_rgb;
mod work;
pub mod xmp;
pub mod xmp_extended;
pub(crate) mod xmp_tree;

pub use buffers::Buffers;
pub use extent::{Extent, Span};
pub use gain_map::GainMap;
pub use geometry::{Area, Geometry, Matrix, Upright};
pub use guard::catch_panic;
pub use histogram::{Counts, Histogram};
pub use iptc_xmp::AsXmp;
pub use metadata::{Density, Metadata, Orientation};
pub use metadata_edit::{Keep, MetadataEdit, Thumbnail};
pub use pixels::Pixels;
pub use planar::{Chroma, Planar, RowForm, rgb_of_ycbcr};
pub use raster::{Raster, View};
pub use sample::{Sample, nearest_whole};
pub use shape::{Depth, Layout, Shape};
pub use text::TextEntry;
pub use transfer::{linear_to_srgb, srgb_to_linear};
pub use turn::Turn;
pub use work::{Stopped, Work};

/// Samples together with the metadata that travels with them.
#[derive(Debug, Clone, PartialEq)]
pub struct Picture {
    /// The samples, upright: an orientation tag has been applied already.
    pub pixels: Pixels,
    /// What the file said beside the samples.
    pub metadata: Metadata,
}

impl Picture {
    /// A picture without metadata.
    pub fn new(pixels: Pixels) -> Self {
        Self { pixels, metadata: Metadata::default() }
    }
}
