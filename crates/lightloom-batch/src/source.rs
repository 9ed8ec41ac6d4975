//! Where a picture comes from: what tells it from others, what its results are called after, and how it is read.
//!
//! Everything that a run asks of a source goes through here and, for worker processes, through `worker/protocol.rs`. A
//! new kind of source is a variant of [`Source`], and the compiler names what it needs.

use std::ffi::OsStr;
use std::fmt;
use std::fs::{self, File};
use std::io::{self, BufReader, Cursor, Read, Seek, SeekFrom};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering::Relaxed};
use std::time::SystemTime;

use super::cause::Cause;
use super::regular::open_regular;
use lightloom_codec::{CodecError, Input, Limits};
use lightloom_param::shown;

/// Where a picture comes from. Sources that are equal are the same picture; [`Self::canonical`] finds that out for files
/// that are named in different ways.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Source {
    /// A file of this machine.
    File(PathBuf),
    /// An encoded picture that the program holds in memory.
    Memory {
        /// What stands for a path: results are called after it, and its extension hints at the format.
        name: PathBuf,
        /// The content of the file.
        bytes: Arc<[u8]>,
    },
}

/// A source with the folder below which it was found.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct SourceEntry {
    /// The picture.
    pub source: Source,
    /// The folder that the person named and that the source lies in; `None` if the source itself was named.
    pub root: Option<PathBuf>,
}

impl<T: Into<Source>> From<T> for SourceEntry {
    /// A source that was named itself.
    fn from(source: T) -> Self {
        Self { source: source.into(), root: None }
    }
}

impl From<PathBuf> for Source {
    fn from(path: PathBuf) -> Self {
        Self::File(path)
    }
}

impl From<&Path> for Source {
    fn from(path: &Path) -> Self {
        Self::File(path.to_path_buf())
    }
}

impl From<&str> for Source {
    fn from(path: &str) -> Self {
        Self::File(path.into())
    }
}

impl Source {
    /// A picture in memory.
    pub fn memory(name: impl Into<PathBuf>, bytes: impl Into<Arc<[u8]>>) -> Self {
        Self::Memory { name: name.into(), bytes: bytes.into() }
    }

    /// Its path, if it is a file of this machine.
    pub fn path(&self) -> Option<&Path> {
        match self {
            Self::File(path) => Some(path),
            Self::Memory { .. } => None,
        }
    }

    /// What it is called: the path of a file, or what stands for one. Stem and extension are those of results.
    pub fn name(&self) -> &Path {
        match self {
            Self::File(path) => path,
            Self::Memory { name, .. } => name,
        }
    }

    /// The last part of the name, as it is shown to people.
    pub fn file_name(&self) -> String {
        shown(self.name().file_name().unwrap_or_default()).into_owned()
    }

    /// The name as a key: exact where it is Unicode, which nearly every name is, and else escaped, so that no two are alike.
    pub fn exact_name(&self) -> String {
        self.name().to_str().map_or_else(|| self.to_string(), str::to_owned)
    }

    /// The name without folders and extension, for the names of results.
    pub fn stem(&self) -> &OsStr {
        self.name().file_stem().unwrap_or(OsStr::new("image"))
    }

    /// The same source as it is known to the system: without links, relative parts and the like.
    pub fn canonical(&self) -> Self {
        match self {
            Self::File(path) => Self::File(fs::canonicalize(path).unwrap_or_else(|_| path.clone())),
            Self::Memory { .. } => self.clone(),
        }
    }

    /// Size in bytes, if it is known without reading.
    pub fn length(&self) -> Option<u64> {
        match self {
            Self::File(path) => fs::metadata(path).ok().map(|meta| meta.len()),
            Self::Memory { bytes, .. } => Some(bytes.len() as u64),
        }
    }

    /// When it was last modified, if that is known.
    pub fn modified(&self) -> Option<SystemTime> {
        match self {
            Self::File(path) => fs::metadata(path).and_then(|meta| meta.modified()).ok(),
            Self::Memory { .. } => None,
        }
    }

