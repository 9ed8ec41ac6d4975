//! File bytes to pictures and back: one file a format, one table of formats.
//!
//! A format is one [`Codec`]: how to recognise it, read its header, decode and encode it. Type goes by content; a name's
//! extension only tells which files of a folder to look at.
//!
//! **Invariant:** this room knows only `picture`. It opens no file: it gets bytes and gives bytes. Every size is checked
//! against [`Limits`] before memory is asked for.

mod bmp;
mod bridge;
mod carry;
mod gif;
mod jpeg;
mod jpeg_markers;
mod photoshop;
mod png;
mod png_chunks;
mod tiff;
mod tiff_tags;
mod webp;

use std::io::{BufRead, Cursor, Read, Seek, SeekFrom};
use std::path::Path;

use thiserror::Error;

use crate::picture::{Buffers, Density, Depth, Layout, Metadata, Orientation, Picture, Pixels, Shape};

/// Every format, in menu order.
pub static CODECS: &[&Codec] = &[&jpeg::CODEC, &png::CODEC, &webp::CODEC, &tiff::CODEC, &bmp::CODEC, &gif::CODEC];

/// Something that can be read from any place.
pub trait Input: BufRead + Seek {}
impl<T: BufRead + Seek> Input for T {}

/// A format as data.
pub struct Codec {
    /// Name in recipes and on the command line.
    pub id: &'static str,
    /// Name that a person reads.
    pub title: &'static str,
    /// Usual extensions in lower case, without the dot; the first is written.
    pub extensions: &'static [&'static str],
    /// Whether quality applies.
    pub lossy: bool,
    /// Whether it is offered as a target; every format can be written as "same as the source".
    pub export: bool,
    /// By what the decoder can divide both sides, 1 among them.
    pub divisors: &'static [u8],
    /// Whether a file begins like this format; `head` holds at least 32 bytes where the file does.
    recognises: fn(head: &[u8]) -> bool,
    /// Reads size, channels and metadata, no pixels.
    header: fn(&mut dyn Input, &Limits) -> Result<Header, CodecError>,
    /// Decodes the first picture of the file, not yet upright.
    decode: fn(&[u8], &Request<'_>, &mut Buffers) -> Result<Decoded, CodecError>,
    /// Writes a picture in the depth and layout that [`Self::fit`] gave.
    encode: fn(&Picture, quality: u8) -> Result<Encoded, CodecError>,
    /// The nearest layout and depth that the format can hold.
    fit: fn(Layout, Depth) -> (Layout, Depth),
}

impl std::fmt::Debug for Codec {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Codec({})", self.id)
    }
}

impl PartialEq for Codec {
    fn eq(&self, other: &Self) -> bool {
        self.id == other.id
    }
}

impl Codec {
    /// The extension of files that are written.
    pub const fn extension(&self) -> &'static str {
        self.extensions[0]
    }

    /// Whether files of this format carry the colour profile of their samples; without one they count as sRGB.
    pub fn embeds_profiles(&self) -> bool {
        carry::embeds_profiles(self)
    }

    /// The layout and depth in which a picture is written.
    pub fn fitted(&self, layout: Layout, depth: Depth) -> (Layout, Depth) {
        (self.fit)(layout, depth)
    }
}

/// What a file says about itself before its pixels.
#[derive(Debug, Clone, PartialEq)]
pub struct Header {
    /// Size, channels and depth of the decoded picture as stored.
    pub stored: Shape,
    /// What makes it upright.
    pub orientation: Orientation,
    /// Exif with its orientation reset, ICC profile.
    pub metadata: Metadata,
    /// Pictures in the file; only the first is used.
    pub frames: u32,
    /// What should be known about the file.
    pub notes: Vec<String>,
}

impl Header {
    /// A header without metadata.
    fn new(width: u32, height: u32, layout: Layout, depth: Depth) -> Self {
        Self {
            stored: Shape { width, height, layout, depth },
            orientation: Orientation::Upright,
            metadata: Metadata::default(),
            frames: 1,
            notes: Vec::new(),
        }
    }

