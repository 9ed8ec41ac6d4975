//! Threads process whole pictures, but only one at a time may decode, filter and encode, as under Python's global
//! interpreter lock: waits overlap, work does not. Concurrency without parallelism.

use std::sync::{Arc, Mutex};

use super::{Executor, Role, WorkerCounts, run_job};
use crate::Activity;

pub static EXECUTOR: Executor = Executor {
    id: "threads",
    title: "Threads",
    help: "Many threads, but a simulated lock lets only one compute at a time, as Python's GIL does: reading and writing overlap, work does not. Rust has no such lock; threads that compute at once are what “Cores” is",
    brief: Some("Simulates Python's GIL: one lock lets a single thread compute, so that only waiting overlaps. Rust has no such lock; threads that compute at once are “Cores”."),
    role: Role::Alternative,
    workers: WorkerCounts { io_threads: true, cores: false },
    simulates: Some("simulated lock"),
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
