//! Lists a 7z, whose directory `sevenz-rust2` reads, and unpacks its streams: each is a chain of decoders over one place of
//! the file, and holds one member or many.

use std::io::{self, Read, Seek, SeekFrom};
use std::ops::Range;
use std::path::PathBuf;

use sevenz_rust2::{Archive, ArchiveEntry, Block, EncoderMethod, Error, Password};

use super::codecs::{self, Codec, MEMORY_KIB};
use super::names::{Distinct, Separator, relative};
use super::{Data, Listing, MOST_MEMBERS, Member, damaged, time, too_many};

/// Bytes before the packed streams.
const HEADER: u64 = 32;
/// Seconds from the beginning of 1601, where Windows counts from, to that of 1970.
const EPOCH: i64 = 11_644_473_600;
/// Decoders of a stream at most.
const LONGEST_CHAIN: usize = 4;

/// A stream of members that are compressed together.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Stream {
    /// Where its packed bytes are, and how many.
    at: u64,
    packed: u64,
    chain: Vec<Coder>,
    /// Places of its members in the listing.
    pub members: Range<usize>,
}

/// A decoder, and how many bytes it gives.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Coder {
    codec: Codec,
    length: u64,
}

/// Lists the files of a 7z.
pub(super) fn list(mut input: impl Read + Seek) -> io::Result<Listing> {
    let archive = Archive::read_with_memory_limit(&mut input, &Password::empty(), MEMORY_KIB as usize);
    let archive = archive.map_err(|error| unlisted(&error))?;
    if archive.files.len() > MOST_MEMBERS {
        return Err(too_many());
    }
    let end = input.seek(SeekFrom::End(0))?;
    let (mut listing, mut distinct) = (Listing::default(), Distinct::default());
    let streams: Vec<_> = (0..archive.blocks.len()).map(|block| stream(&archive, block, end)).collect();
    // Where the next member of each block begins.
    let mut offsets = vec![0_u64; streams.len()];
    let mut kept: Vec<Option<Stream>> = streams.iter().map(|stream| stream.as_ref().ok().cloned()).collect();
    for (at, file) in archive.files.iter().enumerate() {
        let block = archive.stream_map.file_block_index.get(at).copied().flatten().filter(|_| file.has_stream);
        let offset = match block {
            Some(block) => {
                let offset = offsets.get(block).copied().ok_or_else(|| damaged("a stream is missing"))?;
                let next = offset.checked_add(file.size);
                offsets[block] = next.ok_or_else(|| damaged("a length is out of range"))?;
                offset
            }
            None => 0,
        };
        match block.map(|block| &streams[block]) {
            _ if file.is_directory || file.is_anti_item => {}
            _ if is_special(file) => listing.specials += 1,
            Some(Err(Unread::Encrypted)) => listing.encrypted += 1,
            Some(Err(Unread::Method(name))) => listing.leave_out(name),
            Some(Err(Unread::Damaged)) => return Err(damaged("a stream is not where it should be")),
            Some(Ok(_)) | None => {
                let place = listing.members.len();
                if let Some(stream) = block.and_then(|block| kept[block].as_mut()) {
                    let first = if stream.members.is_empty() { place } else { stream.members.start };
                    stream.members = first..place + 1;
                }
                let crc = file.has_crc.then_some(file.crc as u32);
                let data = block.map_or(Data::Plain(0), |stream| Data::Streamed { stream, offset, crc });
                let length = if block.is_some() { file.size } else { 0 };
                let path = distinct.path(relative(file.name.as_bytes(), Separator::Slash).unwrap_or_else(unnamed));
                listing.members.push(Member { path, length, modified: modified(file), data });
            }
        }
    }
    let none = || Stream { at: 0, packed: 0, chain: Vec::new(), members: 0..0 };
    listing.streams = kept.into_iter().map(|stream| stream.unwrap_or_else(none)).collect();
    Ok(listing)
}

fn unnamed() -> PathBuf {
    "file".into()
}

