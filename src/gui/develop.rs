//! The preview's thread: the current picture through the same code as the export, newest request first.
//!
//! A quick look at a scaled-down copy comes first, then the exact result; both originals follow for the comparison.

use std::path::PathBuf;
use std::sync::atomic::{AtomicU64, Ordering::SeqCst};
use std::sync::{Arc, Condvar, Mutex, PoisonError};
use std::thread;

use crossbeam_channel::{Receiver, Sender, unbounded};
use egui::{ColorImage, Context};

use crate::batch::stage::{self, Rendered};
use crate::batch::{load_files, subject};
use crate::filter::Work;
use crate::picture::colour;
use crate::picture::{Buffers, Pixels};
use crate::recipe::{Plan, PlanError, Purpose, Recipe, Step};

/// Longer side of the quick look.
pub const QUICK: u32 = 1400;
/// Longer side of an overview; below every graphics card's limit.
pub const OVERVIEW: u32 = 2048;
/// Side of a tile of the exact result; below every graphics card's limit.
pub const TILE: usize = 1024;

/// What is to be shown.
#[derive(Debug, Clone, PartialEq)]
pub struct Request {
    /// Number of the picture in the list.
    pub id: u64,
    /// Its file.
    pub path: PathBuf,
    /// Its number in the batch.
    pub number: usize,
    /// What is done to it, with what is different for this picture.
    pub recipe: Recipe,
    /// Which output is shown, counted from 0.
    pub output: usize,
    /// Whether the result is wanted as its file will hold it: encoded and decoded again.
    pub encoded: bool,
    /// Whether the result is wanted pixel for pixel, not only as an overview.
    pub detail: bool,
    /// Whether the original is wanted too.
    pub before: bool,
    /// Whether it is wanted pixel for pixel.
    pub before_detail: bool,
}

/// Which of the two pictures.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Side {
    /// The original.
    Before,
    /// The result.
    After,
}

/// A picture for the screen.
pub struct View {
    /// Size of the whole in pixels, even where [`Self::overview`] is smaller.
    pub size: [u32; 2],
    /// Size of the file's picture.
    pub source: [u32; 2],
    /// The whole, at most [`OVERVIEW`] pixels wide and high.
    pub overview: ColorImage,
    /// The whole at full size in tiles with their left top corners; empty unless asked for.
    pub tiles: Vec<([usize; 2], ColorImage)>,
    /// Whether it is what the export would write.
    pub exact: bool,
    /// What should be known about it.
    pub notes: Vec<String>,
    /// BLAKE3 hash of the pixels of an exact result.
    pub hash: Option<String>,
    /// How large its file will be, where it was encoded and decoded again.
    pub encoded: Option<Encoded>,
}

/// A result as its file will hold it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Encoded {
    /// Size of the file.
    pub bytes: u64,
    /// Size of the source's file.
    pub source_bytes: u64,
    /// Its format.
    pub format: &'static str,
}

/// A message of the thread.
pub enum News {
    /// A picture is ready.
    Ready {
        /// Of this request.
        generation: u64,
        /// Of this picture of the list.
        id: u64,
        /// Which of the two.
        side: Side,
        /// The picture.
        view: Box<View>,
    },
    /// There will be no picture.
    Failed {
        /// Of this request.
        generation: u64,
        /// Why.
        reason: String,
    },
}

#[derive(Default)]
struct Shared {
    request: Mutex<(u64, Option<Request>, bool)>,
    changed: Condvar,
    /// The newest request; older work stops as soon as it sees a newer number.
    generation: AtomicU64,
}

/// The window's side of the thread.
pub struct Developer {
    shared: Arc<Shared>,
    news: Receiver<News>,
}

impl Developer {
    /// Starts the thread.
    pub fn new(ctx: &Context) -> Self {
        let shared = Arc::new(Shared::default());
        // Unbounded, and yet small: at most five messages follow a request, and the thread waits for the next one.
        let (sender, news) = unbounded();
        let (theirs, ctx) = (Arc::clone(&shared), ctx.clone());
        // Where the machine gives no thread there is no preview; everything else works.
        let _ =
            thread::Builder::new().name("lightloom-preview".to_owned()).spawn(move || serve(&theirs, &sender, &ctx));
        Self { shared, news }
    }

    /// Asks for a picture instead of whatever was asked for before; returns the number of the request.
    pub fn ask(&self, request: Option<Request>) -> u64 {
        let generation = self.shared.generation.fetch_add(1, SeqCst) + 1;
        let mut slot = self.shared.request.lock().unwrap_or_else(PoisonError::into_inner);
        (slot.0, slot.1) = (generation, request);
        drop(slot);
        self.shared.changed.notify_all();
        generation
    }

    /// The next message, if there is one.
    pub fn next(&self) -> Option<News> {
        self.news.try_recv().ok()
    }
}

impl Drop for Developer {
    fn drop(&mut self) {
        self.shared.generation.fetch_add(1, SeqCst);
        self.shared.request.lock().unwrap_or_else(PoisonError::into_inner).2 = true;
        self.shared.changed.notify_all();
    }
}

/// What the thread keeps from one request to the next.
#[derive(Default)]
struct Kept {
    bytes: Option<(PathBuf, Vec<u8>)>,
    buffers: Buffers,
}

fn serve(shared: &Shared, sender: &Sender<News>, ctx: &Context) {
    let mut kept = Kept::default();
    loop {
        let mut slot = shared.request.lock().unwrap_or_else(PoisonError::into_inner);
        let (generation, request) = loop {
            if slot.2 {
                return;
            }
            if let Some(request) = slot.1.take() {
                break (slot.0, request);
            }
            slot = shared.changed.wait(slot).unwrap_or_else(PoisonError::into_inner);
        };
        drop(slot);
        let stop = || shared.generation.load(SeqCst) != generation;
        let tell = |news| {
            let _ = sender.send(news);
            ctx.request_repaint();
        };
        if let Err(reason) = develop(&request, &mut kept, &stop, |side, view| {
            tell(News::Ready { generation, id: request.id, side, view: Box::new(view) });
        }) && !stop()
        {
            tell(News::Failed { generation, reason });
        }
    }
}

