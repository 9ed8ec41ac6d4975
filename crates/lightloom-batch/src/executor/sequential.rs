//! One thread does everything, one picture at a time: the baseline.

use super::{Executor, carry};
use crate::event::Lane;

pub(super) static EXECUTOR: Executor = Executor {
    id: "sequential",
    title: "Sequential",
    help: "One thread does everything, one picture after the other: the baseline",
    lanes: |_| carry::threads(1).collect(),
    start: |run| {
        carry::spawn("sequential".to_owned(), run, |run| {
            let lane = Lane::Thread(0);
            while let Some(job) = run.next_job() {
                carry::whole(run, lane, job, |loaded| carry::develop(run, lane, job, loaded));
            }
        })
    },
};
