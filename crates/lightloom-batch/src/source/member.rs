//! A file in an archive, read without unpacking the archive to the disk.

use std::cmp::Ordering;
use std::hash::{Hash, Hasher};
use std::io::{self, BufRead, Cursor, Read, Seek, SeekFrom};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::SystemTime;
use std::{fmt, fs};

use super::{Content, Kind, ReadProgress, Reader, SavedSource, Source, check_length, unreadable};
use crate::archives::{self, Archive, Opened};
use crate::cause::Cause;
use crate::file_memory::FileBytes;
use lightloom_codec::{Input, Limits};

/// Bytes that are unpacked at once while a header is read.
const PIECE: usize = 64 << 10;

/// A file in an archive.
#[derive(Clone)]
pub struct Member {
    archive: Arc<Archive>,
    /// Its path in the archive.
    path: PathBuf,
    /// The path of the archive with that in the archive: what it is called.
    name: PathBuf,
}

impl Member {
    /// The file with this path in the archive at `archive`, which is looked at once the file is read.
    pub fn new(archive: &Path, path: &Path) -> Self {
        Self::of(&Archive::at(archive), path)
    }

    pub(crate) fn of(archive: &Arc<Archive>, path: &Path) -> Self {
        Self { archive: Arc::clone(archive), path: path.to_path_buf(), name: archive.path().join(path) }
    }

    /// The other files of its sample, if the archive is a WebDataset: those that have the same path up to the first dot of
    /// the name and are no pictures, by what follows the dot.
    pub(crate) fn companions(&self) -> Vec<(String, Source)> {
        let key = key_of(&self.path);
        let others = self.archive.with_key(key.as_deref().unwrap_or(Path::new("")));
        let others = others.filter(|path| lightloom_codec::from_extension(path).is_none());
        let companion = |path: &Path| {
            let name = path.file_name()?.to_str()?;
            Some((name.split_once('.')?.1.to_owned(), Source::Member(Self::of(&self.archive, path))))
        };
        others.filter_map(companion).collect()
    }

    fn in_archive(&self, archive: &Path) -> Source {
        if archive == self.archive.path() {
            return Source::Member(self.clone());
        }
        Source::Member(Self::new(archive, &self.path))
    }
}

/// The path of a file up to the first dot of its name.
pub(crate) fn key_of(path: &Path) -> Option<PathBuf> {
    let key = path.file_name()?.to_str()?.split('.').next()?;
    Some(path.with_file_name(key))
}

impl Kind for Member {
    fn name(&self) -> &Path {
        &self.name
    }

    fn place(&self) -> Option<&Path> {
        Some(self.archive.path())
    }

    fn canonical(&self) -> Source {
        fs::canonicalize(self.archive.path())
            .map_or_else(|_| Source::Member(self.clone()), |path| self.in_archive(&path))
    }

    fn absolute(&self) -> Source {
        let path = std::path::absolute(self.archive.path());
        path.map_or_else(|_| Source::Member(self.clone()), |path| self.in_archive(&path))
    }

    fn length(&self) -> Option<u64> {
        self.archive.member(&self.path).map(|member| member.length)
    }

    fn modified(&self) -> Option<SystemTime> {
        self.archive.member(&self.path)?.modified
    }

    fn open(&self, limits: &Limits, progress: &ReadProgress) -> Result<Reader, Cause> {
        // Before anything of it is read: the archive states it.
        check_length(self.length().unwrap_or(0), limits)?;
        let content: Box<dyn Content> = match self.archive.open(&self.path, progress).map_err(|e| unreadable(&e))? {
            Opened::Bytes(bytes) => Box::new(Cursor::new(bytes)),
            Opened::Content(content) => Box::new(Unpacked::new(content, self.length().unwrap_or(0))),
        };
        let (length, modified) = (self.length().unwrap_or(0), self.modified());
        Ok(Reader { content, length, modified, progress: progress.clone() })
    }

    fn saved(&self) -> SavedSource {
        SavedSource::Member { archive: self.archive.path().into(), path: self.path.as_path().into() }
    }
}

impl Content for Cursor<Vec<u8>> {
    fn input(&mut self) -> &mut dyn Input {
        self
    }

    fn read_all(self: Box<Self>, _: u64) -> io::Result<FileBytes> {
        Ok(self.into_inner().into())
    }
}

/// A member that is unpacked as far as it was asked for.
struct Unpacked {
    content: archives::Content,
    length: u64,
    bytes: Vec<u8>,
    at: usize,
}

impl Unpacked {
    const fn new(content: archives::Content, length: u64) -> Self {
        Self { content, length, bytes: Vec::new(), at: 0 }
    }

    /// Unpacks until there are `wanted` bytes or all.
    fn unpack_to(&mut self, wanted: usize) -> io::Result<()> {
        if let Some(more) = wanted.checked_sub(self.bytes.len()).filter(|more| *more > 0) {
            (&mut self.content).take(more as u64).read_to_end(&mut self.bytes)?;
        }
        Ok(())
    }
}

impl Read for Unpacked {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let available = self.fill_buf()?;
        let read = available.len().min(buffer.len());
        buffer[..read].copy_from_slice(&available[..read]);
        self.at += read;
        Ok(read)
    }
}

impl BufRead for Unpacked {
    fn fill_buf(&mut self) -> io::Result<&[u8]> {
        if self.at >= self.bytes.len() {
            self.unpack_to(self.at.saturating_add(PIECE))?;
        }
        Ok(self.bytes.get(self.at..).unwrap_or_default())
    }

    fn consume(&mut self, bytes: usize) {
        self.at += bytes;
    }
}

impl Seek for Unpacked {
    fn seek(&mut self, to: SeekFrom) -> io::Result<u64> {
        let (from, by) = match to {
            SeekFrom::Start(at) => (at, 0),
            SeekFrom::Current(by) => (self.at as u64, by),
            SeekFrom::End(by) => (self.length, by),
        };
        let at = from.checked_add_signed(by).ok_or(io::ErrorKind::InvalidInput)?;
        // Nobody reads from behind the end.
        self.at = usize::try_from(at.min(self.length)).unwrap_or(usize::MAX);
        Ok(at)
    }
}

impl Content for Unpacked {
    fn input(&mut self) -> &mut dyn Input {
        self
    }

    fn read_all(mut self: Box<Self>, _: u64) -> io::Result<FileBytes> {
        self.content.read_to_end(&mut self.bytes)?;
        Ok(self.bytes.into())
    }
}

impl fmt::Debug for Unpacked {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Unpacked").field("length", &self.length).field("at", &self.at).finish_non_exhaustive()
    }
}

impl fmt::Debug for Member {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Member").field(&self.name).finish()
    }
}

impl PartialEq for Member {
    fn eq(&self, other: &Self) -> bool {
        self.cmp(other).is_eq()
    }
}

impl Eq for Member {}

impl PartialOrd for Member {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Member {
    fn cmp(&self, other: &Self) -> Ordering {
        (self.archive.path(), &self.path).cmp(&(other.archive.path(), &other.path))
    }
}

impl Hash for Member {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.name.hash(state);
    }
}
