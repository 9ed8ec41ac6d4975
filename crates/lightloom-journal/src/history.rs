//! A journal that has been read: what a run was to do, and what it did.

use std::collections::{BTreeMap, BTreeSet};
use std::fs::File;
use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};

use super::record::{Finished, JobRecord, Publishing, Record, ResultRecord, RunRecord, Seconds, VERSION};
use super::resume::report;
use super::sums::{Sums, cause};
use super::{JournalError, SavedPath};
use lightloom_batch::{Outcome, OutputState, PackedArchive, Totals};

/// What a run was to do, and what it did.
#[derive(Debug, Clone, PartialEq)]
pub struct History {
    /// The journal.
    pub path: PathBuf,
    /// What the run is.
    pub run: RunRecord,
    /// Its pictures, by their numbers.
    pub jobs: BTreeMap<usize, JobRecord>,
    /// Whether all pictures are listed: before that nothing is written.
    pub is_planned: bool,
    /// Folders that the run was about to make, each after the one that it lies in.
    pub new_folders: Vec<PathBuf>,
    /// Results that were about to get their names, by picture.
    pub publishing: BTreeMap<usize, Vec<Publishing>>,
    /// The last outcome of each picture that has one.
    pub finished: BTreeMap<usize, Finished>,
    /// Archives that were about to get their names.
    pub packing: Vec<PackedArchive>,
    /// The archives with its results, once they have been written.
    pub packed: Option<Vec<PackedArchive>>,
    /// Pictures whose results are in these archives.
    pub in_archives: BTreeSet<usize>,
    /// How it ended the last time that it did.
    pub end: Option<RunEnd>,
    /// When it was resumed.
    pub resumed: Vec<Seconds>,
    /// When its results were removed, if they were.
    pub undone: Option<Seconds>,
    /// Lines that could not be read: the last one of a run that lost its power, as a rule.
    pub bad_lines: usize,
}

/// The end of a run.
#[derive(Debug, Clone, PartialEq)]
pub struct RunEnd {
    pub at: Seconds,
    pub totals: Totals,
}

impl History {
    /// Reads what the run of a journal is, without what it did.
    ///
    /// # Errors
    /// As [`Self::read`].
    pub fn run_of(path: &Path) -> Result<RunRecord, JournalError> {
        Ok(open(path)?.0)
    }

    /// Reads a journal.
    ///
    /// # Errors
    /// If it cannot be read, is none, or is of a version that this program does not know.
    pub fn read(path: &Path) -> Result<Self, JournalError> {
        let (run, mut lines) = open(path)?;
        let mut next = || lines.next().transpose().map_err(|e| JournalError::unreadable(path, &e));
        let mut history = Self {
            path: path.to_path_buf(),
            run,
            jobs: BTreeMap::new(),
            is_planned: false,
            new_folders: Vec::new(),
            publishing: BTreeMap::new(),
            finished: BTreeMap::new(),
            packing: Vec::new(),
            packed: None,
            in_archives: BTreeSet::new(),
            end: None,
            resumed: Vec::new(),
            undone: None,
            bad_lines: 0,
        };
        while let Some(line) = next()? {
            match serde_json::from_slice(&line) {
                Ok(record) => history.add(record),
                Err(_) if line.is_empty() => {}
                Err(_) => history.bad_lines += 1,
            }
        }
        Ok(history)
    }

    fn add(&mut self, record: Record) {
        match record {
            Record::Job(job) => drop(self.jobs.insert(job.job, *job)),
            Record::Planned { jobs, new_folders } => {
                self.is_planned = self.jobs.len() == jobs;
                self.new_folders.extend(new_folders.iter().map(SavedPath::to_path));
            }
            Record::Publishing(publishing) => self.publishing.entry(publishing.job).or_default().push(publishing),
            Record::Finished(finished) => {
                self.in_archives.remove(&finished.job);
                self.finished.insert(finished.job, *finished);
            }
            Record::Packing(archive) => self.packing.push(archive),
            Record::Packed { archives } => self.pack(archives),
            Record::Ended { at, totals, .. } => self.end = Some(RunEnd { at, totals: *totals }),
            Record::Resumed { at, scratch, .. } => {
                self.resumed.push(at);
                if let (Some(archive), Some(scratch)) = (&mut self.run.output.archive, scratch) {
                    archive.scratch = scratch;
                }
            }
            Record::Undone { at } => self.undone = Some(at),
            Record::Run(_) | Record::Unknown => {}
        }
    }

