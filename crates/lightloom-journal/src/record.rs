//! The format of a journal: one JSON object a line, in the order in which things happened.
//!
//! ```text
//! run         what the run is: program, recipe, output settings, worker settings
//! job         a picture: source as it was when the run was planned, and its targets       (one for each)
//! planned     all pictures are listed; the run begins
//!             (where folders are watched, more of both follow whenever there are new pictures)
//! publishing  a result that is whole on the disk is about to get its name
//! finished    the outcome of a picture, with hashes
//! packing     an archive with results that is whole on the disk is about to get its name
//! packed      the archives with the results have their names
//! ended       the run has ended, by itself or since it was stopped
//! resumed     it goes on, perhaps with another version of the program
//! undone      its results have been removed
//! ```
//!
//! A journal is only ever appended to. A line that a power failure cut off is ignored. Unknown records and fields are
//! too, so that a later version may add some; what changes the meaning of others raises [`VERSION`].

use std::time::{SystemTime, UNIX_EPOCH};

use serde::{Deserialize, Serialize};

use super::{SavedPath, Sums};
use lightloom_batch::{
    Action, Conflict, Outcome, OutputState, PackedArchive, SavedSource, Settings, Stage, Template, Totals,
};
use lightloom_recipe::Overrides;

/// Version of the format.
pub const VERSION: u32 = 1;

/// One line.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "record", rename_all = "snake_case")]
pub enum Record {
    Run(Box<RunRecord>),
    Job(Box<JobRecord>),
    Planned {
        /// Pictures that were listed so far.
        jobs: usize,
        /// Folders that the run will make for those that are new, each after the one that it lies in.
        new_folders: Vec<SavedPath>,
    },
    Publishing(Publishing),
    Finished(Box<Finished>),
    Packing(PackedArchive),
    Packed {
        archives: Vec<PackedArchive>,
    },
    Ended {
        at: Seconds,
        /// Of this part of the run.
        totals: Box<Totals>,
        /// From its beginning; none of versions that did not keep them.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        sums: Option<Box<Sums>>,
    },
    Resumed {
        at: Seconds,
        /// Version of the program.
        program: String,
        /// Where results wait from now on that go into an archive, if that is another folder.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        scratch: Option<SavedPath>,
    },
    Undone {
        at: Seconds,
    },
    /// Of a later version.
    #[serde(other)]
    Unknown,
}

/// A moment: seconds since 1970 in universal time.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Seconds(pub u64);

impl Seconds {
    /// This moment.
    pub fn now() -> Self {
        Self(SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |since| since.as_secs()))
    }

    /// As a point in time.
    pub fn to_time(self) -> SystemTime {
        UNIX_EPOCH + std::time::Duration::from_secs(self.0)
    }
}

/// What a run is.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct RunRecord {
    /// [`VERSION`] of the program that wrote it.
    pub version: u32,
    /// Name of the run: that of its journal.
    pub id: String,
    /// Version of the program.
    pub program: String,
    pub started: Seconds,
    /// The recipe as TOML.
    pub recipe: String,
    /// What the recipe is called, if anything.
    pub recipe_name: String,
    /// Hash of the recipe and of all files that it refers to.
    pub recipe_hash: String,
    pub output: OutputRecord,
    pub settings: Settings,
    /// Which files are refused.
    pub limits: String,
    /// The folders that the person named; pictures that were named themselves lie in none of them, as a rule.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub inputs: Vec<SavedPath>,
    /// The folders whose pictures are processed as they come; empty for a run of pictures that were there.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub watched: Vec<SavedPath>,
}

/// Where results go.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct OutputRecord {
    pub folder: Option<SavedPath>,
    pub keep_tree: bool,
    pub names: Template,
    pub conflict: Conflict,
    /// What is to be known where `folder` is an archive.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub archive: Option<ArchiveRecord>,
}

