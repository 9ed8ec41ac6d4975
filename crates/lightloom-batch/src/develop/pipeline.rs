//! Steps that work at once on different rows of one picture: while the decoder is at some, filters are at those above and
//! the encoder at those above them.
//!
//! Every step has a queue. Whoever has a core works off whatever queue has something to do: the decoder's thread when it is
//! too far ahead, and other workers of the pool, who come when there is something and leave when there is nothing. None of
//! them waits for rows, so that no worker is kept from other pictures.
//!
//! Only who pushes the decoder's rows ever waits for a step. That must be no thread that the step waits for, or both wait
//! forever: a step that spreads its rows waits for any worker, so it goes with a decoder that stays on its own thread.

use std::cell::Cell;
use std::collections::VecDeque;
use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};

use rayon::Scope;

use super::Beside;
use super::flow::{Step, Take};
use crate::Activity;
use crate::cause::StageError;
use lightloom_filter::Stopped;
use lightloom_picture::catch_panic;

/// Strips that may wait for a step, so that an uneven pace of those before and after it costs nothing.
const DEPTH: usize = 4;

/// Bytes of a strip, at least, but for the last: enough to make the way through a queue cheap.
const STRIP_BYTES: usize = 192 << 10;

pub(super) struct Pipeline<'s, E> {
    state: Mutex<State<'s, E>>,
    /// Told of each strip that has gone through a step or come out of one.
    changed: Condvar,
    most_helpers: usize,
    beside: Beside<'s>,
}

struct State<'s, E> {
    queues: Vec<Queue<'s, E>>,
    /// Workers beside the decoder's thread.
    helpers: usize,
    /// Memory of strips that have passed.
    spare: Vec<Vec<u8>>,
    /// Why nothing is done any more.
    ended: Option<Ended<E>>,
}

enum Ended<E> {
    Failed(E),
    Panicked,
    /// Whoever decodes wants no more of it.
    GivenUp,
}

struct Queue<'s, E> {
    /// Absent while it is at work.
    step: Option<Step<'s, E>>,
    strips: VecDeque<Vec<u8>>,
}

/// A strip and the step that it goes through.
struct Task<'s, E> {
    index: usize,
    step: Step<'s, E>,
    strip: Vec<u8>,
}

thread_local! {
    /// Whether this thread is in the middle of a step: one that spreads its rows may find itself with another meanwhile.
    static IN_STEP: Cell<bool> = const { Cell::new(false) };
}

impl<'s, E: Send + 's> Pipeline<'s, E> {
    pub fn new(steps: Vec<Step<'s, E>>, beside: Beside<'s>) -> Self {
        let most_helpers = steps.len().min(rayon::current_num_threads().saturating_sub(1));
        let queues = steps.into_iter().map(|step| Queue { step: Some(step), strips: VecDeque::new() }).collect();
        let state = State { queues, helpers: 0, spare: Vec::new(), ended: None };
        Self { state: Mutex::new(state), changed: Condvar::new(), most_helpers, beside }
    }

    /// As [`flow`](super::flow::flow).
    pub fn run(self, decode: impl FnOnce(Take<'_>) -> Result<bool, StageError>) -> Result<Result<bool, StageError>, E> {
        let is_whole = rayon::in_place_scope(|scope| {
            let mut strip = Vec::new();
            let is_whole = decode(&mut |rows| {
                strip.extend_from_slice(rows);
                if strip.len() < STRIP_BYTES { Ok(()) } else { self.push(&mut strip, scope) }
            });
            if matches!(is_whole, Ok(true)) && (strip.is_empty() || self.push(&mut strip, scope).is_ok()) {
                self.finish(scope);
            } else {
                self.give_up();
            }
            is_whole
        });
        match self.state.into_inner().unwrap_or_else(PoisonError::into_inner).ended {
            Some(Ended::Failed(error)) => Err(error),
            Some(Ended::Panicked) => Ok(is_whole.map(|_| false)),
            Some(Ended::GivenUp) | None => Ok(is_whole),
        }
    }

    fn lock(&self) -> MutexGuard<'_, State<'s, E>> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Waits for others. That is no part of what the thread does otherwise.
    fn wait<'l>(&'l self, state: MutexGuard<'l, State<'s, E>>) -> MutexGuard<'l, State<'s, E>> {
        let _waiting = (self.beside)(Activity::WaitQueue);
        self.changed.wait(state).unwrap_or_else(PoisonError::into_inner)
    }

    /// Takes the decoder's next strip and leaves an empty one; works on others while there is no room for it.
    fn push<'scope>(&'scope self, strip: &mut Vec<u8>, scope: &Scope<'scope>) -> Result<(), Stopped>
    where
        's: 'scope,
    {
        let mut state = self.lock();
        while state.ended.is_none() && !state.has_room(0) {
            match state.next() {
                Some(task) => {
                    drop(state);
                    self.work(task, scope);
                    state = self.lock();
                }
                None => state = self.wait(state),
            }
        }
        if state.ended.is_some() {
            return Err(Stopped);
        }
        let empty = state.empty();
        state.queues[0].strips.push_back(std::mem::replace(strip, empty));
        self.call_helper(&mut state, scope);
        Ok(())
    }

    /// Works until every strip has gone through all steps, or one has failed.
    fn finish<'scope>(&'scope self, scope: &Scope<'scope>)
    where
        's: 'scope,
    {
        let mut state = self.lock();
        while state.ended.is_none() && !state.is_idle() {
            state = match state.next() {
                Some(task) => {
                    drop(state);
                    self.work(task, scope);
                    self.lock()
                }
                None => self.wait(state),
            };
        }
    }

    /// Whatever is left is not wanted, and neither is what comes of strips that are in the middle of a step.
    fn give_up(&self) {
        self.lock().ended.get_or_insert(Ended::GivenUp);
    }

    fn call_helper<'scope>(&'scope self, state: &mut State<'s, E>, scope: &Scope<'scope>)
    where
        's: 'scope,
    {
        if state.helpers < self.most_helpers && state.ready().is_some() {
            state.helpers += 1;
            scope.spawn(|scope| self.help(scope));
        }
    }

    /// Works as long as there is something to do.
    fn help<'scope>(&'scope self, scope: &Scope<'scope>)
    where
        's: 'scope,
    {
        let mut state = self.lock();
        while let Some(task) = state.next() {
            drop(state);
            self.work(task, scope);
            state = self.lock();
        }
        state.helpers -= 1;
    }

    fn work<'scope>(&'scope self, task: Task<'s, E>, scope: &Scope<'scope>)
    where
        's: 'scope,
    {
        let Task { index, mut step, mut strip } = task;
        let was_in_step = IN_STEP.replace(true);
        // What it does in between is part of the step.
        let span = if was_in_step { None } else { (self.beside)(step.stage.into()) };
        let mut result = self.lock().empty();
        let done = catch_panic(|| {
            (step.push)(&mut strip, &mut |rows| {
                result.extend_from_slice(rows);
                if result.len() >= STRIP_BYTES {
                    let mut state = self.lock();
                    let empty = state.empty();
                    state.queues[index + 1].strips.push_back(std::mem::replace(&mut result, empty));
                    self.call_helper(&mut state, scope);
                    self.changed.notify_all();
                }
                Ok(())
            })
        });
        drop(span);
        IN_STEP.set(was_in_step);
        let mut state = self.lock();
        let ended = match done {
            Ok(Ok(())) => None,
            Ok(Err(error)) => Some(Ended::Failed(error)),
            Err(_) => Some(Ended::Panicked),
        };
        // The first reason counts.
        state.ended = state.ended.take().or(ended);
        strip.clear();
        state.spare.push(strip);
        if result.is_empty() {
            state.spare.push(result);
        } else {
            state.queues[index + 1].strips.push_back(result);
        }
        state.queues[index].step = Some(step);
        self.call_helper(&mut state, scope);
        self.changed.notify_all();
    }
}

