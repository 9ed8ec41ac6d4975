//! Archives whose members are sources: listed once, and read without unpacking them to the disk.
//!
//! All sources of an archive share one [`Archive`], and with it the list of its members. A member of a zip or a tar is
//! read at its place. One of a compressed tar or of a 7z can only be read after all that come before it in its stream:
//! [`Stream`] keeps a few positions open, and what a reader that is ahead passes over, so that members that are asked for in about their order
//! cost one pass in all.

use std::collections::{BTreeMap, HashMap};
use std::fs::Metadata;
use std::io::{self, BufReader, Read};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError, Weak};
use std::time::SystemTime;

use super::regular::open_regular;
use super::source::{Counted, ReadProgress, key_of, plain};
use lightloom_archive::{Checked, Data, Format, Listing, Member, list, open_stream, unpacked};

/// Members by which readers of a stream may be apart without reading anything twice.
const APART: usize = 64;
/// Most bytes of members that are kept for readers that are behind.
const KEPT_BYTES: usize = 64 << 20;
/// Positions in streams that are kept open: of a run, of thumbnails, of a preview.
const STREAMS: usize = 3;

/// An archive of this machine.
#[derive(Debug)]
pub(crate) struct Archive {
    path: PathBuf,
    listed: OnceLock<Result<Listed, String>>,
    streams: Mutex<Vec<Stream>>,
}

/// What is in an archive, as it was when that was found out.
#[derive(Debug)]
pub(crate) struct Listed {
    stamp: Stamp,
    format: Format,
    pub listing: Listing,
    /// Places in the list, by path.
    by_path: HashMap<PathBuf, usize>,
    /// Places in the list, by path up to the first dot of the name.
    by_key: HashMap<PathBuf, Vec<usize>>,
}

/// What tells a file from what it was before.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Stamp {
    bytes: u64,
    modified: Option<SystemTime>,
}

impl Stamp {
    fn of(meta: &Metadata) -> Self {
        Self { bytes: meta.len(), modified: meta.modified().ok() }
    }
}

/// The content of a member.
pub(crate) type Content = Checked<Box<dyn Read + Send>>;

/// An opened member.
pub(crate) enum Opened {
    /// Its bytes are still to be read.
    Content(Content),
    /// They have been.
    Bytes(Vec<u8>),
}

impl Archive {
    /// The archive at a path: the one that others hold, unless its file has changed since.
    pub fn at(path: &Path) -> Arc<Self> {
        static ALL: Mutex<BTreeMap<PathBuf, Weak<Archive>>> = Mutex::new(BTreeMap::new());
        let known = lock(&ALL).get(path).and_then(Weak::upgrade);
        // No lock is held over I/O.
        if let Some(known) = known.filter(|known| known.is_as_listed()) {
            return known;
        }
        let new = Arc::new(Self { path: path.to_path_buf(), listed: OnceLock::new(), streams: Mutex::default() });
        let mut all = lock(&ALL);
        all.retain(|_, archive| archive.strong_count() > 0);
        all.insert(path.to_path_buf(), Arc::downgrade(&new));
        new
    }

    pub fn path(&self) -> &Path {
        &self.path
    }

    fn is_as_listed(&self) -> bool {
        match self.listed.get() {
            None => true,
            Some(Err(_)) => false,
            Some(Ok(listed)) => self.path.metadata().is_ok_and(|meta| Stamp::of(&meta) == listed.stamp),
        }
    }

    /// What is in it. The first who asks reads it.
    ///
    /// # Errors
    /// Why it cannot be read, as a part of a sentence.
    pub fn listed(&self) -> Result<&Listed, String> {
        self.listed.get_or_init(|| self.list().map_err(|e| plain(&e))).as_ref().map_err(Clone::clone)
    }

    fn list(&self) -> io::Result<Listed> {
        let format = Format::of_name(&self.path).ok_or_else(|| io::Error::other("it is no archive"))?;
        let (file, meta) = open_regular(&self.path)?;
        let listing = list(format, BufReader::new(file))?;
        let by_path = listing.members.iter().enumerate().map(|(at, member)| (member.path.clone(), at)).collect();
        let mut by_key: HashMap<PathBuf, Vec<usize>> = HashMap::new();
        for (at, member) in listing.members.iter().enumerate().filter(|_| format.is_tar()) {
            key_of(&member.path).into_iter().for_each(|key| by_key.entry(key).or_default().push(at));
        }
        Ok(Listed { stamp: Stamp::of(&meta), format, listing, by_path, by_key })
    }

