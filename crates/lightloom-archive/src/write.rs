//! Writes archives: the same files give the same bytes.

use std::io::{self, Write};
use std::time::{SystemTime, UNIX_EPOCH};

use super::Format;

/// The beginning of 1980, before which zip knows no time.
const FIRST_OF_ZIP: u64 = 315_532_800;

/// An archive that is being written. Files are stored as they are: pictures are compressed already.
pub struct Writer<W> {
    to: W,
    at: u64,
    kind: Kind,
}

enum Kind {
    Tar,
    /// With the entries of its central directory.
    Zip {
        directory: Vec<u8>,
        entries: u64,
    },
}

impl<W: Write> Writer<W> {
    /// A zip or a tar; `None` for other formats, which are only read.
    pub fn new(format: Format, to: W) -> Option<Self> {
        let kind = match format {
            Format::Zip => Kind::Zip { directory: Vec::new(), entries: 0 },
            Format::Tar => Kind::Tar,
            Format::TarGzip | Format::TarZstd | Format::TarXz | Format::SevenZip => return None,
        };
        Some(Self { to, at: 0, kind })
    }

    /// Bytes that were written so far.
    pub const fn length(&self) -> u64 {
        self.at
    }

    /// Adds a file. `path` has slashes between folders; without a time it gets the first that the format knows.
    ///
    /// # Errors
    /// If it cannot be written, or the format takes no file of its size or no path as long.
    pub fn add(&mut self, path: &str, content: &[u8], modified: Option<SystemTime>) -> io::Result<()> {
        let seconds = modified.and_then(|time| Some(time.duration_since(UNIX_EPOCH).ok()?.as_secs())).unwrap_or(0);
        if path.len() > usize::from(u16::MAX) || content.len() >= u32::MAX as usize {
            return Err(io::Error::other(format!("{path} is too large for an archive")));
        }
        match self.kind {
            Kind::Tar => self.add_to_tar(path, content, seconds),
            Kind::Zip { .. } => self.add_to_zip(path, content, seconds.max(FIRST_OF_ZIP)),
        }
    }

    /// Writes what follows the last file, and returns what was written to.
    ///
    /// # Errors
    /// If it cannot be written.
    pub fn finish(mut self) -> io::Result<W> {
        match std::mem::replace(&mut self.kind, Kind::Tar) {
            Kind::Tar => self.put(&[0; 1024])?,
            Kind::Zip { directory, entries } => self.end_zip(&directory, entries)?,
        }
        self.to.flush()?;
        Ok(self.to)
    }

    fn put(&mut self, bytes: &[u8]) -> io::Result<()> {
        self.to.write_all(bytes)?;
        self.at += bytes.len() as u64;
        Ok(())
    }

    fn add_to_tar(&mut self, path: &str, content: &[u8], seconds: u64) -> io::Result<()> {
        if path.len() > 100 {
            let record = pax_record("path", path);
            self.put(&tar_header("pax", b'x', record.len(), seconds))?;
            self.put_padded(record.as_bytes())?;
        }
        self.put(&tar_header(path, b'0', content.len(), seconds))?;
        self.put_padded(content)
    }

    fn put_padded(&mut self, content: &[u8]) -> io::Result<()> {
        self.put(content)?;
        let padding = content.len().next_multiple_of(512) - content.len();
        self.put(&[0; 512][..padding])
    }

    fn add_to_zip(&mut self, path: &str, content: &[u8], seconds: u64) -> io::Result<()> {
        let offset = self.at;
        let mut common = Vec::new();
        // Names are Unicode.
        for number in [45, 0x800, 0] {
            common.extend(u16::to_le_bytes(number));
        }
        let [clock, date] = dos_time(seconds);
        common.extend([clock.to_le_bytes(), date.to_le_bytes()].concat());
        let length = content.len() as u32;
        for number in [crc32fast::hash(content), length, length] {
            common.extend(number.to_le_bytes());
        }
        common.extend((path.len() as u16).to_le_bytes());
        let universal =
            i32::try_from(seconds).ok().map(|seconds| [&b"UT\x05\0\x01"[..], &seconds.to_le_bytes()].concat());
        let universal = universal.unwrap_or_default();
        let extra_length = |extra: &[u8]| (extra.len() as u16).to_le_bytes();
        self.put(b"PK\x03\x04")?;
        self.put(&common)?;
        self.put(&extra_length(&universal))?;
        self.put(path.as_bytes())?;
        self.put(&universal)?;
        self.put(content)?;
        let (short_offset, extra) = match u32::try_from(offset) {
            Ok(short) if short < u32::MAX => (short, universal),
            _ => (u32::MAX, [&[1, 0, 8, 0], &offset.to_le_bytes()[..], &universal].concat()),
        };
        if let Kind::Zip { directory, entries } = &mut self.kind {
            directory.extend(b"PK\x01\x02\x2d\x03");
            directory.extend(&common);
            directory.extend(extra_length(&extra));
            // No comment, the first disk, no inner attributes.
            directory.extend([0; 6]);
            directory.extend((0o100_644_u32 << 16).to_le_bytes());
            directory.extend(short_offset.to_le_bytes());
            directory.extend(path.as_bytes());
            directory.extend(extra);
            *entries += 1;
        }
        Ok(())
    }

