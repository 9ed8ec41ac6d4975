//! Lists a tar: ustar headers, pax records and the long names of GNU.

use std::io::{self, ErrorKind, Read, Seek, SeekFrom};
use std::path::PathBuf;
use std::time::SystemTime;

use super::names::{Distinct, Separator, relative};
use super::{Data, Listing, MOST_MEMBERS, Member, damaged, time, too_many};

const BLOCK: u64 = 512;
/// Most bytes of a name or of the records that come before a header.
const LONGEST_EXTENSION: u64 = 1 << 20;

/// What a tar is read from.
pub trait Input: Read {
    /// Goes forward by so many bytes.
    ///
    /// # Errors
    /// If the input ends before.
    fn skip(&mut self, bytes: u64) -> io::Result<()>;
}

/// A tar of which every place can be read.
pub struct Seekable<R> {
    input: R,
    at: u64,
    length: u64,
}

impl<R: Read + Seek> Seekable<R> {
    pub fn new(mut input: R) -> io::Result<Self> {
        let length = input.seek(SeekFrom::End(0))?;
        input.seek(SeekFrom::Start(0))?;
        Ok(Self { input, at: 0, length })
    }
}

impl<R: Read> Read for Seekable<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let read = self.input.read(buffer)?;
        self.at += read as u64;
        Ok(read)
    }
}

impl<R: Read + Seek> Input for Seekable<R> {
    fn skip(&mut self, bytes: u64) -> io::Result<()> {
        self.at = self.at.checked_add(bytes).filter(|at| *at <= self.length).ok_or_else(ends_early)?;
        self.input.seek(SeekFrom::Start(self.at)).map(drop)
    }
}

/// A tar that comes byte after byte.
pub struct Streamed<R>(pub R);

impl<R: Read> Read for Streamed<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        self.0.read(buffer)
    }
}

impl<R: Read> Input for Streamed<R> {
    fn skip(&mut self, bytes: u64) -> io::Result<()> {
        let skipped = io::copy(&mut (&mut self.0).take(bytes), &mut io::sink())?;
        if skipped < bytes { Err(ends_early()) } else { Ok(()) }
    }
}

fn ends_early() -> io::Error {
    damaged("it ends in the middle of a file")
}

/// What records before a header say of it.
#[derive(Default)]
struct Said {
    path: Option<Vec<u8>>,
    length: Option<u64>,
    modified: Option<SystemTime>,
    is_sparse: bool,
}

/// Lists the files of a tar.
pub fn list(mut input: impl Input) -> io::Result<Listing> {
    let mut listing = Listing::default();
    let mut distinct = Distinct::default();
    let (mut at, mut said) = (0_u64, Said::default());
    while let Some(header) = Header::read(&mut input)? {
        at += BLOCK;
        let length = said.length.unwrap_or(header.length()?);
        let padded = length.checked_next_multiple_of(BLOCK).ok_or_else(|| damaged("a length is out of range"))?;
        match header.kind() {
            b'L' | b'x' => {
                let content = extension(&mut input, length)?;
                input.skip(padded - length)?;
                match header.kind() {
                    b'L' => said.path = Some(content.split(|byte| *byte == 0).next().unwrap_or_default().to_vec()),
                    _ => said.take(&content),
                }
                at = at.saturating_add(padded);
                continue;
            }
            // The long target of a link, and records for all files, which name none.
            b'K' | b'g' => {}
            kind => {
                let Said { path, modified, is_sparse, .. } = std::mem::take(&mut said);
                let name = path.unwrap_or_else(|| header.name());
                match kind {
                    b'5' | b'V' => {}
                    b'0' | 0 | b'7' if name.ends_with(b"/") => {}
                    b'0' | 0 | b'7' if !is_sparse => {
                        let path = relative(&name, Separator::Slash).unwrap_or_else(|| PathBuf::from("file"));
                        let modified = modified.or_else(|| time(header.number(136..148)?.try_into().ok()?));
                        let data = Data::Plain(at);
                        listing.members.push(Member { path: distinct.path(path), length, modified, data });
                    }
                    _ => listing.specials += 1,
                }
                if listing.members.len() + listing.specials > MOST_MEMBERS {
                    return Err(too_many());
                }
            }
        }
        input.skip(padded)?;
        at = at.saturating_add(padded);
    }
    Ok(listing)
}

