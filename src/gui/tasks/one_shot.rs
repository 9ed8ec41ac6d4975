//! A single value that is computed on a thread of its own.

use std::thread;

use crossbeam_channel::{Receiver, bounded};
use egui::Context;

/// A value on its way to the window.
#[derive(Debug)]
pub struct OneShot<T>(Receiver<T>);

impl<T: Send + 'static> OneShot<T> {
    /// Computes a value on a thread called `name`; `None` if no thread can be started.
    pub fn spawn(ctx: &Context, name: &str, compute: impl FnOnce() -> T + Send + 'static) -> Option<Self> {
        let (sender, receiver) = bounded(1);
        let ctx = ctx.clone();
        let run = move || {
            let _ = sender.send(compute());
            ctx.request_repaint();
        };
        thread::Builder::new().name(name.to_owned()).spawn(run).ok()?;
        Some(Self(receiver))
    }

    /// Takes the value out of `slot` once it is there, and empties the slot.
    pub fn take(slot: &mut Option<Self>) -> Option<T> {
        let value = slot.as_ref()?.0.try_recv().ok()?;
        *slot = None;
        Some(value)
    }

    /// Waits for the value; `None` if its thread is gone.
    pub fn wait(self) -> Option<T> {
        self.0.recv().ok()
    }
}
