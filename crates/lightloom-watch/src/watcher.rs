//! The watching thread: it hears of changes, looks at files, and has those that are whole processed.

use std::collections::{HashMap, HashSet};
use std::ffi::OsStr;
use std::fs::{self, File};
use std::io;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicUsize, Ordering::Relaxed};
use std::sync::{Arc, PoisonError};
use std::time::{Duration, Instant};

use super::inbox::{News, Sound};
use super::listener::Listener;
use super::roots::{Root, root_of};
use super::watching::Shared;
use super::{Settler, WatchEvent, WatchRequest};
use lightloom_batch::{
    Batch, Decoders, Discovered, Event, Job, Outcome, OverridesBySource, Planning, ResultSettings, Search, SourceEntry,
    discover_below, start,
};
use lightloom_journal::record::FileRecord;
use lightloom_journal::{KnownResults, Met, Series};
use lightloom_param::shown;

/// Pictures that are processed at once, so that those which come meanwhile do not wait for long.
const BATCH: usize = 256;

/// How often folders are looked through whose changes the system tells of: what it forgot to tell is found then.
const SAFETY_NET: Duration = Duration::from_secs(60);

/// How often folders are looked through whose changes it does not tell of.
const POLL: Duration = Duration::from_secs(2);

/// Looking through folders takes a tenth of the time at most.
const SHARE: u32 = 10;

/// For how long changes are gathered before files are looked at.
const GATHER: Duration = Duration::from_millis(50);

/// After how long a new folder is looked through again: what came into it before the system told of it is found then.
const SECOND_LOOK: Duration = Duration::from_secs(1);

/// How long it takes to try again where the engine or the journal cannot begin a batch.
const RETRY: Duration = Duration::from_secs(10);

/// How often a batch under way is looked at.
const LOOK: Duration = Duration::from_millis(20);

/// Watches folders on a thread of its own.
pub(crate) struct Watcher {
    request: WatchRequest,
    search: Search,
    roots: Vec<Root>,
    listener: Option<Listener>,
    settler: Settler,
    series: Series,
    known: KnownResults,
    shared: Arc<Shared>,
    /// Other names of files that are done, as they were.
    others: HashMap<PathBuf, FileRecord>,
    /// New folders, and when to look through them again.
    again: Vec<(Instant, PathBuf)>,
    /// When to look through all folders.
    next_scan: Instant,
    /// Problems that have been reported.
    said: HashSet<String>,
}

/// A file that is whole.
struct Whole {
    entry: SourceEntry,
    /// As what it was processed before it was renamed.
    renamed: Option<PathBuf>,
}

impl Watcher {
    pub fn new(request: WatchRequest, folders: Vec<PathBuf>, series: Series, shared: Arc<Shared>) -> Self {
        Self {
            search: Search { output: request.output.folder.clone(), all_files: request.all_files, ..Search::default() },
            roots: folders.into_iter().map(Root::new).collect(),
            listener: None,
            settler: Settler::new(request.settle),
            series,
            known: KnownResults::default(),
            shared,
            others: HashMap::new(),
            again: Vec::new(),
            next_scan: Instant::now(),
            said: HashSet::new(),
            request,
        }
    }

    pub fn run(mut self) {
        self.listen();
        let left = self.series.take_left();
        if !left.is_empty() {
            self.note(format!("{} pictures are taken up that were in work when the program ended", left.len()));
            self.process(left, true);
        }
        while !self.shared.inbox.is_stopped() {
            let now = Instant::now();
            if now >= self.next_scan {
                self.scan();
            }
            self.look_again(now);
            let whole = self.whole();
            self.shared.waiting.store(self.settler.len(), Relaxed);
            if !whole.is_empty() {
                self.process_files(&whole);
                continue;
            }
            if self.request.once && self.is_over() {
                break;
            }
            let news = self.shared.inbox.wait(self.next_moment());
            self.hear(news);
        }
        if let Err(error) = self.series.end() {
            self.shared.report(WatchEvent::Problem(error.to_string()));
        }
    }

    /// Has the system tell of changes, if it can and is to.
    fn listen(&mut self) {
        if self.request.poll.is_some() || self.request.once {
            return;
        }
        match Listener::new(&self.shared.inbox) {
            Ok(listener) => self.listener = Some(listener),
            Err(reason) => self.note(format!(
                "the folders are looked through every few seconds, since the system does not tell of changes: {reason}"
            )),
        }
    }

    /// When there is something to do, if nothing is heard.
    fn next_moment(&self) -> Instant {
        let again = self.again.iter().map(|(when, _)| *when);
        again.chain(self.settler.next()).chain([self.next_scan]).min().unwrap_or(self.next_scan)
    }

    /// Whether all that is there has been dealt with; reports what is left for the next time.
    fn is_over(&mut self) -> bool {
        for path in self.settler.give_up_late(Instant::now()) {
            self.problem(format!("{} is still being written to, and is left for the next time", shown(&path)));
        }
        self.settler.is_empty() && self.again.is_empty()
    }

