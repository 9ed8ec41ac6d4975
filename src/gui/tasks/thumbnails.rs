//! Thumbnails: loaded on background threads for the rows that are visible, kept as textures until others need the space.

use std::collections::{HashMap, HashSet, VecDeque};
use std::sync::Arc;
use std::thread;
use std::time::{Duration, Instant};

use crossbeam_channel::{Receiver, Sender, bounded};
use egui::{ColorImage, Context, TextureHandle, TextureOptions};

use crate::batch::stage::StageError;
use crate::batch::{Decoders, Source, SourcePicture, Stage};
use crate::codec::Limits;
use crate::filter::Work;
use crate::gui::model::pictures::{Facts, Fault, Seen};
use crate::gui::tasks::request_queue::RequestQueue;
use crate::gui::tasks::thumbnail_cache::{Stamp, ThumbnailCache};
use crate::picture::Buffers;
use crate::picture::colour;
use crate::recipe::{Purpose, Recipe, Step};

/// Threads that load thumbnails.
const THREADS: usize = 2;
/// Textures kept, about 70 MB; more where more are visible.
const TEXTURES: usize = 384;
/// Textures uploaded per frame.
const UPLOADS: usize = 8;
/// Longer side of a thumbnail.
const SIDE: u32 = 256;

/// A thumbnail, or why there is none.
#[derive(Clone)]
pub enum Thumbnail {
    Ready(TextureHandle),
    /// There is none. If the file could not be read it is tried again after a while.
    Failed {
        at: Instant,
        may_pass: bool,
    },
}

/// How long after a failure to read a file it is tried again, if its row is drawn then.
const RETRY: Duration = Duration::from_secs(2);

impl Thumbnail {
    fn is_due(&self) -> bool {
        matches!(self, Self::Failed { at, may_pass: true } if at.elapsed() >= RETRY)
    }
}

/// A picture that is to be loaded.
struct Request {
    id: u64,
    source: Source,
    limits: Limits,
}

/// A loaded picture on its way to the window.
struct Loaded {
    id: u64,
    image: Result<ColorImage, StageError>,
    /// Which part of it is missing.
    partial: Option<String>,
    facts: Option<Facts>,
}

pub struct Thumbnails {
    /// In the order of the list.
    requests: Arc<RequestQueue<Request>>,
    loaded: Receiver<Loaded>,
    /// Each with the time of its last use, on [`Self::clock`].
    ready: HashMap<u64, (Thumbnail, u64)>,
    requested: HashSet<u64>,
    clock: u64,
    /// How many pictures are visible.
    visible: usize,
}

impl Thumbnails {
    /// Starts the threads; pictures of isolated formats are decoded by `decoders`, and what is in the cache by nobody.
    pub fn new(ctx: &Context, decoders: &Decoders, cache: Option<&ThumbnailCache>) -> Self {
        let requests = Arc::<RequestQueue<Request>>::default();
        // Bounded: a thread waits rather than pile up pictures that are not drawn.
        let (sender, loaded) = bounded(2 * UPLOADS);
        for index in 0..THREADS {
            let (requests, sender, ctx) = (Arc::clone(&requests), sender.clone(), ctx.clone());
            let loader = Loader { decoders: decoders.clone(), cache: cache.cloned() };
            // If no thread can be started there are no thumbnails; everything else works.
            let _ = thread::Builder::new()
                .name(format!("lightloom-thumb-{index}"))
                .spawn(move || load_requested(index, &requests, &sender, &ctx, &loader));
        }
        Self { requests, loaded, ready: HashMap::new(), requested: HashSet::new(), clock: 0, visible: 0 }
    }

    /// Uploads a few loaded pictures, and asks for another frame if more are waiting; returns what was found out
    /// about each.
    pub fn collect(&mut self, ctx: &Context) -> Vec<Seen> {
        let mut seen = Vec::new();
        for Loaded { id, image, partial, facts } in self.loaded.try_iter().take(UPLOADS) {
            self.requested.remove(&id);
            let (thumb, fault) = match image {
                Ok(image) => {
                    let texture = ctx.load_texture(format!("thumb {id}"), image, TextureOptions::LINEAR);
                    (Thumbnail::Ready(texture), partial.map(Fault::Partial))
                }
                Err(error) => {
                    let failed = Thumbnail::Failed { at: Instant::now(), may_pass: error.stage == Stage::Read };
                    (failed, Some(Fault::Unreadable(error.to_string())))
                }
            };
            self.clock += 1;
            self.ready.insert(id, (thumb, self.clock));
            seen.push(Seen { id, fault, facts });
        }
        self.forget_oldest();
        if !self.loaded.is_empty() {
            ctx.request_repaint();
        }
        seen
    }

