//! A buffered reader for headers, which reads little where it has jumped to.
//!
//! What a header says may lie all over a file: between the pieces of a PNG file's pixels, or in the directories of a TIFF
//! file. A usual buffered reader fills its whole buffer after each jump, and has read all of the file in the end.

use std::io::{self, BufRead, ErrorKind, Read, Seek, SeekFrom};

/// Bytes that are read at once at the beginning and where reading goes on: most headers.
const MOST: usize = 64 << 10;
/// Bytes that are read at once after a jump; four times as many each time that reading goes on from there.
const AFTER_JUMP: usize = 512;

/// Reads through a buffer. Jumping costs nothing until something is read.
#[derive(Debug)]
pub(super) struct SparingReader<R> {
    inner: R,
    /// Position of `inner`, once it is known.
    inner_at: Option<u64>,
    /// Position of who reads.
    at: u64,
    buffer: Box<[u8]>,
    /// The position and the number of the bytes in the buffer.
    held: (u64, usize),
    /// Bytes to be read next time.
    next: usize,
}

impl<R: Read + Seek> SparingReader<R> {
    /// Reads `inner` from its beginning.
    pub fn new(inner: R) -> Self {
        Self { inner, inner_at: None, at: 0, buffer: vec![0; MOST].into(), held: (0, 0), next: MOST }
    }

    /// What it reads, at any position.
    pub fn into_inner(self) -> R {
        self.inner
    }

    /// Where in the buffer the next byte is.
    fn place(&self) -> Option<usize> {
        let (begin, length) = self.held;
        let place = usize::try_from(self.at.checked_sub(begin)?).ok()?;
        (place < length).then_some(place)
    }

    /// Takes `inner` to where reading goes on.
    fn follow(&mut self) -> io::Result<()> {
        if self.inner_at != Some(self.at) {
            self.inner_at = Some(self.inner.seek(SeekFrom::Start(self.at))?);
        }
        Ok(())
    }

    /// Reads at `self.at`.
    fn read_there(&mut self, read: impl FnOnce(&mut R, &mut [u8]) -> io::Result<usize>) -> io::Result<usize> {
        self.follow()?;
        let read = read(&mut self.inner, &mut self.buffer)?;
        self.inner_at = Some(self.at + read as u64);
        Ok(read)
    }

    fn fill(&mut self) -> io::Result<()> {
        let (begin, length) = self.held;
        let goes_on = self.at == begin + length as u64;
        self.next = if goes_on { self.next } else { AFTER_JUMP };
        self.held = (self.at, 0);
        let next = self.next;
        let read = self.read_there(|inner, buffer| inner.read(&mut buffer[..next]))?;
        self.held = (self.at, read);
        self.next = (4 * self.next).min(MOST);
        Ok(())
    }
}

impl<R: Read + Seek> Read for SparingReader<R> {
    fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
        if self.place().is_none() && out.len() >= MOST {
            let read = self.read_there(|inner, _| inner.read(out))?;
            self.at += read as u64;
            return Ok(read);
        }
        let read = self.fill_buf()?.read(out)?;
        self.consume(read);
        Ok(read)
    }
}

impl<R: Read + Seek> BufRead for SparingReader<R> {
    fn fill_buf(&mut self) -> io::Result<&[u8]> {
        if self.place().is_none() {
            self.fill()?;
        }
        let place = self.place().unwrap_or(self.held.1);
        Ok(&self.buffer[place..self.held.1])
    }

    fn consume(&mut self, amount: usize) {
        self.at += amount as u64;
    }
}

impl<R: Read + Seek> Seek for SparingReader<R> {
    fn seek(&mut self, to: SeekFrom) -> io::Result<u64> {
        self.at = match to {
            SeekFrom::Start(position) => position,
            SeekFrom::Current(by) => self.at.checked_add_signed(by).ok_or(ErrorKind::InvalidInput)?,
            SeekFrom::End(_) => {
                let end = self.inner.seek(to)?;
                self.inner_at = Some(end);
                end
            }
        };
        Ok(self.at)
    }
}

#[cfg(test)]
mod tests {
    use std::io::Cursor;

    use super::*;

    /// Counts what is read.
    struct Counting(Cursor<Vec<u8>>, usize);

    impl Read for Counting {
        fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
            let read = self.0.read(out)?;
            self.1 += read;
            Ok(read)
        }
    }

    impl Seek for Counting {
        fn seek(&mut self, to: SeekFrom) -> io::Result<u64> {
            self.0.seek(to)
        }
    }

    fn file(length: u32) -> Vec<u8> {
        (0..length).map(|i| (i.wrapping_mul(2_654_435_761) >> 24) as u8).collect()
    }

    #[test]
    fn headers_of_pieces_are_found_without_reading_the_pieces() {
        for piece in [8 << 10, 64 << 10, 1 << 20] {
            let length = 16 << 20;
            let mut reader = SparingReader::new(Counting(Cursor::new(file(length)), 0));
            let mut header = [0; 8];
            while reader.read_exact(&mut header).is_ok() {
                reader.seek_relative(piece).unwrap();
            }
            let pieces = length as usize / piece as usize;
            let read = reader.into_inner().1;
            assert!(read <= MOST + (pieces + 1) * AFTER_JUMP, "{read} bytes of {pieces} pieces");
        }
    }

    #[test]
    fn what_is_read_is_what_is_there() {
        let bytes = file(300_000);
        let (mut reader, mut plain) = (SparingReader::new(Cursor::new(bytes.clone())), Cursor::new(bytes));
        let mut random = 1_u32;
        for _ in 0..3000 {
            random = random.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            let number = random >> 8;
            let to = match number % 7 {
                0 => SeekFrom::Start(u64::from(number % 310_000)),
                1 => SeekFrom::End(-i64::from(number % 300_000)),
                2 => SeekFrom::Current(i64::from(number % 2000) - 1000),
                _ => SeekFrom::Current(0),
            };
            assert_eq!(reader.seek(to).ok(), plain.seek(to).ok(), "{to:?}");
            assert_eq!(reader.stream_position().unwrap(), plain.position());
            let mut pair = [vec![0; number as usize % 100_000 / (1 + number as usize % 50)], Vec::new()];
            pair[1] = pair[0].clone();
            let read = [reader.read_exact(&mut pair[0]).is_ok(), plain.read_exact(&mut pair[1]).is_ok()];
            assert_eq!(read[0], read[1]);
            assert!(!read[0] || pair[0] == pair[1]);
            plain.set_position(reader.stream_position().unwrap());
        }
    }
}
