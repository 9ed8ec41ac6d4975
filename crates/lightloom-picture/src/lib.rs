//! A picture in memory: its samples and what belongs to them.
//!
//! **Invariant:** this room knows no other. It reads no file, knows no format and runs no filter; the other rooms
//! never match on [`Pixels`] but go through its methods, so that another representation can join.

mod buffers;
pub mod colour;
pub mod exif;
pub mod iptc;
mod metadata;
mod metadata_edit;
mod raster;
mod transfer;
pub mod xmp;

pub use buffers::Buffers;
pub use metadata::{Density, Metadata, Orientation};
pub use metadata_edit::{Keep, MetadataEdit};
pub use raster::{Depth, Layout, Pixels, Raster, Sample, Shape, nearest_whole};
pub use transfer::{linear_to_srgb, srgb_to_linear};

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