    /// With metadata, whose orientation is taken out.
    fn with(mut self, mut metadata: Metadata) -> Self {
        self.orientation = metadata.take_orientation();
        metadata.density = metadata.density.or_else(|| Density::from_exif(metadata.exif.as_deref()?));
        if self.orientation.swaps_sides() {
            metadata.density = metadata.density.map(Density::swapped);
        }
        self.metadata = metadata;
        self
    }

    /// Shape of the upright picture.
    pub fn upright(&self) -> Shape {
        let Shape { width, height, .. } = self.stored;
        if self.orientation.swaps_sides() { Shape { width: height, height: width, ..self.stored } } else { self.stored }
    }
}

/// What a decoder is asked for.
struct Request<'a> {
    header: &'a Header,
    /// One of the codec's divisors.
    divisor: u8,
    limits: &'a Limits,
}

/// Pixels, and whether they are all there.
#[derive(Debug)]
pub struct Decoded {
    /// The picture.
    pub pixels: Pixels,
    /// If the file is damaged: which part is missing.
    pub partial: Option<String>,
}

impl From<Pixels> for Decoded {
    fn from(pixels: Pixels) -> Self {
        Self { pixels, partial: None }
    }
}

/// A file's bytes.
#[derive(Debug)]
pub struct Encoded {
    /// The bytes.
    pub bytes: Vec<u8>,
    /// What the format could not keep.
    pub notes: Vec<String>,
}

/// What is refused before memory is asked for.
#[derive(Debug, Clone, PartialEq)]
pub struct Limits {
    /// Largest file. Default: 1 GiB.
    pub file_bytes: u64,
    /// Largest width or height. Default: 65,535.
    pub side: u32,
    /// Most bytes of decoded samples. Default: 1 GiB.
    pub decoded_bytes: u64,
    /// Most scans of a progressive JPEG. Default: 200.
    pub scans: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Self { file_bytes: 1 << 30, side: 65_535, decoded_bytes: 1 << 30, scans: 200 }
    }
}

impl Limits {
    fn check(&self, shape: Shape) -> Result<(), CodecError> {
        if shape.width == 0 || shape.height == 0 {
            return Err(CodecError::Damaged(format!("the picture is {} × {} pixels", shape.width, shape.height)));
        }
        if shape.width > self.side || shape.height > self.side || shape.bytes() > self.decoded_bytes {
            return Err(CodecError::TooLarge {
                width: shape.width,
                height: shape.height,
                limit_mib: self.decoded_bytes >> 20,
            });
        }
        Ok(())
    }
}

/// Why a file could not be decoded or a picture not be encoded.
#[derive(Debug, Clone, PartialEq, Error)]
pub enum CodecError {
    /// Nothing in the file.
    #[error("the file is empty")]
    Empty,
    /// No format of ours.
    #[error("this is no picture in a format that Lightloom reads ({})", CODECS.iter().map(|c| c.title).collect::<Vec<_>>().join(", "))]
    Unrecognised,
    /// The content breaks the format's rules.
    #[error("the file is damaged: {0}")]
    Damaged(String),
    /// A legal kind of file that no decoder here handles.
    #[error("this kind of file is not supported: {0}")]
    Unsupported(String),
    /// Over a limit.
    #[error("the picture claims {width} × {height} pixels, which is over the limit of {limit_mib} MiB decoded")]
    TooLarge {
        /// Claimed columns.
        width: u32,
        /// Claimed rows.
        height: u32,
        /// The limit.
        limit_mib: u64,
    },
    /// Over the limit on file size.
    #[error("the file has {mib} MiB, which is over the limit of {limit_mib} MiB")]
    FileTooLarge {
        /// Its size.
        mib: u64,
        /// The limit.
        limit_mib: u64,
    },
    /// The file could not be read.
    #[error("the file could not be read: {0}")]
    Io(String),
    /// An encoder refused.
    #[error("the picture could not be written as {format}: {reason}")]
    Encode {
        /// Title of the format.
        format: &'static str,
        /// Why.
        reason: String,
    },
}

