//! Pages of a TIFF (TIFF 6.0, section 2; BigTIFF). A page is read as the first of a file whose header points to it.

use std::collections::HashSet;
use std::io::{Cursor, SeekFrom};

use crate::Input;
use crate::frames::{Frames, Survey};

pub(crate) static FRAMES: Frames = Frames { codec: &super::CODEC, survey, animation: None };

fn survey(input: &mut dyn Input, most: u32) -> std::io::Result<Survey> {
    let mut directories = Directories::begin(input)?;
    let mut frames = 0;
    while frames <= most && directories.next(input).ok().flatten().is_some() {
        frames += 1;
    }
    Ok(Survey { frames: frames.max(1), plays: 1 })
}

/// The file with its `number`th page, from 0, in place of the first; `None` if it has no such page.
pub fn page(bytes: &[u8], number: u32) -> Option<Vec<u8>> {
    let mut input = Cursor::new(bytes);
    let mut directories = Directories::begin(&mut input).ok()?;
    let mut offset = directories.next(&mut input).ok()??;
    for _ in 0..number {
        offset = directories.next(&mut input).ok()??;
    }
    let mut file = bytes.to_vec();
    let (at, length) = if directories.big { (8, 8) } else { (4, 4) };
    let mut raw = offset.to_le_bytes();
    if directories.big_endian {
        raw[..length].reverse();
    }
    file.get_mut(at..at + length)?.copy_from_slice(&raw[..length]);
    Some(file)
}

/// The chain of directories, one for each page.
struct Directories {
    big_endian: bool,
    big: bool,
    /// Where the offset of the next directory stands.
    link: u64,
    seen: HashSet<u64>,
}

impl Directories {
    fn begin(input: &mut dyn Input) -> std::io::Result<Self> {
        let mut head = [0; 4];
        input.seek(SeekFrom::Start(0))?;
        input.read_exact(&mut head)?;
        let big_endian = head[0] == b'M';
        let version = if big_endian { head[3] } else { head[2] };
        let big = version == 43;
        Ok(Self { big_endian, big, link: if big { 8 } else { 4 }, seen: HashSet::new() })
    }

    /// Where the next directory is; `None` after the last, and where the chain comes back to itself.
    fn next(&mut self, input: &mut dyn Input) -> std::io::Result<Option<u64>> {
        let (word, count, entry) = if self.big { (8, 8, 20) } else { (4, 2, 12) };
        let offset = self.number(input, self.link, word)?;
        if offset == 0 || !self.seen.insert(offset) {
            return Ok(None);
        }
        let entries = self.number(input, offset, count)?;
        let end = entries.checked_mul(entry).and_then(|n| n.checked_add(offset)?.checked_add(count as u64));
        self.link = end.ok_or(std::io::ErrorKind::InvalidData)?;
        Ok(Some(offset))
    }

    fn number(&self, input: &mut dyn Input, at: u64, bytes: usize) -> std::io::Result<u64> {
        let mut raw = [0; 8];
        input.seek(SeekFrom::Start(at))?;
        input.read_exact(&mut raw[..bytes])?;
        if self.big_endian {
            raw[..bytes].reverse();
        }
        Ok(u64::from_le_bytes(raw))
    }
}
