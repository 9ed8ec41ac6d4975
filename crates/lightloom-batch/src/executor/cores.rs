//! Rayon workers process whole pictures, reading and writing included: parallelism that still waits for the disk.
//!
//! Nothing waits for memory inside the pool. A worker that finds no room hands its opened file to the dispatcher, which
//! waits outside the pool and spawns the rest of the way once there is room.

use std::sync::Arc;

use crossbeam_channel::{Receiver, Sender, bounded};

use super::{Executor, Role, WorkerCounts, run_job};
use crate::budget::Permit;
use crate::run::Run;
use crate::stage::Opened;
use crate::{Job, Lane};

pub static EXECUTOR: Executor = Executor {
    id: "cores",
    title: "Cores",
    help: "One worker per core processes whole pictures, reading and writing included: all cores compute, but each also waits for the disk",
    brief: Some("Each core processes whole pictures, including waiting for the disk."),
    role: Role::Alternative,
    workers: WorkerCounts { io_threads: false, cores: true },
    simulates: None,
    isolates: false,
    lanes: |settings| run_job::cores(settings).chain([Lane::Dispatcher]).collect(),
    start: |run| {
        let pool = run_job::pool(run)?;
        run_job::spawn("dispatcher".to_owned(), run, move |run| dispatch(run, &pool))
    },
};

/// What a worker sends to the dispatcher when it lets go of a picture.
enum Message {
    /// It came to its end.
    Finished,
    /// There was no room in memory.
    NoRoom(usize, Opened),
}

fn dispatch(run: &Arc<Run>, pool: &rayon::ThreadPool) {
    let in_flight_limit = run.batch.settings.cores.max(1);
    // Each picture in flight sends one message before another takes its place, so a send never waits.
    let (sender, receiver): (Sender<Message>, Receiver<Message>) = bounded(in_flight_limit);
    let mut in_flight = 0;
    loop {
        while in_flight < in_flight_limit {
            let Some(job) = run.next_job() else { break };
            in_flight += 1;
            spawn(run, pool, &sender, job.index, None);
        }
        if in_flight == 0 {
            return;
        }
        match receiver.recv() {
            Ok(Message::Finished) => in_flight -= 1,
            Ok(Message::NoRoom(job, opened)) => {
                match run_job::wait_for_memory(run, Lane::Dispatcher, &run.batch.jobs[job], opened.peak_bytes) {
                    Some(permit) => spawn(run, pool, &sender, job, Some((opened, permit))),
                    None => in_flight -= 1,
                }
            }
            Err(_) => return,
        }
    }
}

fn spawn(
    run: &Arc<Run>,
    pool: &rayon::ThreadPool,
    sender: &Sender<Message>,
    job: usize,
    admitted: Option<(Opened, Permit)>,
) {
    let (run, sender) = (Arc::clone(run), sender.clone());
    pool.spawn_fifo(move || {
        let message = process(&run, &run.batch.jobs[job], admitted);
        // The dispatcher outlives its pictures, except after a stop.
        let _ = sender.send(message);
    });
}

fn process(run: &Run, job: &Job, admitted: Option<(Opened, Permit)>) -> Message {
    let lane = run_job::core_lane();
    let (opened, permit) = match admitted {
        Some(admitted) => admitted,
        None => {
            let Some(opened) = run_job::open(run, lane, job) else { return Message::Finished };
            match run.budget.try_acquire(opened.peak_bytes) {
                Some(permit) => (opened, permit),
                None => return Message::NoRoom(job.index, opened),
            }
        }
    };
    if let Some(loaded) = run_job::read(run, lane, job, opened, permit)
        && let Some(developed) = run_job::develop(run, lane, job, loaded)
    {
        run_job::write(run, lane, job, developed);
    }
    Message::Finished
}
