//! File bytes to pictures and back: one file a format, one table of formats.
//!
//! A format is one [`Codec`]: how to recognise it, read its header, decode and encode it. Type goes by content; a name's
//! extension only tells which files of a folder to look at.
//!
//! **Invariant:** this room knows only `picture`. It opens no file: it gets bytes and gives bytes. Every size is checked
//! against [`Limits`] before memory is asked for.

#[cfg(feature = "avif")]
mod avif;
#[cfg(feature = "avif")]
mod avif_items;
#[cfg(feature = "avif")]
mod avif_planes;
mod bmp;
mod bridge;
mod carry;
mod ccitt;
mod dds;
mod error;
mod farbfeld;
mod flatten;
mod frames;
mod gif;
mod hdr;
#[cfg(feature = "heic")]
mod heic;
mod ico;
mod inks;
#[cfg(any(feature = "avif", feature = "heic"))]
mod isobmff;
mod jpeg;
#[cfg(feature = "jpeg2000")]
mod jpeg2000;
mod jpeg_embed;
mod jpeg_markers;
mod jpeg_second;
#[cfg(feature = "jxl")]
mod jxl;
mod limits;
mod linear;
mod openexr;
mod option_table;
mod options;
mod palette;
mod pfm;
mod photoshop;
mod png;
mod png_chunks;
mod png_write;
mod pnm;
mod psd;
mod qoi;
mod raw;
#[cfg(feature = "svg")]
mod svg;
mod target_size;
mod tga;
mod tiff;
mod tiff_chunk;
mod tiff_colour;
mod tiff_file;
mod tiff_form;
mod tiff_jpeg;
mod tiff_read;
mod tiff_tags;
mod tiff_write;
mod watch;
mod webp;
mod webp_embed;

pub use error::CodecError;
pub use limits::{Limits, SomeLimits};

use std::io::{BufRead, Cursor, Read, Seek, SeekFrom};
use std::path::Path;

pub use frames::{Begin, Delay, Frame, Frames, ReadFrames, Survey, WriteFrames, frames_of, page};
pub use option_table::{OPTIONS, OptionError, OptionKind, OptionSpec, OptionValue};
pub use options::{ChromaSubsampling, DepthChoice, EncodeOptions, PngCompression, TiffCompression};

use watch::Watch;

use lightloom_picture::{Buffers, Density, Depth, Layout, Metadata, Orientation, Picture, Pixels, Shape};

/// Every format, in menu order.
pub static CODECS: &[&Codec] = &[
    &jpeg::CODEC,
    &png::CODEC,
    &webp::CODEC,
    #[cfg(feature = "avif")]
    &avif::CODEC,
    // Camera RAW files are TIFF files too.
    &raw::CODEC,
    &tiff::CODEC,
    &bmp::CODEC,
    &gif::CODEC,
    #[cfg(feature = "heic")]
    &heic::CODEC,
    #[cfg(feature = "jxl")]
    &jxl::CODEC,
    #[cfg(feature = "jpeg2000")]
    &jpeg2000::CODEC,
    &psd::CODEC,
    #[cfg(feature = "svg")]
    &svg::CODEC,
    &openexr::CODEC,
    &hdr::CODEC,
    &pnm::CODEC,
    &pfm::CODEC,
    &qoi::CODEC,
    &farbfeld::CODEC,
    &dds::CODEC,
    &ico::CODEC,
    &tga::CODEC,
];

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
    /// Depths that pictures read from it can have.
    pub depths: &'static [Depth],
    /// Whether a file can hold several pictures: frames or pages.
    pub several: bool,
    /// Whether a file begins like this format; `head` holds the first 1024 bytes of the file, or all. [`Self::header`] may
    /// still find that it is not ([`CodecError::Unrecognised`]).
    recognises: fn(head: &[u8]) -> bool,
    /// Reads size, channels and metadata, no pixels.
    header: fn(&mut dyn Input, &Limits) -> Result<Header, CodecError>,
    /// Decodes the first picture of the file, not yet upright.
    decode: fn(&[u8], &Request<'_>, &mut Buffers) -> Result<Decoded, CodecError>,
    /// How it is written; `None` for formats that are only read.
    write: Option<Writer>,
}

