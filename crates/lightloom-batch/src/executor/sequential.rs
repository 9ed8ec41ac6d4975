//! One thread does everything, one picture at a time: the baseline.

use std::sync::Arc;

use super::{Executor, Role, WorkerCounts, run_job};

pub static EXECUTOR: Executor = Executor {
    id: "sequential",
    title: "Sequential",
    help: "One thread does everything, one picture after the other: the baseline",
    brief: None,
    role: Role::Baseline,
    workers: WorkerCounts { io_threads: false, cores: false },
    simulates: None,
    isolates: false,
    lanes: |_| run_job::threads(1).collect(),
    start: |run| {
        run_job::spawn_lanes(
            run,
            Arc::new(|run, thread| {
                while let Some(job) = run.next_job(thread) {
                    run_job::run_job(run, thread.lane, job, |loaded| run_job::develop(run, thread.lane, job, loaded));
                }
            }),
        )
    },
};
