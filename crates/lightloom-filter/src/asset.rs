//! What a filter needs beside its numbers: a look-up table or a picture, from a file that somebody else has read.

use ab_glyph::FontVec;

use crate::kernel::lut::Lut;
use lightloom_picture::Pixels;

/// What a file that a parameter refers to must hold.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum FileKind {
    /// A picture in any format that can be decoded.
    Picture,
    /// A colour look-up table: `.cube`, or a HaldCLUT picture.
    Lut,
    /// A font: TrueType or OpenType.
    Font,
}

impl FileKind {
    /// What is allowed, in words.
    pub const fn allowed(self) -> &'static str {
        match self {
            Self::Picture => "the path of a picture",
            Self::Lut => "the path of a .cube file or a HaldCLUT picture",
            Self::Font => "the path of a TrueType or OpenType font",
        }
    }

    /// Extensions of such files, for a file dialog; empty where any file may do.
    pub const fn extensions(self) -> &'static [&'static str] {
        match self {
            Self::Picture => &["png", "webp", "jpg", "jpeg", "tif", "tiff", "gif", "bmp"],
            Self::Lut => &["cube", "png", "tif", "tiff"],
            Self::Font => &["ttf", "otf"],
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
    /// For [`FileKind::Font`].
    Font(Font),
}

/// A font that has been read.
pub struct Font(pub(crate) FontVec);

impl Font {
    /// Reads a TrueType or OpenType font.
    ///
    /// # Errors
    /// If it is none.
    pub fn from_bytes(bytes: Vec<u8>) -> Result<Self, String> {
        FontVec::try_from_vec(bytes).map(Self).map_err(|_| "it is no TrueType or OpenType font".to_owned())
    }
}

impl std::fmt::Debug for Font {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Font")
    }
}