fn unlisted(error: &Error) -> io::Error {
    match error {
        Error::Io(error, _) => io::Error::new(error.kind(), error.to_string()),
        Error::BadSignature(_) => damaged("it does not begin as a 7z"),
        Error::UnsupportedVersion { major, minor } => {
            io::Error::other(format!("version {major}.{minor} of the format is not known"))
        }
        Error::MaxMemLimited { .. } => io::Error::other("its directory needs more memory than is reasonable"),
        Error::PasswordRequired | Error::MaybeBadPassword(_) => encrypted(),
        Error::UnsupportedCompressionMethod(name) if name.starts_with("AES") => encrypted(),
        Error::UnsupportedCompressionMethod(name) => {
            io::Error::other(format!("its directory is compressed by {name}, which is not read"))
        }
        _ => damaged("its directory cannot be read"),
    }
}

fn encrypted() -> io::Error {
    io::Error::other("the names of its files are encrypted; unpack it with its password")
}

/// Why the members of a block are left out.
enum Unread {
    Encrypted,
    Method(&'static str),
    Damaged,
}

fn stream(archive: &Archive, block: usize, end: u64) -> Result<Stream, Unread> {
    let found = archive.blocks.get(block).ok_or(Unread::Damaged)?;
    let chain = chain(found)?;
    let first = archive.stream_map.block_first_pack_stream_index().get(block).copied().ok_or(Unread::Damaged)?;
    let offset = archive.stream_map.pack_stream_offsets().get(first).copied().ok_or(Unread::Damaged)?;
    let packed = archive.pack_sizes().get(first).copied().ok_or(Unread::Damaged)?;
    let at = HEADER.checked_add(archive.pack_pos()).and_then(|at| at.checked_add(offset)).ok_or(Unread::Damaged)?;
    if at.checked_add(packed).is_none_or(|behind| behind > end) {
        return Err(Unread::Damaged);
    }
    Ok(Stream { at, packed, chain, members: 0..0 })
}

/// The decoders of a block, from its packed bytes on.
fn chain(block: &Block) -> Result<Vec<Coder>, Unread> {
    let is = |id: &[u8]| block.coders.iter().any(|coder| coder.encoder_method_id() == id);
    if is(EncoderMethod::ID_AES256_SHA256) {
        return Err(Unread::Encrypted);
    }
    // The one with several inputs.
    if is(EncoderMethod::ID_BCJ2) {
        return Err(Unread::Method("BCJ2, which is for programs"));
    }
    let mut chain = Vec::new();
    for (at, coder) in block.ordered_coder_iter() {
        let codec = codecs::of_seven(coder.encoder_method_id(), coder.properties()).map_err(Unread::Method)?;
        chain.push(Coder { codec, length: block.get_unpack_size_at_index(at) });
    }
    if chain.is_empty() || chain.len() > LONGEST_CHAIN || chain.len() != block.coders.len() {
        return Err(Unread::Damaged);
    }
    Ok(chain)
}

/// Whether it is a link, device or pipe of Unix, or a link of Windows.
fn is_special(file: &ArchiveEntry) -> bool {
    const HAS_MODE: u32 = 0x8000;
    const REPARSE_POINT: u32 = 0x400;
    let (attributes, kind) = (file.windows_attributes, file.windows_attributes >> 16 & 0o170_000);
    let of_unix = attributes & HAS_MODE != 0 && kind != 0 && kind != 0o100_000;
    file.has_windows_attributes && (of_unix || attributes & REPARSE_POINT != 0)
}

fn modified(file: &ArchiveEntry) -> Option<std::time::SystemTime> {
    if !file.has_last_modified_date {
        return None;
    }
    let ticks = u64::from(file.last_modified_date);
    time(i64::try_from(ticks / 10_000_000).ok()? - EPOCH)
}

impl Stream {
    /// What it unpacks to.
    pub fn unpacked<'a>(&self, mut input: impl Read + Seek + Send + 'a) -> io::Result<Box<dyn Read + Send + 'a>> {
        input.seek(SeekFrom::Start(self.at))?;
        let mut content: Box<dyn Read + Send + 'a> = Box::new(input.take(self.packed));
        for Coder { codec, length } in &self.chain {
            // Some decoders do not know where they end.
            content = Box::new(codec.unpacked(io::BufReader::new(content), *length)?.take(*length));
        }
        Ok(content)
    }
}