/// The writing half of a format.
struct Writer {
    /// Writes a picture in the depth and layout that [`Self::fit`] gave.
    encode: fn(&Picture, &EncodeOptions) -> Result<Encoded, CodecError>,
    /// The nearest layout and depth that the format can hold.
    fit: fn(Layout, Depth) -> (Layout, Depth),
    /// Which metadata the files hold, and how what [`Self::encode`] leaves out gets there. None: only pixels, in sRGB.
    embed: Option<carry::Embed>,
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

    /// Whether it can be written.
    pub const fn writes(&self) -> bool {
        self.write.is_some()
    }

    /// Whether quality counts with these options.
    pub fn is_lossy_with(&self, options: &EncodeOptions) -> bool {
        self.lossy && !(options.lossless && self.id == webp::CODEC.id)
    }

    /// Whether files of this format carry the colour profile of their samples; without one they count as sRGB.
    pub fn embeds_profiles(&self) -> bool {
        self.write.as_ref().is_some_and(|writer| matches!(writer.embed, Some(carry::Embed::Rest(_))))
    }

    /// The layout and depth in which a picture is written; as it is where the format is only read.
    pub fn fitted(&self, layout: Layout, depth: Depth) -> (Layout, Depth) {
        self.write.as_ref().map_or((layout, depth), |w| (w.fit)(layout, depth))
    }

    /// Depths that pictures written to it can have.
    pub fn written_depths(&self) -> impl Iterator<Item = Depth> {
        let holds = |depth: &Depth| self.write.as_ref().is_some_and(|w| (w.fit)(Layout::Rgb, *depth).1 == *depth);
        Depth::ALL.into_iter().filter(holds)
    }

