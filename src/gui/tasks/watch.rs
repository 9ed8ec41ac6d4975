//! Watches a folder in the background.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering::Relaxed};
use std::time::{Duration, Instant};

use egui::Context;

use crate::gui::tasks::one_shot::OneShot;
use crate::journal::Store;
use crate::watch::{WatchCounts, WatchEvent, WatchRequest, Watching, watch};

/// Events that are taken per frame.
const EVENTS_PER_FRAME: usize = 1000;

/// How soon the window shows what has happened.
const REPAINT: Duration = Duration::from_millis(100);

/// How long the end of the program waits for a disk that does not answer.
const PATIENCE: Duration = Duration::from_secs(1);

/// Watches a folder in the background.
#[derive(Debug)]
pub struct WatchTask {
    journals: Result<Store, String>,
    starting: Option<OneShot<Result<Watching, String>>>,
    watching: Option<Watching>,
    /// Set while a repaint is due, so that only one is requested per frame.
    repaint_due: Arc<AtomicBool>,
}

impl WatchTask {
    pub fn new(journals: Result<Store, String>) -> Self {
        Self { journals, starting: None, watching: None, repaint_due: Arc::default() }
    }

    /// Begins to watch.
    ///
    /// # Errors
    /// If there is no place for journals, or no thread can be started.
    pub fn start(&mut self, ctx: &Context, request: WatchRequest) -> Result<(), String> {
        let store = self.journals.clone()?;
        let (repaint, due) = (ctx.clone(), Arc::clone(&self.repaint_due));
        let wake = move || {
            if !due.swap(true, Relaxed) {
                repaint.request_repaint_after(REPAINT);
            }
        };
        let start = move || watch(request, &store, wake).map_err(|error| error.to_string());
        self.starting = OneShot::spawn(ctx, "lightloom-watch-start", start);
        self.starting.as_ref().map(|_| ()).ok_or_else(|| "no thread can be started".to_owned())
    }

    /// Whether it has begun, once that is known, or why it cannot.
    pub fn begun(&mut self) -> Option<Result<(), String>> {
        Some(OneShot::take(&mut self.starting)?.map(|watching| self.watching = Some(watching)))
    }

    /// Stops it; it ends soon.
    pub fn stop(&self) {
        if let Some(watching) = &self.watching {
            watching.stopper().stop();
        }
    }

    /// What has happened, as much as fits into a frame.
    pub fn events(&self) -> Vec<WatchEvent> {
        self.repaint_due.store(false, Relaxed);
        let events = self.watching.as_ref().map(|watching| watching.events().try_iter().take(EVENTS_PER_FRAME));
        events.into_iter().flatten().collect()
    }

    pub fn counts(&self) -> Option<WatchCounts> {
        self.watching.as_ref().map(Watching::counts)
    }

    /// Whether it has come to its end; then it is forgotten.
    pub fn has_ended(&mut self) -> bool {
        let ended = self.watching.take_if(|watching| watching.is_finished() && watching.events().is_empty());
        ended.is_some()
    }

    /// Stops it and waits for its end, if the disks answer.
    pub fn end(&mut self) {
        self.stop();
        let began = Instant::now();
        while self.watching.as_ref().is_some_and(|watching| !watching.is_finished()) && began.elapsed() < PATIENCE {
            std::thread::sleep(Duration::from_millis(5));
        }
        self.watching = None;
    }
}
