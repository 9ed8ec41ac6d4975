//! One thread does everything, one picture at a time: the baseline.

use super::{Executor, Role, WorkerCounts, run_job};
use crate::Lane;

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
        run_job::spawn("sequential".to_owned(), run, |run| {
            let lane = Lane::Thread(0);
            while let Some(job) = run.next_job() {
                run_job::run_job(run, lane, job, |loaded| run_job::develop(run, lane, job, loaded));
            }
        })
    },
};
