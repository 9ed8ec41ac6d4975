//! Files of several pictures: the frames of an animation, composited as they are displayed, and pages.
//!
//! Frames are read and written one at a time, so that an animation needs the memory of a few of its frames.
//!
//! A codec composites the frames; the batch takes each through the recipe.

pub(crate) mod canvas;

use std::time::{Duration, Instant};

use super::embed::{self, Embedding};
use super::{Codec, CodecError, EncodeOptions, Encoded, Input, Limits};
use lightloom_picture::{Metadata, Pixels};

pub use crate::formats::tiff::pages::page;

/// What can be done with files of several pictures of a format.
#[derive(Debug)]
pub struct Frames {
    pub(crate) codec: &'static Codec,
    /// Counts the pictures without decoding them, to at most one more than `most`.
    pub(crate) survey: fn(&mut dyn Input, most: u32) -> std::io::Result<Survey>,
    /// How an animation is read and written; `None` for pages.
    pub(crate) animation: Option<Animation>,
}

impl PartialEq for Frames {
    fn eq(&self, other: &Self) -> bool {
        self.codec == other.codec
    }
}

#[derive(Debug)]
pub(crate) struct Animation {
    pub open: for<'a> fn(&'a [u8], &Limits) -> Opened<'a>,
    pub begin: fn(&Begin<'_>) -> Result<Box<dyn WriteFrames>, CodecError>,
}

type Opened<'a> = Result<Box<dyn ReadFrames + 'a>, CodecError>;

/// What can be done with files of several pictures of this format, if it has such.
pub fn frames_of(codec: &Codec) -> Option<&'static Frames> {
    codec.frames
}

/// What a file says about its pictures.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Survey {
    /// How many there are.
    pub frames: u32,
    /// How often an animation plays; 0 for ever.
    pub plays: u32,
}

/// All frames together may decode to this many times the limit on decoded bytes, since they are held one at a time.
const ALL_FRAMES: u64 = 16;

impl Frames {
    /// Whether they are frames of an animation rather than pages.
    pub const fn animates(&self) -> bool {
        self.animation.is_some()
    }

    /// Singular and plural of what they are called.
    pub const fn words(&self) -> (&'static str, &'static str) {
        if self.animates() { ("frame", "frames") } else { ("page", "pages") }
    }

    /// Counts the pictures of a file. A truncated one is counted as far as it goes, to at most one more than the limit.
    pub fn survey(&self, input: &mut dyn Input, limits: &Limits) -> Survey {
        (self.survey)(input, limits.frames).unwrap_or(Survey { frames: 1, plays: 1 })
    }

    /// Refuses what would take too long.
    ///
    /// # Errors
    /// If there are too many pictures, or too many bytes of them.
    pub fn check(&self, frames: u32, frame_bytes: u64, limits: &Limits) -> Result<(), CodecError> {
        limits.check_frames(frames)?;
        let words = self.words().1;
        if frame_bytes.saturating_mul(frames.into()) > limits.decoded_bytes.saturating_mul(ALL_FRAMES) {
            let limit = (limits.decoded_bytes >> 20) * ALL_FRAMES;
            return Err(CodecError::Unsupported(format!("{frames} {words} that take more than {limit} MiB decoded")));
        }
        Ok(())
    }

    /// The frames of an animation in order, each as it is displayed: 8-bit RGBA.
    ///
    /// # Errors
    /// If the file is none.
    pub fn open<'a>(&self, bytes: &'a [u8], limits: &Limits) -> Result<Box<dyn ReadFrames + 'a>, CodecError> {
        match &self.animation {
            Some(animation) => {
                let inner = (animation.open)(bytes, limits)?;
                let left = Duration::from_secs(limits.seconds.into());
                Ok(Box::new(Timed { inner, seconds: limits.seconds, left }))
            }
            None => Err(CodecError::Unsupported("pages are no animation".to_owned())),
        }
    }

    /// Begins to write an animation.
    ///
    /// # Errors
    /// If the format cannot hold it.
    pub fn begin(&self, begin: &Begin<'_>) -> Result<Box<dyn WriteFrames>, CodecError> {
        match &self.animation {
            Some(animation) => {
                let (metadata, notes) = embed::fitted(self.codec, begin.metadata.clone());
                let inner = (animation.begin)(&Begin { metadata: &metadata, ..*begin })?;
                Ok(Box::new(Embedding { codec: self.codec, inner, metadata, notes }))
            }
            None => Err(CodecError::Encode { format: self.codec.title, reason: "it holds no animations".to_owned() }),
        }
    }
}

/// How long a frame is displayed, as a fraction of seconds: formats count in different units.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Delay {
    pub numerator: u32,
    /// Denominator, above zero.
    pub denominator: u32,
}

impl Delay {
    /// In whole parts of a second, `parts` to each, rounded.
    pub fn in_parts(self, parts: u32) -> u32 {
        let (n, d) = (u64::from(self.numerator), u64::from(self.denominator.max(1)));
        u32::try_from((n * u64::from(parts) + d / 2) / d).unwrap_or(u32::MAX)
    }
}

/// A frame as it is displayed.
#[derive(Debug)]
pub struct Frame {
    pub pixels: Pixels,
    /// How long it is shown.
    pub delay: Delay,
}

/// The frames of a file.
pub trait ReadFrames {
    /// The next frame; `None` after the last.
    ///
    /// # Errors
    /// If it is damaged or over a limit.
    fn next(&mut self) -> Result<Option<Frame>, CodecError>;
}

/// Limits the time spent decoding, not counting what happens between frames.
struct Timed<'a> {
    inner: Box<dyn ReadFrames + 'a>,
    seconds: u32,
    left: Duration,
}

impl ReadFrames for Timed<'_> {
    fn next(&mut self) -> Result<Option<Frame>, CodecError> {
        let begun = Instant::now();
        let frame = self.inner.next()?;
        match self.left.checked_sub(begun.elapsed()) {
            Some(left) => self.left = left,
            None => return Err(CodecError::TooSlow { seconds: self.seconds }),
        }
        Ok(frame)
    }
}

/// What must be known before the first frame is written.
#[derive(Debug)]
pub struct Begin<'a> {
    pub width: u32,
    pub height: u32,
    /// How many there will be, and how often they play.
    pub survey: Survey,
    /// How they are written.
    pub options: &'a EncodeOptions,
    /// What is embedded.
    pub metadata: &'a Metadata,
}

/// An animation that is being written.
pub trait WriteFrames {
    /// Takes the next frame, which has the announced size.
    ///
    /// # Errors
    /// If the encoder refuses.
    fn push(&mut self, frame: &Frame) -> Result<(), CodecError>;

    ///
    /// # Errors
    /// If the encoder refuses, or the number of frames is not the announced one.
    fn finish(self: Box<Self>) -> Result<Encoded, CodecError>;
}

#[cfg(test)]
mod tests;
