//! Thumbnails: loaded on background I/O threads for the rows that are visible, kept as textures until others need the room.

use std::collections::{HashMap, HashSet, VecDeque};
use std::path::PathBuf;
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::thread;

use crossbeam_channel::{Receiver, Sender, bounded};
use egui::{ColorImage, Context, TextureHandle, TextureOptions};

use crate::batch::stage;
use crate::filter::Work;
use crate::picture::Buffers;
use crate::picture::colour;
use crate::recipe::{Purpose, Recipe, Step};

/// Threads that load thumbnails.
const THREADS: usize = 2;
/// Textures kept; about 70 MB.
const KEPT: usize = 384;
/// Textures uploaded a frame.
const UPLOADS: usize = 8;
/// Longer side of a thumbnail.
const SIDE: u32 = 256;

/// A thumbnail, or why there is none.
#[derive(Clone)]
pub enum Thumb {
    /// On the graphics card.
    Ready(TextureHandle),
    /// The file cannot be read, and why.
    Failed(String),
}

/// What the threads are to load, newest wish last.
#[derive(Default)]
struct Wishes {
    queue: VecDeque<(u64, PathBuf)>,
    ended: bool,
    /// While a run is measured, only one thread loads thumbnails.
    resting: bool,
}

#[derive(Default)]
struct Shared {
    wishes: Mutex<Wishes>,
    changed: Condvar,
}

impl Shared {
    fn lock(&self) -> MutexGuard<'_, Wishes> {
        self.wishes.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A loaded picture on its way to the window.
type Loaded = (u64, Result<ColorImage, String>);

/// All thumbnails.
pub struct Thumbs {
    shared: Arc<Shared>,
    loaded: Receiver<Loaded>,
    ready: HashMap<u64, (Thumb, u64)>,
    asked: HashSet<u64>,
    clock: u64,
}

impl Thumbs {
    /// Starts the threads.
    pub fn new(ctx: &Context) -> Self {
        let shared = Arc::new(Shared::default());
        // Bounded: a thread waits rather than pile up pictures that nobody draws.
        let (sender, loaded) = bounded(2 * UPLOADS);
        for index in 0..THREADS {
            let (shared, sender, ctx) = (Arc::clone(&shared), sender.clone(), ctx.clone());
            // Where the machine gives no thread there are no thumbnails; everything else works.
            let _ = thread::Builder::new()
                .name(format!("lightloom-thumb-{index}"))
                .spawn(move || load_wishes(index, &shared, &sender, &ctx));
        }
        Self { shared, loaded, ready: HashMap::new(), asked: HashSet::new(), clock: 0 }
    }

    /// Takes up a few loaded pictures; returns whether more wait.
    pub fn collect(&mut self, ctx: &Context) -> bool {
        for _ in 0..UPLOADS {
            let Ok((id, result)) = self.loaded.try_recv() else { return false };
            self.asked.remove(&id);
            let thumb = match result {
                Ok(image) => Thumb::Ready(ctx.load_texture(format!("thumb {id}"), image, TextureOptions::LINEAR)),
                Err(reason) => Thumb::Failed(reason),
            };
            self.clock += 1;
            self.ready.insert(id, (thumb, self.clock));
        }
        self.forget_oldest();
        !self.loaded.is_empty()
    }

    fn forget_oldest(&mut self) {
        if self.ready.len() <= KEPT {
            return;
        }
        let mut ages: Vec<(u64, u64)> = self.ready.iter().map(|(id, (_, used))| (*used, *id)).collect();
        ages.sort_unstable();
        for (_, id) in ages.iter().take(self.ready.len() - KEPT) {
            self.ready.remove(id);
        }
    }

    /// The thumbnail of picture `id`, if it is there.
    pub fn get(&mut self, id: u64) -> Option<&Thumb> {
        self.clock += 1;
        let clock = self.clock;
        self.ready.get_mut(&id).map(|(thumb, used)| {
            *used = clock;
            &*thumb
        })
    }

    /// Says which pictures are visible. Older wishes that nobody has begun are dropped.
    pub fn want<'a>(&mut self, visible: impl Iterator<Item = (u64, &'a PathBuf)>) {
        let missing: Vec<_> = visible.filter(|(id, _)| !self.ready.contains_key(id)).collect();
        if missing.iter().all(|(id, _)| self.asked.contains(id)) {
            return;
        }
        let mut wishes = self.shared.lock();
        for (id, _) in wishes.queue.drain(..) {
            self.asked.remove(&id);
        }
        for (id, path) in missing {
            if self.asked.insert(id) {
                wishes.queue.push_back((id, path.clone()));
            }
        }
        drop(wishes);
        self.shared.changed.notify_all();
    }

    /// Holds all threads but one back while a run is measured.
    pub fn rest(&self, resting: bool) {
        self.shared.lock().resting = resting;
        self.shared.changed.notify_all();
    }

    /// Forgets everything, as after the list was emptied.
    pub fn clear(&mut self) {
        self.shared.lock().queue.clear();
        self.asked.clear();
        self.ready.clear();
    }
}

impl Drop for Thumbs {
    fn drop(&mut self) {
        self.shared.lock().ended = true;
        self.shared.changed.notify_all();
    }
}

fn load_wishes(index: usize, shared: &Shared, sender: &Sender<Loaded>, ctx: &Context) {
    let Ok(shrink) = Step::parse(&format!("resize:mode=fit,width={SIDE},height={SIDE}")) else { return };
    let recipe = Recipe { filters: vec![shrink], ..Recipe::default() };
    let mut buffers = Buffers::default();
    loop {
        let mut wishes = shared.lock();
        let (id, path) = loop {
            if wishes.ended {
                return;
            }
            if (index == 0 || !wishes.resting)
                && let Some(wish) = wishes.queue.pop_front()
            {
                break wish;
            }
            wishes = shared.changed.wait(wishes).unwrap_or_else(PoisonError::into_inner);
        };
        drop(wishes);
        let mut work = Work { buffers: &mut buffers, stop: &|| false, split: false };
        let result = stage::read_file(&path)
            .and_then(|bytes| stage::render(&bytes, &recipe, Purpose::Export, &mut work))
            .map(|rendered| {
                let pixels = colour::for_display(rendered.picture);
                let size = [pixels.width() as usize, pixels.height() as usize];
                ColorImage::from_rgba_unmultiplied(size, &pixels.to_rgba8())
            })
            .map_err(|error| error.to_string());
        if sender.send((id, result)).is_err() {
            return;
        }
        ctx.request_repaint();
    }
}
