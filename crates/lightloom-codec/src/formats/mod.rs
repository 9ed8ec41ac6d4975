//! One file or folder per format, and the list of them: a new format is its file and one line here.
//!
//! The order is a ranking: a file is of the first format that recognises its beginning and whose `header` does not find
//! that it is another's after all. Formats with a signature come first, the more special of those that share one before
//! the more general; those without come last. Of these ICO demands that its directory leads to a picture, so that nothing
//! else passes for an icon, and TGA that all fields of its header agree. The name of a file has no say: the same bytes
//! are the same picture in a preview, which knows no name, as in an export.

use std::path::Path;

use crate::Codec;

/// Declares the modules of formats and lists their codecs.
macro_rules! formats {
    ($($(#[$feature:meta])? $name:ident),* $(,)?) => {
        $($(#[$feature])? pub(crate) mod $name;)*

        /// Every format, in menu order.
        pub static CODECS: &[&Codec] = &[$($(#[$feature])? &$name::CODEC),*];
    };
}

formats! {
    jpeg,
    png,
    webp,
    #[cfg(feature = "avif")] avif,
    // Camera RAW files are TIFF files too, so they are asked first.
    raw,
    tiff,
    bmp,
    gif,
    #[cfg(feature = "heic")] heic,
    #[cfg(feature = "jxl")] jxl,
    #[cfg(feature = "jpeg2000")] jpeg2000,
    psd,
    #[cfg(feature = "svg")] svg,
    openexr,
    hdr,
    pnm,
    pfm,
    qoi,
    farbfeld,
    dds,
    // Without a signature.
    ico,
    tga,
}

/// Formats whose files state colours as code points, and so hold high dynamic range as it was coded.
pub(crate) static WITH_CODE_POINTS: &[&Codec] = &[
    &png::CODEC,
    #[cfg(feature = "avif")]
    &avif::CODEC,
];

/// The format with this id.
pub fn find(id: &str) -> Option<&'static Codec> {
    CODECS.iter().copied().find(|c| c.id == id)
}

/// The format that a file's name suggests.
pub fn from_extension(path: &Path) -> Option<&'static Codec> {
    let extension = path.extension()?.to_str()?.to_ascii_lowercase();
    CODECS.iter().copied().find(|c| c.extensions.contains(&extension.as_str()))
}

/// A note for a file whose name says that it is of another format.
pub fn misnamed(path: &Path, codec: &Codec) -> Option<String> {
    let named = from_extension(path)?;
    // RAW files and icons share extensions and structures with others.
    (named != codec).then(|| format!("the name says {}, but the file is {}", named.title, codec.title))
}
