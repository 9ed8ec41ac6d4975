//! Lists a zip by its central directory.

use std::io::{self, BufReader, Read, Seek, SeekFrom};
use std::path::PathBuf;
use std::time::SystemTime;

use super::names::{Distinct, Separator, from_cp437, relative};
use super::{Data, Listing, MOST_MEMBERS, Member, codecs, damaged, time, too_many};

const END: &[u8] = b"PK\x05\x06";
const END_64_LOCATOR: &[u8] = b"PK\x06\x07";
const END_64: &[u8] = b"PK\x06\x06";
const ENTRY: &[u8] = b"PK\x01\x02";

/// Size of the end record without its comment, and of the longest comment.
const END_SIZE: usize = 22;
const LONGEST_COMMENT: u64 = 65_535;

/// Where the central directory is.
struct Directory {
    offset: u64,
    length: u64,
    entries: u64,
    /// What is to be added to stated offsets: something may stand before the archive.
    shift: u64,
}

fn u16_at(bytes: &[u8], at: usize) -> u16 {
    bytes.get(at..at + 2).map_or(0, |two| u16::from_le_bytes([two[0], two[1]]))
}

fn u32_at(bytes: &[u8], at: usize) -> u32 {
    u32::from(u16_at(bytes, at)) | u32::from(u16_at(bytes, at + 2)) << 16
}

fn u64_at(bytes: &[u8], at: usize) -> u64 {
    u64::from(u32_at(bytes, at)) | u64::from(u32_at(bytes, at + 4)) << 32
}

impl Directory {
    fn find(input: &mut (impl Read + Seek)) -> io::Result<Self> {
        let length = input.seek(SeekFrom::End(0))?;
        let from = length.saturating_sub(LONGEST_COMMENT + END_SIZE as u64);
        let mut tail = Vec::new();
        input.seek(SeekFrom::Start(from))?;
        input.take(LONGEST_COMMENT + END_SIZE as u64).read_to_end(&mut tail)?;
        let is_end = |at: &usize| {
            tail[*at..].starts_with(END) && at + END_SIZE + usize::from(u16_at(&tail, at + 20)) <= tail.len()
        };
        let at = (0..(tail.len() + 1).saturating_sub(END_SIZE)).rev().find(is_end);
        let at = at.ok_or_else(|| damaged("it has no directory at its end"))?;
        let end = &tail[at..];
        if u16_at(end, 4) != u16_at(end, 6) && u16_at(end, 4) != u16::MAX {
            return Err(io::Error::other("the archive is one part of several; join them first"));
        }
        let place = from + at as u64;
        let mut found = Self {
            entries: u16_at(end, 10).into(),
            length: u32_at(end, 12).into(),
            offset: u32_at(end, 16).into(),
            shift: 0,
        };
        let mut directory_end = place;
        if let Some(locator) = at.checked_sub(20).map(|at| &tail[at..]).filter(|at| at.starts_with(END_64_LOCATOR)) {
            let mut record = [0; 56];
            directory_end = u64_at(locator, 8);
            input.seek(SeekFrom::Start(directory_end))?;
            input.read_exact(&mut record).map_err(|_| damaged("its directory is not where it should be"))?;
            if !record.starts_with(END_64) {
                return Err(damaged("its directory is not where it should be"));
            }
            found = Self {
                entries: u64_at(&record, 32),
                length: u64_at(&record, 40),
                offset: u64_at(&record, 48),
                shift: 0,
            };
        }
        let actual = directory_end.checked_sub(found.length).filter(|actual| *actual >= found.offset);
        let actual = actual.ok_or_else(|| damaged("its directory is not where it should be"))?;
        Ok(Self { shift: actual - found.offset, offset: actual, ..found })
    }
}

/// Lists the files of a zip.
pub fn list(mut input: impl Read + Seek) -> io::Result<Listing> {
    let directory = Directory::find(&mut input)?;
    if directory.entries > MOST_MEMBERS as u64 {
        return Err(too_many());
    }
    input.seek(SeekFrom::Start(directory.offset))?;
    let mut input = BufReader::new(input.take(directory.length));
    let (mut listing, mut distinct) = (Listing::default(), Distinct::default());
    for _ in 0..directory.entries {
        let entry = Entry::read(&mut input)?;
        if entry.is_folder() {
            continue;
        }
        if entry.is_special() {
            listing.specials += 1;
        } else if entry.is_encrypted() {
            listing.encrypted += 1;
        } else if let Err(name) = codecs::of_zip(entry.method()) {
            listing.leave_out(name);
        } else {
            let member = entry.member(directory.shift)?;
            listing.members.push(Member { path: distinct.path(member.path), ..member });
        }
    }
    Ok(listing)
}

/// A file in the central directory.
struct Entry {
    fixed: [u8; 46],
    name: Vec<u8>,
    extra: Vec<u8>,
}