    /// Forgets that there is no thumbnail of a picture, which has been read since.
    pub fn forget_failure(&mut self, id: u64) {
        if matches!(self.ready.get(&id), Some((Thumbnail::Failed { .. }, _))) {
            self.ready.remove(&id);
        }
    }

    fn forget_oldest(&mut self) {
        let kept = TEXTURES.max(self.visible + UPLOADS);
        if self.ready.len() <= kept {
            return;
        }
        let mut ages: Vec<(u64, u64)> = self.ready.iter().map(|(id, (_, used))| (*used, *id)).collect();
        ages.sort_unstable();
        for (_, id) in ages.iter().take(self.ready.len() - kept) {
            self.ready.remove(id);
        }
    }

    /// The thumbnail of picture `id`, if it is there.
    pub fn get(&mut self, id: u64) -> Option<&Thumbnail> {
        self.clock += 1;
        let clock = self.clock;
        self.ready.get_mut(&id).map(|(thumb, used)| {
            *used = clock;
            &*thumb
        })
    }

    /// How many are kept, and how many are asked for and not yet there.
    pub fn counts(&self) -> (usize, usize) {
        (self.ready.len(), self.requested.len())
    }

    /// Loads the thumbnails of the pictures that are visible; older requests that no thread has taken are dropped.
    pub fn request<'a>(&mut self, visible: impl Iterator<Item = (u64, &'a Source)>, limits: Limits) {
        self.visible = 0;
        let visible = visible.inspect(|_| self.visible += 1);
        let is_missing = |id: &u64| self.ready.get(id).is_none_or(|(thumb, _)| thumb.is_due());
        let missing: Vec<_> = visible.filter(|(id, _)| is_missing(id)).collect();
        if missing.iter().all(|(id, _)| self.requested.contains(id)) {
            return;
        }
        let requested = &mut self.requested;
        self.requests.replace(|dropped| {
            for Request { id, .. } in dropped {
                requested.remove(&id);
            }
            let new = missing.into_iter().filter(|(id, _)| requested.insert(*id));
            new.map(|(id, source)| Request { id, source: source.clone(), limits }).collect()
        });
    }

    /// Leaves loading to a single thread, while a run is measured.
    pub fn throttle(&self, throttled: bool) {
        self.requests.throttle(throttled);
    }

    /// Drops everything, when the list is emptied.
    pub fn clear(&mut self) {
        self.requests.replace(|_| VecDeque::new());
        self.requested.clear();
        self.ready.clear();
    }
}

impl Drop for Thumbnails {
    fn drop(&mut self) {
        self.requests.end();
    }
}

/// What a thread loads thumbnails with.
struct Loader {
    decoders: Decoders,
    cache: Option<ThumbnailCache>,
}

impl Loader {
    /// Loads one from the cache; else decodes the picture, and keeps what it has become.
    fn load(&self, id: u64, source: &Source, recipe: &Recipe, limits: &Limits, work: &mut Work<'_>) -> Loaded {
        let cache = self.cache.as_ref().zip(source.path());
        // As the file is before it is read.
        let cached = cache.and_then(|(cache, path)| Some((cache, Stamp::of(path)?)));
        if let Some((image, facts)) = cached.as_ref().and_then(|(cache, stamp)| cache.load(stamp)) {
            return Loaded { id, image: Ok(image), partial: None, facts: Some(facts) };
        }
        let (mut partial, mut facts) = (None, None);
        let image = SourcePicture::open(source, limits, &self.decoders, work.stop)
            .and_then(|mut picture| {
                facts = Some(Facts { picture: picture.facts(), bytes: picture.length() });
                picture.render(recipe, Purpose::Export, work)
            })
            .map(|rendered| {
                partial = rendered.partial;
                let pixels = colour::for_display(rendered.picture);
                let (size, rgba) = ((pixels.width(), pixels.height()), pixels.to_rgba8());
                let image = ColorImage::from_rgba_unmultiplied([size.0 as usize, size.1 as usize], &rgba);
                if let (Some((cache, stamp)), Some(facts), None) = (&cached, &facts, &partial) {
                    cache.store(stamp, facts, size, rgba);
                }
                image
            });
        Loaded { id, image, partial, facts }
    }
}

