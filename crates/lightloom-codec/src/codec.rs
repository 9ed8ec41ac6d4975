//! What a format is: how its files are recognised, read and written, as data.

use lightloom_param::{ParamSpec, Value};
use lightloom_picture::{Depth, Layout, Picture, RowForm};

use crate::decode::{Reader, RowReader};
use crate::embed::{Embed, Holds};
use crate::encode::RowWriter;
use crate::formats::{WITH_CODE_POINTS, jpeg, png, tiff};
use crate::options::{CommonOptions, quality_applies};
use crate::{CodecError, EncodeOptions, Encoded, Frames, Header, Input, Limits};

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
    /// Factors by which the decoder can scale both sides down, 1 among them.
    pub divisors: &'static [u8],
    /// Depths that pictures read from it can have.
    pub depths: &'static [Depth],
    /// Whether a file can hold several pictures: frames or pages.
    pub several: bool,
    /// Whether what its decoder takes of memory and time cannot be known beforehand nor ended from within, so that a batch
    /// has a worker process open and develop it.
    pub isolates: bool,
    /// How several pictures of a file are read and written; `None` where only the first is.
    pub(crate) frames: Option<&'static Frames>,
    /// Whether a file begins like this format; `head` holds the first 1024 bytes of the file, or all. [`Self::header`] may
    /// still find that it is not ([`CodecError::Unrecognised`]).
    pub(crate) recognises: fn(head: &[u8]) -> bool,
    /// Reads size, channels and metadata, no pixels.
    pub(crate) header: fn(&mut dyn Input, &Limits) -> Result<Header, CodecError>,
    /// Decodes the first picture of the file, not yet upright.
    pub(crate) decode: Reader,
    /// Decodes the same from top to bottom, a few rows at a time; `None` where the whole picture is needed.
    pub(crate) decode_rows: Option<RowReader>,
    /// How it is written; `None` for formats that are only read.
    pub(crate) write: Option<Writer>,
}

/// How a file holds high dynamic range.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum HdrForm {
    /// As PQ or HLG, with code points that say so.
    Coded,
    /// As floats, of which 1.0 is diffuse white.
    Light,
}

/// Begins a file of a picture that arrives from top to bottom, if that form and the options allow it.
pub(crate) type BeginRows = fn(RowForm, &EncodeOptions) -> Option<Box<dyn RowWriter>>;

/// The writing half of a format.
pub(crate) struct Writer {
    /// What can be chosen; [`encode`](crate::encode) sees to those that [`CommonOptions`](crate::options::CommonOptions) has.
    pub options: &'static [ParamSpec],
    /// Writes a picture in the depth and layout that [`Self::fit`] gave.
    pub encode: fn(&Picture, &EncodeOptions) -> Result<Encoded, CodecError>,
    /// Begins a file that is the same, but takes its picture from top to bottom; `None` where the whole picture is needed,
    /// for some options or for all.
    pub encode_rows: Option<BeginRows>,
    /// The nearest layout and depth that the format can hold.
    pub fit: fn(Layout, Depth) -> (Layout, Depth),
    /// Which metadata the files hold, and how what [`Self::encode`] leaves out gets there. `None`: only pixels, in sRGB.
    pub embed: Option<Embed>,
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

    /// The encoding options; none for formats that are only read.
    pub fn options(&self) -> &'static [ParamSpec] {
        self.write.as_ref().map_or(&[], |writer| writer.options)
    }

    /// Whether writing this format heeds an option.
    pub fn has_option(&self, option: &ParamSpec) -> bool {
        self.options().iter().any(|own| own.key == option.key)
    }

    /// Whether quality counts with these options.
    pub fn is_lossy_with(&self, options: &EncodeOptions) -> bool {
        quality_applies(options, self.options())
    }

    /// Whether files of this format carry the colour profile of their samples; without one they count as sRGB.
    pub fn embeds_profiles(&self) -> bool {
        self.holds().profile
    }

    /// Whether files of this format carry gain maps.
    pub fn embeds_gain_maps(&self) -> bool {
        self.holds().gain_map
    }

    /// Whether files of this format carry small copies of the picture, in Exif data or in Photoshop's resources.
    pub fn embeds_thumbnails(&self) -> bool {
        self.holds().thumbnail || self.holds().iptc
    }

    /// How files of this format that are written with these options hold high dynamic range; none if they do not.
    pub fn hdr_form(&self, options: &EncodeOptions) -> Option<HdrForm> {
        let writer = self.write.as_ref()?;
        let common: CommonOptions = options.read();
        let has_palette = writer.options.iter().any(|o| o.key == "palette" && options.get(o) == Value::Toggle(true));
        match (writer.fit)(Layout::Rgb, common.depth_for(Depth::U16)).1 {
            Depth::F32 => Some(HdrForm::Light),
            Depth::U16 if WITH_CODE_POINTS.contains(&self) && !has_palette => Some(HdrForm::Coded),
            _ => None,
        }
    }

    /// Which metadata files hold that are written.
    pub(crate) fn holds(&self) -> Holds {
        self.write.as_ref().and_then(|writer| writer.embed.as_ref()).map_or(Holds::NOTHING, |embed| embed.holds)
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