    /// A member by its path, if the archive can be read and has it.
    pub fn member(&self, path: &Path) -> Option<&Member> {
        let listed = self.listed().ok()?;
        listed.by_path.get(path).and_then(|at| listed.listing.members.get(*at))
    }

    /// The members of a tar that have this path up to the first dot of their names, in their order.
    pub fn with_key<'a>(&'a self, key: &'a Path) -> impl Iterator<Item = &'a Path> {
        let tar = self.listed().ok().filter(|listed| listed.format.is_tar());
        let places = tar.and_then(|listed| listed.by_key.get(key));
        places.into_iter().flatten().filter_map(move |at| Some(tar?.listing.members.get(*at)?.path.as_path()))
    }

    /// Opens a member for reading. What is read of the archive is counted in `progress`.
    ///
    /// # Errors
    /// If the archive cannot be read, is damaged, or is not the one that was listed.
    pub fn open(&self, path: &Path, progress: &ReadProgress) -> io::Result<Opened> {
        let listed = self.listed().map_err(io::Error::other)?;
        let at = *listed.by_path.get(path).ok_or_else(|| io::Error::other("the archive does not hold it any more"))?;
        let member = &listed.listing.members[at];
        if let Data::Streamed { stream, .. } = member.data {
            return self.next_of_stream(listed, stream, at, progress).map(Opened::Bytes);
        }
        Ok(Opened::Content(unpacked(self.reopen(listed, progress)?, member)?))
    }

    /// Opens its file, which must be the one that was listed.
    fn reopen(&self, listed: &Listed, progress: &ReadProgress) -> io::Result<Counted> {
        let (file, meta) = open_regular(&self.path)?;
        if Stamp::of(&meta) != listed.stamp {
            return Err(io::Error::other("the archive has changed since it was listed; add it again"));
        }
        Ok(Counted { file, progress: progress.clone() })
    }

    /// Reads a member of a stream.
    fn next_of_stream(
        &self,
        listed: &Listed,
        number: usize,
        at: usize,
        progress: &ReadProgress,
    ) -> io::Result<Vec<u8>> {
        let Listed { format, listing, .. } = listed;
        let members = &listing.members;
        let of_stream = listing.of_stream(number);
        let open = || open_stream(*format, listing, number, self.reopen(listed, progress)?);
        if of_stream.len() == 1 {
            return Stream::new(number, at, open()?).read_to(members, at);
        }
        let mut streams = lock(&self.streams);
        if let Some(bytes) = streams.iter_mut().find_map(|stream| stream.kept.remove(&at)) {
            return Ok(bytes);
        }
        let nearest = streams
            .iter()
            .enumerate()
            .filter(|(_, stream)| stream.number == number && stream.next <= at)
            .max_by_key(|(_, s)| s.next);
        let mut stream = match nearest.map(|(place, _)| place) {
            Some(place) => streams.remove(place),
            None => {
                streams.truncate(STREAMS - 1);
                Stream::new(number, of_stream.start, open()?)
            }
        };
        // One that fails is not used again.
        let bytes = stream.read_to(members, at)?;
        if stream.next < of_stream.end || !stream.kept.is_empty() {
            streams.insert(0, stream);
        }
        Ok(bytes)
    }
}

/// A stream of members that has been read up to a place.
struct Stream {
    /// Which of the archive's.
    number: usize,
    content: Box<dyn Read + Send>,
    /// Offset in what it unpacks to.
    offset: u64,
    /// The first member that has not been read or passed over.
    next: usize,
    /// Members that were passed over a moment ago.
    kept: BTreeMap<usize, Vec<u8>>,
}

impl std::fmt::Debug for Stream {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Stream").field("offset", &self.offset).field("next", &self.next).finish_non_exhaustive()
    }
}

impl Stream {
    /// One whose first member is `next`.
    fn new(number: usize, next: usize, content: Box<dyn Read + Send>) -> Self {
        Self { number, content, offset: 0, next, kept: BTreeMap::new() }
    }

    fn holds(&self, member: &Member) -> bool {
        matches!(member.data, Data::Streamed { stream, .. } if stream == self.number)
    }

