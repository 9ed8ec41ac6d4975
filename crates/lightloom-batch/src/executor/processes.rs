//! Worker processes read and compute, each with memory of its own; a thread a worker feeds it and writes its results.
//! Parallelism with isolation: what goes wrong in a worker costs one picture.

use std::sync::Arc;
use std::time::Duration;

use super::{Executor, carry};
use crate::event::Stage;
use crate::run::{Run, Spans};
use crate::stage::{Developed, DevelopedFile};
use crate::worker::{Cost, Finished, FinishedFile, FromWorker, Lost, ToWorker, WorkerProcess};
use crate::{Activity, Batch, Job, Lane};
use carry::Held;

pub(super) static EXECUTOR: Executor = Executor {
    id: "processes",
    title: "Processes",
    help: "Worker processes with memory of their own: a picture that crashes, hangs or swells a decoder costs only itself, so this is the safe choice for pictures from strangers",
    lanes: |settings| (0..settings.cores.max(1)).map(Lane::Process).collect(),
    start: |run| {
        // A program that cannot be started is told at once rather than by each picture.
        let mut first = Some(WorkerProcess::start()?);
        for index in 0..run.batch.settings.cores.max(1) {
            let first = first.take();
            carry::spawn(format!("feeder-{index}"), run, move |run| Feeder::new(run, index, first).feed())?;
        }
        Ok(())
    },
};

struct Feeder<'a> {
    run: &'a Run,
    index: usize,
    lane: Lane,
    /// What each worker is told first.
    order: ToWorker,
    /// A process that was started and has not answered yet.
    fresh: Option<WorkerProcess>,
}

/// What became of a picture, if its worker lives on.
type Carried = Result<(), Lost>;

impl<'a> Feeder<'a> {
    fn new(run: &'a Arc<Run>, index: usize, fresh: Option<WorkerProcess>) -> Self {
        let Batch { recipe, settings, .. } = &run.batch;
        let order = ToWorker::Begin { recipe: recipe.to_toml(), priority: settings.priority };
        Self { run, index, lane: Lane::Process(index), order, fresh }
    }

    fn feed(mut self) {
        let mut worker = None;
        while let Some(job) = self.run.next_job() {
            let mut at_work = match worker.take().map_or_else(|| self.begin(job), Ok) {
                Ok(at_work) => at_work,
                Err(Some(reason)) => {
                    carry::fail_at(self.run, job, Stage::Read, format!("no worker process could be started: {reason}"));
                    continue;
                }
                Err(None) => return,
            };
            let mut stage = Stage::Read;
            // After a loss the worker is dropped, and the next picture gets a new one.
            let reason = match self.carry(job, &mut at_work, &mut stage) {
                Ok(()) => {
                    worker = Some(at_work);
                    continue;
                }
                Err(Lost::Stopped) => return,
                Err(Lost::Ended(reason)) => format!("{reason}; the other pictures are not affected"),
                Err(Lost::Late) => format!(
                    "it took longer than the time limit of {} s, so its worker process was ended; raise the limit if the picture is worth it",
                    self.run.batch.settings.time_limit_secs
                ),
            };
            carry::fail_at(self.run, job, stage, reason);
        }
    }

    /// A worker that is ready for `job`; why there is none, or nothing if the run was stopped.
    fn begin(&mut self, job: &Job) -> Result<WorkerProcess, Option<String>> {
        let mut worker = self.fresh.take().map_or_else(WorkerProcess::start, Ok).map_err(Some)?;
        let _starting = self.run.waiting(self.lane, Some(job), Activity::Start).since(worker.started());
        match worker.begin(&self.order, &self.run.control) {
            Ok(()) => Ok(worker),
            Err(Lost::Ended(reason)) => Err(Some(reason)),
            Err(Lost::Late) => Err(Some("it does not answer".to_owned())),
            Err(Lost::Stopped) => Err(None),
        }
    }

    fn carry(&self, job: &Job, worker: &mut WorkerProcess, stage: &mut Stage) -> Carried {
        let run = self.run;
        let patience = Duration::from_secs(u64::from(run.batch.settings.time_limit_secs.max(1)));
        let mut spans = run.spans(self.lane, job);
        spans.enter(Stage::Read);
        spans.told(0);
        let overrides = job.overrides.as_deref().copied().unwrap_or_default();
        let source = job.source.clone().into_os_string();
        worker.send(&ToWorker::Open { source, number: job.number, overrides })?;
        let (length, peak_bytes) = match worker.receive(patience, &run.control)? {
            (FromWorker::Opened { length, peak_bytes }, _) => (length, peak_bytes),
            (FromWorker::Failed { stage, reason, cost }, _) => {
                drop(self.paid(spans, cost));
                carry::fail_at(run, job, stage, reason);
                return Ok(());
            }
            _ => return Err(out_of_turn()),
        };
        drop(spans);
        let permit = carry::wait_for_memory(run, self.lane, job, peak_bytes).ok_or(Lost::Stopped)?;
        let mut spans = run.spans(self.lane, job);
        spans.enter(Stage::Read);
        spans.told(0);
        run.throttle.wait(length, &run.control);
        // Twice the estimate and some room for what it does not know: libraries' own tables, fragmentation.
        worker.send(&ToWorker::Go { memory_bytes: 2 * peak_bytes + (256 << 20) })?;
        loop {
            match worker.receive(patience, &run.control)? {
                (FromWorker::Entered { stage: next, cpu_nanos }, _) => {
                    spans.told(cpu_nanos);
                    spans.enter(next);
                    spans.told(0);
                    *stage = next;
                }
                (FromWorker::Developed(finished), files) => {
                    drop(self.paid(spans, finished.cost));
                    let mut held = Held { what: developed(*finished, files), permit };
                    held.permit.shrink(held.what.file_bytes());
                    carry::write(run, self.lane, job, held);
                    return Ok(());
                }
                (FromWorker::Failed { stage, reason, cost }, _) => {
                    drop(self.paid(spans, cost));
                    drop(permit);
                    carry::fail_at(run, job, stage, reason);
                    return Ok(());
                }
                _ => return Err(out_of_turn()),
            }
        }
    }

    /// Puts down what a picture cost its worker.
    fn paid<'s>(&self, mut spans: Spans<'s>, cost: Cost) -> Spans<'s> {
        spans.told(cost.stage_nanos);
        self.run.memory.told(self.index, cost.resident_bytes, cost.cpu_nanos);
        spans
    }
}

fn out_of_turn() -> Lost {
    Lost::Ended("the worker process spoke out of turn".to_owned())
}

fn developed(finished: Finished, contents: Vec<Vec<u8>>) -> Developed {
    let Finished { files, source_pixels, notes, partial, .. } = finished;
    let file = |(file, bytes): (FinishedFile, Vec<u8>)| {
        let FinishedFile { name, output, page, extension, width, height, .. } = file;
        DevelopedFile { name, output, page, bytes, extension, width, height }
    };
    Developed { files: files.into_iter().zip(contents).map(file).collect(), source_pixels, notes, partial }
}
