//! The thread of the preview. The newest request is the next to be rendered; one that is only newer than the quick look
//! in progress lets it finish, so that looks appear however fast requests come, and exact results give way at once.

use std::sync::atomic::{AtomicU64, Ordering::SeqCst};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::thread;
use std::time::Duration;

use crossbeam_channel::{Receiver, Sender, unbounded};
use egui::Context;

use crate::batch::Decoders;
use crate::gui::tasks::preview::render::{Failure, RenderCache, Stops, render};
use crate::gui::tasks::preview::request::{PreviewEvent, Request};

/// How long after a request what is kept of exact results is dropped.
const BUSY: Duration = Duration::from_secs(10);

/// Where the window leaves its request.
#[derive(Default)]
struct Slot {
    generation: u64,
    request: Option<Request>,
    /// Id of the picture that was requested last.
    picture: Option<u64>,
    /// Whether the thread is to end.
    ended: bool,
}

#[derive(Default)]
struct Shared {
    slot: Mutex<Slot>,
    changed: Condvar,
    /// The newest request.
    generation: AtomicU64,
    /// Counts how often another picture was requested.
    pictures: AtomicU64,
}

impl Shared {
    fn lock(&self) -> MutexGuard<'_, Slot> {
        self.slot.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The next request and its number; `None` at the end. A cache that holds much comes to rest meanwhile.
    fn next(&self, cache: &mut RenderCache) -> Option<(u64, Request)> {
        let mut slot = self.lock();
        loop {
            if slot.ended {
                return None;
            }
            if let Some(request) = slot.request.take() {
                return Some((slot.generation, request));
            }
            if cache.holds_much() {
                let waited = self.changed.wait_timeout(slot, BUSY).unwrap_or_else(PoisonError::into_inner);
                slot = waited.0;
                if waited.1.timed_out() {
                    cache.rest();
                }
            } else {
                slot = self.changed.wait(slot).unwrap_or_else(PoisonError::into_inner);
            }
        }
    }
}

/// The window's side of the thread.
pub struct PreviewRenderer {
    shared: Arc<Shared>,
    events: Receiver<PreviewEvent>,
}

impl PreviewRenderer {
    /// Starts the thread; pictures of isolated formats are decoded by `decoders`.
    pub fn new(ctx: &Context, decoders: Decoders) -> Self {
        let shared = Arc::new(Shared::default());
        // Unbounded, and yet small: at most six messages follow a request, and the next waits for this one.
        let (sender, events) = unbounded();
        let (theirs, ctx) = (Arc::clone(&shared), ctx.clone());
        // If no thread can be started there is no preview; everything else works.
        let _ = thread::Builder::new()
            .name("lightloom-preview".to_owned())
            .spawn(move || serve(&theirs, &sender, &ctx, decoders));
        Self { shared, events }
    }

    /// Requests a picture instead of the one requested before; returns the number of the request.
    pub fn request(&self, request: Option<Request>) -> u64 {
        let generation = self.shared.generation.fetch_add(1, SeqCst) + 1;
        let mut slot = self.shared.lock();
        let picture = request.as_ref().map(|request| request.id);
        if slot.picture != picture {
            slot.picture = picture;
            self.shared.pictures.fetch_add(1, SeqCst);
        }
        (slot.generation, slot.request) = (generation, request);
        drop(slot);
        self.shared.changed.notify_all();
        generation
    }

    /// The next message, if there is one.
    pub fn next(&self) -> Option<PreviewEvent> {
        self.events.try_recv().ok()
    }
}

impl Drop for PreviewRenderer {
    fn drop(&mut self) {
        self.shared.lock().ended = true;
        self.shared.generation.fetch_add(1, SeqCst);
        self.shared.pictures.fetch_add(1, SeqCst);
        self.shared.changed.notify_all();
    }
}

fn serve(shared: &Shared, sender: &Sender<PreviewEvent>, ctx: &Context, decoders: Decoders) {
    let mut cache = RenderCache::new(decoders);
    while let Some((generation, request)) = shared.next(&mut cache) {
        let pictures = shared.pictures.load(SeqCst);
        let newer = || shared.generation.load(SeqCst) != generation;
        let left = || shared.pictures.load(SeqCst) != pictures;
        let send = |event| {
            let _ = sender.send(event);
            ctx.request_repaint();
        };
        let stops = Stops { left: &left, newer: &newer };
        let rendered = render(&request, &mut cache, &stops, |side, view| {
            send(PreviewEvent::Ready { generation, id: request.id, side, view: Box::new(view) });
        });
        if let Err(Failure { reason, may_pass }) = rendered
            && !newer()
        {
            send(PreviewEvent::Failed { generation, reason, may_pass });
        }
    }
}
