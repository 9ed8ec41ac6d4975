//! Archives of files: listed, read a member at a time without unpacking, and written.
//!
//! An archive comes from outside. Its names lead nowhere but below the place where a member is put ([`Member::path`]), no
//! length that it states is believed before that many bytes have come, and what it holds beside files (links, devices) is
//! counted and left out.
//!
//! Formats: zip by APPNOTE.TXT 6.3.10 of PKWARE; tar by POSIX.1-2017 (pax) with the long names of GNU; 7z by 7zFormat.txt of
//! its author.
//!
//! **Invariant:** nothing here knows pictures, opens a file or starts a thread.

mod codecs;
mod names;
mod seven;
mod tar;
mod unpack;
mod write;
mod zip;

use std::io::{self, Read, Seek};
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

pub use unpack::{Checked, open_stream, stream, unpacked};
pub use write::Writer;

/// Most members of an archive.
pub const MOST_MEMBERS: usize = 2_000_000;

/// A kind of archive.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Format {
    /// Zip; each member is compressed for itself.
    Zip,
    /// Tar, as it is.
    Tar,
    /// Tar in gzip.
    TarGzip,
    /// Tar in Zstandard.
    TarZstd,
    /// Tar in xz.
    TarXz,
    /// 7z; members are compressed together, in one stream or several.
    SevenZip,
}

/// Endings of names, in lower case.
const ENDINGS: &[(&str, Format)] = &[
    (".zip", Format::Zip),
    (".cbz", Format::Zip),
    (".tar", Format::Tar),
    (".cbt", Format::Tar),
    (".tar.gz", Format::TarGzip),
    (".tgz", Format::TarGzip),
    (".tar.zst", Format::TarZstd),
    (".tzst", Format::TarZstd),
    (".tar.xz", Format::TarXz),
    (".txz", Format::TarXz),
    (".7z", Format::SevenZip),
    (".cb7", Format::SevenZip),
];

impl Format {
    /// The format that a file's name says it has.
    pub fn of_name(path: &Path) -> Option<Self> {
        Self::ending(path).map(|(_, format)| format)
    }

    /// A file's name without the ending of an archive, if it has one.
    pub fn stem_of(path: &Path) -> Option<String> {
        let name = path.file_name()?.to_str()?;
        let (ending, _) = Self::ending(path)?;
        Some(name[..name.len() - ending.len()].to_owned())
    }

    fn ending(path: &Path) -> Option<(&'static str, Self)> {
        let name = path.file_name()?.to_string_lossy().to_lowercase();
        let ends = |(ending, _): &&(&str, Self)| name.len() > ending.len() && name.ends_with(ending);
        ENDINGS.iter().find(ends).copied()
    }

    /// Whether members can only be read one after the other.
    pub const fn is_sequential(self) -> bool {
        matches!(self, Self::TarGzip | Self::TarZstd | Self::TarXz | Self::SevenZip)
    }

    /// Whether it is a tar, as it is or compressed.
    pub const fn is_tar(self) -> bool {
        matches!(self, Self::Tar | Self::TarGzip | Self::TarZstd | Self::TarXz)
    }
}

/// A file in an archive.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Member {
    /// Its path in the archive: relative, without parts that lead elsewhere, and not that of another member.
    pub path: PathBuf,
    /// Size in bytes, as the archive states it.
    pub length: u64,
    /// When it was last modified, if the archive says so. A zip without that time in universal time states a local time,
    /// which is taken for universal time.
    pub modified: Option<SystemTime>,
    /// Where its bytes are.
    pub data: Data,
}

/// Where the bytes of a member are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Data {
    /// As they are, from this offset of the archive.
    Plain(u64),
    /// In a stream that holds several members and can only be read from its beginning.
    Streamed {
        /// Which of the streams, as for [`open_stream`].
        stream: usize,
        /// Offset in what it unpacks to.
        offset: u64,
        /// CRC-32 of the content, if the archive states it.
        crc: Option<u32>,
    },
    /// In a zip.
    Packed {
        /// Offset of the member's local header.
        header: u64,
        /// Bytes that it takes there.
        length: u64,
        /// How it is compressed, as zip numbers it.
        method: u16,
        /// CRC-32 of its content.
        crc: u32,
    },
}

/// What is in an archive.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Listing {
    /// Its files, in their order.
    pub members: Vec<Member>,
    /// How many links, devices and sparse files were left out.
    pub specials: usize,
    /// How many files were left out since they are encrypted.
    pub encrypted: usize,
    /// How many were left out since nothing here reads their compression, of which this is one.
    pub unsupported: Option<(usize, &'static str)>,
    /// The streams of a 7z.
    streams: Vec<seven::Stream>,
}

impl Listing {
    /// The members from the first to the last of a stream; of another they hold none with content.
    pub fn of_stream(&self, stream: usize) -> std::ops::Range<usize> {
        self.streams.get(stream).map_or(0..self.members.len(), |stream| stream.members.clone())
    }

    fn leave_out(&mut self, method: &'static str) {
        self.unsupported = Some((self.unsupported.map_or(0, |(count, _)| count) + 1, method));
    }
}

impl Member {
    /// Whether this is its content, as far as the archive says.
    ///
    /// # Errors
    /// If it is not.
    pub fn check(&self, content: &[u8]) -> io::Result<()> {
        match self.data {
            Data::Streamed { crc: Some(crc), .. } if crc != crc32fast::hash(content) => {
                Err(damaged("a file has a wrong checksum"))
            }
            _ => Ok(()),
        }
    }
}

/// Lists an archive. One that is compressed as a whole is read to its end for it.
///
/// # Errors
/// If it cannot be read, is damaged, or holds too many members.
pub fn list(format: Format, input: impl Read + Seek + Send) -> io::Result<Listing> {
    match format {
        Format::Zip => zip::list(input),
        Format::Tar => tar::list(tar::Seekable::new(input)?),
        Format::TarGzip | Format::TarZstd | Format::TarXz => {
            let mut listing = tar::list(tar::Streamed(stream(format, input)?))?;
            for member in &mut listing.members {
                if let Data::Plain(offset) = member.data {
                    member.data = Data::Streamed { stream: 0, offset, crc: None };
                }
            }
            Ok(listing)
        }
        Format::SevenZip => seven::list(input),
    }
}

fn damaged(what: &str) -> io::Error {
    io::Error::new(io::ErrorKind::InvalidData, format!("the archive is damaged: {what}"))
}

fn too_many() -> io::Error {
    io::Error::other(format!("the archive holds more than {MOST_MEMBERS} files"))
}

fn time(seconds: i64) -> Option<SystemTime> {
    let distance = Duration::from_secs(seconds.unsigned_abs());
    if seconds < 0 { UNIX_EPOCH.checked_sub(distance) } else { UNIX_EPOCH.checked_add(distance) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_say_the_format() {
        let of = |name: &str| (Format::of_name(Path::new(name)), Format::stem_of(Path::new(name)));
        assert_eq!(of("/p/Trip.ZIP"), (Some(Format::Zip), Some("Trip".to_owned())));
        assert_eq!(of("a.b.tar.gz"), (Some(Format::TarGzip), Some("a.b".to_owned())));
        assert_eq!(of("a.tzst").0, Some(Format::TarZstd));
        assert_eq!(of("a.gz"), (None, None));
        assert_eq!(of(".zip"), (None, None));
    }
}
