//! How many pictures may be between their reading and their writing: each holds a file in memory, which has to be fresh
//! for the first of them, so there should be no more than keep every core busy.
//!
//! How many those are shows in the run: a core that finds nothing waiting for it asks for one more, and so does an I/O
//! thread that waits while a core does; up to as many as keep every core busy while every I/O thread waits. Where more wait
//! than there are cores, there will be one fewer.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use crossbeam_channel::{Receiver, Sender, bounded};

use crate::Settings;

/// The slots of a run.
pub(super) struct Slots {
    free: Sender<()>,
    least: usize,
    most: usize,
    cores: usize,
    state: Mutex<State>,
}

struct State {
    /// Slots that there are, free or taken.
    slots: usize,
    /// Pictures that have been read and wait for a core.
    ready: usize,
    /// Pictures that a core is at.
    at_work: usize,
}

impl Slots {
    /// For a run, with what is received for each slot that is free.
    pub fn new(settings: &Settings) -> (Arc<Self>, Receiver<()>) {
        let most = settings.queue_slots();
        let cores = settings.cores.max(1);
        // A number that a person gave stands.
        let at_first = |wanted: usize| if settings.queue.is_some() { most } else { wanted.min(most) };
        let least = at_first(cores + 1);
        let (free, receiver) = bounded(most);
        let state = Mutex::new(State { slots: least, ready: 0, at_work: 0 });
        let all = Arc::new(Self { free, least, most, cores, state });
        (0..least).for_each(|_| all.send());
        (all, receiver)
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// There is room for every slot; after the run nobody asks for one.
    fn send(&self) {
        let _ = self.free.send(());
    }

    /// The slot that was received.
    pub fn taken(self: &Arc<Self>) -> Slot {
        Slot(Arc::clone(self))
    }

    /// A picture has been read and waits for a core.
    pub fn add_ready(&self) {
        self.lock().ready += 1;
    }

    /// A core begins with a picture that has been read.
    pub fn take_ready(&self) {
        let mut state = self.lock();
        state.ready -= 1;
        state.at_work += 1;
    }

    /// A core has done its work, and looks for the next picture.
    pub fn look_for_next(&self) {
        let mut state = self.lock();
        state.at_work -= 1;
        self.ask_for_more(&mut state);
    }

    /// An I/O thread has waited for a slot for a while.
    pub fn wait_for_slot(&self) {
        let mut state = self.lock();
        if state.at_work < self.cores {
            self.ask_for_more(&mut state);
        }
    }

    fn ask_for_more(&self, state: &mut State) {
        if state.ready == 0 && state.slots < self.most {
            state.slots += 1;
            self.send();
        }
    }

    fn give_back(&self) {
        let mut state = self.lock();
        if state.ready > self.cores && state.slots > self.least {
            state.slots -= 1;
        } else {
            self.send();
        }
    }
}

/// A slot that is taken; free again when dropped.
pub(super) struct Slot(Arc<Slots>);

impl Drop for Slot {
    fn drop(&mut self) {
        self.0.give_back();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn slots(settings: &Settings) -> (Arc<Slots>, Receiver<()>) {
        let (slots, free) = Slots::new(settings);
        assert_eq!(free.len(), slots.lock().slots);
        (slots, free)
    }

    #[test]
    fn cores_that_find_nothing_get_more_slots_and_pictures_that_wait_in_vain_fewer() {
        let settings = Settings { io_threads: 4, cores: 2, queue: None, ..Settings::default() };
        let (slots, free) = slots(&settings);
        assert_eq!(free.len(), 3, "one for each core and one more");
        let mut taken: Vec<_> = free.try_iter().map(|()| slots.taken()).collect();
        for _ in 0..9 {
            slots.add_ready();
            slots.take_ready();
            slots.look_for_next();
        }
        assert_eq!((free.len() + taken.len(), settings.queue_slots()), (8, 8), "no more than the most");
        taken.extend(free.try_iter().map(|()| slots.taken()));
        (0..3).for_each(|_| slots.add_ready());
        taken.drain(..).for_each(drop);
        assert_eq!(free.len(), 3, "one for each core and one more");
        slots.take_ready();
        slots.look_for_next();
        assert_eq!(free.len(), 3, "something waits");
        drop(free.recv().map(|()| slots.taken()));
        assert_eq!(free.len(), 3);
    }

    #[test]
    fn threads_that_wait_for_a_slow_source_get_more_slots_as_long_as_cores_have_nothing_to_do() {
        let settings = Settings { io_threads: 32, cores: 2, queue: None, ..Settings::default() };
        let (slots, free) = slots(&settings);
        (0..99).for_each(|_| slots.wait_for_slot());
        assert_eq!(free.len(), settings.queue_slots());
        let settings = Settings { io_threads: 4, ..settings };
        let (slots, free) = self::slots(&settings);
        slots.add_ready();
        slots.wait_for_slot();
        assert_eq!(free.len(), 3, "something waits");
        slots.add_ready();
        (0..2).for_each(|_| slots.take_ready());
        slots.wait_for_slot();
        assert_eq!(free.len(), 3, "every core is at work");
    }

    #[test]
    fn a_number_that_a_person_gave_stands() {
        let settings = Settings { io_threads: 4, cores: 2, queue: Some(1), ..Settings::default() };
        let (slots, free) = slots(&settings);
        slots.wait_for_slot();
        assert_eq!(free.len(), 1);
        (0..5).for_each(|_| slots.add_ready());
        drop(free.recv().map(|()| slots.taken()));
        assert_eq!(free.len(), 1);
    }
}
