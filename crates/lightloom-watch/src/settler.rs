//! Decides when a file is whole: when it has looked the same for a while.
//!
//! Time and files are told from outside, so that this waits for nothing. Size and time of modification count, and not which
//! file it is: some shares number the same file differently each time.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use lightloom_batch::SourceEntry;
use lightloom_journal::record::FileRecord;

/// How many times longer a file is waited for that a program has written to and not closed yet. Not for ever, since not
/// every change of a file ends with a close.
const WHILE_OPEN: u32 = 10;

/// How many times the quiet time passes before a file is late.
const LATE: u32 = 15;

/// Files that have been met and are not known to be whole.
#[derive(Debug)]
pub struct Settler {
    quiet: Duration,
    files: BTreeMap<PathBuf, Waiting>,
}

/// A file that is waited for.
#[derive(Debug)]
struct Waiting {
    entry: SourceEntry,
    /// What it looked like last.
    file: FileRecord,
    met: Instant,
    /// When it was last seen or heard to change.
    changed: Instant,
    /// Whether a program has written to it and not closed it since.
    is_open: bool,
}

impl Settler {
    /// Files are whole when they have not changed for this long.
    pub fn new(quiet: Duration) -> Self {
        Self { quiet, files: BTreeMap::new() }
    }

    /// A file was looked at.
    pub fn met(&mut self, entry: SourceEntry, file: FileRecord, now: Instant) {
        let path = entry.source.name().to_path_buf();
        match self.files.get_mut(&path) {
            Some(waiting) if file.is_as(&waiting.file) => {}
            Some(waiting) => (waiting.file, waiting.changed) = (file, now),
            None => {
                let waiting = Waiting { entry, file, met: now, changed: now, is_open: false };
                self.files.insert(path, waiting);
            }
        }
    }

    /// A program wrote to a file.
    pub fn written(&mut self, path: &Path, now: Instant) {
        if let Some(waiting) = self.files.get_mut(path) {
            (waiting.changed, waiting.is_open) = (now, true);
        }
    }

    /// A program that wrote to a file closed it. Others may go on, so that the file is not whole because of that.
    pub fn closed(&mut self, path: &Path) {
        if let Some(waiting) = self.files.get_mut(path) {
            waiting.is_open = false;
        }
    }

    /// A file is gone, or is not to be processed.
    pub fn forget(&mut self, path: &Path) {
        self.files.remove(path);
    }

    /// The files that have been quiet for long enough: to be looked at once more.
    pub fn due(&self, now: Instant) -> impl Iterator<Item = &Path> {
        self.files.iter().filter(move |(_, waiting)| self.when(waiting) <= now).map(|(path, _)| path.as_path())
    }

    /// When the next file is due, if nothing changes.
    pub fn next(&self) -> Option<Instant> {
        self.files.values().map(|waiting| self.when(waiting)).min()
    }

    /// A file that was due was looked at once more. Returns it if it is whole.
    pub fn settle(&mut self, path: &Path, file: FileRecord, now: Instant) -> Option<SourceEntry> {
        let waiting = self.files.get_mut(path)?;
        if file.is_as(&waiting.file) {
            return self.files.remove(path).map(|waiting| waiting.entry);
        }
        (waiting.file, waiting.changed) = (file, now);
        None
    }

    /// A file that was due could not be looked at. Returns it if it has been waited for long enough, so that whoever
    /// processes it says why.
    pub fn postpone(&mut self, path: &Path, now: Instant) -> Option<SourceEntry> {
        let is_late = self.is_late(self.files.get(path)?, now);
        if is_late {
            return self.files.remove(path).map(|waiting| waiting.entry);
        }
        self.files.get_mut(path)?.changed = now;
        None
    }

    /// Gives up the files that have changed for too long.
    pub fn give_up_late(&mut self, now: Instant) -> Vec<PathBuf> {
        let late = self.files.iter().filter(|(_, waiting)| self.is_late(waiting, now));
        let late: Vec<PathBuf> = late.map(|(path, _)| path.clone()).collect();
        late.iter().for_each(|path| self.forget(path));
        late
    }

    /// How many files are waited for.
    pub fn len(&self) -> usize {
        self.files.len()
    }

    /// Whether no file is waited for.
    pub fn is_empty(&self) -> bool {
        self.files.is_empty()
    }

    fn when(&self, waiting: &Waiting) -> Instant {
        waiting.changed + if waiting.is_open { self.quiet * WHILE_OPEN } else { self.quiet }
    }

