//! Worker processes read and compute, each with memory of its own; one thread per worker feeds it and writes its
//! results.
//! Parallelism with isolation: what goes wrong in a worker costs one picture.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use super::{Executor, Role, WorkerCounts, run_job};
use crate::event::Stage;
use crate::run::{LaneThread, Run, Spans};
use crate::stage::{Developed, DevelopedFile, ReadProgress};
use crate::watch::Watched;
use crate::worker::{Cost, Finished, FinishedFile, FromWorker, Lost, ToWorker, WorkerProcess};
use crate::{Activity, Batch, Job, Lane};
use run_job::Admitted;

/// A disk that reads at this rate counts as one that answers.
const SLOWEST_BYTES_PER_SEC: u64 = 1 << 20;

pub static EXECUTOR: Executor = Executor {
    id: "processes",
    title: "Processes",
    help: "Worker processes with memory of their own: a picture that makes a decoder crash, hang or run out of memory costs only itself, so this is the safe choice for pictures from untrusted sources",
    brief: None,
    role: Role::Alternative,
    workers: WorkerCounts { io_threads: false, cores: true },
    simulates: None,
    isolates: true,
    lanes: |settings| (0..settings.cores.max(1)).map(Lane::Process).collect(),
    start: |run| {
        // A program that cannot be started is reported at once rather than by each picture.
        let first = Mutex::new(Some(start_worker(run)?));
        run_job::spawn_lanes(
            run,
            Arc::new(move |run, thread| {
                let first = first.lock().unwrap_or_else(PoisonError::into_inner).take();
                Feeder::new(run, thread, first).feed();
            }),
        )
    },
};

struct Feeder<'a> {
    run: &'a Run,
    thread: LaneThread,
    lane: Lane,
    /// The first message to each worker.
    first_message: ToWorker,
    /// A process that was started and has not answered yet.
    fresh: Option<WorkerProcess>,
}

impl<'a> Feeder<'a> {
    fn new(run: &'a Arc<Run>, thread: LaneThread, fresh: Option<WorkerProcess>) -> Self {
        let Batch { recipe, settings, results, .. } = &run.batch;
        let first_message = ToWorker::Begin {
            recipe: recipe.to_toml(),
            priority: settings.priority,
            limits: settings.limits.to_text(),
            wanted: (*results).into(),
        };
        Self { run, thread, lane: thread.lane, first_message, fresh }
    }

    fn feed(mut self) {
        let mut worker = None;
        while let Some(job) = self.run.next_job(self.thread) {
            let mut at_work = match worker.take().map_or_else(|| self.begin(job), Ok) {
                Ok(at_work) => at_work,
                Err(Some(reason)) => {
                    run_job::fail_at(
                        self.run,
                        job,
                        Stage::Read,
                        format!("no worker process could be started: {reason}"),
                    );
                    continue;
                }
                Err(None) => return,
            };
            let mut stage = Stage::Read;
            // After a loss the worker is dropped, and the next picture gets a new one.
            let reason = match self.process(job, &mut at_work, &mut stage) {
                Ok(()) => {
                    worker = Some(at_work);
                    continue;
                }
                Err(Lost::Stopped) => return,
                Err(Lost::GivenUp) => continue,
                Err(Lost::Ended(reason)) => format!("{reason}; the other pictures are not affected"),
                Err(Lost::Late) => format!(
                    "it took longer than the time limit of {} s, so its worker process was ended; raise the limit if the picture is worth it",
                    self.run.batch.settings.time_limit_secs
                ),
            };
            run_job::fail_at(self.run, job, stage, reason);
        }
    }

    /// A worker that is ready for `job`. The error says why there is none; it is `None` if the run was stopped.
    fn begin(&mut self, job: &Job) -> Result<WorkerProcess, Option<String>> {
        let mut worker = self.fresh.take().map_or_else(|| start_worker(self.run), Ok).map_err(Some)?;
        let _starting = self.run.waiting(self.lane, Some(job), Activity::Start).since(worker.started());
        match worker.begin(&self.first_message, &self.run.control) {
            Ok(()) => Ok(worker),
            Err(Lost::Ended(reason)) => Err(Some(reason)),
            Err(Lost::Late) => Err(Some("it does not answer".to_owned())),
            Err(Lost::Stopped | Lost::GivenUp) => Err(None),
        }
    }

