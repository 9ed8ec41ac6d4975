//! What formats share: colours that files hold in other ways than pictures do, containers, the image crate.

pub(crate) mod boxes;
pub(crate) mod channel;
pub(crate) mod deflate;
pub(crate) mod embedded;
pub(crate) mod flatten;
pub(crate) mod found;
#[cfg(any(feature = "avif", feature = "heic"))]
pub(crate) mod heif_gain_map;
pub(crate) mod image_crate;
pub(crate) mod inks;
#[cfg(any(feature = "avif", feature = "heic"))]
pub(crate) mod isobmff;
pub(crate) mod linear;
#[cfg(any(feature = "avif", feature = "heic"))]
pub(crate) mod nclx;
pub(crate) mod palette;
pub(crate) mod premultiplied;
pub(crate) mod small_float;
pub(crate) mod target_size;