fn extension(input: &mut impl Read, length: u64) -> io::Result<Vec<u8>> {
    if length > LONGEST_EXTENSION {
        return Err(damaged("the name of a file is too long"));
    }
    let mut content = Vec::new();
    let read = input.take(length).read_to_end(&mut content)?;
    if (read as u64) < length { Err(ends_early()) } else { Ok(content) }
}

impl Said {
    /// Reads pax records: `LENGTH KEY=VALUE\n`.
    fn take(&mut self, mut records: &[u8]) {
        while let Some(space) = records.iter().position(|byte| *byte == b' ') {
            let length = std::str::from_utf8(&records[..space]).ok().and_then(|text| text.parse::<usize>().ok());
            let Some(length) = length.filter(|length| (space + 2..=records.len()).contains(length)) else { return };
            let record = &records[space + 1..length - 1];
            records = &records[length..];
            let Some(equals) = record.iter().position(|byte| *byte == b'=') else { continue };
            let (key, value) = (&record[..equals], &record[equals + 1..]);
            let text = std::str::from_utf8(value).unwrap_or_default();
            match key {
                b"path" => self.path = Some(value.to_vec()),
                b"size" => self.length = text.parse().ok(),
                b"mtime" => self.modified = text.split('.').next().and_then(|whole| time(whole.parse().ok()?)),
                key if key.starts_with(b"GNU.sparse.") => self.is_sparse = true,
                _ => {}
            }
        }
    }
}

/// A block before a file's content.
struct Header([u8; BLOCK as usize]);

impl Header {
    /// The next one; `None` at the end, which is a block of zeros or that of the input.
    fn read(input: &mut impl Read) -> io::Result<Option<Self>> {
        let mut block = [0; BLOCK as usize];
        let mut filled = 0;
        while filled < block.len() {
            match input.read(&mut block[filled..]) {
                Ok(0) if filled == 0 => return Ok(None),
                Ok(0) => return Err(damaged("it ends in the middle of a header")),
                Ok(read) => filled += read,
                Err(error) if error.kind() == ErrorKind::Interrupted => {}
                Err(error) => return Err(error),
            }
        }
        if block.iter().all(|byte| *byte == 0) {
            return Ok(None);
        }
        let header = Self(block);
        let byte = |at: usize| if (148..156).contains(&at) { b' ' } else { header.0[at] };
        let sum: u64 = (0..block.len()).map(|at| u64::from(byte(at))).sum();
        // Some old programs added bytes with signs.
        let signed: i64 = (0..block.len()).map(|at| i64::from(byte(at).cast_signed())).sum();
        match header.number(148..156) {
            Some(stated) if stated == sum || i64::try_from(stated) == Ok(signed) => Ok(Some(header)),
            _ => Err(damaged("a header has a wrong checksum")),
        }
    }

    fn kind(&self) -> u8 {
        self.0[156]
    }

    fn length(&self) -> io::Result<u64> {
        self.number(124..136).ok_or_else(|| damaged("a length is out of range"))
    }

    /// A number in octal digits, or with the highest bit set in binary.
    fn number(&self, at: std::ops::Range<usize>) -> Option<u64> {
        let field = &self.0[at];
        if field[0] & 0x80 != 0 {
            let (high, low) = field.split_at(field.len() - 8);
            let is_small = high[0] == 0x80 && high[1..].iter().all(|byte| *byte == 0);
            return is_small.then(|| low.iter().fold(0, |number, byte| number << 8 | u64::from(*byte)));
        }
        let text = std::str::from_utf8(field).ok()?.trim_matches([' ', '\0']);
        if text.is_empty() { Some(0) } else { u64::from_str_radix(text, 8).ok() }
    }

    fn name(&self) -> Vec<u8> {
        let text = |at: std::ops::Range<usize>| self.0[at].split(|byte| *byte == 0).next().unwrap_or_default();
        let (name, prefix) = (text(0..100), text(345..500));
        // In the old format of GNU there is something else in place of the prefix.
        if &self.0[257..263] == b"ustar\0" && !prefix.is_empty() {
            return [prefix, b"/", name].concat();
        }
        name.to_vec()
    }
}
