//! What became of each picture and of the whole run.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use lightloom_param::shown;
use serde::ser::SerializeMap as _;
use serde::{Deserialize, Serialize, Serializer};

use super::{Activity, Job, PackedArchive, Source, Spent, Stage};

/// Writes a source as `source` and, if its name is not Unicode, `source_escaped`.
fn source_fields<S: Serializer>(source: &Source, serializer: S) -> Result<S::Ok, S::Error> {
    name_fields(["source", "source_escaped"], source.title(), serializer)
}

/// What stood beside a source where it was named.
pub(super) fn columns_of(source: &Source) -> BTreeMap<String, String> {
    source.columns().iter().map(|column| (column.name.clone(), column.value.clone())).collect()
}

/// Writes a path as `path` and, if it is not Unicode, `path_escaped`.
fn path_fields<S: Serializer>(path: &Path, serializer: S) -> Result<S::Ok, S::Error> {
    name_fields(["path", "path_escaped"], path, serializer)
}

/// A name that is not Unicode has replacement characters under the first key, and under the second its bytes as `\xff`
/// and each backslash as `\\`, from which it can be made again.
fn name_fields<S: Serializer>([exact, escaped]: [&str; 2], name: &Path, serializer: S) -> Result<S::Ok, S::Error> {
    let is_unicode = name.to_str().is_some();
    let mut fields = serializer.serialize_map(Some(if is_unicode { 1 } else { 2 }))?;
    fields.serialize_entry(exact, &name.to_string_lossy())?;
    if !is_unicode {
        fields.serialize_entry(escaped, &shown(name))?;
    }
    fields.end()
}

/// How a picture ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Outcome {
    /// Whole, filtered and written.
    Done,
    /// Written, but its file was damaged and only a part of the picture could be decoded.
    Partial,
    /// Not written.
    Failed,
    /// There was nothing to do: its results are there.
    Skipped,
    /// Not finished: the run was stopped first.
    Stopped,
}

/// What became of a result.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum OutputState {
    /// It is at a path where nothing was before.
    Written,
    /// It has replaced a file.
    Replaced,
    /// The file that was there is kept, and nothing was written.
    Kept,
    /// It was made to be compared, and nothing was written.
    Discarded,
}

/// A file that was written, or kept in place of one.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct OutputReport {
    /// Name of the recipe's output; empty where the recipe has but one.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub name: String,
    /// Where.
    #[serde(flatten, serialize_with = "path_fields")]
    pub path: PathBuf,
    /// What became of it.
    pub state: OutputState,
    /// Columns.
    pub width: u32,
    /// Rows.
    pub height: u32,
    /// Size of the result; a file that was kept may have another.
    pub bytes: u64,
    /// BLAKE3 hash of the result, if the run wants it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub hash: Option<String>,
    /// Whether it is its source, byte for byte.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub copied: bool,
}

impl OutputReport {
    /// Bytes that were written.
    pub const fn written_bytes(&self) -> u64 {
        match self.state {
            OutputState::Written | OutputState::Replaced => self.bytes,
            OutputState::Kept | OutputState::Discarded => 0,
        }
    }
}

/// What became of one picture.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct ImageReport {
    /// Index of the picture in the run.
    #[serde(skip)]
    pub job: usize,
    /// Where it came from.
    #[serde(flatten, serialize_with = "source_fields")]
    pub source: Source,
    /// What stood beside it in the list that named it, by columns.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub columns: BTreeMap<String, String>,
    /// How it ended.
    pub outcome: Outcome,
    /// The stage in which it failed.
    pub stage: Option<Stage>,
    /// Why it failed, is partial or was skipped, and what to do about it.
    pub reason: Option<String>,
    /// What did not stop it but should be known.
    pub warnings: Vec<String>,
    /// What was written. A picture that failed lists what was there before one of its outputs could not get its name.
    pub outputs: Vec<OutputReport>,
    /// Pixels of the source; 0 if it could not be read or did not have to be decoded.
    #[serde(skip)]
    pub source_pixels: u64,
    /// XXH3 hash of the source as it was read, if the run wants it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub source_hash: Option<String>,
}

impl ImageReport {
    /// A picture that ended without a result.
    pub(super) fn without_result(job: &Job, outcome: Outcome, stage: Option<Stage>, reason: String) -> Self {
        Self { job: job.index, ..Self::unread(job.source.clone(), outcome, stage, reason) }
    }