    /// Looks through all folders.
    fn scan(&mut self) {
        let began = Instant::now();
        for index in 0..self.roots.len() {
            if let Some(note) = self.roots[index].check(self.listener.as_mut()) {
                self.note(note);
            }
            if self.roots[index].is_there() {
                let root = self.roots[index].path.clone();
                self.look_through(&root, &root);
            }
        }
        let told = self.listener.is_some() && self.roots.iter().all(Root::is_told);
        let usual = if told { SAFETY_NET } else { POLL.max(self.request.settle) };
        self.next_scan = Instant::now() + self.request.poll.unwrap_or(usual).max(began.elapsed() * SHARE);
    }

    /// Looks at what was heard of.
    fn hear(&mut self, news: News) {
        if !news.places.is_empty() {
            // A program that writes makes more news at once; all are told by one look.
            self.shared.inbox.rest(Instant::now() + GATHER);
        }
        if let Some(reason) = news.deaf {
            self.roots.iter_mut().for_each(Root::lose_sight);
            self.note(format!(
                "the folders are looked through every few seconds, since the system does not tell of all changes: {reason}"
            ));
        }
        if news.everywhere || self.roots.iter().any(|root| news.places.contains_key(&root.path)) {
            self.next_scan = Instant::now();
        }
        for (place, sound) in news.places {
            let Some(root) = root_of(&self.roots, &place).map(Path::to_path_buf) else { continue };
            if place == root {
                continue;
            }
            self.look_through(&root, &place);
            match sound {
                Sound::Written => self.settler.written(&place, Instant::now()),
                Sound::Closed => self.settler.closed(&place),
                Sound::Changed if place.is_dir() => self.again.push((Instant::now() + SECOND_LOOK, place)),
                Sound::Changed => {}
            }
        }
    }

    /// Looks through new folders again.
    fn look_again(&mut self, now: Instant) {
        let due = self.again.extract_if(.., |(when, _)| *when <= now).map(|(_, folder)| folder);
        for folder in due.collect::<HashSet<_>>() {
            if let Some(root) = root_of(&self.roots, &folder).map(Path::to_path_buf) {
                self.look_through(&root, &folder);
            }
        }
    }

    /// Looks at a file, or at everything in a folder.
    fn look_through(&mut self, root: &Path, place: &Path) {
        let mut found = Vec::new();
        let mut problems = Vec::new();
        discover_below(root, place, &self.search, |discovered| {
            match discovered {
                Discovered::Source(entry) => found.push(entry),
                Discovered::Problem { path, reason } if path.exists() => {
                    problems.push(format!("{}: {reason}", shown(&path)));
                }
                _ => {}
            }
            !self.shared.inbox.is_stopped()
        });
        if found.is_empty() {
            self.settler.forget(place);
        }
        found.into_iter().for_each(|entry| self.look_at(entry));
        problems.into_iter().for_each(|problem| self.problem(problem));
    }

    /// Looks at a file.
    fn look_at(&mut self, entry: SourceEntry) {
        let path = entry.source.name();
        let Ok(file) = fs::metadata(path).map(|meta| FileRecord::of(&meta)) else { return self.settler.forget(path) };
        let is_other = || self.others.get(path).is_some_and(|before| file.is_as(before));
        let is_nothing = file.bytes == 0
            || is_temporary(&entry)
            || self.series.is_done(path, &file)
            || is_other()
            || self.series.wrote(path, file.bytes)
            || self.known.contains(path);
        if is_nothing {
            self.settler.forget(path);
        } else {
            self.settler.met(entry, file, Instant::now());
        }
    }

    /// Files that are whole, as many as fit into a batch.
    fn whole(&mut self) -> Vec<Whole> {
        let due: Vec<PathBuf> = self.settler.due(Instant::now()).take(BATCH).map(Path::to_path_buf).collect();
        let mut whole = Vec::new();
        let mut seen = HashSet::new();
        for path in due {
            let now = Instant::now();
            let (settled, file) = match last_look(&path) {
                Ok(file) => (self.settler.settle(&path, file, now), Some(file)),
                Err(error) if error.kind() == io::ErrorKind::NotFound => {
                    self.settler.forget(&path);
                    continue;
                }
                Err(_) => (self.settler.postpone(&path, now), None),
            };
            let Some(entry) = settled else { continue };
            let met = file.map_or(Met::New, |file| self.series.meets(&path, &file));
            // Of two names of one file that came together the first counts.
            let is_link = file.and_then(|file| file.identity).is_some_and(|id| !seen.insert((id, real(&path))));
            match (met, file) {
                (Met::Done, Some(file)) => drop(self.others.insert(path, file)),
                (Met::New, Some(file)) if is_link => drop(self.others.insert(path, file)),
                (Met::Renamed(before), _) => whole.push(Whole { entry, renamed: Some(before) }),
                _ => whole.push(Whole { entry, renamed: None }),
            }
        }
        whole
    }

