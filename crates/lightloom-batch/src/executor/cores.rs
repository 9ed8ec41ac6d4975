//! As many whole pictures at once as there are cores, each computed in the rayon pool: a core whose picture is being
//! read or written waits for the disk. Parallelism that still waits.
//!
//! The thread of a picture reads it, waits for memory, and writes it, so that nothing of that happens inside the pool.

use std::sync::Arc;

use super::{Executor, Role, WorkerCounts, run_job};

pub static EXECUTOR: Executor = Executor {
    id: "cores",
    title: "Cores",
    help: "One worker per core processes whole pictures, reading and writing included: all cores compute, but each also waits for the disk",
    brief: Some("Each core processes whole pictures, including waiting for the disk."),
    role: Role::Alternative,
    workers: WorkerCounts { io_threads: false, cores: true },
    simulates: None,
    isolates: false,
    lanes: |settings| run_job::cores(settings).collect(),
    start: |run| {
        let pool = run_job::pool(run)?;
        run_job::spawn_lanes(
            run,
            Arc::new(move |run, thread| {
                while let Some(job) = run.next_job(thread) {
                    run_job::run_job(run, thread.lane, job, |loaded| {
                        pool.install(|| run_job::develop(run, thread.lane, job, loaded))
                    });
                }
            }),
        )
    },
};