    fn end_zip(&mut self, directory: &[u8], entries: u64) -> io::Result<()> {
        let (offset, length) = (self.at, directory.len() as u64);
        self.put(directory)?;
        let is_long = entries >= u16::MAX.into() || offset >= u32::MAX.into() || length >= u32::MAX.into();
        if is_long {
            let end = self.at;
            let mut record = b"PK\x06\x06".to_vec();
            record.extend(44_u64.to_le_bytes());
            record.extend([45, 0, 45, 0, 0, 0, 0, 0, 0, 0, 0, 0]);
            for number in [entries, entries, length, offset] {
                record.extend(number.to_le_bytes());
            }
            record.extend(b"PK\x06\x07\0\0\0\0");
            record.extend(end.to_le_bytes());
            record.extend(1_u32.to_le_bytes());
            self.put(&record)?;
        }
        let short = |number: u64| u32::try_from(number).unwrap_or(u32::MAX).to_le_bytes();
        let count = u16::try_from(entries).unwrap_or(u16::MAX).to_le_bytes();
        let end = [&b"PK\x05\x06\0\0\0\0"[..], &count, &count, &short(length), &short(offset), &[0, 0]].concat();
        self.put(&end)
    }
}

/// `LENGTH KEY=VALUE\n`, where the length counts its own digits.
fn pax_record(key: &str, value: &str) -> String {
    let rest = key.len() + value.len() + 3;
    let mut length = rest + 1;
    while length != rest + length.to_string().len() {
        length = rest + length.to_string().len();
    }
    format!("{length} {key}={value}\n")
}

fn tar_header(path: &str, kind: u8, length: usize, seconds: u64) -> [u8; 512] {
    let mut header = [0; 512];
    let mut put = |at: usize, bytes: &[u8]| header[at..at + bytes.len()].copy_from_slice(bytes);
    put(0, &path.as_bytes()[..path.len().min(100)]);
    put(100, b"0000644\0");
    put(108, b"0000000\0");
    put(116, b"0000000\0");
    put(124, format!("{length:011o}\0").as_bytes());
    put(136, format!("{:011o}\0", seconds.min(0o77_777_777_777)).as_bytes());
    put(148, b"        ");
    put(156, &[kind]);
    put(257, b"ustar\x0000");
    let sum: u32 = header.iter().map(|byte| u32::from(*byte)).sum();
    header[148..156].copy_from_slice(format!("{sum:06o}\0 ").as_bytes());
    header
}

/// Clock and date as zip has them, in steps of two seconds.
fn dos_time(seconds: u64) -> [u16; 2] {
    let (days, clock) = (seconds / 86_400 + 719_468, seconds % 86_400);
    // Civil date from days, with years that begin in March (Richards 2013).
    let (era, day) = (days / 146_097, days % 146_097);
    let year = (day - day / 1460 + day / 36_524 - day / 146_096) / 365;
    let day = day - (365 * year + year / 4 - year / 100);
    let month = (5 * day + 2) / 153;
    let (day, month, march) = (day - (153 * month + 2) / 5 + 1, (month + 2) % 12 + 1, era * 400 + year);
    let year = (march + u64::from(month <= 2)).clamp(1980, 2107) - 1980;
    [(clock / 3600) << 11 | ((clock / 60) % 60) << 5 | ((clock % 60) / 2), year << 9 | month << 5 | day]
        .map(|n| n as u16)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{list, unpacked};
    use std::io::{Cursor, Read};
    use std::time::Duration;

    #[test]
    fn what_is_written_is_read_again() {
        let noon = UNIX_EPOCH + Duration::from_secs(1_709_210_096);
        let long = format!("{}/ü.jpg", "folder".repeat(20));
        for format in [Format::Zip, Format::Tar] {
            let write = || {
                let mut writer = Writer::new(format, Vec::new()).unwrap();
                writer.add("a.jpg", b"one", Some(noon)).unwrap();
                writer.add(&long, &[7; 600], None).unwrap();
                assert!(writer.length() > 600);
                writer.finish().unwrap()
            };
            let archive = write();
            assert_eq!(archive, write());
            let listing = list(format, Cursor::new(&archive)).unwrap();
            let [first, second] = listing.members.as_slice() else { panic!("{listing:?}") };
            assert_eq!((first.path.to_str(), first.modified), (Some("a.jpg"), Some(noon)), "{format:?}");
            assert_eq!(second.path.to_str(), Some(&*long), "{format:?}");
            let mut content = Vec::new();
            unpacked(Cursor::new(&archive), second).unwrap().read_to_end(&mut content).unwrap();
            assert_eq!(content, [7; 600]);
        }
        assert!(Writer::new(Format::TarGzip, Vec::new()).is_none());
    }

    #[test]
    fn zips_of_many_files_have_a_long_directory() {
        let mut writer = Writer::new(Format::Zip, Vec::new()).unwrap();
        for number in 0..70_000 {
            writer.add(&number.to_string(), b"", None).unwrap();
        }
        let archive = writer.finish().unwrap();
        let listing = list(Format::Zip, Cursor::new(&archive)).unwrap();
        assert_eq!(listing.members.len(), 70_000);
        assert_eq!(listing.members[69_999].path.to_str(), Some("69999"));
    }

    #[test]
    fn lengths_of_records_count_themselves() {
        for length in 80..120 {
            let record = pax_record("path", &"a".repeat(length));
            assert_eq!(record.split(' ').next().unwrap().parse::<usize>().unwrap(), record.len());
        }
    }
}
