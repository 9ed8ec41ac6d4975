//! What a filter needs besides its numbers: a look-up table, a picture or a font, read from a file before the filter is
//! compiled.

use std::sync::Arc;

use ab_glyph::FontVec;

use crate::Unfit;
use crate::kernel::lut::Lut;
use lightloom_param::FileValue;
use lightloom_picture::Pixels;

/// What a loaded file holds, in the form that filters use.
#[derive(Debug)]
pub enum Asset {
    Picture(Pixels),
    Lut(Lut),
    Font(Font),
}

/// What the file of a parameter holds; `None` if it names none.
///
/// # Errors
/// If the file has not been loaded or could not be.
pub(crate) fn asset(file: &FileValue) -> Result<Option<Arc<Asset>>, Unfit> {
    file.content().map_err(Unfit)
}

/// A font that has been read.
pub struct Font(pub(crate) FontVec);

impl Font {
    /// Reads a TrueType or OpenType font.
    ///
    /// # Errors
    /// If it is not one.
    pub fn from_bytes(bytes: Vec<u8>) -> Result<Self, String> {
        FontVec::try_from_vec(bytes).map(Self).map_err(|_| "it is no TrueType or OpenType font".to_owned())
    }
}

impl std::fmt::Debug for Font {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Font")
    }
}