    /// Results have got into archives.
    fn pack(&mut self, archives: Vec<PackedArchive>) {
        for archive in &archives {
            let in_archive: Vec<usize> =
                self.finished.range(archive.first..=archive.last).map(|(job, _)| *job).collect();
            for job in in_archive {
                let renamed = self.renamed(&self.finished[&job], &archive.path);
                self.finished.insert(job, renamed);
                self.in_archives.insert(job);
            }
        }
        self.packing.clear();
        self.packed = Some(archives);
    }

    /// Whether results wait for the archive that they go into.
    pub fn is_unpacked(&self) -> bool {
        let waits = |finished: &Finished| !finished.outputs.is_empty() && !self.in_archives.contains(&finished.job);
        self.run.output.archive.is_some() && (self.packed.is_none() || self.finished.values().any(waits))
    }

    /// Name of the run.
    pub fn id(&self) -> &str {
        &self.run.id
    }

    /// The folder that the person named and that this source lies in, if there is one.
    pub fn input_of(&self, source: &Path) -> Option<PathBuf> {
        let inputs = self.run.inputs.iter().map(SavedPath::to_path);
        inputs.filter(|input| source.starts_with(input)).max_by_key(|input| input.as_os_str().len())
    }

    /// Pictures without an outcome.
    pub fn unfinished(&self) -> impl Iterator<Item = &JobRecord> {
        self.jobs.values().filter(|job| !self.finished.contains_key(&job.job))
    }

    /// Whether it began to write and did not come to its end.
    pub fn is_interrupted(&self) -> bool {
        self.is_planned && self.undone.is_none() && (self.unfinished().next().is_some() || self.is_unpacked())
    }

    /// How many pictures have this outcome; those without one are not counted.
    pub fn count(&self, outcome: Outcome) -> usize {
        self.finished.values().filter(|finished| finished.outcome == outcome).count()
    }

    /// The pictures that failed, grouped by cause: the stage and the reason without what differs from file to file. The
    /// largest group comes first.
    pub fn failures(&self) -> Vec<Failures<'_>> {
        let mut groups: BTreeMap<String, Vec<&Finished>> = BTreeMap::new();
        for finished in self.finished.values().filter(|finished| finished.outcome == Outcome::Failed) {
            groups.entry(cause(finished.stage, finished.reason.as_deref())).or_default().push(finished);
        }
        let mut groups: Vec<Failures<'_>> =
            groups.into_iter().map(|(cause, pictures)| Failures { cause, pictures }).collect();
        groups.sort_by_key(|group| std::cmp::Reverse(group.pictures.len()));
        groups
    }

    /// What became of it.
    pub fn sums(&self) -> Sums {
        let mut sums = Sums { resumed: self.resumed.len(), unpacked: self.is_unpacked(), ..Sums::default() };
        self.jobs.values().for_each(|job| sums.list(job));
        let outcomes = self.finished.values().filter_map(|finished| Some((self.jobs.get(&finished.job)?, finished)));
        outcomes.for_each(|(job, finished)| sums.add(&report(job, finished)));
        sums
    }

    /// The results that the run wrote, in the order of its pictures.
    pub fn written(&self) -> impl Iterator<Item = (usize, &ResultRecord)> {
        let of = |finished: &Finished| finished.job;
        self.finished.values().flat_map(move |finished| {
            let written = finished.outputs.iter().filter(|output| output.state != OutputState::Kept);
            written.map(move |output| (of(finished), output))
        })
    }
}

/// The lines of a journal.
pub(super) type Lines = std::io::Split<BufReader<File>>;

/// Opens a journal: what the run is, and the lines that follow.
pub(super) fn open(path: &Path) -> Result<(RunRecord, Lines), JournalError> {
    let unreadable = |e: &std::io::Error| JournalError::unreadable(path, e);
    let mut lines = BufReader::new(File::open(path).map_err(|e| unreadable(&e))?).split(b'\n');
    let first = lines.next().transpose().map_err(|e| unreadable(&e))?;
    let first = first.and_then(|line| serde_json::from_slice(&line).ok());
    let Some(Record::Run(run)) = first else { return Err(JournalError::NoJournal(path.to_path_buf())) };
    if run.version > VERSION {
        return Err(JournalError::Newer { path: path.to_path_buf(), version: run.version });
    }
    Ok((*run, lines))
}

/// Pictures that failed for the same cause.
#[derive(Debug, Clone, PartialEq)]
pub struct Failures<'a> {
    /// The stage and the reason.
    pub cause: String,
    /// The pictures, in the order of the batch.
    pub pictures: Vec<&'a Finished>,
}
