//! What a filter needs beside its numbers: a look-up table or a picture, from a file that somebody else has read.

use super::lut::Lut;
use crate::picture::Pixels;

/// What a file that a parameter refers to must hold.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum FileKind {
    /// A picture in any format that can be decoded.
    Picture,
    /// A colour look-up table: `.cube`, or a HaldCLUT picture.
    Lut,
}

impl FileKind {
    /// What is allowed, in words.
    pub const fn allowed(self) -> &'static str {
        match self {
            Self::Picture => "the path of a picture",
            Self::Lut => "the path of a .cube file or a HaldCLUT picture",
        }
    }

    /// Extensions of such files, for a file dialog; empty where any file may do.
    pub const fn extensions(self) -> &'static [&'static str] {
        match self {
            Self::Picture => &["png", "webp", "jpg", "jpeg", "tif", "tiff", "gif", "bmp"],
            Self::Lut => &["cube", "png", "tif", "tiff"],
        }
    }
}

/// What a loaded file holds, in the form that filters use.
#[derive(Debug)]
pub enum Asset {
    /// For [`FileKind::Picture`].
    Picture(Pixels),
    /// For [`FileKind::Lut`].
    Lut(Lut),
}
