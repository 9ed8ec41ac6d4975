//! A picture at a worker process: the worker opens and develops it, and this side keeps its time limit and records its
//! stages on the lane that waits for it.

use std::time::Duration;

use super::run_job;
use crate::develop::DevelopedFile;
use crate::event::{Lane, Stage};
use crate::run::{Run, Spans};
use crate::stage::{Cause, Developed, ReadProgress, Stages};
use crate::wanted::Wanted;
use crate::watch::Watched;
use crate::worker::{Cost, Finished, FinishedFile, FromWorker, Lost, ToWorker, WorkerProcess};
use crate::{Activity, Job, Source};

/// A worker process that has been told what is done to every picture.
#[derive(Debug)]
pub(super) struct Remote {
    process: WorkerProcess,
    /// What it is among the workers of the run that are there at once.
    name: Lane,
}

/// What a picture needs, as the worker that has opened it says.
#[derive(Debug, Clone, Copy)]
pub(super) struct Need {
    /// Size of the source in bytes.
    pub length: u64,
    /// Estimated bytes of the file and all its pixel buffers at the worst moment.
    pub peak_bytes: u64,
}

/// Why there is no worker.
pub(super) enum Unavailable {
    Failed(String),
    /// The run was stopped meanwhile.
    Stopped,
}

/// Starts a process from the batch's program for workers, and does not wait for its answer.
pub(super) fn start(run: &Run) -> Result<WorkerProcess, String> {
    let program = run.batch.settings.worker_program.as_ref().ok_or("no program for worker processes is known")?;
    WorkerProcess::start(program)
}

impl Remote {
    /// A worker that is ready for `job`: one that was started before, or another.
    pub fn begin(
        run: &Run,
        lane: Lane,
        job: &Job,
        name: Lane,
        fresh: Option<WorkerProcess>,
    ) -> Result<Self, Unavailable> {
        let settings = &run.batch.settings;
        let mut process = fresh.map_or_else(|| start(run), Ok).map_err(Unavailable::Failed)?;
        let _starting = run.waiting(lane, Some(job), Activity::Start).since(process.started());
        let first_message = ToWorker::Begin {
            recipe: run.recipe_toml().to_owned(),
            priority: settings.priority,
            limits: settings.limits.to_text(),
        };
        match process.begin(&first_message, &|| run.control.is_stopped()) {
            Ok(()) => Ok(Self { process, name }),
            Err(Lost::Ended(reason)) => Err(Unavailable::Failed(reason)),
            Err(Lost::Late) => Err(Unavailable::Failed("it does not answer".to_owned())),
            Err(Lost::Stopped | Lost::GivenUp) => Err(Unavailable::Stopped),
        }
    }

    /// Has the worker open a picture; `None` if that was the job's end.
    pub fn open(&mut self, run: &Run, lane: Lane, job: &Job) -> Result<Option<Need>, Lost> {
        let spans = self.reading(run, lane, job);
        let Some(source) = bring(run, lane, job)? else { return Ok(None) };
        let watched = watch(run, lane, job, 0);
        self.process.open(&source, job, Wanted::of(&run.batch.results, job))?;
        let opened = self.process.receive(time_limit(run), &|| run.control.is_stopped())?;
        answered(watched)?;
        match opened {
            (FromWorker::Opened { length, peak_bytes }, _) => Ok(Some(Need { length, peak_bytes })),
            (FromWorker::Failed { stage, reason, cost }, _) => {
                self.record(run, spans, cost);
                run_job::fail_at(run, job, stage, reason);
                Ok(None)
            }
            _ => Err(out_of_turn()),
        }
    }

    /// Has the worker develop the picture that it has opened, its strips spread over all cores if `split`; `None` if that
    /// was the job's end. `stage` follows where it is.
    pub fn develop(
        &mut self,
        run: &Run,
        lane: Lane,
        job: &Job,
        need: Need,
        split: bool,
        stage: &mut Stage,
    ) -> Result<Option<Developed>, Lost> {
        let mut spans = self.reading(run, lane, job);
        // Twice the estimate and some room for what it does not know: libraries' own tables, fragmentation.
        let memory_bytes = need.peak_bytes.saturating_mul(2).saturating_add(256 << 20);
        self.process.send(&ToWorker::Go { memory_bytes, split })?;
        let mut watched = watch(run, lane, job, need.length);
        loop {
            let message = self.process.receive(time_limit(run), &|| run.control.is_stopped())?;
            answered(watched.take())?;
            match message {
                (FromWorker::Entered { stage: next, cpu_nanos }, _) => {
                    spans.set_cpu_nanos(cpu_nanos);
                    spans.enter(next);
                    spans.set_cpu_nanos(0);
                    *stage = next;
                }
                (FromWorker::TookTurns { turns }, _) => spans.took_turns(&turns),
                (FromWorker::Developed(finished), files) => {
                    self.record(run, spans, finished.cost);
                    return Ok(Some(developed(*finished, files)));
                }
                (FromWorker::Failed { stage, reason, cost }, _) => {
                    self.record(run, spans, cost);
                    run_job::fail_at(run, job, stage, reason);
                    return Ok(None);
                }
                _ => return Err(out_of_turn()),
            }
        }
    }

