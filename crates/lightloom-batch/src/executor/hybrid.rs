//! I/O threads read and write, rayon workers decode, filter and encode, with bounded queues between: waits overlap with
//! work, and work with work.
//!
//! A slot (`Slots`) is the right to have one more picture between its reading and its writing. An I/O thread prefers
//! writing, which frees a slot and memory, and never waits for memory without looking for something to write.

use std::sync::Arc;
use std::time::Duration;

use crossbeam_channel::{Receiver, Sender, never, select_biased, unbounded};

use super::slots::{Slot, Slots};
use super::{Executor, Role, WorkerCounts, run_job};
use crate::budget::Permit;
use crate::run::{LaneThread, Next, Run};
use crate::stage::Developed;
use crate::{Activity, Job, Lane};
use run_job::{Admitted, Opened};

pub static EXECUTOR: Executor = Executor {
    id: "hybrid",
    title: "Both",
    help: "I/O threads read and write while every core computes: waiting and work overlap",
    brief: Some("Threads wait for the disk and feed cores that never wait."),
    role: Role::Default,
    workers: WorkerCounts { io_threads: true, cores: true },
    simulates: None,
    isolates: false,
    lanes: |settings| run_job::threads(settings.io_threads).chain(run_job::cores(settings)).collect(),
    start,
};

/// A picture that waits to be written.
struct ToWrite {
    job: usize,
    developed: Admitted<Developed>,
    /// `None` if it went to another picture while the source did not answer.
    _slot: Option<Slot>,
}

/// The ends of the queues that an I/O thread holds.
#[derive(Clone)]
struct Queues {
    /// Slots that are free.
    free: Receiver<()>,
    slots: Arc<Slots>,
    to_write: Receiver<ToWrite>,
    send_to_write: Sender<ToWrite>,
}

/// How often a thread that has nothing to do looks whether the run has ended or goes on; and while a person has paused it.
const LOOK: Duration = Duration::from_millis(20);
const LOOK_PAUSED: Duration = Duration::from_millis(100);

fn start(run: &Arc<Run>) -> Result<(), String> {
    let pool = run_job::pool(run)?;
    let (slots, free) = Slots::new(&run.batch.settings);
    // A core's send never waits: the slots bound the queue, but for pictures whose sources did not answer for a while.
    let (send_to_write, to_write) = unbounded();
    let queues = Queues { free, slots, to_write, send_to_write };
    run_job::spawn_lanes(run, Arc::new(move |run, thread| io_thread(run, &pool, &queues, thread)))
}

fn io_thread(run: &Arc<Run>, pool: &Arc<rayon::ThreadPool>, queues: &Queues, thread: LaneThread) {
    let lane = thread.lane;
    let mut waiting = None;
    let mut may_read = true;
    let ended = || run.control.is_stopped() || run.progress.finished() >= run.progress.total();
    while !ended() && !run.is_surplus(thread) {
        waiting.get_or_insert_with(|| run.waiting(lane, None, Activity::WaitQueue));
        let no_slot = never();
        select_biased! {
            recv(queues.to_write) -> ready => {
                waiting = None;
                if let Ok(ready) = ready {
                    write(run, lane, ready);
                }
            }
            recv(if may_read { &queues.free } else { &no_slot }) -> _slot => {
                waiting = None;
                let slot = queues.slots.taken();
                // A paused run still writes what is developed, and so does one whose other pictures are put off.
                let next = if run.control.begins_nothing() { Next::Later } else { run.next_job_now() };
                match next {
                    Next::Job(job) => read(run, pool, queues, lane, job, slot),
                    Next::Later => {
                        drop(slot);
                        let look = if run.control.is_paused() { LOOK_PAUSED } else { LOOK };
                        if let Ok(ready) = queues.to_write.recv_timeout(look) {
                            write(run, lane, ready);
                        }
                    }
                    // From now on this thread only writes.
                    Next::None => may_read = false,
                }
            }
            // No queue announces the end of the run.
            default(LOOK) => if may_read {
                queues.slots.wait_for_slot();
            }
        }
    }
}

/// Reads a job's file and hands it to the cores.
fn read(run: &Arc<Run>, pool: &Arc<rayon::ThreadPool>, queues: &Queues, lane: Lane, job: &Job, slot: Slot) {
    let slot = run_job::lend(slot);
    let mut write_ready = || {
        if let Ok(ready) = queues.to_write.try_recv() {
            write(run, lane, ready);
        }
    };
    let Some(opened) = run_job::open(run, lane, job, &slot, &mut write_ready) else { return };
    let Some(permit) = wait_for_memory(run, queues, lane, job, &opened) else { return };
    let Some(loaded) = run_job::read(run, lane, job, opened, permit, &slot) else { return };
    let (run, queues, index, slot) = (Arc::clone(run), queues.clone(), job.index, run_job::take(&slot));
    queues.slots.add_ready();
    pool.spawn_fifo(move || {
        queues.slots.take_ready();
        if let Some(developed) = run_job::develop(&run, Lane::of_pool_worker(), &run.batch.jobs[index], loaded) {
            let _ = queues.send_to_write.send(ToWrite { job: index, developed, _slot: slot });
        }
        queues.slots.look_for_next();
    });
}

/// Room in memory, or `None` when the run is stopped. Writes meanwhile what is ready, since that makes room.
fn wait_for_memory(run: &Run, queues: &Queues, lane: Lane, job: &Job, opened: &Opened) -> Option<Permit> {
    let mut waiting = None;
    loop {
        if let Some(permit) = run.budget.try_acquire(opened.peak_bytes()) {
            return Some(permit);
        }
        if run.control.is_stopped() {
            return None;
        }
        if let Ok(ready) = queues.to_write.try_recv() {
            waiting = None;
            write(run, lane, ready);
            continue;
        }
        waiting.get_or_insert_with(|| run.waiting(lane, Some(job), Activity::WaitMemory));
        if let Some(permit) = run.budget.acquire(opened.peak_bytes(), &run.control, Duration::from_millis(5)) {
            return Some(permit);
        }
    }
}

fn write(run: &Run, lane: Lane, ready: ToWrite) {
    let ToWrite { job, developed, _slot } = ready;
    run_job::write(run, lane, &run.batch.jobs[job], developed);
}
