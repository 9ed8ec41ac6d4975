//! What is refused before memory is asked for, and when too much time has been spent.

use super::{CodecError, Header};
use lightloom_picture::Shape;

/// What is refused before memory is asked for, and when too much time has been spent.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// Largest file. Default: 1 GiB.
    pub file_bytes: u64,
    /// Largest width or height. Default: 262,144.
    pub side: u32,
    /// Most bytes of decoded samples. Default: 1 GiB.
    pub decoded_bytes: u64,
    /// Most scans of a progressive JPEG. Default: 200.
    pub scans: usize,
    /// Most pictures in an animation or a file of several pages. Default: 10,000.
    pub frames: u32,
    /// Most seconds that decoding a picture may take; of an animation, all its frames. What a decoder does in one piece is
    /// not interrupted, but fails afterwards. Default: 120.
    pub seconds: u32,
    /// Longest side in pixels to which drawings (SVG) are rendered. Default: the size that each states.
    pub drawing_side: Option<u32>,
}

/// Limits of which each may be given or not; the others stay what they are.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct SomeLimits {
    /// As [`Limits::file_bytes`].
    pub file_bytes: Option<u64>,
    /// As [`Limits::side`].
    pub side: Option<u32>,
    /// As [`Limits::decoded_bytes`].
    pub decoded_bytes: Option<u64>,
    /// As [`Limits::scans`].
    pub scans: Option<usize>,
    /// As [`Limits::frames`].
    pub frames: Option<u32>,
    /// As [`Limits::seconds`].
    pub seconds: Option<u32>,
    /// As [`Limits::drawing_side`].
    pub drawing_side: Option<u32>,
}

impl SomeLimits {
    /// `usual`, but for those that are given.
    pub fn over(&self, usual: &Limits) -> Limits {
        Limits {
            file_bytes: self.file_bytes.unwrap_or(usual.file_bytes),
            side: self.side.unwrap_or(usual.side),
            decoded_bytes: self.decoded_bytes.unwrap_or(usual.decoded_bytes),
            scans: self.scans.unwrap_or(usual.scans),
            frames: self.frames.unwrap_or(usual.frames),
            seconds: self.seconds.unwrap_or(usual.seconds),
            drawing_side: self.drawing_side.or(usual.drawing_side),
        }
    }

    /// `now`, but where a limit still is the one that was given, the one that was `before`.
    pub fn taken_back(&self, now: &Limits, before: &Limits) -> Limits {
        fn pick<T: PartialEq + Copy>(given: Option<T>, now: T, before: T) -> T {
            if given == Some(now) { before } else { now }
        }
        let drawing_is_given = self.drawing_side.is_some() && self.drawing_side == now.drawing_side;
        Limits {
            file_bytes: pick(self.file_bytes, now.file_bytes, before.file_bytes),
            side: pick(self.side, now.side, before.side),
            decoded_bytes: pick(self.decoded_bytes, now.decoded_bytes, before.decoded_bytes),
            scans: pick(self.scans, now.scans, before.scans),
            frames: pick(self.frames, now.frames, before.frames),
            seconds: pick(self.seconds, now.seconds, before.seconds),
            drawing_side: if drawing_is_given { before.drawing_side } else { now.drawing_side },
        }
    }
}

/// The limits of a program that sets none.
const USUAL: Limits = Limits {
    file_bytes: 1 << 30,
    side: 1 << 18,
    decoded_bytes: 1 << 30,
    scans: 200,
    frames: 10_000,
    seconds: 120,
    drawing_side: None,
};

impl Default for Limits {
    fn default() -> Self {
        USUAL
    }
}

impl Limits {
    /// The limits as numbers, to hand them to another process.
    pub fn to_text(&self) -> String {
        let Self { file_bytes, side, decoded_bytes, scans, frames, seconds, drawing_side } = self;
        format!("{file_bytes} {side} {decoded_bytes} {scans} {frames} {seconds} {}", drawing_side.unwrap_or(0))
    }

    /// From [`Self::to_text`].
    pub fn from_text(text: &str) -> Option<Self> {
        let mut words = text.split(' ').map(str::parse::<u64>);
        let mut next = || words.next()?.ok();
        Some(Self {
            file_bytes: next()?,
            side: u32::try_from(next()?).ok()?,
            decoded_bytes: next()?,
            scans: usize::try_from(next()?).ok()?,
            frames: u32::try_from(next()?).ok()?,
            seconds: u32::try_from(next()?).ok()?,
            drawing_side: Some(u32::try_from(next()?).ok()?).filter(|side| *side > 0),
        })
    }