fn load_requested(
    index: usize,
    requests: &RequestQueue<Request>,
    sender: &Sender<Loaded>,
    ctx: &Context,
    loader: &Loader,
) {
    let Ok(shrink) = Step::parse(&format!("resize:mode=fit,width={SIDE},height={SIDE}")) else { return };
    let recipe = Recipe { filters: vec![shrink], ..Recipe::default() };
    let mut buffers = Buffers::default();
    while let Some(Request { id, source, limits }) = requests.next(index) {
        let mut work = Work { buffers: &mut buffers, stop: &|| requests.is_ended(), split: false };
        if sender.send(loader.load(id, &source, &recipe, &limits, &mut work)).is_err() {
            return;
        }
        ctx.request_repaint();
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a panic is how a test fails")]

    use std::fs;
    use std::path::PathBuf;
    use std::sync::atomic::{AtomicUsize, Ordering::Relaxed};

    use super::*;
    use crate::codec::{self, EncodeOptions};
    use crate::picture::{Layout, Picture, Raster};

    const PICTURES: usize = 1000;
    /// As many as a large window shows at once.
    const VISIBLE: usize = 120;

    /// The time for the thumbnails of 1,000 JPEGs of 24 megapixels, and for decoding those at an eighth of their sides on
    /// as many threads: `cargo test --release --lib thumbnails -- --ignored --nocapture`.
    #[test]
    #[ignore = "prints times"]
    fn time_of_a_thousand_thumbnails() {
        let dir = tempfile::tempdir().unwrap();
        let files = photos(&dir.path().join("a.jpg"), (6000, 4000), PICTURES);
        let limits = Limits::default();

        let begun = Instant::now();
        let next = AtomicUsize::new(0);
        thread::scope(|scope| {
            for _ in 0..THREADS {
                scope.spawn(|| {
                    let mut buffers = Buffers::default();
                    while let Some(file) = files.get(next.fetch_add(1, Relaxed)) {
                        let bytes = fs::read(file).unwrap();
                        let (format, header) = codec::header(&bytes, &limits).unwrap();
                        let decoded = codec::decode(format, &bytes, &header, 8, &limits, &mut buffers).unwrap();
                        decoded.pixels.recycle(&mut buffers);
                    }
                });
            }
        });
        let decoding = begun.elapsed().as_secs_f64();

        let ctx = Context::default();
        let mut thumbnails = Thumbnails::new(&ctx, &Decoders::default(), None);
        let sources: Vec<(u64, Source)> = (0..).zip(files.into_iter().map(Source::from)).collect();
        let begun = Instant::now();
        let mut loaded = 0;
        while loaded < PICTURES {
            let visible = &sources[loaded..PICTURES.min(loaded + VISIBLE)];
            thumbnails.request(visible.iter().map(|(id, source)| (*id, source)), limits);
            loaded += thumbnails.collect(&ctx).len();
            thread::sleep(Duration::from_millis(16));
        }
        let thumbnails = begun.elapsed().as_secs_f64();
        println!("decoding {decoding:.1} s, thumbnails {thumbnails:.1} s: {:.2}", thumbnails / decoding);
    }

    #[test]
    fn a_window_that_shows_more_than_are_kept_loads_each_once() {
        let dir = tempfile::tempdir().unwrap();
        let files = photos(&dir.path().join("a.png"), (12, 8), 2 * TEXTURES);
        let sources: Vec<(u64, Source)> = (0..).zip(files.into_iter().map(Source::from)).collect();
        let ctx = Context::default();
        let mut thumbnails = Thumbnails::new(&ctx, &Decoders::default(), None);
        let deadline = Instant::now() + Duration::from_secs(60);
        let mut loaded = 0;
        while loaded < sources.len() || !thumbnails.requested.is_empty() {
            assert!(Instant::now() < deadline, "{loaded} were loaded");
            thumbnails.request(sources.iter().map(|(id, source)| (*id, source)), Limits::default());
            loaded += thumbnails.collect(&ctx).len();
            thread::sleep(Duration::from_millis(1));
        }
        assert_eq!((loaded, thumbnails.ready.len()), (sources.len(), sources.len()));
        thumbnails.request(sources.iter().take(3).map(|(id, source)| (*id, source)), Limits::default());
        thumbnails.collect(&ctx);
        assert_eq!(thumbnails.ready.len(), TEXTURES, "as many as usual once they are out of sight");
    }

    /// One picture under many names.
    fn photos(first: &std::path::Path, (width, height): (u32, u32), count: usize) -> Vec<PathBuf> {
        let noise = (0..width * height * 3).map(|i| (i / 72_000 + (i.wrapping_mul(2_654_435_761) >> 28)) as u8);
        let picture = Picture::new(Raster::new(width, height, Layout::Rgb, noise.collect()).into());
        let format = codec::from_extension(first).unwrap();
        let encoded = codec::encode(format, picture, &EncodeOptions::default(), &mut Buffers::default()).unwrap();
        fs::write(first, encoded.bytes).unwrap();
        (0..count)
            .map(|number| {
                let name = first.with_file_name(number.to_string()).with_extension(first.extension().unwrap());
                fs::hard_link(first, &name).unwrap();
                name
            })
            .collect()
    }
}