/// An archive that results go into.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ArchiveRecord {
    /// The folder in which results wait.
    pub scratch: SavedPath,
    /// Bytes after which a new archive is begun.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub shard_bytes: Option<u64>,
}

/// A picture of the run.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct JobRecord {
    /// Its number in the batch, from 1: what other records name it by.
    pub job: usize,
    /// What its source is called; if that is a file, its path.
    pub source: SavedPath,
    /// What opens the source again, if it is no file.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub origin: Option<SavedSource>,
    /// Whether the program held it in memory, so that nothing can be done for it later.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub in_memory: bool,
    /// The file that it is read from, as that was when the run was planned.
    pub file: Option<FileRecord>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub overrides: Option<Overrides>,
    pub targets: Vec<TargetRecord>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub notes: Vec<String>,
    /// Why nothing is to be done for it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub skip: Option<String>,
}

/// What tells a file from what it was before and from others.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct FileRecord {
    pub bytes: u64,
    /// Nanoseconds since 1970 of the last modification.
    pub modified: Option<i64>,
    /// Device and number of the file there, on systems that have them.
    pub identity: Option<(u64, u64)>,
}

/// Where a result goes.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct TargetRecord {
    /// Name of the recipe's output; empty where the recipe has but one.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub output: String,
    pub root: SavedPath,
    pub folder: SavedPath,
    pub stem: SavedPath,
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub suffix: String,
    pub extension: SavedPath,
    #[serde(default, skip_serializing_if = "is_create")]
    pub action: Action,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub size: Option<(u32, u32)>,
    /// What the result depends on besides its source: its part of the recipe, the files that this refers to, and what is
    /// different for the picture.
    pub recipe_hash: String,
}

fn is_create(action: &Action) -> bool {
    *action == Action::Create
}

/// A result about to get its name.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Publishing {
    pub job: usize,
    pub path: SavedPath,
    pub bytes: u64,
    pub hash: String,
}

/// The outcome of a picture.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Finished {
    pub job: usize,
    pub outcome: Outcome,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub stage: Option<Stage>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub warnings: Vec<String>,
    /// Hash of the source as it was read; none if it was not.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub source_hash: Option<String>,
    #[serde(default, skip_serializing_if = "u64_is_zero")]
    pub source_pixels: u64,
    pub outputs: Vec<ResultRecord>,
    /// What lanes did for it, in order.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub spans: Vec<SpanRecord>,
}

fn u64_is_zero(number: &u64) -> bool {
    *number == 0
}

/// A result.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ResultRecord {
    /// Name of the recipe's output; empty where the recipe has but one.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub name: String,
    pub path: SavedPath,
    pub width: u32,
    pub height: u32,
    pub bytes: u64,
    /// What became of it.
    pub state: OutputState,
    /// Of the result, also where another file was kept.
    pub hash: String,
    /// Whether it is its source, byte for byte.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub copied: bool,
}

/// A stage of a picture on a lane; times are milliseconds since the program's part of the run began.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct SpanRecord {
    pub lane: String,
    pub stage: Stage,
    pub from_ms: f32,
    pub to_ms: f32,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_later_version_adds_is_ignored() {
        let unknown: Record = serde_json::from_str(r#"{"record":"weather","sky":"blue"}"#).unwrap();
        assert_eq!(unknown, Record::Unknown);
        let more: Record =
            serde_json::from_str(r#"{"record":"planned","jobs":3,"new_folders":[],"colour":"red"}"#).unwrap();
        assert_eq!(more, Record::Planned { jobs: 3, new_folders: Vec::new() });
    }

    #[test]
    fn a_record_is_one_line() {
        let publishing =
            Publishing { job: 1, path: SavedPath::Text("a\nb".into()), bytes: 3, hash: "blake3:00".into() };
        let record = Record::Publishing(publishing);
        let json = serde_json::to_string(&record).unwrap();
        assert!(!json.contains('\n'));
        assert_eq!(serde_json::from_str::<Record>(&json).unwrap(), record);
    }
}
