//! What a filter needs besides its numbers: a look-up table, a picture or a font, read from a file before the filter is
//! compiled.

use std::sync::Arc;

use crate::Unfit;
use crate::font::FontStack;
use crate::kernel::lut::Lut;
use lightloom_param::FileValue;
use lightloom_picture::Pixels;

/// What a loaded file holds, in the form that filters use.
#[derive(Debug)]
pub enum Asset {
    Picture(Pixels),
    Lut(Lut),
    Font(FontStack),
}

/// What the file of a parameter holds; `None` if it names none and nothing stands in for it.
///
/// # Errors
/// If the file has not been loaded or could not be.
pub(crate) fn asset(file: &FileValue) -> Result<Option<Arc<Asset>>, Unfit> {
    file.content().map_err(Unfit)
}
