//! Where a picture comes from: what tells it from others, what its results are called after, and how it is read.
//!
//! Everything that a run asks of a source goes through here. A new kind of source is a file with a [`Kind`], a variant of
//! [`Source`], and one of [`SavedSource`], by which worker processes and later runs open it again.

mod file;
mod member;
mod memory;
mod read_progress;
mod saved;
mod sparing;
mod web;

use std::ffi::OsStr;
use std::fmt;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::SystemTime;

use super::cause::Cause;
use super::file_memory::FileBytes;
pub(super) use file::Counted;
use lightloom_codec::{CodecError, Input, Limits};
use lightloom_param::shown;
pub use member::Member;
pub(super) use member::key_of;
pub use memory::Memory;
pub use read_progress::ReadProgress;
pub use saved::SavedSource;
pub(super) use web::server_of;
pub use web::{SavedWeb, Web, set_web_client, web_client, web_settings};

/// Where a picture comes from. Sources that are equal are the same picture; [`Self::canonical`] finds that out for files
/// that are named in different ways.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Source {
    /// A file of this machine.
    File(PathBuf),
    /// An encoded picture that the program holds in memory.
    Memory(Memory),
    /// A picture of the web.
    Web(Web),
    /// A file in an archive of this machine.
    Member(Member),
}

/// What every kind of source knows of itself.
trait Kind {
    /// See [`Source::name`].
    fn name(&self) -> &Path;

    /// What it is called where people read it.
    fn title(&self) -> &Path {
        self.name()
    }

    /// See [`Source::path`].
    fn path(&self) -> Option<&Path> {
        None
    }

    /// See [`Source::place`].
    fn place(&self) -> Option<&Path> {
        None
    }

    /// See [`Source::waited_for`].
    fn waited_for(&self) -> Option<&Path> {
        self.place()
    }

    /// See [`Source::canonical`].
    fn canonical(&self) -> Source;

    /// See [`Source::absolute`].
    fn absolute(&self) -> Source;

    /// See [`Source::length`].
    fn length(&self) -> Option<u64>;

    /// See [`Source::modified`].
    fn modified(&self) -> Option<SystemTime> {
        None
    }

    /// See [`Source::open_counted`].
    fn open(&self, limits: &Limits, progress: &ReadProgress) -> Result<Reader, Cause>;

    /// See [`Source::saved`].
    fn saved(&self) -> SavedSource;

