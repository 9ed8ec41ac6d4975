//! How many pictures may be between their reading and their writing: each holds a file in memory, which has to be fresh
//! for the first of them, so there should be no more than keep every core busy.
//!
//! How many those are shows in the run: a core that finds nothing waiting for it asks for one more, up to as many as keep
//! every core busy while every I/O thread waits; where more wait than there are cores, there will be one fewer.

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
}

impl Slots {
    /// For a run, with what is received for each slot that is free.
    pub fn new(settings: &Settings) -> (Arc<Self>, Receiver<()>) {
        let most = settings.queue_slots();
        let cores = settings.cores.max(1);
        // A number that a person gave stands.
        let at_first = |wanted: usize| if settings.queue.is_some() { most } else { wanted.min(most) };
        let (least, slots) = (at_first(cores + 1), at_first(settings.io_threads.max(cores + 1)));
        let (free, receiver) = bounded(most);
        let state = Mutex::new(State { slots, ready: 0 });
        let all = Arc::new(Self { free, least, most, cores, state });
        (0..slots).for_each(|_| all.send());
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
        self.lock().ready -= 1;
    }

    /// A core has done its work, and looks for the next picture.
    pub fn look_for_next(&self) {
        let mut state = self.lock();
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
        assert_eq!(free.len(), 4);
        (0..9).for_each(|_| slots.look_for_next());
        assert_eq!((free.len(), settings.queue_slots()), (8, 8), "no more than the most");
        let mut taken: Vec<_> = free.try_iter().map(|()| slots.taken()).collect();
        (0..3).for_each(|_| slots.add_ready());
        slots.look_for_next();
        taken.drain(..).for_each(drop);
        assert_eq!(free.len(), 3, "one for each core and one more");
        slots.take_ready();
        slots.look_for_next();
        assert_eq!(free.len(), 3, "something waits");
        let one = free.recv().map(|()| slots.taken()).unwrap();
        drop(one);
        assert_eq!(free.len(), 3);
    }

    #[test]
    fn a_number_that_a_person_gave_stands() {
        let settings = Settings { io_threads: 4, cores: 2, queue: Some(1), ..Settings::default() };
        let (slots, free) = slots(&settings);
        slots.look_for_next();
        assert_eq!(free.len(), 1);
        (0..5).for_each(|_| slots.add_ready());
        drop(free.recv().map(|()| slots.taken()));
        assert_eq!(free.len(), 1);
    }
}