    fn is_late(&self, waiting: &Waiting, now: Instant) -> bool {
        waiting.met + self.quiet * LATE <= now
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const QUIET: Duration = Duration::from_secs(2);

    /// A settler, and a clock that only tests move.
    struct Bench {
        settler: Settler,
        start: Instant,
    }

    impl Bench {
        fn new() -> Self {
            Self { settler: Settler::new(QUIET), start: Instant::now() }
        }

        fn at(&self, secs: f64) -> Instant {
            self.start + Duration::from_secs_f64(secs)
        }

        fn met(&mut self, path: &str, bytes: u64, secs: f64) {
            let now = self.at(secs);
            self.settler.met(entry(path), file(bytes), now);
        }

        /// What settles if each file still looks like this.
        fn settled(&mut self, bytes: u64, secs: f64) -> Vec<String> {
            let now = self.at(secs);
            let due: Vec<PathBuf> = self.settler.due(now).map(Path::to_path_buf).collect();
            let whole = due.iter().filter_map(|path| self.settler.settle(path, file(bytes), now));
            whole.map(|entry| entry.source.file_name()).collect()
        }
    }

    fn entry(path: &str) -> SourceEntry {
        SourceEntry { source: path.into(), root: Some("/in".into()) }
    }

    fn file(bytes: u64) -> FileRecord {
        FileRecord { bytes, modified: Some(bytes as i64), identity: Some((1, 1)) }
    }

    #[test]
    fn a_file_that_looks_the_same_for_a_while_is_whole() {
        let mut bench = Bench::new();
        bench.met("/in/a.jpg", 10, 0.0);
        assert!(bench.settled(10, 1.9).is_empty());
        assert_eq!(bench.settler.next(), Some(bench.at(2.0)));
        bench.met("/in/a.jpg", 10, 1.9);
        assert_eq!(bench.settled(10, 2.0), ["a.jpg"]);
        assert!(bench.settler.is_empty() && bench.settled(10, 9.0).is_empty());
    }

    #[test]
    fn a_file_that_grows_is_waited_for() {
        let mut bench = Bench::new();
        for step in 0..8 {
            bench.met("/in/a.jpg", 10 + step, step as f64);
            assert!(bench.settled(10 + step, step as f64).is_empty(), "{step}");
        }
        // It has grown at the last look, which begins the wait anew.
        assert!(bench.settled(99, 9.0).is_empty());
        assert!(bench.settled(99, 10.9).is_empty());
        assert_eq!(bench.settled(99, 11.0), ["a.jpg"]);
    }

    #[test]
    fn a_file_that_was_replaced_is_waited_for_anew_and_another_number_means_nothing() {
        let mut bench = Bench::new();
        bench.met("/in/a.jpg", 10, 0.0);
        let now = bench.at(1.0);
        bench.settler.met(entry("/in/a.jpg"), FileRecord { identity: Some((1, 2)), ..file(10) }, now);
        assert_eq!(bench.settler.next(), Some(bench.at(2.0)));
        bench.settler.met(entry("/in/a.jpg"), FileRecord { modified: Some(7), ..file(10) }, now);
        assert_eq!(bench.settler.next(), Some(bench.at(3.0)));
    }

    #[test]
    fn writing_delays_and_closing_shortens_nothing() {
        let mut bench = Bench::new();
        let path = Path::new("/in/a.jpg");
        bench.met("/in/a.jpg", 10, 0.0);
        let at = bench.at(1.0);
        bench.settler.written(path, at);
        assert_eq!(bench.settler.next(), Some(bench.at(21.0)), "somebody has it open");
        bench.settler.closed(path);
        assert_eq!(bench.settler.next(), Some(bench.at(3.0)));
        assert!(bench.settled(10, 2.9).is_empty());
        assert_eq!(bench.settled(10, 3.0), ["a.jpg"]);
        // What is not waited for is none of ours.
        let at = bench.at(4.0);
        bench.settler.written(path, at);
        bench.settler.closed(path);
        assert!(bench.settler.is_empty());
    }

    #[test]
    fn a_renamed_file_is_another_one() {
        let mut bench = Bench::new();
        bench.met("/in/IMG.JPG", 10, 0.0);
        bench.settler.forget(Path::new("/in/IMG.JPG"));
        bench.met("/in/img.jpg", 10, 1.0);
        assert!(bench.settled(10, 2.5).is_empty());
        assert_eq!(bench.settled(10, 3.0), ["img.jpg"]);
    }

    #[test]
    fn what_cannot_be_looked_at_is_handed_over_in_the_end() {
        let mut bench = Bench::new();
        bench.met("/in/a.jpg", 10, 0.0);
        let path = Path::new("/in/a.jpg");
        for secs in [2.0, 4.0, 29.0] {
            let now = bench.at(secs);
            assert_eq!(bench.settler.postpone(path, now), None);
        }
        let now = bench.at(31.0);
        assert!(bench.settler.postpone(path, now).is_some() && bench.settler.is_empty());
    }

    #[test]
    fn files_that_never_rest_are_given_up_on_request() {
        let mut bench = Bench::new();
        bench.met("/in/a.jpg", 10, 0.0);
        bench.met("/in/b.jpg", 10, 20.0);
        let now = bench.at(30.0);
        assert_eq!(bench.settler.give_up_late(now), [PathBuf::from("/in/a.jpg")]);
        assert_eq!(bench.settler.len(), 1);
    }
}
