//! How a picture is written: the values of every format's options. What each may be, and for which formats it counts,
//! stands in [`super::OPTIONS`].

use lightloom_picture::Depth;

/// A choice of some words.
pub(super) trait Word: Copy + PartialEq + 'static {
    /// Each word of recipes and of the command line with what a person reads; the first is the default.
    const WORDS: &'static [(&'static str, &'static str)];
    /// Every value, in the order of the words.
    const ALL: &'static [Self];

    /// The word for this value.
    fn word(self) -> &'static str {
        Self::ALL.iter().position(|v| *v == self).map_or("", |i| Self::WORDS[i].0)
    }

    /// The value for this word.
    fn from_word(word: &str) -> Option<Self> {
        Self::WORDS.iter().position(|(known, _)| *known == word).map(|i| Self::ALL[i])
    }
}

macro_rules! words {
    ($(#[$doc:meta])* $name:ident { $(#[$first_doc:meta])* $first:ident = $first_word:literal, $first_title:literal; $($(#[$each:meta])* $variant:ident = $word:literal, $title:literal;)* }) => {
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
        pub enum $name {
            $(#[$first_doc])*
            #[default]
            $first,
            $($(#[$each])* $variant,)*
        }

        impl Word for $name {
            const WORDS: &'static [(&'static str, &'static str)] =
                &[($first_word, $first_title), $(($word, $title)),*];
            const ALL: &'static [Self] = &[Self::$first, $(Self::$variant),*];
        }
    };
}

words! {
    /// Bits of a written sample.
    DepthChoice {
        /// As many as the picture has, or the most that the format holds.
        Same = "same", "Same as the source";
        /// 8-bit.
        U8 = "8", "8 bits";
        /// 16-bit, or the most that the format holds.
        U16 = "16", "16 bits";
        /// 32-bit float, or the most that the format holds.
        F32 = "32f", "32-bit float";
    }
}

words! {
    /// Resolution of colour in a JPEG, beside that of brightness.
    ChromaSubsampling {
        /// 4:2:0 up to quality 90, 4:4:4 above.
        Auto = "auto", "Automatic";
        /// Full resolution.
        S444 = "444", "4:4:4 (full colour)";
        /// Half as many columns.
        S422 = "422", "4:2:2";
        /// Half as many columns and rows.
        S420 = "420", "4:2:0 (smallest)";
    }
}

words! {
    /// How much time goes into a smaller PNG.
    PngCompression {
        /// Deflate level 2, the best filter of each row.
        Normal = "normal", "Normal";
        /// One fixed filter and a compressor made for speed.
        Fast = "fast", "Fast";
        /// Several ways of coding are tried and the smallest is kept.
        Small = "small", "Smallest";
    }
}

words! {
    /// How the strips of a TIFF are compressed. All keep every sample.
    TiffCompression {
        /// Not at all.
        None = "none", "None";
        /// LZW, which every reader knows.
        Lzw = "lzw", "LZW";
        /// Deflate: the smallest.
        Deflate = "deflate", "Deflate";
        /// PackBits: only runs of equal bytes.
        PackBits = "packbits", "PackBits";
    }
}

/// Values of every option. A format ignores those that do not apply to it.
#[derive(Debug, Clone, PartialEq)]
pub struct EncodeOptions {
    /// Quality of lossy formats, 1–100. Default: 90.
    pub quality: u8,
    /// Largest file in KiB, reached by lowering the quality of lossy formats; 0 for any size. Default: 0.
    pub max_kib: u32,
    /// Bits of a sample. Default: as the picture has.
    pub depth: DepthChoice,
    /// Colour under transparent pixels where the format holds no transparency, encoded sRGB. Default: white.
    pub background: [u8; 3],
    /// Resolution of colour (JPEG). Default: automatic.
    pub subsampling: ChromaSubsampling,
    /// Whether a JPEG comes in scans from coarse to fine. Default: no.
    pub progressive: bool,
    /// Whether a JPEG gets optimised Huffman tables, and scans where they make it smaller. Default: no.
    pub smallest: bool,
    /// Time for a smaller PNG. Default: normal.
    pub png_compression: PngCompression,
    /// Whether a PNG is reduced to a palette. Default: no.
    pub palette: bool,
    /// Most colours of a palette (PNG, GIF), 2–256. Default: 256.
    pub colours: u16,
    /// Whether a palette's missing colours are mixed from its neighbours (error diffusion). Default: yes.
    pub dither: bool,
    /// Whether a WebP keeps every sample. Default: no.
    pub lossless: bool,
    /// Time for a smaller WebP, 0–6. Default: 4.
    pub method: u8,
    /// How a TIFF is compressed. Default: not at all.
    pub tiff_compression: TiffCompression,
}

impl Default for EncodeOptions {
    fn default() -> Self {
        Self {
            quality: 90,
            max_kib: 0,
            depth: DepthChoice::Same,
            background: [255; 3],
            subsampling: ChromaSubsampling::Auto,
            progressive: false,
            smallest: false,
            png_compression: PngCompression::Normal,
            palette: false,
            colours: 256,
            dither: true,
            lossless: false,
            method: 4,
            tiff_compression: TiffCompression::None,
        }
    }
}

impl EncodeOptions {
    /// The usual values with this quality.
    pub fn with_quality(quality: u8) -> Self {
        Self { quality, ..Self::default() }
    }

    /// The depth to write a picture of this depth in.
    pub(super) const fn depth_for(&self, source: Depth) -> Depth {
        match self.depth {
            DepthChoice::Same => source,
            DepthChoice::U8 => Depth::U8,
            DepthChoice::U16 => Depth::U16,
            DepthChoice::F32 => Depth::F32,
        }
    }

    /// The background as a person reads it.
    pub(super) fn background_name(&self) -> String {
        match self.background {
            [255, 255, 255] => "white".to_owned(),
            [0, 0, 0] => "black".to_owned(),
            [r, g, b] => format!("#{r:02x}{g:02x}{b:02x}"),
        }
    }
}