    /// Checks what a decode at one of the codec's divisors holds: the whole picture, unless it is made smaller on the way.
    ///
    /// # Errors
    /// If it is over a limit.
    pub fn check_decoded(&self, header: &Header, divisor: u8) -> Result<(), CodecError> {
        let whole = self.check(header.stored);
        let Err(CodecError::TooLarge { width, height, .. }) = whole else { return whole };
        if !header.decodes_scaled {
            return whole;
        }
        let side = |n: u32| n.div_ceil(divisor.max(1).into());
        let held = Shape { width: side(width), height: side(height), ..header.stored }.bytes();
        if held <= self.decoded_bytes {
            return Ok(());
        }
        Err(CodecError::OverLimit(format!(
            "{width} × {height} pixels take {} MiB, and {} MiB are allowed; make the picture smaller by a filter such as Resize, which then takes less, or raise the limit on the command line with --max-decoded",
            held >> 20,
            self.decoded_bytes >> 20
        )))
    }

    pub(super) fn check(&self, shape: Shape) -> Result<(), CodecError> {
        if shape.width == 0 || shape.height == 0 {
            return Err(CodecError::Damaged(format!("the picture is {} × {} pixels", shape.width, shape.height)));
        }
        if shape.width.max(shape.height) > self.side {
            return Err(CodecError::TooWide { width: shape.width, height: shape.height, limit: self.side });
        }
        if shape.bytes() > self.decoded_bytes {
            return Err(CodecError::TooLarge {
                width: shape.width,
                height: shape.height,
                limit_mib: self.decoded_bytes >> 20,
            });
        }
        Ok(())
    }

    pub(super) fn check_frames(&self, frames: u32) -> Result<(), CodecError> {
        if frames > self.frames {
            return Err(CodecError::TooManyFrames { frames, limit: self.frames });
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use lightloom_picture::{Depth, Layout};

    #[test]
    fn a_picture_that_is_made_smaller_counts_by_what_is_held() {
        let whole = Header::new(30_000, 30_000, Layout::Rgb, Depth::U8);
        let scaled = Header { decodes_scaled: true, ..whole.clone() };
        for (header, divisor, fits) in [(&whole, 8, false), (&scaled, 1, false), (&scaled, 2, true), (&scaled, 8, true)]
        {
            assert_eq!(USUAL.check_decoded(header, divisor).is_ok(), fits, "{divisor}");
        }
        let wide = Header { stored: Shape { width: 300_000, ..scaled.stored }, ..scaled.clone() };
        assert!(matches!(USUAL.check_decoded(&wide, 8), Err(CodecError::TooWide { .. })));
        assert!(matches!(USUAL.check_decoded(&whole, 8), Err(CodecError::TooLarge { .. })));
        match USUAL.check_decoded(&scaled, 1) {
            Err(CodecError::OverLimit(why)) => assert!(why.contains("2574 MiB") && why.contains("Resize"), "{why}"),
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn limits_survive_the_transfer_to_another_process() {
        for limits in [USUAL, Limits { drawing_side: Some(500), side: 9, seconds: 7, ..USUAL }] {
            assert_eq!(Limits::from_text(&limits.to_text()), Some(limits));
        }
        assert_eq!(Limits::from_text("1 2 x"), None);
    }

    #[test]
    fn given_limits_override_and_are_reverted() {
        let before = Limits { side: 5000, frames: 7, ..USUAL };
        let given =
            SomeLimits { side: Some(USUAL.side), seconds: Some(9), drawing_side: Some(300), ..SomeLimits::default() };
        let now = given.over(&before);
        assert_eq!(now, Limits { side: USUAL.side, frames: 7, seconds: 9, drawing_side: Some(300), ..USUAL });
        assert_eq!(given.taken_back(&now, &before), before);
        // What has been changed since is what is wanted from now on.
        let changed = Limits { seconds: 20, scans: 3, ..now };
        assert_eq!(given.taken_back(&changed, &before), Limits { seconds: 20, scans: 3, ..before });
        assert_eq!(SomeLimits::default().over(&before), before);
    }
}
