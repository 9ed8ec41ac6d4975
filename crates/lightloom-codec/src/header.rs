//! What a file says about itself before its pixels, and how that is read.

use std::io::{BufRead, Cursor, Read, Seek, SeekFrom};

use serde::{Deserialize, Serialize};

#[cfg(any(feature = "avif", feature = "heic"))]
use lightloom_picture::colour::CodePoints;
use lightloom_picture::colour::{Colours, Hdr, Profile, Space};
use lightloom_picture::{
    Chroma, Density, Depth, Extent, Geometry, Layout, Metadata, Orientation, Pixels, Shape, Stopped, Work,
};

use crate::decode::guarded;
use crate::shared::found::Found;
use crate::watch::Watch;
use crate::{CODECS, Codec, CodecError, Limits, frames_of};

/// A seekable reader.
pub trait Input: BufRead + Seek {}
impl<T: BufRead + Seek> Input for T {}

/// What a file says about itself before its pixels.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Header {
    /// Size, channels and depth of the decoded picture as stored; pictures of high dynamic range are floats.
    pub stored: Shape,
    /// How to turn it upright.
    pub orientation: Orientation,
    /// How the decoder itself turns the picture, because the container says so. Positions in metadata are those before.
    pub turned: Orientation,
    /// Exif with its orientation reset, ICC profile.
    pub metadata: Metadata,
    /// Pictures in the file: frames or pages.
    pub frames: u32,
    /// Of a picture that is stored as planes of Y, Cb and Cr, and may be decoded to them.
    pub chroma: Option<Chroma>,
    /// Whether a decode that makes the picture smaller holds no more than the smaller picture and some rows.
    pub decodes_scaled: bool,
    /// Bytes that decoding takes beside the file and the decoded picture, as far as that is known.
    pub decoder_bytes: u64,
    /// Notes on the file for the person.
    pub notes: Vec<String>,
}

impl Header {
    /// A header without metadata.
    pub(crate) fn new(width: u32, height: u32, layout: Layout, depth: Depth) -> Self {
        Self {
            stored: Shape { width, height, layout, depth },
            orientation: Orientation::Upright,
            turned: Orientation::Upright,
            metadata: Metadata::default(),
            frames: 1,
            chroma: None,
            decodes_scaled: false,
            decoder_bytes: 0,
            notes: Vec::new(),
        }
    }

    /// With metadata, whose orientation is taken out.
    pub(crate) fn with(mut self, mut metadata: Metadata) -> Self {
        self.orientation = metadata.take_orientation();
        metadata.density = metadata.density.or_else(|| Density::from_exif(metadata.exif.as_deref()?));
        if self.orientation.swaps_sides() {
            metadata.density = metadata.density.map(Density::swapped);
        }
        self.metadata = metadata;
        self
    }

    /// What the colours that a file states mean for its samples; none is for code points without a meaning. A profile in
    /// whose place they come is named, unless it says the same.
    pub(crate) fn take_colours(&mut self, colours: Option<Colours>) {
        match colours {
            Some(Colours::Srgb) => self.replace_profile(None),
            Some(Colours::Profile(icc)) => self.replace_profile(Some(icc)),
            Some(Colours::Hdr(hdr)) => self.metadata.hdr = Some(hdr),
            None => self.notes.push("its colour space is of no known kind: sRGB is assumed".to_owned()),
        }
    }

    fn replace_profile(&mut self, new: Option<Vec<u8>>) {
        let Some(old) = std::mem::replace(&mut self.metadata.icc, new) else { return };
        let grey = self.stored.layout.colours() == 1;
        let is_same = self.metadata.icc.as_deref() == Some(&old[..])
            || Profile::parse(&old).is_ok_and(|old| match self.metadata.icc.as_deref().map(Profile::parse) {
                Some(new) => new.is_ok_and(|new| new.is_like(&old)),
                None if grey => old.is_like(&Profile::grey_srgb()),
                None => old.is_like(&Profile::named(Space::Srgb)),
            });
        if !is_same {
            self.name_replaced(&old);
        }
    }

    /// Names a profile in whose place code points count.
    fn name_replaced(&mut self, old: &[u8]) {
        self.metadata.lost(match Profile::parse(old) {
            Ok(old) => format!("the colour profile '{}', in whose place the file's code points count", old.title()),
            Err(_) => "a damaged colour profile, in whose place the file's code points count".to_owned(),
        });
    }

    /// As [`Self::take_colours`], beside a profile that has been found. It goes before code points, unless they say high
    /// dynamic range, which a profile only approximates.
    #[cfg(any(feature = "avif", feature = "heic"))]
    pub(crate) fn take_code_points(&mut self, points: CodePoints) {
        let colours = points.colours(self.stored.layout.colours() == 1);
        if self.metadata.icc.is_none() || matches!(colours, Some(Colours::Hdr(_))) {
            self.take_colours(colours);
        }
    }

    /// If the picture is one of high dynamic range, it is decoded to floats under a profile of its own.
    fn expect_hdr(&mut self) {
        let of_profile = self.metadata.icc.as_deref().and_then(Hdr::of_profile);
        let Some(hdr) = self.metadata.hdr.or(of_profile) else { return };
        self.metadata.hdr = Some(hdr);
        let is_same = of_profile.is_some_and(|own| (own.transfer, own.primaries) == (hdr.transfer, hdr.primaries));
        let old = std::mem::replace(&mut self.metadata.icc, hdr.profile(self.stored.layout));
        if let Some(old) = old.filter(|_| !is_same) {
            self.name_replaced(&old);
        }
        self.stored.depth = Depth::F32;
    }

