//! The bytes of members and of compressed tars.

use std::io::{self, BufRead, BufReader, Read, Seek, SeekFrom};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering::Relaxed};

use ruzstd::decoding::{BlockDecodingStrategy, FrameDecoder};

use super::codecs::{self, Codec, MEMORY_KIB};
use super::{Data, Format, Listing, Member, damaged, zip};

/// A stream may have this much for each byte of its file, beyond [`FREE`]: what is larger fills disks or times, but holds
/// no pictures.
const LARGEST_RATIO: u64 = 2000;
/// Bytes of a stream that are not weighed against those of its file.
const FREE: u64 = 1 << 30;
/// Bytes that a Zstandard stream may look back: what `--long` of the usual program allows.
const ZSTD_WINDOW: u64 = 128 << 20;

/// The content of a member of an archive that can be read at any place. At its end it is known to be whole.
///
/// # Errors
/// If the archive cannot be read or is damaged.
pub fn unpacked<'a>(
    mut input: impl Read + Seek + Send + 'a,
    member: &Member,
) -> io::Result<Checked<Box<dyn Read + Send + 'a>>> {
    match member.data {
        Data::Plain(offset) => {
            input.seek(SeekFrom::Start(offset))?;
            Ok(Checked::new(Box::new(input), member.length, None))
        }
        Data::Packed { header, length, method, crc } => {
            zip::go_to_data(&mut input, header)?;
            let packed = BufReader::with_capacity(64 << 10, input.take(length));
            let codec = codecs::of_zip(method);
            let codec = codec.map_err(|name| io::Error::other(format!("it is compressed by {name}")))?;
            let content = codec.unpacked(packed, member.length)?;
            // PPMd does not know where it ends.
            let content = if codec == Codec::PpmdOfZip { Box::new(content.take(member.length)) } else { content };
            Ok(Checked::new(content, member.length, Some(crc)))
        }
        Data::Streamed { .. } => Err(io::Error::other("it is to be read from its stream")),
    }
}

/// A stream of the archive that was listed, from its beginning. It ends with an error once it is much larger than any stream
/// of pictures.
///
/// # Errors
/// If it is no such stream.
pub fn open_stream<'a>(
    format: Format,
    listing: &Listing,
    number: usize,
    input: impl Read + Seek + Send + 'a,
) -> io::Result<Box<dyn Read + Send + 'a>> {
    if format != Format::SevenZip {
        return stream(format, input);
    }
    let found = listing.streams.get(number).ok_or_else(|| damaged("a stream is missing"))?;
    let read = Arc::new(AtomicU64::new(0));
    let content = found.unpacked(Counted { input, read: Arc::clone(&read) })?;
    Ok(Box::new(Weighed { content, given: 0, read }))
}

/// The stream of a compressed tar. It ends with an error once it is much larger than any stream of pictures.
///
/// # Errors
/// If it is no such stream.
pub fn stream<'a>(format: Format, input: impl Read + Send + 'a) -> io::Result<Box<dyn Read + Send + 'a>> {
    let read = Arc::new(AtomicU64::new(0));
    let input = BufReader::with_capacity(64 << 10, Counted { input, read: Arc::clone(&read) });
    let content: Box<dyn Read + Send + 'a> = match format {
        Format::TarZstd => Box::new(ZstdFrames::new(input)?),
        Format::TarXz => Box::new(lzma_rust2::XzReader::new_mem_limit(input, true, MEMORY_KIB)),
        _ => Box::new(flate2::bufread::MultiGzDecoder::new(input)),
    };
    Ok(Box::new(Weighed { content, given: 0, read }))
}

/// A file whose reading is counted.
struct Counted<R> {
    input: R,
    read: Arc<AtomicU64>,
}

impl<R: Seek> Seek for Counted<R> {
    fn seek(&mut self, to: SeekFrom) -> io::Result<u64> {
        self.input.seek(to)
    }
}

impl<R: Read> Read for Counted<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let read = self.input.read(buffer)?;
        self.read.fetch_add(read as u64, Relaxed);
        Ok(read)
    }
}

/// A stream that is compared with the bytes of its file.
struct Weighed<'a> {
    content: Box<dyn Read + Send + 'a>,
    given: u64,
    read: Arc<AtomicU64>,
}

impl Read for Weighed<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let read = self.content.read(buffer)?;
        self.given += read as u64;
        if self.given.saturating_sub(FREE) / LARGEST_RATIO > self.read.load(Relaxed) {
            let times = format!("it unpacks to more than {LARGEST_RATIO} times its size, which no pictures do");
            return Err(io::Error::other(times));
        }
        Ok(read)
    }
}

/// The frames of a Zstandard stream, one after the other.
pub(super) struct ZstdFrames<R> {
    source: R,
    decoder: FrameDecoder,
}

impl<R: BufRead> ZstdFrames<R> {
    pub(super) fn new(source: R) -> io::Result<Self> {
        let mut decoder = FrameDecoder::new();
        decoder.set_max_window_size(ZSTD_WINDOW);
        let mut frames = Self { source, decoder };
        frames.begin()?;
        Ok(frames)
    }

    /// Begins the next frame; false if there is none.
    fn begin(&mut self) -> io::Result<bool> {
        use ruzstd::decoding::errors::{FrameDecoderError, ReadFrameHeaderError};
        while !self.source.fill_buf()?.is_empty() {
            match self.decoder.reset(&mut self.source) {
                Ok(()) => return Ok(true),
                // What programs keep beside the data.
                Err(FrameDecoderError::ReadFrameHeaderError(ReadFrameHeaderError::SkipFrame { length, .. })) => {
                    io::copy(&mut (&mut self.source).take(length.into()), &mut io::sink())?;
                }
                Err(error) => return Err(damaged(&error.to_string())),
            }
        }
        Ok(false)
    }
}

impl<R: BufRead> Read for ZstdFrames<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        loop {
            while self.decoder.can_collect() == 0 && !self.decoder.is_finished() {
                let decoded = self.decoder.decode_blocks(&mut self.source, BlockDecodingStrategy::UptoBlocks(1));
                decoded.map_err(|error| damaged(&error.to_string()))?;
            }
            let read = self.decoder.read(buffer)?;
            if read > 0 || buffer.is_empty() || !self.begin()? {
                return Ok(read);
            }
        }
    }
}

/// Content whose length is stated, and its CRC-32 where the archive has one: whoever reads to the end knows that it is
/// what was put in.
pub struct Checked<R> {
    content: R,
    left: u64,
    crc: Option<(crc32fast::Hasher, u32)>,
}

impl<R: Read> Checked<R> {
    fn new(content: R, length: u64, crc: Option<u32>) -> Self {
        Self { content, left: length, crc: crc.map(|crc| (crc32fast::Hasher::new(), crc)) }
    }
}

impl<R: Read> Read for Checked<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        if self.left == 0 {
            // Said once: a length of zero is as good as any.
            let Some((hasher, stated)) = self.crc.take() else { return Ok(0) };
            if hasher.finalize() != stated {
                return Err(damaged("a file has a wrong checksum"));
            }
            return match self.content.read(&mut [0])? {
                0 => Ok(0),
                _ => Err(damaged("a file is longer than the archive says")),
            };
        }
        let most = buffer.len().min(usize::try_from(self.left).unwrap_or(usize::MAX));
        let read = self.content.read(&mut buffer[..most])?;
        if read == 0 && most > 0 {
            return Err(damaged("a file is shorter than the archive says"));
        }
        self.left -= read as u64;
        if let Some((hasher, _)) = &mut self.crc {
            hasher.update(&buffer[..read]);
        }
        Ok(read)
    }
}
