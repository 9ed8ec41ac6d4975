//! The handle of watched folders that a front end holds.

use std::fmt;
use std::sync::atomic::{AtomicUsize, Ordering::Relaxed};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::{self, JoinHandle};

use crossbeam_channel::{Receiver, Sender, unbounded};

use super::inbox::Inbox;
use super::watcher::Watcher;
use super::{WatchError, WatchRequest};
use lightloom_batch::{Control, ImageReport, Outcome};
use lightloom_journal::{Series, Store, Watched};

/// Something that happened.
#[derive(Debug, Clone, PartialEq)]
pub enum WatchEvent {
    /// A picture has an outcome.
    Picture(Box<ImageReport>),
    /// Something should be known, in one sentence.
    Note(String),
    /// Something goes wrong, in one sentence.
    Problem(String),
}

/// How many pictures have which outcome since the watch began.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct WatchCounts {
    pub done: usize,
    pub partial: usize,
    pub failed: usize,
    pub skipped: usize,
    /// Files that were met and are not whole yet.
    pub waiting: usize,
}

/// What the watching thread shares with its handle.
pub(crate) struct Shared {
    pub inbox: Arc<Inbox>,
    /// Steers the batch under way.
    pub batch: Mutex<Option<Arc<Control>>>,
    pub waiting: AtomicUsize,
    outcomes: [AtomicUsize; 4],
    events: Sender<WatchEvent>,
    wake: Box<dyn Fn() + Send + Sync>,
}

impl Shared {
    /// Reports something. Returns at once.
    pub fn report(&self, event: WatchEvent) {
        if let WatchEvent::Picture(report) = &event
            && let Some(place) = place(report.outcome)
        {
            self.outcomes[place].fetch_add(1, Relaxed);
        }
        // Nobody may be listening any more.
        let _ = self.events.send(event);
        (self.wake)();
    }

    /// Counts a picture that had finished and failed after all.
    pub fn lose(&self, before: Outcome) {
        if let Some(place) = place(before) {
            let _ = self.outcomes[place].fetch_update(Relaxed, Relaxed, |count| count.checked_sub(1));
        }
    }

    fn stop(&self) {
        self.inbox.stop();
        if let Some(control) = &*self.batch.lock().unwrap_or_else(PoisonError::into_inner) {
            control.stop();
        }
    }
}

const fn place(outcome: Outcome) -> Option<usize> {
    match outcome {
        Outcome::Done => Some(0),
        Outcome::Partial => Some(1),
        Outcome::Failed => Some(2),
        Outcome::Skipped => Some(3),
        Outcome::Stopped => None,
    }
}

/// Folders that are being watched.
pub struct Watching {
    shared: Arc<Shared>,
    events: Receiver<WatchEvent>,
    run: String,
    thread: JoinHandle<()>,
}

/// Stops a watch from another thread.
#[derive(Clone)]
pub struct Stopper(Arc<Shared>);

impl Stopper {
    /// Stops it: pictures in work are dropped, and are taken up by the next watch. Returns at once.
    pub fn stop(&self) {
        self.0.stop();
    }

    /// Whether it has been stopped.
    pub fn is_stopped(&self) -> bool {
        self.0.inbox.is_stopped()
    }
}

/// Begins to watch. Whenever something has happened `wake` is called, on any thread; it must be quick and must not wait.
///
/// # Errors
/// If the folders cannot be watched, or the journal cannot be written or is another program's.
pub fn watch(
    request: WatchRequest,
    store: &Store,
    wake: impl Fn() + Send + Sync + 'static,
) -> Result<Watching, WatchError> {
    let folders = request.checked_folders()?;
    let watched =
        Watched { folders: &folders, recipe: &request.recipe, output: &request.output, settings: &request.settings };
    let series = Series::open(store, &watched)?;
    let run = series.run().to_owned();
    let (sender, events) = unbounded();
    let shared = Arc::new(Shared {
        inbox: Arc::default(),
        batch: Mutex::default(),
        waiting: AtomicUsize::new(0),
        outcomes: Default::default(),
        events: sender,
        wake: Box::new(wake),
    });
    let watcher = Watcher::new(request, folders, series, Arc::clone(&shared));
    let thread = thread::Builder::new().name("lightloom-watch".to_owned()).spawn(move || watcher.run());
    let thread = thread.map_err(|e| WatchError::NoThread(e.to_string()))?;
    Ok(Watching { shared, events, run, thread })
}

impl Watching {
    /// What has happened, in order.
    pub const fn events(&self) -> &Receiver<WatchEvent> {
        &self.events
    }

    /// Name of the run in whose journal everything is.
    pub fn run(&self) -> &str {
        &self.run
    }

    pub fn counts(&self) -> WatchCounts {
        let [done, partial, failed, skipped] = [0, 1, 2, 3].map(|place| self.shared.outcomes[place].load(Relaxed));
        WatchCounts { done, partial, failed, skipped, waiting: self.shared.waiting.load(Relaxed) }
    }

    /// What stops it.
    pub fn stopper(&self) -> Stopper {
        Stopper(Arc::clone(&self.shared))
    }

    /// Whether it has come to its end.
    pub fn is_finished(&self) -> bool {
        self.thread.is_finished()
    }
}

impl fmt::Debug for Watching {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Watching").field("run", &self.run).field("counts", &self.counts()).finish_non_exhaustive()
    }
}

impl fmt::Debug for Stopper {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Stopper").field(&self.is_stopped()).finish()
    }
}
