//! Threads process whole pictures, but only one at a time may decode, filter and encode, as under Python's global
//! interpreter lock: waits overlap, work does not. Concurrency without parallelism.

use std::sync::{Arc, Mutex};

use super::{Executor, Role, WorkerCounts, run_job};
use crate::Activity;

pub static EXECUTOR: Executor = Executor {
    id: "threads",
    title: "Threads",
    help: "Many threads, but only one computes at a time, as under Python's GIL: reading and writing overlap, work does not",
    brief: Some("Threads take turns at processing pixels; only their waiting overlaps, as under Python's global lock."),
    role: Role::Alternative,
    workers: WorkerCounts { io_threads: true, cores: false },
    simulates: Some("simulated lock: only one thread computes at a time"),
    isolates: false,
    lanes: |settings| run_job::threads(settings.io_threads).collect(),
    start: |run| {
        let turn = Mutex::new(());
        run_job::spawn_lanes(
            run,
            Arc::new(move |run, thread| {
                while let Some(job) = run.next_job(thread) {
                    run_job::run_job(run, thread.lane, job, |loaded| {
                        let _turn = turn.try_lock().or_else(|_| {
                            let _waiting = run.waiting(thread.lane, Some(job), Activity::WaitTurn);
                            turn.lock()
                        });
                        run_job::develop(run, thread.lane, job, loaded)
                    });
                }
            }),
        )
    },
};
