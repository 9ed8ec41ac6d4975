//! From bytes to pixels: markers → bits → coefficients → strips of samples → pixels.
//!
//! Work goes along in groups of `LANES` MCUs, which fit the first-level cache: their coefficients are stored with
//! the same coefficient of neighbouring blocks side by side, so that both passes of the transform run down vectors and
//! nothing is transposed but the finished samples.

mod bits;
mod colour;
mod entropy;
mod huffman;
mod markers;
mod pixels;
mod progressive;
mod strips;
mod transform;
mod upsample;

use markers::Headers;

/// Blocks whose coefficients lie side by side.
const LANES: usize = 16;

/// A file that this decoder does not read, and why. Nothing is known about whether it is damaged.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct Declined(&'static str);

/// The size at which a file is decoded.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Scale {
    Full,
    Half,
    Quarter,
    Eighth,
}

impl Scale {
    /// By how much width and height are divided, rounded up.
    pub fn divisor(self) -> usize {
        match self {
            Self::Full => 1,
            Self::Half => 2,
            Self::Quarter => 4,
            Self::Eighth => 8,
        }
    }
}

/// A file whose headers have been read.
#[derive(Debug)]
pub struct Jpeg<'a> {
    headers: Headers<'a>,
}

impl<'a> Jpeg<'a> {
    /// Reads the headers.
    ///
    /// # Errors
    /// If the file is not one that this decoder reads.
    pub fn new(bytes: &'a [u8]) -> Result<Self, Declined> {
        Ok(Self { headers: Headers::read(bytes)? })
    }

    /// Width and height when decoded at `scale`.
    pub fn size(&self, scale: Scale) -> (usize, usize) {
        (self.headers.width.div_ceil(scale.divisor()), self.headers.height.div_ceil(scale.divisor()))
    }

    /// Whether the picture has no colour.
    pub fn is_grey(&self) -> bool {
        self.headers.components.len() == 1
    }

    /// Decodes into `samples`: grey, or interleaved RGB. With `split`, two threads of the rayon pool share the work, for a
    /// picture that is alone. `go_on` is asked for every row of MCUs.
    ///
    /// # Errors
    /// If the data are damaged or of a kind that this decoder does not read, or `go_on` says no. `samples` is unspecified
    /// then.
    ///
    /// # Panics
    /// If `samples` has not as many samples as [`Self::size`] and the number of channels say.
    pub fn decode(
        &self,
        scale: Scale,
        samples: &mut [u8],
        split: bool,
        go_on: &mut dyn FnMut() -> bool,
    ) -> Result<(), Declined> {
        pixels::decode(&self.headers, scale, samples, split, go_on)
    }

    /// Decodes to the same samples a few rows at a time, from the first to the last: calls `rows` with one or more whole
    /// rows, which it may change, until it says no. With `split`, while the data of the next are read. `go_on` is asked for every
    /// row of MCUs.
    ///
    /// # Errors
    /// As [`Self::decode`], and if `rows` says no.
    pub fn decode_rows(
        &self,
        scale: Scale,
        split: bool,
        go_on: &mut dyn FnMut() -> bool,
        rows: &mut (dyn FnMut(&mut [u8]) -> bool + Send),
    ) -> Result<(), Declined> {
        pixels::decode_rows(&self.headers, scale, split, go_on, rows)
    }

    /// How many columns and rows of luma share a sample of chroma in the file; none of a grey picture.
    pub fn chroma(&self) -> Option<(usize, usize)> {
        (!self.is_grey()).then(|| self.headers.components[0].blocks)
    }

    /// As [`Self::decode_rows`], to planes of Y, Cb and Cr: `bands` gets one or more times the rows of luma that share a row of
    /// chroma, behind them that of Cb and that of Cr. Below the picture, its last row of luma is repeated. `chroma` is how many
    /// columns and rows of luma share a sample of chroma: as many as in the file or, where the picture is made smaller, one.
    ///
    /// # Errors
    /// As [`Self::decode_rows`], if the picture is grey, and if chroma is to be any other.
    pub fn decode_bands(
        &self,
        (scale, chroma): (Scale, (usize, usize)),
        split: bool,
        go_on: &mut dyn FnMut() -> bool,
        bands: &mut (dyn FnMut(&mut [u8]) -> bool + Send),
    ) -> Result<(), Declined> {
        let is_offered = self.chroma() == Some(chroma) || scale != Scale::Full && chroma == (1, 1);
        if !is_offered {
            return Err(Declined("its chroma is not stored so"));
        }
        pixels::decode_bands(&self.headers, (scale, chroma), split, go_on, bands)
    }
}
