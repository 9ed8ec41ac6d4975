//! JPEG (ITU-T T.81) for photos.

pub mod encode;
