//! Searches for pictures on a background thread, so that a folder of 100,000 files does not stall the window.

use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering::Relaxed};
use std::thread;

use crossbeam_channel::{Receiver, Sender, bounded};

use crate::batch::{Asking, Discovered, LeftOut, Search, SourceEntry, discover};
use crate::gui::model::pictures::identity;
use crate::gui::text;
use crate::journal::KnownResults;

/// Findings sent together; few enough to appear at once, enough to cost little.
const CHUNK: usize = 256;

/// Something that was found.
#[derive(Debug)]
pub enum Finding {
    /// A picture file, and its [`identity`].
    File(SourceEntry, PathBuf),
    /// Something that cannot be read, with the reason.
    Problem(PathBuf, String),
    /// What was left out of a folder since it does not look like pictures.
    LeftOut(LeftOut),
    /// Something that was left out on purpose.
    Note(String),
}

/// A message of a search.
#[derive(Debug)]
pub enum DiscoveryEvent {
    /// Findings, in order.
    Found(Vec<Finding>),
    /// The search has ended.
    Ended,
}

/// Starts searches and collects what they find.
#[derive(Debug)]
pub struct Discovery {
    ctx: egui::Context,
    sender: Sender<DiscoveryEvent>,
    events: Receiver<DiscoveryEvent>,
    stop: Arc<AtomicBool>,
    asking: Asking,
}

impl Discovery {
    pub fn new(ctx: egui::Context) -> Self {
        // Bounded: if the window is slower than the disk, the search waits.
        let (sender, events) = bounded(8);
        Self { ctx, sender, events, stop: Arc::default(), asking: Asking::default() }
    }

    /// Searches `inputs`.
    ///
    /// # Errors
    /// If no thread can be started.
    pub fn start(&self, inputs: Vec<PathBuf>, search: Search) -> std::io::Result<()> {
        let (sender, stop, ctx) = (self.sender.clone(), Arc::clone(&self.stop), self.ctx.clone());
        let search = Search { asking: self.asking.clone(), ..search };
        let walk = move || {
            let mut chunk = Vec::with_capacity(CHUNK);
            let send = |event| {
                let sent = sender.send(event).is_ok();
                ctx.request_repaint();
                sent && !stop.load(Relaxed)
            };
            let mut first = true;
            let mut known = KnownResults::default();
            let mut results = 0;
            discover(&inputs, &search, |found| {
                chunk.push(match found {
                    // What was given itself is wanted, whatever it is.
                    Discovered::Source(entry) if entry.root.is_some() && known.contains(entry.source.name()) => {
                        results += 1;
                        return !stop.load(Relaxed);
                    }
                    Discovered::Source(entry) => {
                        let identity = identity(entry.source.name());
                        Finding::File(entry, identity)
                    }
                    Discovered::Problem { path, reason } => Finding::Problem(path, reason),
                    Discovered::LeftOut(left_out) => Finding::LeftOut(left_out),
                    Discovered::Note(note) => Finding::Note(note),
                });
                // The first finding is shown at once.
                if chunk.len() < CHUNK && !first {
                    return !stop.load(Relaxed);
                }
                first = false;
                send(DiscoveryEvent::Found(std::mem::take(&mut chunk)))
            });
            if results > 0 {
                let (are, them) = if results == 1 { ("is the result", "it") } else { ("are results", "them") };
                let files = text::plural(results, "file");
                chunk.push(Finding::Note(format!(
                    "{files} left out that {are} of earlier runs; drop {them} alone to add {them}"
                )));
            }
            send(DiscoveryEvent::Found(chunk));
            send(DiscoveryEvent::Ended);
        };
        thread::Builder::new().name("lightloom-discover".to_owned()).spawn(walk).map(drop)
    }

    /// The folder that does not answer, if there is one.
    pub fn unanswered(&self) -> Option<PathBuf> {
        self.asking.unanswered(Asking::PATIENCE)
    }

    /// The next message, if there is one.
    pub fn next(&self) -> Option<DiscoveryEvent> {
        self.events.try_recv().ok()
    }

    /// Whether messages are waiting.
    pub fn has_events(&self) -> bool {
        !self.events.is_empty()
    }

    /// Stops all searches; messages that they still send are ignored.
    pub fn cancel(&mut self) {
        self.stop.store(true, Relaxed);
        *self = Self::new(self.ctx.clone());
    }
}