    /// Makes a failure of a picture that had an outcome already: those of its results are gone.
    pub(super) fn lose(&mut self, is_gone: impl Fn(&OutputReport) -> bool) {
        let gone = self.outputs.iter().find(|output| is_gone(output)).map(|output| shown(&output.path).into_owned());
        self.outcome = Outcome::Failed;
        self.stage = Some(Stage::Write);
        self.reason = Some(format!(
            "the result was written to {}, but is no longer there: it was moved or deleted, or its folder or disk is gone; run again",
            gone.unwrap_or_default()
        ));
        self.outputs.retain(|output| !is_gone(output));
    }

    /// Whether its results are the source itself, byte for byte.
    pub fn is_copied(&self) -> bool {
        self.outcome == Outcome::Done && !self.outputs.is_empty() && self.outputs.iter().all(|output| output.copied)
    }

    /// A source that could not even be made a job of.
    pub fn unread(source: Source, outcome: Outcome, stage: Option<Stage>, reason: String) -> Self {
        Self {
            job: 0,
            columns: columns_of(&source),
            source,
            outcome,
            stage,
            reason: Some(reason),
            warnings: Vec::new(),
            outputs: Vec::new(),
            source_pixels: 0,
            source_hash: None,
        }
    }
}

/// Sums over a run.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Totals {
    /// Pictures of the run.
    pub images: usize,
    /// Pictures that are whole and written.
    pub done: usize,
    /// Of those, pictures that were copied byte for byte, since nothing changes them.
    #[serde(default)]
    pub copied: usize,
    /// Pictures of which a part was missing.
    pub partial: usize,
    /// Pictures that have no result.
    pub failed: usize,
    /// Pictures for which there was nothing to do.
    pub skipped: usize,
    /// Pictures that were not finished when the run was stopped.
    #[serde(default)]
    pub stopped: usize,
    /// Elapsed time without pauses.
    pub wall_secs: f64,
    /// Processor time of the whole program during the run.
    pub cpu_secs: f64,
    /// Processor time of the run's own threads and processes, without a window's drawing, meters and the like.
    pub lane_cpu_secs: f64,
    /// Source megapixels of all pictures that were decoded.
    pub megapixels: f64,
    /// Bytes of all files that were written.
    pub output_bytes: u64,
    /// Largest sum of the memory that was admitted for pictures in flight.
    pub peak_bytes: u64,
    /// Largest memory that the program and its worker processes really held; 0 if this system does not
    /// report it.
    pub resident_bytes: u64,
    /// Elapsed and processor time by activity, summed over all lanes.
    pub spent: BTreeMap<Activity, Spent>,
}

impl Totals {
    /// Adds those of a run that came after.
    pub fn add(&mut self, later: &Self) {
        self.images += later.images;
        self.done += later.done;
        self.copied += later.copied;
        self.partial += later.partial;
        self.failed += later.failed;
        self.skipped += later.skipped;
        self.stopped += later.stopped;
        self.wall_secs += later.wall_secs;
        self.cpu_secs += later.cpu_secs;
        self.lane_cpu_secs += later.lane_cpu_secs;
        self.megapixels += later.megapixels;
        self.output_bytes += later.output_bytes;
        self.peak_bytes = self.peak_bytes.max(later.peak_bytes);
        self.resident_bytes = self.resident_bytes.max(later.resident_bytes);
        for (activity, spent) in &later.spent {
            let sum = self.spent.entry(*activity).or_default();
            sum.wall_secs += spent.wall_secs;
            sum.cpu_secs += spent.cpu_secs;
        }
    }

    /// Pictures finished per second of elapsed time.
    pub fn images_per_sec(&self) -> f64 {
        (self.done + self.partial) as f64 / self.wall_secs.max(1e-9)
    }

    /// Time spent in an activity, summed over all lanes.
    pub fn spent(&self, activity: Activity) -> Spent {
        self.spent.get(&activity).copied().unwrap_or_default()
    }

    /// Cores kept busy on average: processor time of the lanes ÷ elapsed time.
    pub fn cpu_use(&self) -> f64 {
        self.lane_cpu_secs / self.wall_secs.max(1e-9)
    }
}

/// A whole run.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Report {
    /// One for each picture, in the order of the run.
    pub images: Vec<ImageReport>,
    /// Sums.
    pub totals: Totals,
    /// What should be known about the run as a whole.
    pub notes: Vec<String>,
    /// The archives that hold the results, where they go into some.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub archives: Vec<PackedArchive>,
    /// Why no archive was written into which results were to go.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub unpacked: Option<String>,
}
