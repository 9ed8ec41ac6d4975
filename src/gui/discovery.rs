//! Finds pictures on a background thread, so that a folder of 100,000 files does not stall the window.

use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering::Relaxed};
use std::thread;

use crossbeam_channel::{Receiver, Sender, bounded};

use super::pictures::identity;
use crate::batch::{Found, SourceFile, discover};

/// Findings that travel together; small enough to appear at once, large enough to cost little.
const CHUNK: usize = 256;

/// Something that was found.
#[derive(Debug)]
pub enum Item {
    /// A picture file, and what tells two spellings of it.
    File(SourceFile, PathBuf),
    /// Something that cannot be read, with the reason.
    Problem(PathBuf, String),
    /// Something that was left out on purpose.
    Note(String),
}

/// A message of a discovery.
#[derive(Debug)]
pub enum News {
    /// Findings in order.
    Found(Vec<Item>),
    /// The discovery is over.
    Over,
}

/// Starts discoveries and collects what they find.
#[derive(Debug)]
pub struct Discovery {
    ctx: egui::Context,
    sender: Sender<News>,
    news: Receiver<News>,
    stop: Arc<AtomicBool>,
}

impl Discovery {
    /// Nothing is under way yet.
    pub fn new(ctx: egui::Context) -> Self {
        // Bounded: where the window is slower than the disk, the discovery waits.
        let (sender, news) = bounded(8);
        Self { ctx, sender, news, stop: Arc::default() }
    }

    /// Begins to walk `inputs`; `output` is left out.
    ///
    /// # Errors
    /// If the machine gives no thread.
    pub fn start(&self, inputs: Vec<PathBuf>, output: Option<PathBuf>) -> std::io::Result<()> {
        let (sender, stop, ctx) = (self.sender.clone(), Arc::clone(&self.stop), self.ctx.clone());
        let walk = move || {
            let mut chunk = Vec::with_capacity(CHUNK);
            let send = |news| {
                let sent = sender.send(news).is_ok();
                ctx.request_repaint();
                sent && !stop.load(Relaxed)
            };
            let mut first = true;
            discover(&inputs, output.as_deref(), |found| {
                chunk.push(match found {
                    Found::File(file) => {
                        let identity = identity(&file.path);
                        Item::File(file, identity)
                    }
                    Found::Problem { path, reason } => Item::Problem(path, reason),
                    Found::Note(note) => Item::Note(note),
                });
                // The first finding is shown at once.
                if chunk.len() < CHUNK && !first {
                    return !stop.load(Relaxed);
                }
                first = false;
                send(News::Found(std::mem::take(&mut chunk)))
            });
            send(News::Found(chunk));
            send(News::Over);
        };
        thread::Builder::new().name("lightloom-discover".to_owned()).spawn(walk).map(drop)
    }

    /// The next message, if there is one.
    pub fn next(&self) -> Option<News> {
        self.news.try_recv().ok()
    }

    /// Whether messages wait.
    pub fn has_news(&self) -> bool {
        !self.news.is_empty()
    }

    /// Ends all discoveries under way; what they still say is not heard.
    pub fn cancel(&mut self) {
        self.stop.store(true, Relaxed);
        *self = Self::new(self.ctx.clone());
    }
}
