//! A run in outline, for lists of them: read from the beginning and the end of its journal, which is long.

use std::fs::File;
use std::io::{self, Read, Seek, SeekFrom};
use std::path::{Path, PathBuf};

use super::history::RunEnd;
use super::record::{Record, RunRecord, Seconds};
use super::{History, JournalError, Sums, is_running};

/// Bytes at the end of a journal in which its last records are looked for.
const TAIL: u64 = 64 << 10;

/// A run in outline.
#[derive(Debug, Clone, PartialEq)]
pub struct Outline {
    /// The journal.
    pub path: PathBuf,
    /// What the run is.
    pub run: RunRecord,
    /// What became of it.
    pub sums: Sums,
    /// Whether all pictures are listed: before that nothing is written.
    pub is_planned: bool,
    /// How it ended the last time that it did.
    pub end: Option<RunEnd>,
    /// When its results were removed, if they were.
    pub undone: Option<Seconds>,
}

/// What the end of a journal says.
struct Tail {
    sums: Sums,
    end: RunEnd,
    undone: Option<Seconds>,
}

impl Outline {
    /// Reads the outline of a run: from the beginning and the end of its journal where that says enough, as that of a run
    /// does which came to an end, and else from all of it.
    ///
    /// # Errors
    /// As [`History::read`].
    pub fn read(path: &Path) -> Result<Self, JournalError> {
        match tail(path).ok().flatten() {
            Some(Tail { sums, end, undone }) => {
                let run = History::run_of(path)?;
                Ok(Self { path: path.to_path_buf(), run, sums, is_planned: true, end: Some(end), undone })
            }
            None => Ok(History::read(path)?.outline()),
        }
    }

    /// Name of the run.
    pub fn id(&self) -> &str {
        &self.run.id
    }

    /// Whether it began to write and did not come to its end; it may still be going on.
    pub const fn is_interrupted(&self) -> bool {
        self.is_planned && self.undone.is_none() && (self.sums.left() > 0 || self.sums.unpacked)
    }

    /// The folder that holds all results: that of the settings, or where results lie beside their sources the deepest.
    pub fn folder(&self) -> PathBuf {
        let folder = self.run.output.folder.as_ref().or(self.sums.folder.as_ref());
        folder.map(super::SavedPath::to_path).unwrap_or_default()
    }

    /// How the run stands, in a word or two. Asks the disk.
    pub fn state(&self) -> &'static str {
        match () {
            () if is_running(&self.path) => "running",
            () if self.undone.is_some() => "undone",
            () if self.is_interrupted() => "interrupted",
            () if !self.is_planned => "not begun",
            () => "complete",
        }
    }
}

impl History {
    /// The run in outline.
    pub fn outline(&self) -> Outline {
        Outline {
            path: self.path.clone(),
            run: self.run.clone(),
            sums: self.sums(),
            is_planned: self.is_planned,
            end: self.end.clone(),
            undone: self.undone,
        }
    }
}

/// What the end of a journal says; `None` if the run did not come to an end, or a version wrote it that kept no sums.
fn tail(journal: &Path) -> io::Result<Option<Tail>> {
    let mut file = File::open(journal)?;
    let length = file.metadata()?.len();
    file.seek(SeekFrom::Start(length.saturating_sub(TAIL)))?;
    let mut tail = Vec::new();
    file.read_to_end(&mut tail)?;
    let mut undone = None;
    for line in tail.rsplit(|byte| *byte == b'\n').filter(|line| !line.is_empty()) {
        match serde_json::from_slice(line) {
            Ok(Record::Undone { at }) => undone = undone.or(Some(at)),
            Ok(Record::Ended { at, totals, sums: Some(sums) }) => {
                return Ok(Some(Tail { sums: *sums, end: RunEnd { at, totals: *totals }, undone }));
            }
            _ => return Ok(None),
        }
    }
    Ok(None)
}