    /// Samples as the decoder left them, decoded to floats if they are of high dynamic range.
    ///
    /// # Errors
    /// [`Stopped`] once `work.stop` says so.
    pub fn without_transfer(&self, pixels: Pixels, work: &mut Work<'_>) -> Result<Pixels, Stopped> {
        match self.metadata.hdr {
            Some(hdr) => hdr.decode(pixels, work),
            None => Ok(pixels),
        }
    }

    /// Where pixels go from the picture that metadata are about to the upright one.
    pub fn geometry(&self) -> Geometry {
        let stored = (self.stored.width, self.stored.height);
        let before = if self.turned.swaps_sides() { (stored.1, stored.0) } else { stored };
        self.turned.geometry(before).then(&self.orientation.geometry(stored))
    }

    /// Shape of the upright picture.
    pub fn upright(&self) -> Shape {
        let Shape { width, height, .. } = self.stored;
        if self.orientation.swaps_sides() { Shape { width: height, height: width, ..self.stored } } else { self.stored }
    }

    /// The part that the upright picture fills of the pixels that [`decode`](crate::decode) returns for one of the codec's
    /// divisors.
    pub fn extent(&self, divisor: u8) -> Extent {
        Extent::scaled(self.stored.width, self.stored.height, divisor.into()).upright(self.orientation)
    }
}

/// Recognises the format by content and reads the header.
///
/// # Errors
/// If it is no picture, damaged before its pixels, or over a limit.
pub fn read_header(input: &mut dyn Input, limits: &Limits) -> Result<(&'static Codec, Header), CodecError> {
    let read = read_header_of(input, limits, |_| true)?;
    read.ok_or(CodecError::Unrecognised)
}

/// As [`read_header`], but `None`, with nothing but the first bytes looked at, if the file is of a format that `reads`
/// refuses.
///
/// # Errors
/// As [`read_header`].
pub fn read_header_of(
    input: &mut dyn Input,
    limits: &Limits,
    reads: impl Fn(&Codec) -> bool,
) -> Result<Option<(&'static Codec, Header)>, CodecError> {
    let watch = Watch::new(limits, &|| false);
    let read = guarded(|| read_watched_header(&mut watch.over(input), limits, &reads));
    watch.conclude(read)
}

fn read_watched_header(
    input: &mut dyn Input,
    limits: &Limits,
    reads: &dyn Fn(&Codec) -> bool,
) -> Result<Option<(&'static Codec, Header)>, CodecError> {
    let mut head = Vec::with_capacity(HEAD_BYTES);
    input.take(HEAD_BYTES as u64).read_to_end(&mut head)?;
    input.seek(SeekFrom::Start(0))?;
    if head.is_empty() {
        return Err(CodecError::Empty);
    }
    for codec in CODECS.iter().copied().filter(|c| (c.recognises)(&head)) {
        if !reads(codec) {
            return Ok(None);
        }
        match (codec.header)(input, limits) {
            // Not this one after all.
            Err(CodecError::Unrecognised) => {}
            Err(error) => return Err(error),
            Ok(mut header) => {
                header.notes.extend(leave_out_large(&mut header.metadata));
                header.expect_hdr();
                let least = codec.divisors.iter().copied().max().unwrap_or(1);
                limits.check_decoded(&header, least)?;
                if let Some(frames) = frames_of(codec) {
                    header.frames = frames.survey(input, limits).frames;
                }
                limits.check_frames(header.frames)?;
                return Ok(Some((codec, header)));
            }
        }
        input.seek(SeekFrom::Start(0))?;
    }
    Err(CodecError::Unrecognised)
}

/// Largest block of metadata that is kept, decompressed. Profiles of printers have a few MiB, edited XMP rarely more.
pub(crate) const MOST_METADATA: usize = 64 << 20;

/// Drops blocks of metadata as large as only a malicious file has, and notes it.
pub(crate) fn leave_out_large(metadata: &mut Metadata) -> Vec<String> {
    let Metadata { icc, exif, xmp, iptc, photoshop, .. } = metadata;
    let blocks = [
        ("colour profile", icc),
        ("Exif data", exif),
        ("XMP data", xmp),
        ("IPTC data", iptc),
        ("Photoshop resources", photoshop),
    ];
    let large = blocks.into_iter().filter_map(|(what, block)| {
        let bytes = block.take_if(|bytes| bytes.len() > MOST_METADATA)?.len();
        Some(format!("left out: {what} of {} MiB; at most {} MiB are kept", bytes >> 20, MOST_METADATA >> 20))
    });
    large.collect()
}

/// Bytes by which a format is recognised; an SVG file may begin with a comment.
const HEAD_BYTES: usize = 1024;

/// As [`read_header`], from bytes in memory.
///
/// # Errors
/// As [`read_header`].
pub fn header(bytes: &[u8], limits: &Limits) -> Result<(&'static Codec, Header), CodecError> {
    read_header(&mut Cursor::new(bytes), limits)
}
