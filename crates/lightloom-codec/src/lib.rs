//! Picture file formats: decodes file bytes to a [`Picture`](lightloom_picture::Picture) and encodes pictures to bytes.
//!
//! A format is one [`Codec`]: how its files are recognised, how their header and pixels are read, how they are written and
//! with which options. [`CODECS`] lists them all; nothing outside a format's own file or folder names it. Files are
//! recognised by content; the extension of a name only tells which files of a folder are worth opening.
//!
//! ```
//! use lightloom_codec::{EncodeOptions, Limits, decode, encode, find, header};
//! use lightloom_picture::{Buffers, Layout, Picture, Raster};
//!
//! let pixels = Raster::new(2, 1, Layout::Rgb, vec![255_u8, 0, 0, 0, 0, 255]);
//! let mut buffers = Buffers::default();
//! let png = find("png").expect("PNG is built in");
//! let mut options = EncodeOptions::default();
//! options.set_text("png_compression", "small")?;
//! let file = encode(png, Picture::new(pixels.clone().into()), &options, &mut buffers)?;
//!
//! let limits = Limits::default();
//! let (codec, header) = header(&file.bytes, &limits)?;
//! assert_eq!((codec.id, header.stored.width), ("png", 2));
//! let decoded = decode(codec, &file.bytes, &header, 1, &limits, &mut buffers)?;
//! assert_eq!(decoded.pixels, pixels.into());
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! To add a format, add its file to `formats/` and list it there. What encoders need before and after their own work
//! (depth, background, embedded metadata, a largest file size) happens in [`encode`]; orientation, limits, time and
//! cancellation in [`read_header`] and [`decode_with`].
//!
//! **Invariant:** this crate knows only pictures and parameters. It opens no file: it takes bytes and returns bytes. Every
//! size is checked against [`Limits`] before memory is allocated.

// The macros of the standard library panic where a stream is full or closed.
#![warn(clippy::print_stderr, clippy::print_stdout)]

mod codec;
mod decode;
mod embed;
mod encode;
mod error;
mod formats;
mod frames;
mod header;
mod limits;
mod options;
mod parts;
mod shared;
mod watch;

pub use codec::{Codec, HdrForm};
pub use decode::{Decoded, TakeRows, decode, decode_rows, decode_with, decodes_rows, planar};
pub use encode::{Encoded, RowEncoder, encode};
pub use error::CodecError;
pub use formats::{CODECS, find, from_extension, misnamed};
pub use frames::{Begin, Delay, Frame, Frames, ReadFrames, Survey, WriteFrames, frames_of, page};
pub use header::{Header, Input, header, read_header, read_header_of};
pub use limits::{Limits, SomeLimits};
pub use options::{EncodeOptions, OPTIONS, OptionError};
pub use parts::{Parts, parts};

use codec::Writer;
use decode::{NO_END, Request};

#[cfg(test)]
mod found_tests;
#[cfg(test)]
mod tests;
#[cfg(test)]
mod write_tests;