    /// See [`Source::held`].
    fn held(&self) -> Option<&[u8]> {
        None
    }
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
        Self::Memory(Memory { name: name.into(), bytes: bytes.into() })
    }

    fn kind(&self) -> &dyn Kind {
        match self {
            Self::File(path) => path,
            Self::Memory(memory) => memory,
            Self::Web(web) => web,
            Self::Member(member) => member,
        }
    }

    /// Its path, if it is a file of this machine.
    pub fn path(&self) -> Option<&Path> {
        self.kind().path()
    }

    /// The file of this machine that it is read from: itself, or what it lies in. That is an original too.
    pub fn place(&self) -> Option<&Path> {
        self.kind().place()
    }

    /// What is waited for while it is read, as a path below the disk or server that has to answer; `None` if that cannot be
    /// late.
    pub(super) fn waited_for(&self) -> Option<&Path> {
        self.kind().waited_for()
    }

    /// What it is called: the path of a file, or what stands for one. Stem and extension are those of results.
    pub fn name(&self) -> &Path {
        self.kind().name()
    }

    /// What it is called where people read it: the path of a file, or the whole address of a picture of the web.
    pub fn title(&self) -> &Path {
        self.kind().title()
    }

    /// The last part of the name, as it is shown to people.
    pub fn file_name(&self) -> String {
        shown(self.name().file_name().unwrap_or_default()).into_owned()
    }

    /// The name as a key: exact where it is Unicode, which nearly every name is, and else escaped, so that no two are alike.
    pub fn exact_name(&self) -> String {
        self.kind().title().to_str().map_or_else(|| self.to_string(), str::to_owned)
    }

    /// The name without folders and extension, for the names of results.
    pub fn stem(&self) -> &OsStr {
        self.name().file_stem().unwrap_or(OsStr::new("image"))
    }

    /// The same source as it is known to the system: without links, relative parts and the like.
    pub fn canonical(&self) -> Self {
        self.kind().canonical()
    }

    /// The same source under a name that does not depend on the folder of the program.
    pub fn absolute(&self) -> Self {
        self.kind().absolute()
    }

    /// Size in bytes, if it is known without reading.
    pub fn length(&self) -> Option<u64> {
        self.kind().length()
    }

    /// When it was last modified, if that is known.
    pub fn modified(&self) -> Option<SystemTime> {
        self.kind().modified()
    }

    /// What opens it again in another process or in a later run.
    pub fn saved(&self) -> SavedSource {
        self.kind().saved()
    }

    /// Its content, if no other process can get at it.
    pub fn held(&self) -> Option<&[u8]> {
        self.kind().held()
    }

    /// The same source without what a run has fetched of it, as reports keep it.
    pub fn without_content(&self) -> Self {
        match self {
            Self::Web(web) => Self::Web(web.without_content()),
            other => other.clone(),
        }
    }

    /// The same with its content, if another process should not get that for itself: what is fetched is fetched once, by
    /// the process that bounds how much is fetched at a time.
    ///
    /// # Errors
    /// If it cannot be fetched.
    pub(super) fn brought(&self, limits: &Limits, progress: &ReadProgress) -> Result<Self, Cause> {
        match self {
            Self::Web(web) => web.brought(limits, progress).map(Self::Web),
            Self::File(_) | Self::Memory(_) | Self::Member(_) => Ok(self.clone()),
        }
    }

    /// What stood beside it where it was named, by names of columns.
    pub fn columns(&self) -> &[lightloom_web::list::Column] {
        match self {
            Self::Web(web) => web.columns(),
            Self::File(_) | Self::Memory(_) | Self::Member(_) => &[],
        }
    }

    /// Whether its content is, or looks like, that of a picture: also where it is damaged or cannot be read, which
    /// whoever tries to process it will be told.
    pub(super) fn may_be_picture(&self) -> bool {
        let limits = Limits { file_bytes: u64::MAX, ..Limits::default() };
        let Ok(mut reader) = self.open(&limits) else { return true };
        let header = lightloom_codec::read_header_of(reader.input(), &limits, |codec| !codec.isolates);
        !matches!(header, Err(CodecError::Unrecognised | CodecError::Empty))
    }

    /// Opens it for reading.
    ///
    /// # Errors
    /// If it cannot be opened, or is larger than `limits` allow.
    pub(super) fn open(&self, limits: &Limits) -> Result<Reader, Cause> {
        self.open_counted(limits, &ReadProgress::default())
    }

    /// As [`Self::open`]; what is read is counted in `progress`.
    ///
    /// # Errors
    /// As [`Self::open`].
    pub(super) fn open_counted(&self, limits: &Limits, progress: &ReadProgress) -> Result<Reader, Cause> {
        self.kind().open(limits, progress)
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
    content: Box<dyn Content>,
    length: u64,
    modified: Option<SystemTime>,
    progress: ReadProgress,
}

/// What an open source is read from.
trait Content: Send + fmt::Debug {
    /// For reading a header.
    fn input(&mut self) -> &mut dyn Input;

    /// Everything from the beginning, of which there were `length` bytes when it was opened.
    fn read_all(self: Box<Self>, length: u64) -> io::Result<FileBytes>;
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
        self.content.input()
    }

    /// Everything. What grows meanwhile is read as long as it was.
    ///
    /// # Errors
    /// If the disk fails.
    pub fn read_all(self) -> Result<FileBytes, Cause> {
        self.content.read_all(self.length).map_err(|e| unreadable(&e))
    }
}

fn unreadable(error: &io::Error) -> Cause {
    Cause::Unreadable(plain(error))
}

impl fmt::Display for Source {
    /// Its name as it is shown to people: in one line, with escapes where it needs them.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&shown(self.kind().title()))
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
    use std::fs;

    fn content(source: &Source) -> Result<Vec<u8>, Cause> {
        source.open(&Limits::default()).and_then(Reader::read_all).map(FileBytes::into_vec)
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
            assert_eq!(&*reader.read_all().unwrap(), b"content", "from the beginning");
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
