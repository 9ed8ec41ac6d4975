//! Writes the journal of a run while it goes on.
//!
//! Each record is one `write` to a file that is opened for appending, so that lanes need no lock among each other and a
//! program that is killed loses nothing that it had recorded. What was listed before the run and its end are synced;
//! between them a power failure may cost the last records, which a resumed run makes up for by looking at the results.

use std::fs::File;
use std::io::{Read, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Instant;

use super::record::{Finished, Publishing, Record, ResultRecord, Seconds, SpanRecord};
use super::{SavedPath, Sums};
use lightloom_batch::{Event, EventSink, ImageReport, Job, Lane, Outcome, OutputReport, PackedArchive, Report, Stage};
use lightloom_param::shown;

/// Writes the journal of a run. It listens to the run and passes everything on.
pub struct Recorder {
    run: String,
    path: PathBuf,
    file: File,
    /// The numbers of the pictures, by their place in this part of the run.
    numbers: Vec<usize>,
    began: Instant,
    spans: Vec<Mutex<Spans>>,
    /// What is known of the run before this part of it.
    before: Sums,
    /// The first record that could not be written, and why.
    failure: Mutex<Option<String>>,
    inner: Arc<dyn EventSink>,
}

/// What was done for a picture so far.
#[derive(Default)]
struct Spans {
    open: Option<(Stage, Instant)>,
    done: Vec<SpanRecord>,
}

impl Recorder {
    pub(super) fn new(
        run: String,
        path: PathBuf,
        file: File,
        jobs: &[Job],
        before: Sums,
        inner: Arc<dyn EventSink>,
    ) -> Self {
        Self {
            run,
            path,
            file,
            numbers: jobs.iter().map(|job| job.number).collect(),
            began: Instant::now(),
            spans: jobs.iter().map(|_| Mutex::default()).collect(),
            before,
            failure: Mutex::default(),
            inner,
        }
    }

    /// Name of the run.
    pub fn run(&self) -> &str {
        &self.run
    }

    /// The journal.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Records the end of the run. Returns what should be known if the journal is not whole.
    pub fn end(&self, report: &Report) -> Option<String> {
        let mut sums = self.before.clone();
        report.images.iter().for_each(|image| sums.add(image));
        sums.unpacked = report.unpacked.is_some();
        let (totals, sums) = (Box::new(report.totals.clone()), Some(Box::new(sums)));
        self.write(&Record::Ended { at: Seconds::now(), totals, sums });
        self.sync();
        // A thread of the run may hold this a moment longer than the run lasts.
        let _ = self.file.unlock();
        self.problem()
    }

    /// What should be known if the journal is not whole; once.
    pub(super) fn problem(&self) -> Option<String> {
        let failure = self.take_failure()?;
        Some(format!(
            "the journal {} is not whole, so that the run can only be resumed or undone in part: {failure}",
            shown(&self.path)
        ))
    }

    pub(super) fn write(&self, record: &Record) {
        self.write_all(std::slice::from_ref(record));
    }

    /// Writes records at once.
    pub(super) fn write_all(&self, records: &[Record]) {
        let mut bytes = Vec::new();
        let written = records.iter().try_for_each(|record| {
            serde_json::to_writer(&mut bytes, record)?;
            bytes.push(b'\n');
            Ok::<_, serde_json::Error>(())
        });
        if let Err(error) = written.map_err(Into::into).and_then(|()| (&self.file).write_all(&bytes)) {
            lock(&self.failure).get_or_insert(error.to_string());
        }
    }

    /// Waits until what was written is on the disk.
    pub(super) fn sync(&self) {
        if let Err(error) = self.file.sync_data() {
            lock(&self.failure).get_or_insert(error.to_string());
        }
    }

    /// Why not all was written, if so.
    pub(super) fn take_failure(&self) -> Option<String> {
        lock(&self.failure).take()
    }

    fn number(&self, job: usize) -> usize {
        self.numbers.get(job).copied().unwrap_or(job + 1)
    }

    fn milliseconds(&self, at: Instant) -> f32 {
        at.duration_since(self.began).as_secs_f32() * 1000.0
    }

    fn left(&self, lane: Lane, job: usize, stage: Stage) {
        let Some(mut spans) = self.spans.get(job).map(lock) else { return };
        let Some((_, from)) = spans.open.take().filter(|(open, _)| *open == stage) else { return };
        let (from_ms, to_ms) = (self.milliseconds(from), self.milliseconds(Instant::now()));
        spans.done.push(SpanRecord { lane: lane.to_string(), stage, from_ms, to_ms });
    }

    fn finished(&self, report: &ImageReport) {
        // What a stop interrupted has no outcome: a resumed run takes it up again.
        if report.outcome == Outcome::Stopped {
            return;
        }
        let spans = self.spans.get(report.job).map(|spans| std::mem::take(&mut lock(spans).done)).unwrap_or_default();
        self.write(&Record::Finished(Box::new(finished(self.number(report.job), report, spans))));
    }
}

/// The record of an outcome.
pub(super) fn finished(job: usize, report: &ImageReport, spans: Vec<SpanRecord>) -> Finished {
    let result = |output: &OutputReport| ResultRecord {
        name: output.name.clone(),
        path: absolute(&output.path),
        width: output.width,
        height: output.height,
        bytes: output.bytes,
        state: output.state,
        hash: output.hash.clone().unwrap_or_default(),
        copied: output.copied,
    };
    Finished {
        job,
        outcome: report.outcome,
        stage: report.stage,
        reason: report.reason.clone(),
        warnings: report.warnings.clone(),
        source_hash: report.source_hash.clone(),
        source_pixels: report.source_pixels,
        outputs: report.outputs.iter().map(result).collect(),
        spans,
    }
}

fn at_absolute_path(archive: &PackedArchive) -> PackedArchive {
    let path = std::path::absolute(&archive.path).unwrap_or_else(|_| archive.path.clone());
    PackedArchive { path, ..archive.clone() }
}

/// A path that means the same whatever folder a later program is started in.
pub(super) fn absolute(path: &Path) -> SavedPath {
    std::path::absolute(path).as_deref().unwrap_or(path).into()
}

impl EventSink for Recorder {
    fn event(&self, event: Event) {
        match &event {
            Event::Entered { job, stage, .. } => {
                if let Some(spans) = self.spans.get(*job) {
                    lock(spans).open = Some((*stage, Instant::now()));
                }
            }
            Event::Left { lane, job, stage } => self.left(*lane, *job, *stage),
            Event::Publishing { job, path, bytes, hash } => self.write(&Record::Publishing(Publishing {
                job: self.number(*job),
                path: absolute(path),
                bytes: *bytes,
                hash: hash.clone(),
            })),
            Event::Finished(report) | Event::Lost(report) => self.finished(report),
            Event::Packing(archive) => self.write(&Record::Packing(at_absolute_path(archive))),
            Event::Packed(archives) => {
                // Results have left the place where the journal knows them.
                self.write(&Record::Packed { archives: archives.iter().map(at_absolute_path).collect() });
                self.sync();
            }
        }
        self.inner.event(event);
    }
}

impl std::fmt::Debug for Recorder {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Recorder").field("path", &self.path).finish_non_exhaustive()
    }
}

/// Ends a line that a power failure cut off, so that what follows is read.
pub(super) fn end_last_line(file: &mut File) -> std::io::Result<()> {
    let mut last = [b'\n'];
    if file.seek(SeekFrom::End(0))? > 0 {
        file.seek(SeekFrom::End(-1))?;
        file.read_exact(&mut last)?;
    }
    if last != [b'\n'] {
        file.write_all(b"\n")?;
    }
    Ok(())
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