    /// Goes on to the member at this place and reads it.
    fn read_to(&mut self, members: &[Member], at: usize) -> io::Result<Vec<u8>> {
        self.kept.retain(|place, _| at - place.min(&at) <= APART);
        while self.next < at {
            let passed = self.next;
            if at - passed <= APART
                && self.holds(&members[passed])
                && self.kept_bytes() + members[passed].length as usize <= KEPT_BYTES
            {
                let bytes = self.read(&members[passed])?;
                self.kept.insert(passed, bytes);
            }
            self.next += 1;
        }
        let bytes = self.read(&members[at])?;
        self.next = at + 1;
        Ok(bytes)
    }

    fn kept_bytes(&self) -> usize {
        self.kept.values().map(Vec::len).sum()
    }

    fn read(&mut self, member: &Member) -> io::Result<Vec<u8>> {
        let Data::Streamed { offset, .. } = member.data else { return Err(io::ErrorKind::Unsupported.into()) };
        let between = offset.checked_sub(self.offset).ok_or(io::ErrorKind::InvalidInput)?;
        let skipped = io::copy(&mut (&mut self.content).take(between), &mut io::sink())?;
        // Grows as the bytes come, so that a wrong length asks for no memory.
        let mut bytes = Vec::new();
        let read = (&mut self.content).take(member.length).read_to_end(&mut bytes)? as u64;
        if skipped < between || read < member.length {
            return Err(io::ErrorKind::UnexpectedEof.into());
        }
        self.offset = offset + read;
        member.check(&bytes)?;
        Ok(bytes)
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests {
    use super::*;
    use lightloom_archive::Writer;
    use std::io::Write as _;

    /// A tar in gzip of files that cannot be compressed.
    fn archive(folder: &Path, files: u32) -> PathBuf {
        let mut noise = 1_u32;
        let mut content = || -> Vec<u8> {
            let mut next = || {
                noise = noise.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
                (noise >> 24) as u8
            };
            (0..10_000).map(|_| next()).collect()
        };
        let mut writer = Writer::new(Format::Tar, Vec::new()).unwrap();
        for number in 0..files {
            writer.add(&format!("{number}.jpg"), &content(), None).unwrap();
        }
        let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
        encoder.write_all(&writer.finish().unwrap()).unwrap();
        let path = folder.join("a.tar.gz");
        std::fs::write(&path, encoder.finish().unwrap()).unwrap();
        path
    }

    fn read(archive: &Archive, number: u32, progress: &ReadProgress) -> Vec<u8> {
        match archive.open(Path::new(&format!("{number}.jpg")), progress).unwrap() {
            Opened::Bytes(bytes) => bytes,
            Opened::Content(_) => panic!("a stream has no places"),
        }
    }

    #[test]
    fn members_of_a_compressed_tar_that_come_about_in_order_cost_one_pass() {
        let dir = tempfile::tempdir().unwrap();
        let path = archive(dir.path(), 200);
        let (archive, progress) = (Archive::at(&path), ReadProgress::default());
        // As workers ask for them that are some pictures apart, and every second one is not asked for at all.
        let order = (0..200).step_by(8).flat_map(|first| [4, 0, 6, 2].map(|ahead| first + ahead));
        let whole: Vec<Vec<u8>> = order.map(|number| read(&archive, number, &progress)).collect();
        assert!(whole.iter().all(|bytes| bytes.len() == 10_000));
        let length = path.metadata().unwrap().len();
        assert!(progress.count() < length + length / 10, "{} of {length} bytes", progress.count());
        // Another reader has a position of its own, and gets the same.
        assert_eq!(read(&archive, 4, &progress), whole[0]);
        assert_eq!(read(&archive, 198, &progress), whole[98]);
        assert!(progress.count() < 3 * length, "{} of {length} bytes", progress.count());
    }

    #[test]
    fn an_archive_that_changes_is_not_read_at_the_old_places() {
        let dir = tempfile::tempdir().unwrap();
        let path = archive(dir.path(), 2);
        let before = Archive::at(&path);
        assert_eq!(before.listed().unwrap().listing.members.len(), 2);
        assert!(Arc::ptr_eq(&before, &Archive::at(&path)));
        archive(dir.path(), 3);
        let refused = before.open(Path::new("0.jpg"), &ReadProgress::default()).err().unwrap();
        assert!(refused.to_string().contains("has changed since it was listed"), "{refused}");
        assert_eq!(Archive::at(&path).listed().unwrap().listing.members.len(), 3);
    }
}