    /// Has the worker process one picture, and writes its results. `stage` follows where it is.
    fn process(&self, job: &Job, worker: &mut WorkerProcess, stage: &mut Stage) -> Result<(), Lost> {
        let run = self.run;
        let timeout = Duration::from_secs(u64::from(run.batch.settings.time_limit_secs.max(1)));
        let mut spans = run.spans(self.lane, job);
        spans.enter(Stage::Read);
        spans.set_cpu_nanos(0);
        let watched = self.watch(job, 0);
        worker.open(job)?;
        let opened = worker.receive(timeout, &run.control)?;
        self.answered(watched)?;
        let (length, peak_bytes) = match opened {
            (FromWorker::Opened { length, peak_bytes }, _) => (length, peak_bytes),
            (FromWorker::Failed { stage, reason, cost }, _) => {
                self.record_cost(spans, cost);
                run_job::fail_at(run, job, stage, reason);
                return Ok(());
            }
            _ => return Err(out_of_turn()),
        };
        drop(spans);
        let permit = run_job::wait_for_memory(run, self.lane, job, peak_bytes).ok_or(Lost::Stopped)?;
        let mut spans = run.spans(self.lane, job);
        spans.enter(Stage::Read);
        spans.set_cpu_nanos(0);
        run.throttle.wait(length, &run.control);
        // Twice the estimate and some room for what it does not know: libraries' own tables, fragmentation.
        worker.send(&ToWorker::Go { memory_bytes: 2 * peak_bytes + (256 << 20) })?;
        let mut watched = self.watch(job, length);
        loop {
            let message = worker.receive(timeout, &run.control)?;
            self.answered(watched.take())?;
            match message {
                (FromWorker::Entered { stage: next, cpu_nanos }, _) => {
                    spans.set_cpu_nanos(cpu_nanos);
                    spans.enter(next);
                    spans.set_cpu_nanos(0);
                    *stage = next;
                }
                (FromWorker::Developed(finished), files) => {
                    self.record_cost(spans, finished.cost);
                    let mut admitted = Admitted { what: developed(*finished, files), permit };
                    admitted.permit.shrink(admitted.what.file_bytes());
                    run_job::write(run, self.lane, job, admitted);
                    return Ok(());
                }
                (FromWorker::Failed { stage, reason, cost }, _) => {
                    self.record_cost(spans, cost);
                    drop(permit);
                    run_job::fail_at(run, job, stage, reason);
                    return Ok(());
                }
                _ => return Err(out_of_turn()),
            }
        }
    }

    /// Has the source watched while the worker reads `length` bytes of it, which nobody can count here.
    fn watch(&self, job: &Job, length: u64) -> Option<Watched<'_>> {
        let watched = self.run.watch.reading(self.lane, job, &ReadProgress::default(), &run_job::lend(()));
        watched.inspect(|watched| watched.allow(Duration::from_secs(length / SLOWEST_BYTES_PER_SEC)))
    }

    /// Ends the watch. A picture that was given up meanwhile has been reported.
    fn answered(&self, watched: Option<Watched<'_>>) -> Result<(), Lost> {
        if watched.is_some_and(Watched::end) { Err(Lost::GivenUp) } else { Ok(()) }
    }

    /// Ends the stage under way with what the picture cost its worker.
    fn record_cost(&self, mut spans: Spans<'_>, cost: Cost) {
        spans.set_cpu_nanos(cost.stage_nanos);
        self.run.memory.record_worker(self.lane, cost.resident_bytes, cost.cpu_nanos);
    }
}

/// The batch's program for workers, started.
fn start_worker(run: &Run) -> Result<WorkerProcess, String> {
    let program = run.batch.settings.worker_program.as_ref().ok_or("no program for worker processes is known")?;
    WorkerProcess::start(program)
}

fn out_of_turn() -> Lost {
    Lost::Ended("the worker process spoke out of turn".to_owned())
}

fn developed(finished: Finished, contents: Vec<Vec<u8>>) -> Developed {
    let Finished { files, source_pixels, notes, partial, modified, source_hash, .. } = finished;
    let file = |(file, bytes): (FinishedFile, Vec<u8>)| {
        let FinishedFile { name, output, page, extension, width, height, hash, .. } = file;
        DevelopedFile { name, output, page, bytes, extension, width, height, hash, is_same: false }
    };
    let files = files.into_iter().zip(contents).map(file).collect();
    Developed { files, source_pixels, notes, partial, modified, source_hash }
}
