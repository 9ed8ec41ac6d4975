//! I/O threads read and write, rayon workers decode, filter and encode, with bounded queues between: waits overlap with
//! work, and work with work.
//!
//! A slot is the right to have one more picture between its reading and its writing; there are as many as keep every
//! core busy while every I/O thread waits. An I/O thread prefers writing, which frees a slot and memory, and never
//! waits for memory without looking for something to write.

use std::sync::Arc;
use std::time::Duration;

use crossbeam_channel::{Receiver, Sender, bounded, select_biased};

use super::{Executor, Role, WorkerCounts, run_job};
use crate::budget::Permit;
use crate::run::Run;
use crate::stage::{Developed, Opened};
use crate::{Activity, Job, Lane};
use run_job::Admitted;

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
}

/// The ends of the queues that an I/O thread holds.
#[derive(Clone)]
struct Queues {
    /// Slots that are free.
    free: Receiver<()>,
    free_slot: Sender<()>,
    to_write: Receiver<ToWrite>,
    send_to_write: Sender<ToWrite>,
}

fn start(run: &Arc<Run>) -> Result<(), String> {
    let pool = Arc::new(run_job::pool(run)?);
    let io_threads = run.batch.settings.io_threads.max(1);
    let slots = run.batch.settings.queue_slots();
    let (free_slot, free) = bounded(slots);
    for _ in 0..slots {
        // There is room for every slot.
        let _ = free_slot.send(());
    }
    // As many places as slots: a core's send never waits.
    let (send_to_write, to_write) = bounded(slots);
    let queues = Queues { free, free_slot, to_write, send_to_write };
    for i in 0..io_threads {
        let (pool, queues) = (Arc::clone(&pool), queues.clone());
        run_job::spawn(format!("io-{i}"), run, move |run| io_thread(run, &pool, &queues, Lane::Thread(i)))?;
    }
    Ok(())
}

fn io_thread(run: &Arc<Run>, pool: &Arc<rayon::ThreadPool>, queues: &Queues, lane: Lane) {
    let mut waiting = None;
    while !run.control.is_stopped() && run.progress.finished() < run.progress.total() {
        waiting.get_or_insert_with(|| run.waiting(lane, None, Activity::WaitQueue));
        select_biased! {
            recv(queues.to_write) -> ready => {
                waiting = None;
                if let Ok(ready) = ready {
                    write(run, queues, lane, ready);
                }
            }
            recv(queues.free) -> _slot => {
                waiting = None;
                // A paused run still writes what is developed.
                if run.control.is_paused() {
                    let _ = queues.free_slot.send(());
                    if let Ok(ready) = queues.to_write.recv_timeout(Duration::from_millis(20)) {
                        write(run, queues, lane, ready);
                    }
                } else if let Some(job) = run.next_job_now() {
                    if !read(run, pool, queues, lane, job) {
                        let _ = queues.free_slot.send(());
                    }
                } else {
                    // Nothing left to read: the slot stays taken, and this thread writes from now on.
                }
            }
            // No queue announces the end of the run.
            default(Duration::from_millis(20)) => {}
        }
    }
}

/// Reads a job's file and hands it to the cores; false if the job ended here and its slot is free.
fn read(run: &Arc<Run>, pool: &Arc<rayon::ThreadPool>, queues: &Queues, lane: Lane, job: &Job) -> bool {
    let Some(opened) = run_job::open(run, lane, job) else { return false };
    let Some(permit) = wait_for_memory(run, queues, lane, job, &opened) else { return false };
    let Some(loaded) = run_job::read(run, lane, job, opened, permit) else { return false };
    let (run, queues, index) = (Arc::clone(run), queues.clone(), job.index);
    pool.spawn_fifo(move || {
        let developed = run_job::develop(&run, run_job::core_lane(), &run.batch.jobs[index], loaded);
        match developed {
            // Both queues have a place for every slot.
            Some(developed) => drop(queues.send_to_write.send(ToWrite { job: index, developed })),
            None => drop(queues.free_slot.send(())),
        }
    });
    true
}

/// Room in memory, or `None` when the run is stopped. Writes meanwhile what is ready, since that makes room.
fn wait_for_memory(run: &Run, queues: &Queues, lane: Lane, job: &Job, opened: &Opened) -> Option<Permit> {
    let mut waiting = None;
    loop {
        if let Some(permit) = run.budget.try_acquire(opened.peak_bytes) {
            return Some(permit);
        }
        if run.control.is_stopped() {
            return None;
        }
        if let Ok(ready) = queues.to_write.try_recv() {
            waiting = None;
            write(run, queues, lane, ready);
            continue;
        }
        waiting.get_or_insert_with(|| run.waiting(lane, Some(job), Activity::WaitMemory));
        if let Some(permit) = run.budget.acquire(opened.peak_bytes, &run.control, Duration::from_millis(5)) {
            return Some(permit);
        }
    }
}

fn write(run: &Run, queues: &Queues, lane: Lane, ready: ToWrite) {
    run_job::write(run, lane, &run.batch.jobs[ready.job], ready.developed);
    let _ = queues.free_slot.send(());
}