impl<'s, E> State<'s, E> {
    fn has_room(&self, index: usize) -> bool {
        self.queues.get(index).is_none_or(|queue| queue.strips.len() < DEPTH)
    }

    /// The step nearest to the end that can go on.
    fn ready(&self) -> Option<usize> {
        let can_go_on = |(index, queue): (usize, &Queue<'_, E>)| {
            (queue.step.is_some() && !queue.strips.is_empty() && self.has_room(index + 1)).then_some(index)
        };
        self.queues.iter().enumerate().rev().find_map(can_go_on).filter(|_| self.ended.is_none())
    }

    fn next(&mut self) -> Option<Task<'s, E>> {
        let index = self.ready()?;
        let queue = &mut self.queues[index];
        let strip = queue.strips.pop_front()?;
        Some(Task { index, step: queue.step.take()?, strip })
    }

    /// An empty strip.
    fn empty(&mut self) -> Vec<u8> {
        self.spare.pop().unwrap_or_default()
    }

    fn is_idle(&self) -> bool {
        self.queues.iter().all(|queue| queue.step.is_some() && queue.strips.is_empty())
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering::SeqCst};
    use std::thread;
    use std::time::{Duration, Instant};

    use super::*;
    use crate::Stage;
    use lightloom_recipe::RowSink;

    fn in_pool(work: impl FnOnce() + Send) {
        rayon::ThreadPoolBuilder::new().num_threads(2).build().unwrap().install(work);
    }

    #[test]
    fn a_decoder_that_is_too_far_ahead_waits_and_does_not_decode() {
        in_pool(|| {
            let (waits, decoder, begun) = (AtomicUsize::new(0), thread::current().id(), Instant::now());
            let is_over = || waits.load(SeqCst) > 0 || begun.elapsed() > Duration::from_secs(30);
            // Another thread is at a strip until the decoder waits for it.
            let push = |_: &mut [u8], _: RowSink<'_, ()>| {
                while thread::current().id() != decoder && !is_over() {
                    thread::yield_now();
                }
                Ok(())
            };
            let count = |activity| {
                waits.fetch_add(usize::from(activity == Activity::WaitQueue), SeqCst);
                None
            };
            let steps = vec![Step { stage: Stage::Encode, push: Box::new(push) }];
            let is_whole = Pipeline::new(steps, Box::new(count)).run(|take| {
                while !is_over() {
                    take(&mut vec![0; STRIP_BYTES]).unwrap();
                }
                Ok(true)
            });
            assert!(matches!(is_whole, Ok(Ok(true))));
            assert!(waits.load(SeqCst) > 0, "the wait is an activity of its own");
        });
    }

    #[test]
    fn nothing_is_made_of_what_is_left_of_a_picture_that_is_given_up() {
        in_pool(|| {
            let passed = AtomicBool::new(false);
            let push = |_: &mut [u8], _: RowSink<'_, ()>| {
                passed.store(true, SeqCst);
                Ok(())
            };
            let steps = vec![Step { stage: Stage::Encode, push: Box::new(push) }];
            let pipeline = Pipeline::new(steps, Box::new(|_| None));
            pipeline.give_up();
            // What a step hands on that was in the middle of a strip.
            pipeline.lock().queues[0].strips.push_back(vec![0; STRIP_BYTES]);
            pipeline.lock().helpers += 1;
            rayon::in_place_scope(|scope| pipeline.help(scope));
            assert!(!passed.load(SeqCst));
        });
    }
}