    /// Whether its content is, or looks like, that of a picture: also where it is damaged or cannot be read, which
    /// whoever tries to process it will be told.
    pub(super) fn may_be_picture(&self) -> bool {
        let limits = Limits { file_bytes: u64::MAX, ..Limits::default() };
        let Ok(mut reader) = self.open(&limits) else { return true };
        let header = lightloom_codec::read_header(reader.input(), &limits);
        !matches!(header, Err(CodecError::Unrecognised | CodecError::Empty))
    }

    /// Opens it for reading.
    ///
    /// # Errors
    /// If it cannot be opened, or is larger than `limits` allow.
    pub(super) fn open(&self, limits: &Limits) -> Result<Reader, Cause> {
        self.open_counted(limits, &ReadProgress::default())
    }

    /// As [`Self::open`]; what is read of a file is counted in `progress`.
    ///
    /// # Errors
    /// As [`Self::open`].
    pub(super) fn open_counted(&self, limits: &Limits, progress: &ReadProgress) -> Result<Reader, Cause> {
        let unreadable = |e: &io::Error| Cause::Unreadable(plain(e));
        let (content, length, modified) = match self {
            Self::File(path) => {
                let (file, meta) = open_regular(path).map_err(|e| unreadable(&e))?;
                check_length(meta.len(), limits)?;
                let file = Counted { file, progress: progress.clone() };
                (Content::File(BufReader::with_capacity(HEADER, file)), meta.len(), meta.modified().ok())
            }
            Self::Memory { bytes, .. } => {
                check_length(bytes.len() as u64, limits)?;
                (Content::Memory(Cursor::new(Arc::clone(bytes))), bytes.len() as u64, None)
            }
        };
        Ok(Reader { content, length, modified, progress: progress.clone() })
    }
}

/// Bytes of a file that are read at once: most headers.
const HEADER: usize = 64 << 10;
/// Bytes of the rest that are read at once, so that a slow disk is seen to answer.
const PIECE: usize = 1 << 20;

/// How much has been read of a file so far; another thread may look at it.
#[derive(Debug, Clone, Default)]
pub struct ReadProgress(Arc<AtomicU64>);

impl ReadProgress {
    /// A number that grows whenever the file answers.
    pub(super) fn count(&self) -> u64 {
        self.0.load(Relaxed)
    }

    /// Notes an answer.
    fn add(&self, bytes: usize) {
        self.0.fetch_add(bytes as u64 + 1, Relaxed);
    }
}

/// A file whose reading is counted.
#[derive(Debug)]
struct Counted {
    file: File,
    progress: ReadProgress,
}

impl Read for Counted {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let piece = buffer.len().min(PIECE);
        let read = self.file.read(&mut buffer[..piece])?;
        self.progress.add(read);
        Ok(read)
    }
}

impl Seek for Counted {
    fn seek(&mut self, to: SeekFrom) -> io::Result<u64> {
        self.file.seek(to)
    }
}

fn check_length(length: u64, limits: &Limits) -> Result<(), Cause> {
    if length > limits.file_bytes {
        return Err(CodecError::FileTooLarge { mib: length >> 20, limit_mib: limits.file_bytes >> 20 }.into());
    }
    Ok(())
}

/// An open source.
#[derive(Debug)]
pub(super) struct Reader {
    content: Content,
    length: u64,
    modified: Option<SystemTime>,
    progress: ReadProgress,
}

#[derive(Debug)]
enum Content {
    File(BufReader<Counted>),
    Memory(Cursor<Arc<[u8]>>),
}

impl Reader {
    /// Size in bytes when it was opened.
    pub const fn length(&self) -> u64 {
        self.length
    }

    /// When it had last been modified when it was opened, if that is known.
    pub const fn modified(&self) -> Option<SystemTime> {
        self.modified
    }

    /// Counts what is read.
    pub const fn progress(&self) -> &ReadProgress {
        &self.progress
    }