fn develop(
    request: &Request,
    kept: &mut Kept,
    stop: &(dyn Fn() -> bool + Sync),
    tell: impl Fn(Side, View),
) -> Result<(), String> {
    if kept.bytes.as_ref().is_none_or(|(path, _)| *path != request.path) {
        kept.bytes = None;
        let bytes = stage::read_file(&request.path).map_err(|e| explain(&e))?;
        kept.bytes = Some((request.path.clone(), bytes));
    }
    let Some((_, bytes)) = &kept.bytes else { return Ok(()) };
    let mut after = request.recipe.clone();
    load_files(&mut after);
    let metadata = || stage::metadata(bytes).unwrap_or_default();
    let after = after.about(|| subject(&request.path, &metadata(), request.number)).into_owned();
    let before = Recipe::default();
    let mut render = |recipe: &Recipe, output, purpose| {
        let mut work = Work { buffers: &mut kept.buffers, stop, split: false };
        stage::render_output(bytes, recipe, output, purpose, &mut work).map_err(|e| explain(&e))
    };

    if request.before {
        let quick = render(&before, 0, Purpose::Proxy(QUICK))?;
        tell(Side::Before, view(quick, false, false));
    }
    let changes = request.recipe.steps().any(|step| step.enabled);
    if changes && !request.detail {
        let quick = render(&after, request.output, Purpose::Proxy(QUICK))?;
        tell(Side::After, view(quick, false, false));
    }
    let mut result = None;
    if changes && !stop() {
        let exact = render(&after, request.output, Purpose::Export)?;
        result = request.encoded.then(|| copy(&exact));
        tell(Side::After, view(exact, true, request.detail));
    }
    if (!changes || request.before_detail) && !stop() {
        let exact = render(&before, 0, Purpose::Export)?;
        if !changes {
            result = request.encoded.then(|| copy(&exact));
            tell(Side::After, view(copy(&exact), true, request.detail));
        }
        tell(Side::Before, view(exact, true, request.detail));
    }
    if let Some(result) = result.filter(|_| !stop()) {
        let outputs = after.all_outputs();
        let Some(output) = outputs.get(request.output) else { return Ok(()) };
        let mut work = Work { buffers: &mut kept.buffers, stop, split: false };
        let shown = stage::encode_and_decode(result, output, &mut work).map_err(|e| explain(&e))?;
        let (length, source_bytes, format) = (shown.1, bytes.len() as u64, shown.2.title);
        let encoded = Some(Encoded { bytes: length, source_bytes, format });
        tell(Side::After, View { encoded, ..view(shown.0, true, request.detail) });
    }
    Ok(())
}

fn copy(rendered: &Rendered) -> Rendered {
    let Rendered { picture, source, format, notes, partial } = rendered;
    let (picture, notes, partial) = (picture.clone(), notes.clone(), partial.clone());
    Rendered { picture, source: *source, format, notes, partial }
}

fn explain(error: &stage::StageError) -> String {
    format!("{}: {error}", super::text::sentence(error.stage.title()))
}

/// Turns a rendered picture into what the screen needs.
fn view(rendered: Rendered, exact: bool, detail: bool) -> View {
    let Rendered { picture, source, notes, .. } = rendered;
    // Of the samples as they are exported, before the screen's colours.
    let hash = exact.then(|| picture.pixels.hash());
    let pixels = colour::for_display(picture);
    let (width, height) = (pixels.width(), pixels.height());
    let tiles = if exact && detail { tiles(&pixels.to_rgba8(), width as usize, height as usize) } else { Vec::new() };
    View {
        size: [width, height],
        source: [source.width, source.height],
        overview: overview(pixels),
        tiles,
        exact,
        notes,
        hash,
        encoded: None,
    }
}

fn tiles(rgba: &[u8], width: usize, height: usize) -> Vec<([usize; 2], ColorImage)> {
    let mut tiles = Vec::new();
    for top in (0..height).step_by(TILE) {
        for left in (0..width).step_by(TILE) {
            let size = [TILE.min(width - left), TILE.min(height - top)];
            let mut pixels = Vec::with_capacity(size[0] * size[1] * 4);
            for row in top..top + size[1] {
                pixels.extend_from_slice(&rgba[(row * width + left) * 4..][..size[0] * 4]);
            }
            tiles.push(([left, top], ColorImage::from_rgba_unmultiplied(size, &pixels)));
        }
    }
    tiles
}

/// The whole picture, scaled down where it is larger than a texture of the window should be.
fn overview(pixels: Pixels) -> ColorImage {
    let shape = pixels.shape();
    let fit = Step::parse(&format!("resize:width={OVERVIEW},height={OVERVIEW},kernel=bilinear"));
    let small = fit.map_err(PlanError::from).and_then(|fit| {
        let recipe = Recipe { filters: vec![fit], ..Recipe::default() };
        Plan::compile(&recipe, shape, &[1], Purpose::Export)
    });
    let mut work = Work { buffers: &mut Buffers::default(), stop: &|| false, split: false };
    match small.map(|plan| plan.run(pixels, &mut work)) {
        Ok(Ok(pixels)) => {
            let size = [pixels.width() as usize, pixels.height() as usize];
            ColorImage::from_rgba_unmultiplied(size, &pixels.to_rgba8())
        }
        _ => ColorImage::filled([1, 1], egui::Color32::TRANSPARENT),
    }
}