    fn process_files(&mut self, whole: &[Whole]) {
        let sources: Vec<SourceEntry> = whole.iter().map(|whole| whole.entry.clone()).collect();
        let planning = Planning {
            sources: &sources,
            recipe: &self.request.recipe,
            output: &self.request.output,
            overrides: &OverridesBySource::new(),
            limits: &self.request.settings.limits,
            decoders: &Decoders::new(self.request.settings.worker_program.clone()),
            looks_at_disk: true,
            headers_read: &AtomicUsize::new(0),
        };
        let mut jobs = planning.jobs_after(self.series.last_number(), self.roots.len() > 1);
        self.series.only_changed(&mut jobs, &self.request.recipe);
        for (job, whole) in jobs.iter_mut().zip(whole) {
            if let Some(before) = &whole.renamed {
                job.skip = Some(format!("it was processed as {} and has been renamed since", shown(before)));
            }
        }
        self.process(jobs, false);
    }

    /// Processes pictures, and remembers what became of them.
    fn process(&mut self, jobs: Vec<Job>, adopt: bool) {
        let conflict = self.request.output.conflict;
        let batch = Batch {
            jobs,
            recipe: self.request.recipe.clone(),
            results: ResultSettings { conflict, adopt, hash: true, discard: false, are_taken: true, archive: None },
            settings: self.request.settings.clone(),
        };
        let shared = Arc::clone(&self.shared);
        let sink = move |event| match event {
            Event::Finished(report) if report.outcome != Outcome::Stopped => shared.report(WatchEvent::Picture(report)),
            Event::Lost(report) => {
                shared.lose(Outcome::Done);
                shared.report(WatchEvent::Picture(report));
            }
            _ => {}
        };
        let recorder = match self.series.begin_batch(&batch, Arc::new(sink)) {
            Ok(recorder) => recorder,
            Err(error) => return self.put_off(error.to_string()),
        };
        let running = match start(batch, recorder.clone()) {
            Ok(running) => running,
            Err(error) => return self.put_off(error.to_string()),
        };
        *self.shared.batch.lock().unwrap_or_else(PoisonError::into_inner) = Some(Arc::clone(running.control()));
        let mut troubles = HashSet::new();
        while !running.is_finished() {
            if self.shared.inbox.is_stopped() {
                running.control().stop();
            }
            for trouble in running.troubles().iter().filter(|trouble| troubles.insert(trouble.id)) {
                self.shared.report(WatchEvent::Problem(trouble.to_string()));
            }
            std::thread::sleep(LOOK);
        }
        let report = running.wait();
        *self.shared.batch.lock().unwrap_or_else(PoisonError::into_inner) = None;
        if let Some(note) = self.series.end_batch(&recorder, &report) {
            self.problem(note);
        }
        report.notes.into_iter().for_each(|note| self.note(note));
    }

    /// Says why a batch cannot begin, and looks for its pictures later.
    fn put_off(&mut self, reason: String) {
        self.problem(reason);
        let until = Instant::now() + RETRY;
        self.next_scan = until;
        self.shared.inbox.rest(until);
    }

    fn note(&mut self, note: String) {
        if self.said.insert(note.clone()) {
            self.shared.report(WatchEvent::Note(note));
        }
    }

    fn problem(&mut self, problem: String) {
        if self.said.insert(problem.clone()) {
            self.shared.report(WatchEvent::Problem(problem));
        }
    }
}

/// What a file looks like to somebody who opens it: on a share that is fresher than what is known of its name.
fn last_look(path: &Path) -> io::Result<FileRecord> {
    File::open(path)?.metadata().map(|meta| FileRecord::of(&meta))
}

fn real(path: &Path) -> PathBuf {
    fs::canonicalize(path).unwrap_or_else(|_| path.to_path_buf())
}

/// Whether a name is that of a file on its way to another name, or lies in a hidden folder, such as one for deleted files.
fn is_temporary(entry: &SourceEntry) -> bool {
    const ENDS: [&str; 8] = [".part", ".partial", ".crdownload", ".download", ".filepart", ".tmp", ".temp", "~"];
    let path = entry.source.name();
    let name = path.file_name().unwrap_or_default().to_string_lossy().to_lowercase();
    let below = entry.root.as_deref().and_then(|root| path.strip_prefix(root).ok());
    let is_hidden = |part: &OsStr| part.as_encoded_bytes().starts_with(b".");
    ENDS.iter().any(|end| name.ends_with(end))
        || name.starts_with("~$")
        || below.is_some_and(|b| b.iter().any(is_hidden))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_of_files_on_their_way_are_known() {
        let is_temporary =
            |path: &str| is_temporary(&SourceEntry { source: path.into(), root: Some("/home/.me/in".into()) });
        for name in ["a.jpg.part", "a.JPG.crdownload", "a.jpg~", "~$a.jpg", ".Trash-1000/files/a.jpg", "x/.a.jpg"] {
            assert!(is_temporary(&format!("/home/.me/in/{name}")), "{name}");
        }
        for name in ["a.jpg", "party.jpg", "part/a.tif", "~a.jpg", "x.y/a.b.png"] {
            assert!(!is_temporary(&format!("/home/.me/in/{name}")), "{name}");
        }
    }
}
