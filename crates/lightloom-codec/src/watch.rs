//! Time limit and cancellation of decoding.
//!
//! Most decoders pull their bytes from a reader, and [`Watched`] is that reader: it fails once the time is up or the run
//! has been stopped. Our own readers ask between rows, strips and tiles. What a decoder does inside one call on bytes that
//! it already holds (JPEG, HEIC, one AV1 tile, JPEG 2000, SVG) is not interrupted; it is bounded by the other limits, and
//! its result is refused if it came too late.
//!
//! A new codec reads through [`Watch::bytes`], or calls [`Watch::check`] once per chunk or row. Only a worker process
//! can be ended in the middle of a call.

use std::io::{BufRead, Cursor, Read, Result, Seek, SeekFrom};
use std::sync::atomic::{AtomicU8, Ordering::Relaxed};
use std::time::{Duration, Instant};

use super::{CodecError, Limits};

/// Bytes read between two checks, and at most in one call.
const STEP: usize = 64 << 10;

/// Cost of a call beside its bytes, so that many small ones are checked too.
const CALL: usize = 16;

/// No check has failed.
const FINE: u8 = 0;
/// The time was up.
const LATE: u8 = 1;
/// The result is no longer wanted.
const STOPPED: u8 = 2;

/// Time limit and cancellation of decoding one picture.
pub(super) struct Watch<'a> {
    seconds: u32,
    /// `None` if the limit is beyond the clock's range.
    end: Option<Instant>,
    stop: &'a (dyn Fn() -> bool + Sync),
    seen: AtomicU8,
}

impl<'a> Watch<'a> {
    /// The time starts now.
    pub fn new(limits: &Limits, stop: &'a (dyn Fn() -> bool + Sync)) -> Self {
        let end = Instant::now().checked_add(Duration::from_secs(limits.seconds.into()));
        Self { seconds: limits.seconds, end, stop, seen: AtomicU8::new(FINE) }
    }

    /// Checks the clock and for cancellation.
    ///
    /// # Errors
    /// If decoding should end.
    pub fn check(&self) -> std::result::Result<(), CodecError> {
        if self.seen.load(Relaxed) == FINE {
            let late = self.end.is_some_and(|end| Instant::now() >= end);
            self.seen.store(if (self.stop)() { STOPPED } else { u8::from(late) * LATE }, Relaxed);
        }
        match self.seen.load(Relaxed) {
            LATE => Err(CodecError::TooSlow { seconds: self.seconds }),
            STOPPED => Err(CodecError::Stopped),
            _ => Ok(()),
        }
    }

    /// The decoder's result, unless time was up or it was cancelled: decoders turn the reader's failure into errors of
    /// their own, or take it for the end of the file.
    pub fn conclude<T>(&self, result: std::result::Result<T, CodecError>) -> std::result::Result<T, CodecError> {
        self.check()?;
        result
    }

    /// A reader that fails when decoding should end.
    pub fn over<R>(&self, inner: R) -> Watched<'_, R> {
        Watched { inner, watch: self, left: 0 }
    }

    /// As [`Self::over`], of bytes in memory.
    pub fn bytes<'b>(&'b self, bytes: &'b [u8]) -> Watched<'b, Cursor<&'b [u8]>> {
        self.over(Cursor::new(bytes))
    }
}

/// A reader that checks the clock as it is read from.
pub(super) struct Watched<'a, R> {
    inner: R,
    watch: &'a Watch<'a>,
    /// Bytes until the next check.
    left: usize,
}

impl<R> Watched<'_, R> {
    fn spend(&mut self, bytes: usize) -> Result<()> {
        match self.left.checked_sub(bytes + CALL) {
            Some(left) => self.left = left,
            None => {
                self.watch.check().map_err(std::io::Error::other)?;
                self.left = STEP;
            }
        }
        Ok(())
    }
}

impl<R: Read> Read for Watched<'_, R> {
    fn read(&mut self, buffer: &mut [u8]) -> Result<usize> {
        self.spend(buffer.len())?;
        self.inner.read(buffer)
    }
}

impl<R: BufRead> BufRead for Watched<'_, R> {
    fn fill_buf(&mut self) -> Result<&[u8]> {
        self.spend(0)?;
        let buffer = self.inner.fill_buf()?;
        Ok(&buffer[..buffer.len().min(STEP)])
    }

    fn consume(&mut self, amount: usize) {
        self.left = self.left.saturating_sub(amount);
        self.inner.consume(amount);
    }
}

impl<R: Seek> Seek for Watched<'_, R> {
    fn seek(&mut self, to: SeekFrom) -> Result<u64> {
        self.spend(0)?;
        self.inner.seek(to)
    }

    fn stream_position(&mut self) -> Result<u64> {
        self.inner.stream_position()
    }

    // What lies in a buffer stays there.
    fn seek_relative(&mut self, offset: i64) -> Result<()> {
        self.spend(0)?;
        self.inner.seek_relative(offset)
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::AtomicUsize;

    use super::*;

    #[test]
    fn a_reader_fails_soon_after_the_time_is_over() {
        let data = vec![7; 10 * STEP];
        let none = Limits { seconds: 0, ..Limits::default() };
        let watch = Watch::new(&none, &|| false);
        let mut out = Vec::new();
        assert!(watch.bytes(&data).read_to_end(&mut out).is_err());
        assert!(out.len() <= STEP, "{}", out.len());
        assert_eq!(watch.check(), Err(CodecError::TooSlow { seconds: 0 }));
        // An error of the decoder's own gives way, and so does a result.
        assert_eq!(watch.conclude::<()>(Err(CodecError::Empty)), Err(CodecError::TooSlow { seconds: 0 }));
        assert_eq!(watch.conclude(Ok(1)), Err(CodecError::TooSlow { seconds: 0 }));
    }

    #[test]
    fn a_reader_looks_at_every_step_whatever_the_calls_are() {
        let data = vec![7; 10 * STEP];
        let looks = AtomicUsize::new(0);
        let limits = Limits::default();
        let stop = || {
            looks.fetch_add(1, Relaxed);
            false
        };
        let watch = Watch::new(&limits, &stop);
        let mut reader = watch.bytes(&data);
        assert_eq!(reader.by_ref().bytes().count(), data.len());
        let single = looks.swap(0, Relaxed);
        assert!((100..=200).contains(&single), "{single} looks at single bytes");
        reader.seek(SeekFrom::Start(0)).unwrap();
        while !reader.fill_buf().unwrap().is_empty() {
            reader.consume(STEP);
        }
        let pieces = looks.load(Relaxed);
        assert!((10..=12).contains(&pieces), "{pieces} looks at pieces");
        assert_eq!(watch.conclude(Ok(1)), Ok(1));
    }

    #[test]
    fn stopping_a_run_ends_the_reader() {
        let data = vec![7; 10 * STEP];
        let count = AtomicUsize::new(0);
        let limits = Limits::default();
        let stop = || count.fetch_add(1, Relaxed) >= 3;
        let watch = Watch::new(&limits, &stop);
        let mut out = Vec::new();
        assert!(watch.bytes(&data).read_to_end(&mut out).is_err());
        assert!(out.len() <= 4 * STEP, "{}", out.len());
        assert_eq!(watch.conclude::<()>(Err(CodecError::Empty)), Err(CodecError::Stopped));
    }
}