    fn reading<'a>(&self, run: &'a Run, lane: Lane, job: &'a Job) -> Spans<'a> {
        let mut spans = run.spans(lane, job);
        spans.enter(Stage::Read);
        spans.set_cpu_nanos(0);
        spans
    }

    /// Ends the stage under way with what the picture cost the worker.
    fn record(&self, run: &Run, mut spans: Spans<'_>, cost: Cost) {
        spans.set_cpu_nanos(cost.stage_nanos);
        run.memory.record_worker(self.name, cost.resident_bytes, cost.cpu_nanos);
    }
}

/// The end of a job whose worker was lost. Nothing is reported where the run was stopped.
pub(super) fn lost(run: &Run, job: &Job, stage: Stage, lost: Lost) {
    let reason = match lost {
        // A picture that was given up has been reported.
        Lost::Stopped | Lost::GivenUp => return,
        Lost::Ended(reason) => format!("{reason}; the other pictures are not affected"),
        Lost::Late => format!(
            "it took longer than the time limit of {} s, so its worker process was ended; raise the limit if the picture is worth it",
            run.batch.settings.time_limit_secs
        ),
    };
    run_job::fail_at(run, job, stage, reason);
}

/// The end of a job for which there is no worker.
pub(super) fn unavailable(run: &Run, job: &Job, why: Unavailable) {
    if let Unavailable::Failed(reason) = why {
        run_job::fail_at(run, job, Stage::Read, format!("no worker process could be started: {reason}"));
    }
}

/// The source as a worker gets it; `None` if that was the job's end.
fn bring(run: &Run, lane: Lane, job: &Job) -> Result<Option<Source>, Lost> {
    let progress = ReadProgress::of_run(&run.control, &run.progress, &run.file_memory);
    let watched = match lane {
        Lane::Core(_) => None,
        _ => run.watch.reading(lane, job, &progress, &run_job::lend(())),
    };
    let brought = job.source.brought(&run.batch.settings.limits, &progress);
    answered(watched)?;
    match brought {
        Ok(source) => Ok(Some(source)),
        Err(Cause::Stopped) => Err(Lost::Stopped),
        Err(cause) => {
            run_job::fail_at(run, job, Stage::Read, cause.to_string());
            Ok(None)
        }
    }
}

/// Has the source watched while the worker reads `length` bytes of it, which nobody can count here. No thread takes over
/// for a worker of the pool.
fn watch<'a>(run: &'a Run, lane: Lane, job: &Job, length: u64) -> Option<Watched<'a>> {
    if matches!(lane, Lane::Core(_)) {
        return None;
    }
    let watched = run.watch.reading(lane, job, &ReadProgress::default(), &run_job::lend(()));
    watched.inspect(|watched| watched.allow(Duration::from_secs(length / SLOWEST_BYTES_PER_SEC)))
}

/// Ends the watch. A picture that was given up meanwhile has been reported.
fn answered(watched: Option<Watched<'_>>) -> Result<(), Lost> {
    if watched.is_some_and(Watched::end) { Err(Lost::GivenUp) } else { Ok(()) }
}

/// A disk that reads at this rate counts as one that answers.
const SLOWEST_BYTES_PER_SEC: u64 = 1 << 20;

/// How long a worker may take for one stage of a picture.
fn time_limit(run: &Run) -> Duration {
    Duration::from_secs(u64::from(run.batch.settings.time_limit_secs.max(1)))
}

fn out_of_turn() -> Lost {
    Lost::Ended("the worker process spoke out of turn".to_owned())
}

fn developed(finished: Finished, contents: Vec<Vec<u8>>) -> Developed {
    let Finished { files, source_pixels, notes, partial, modified, source_hash, .. } = finished;
    let file = |(file, bytes): (FinishedFile, Vec<u8>)| {
        let FinishedFile { name, output, page, extension, width, height, hash, is_copied, .. } = file;
        DevelopedFile { name, output, page, bytes, extension, width, height, hash, is_same: false, is_copied }
    };
    let files = files.into_iter().zip(contents).map(file).collect();
    Developed { files, source_pixels, notes, partial, modified, source_hash }
}