    /// The format that stands for "same as the source": this one, or for a format that is only read the nearest that
    /// can be written. It loses no depth where this one is lossless.
    pub fn same(&'static self) -> &'static Self {
        match () {
            () if self.writes() => self,
            () if self.lossy => &jpeg::CODEC,
            () if self.depths.contains(&Depth::F32) => &tiff::CODEC,
            () => &png::CODEC,
        }
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
    /// Pictures in the file: frames or pages.
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
    watch: &'a Watch<'a>,
}

/// Pixels, and whether they are all there.
#[derive(Debug)]
pub struct Decoded {
    /// The picture.
    pub pixels: Pixels,
    /// If the file is damaged: which part is missing.
    pub partial: Option<String>,
    /// What else should be known.
    pub notes: Vec<String>,
}

impl From<Pixels> for Decoded {
    fn from(pixels: Pixels) -> Self {
        Self { pixels, partial: None, notes: Vec::new() }
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
    let watch = Watch::new(limits, &|| false);
    let read = read_watched_header(&mut watch.over(input), limits);
    watch.judge(read)
}

fn read_watched_header(input: &mut dyn Input, limits: &Limits) -> Result<(&'static Codec, Header), CodecError> {
    let mut head = Vec::with_capacity(HEAD_BYTES);
    input.take(HEAD_BYTES as u64).read_to_end(&mut head)?;
    input.seek(SeekFrom::Start(0))?;
    if head.is_empty() {
        return Err(CodecError::Empty);
    }
    for codec in CODECS.iter().copied().filter(|c| (c.recognises)(&head)) {
        match (codec.header)(input, limits) {
            // Not this one after all.
            Err(CodecError::Unrecognised) => {}
            Err(error) => return Err(error),
            Ok(mut header) => {
                limits.check(header.stored)?;
                header.notes.extend(leave_out_large(&mut header.metadata));
                if let Some(frames) = frames_of(codec) {
                    header.frames = frames.survey(input, limits).frames;
                }
                limits.check_frames(header.frames)?;
                return Ok((codec, header));
            }
        }
        input.seek(SeekFrom::Start(0))?;
    }
    Err(CodecError::Unrecognised)
}

/// Largest block of metadata that is kept, decompressed. Profiles of printers have a few MiB, edited XMP rarely more.
const MOST_METADATA: usize = 64 << 20;

/// Drops blocks of metadata that only a file made to do harm has, and says so.
fn leave_out_large(metadata: &mut Metadata) -> Vec<String> {
    let Metadata { icc, exif, xmp, iptc, .. } = metadata;
    let blocks = [("colour profile", icc), ("Exif data", exif), ("XMP data", xmp), ("IPTC data", iptc)];
    let large = blocks.into_iter().filter_map(|(what, block)| {
        let bytes = block.take_if(|bytes| bytes.len() > MOST_METADATA)?.len();
        Some(format!("left out: {what} of {} MiB; at most {} MiB are kept", bytes >> 20, MOST_METADATA >> 20))
    });
    large.collect()
}

/// Note for a file whose last bytes are missing.
const NO_END: &str = "the file's end is missing; its pixels are there";

/// Bytes by which a format is recognised; an SVG file may begin with a comment.
const HEAD_BYTES: usize = 1024;

/// A note for a file whose name says that it is of another format.
pub fn misnamed(path: &Path, codec: &Codec) -> Option<String> {
    let named = from_extension(path)?;
    // RAW files and icons share extensions and structures with others.
    (named != codec).then(|| format!("the name says {}, but the file is {}", named.title, codec.title))
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
    decode_unless(codec, bytes, header, divisor, limits, buffers, &|| false)
}

/// As [`decode`], until `stop` says that nobody wants the picture any more.
///
/// # Errors
/// As [`decode`], and [`CodecError::Stopped`].
pub fn decode_unless(
    codec: &Codec,
    bytes: &[u8],
    header: &Header,
    divisor: u8,
    limits: &Limits,
    buffers: &mut Buffers,
    stop: &(dyn Fn() -> bool + Sync),
) -> Result<Decoded, CodecError> {
    let watch = &Watch::new(limits, stop);
    let decoded = watch.judge((codec.decode)(bytes, &Request { header, divisor, limits, watch }, buffers))?;
    Ok(Decoded { pixels: header.orientation.apply(decoded.pixels), ..decoded })
}

/// Encodes a picture, in the nearest depth and layout that the format holds; what that loses is noted. Its buffer goes
/// to `buffers`.
///
/// # Errors
/// If the format cannot hold it at all.
pub fn encode(
    codec: &'static Codec,
    mut picture: Picture,
    options: &EncodeOptions,
    buffers: &mut Buffers,
) -> Result<Encoded, CodecError> {
    let shape = picture.pixels.shape();
    let Some(writer) = &codec.write else {
        let reason = format!("it is only read; choose another format, for example {}", codec.same().title);
        return Err(CodecError::Encode { format: codec.title, reason });
    };
    let wanted = options.depth_for(shape.depth);
    let (layout, depth) = (writer.fit)(shape.layout, wanted);
    let mut notes = Vec::new();
    if depth < shape.depth && depth < wanted {
        notes.push(format!("{} cannot hold {} samples: reduced to {depth}", codec.title, shape.depth));
    }
    if shape.layout.has_alpha() && !layout.has_alpha() {
        notes.push(format!("{} cannot hold transparency: laid over {}", codec.title, options.background_name()));
        picture.pixels = flatten::flatten(picture.pixels, options.background);
    }
    // The background may have brought colour.
    let (layout, _) = (writer.fit)(picture.pixels.shape().layout, wanted);
    picture.pixels = picture.pixels.into_depth(depth).into_layout(layout);
    if picture.metadata.icc.as_deref().is_some_and(|icc| !profile_fits(icc, layout)) {
        picture.metadata.icc = None;
        notes.push("the colour profile does not fit the channels of the result and was left out".to_owned());
    }
    let write = |options: &EncodeOptions| {
        let mut encoded = (writer.encode)(&picture, options)?;
        carry::embed(codec, &mut encoded, &picture.metadata);
        Ok(encoded)
    };
    let mut encoded = if options.max_kib > 0 && codec.is_lossy_with(options) {
        let mut at = |quality| write(&EncodeOptions { quality, ..options.clone() });
        let max_bytes = options.max_kib as usize * 1024;
        let (encoded, quality) = target_size::search(options.quality, max_bytes, &mut at)?;
        notes.push(target_size::note(&encoded, quality, options.max_kib));
        encoded
    } else {
        write(options)?
    };
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
#[cfg(test)]
mod write_tests;
