//! The workers that any executor lends to pictures of formats that are isolated
//! ([`Codec::isolates`](lightloom_codec::Codec::isolates)): started when the first such picture comes, as many as there are
//! cores at most, and kept until the run ends.
//!
//! A picture holds its worker from its opening to its development, and the lane that has it waits for the worker
//! meanwhile: of the two, one computes.

use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use super::remote::{self, Need, Remote};
use crate::event::{Lane, Stage};
use crate::run::Run;
use crate::stage::Developed;
use crate::worker::Lost;
use crate::{Activity, Job};

/// The workers of one run.
pub(crate) struct Isolation {
    workers: Mutex<Workers>,
    freed: Condvar,
}

struct Workers {
    /// Places that nobody holds, each with the worker that was left in it.
    free: Vec<Place>,
}

struct Place {
    index: usize,
    worker: Option<Remote>,
}

impl Isolation {
    /// Places for so many workers; none is started.
    pub fn new(count: usize) -> Arc<Self> {
        let free = (0..count.max(1)).rev().map(|index| Place { index, worker: None }).collect();
        Arc::new(Self { workers: Mutex::new(Workers { free }), freed: Condvar::new() })
    }

    fn workers(&self) -> MutexGuard<'_, Workers> {
        self.workers.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// A place, or `None` when the run is stopped. Does something else `meanwhile`.
    fn place(self: &Arc<Self>, run: &Run, lane: Lane, job: &Job, meanwhile: &mut dyn FnMut()) -> Option<Held> {
        let mut waiting = None;
        loop {
            if let Some(place) = self.workers().free.pop() {
                return Some(Held { place: Some(place), isolation: Arc::clone(self) });
            }
            if run.control.is_stopped() {
                return None;
            }
            meanwhile();
            waiting.get_or_insert_with(|| run.waiting(lane, Some(job), Activity::WaitTurn));
            let workers = self.workers();
            if workers.free.is_empty() {
                drop(self.freed.wait_timeout(workers, Duration::from_millis(5)));
            }
        }
    }
}

/// A place that is held, given back when dropped.
struct Held {
    place: Option<Place>,
    isolation: Arc<Isolation>,
}

impl Held {
    /// The place's worker, which is started if there is none; a failure ends the job.
    fn worker(&mut self, run: &Run, lane: Lane, job: &Job) -> Option<&mut Remote> {
        let place = self.place.as_mut()?;
        if place.worker.is_none() {
            match Remote::begin(run, lane, job, Lane::Process(place.index), None) {
                Ok(worker) => place.worker = Some(worker),
                Err(why) => remote::unavailable(run, job, why),
            }
        }
        place.worker.as_mut()
    }

    /// Ends a worker from which nothing more comes.
    fn lose(&mut self) {
        if let Some(place) = &mut self.place {
            place.worker = None;
        }
    }
}

impl Drop for Held {
    fn drop(&mut self) {
        if let Some(place) = self.place.take() {
            self.isolation.workers().free.push(place);
            self.isolation.freed.notify_one();
        }
    }
}

/// A picture that a worker has opened.
pub(super) struct Isolated {
    held: Held,
    pub need: Need,
}

/// Has a worker open a job's source; `None` if that was its end.
pub(super) fn open(run: &Run, lane: Lane, job: &Job, meanwhile: &mut dyn FnMut()) -> Option<Isolated> {
    let mut held = run.isolation.place(run, lane, job, meanwhile)?;
    match held.worker(run, lane, job)?.open(run, lane, job) {
        Ok(need) => need.map(|need| Isolated { held, need }),
        Err(lost) => {
            end(run, job, &mut held, Stage::Read, lost);
            None
        }
    }
}

impl Isolated {
    /// Has the worker develop the picture; `None` if that was the job's end.
    pub fn develop(mut self, run: &Run, lane: Lane, job: &Job) -> Option<Developed> {
        let mut stage = Stage::Read;
        let worker = self.held.worker(run, lane, job)?;
        let developed = run.developing(|split| worker.develop(run, lane, job, self.need, split, &mut stage));
        developed.unwrap_or_else(|lost| {
            end(run, job, &mut self.held, stage, lost);
            None
        })
    }
}

fn end(run: &Run, job: &Job, held: &mut Held, stage: Stage, lost: Lost) {
    held.lose();
    remote::lost(run, job, stage, lost);
}