impl From<std::io::Error> for CodecError {
    fn from(error: std::io::Error) -> Self {
        match error.kind() {
            std::io::ErrorKind::UnexpectedEof => Self::Damaged("it ends too early".to_owned()),
            _ => Self::Io(error.to_string()),
        }
    }
}

/// The format with this id.
pub fn find(id: &str) -> Option<&'static Codec> {
    CODECS.iter().copied().find(|c| c.id == id)
}

/// The format that a file's name suggests.
pub fn from_extension(path: &Path) -> Option<&'static Codec> {
    let extension = path.extension()?.to_str()?.to_ascii_lowercase();
    CODECS.iter().copied().find(|c| c.extensions.contains(&extension.as_str()))
}

/// Recognises the format by content and reads the header.
///
/// # Errors
/// If it is no picture, damaged before its pixels, or over a limit.
pub fn read_header(input: &mut dyn Input, limits: &Limits) -> Result<(&'static Codec, Header), CodecError> {
    let mut head = Vec::with_capacity(64);
    input.take(64).read_to_end(&mut head)?;
    input.seek(SeekFrom::Start(0))?;
    if head.is_empty() {
        return Err(CodecError::Empty);
    }
    let codec = CODECS.iter().copied().find(|c| (c.recognises)(&head)).ok_or(CodecError::Unrecognised)?;
    let header = (codec.header)(input, limits)?;
    limits.check(header.stored)?;
    Ok((codec, header))
}

/// As [`read_header`], from bytes in memory.
///
/// # Errors
/// As [`read_header`].
pub fn header(bytes: &[u8], limits: &Limits) -> Result<(&'static Codec, Header), CodecError> {
    read_header(&mut Cursor::new(bytes), limits)
}

/// Decodes the first picture of a file and sets it upright. `divisor` is one of the codec's.
///
/// # Errors
/// If nothing useful can be decoded.
pub fn decode(
    codec: &Codec,
    bytes: &[u8],
    header: &Header,
    divisor: u8,
    limits: &Limits,
    buffers: &mut Buffers,
) -> Result<Decoded, CodecError> {
    let decoded = (codec.decode)(bytes, &Request { header, divisor, limits }, buffers)?;
    Ok(Decoded { pixels: header.orientation.apply(decoded.pixels), ..decoded })
}

/// Encodes a picture, in the nearest depth and layout that the format holds; what that loses is noted. Its buffer goes
/// to `buffers`.
///
/// # Errors
/// If the format cannot hold it at all.
pub fn encode(codec: &Codec, mut picture: Picture, quality: u8, buffers: &mut Buffers) -> Result<Encoded, CodecError> {
    let shape = picture.pixels.shape();
    let (layout, depth) = (codec.fit)(shape.layout, shape.depth);
    let mut notes = Vec::new();
    if depth < shape.depth {
        notes.push(format!("{} cannot hold {} samples: reduced to {depth}", codec.title, shape.depth));
    }
    if shape.layout.has_alpha() && !layout.has_alpha() {
        notes.push(format!("{} cannot hold transparency: laid over white", codec.title));
    }
    picture.pixels = picture.pixels.into_depth(depth).into_layout(layout);
    if picture.metadata.icc.as_deref().is_some_and(|icc| !profile_fits(icc, layout)) {
        picture.metadata.icc = None;
        notes.push("the colour profile does not fit the channels of the result and was left out".to_owned());
    }
    let mut encoded = (codec.encode)(&picture, quality)?;
    carry::embed(codec, &mut encoded, &picture.metadata);
    picture.pixels.recycle(buffers);
    notes.append(&mut encoded.notes);
    Ok(Encoded { notes, ..encoded })
}

/// Whether an ICC profile is for pictures of this layout: its header names the colour space (ICC.1:2022, 7.2.6).
fn profile_fits(icc: &[u8], layout: Layout) -> bool {
    icc.get(16..20) == Some(if layout.colours() == 1 { b"GRAY" } else { b"RGB " })
}

#[cfg(test)]
mod tests;
