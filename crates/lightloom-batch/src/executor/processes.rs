//! Worker processes read and compute, each with memory of its own; one thread per worker feeds it and writes its
//! results.
//! Parallelism with isolation: what goes wrong in a worker costs one picture.

use std::sync::{Arc, Mutex, PoisonError};

use super::remote::{self, Remote, Unavailable};
use super::{Executor, Role, WorkerCounts, run_job};
use crate::event::Stage;
use crate::run::{LaneThread, Run};
use crate::worker::{Lost, WorkerProcess};
use crate::{Job, Lane};
use run_job::Admitted;

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
        let first = Mutex::new(Some(remote::start(run)?));
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
    /// A process that was started and has not answered yet.
    fresh: Option<WorkerProcess>,
}

impl<'a> Feeder<'a> {
    fn new(run: &'a Arc<Run>, thread: LaneThread, fresh: Option<WorkerProcess>) -> Self {
        Self { run, thread, lane: thread.lane, fresh }
    }

    fn feed(mut self) {
        let mut worker = None;
        while let Some(job) = self.run.next_job(self.thread) {
            let ready = match worker.take() {
                Some(ready) => Ok(ready),
                None => Remote::begin(self.run, self.lane, job, self.lane, self.fresh.take()),
            };
            let mut ready = match ready {
                Ok(ready) => ready,
                Err(Unavailable::Stopped) => return,
                Err(why) => {
                    remote::unavailable(self.run, job, why);
                    continue;
                }
            };
            let mut stage = Stage::Read;
            // After a loss the worker is dropped, and the next picture gets a new one.
            match self.process(job, &mut ready, &mut stage) {
                Ok(()) => worker = Some(ready),
                Err(lost) => remote::lost(self.run, job, stage, lost),
            }
        }
    }

    /// Has the worker process one picture, and writes its results. `stage` follows where it is.
    fn process(&self, job: &Job, worker: &mut Remote, stage: &mut Stage) -> Result<(), Lost> {
        let (run, lane) = (self.run, self.lane);
        let Some(need) = worker.open(run, lane, job)? else { return Ok(()) };
        let permit = run_job::wait_for_memory(run, lane, job, need.peak_bytes).ok_or(Lost::Stopped)?;
        run_job::wait_for_source(run, lane, job, need.length);
        if let Some(what) = worker.develop(run, lane, job, need, false, stage)? {
            let mut admitted = Admitted { what, permit };
            admitted.permit.shrink(admitted.what.file_bytes());
            run_job::write(run, lane, job, admitted);
        }
        Ok(())
    }
}
