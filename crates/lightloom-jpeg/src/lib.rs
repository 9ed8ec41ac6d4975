//! JPEG for what nearly every photo is: one scan of 8-bit Huffman-coded grey or YCbCr.
//!
//! The decoder is quick because it does only what such files need, and says of all others, and of damaged ones, that it
//! does not read them: another decoder has to. At full size its pixels are those of libjpeg's accurate integer transform
//! and its smooth enlargement of chroma, bit for bit. Smaller pictures come from the low frequencies alone.
//!
//! The encoder writes the files that libjpeg writes with that transform, byte for byte.

pub mod decode;
pub mod encode;
