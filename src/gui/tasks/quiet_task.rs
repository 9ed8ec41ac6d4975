//! Something that is measured, on a thread of its own: its messages, and frames that hardly disturb it.

use std::sync::Arc;
use std::thread::{self, JoinHandle};
use std::time::Duration;

use crossbeam_channel::{Receiver, Sender, TryRecvError, unbounded};
use egui::Context;

use crate::gui::tasks::quiet_frames::QuietFrames;

/// A thread that measures, and what it says.
#[derive(Debug)]
pub struct QuietTask<M> {
    frames: Arc<QuietFrames>,
    messages: Receiver<Sent<M>>,
    thread: Option<JoinHandle<()>>,
    /// The last message in case that the thread ends without one; taken once it has ended.
    lost: Option<M>,
}

#[derive(Debug)]
struct Sent<M> {
    message: M,
    is_last: bool,
}

/// What the thread speaks through.
#[derive(Debug)]
pub struct Speaker<M> {
    sender: Sender<Sent<M>>,
    frames: Arc<QuietFrames>,
    ctx: Context,
}

impl<M> Speaker<M> {
    /// Says something that is drawn with the next frame, whenever that is.
    pub fn say(&self, message: M) {
        // A window that is gone listens no more.
        let _ = self.sender.send(Sent { message, is_last: false });
    }

    /// Says something, and waits until it has been drawn.
    pub fn show(&self, message: M) {
        self.say(message);
        self.frames.draw(&self.ctx);
    }
}

impl<M: Send + 'static> QuietTask<M> {
    /// Runs `work` on a thread of this name. Its result is the last message, and `lost` is if it panics.
    ///
    /// # Errors
    /// If no thread can be started.
    pub fn start(
        ctx: &Context,
        name: &str,
        lost: M,
        work: impl FnOnce(&Speaker<M>) -> M + Send + 'static,
    ) -> std::io::Result<Self> {
        // Unbounded: a few short messages for each run, and a measurement must not wait for the window.
        let (sender, messages) = unbounded();
        let frames = Arc::new(QuietFrames::default());
        let speaker = Speaker { sender, frames: Arc::clone(&frames), ctx: ctx.clone() };
        let work = move || {
            let message = work(&speaker);
            let _ = speaker.sender.send(Sent { message, is_last: true });
            speaker.ctx.request_repaint();
        };
        let thread = thread::Builder::new().name(name.to_owned()).spawn(work)?;
        Ok(Self { frames, messages, thread: Some(thread), lost: Some(lost) })
    }

    /// The next message, if there is one.
    pub fn next(&mut self) -> Option<M> {
        match self.messages.try_recv() {
            Ok(Sent { message, is_last }) => {
                if is_last {
                    self.lost = None;
                }
                Some(message)
            }
            Err(TryRecvError::Disconnected) => self.lost.take(),
            Err(TryRecvError::Empty) => None,
        }
    }

    /// Time until the next frame while it goes on.
    pub fn frame_interval(&self) -> Duration {
        self.frames.interval()
    }

    /// Waits until its thread has ended and its folders are removed.
    pub fn wait(mut self) {
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn all(mut task: QuietTask<&'static str>) -> Vec<&'static str> {
        task.thread.take().map(JoinHandle::join);
        let heard = std::iter::from_fn(|| task.next()).collect();
        assert_eq!(task.next(), None, "nothing follows the last message");
        heard
    }

    #[test]
    fn the_last_message_comes_once_whether_the_thread_lives_or_not() {
        let ctx = Context::default();
        let well = QuietTask::start(&ctx, "well", "lost", |speaker| {
            speaker.say("begun");
            "done"
        });
        assert_eq!(all(well.unwrap()), ["begun", "done"]);
        let badly = QuietTask::start(&ctx, "badly", "lost", |speaker| {
            speaker.say("begun");
            std::panic::resume_unwind(Box::new("as if it had panicked"))
        });
        assert_eq!(all(badly.unwrap()), ["begun", "lost"]);
    }
}