impl Entry {
    fn read(input: &mut impl Read) -> io::Result<Self> {
        let mut fixed = [0; 46];
        let cut = |_| damaged("its directory is cut off");
        input.read_exact(&mut fixed).map_err(cut)?;
        if !fixed.starts_with(ENTRY) {
            return Err(damaged("its directory holds something else"));
        }
        let mut read = |at: usize| -> io::Result<Vec<u8>> {
            let mut bytes = vec![0; u16_at(&fixed, at).into()];
            input.read_exact(&mut bytes).map_err(cut)?;
            Ok(bytes)
        };
        let (name, extra, _comment) = (read(28)?, read(30)?, read(32)?);
        Ok(Self { fixed, name, extra })
    }

    fn method(&self) -> u16 {
        u16_at(&self.fixed, 10)
    }

    fn is_encrypted(&self) -> bool {
        u16_at(&self.fixed, 8) & 1 != 0
    }

    fn is_folder(&self) -> bool {
        self.name.ends_with(b"/") || self.name.ends_with(b"\\")
    }

    /// Whether it is a link, device or pipe of Unix.
    fn is_special(&self) -> bool {
        let (host, kind) = (self.fixed[5], u32_at(&self.fixed, 38) >> 16 & 0o170_000);
        host == 3 && kind != 0 && kind != 0o100_000
    }

    /// The content of an extra field.
    fn extra(&self, id: u16) -> Option<&[u8]> {
        let mut rest = self.extra.as_slice();
        while rest.len() >= 4 {
            let (own, length) = (u16_at(rest, 0), usize::from(u16_at(rest, 2)));
            let content = rest.get(4..4 + length)?;
            if own == id {
                return Some(content);
            }
            rest = &rest[4 + length..];
        }
        None
    }

    fn path(&self) -> PathBuf {
        let unicode = || {
            let field = self.extra(0x7075).filter(|field| field.len() > 5 && field[0] == 1)?;
            (u32_at(field, 1) == crc32fast::hash(&self.name)).then(|| field[5..].to_vec())
        };
        let is_utf8 = u16_at(&self.fixed, 8) & 0x800 != 0;
        let name = unicode().unwrap_or_else(|| match std::str::from_utf8(&self.name) {
            // Many programs write Unicode without saying so.
            Ok(_) => self.name.clone(),
            Err(_) if is_utf8 => String::from_utf8_lossy(&self.name).into_owned().into_bytes(),
            Err(_) => from_cp437(&self.name).into_bytes(),
        });
        relative(&name, Separator::SlashOrBackslash).unwrap_or_else(|| "file".into())
    }

    fn modified(&self) -> Option<SystemTime> {
        let universal = self.extra(0x5455).filter(|field| field.len() >= 5 && field[0] & 1 != 0);
        if let Some(field) = universal {
            return time(i64::from(u32_at(field, 1).cast_signed()));
        }
        let (clock, date) = (i64::from(u16_at(&self.fixed, 12)), i64::from(u16_at(&self.fixed, 14)));
        let (year, month, day) = (1980 + (date >> 9), date >> 5 & 15, date & 31);
        if !(1..=12).contains(&month) || day == 0 {
            return None;
        }
        // Days from the civil date, with years that begin in March (Richards 2013).
        let (years, months) = if month > 2 { (year, month - 3) } else { (year - 1, month + 9) };
        let days = 365 * years + years / 4 - years / 100 + years / 400 + (153 * months + 2) / 5 + day - 1 - 719_468;
        time(days * 86_400 + (clock >> 11) * 3600 + (clock >> 5 & 63) * 60 + (clock & 31) * 2)
    }

    fn member(&self, shift: u64) -> io::Result<Member> {
        let mut long = self.extra(1).unwrap_or_default();
        let mut value = |at: usize| -> io::Result<u64> {
            let short = u32_at(&self.fixed, at);
            if short != u32::MAX {
                return Ok(short.into());
            }
            let (number, rest) = long.split_at_checked(8).ok_or_else(|| damaged("a length is missing"))?;
            long = rest;
            Ok(u64_at(number, 0))
        };
        // In this order.
        let (length, packed, header) = (value(24)?, value(20)?, value(42)?);
        let header = header.checked_add(shift).ok_or_else(|| damaged("a place is out of range"))?;
        let data = Data::Packed { header, length: packed, method: self.method(), crc: u32_at(&self.fixed, 16) };
        Ok(Member { path: self.path(), length, modified: self.modified(), data })
    }
}

/// Goes to the packed bytes of a member, whose local header is at `header`.
pub fn go_to_data(input: &mut (impl Read + Seek), header: u64) -> io::Result<()> {
    let mut local = [0; 30];
    input.seek(SeekFrom::Start(header))?;
    input.read_exact(&mut local).map_err(|_| damaged("a file lies behind its end"))?;
    if !local.starts_with(b"PK\x03\x04") {
        return Err(damaged("a file is not where the directory says"));
    }
    let names = i64::from(u16_at(&local, 26)) + i64::from(u16_at(&local, 28));
    input.seek(SeekFrom::Current(names)).map(drop)
}
