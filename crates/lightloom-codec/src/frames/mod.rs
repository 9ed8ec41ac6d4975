//! Files of several pictures: the frames of an animation, composed as they are seen, and pages.
//!
//! Frames come one at a time and go one at a time, so that an animation needs the memory of a few of its frames.

mod canvas;
pub(super) mod gif;
mod pages;
mod png;
pub(super) mod webp;

use std::time::{Duration, Instant};

use super::{Codec, CodecError, EncodeOptions, Encoded, Input, Limits};
use lightloom_picture::{Metadata, Pixels};

pub use pages::page;

/// What can be done with files of several pictures, a row for each such format.
#[derive(Debug)]
pub struct Frames {
    codec: &'static Codec,
    /// Counts the pictures without decoding them, to at most one more than `most`.
    survey: fn(&mut dyn Input, most: u32) -> std::io::Result<Survey>,
    /// How an animation is read and written; `None` for pages.
    animation: Option<Animation>,
}

impl PartialEq for Frames {
    fn eq(&self, other: &Self) -> bool {
        self.codec == other.codec
    }
}

#[derive(Debug)]
struct Animation {
    open: for<'a> fn(&'a [u8], &Limits) -> Opened<'a>,
    begin: fn(&Begin<'_>) -> Result<Box<dyn WriteFrames>, CodecError>,
}

type Opened<'a> = Result<Box<dyn ReadFrames + 'a>, CodecError>;

static FRAMES: &[Frames] = &[gif::FRAMES, png::FRAMES, webp::FRAMES, pages::FRAMES];

/// What can be done with files of several pictures of this format, if it has such.
pub fn frames_of(codec: &Codec) -> Option<&'static Frames> {
    FRAMES.iter().find(|frames| frames.codec == codec)
}

/// What a file says about its pictures.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Survey {
    /// How many there are.
    pub frames: u32,
    /// How often an animation plays; 0 for ever.
    pub plays: u32,
}

/// How many times the limit on decoded bytes all frames together may have: they are held one at a time.
const ALL_FRAMES: u64 = 16;

impl Frames {
    /// Whether they are frames of an animation rather than pages.
    pub const fn animates(&self) -> bool {
        self.animation.is_some()
    }

    /// What they are called, one and several.
    pub const fn words(&self) -> (&'static str, &'static str) {
        if self.animates() { ("frame", "frames") } else { ("page", "pages") }
    }

    /// Counts the pictures of a file. One that breaks off is counted as far as it goes, to at most one more than the limit.
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

    /// The frames of an animation in order, each as it is seen: 8 bits, RGBA.
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
            Some(animation) => (animation.begin)(begin),
            None => Err(CodecError::Encode { format: self.codec.title, reason: "it holds no animations".to_owned() }),
        }
    }
}

/// How long a frame is shown, in seconds as a fraction: each format counts in other units.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Delay {
    /// Numerator.
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

/// A frame as it is seen.
#[derive(Debug)]
pub struct Frame {
    /// The whole picture.
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

/// Counts the time that decoding takes, not what is done with the frames in between.
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
    /// Columns.
    pub width: u32,
    /// Rows.
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
    /// Takes the next frame, which has the size that was said.
    ///
    /// # Errors
    /// If the encoder refuses.
    fn push(&mut self, frame: &Frame) -> Result<(), CodecError>;

    /// The file.
    ///
    /// # Errors
    /// If the encoder refuses, or there were not as many frames as was said.
    fn finish(self: Box<Self>) -> Result<Encoded, CodecError>;
}

#[cfg(test)]
mod tests;