    /// For reading a header.
    pub fn input(&mut self) -> &mut dyn Input {
        match &mut self.content {
            Content::File(file) => file,
            Content::Memory(bytes) => bytes,
        }
    }

    /// Everything. What grows meanwhile is read as long as it was.
    ///
    /// # Errors
    /// If the disk fails.
    pub fn read_all(self) -> Result<Vec<u8>, Cause> {
        let read = || -> io::Result<Vec<u8>> {
            let mut file = match self.content {
                Content::File(file) => file.into_inner(),
                Content::Memory(bytes) => return Ok(bytes.get_ref().to_vec()),
            };
            file.seek(SeekFrom::Start(0))?;
            let mut bytes = vec![0; self.length as usize];
            let mut filled = 0;
            while filled < bytes.len() {
                match file.read(&mut bytes[filled..]) {
                    Ok(0) => break,
                    Ok(read) => filled += read,
                    Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                    Err(error) => return Err(error),
                }
            }
            bytes.truncate(filled);
            Ok(bytes)
        };
        read().map_err(|e| Cause::Unreadable(plain(&e)))
    }
}

impl fmt::Display for Source {
    /// Its name as it is shown to people: in one line, with escapes where it needs them.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&shown(self.name()))
    }
}

/// An I/O error in the words of the system, without its number.
pub(super) fn plain(error: &io::Error) -> String {
    let text = error.to_string();
    text.split(" (os error").next().unwrap_or(&text).to_lowercase()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn content(source: &Source) -> Result<Vec<u8>, Cause> {
        source.open(&Limits::default()).and_then(Reader::read_all)
    }

    #[test]
    fn a_file_and_its_content_in_memory_read_the_same() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a.b.JPG");
        fs::write(&path, b"content").unwrap();
        let file = Source::from(path.as_path());
        let memory = Source::memory("trip/a.b.JPG", *b"content");
        for source in [&file, &memory] {
            assert_eq!(content(source).unwrap(), b"content");
            assert_eq!(source.length(), Some(7));
            assert_eq!((source.file_name().as_str(), source.stem()), ("a.b.JPG", OsStr::new("a.b")));
            let mut reader = source.open(&Limits::default()).unwrap();
            let mut head = [0; 3];
            reader.input().read_exact(&mut head).unwrap();
            assert_eq!((&head, reader.length()), (b"con", 7));
            assert_eq!(reader.read_all().unwrap(), b"content", "from the beginning");
            let small = Limits { file_bytes: 6, ..Limits::default() };
            assert!(matches!(source.open(&small), Err(Cause::Codec(CodecError::FileTooLarge { .. }))));
        }
        assert!(file.modified().is_some() && memory.modified().is_none());
        assert_eq!((file.path(), memory.path()), (Some(path.as_path()), None));
        assert_ne!(memory, Source::memory("trip/a.b.JPG", *b"another"));
        assert_eq!(memory.to_string(), "trip/a.b.JPG");
        assert_eq!(Source::from("a\nb").to_string(), "a\\nb");
        assert_eq!(Source::from("a\nb").exact_name(), "a\nb");
    }

    #[test]
    fn what_is_not_a_file_is_refused() {
        let folder = tempfile::tempdir().unwrap();
        let error = |source: &Source| content(source).unwrap_err().to_string();
        assert_eq!(error(&folder.path().into()), "the file cannot be read: it is a folder");
        let missing = Source::from(folder.path().join("gone"));
        assert_eq!(error(&missing), "the file cannot be read: no such file or directory");
        assert_eq!((missing.length(), missing.canonical()), (None, missing));
    }

    #[cfg(unix)]
    #[test]
    fn links_lead_to_the_same_source() {
        let folder = tempfile::tempdir().unwrap();
        let (path, link) = (folder.path().join("a.jpg"), folder.path().join("b.jpg"));
        fs::write(&path, "x").unwrap();
        std::os::unix::fs::symlink(&path, &link).unwrap();
        let (file, link) = (Source::from(path), Source::from(link));
        assert_ne!(file, link);
        assert_eq!(file.canonical(), link.canonical());
    }
}
