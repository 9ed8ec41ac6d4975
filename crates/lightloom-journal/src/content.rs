//! Whether files are what a run wrote: looked at by their bytes, several at once.

use std::fs::File;
use std::io;
use std::path::Path;
use std::sync::atomic::{AtomicUsize, Ordering::Relaxed};

use lightloom_batch::result_hash;

/// Files that are read at once.
const READERS: usize = 8;

/// What was found where a result should be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Content {
    /// What the run wrote.
    Same,
    /// Something else.
    Changed,
    /// Nothing.
    Missing,
    /// It cannot be read.
    Unreadable,
}

/// A file that was written, as a journal describes it.
#[derive(Debug, Clone, Copy)]
pub struct Expected<'a> {
    pub path: &'a Path,
    pub bytes: u64,
    pub hash: &'a str,
}

impl Expected<'_> {
    /// Looks at the file. It is read only if it has the right size.
    pub fn look(&self) -> Content {
        let look = || -> io::Result<Content> {
            let file = File::open(self.path)?;
            let meta = file.metadata()?;
            if !meta.is_file() || meta.len() != self.bytes {
                return Ok(Content::Changed);
            }
            Ok(if result_hash(file)? == self.hash { Content::Same } else { Content::Changed })
        };
        look().unwrap_or_else(|error| match error.kind() {
            io::ErrorKind::NotFound | io::ErrorKind::NotADirectory => Content::Missing,
            _ => Content::Unreadable,
        })
    }
}

/// Applies `look` to every item, several at once, and counts them in `done`. The results have the order of the items.
pub(super) fn in_parallel<T: Sync, R: Send>(items: &[T], done: &AtomicUsize, look: impl Fn(&T) -> R + Sync) -> Vec<R> {
    let next = AtomicUsize::new(0);
    let some = || {
        let mut found = Vec::new();
        while let Some((index, item)) = Some(next.fetch_add(1, Relaxed)).and_then(|i| Some((i, items.get(i)?))) {
            found.push((index, look(item)));
            done.fetch_add(1, Relaxed);
        }
        found
    };
    let mut found: Vec<(usize, R)> = std::thread::scope(|scope| {
        let readers: Vec<_> = (0..READERS.min(items.len())).map(|_| scope.spawn(some)).collect();
        readers.into_iter().flat_map(|reader| reader.join().unwrap_or_default()).collect()
    });
    found.sort_unstable_by_key(|(index, _)| *index);
    found.into_iter().map(|(_, result)| result).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::fs;

    #[test]
    fn content_is_told_by_its_bytes() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a");
        fs::write(&path, "content").unwrap();
        let hash = result_hash(&b"content"[..]).unwrap();
        let look = |bytes| Expected { path: &path, bytes, hash: &hash }.look();
        assert_eq!(look(7), Content::Same);
        assert_eq!(look(8), Content::Changed, "another size");
        fs::write(&path, "CONTENT").unwrap();
        assert_eq!(look(7), Content::Changed);
        fs::remove_file(&path).unwrap();
        assert_eq!(look(7), Content::Missing);
        fs::create_dir(&path).unwrap();
        assert_eq!(look(7), Content::Changed);
    }

    #[test]
    fn results_keep_their_order() {
        let done = AtomicUsize::new(0);
        let items: Vec<usize> = (0..1000).collect();
        assert_eq!(in_parallel(&items, &done, |i| i * 2), items.iter().map(|i| i * 2).collect::<Vec<_>>());
        assert_eq!(done.into_inner(), 1000);
        assert!(in_parallel(&[] as &[usize], &AtomicUsize::new(0), |i| *i).is_empty());
    }
}
