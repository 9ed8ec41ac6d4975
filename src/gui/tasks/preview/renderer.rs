//! The thread of the preview: renders the current picture with the code of the export, newest request first.
//!
//! The result of a scaled-down copy comes first, then the exact one.

use std::sync::atomic::{AtomicU64, Ordering::SeqCst};
use std::sync::{Arc, Condvar, Mutex, PoisonError};
use std::thread;

use crossbeam_channel::{Receiver, Sender, unbounded};
use egui::{ColorImage, Context};

use crate::batch::stage::{self, Rendered};
use crate::batch::{Source, fallback_fonts, load_files, subject};
use crate::codec::Limits;
use crate::filter::Work;
use crate::picture::colour;
use crate::picture::{Buffers, Pixels};
use crate::recipe::{Plan, PlanError, Purpose, Recipe, Step};

/// Longer side of the scaled-down copy.
pub const QUICK: u32 = 1400;
/// Longer side of an overview; below every graphics card's limit.
pub const OVERVIEW: u32 = 2048;
/// Side of a tile of the exact result; below every graphics card's limit.
pub const TILE: usize = 1024;

/// What is to be rendered.
#[derive(Debug, Clone, PartialEq)]
pub struct Request {
    /// Id of the picture.
    pub id: u64,
    pub source: Source,
    pub limits: Limits,
    /// Its number in the batch, counted from 1.
    pub number: usize,
    /// The recipe, with the overrides of this picture.
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
pub struct RenderedView {
    /// Size of the whole in pixels, even where [`Self::overview`] is smaller.
    pub size: [u32; 2],
    /// Size of the file's picture.
    pub source: [u32; 2],
    /// The whole, at most [`OVERVIEW`] pixels wide and high.
    pub overview: ColorImage,
    /// The whole at full size, in tiles; empty unless requested.
    pub tiles: Vec<RenderedTile>,
    /// Whether it is what the export would write.
    pub exact: bool,
    /// What the user should know about it.
    pub notes: Vec<String>,
    /// BLAKE3 hash of the pixels of an exact result.
    pub hash: Option<String>,
    /// How large its file will be, where it was encoded and decoded again.
    pub encoded: Option<Encoded>,
}

/// A part of a picture at full size.
pub struct RenderedTile {
    /// Its left and top edge, in pixels.
    pub origin: [usize; 2],
    pub image: ColorImage,
}

/// A result as its file will hold it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Encoded {
    /// Size of the file.
    pub bytes: u64,
    /// Size of the source's file.
    pub source_bytes: u64,
    pub format: &'static str,
}

/// A message of the thread.
pub enum PreviewEvent {
    /// A picture is ready.
    Ready { generation: u64, id: u64, side: Side, view: Box<RenderedView> },
    /// There will be no picture.
    Failed { generation: u64, reason: String },
}

/// Where the window leaves its request.
#[derive(Default)]
struct Slot {
    generation: u64,
    request: Option<Request>,
    /// Whether the thread is to end.
    ended: bool,
}

#[derive(Default)]
struct Shared {
    slot: Mutex<Slot>,
    changed: Condvar,
    /// The newest request; older work stops as soon as it sees a newer number.
    generation: AtomicU64,
}

/// The window's side of the thread.
pub struct PreviewRenderer {
    shared: Arc<Shared>,
    events: Receiver<PreviewEvent>,
}

impl PreviewRenderer {
    pub fn new(ctx: &Context) -> Self {
        let shared = Arc::new(Shared::default());
        // Unbounded, and yet small: at most five messages follow a request, then the thread waits for the next one.
        let (sender, events) = unbounded();
        let (theirs, ctx) = (Arc::clone(&shared), ctx.clone());
        // If no thread can be started there is no preview; everything else works.
        let _ =
            thread::Builder::new().name("lightloom-preview".to_owned()).spawn(move || serve(&theirs, &sender, &ctx));
        Self { shared, events }
    }

    /// Requests a picture instead of the one requested before; returns the number of the request.
    pub fn request(&self, request: Option<Request>) -> u64 {
        let generation = self.shared.generation.fetch_add(1, SeqCst) + 1;
        let mut slot = self.shared.slot.lock().unwrap_or_else(PoisonError::into_inner);
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
        self.shared.generation.fetch_add(1, SeqCst);
        self.shared.slot.lock().unwrap_or_else(PoisonError::into_inner).ended = true;
        self.shared.changed.notify_all();
    }
}

/// What the thread keeps from one request to the next.
#[derive(Default)]
struct RenderCache {
    /// The file of the last request and its bytes.
    file: Option<(Source, Vec<u8>)>,
    buffers: Buffers,
}

fn serve(shared: &Shared, sender: &Sender<PreviewEvent>, ctx: &Context) {
    let mut cache = RenderCache::default();
    loop {
        let mut slot = shared.slot.lock().unwrap_or_else(PoisonError::into_inner);
        let (generation, request) = loop {
            if slot.ended {
                return;
            }
            if let Some(request) = slot.request.take() {
                break (slot.generation, request);
            }
            slot = shared.changed.wait(slot).unwrap_or_else(PoisonError::into_inner);
        };
        drop(slot);
        let stop = || shared.generation.load(SeqCst) != generation;
        let send = |event| {
            let _ = sender.send(event);
            ctx.request_repaint();
        };
        if let Err(reason) = render(&request, &mut cache, &stop, |side, view| {
            send(PreviewEvent::Ready { generation, id: request.id, side, view: Box::new(view) });
        }) && !stop()
        {
            send(PreviewEvent::Failed { generation, reason });
        }
    }
}

fn render(
    request: &Request,
    cache: &mut RenderCache,
    stop: &(dyn Fn() -> bool + Sync),
    send: impl Fn(Side, RenderedView),
) -> Result<(), String> {
    if cache.file.as_ref().is_none_or(|(source, _)| *source != request.source) {
        cache.file = None;
        let bytes = stage::read_source(&request.source, &request.limits).map_err(|e| explain(&e))?;
        cache.file = Some((request.source.clone(), bytes));
    }
    let Some((_, bytes)) = &cache.file else { return Ok(()) };
    let mut after = request.recipe.clone();
    load_files(&mut after);
    let metadata = || stage::metadata(bytes, &request.limits).unwrap_or_default();
    let after = after.about(|| subject(&request.source, &metadata(), request.number), fallback_fonts).into_owned();
    let before = Recipe::default();
    let mut run = |recipe: &Recipe, output, purpose| {
        let mut work = Work { buffers: &mut cache.buffers, stop, split: false };
        stage::render_output(bytes, recipe, output, purpose, &request.limits, &mut work).map_err(|e| explain(&e))
    };

    if request.before {
        let quick = run(&before, 0, Purpose::Proxy(QUICK))?;
        send(Side::Before, view(quick, false, false));
    }
    let changes = request.recipe.steps().any(|step| step.enabled);
    if changes && !request.detail {
        let quick = run(&after, request.output, Purpose::Proxy(QUICK))?;
        send(Side::After, view(quick, false, false));
    }
    let mut result = None;
    if changes && !stop() {
        let exact = run(&after, request.output, Purpose::Export)?;
        result = request.encoded.then(|| copy(&exact));
        send(Side::After, view(exact, true, request.detail));
    }
    if (!changes || request.before_detail) && !stop() {
        let exact = run(&before, 0, Purpose::Export)?;
        if !changes {
            result = request.encoded.then(|| copy(&exact));
            send(Side::After, view(copy(&exact), true, request.detail));
        }
        send(Side::Before, view(exact, true, request.detail));
    }
    if let Some(result) = result.filter(|_| !stop()) {
        let outputs = after.all_outputs();
        let Some(output) = outputs.get(request.output) else { return Ok(()) };
        let mut work = Work { buffers: &mut cache.buffers, stop, split: false };
        let shown = stage::encode_and_decode(result, output, &request.limits, &mut work).map_err(|e| explain(&e))?;
        let (length, source_bytes, format) = (shown.length, bytes.len() as u64, shown.format.title);
        let encoded = Some(Encoded { bytes: length, source_bytes, format });
        send(Side::After, RenderedView { encoded, ..view(shown.rendered, true, request.detail) });
    }
    Ok(())
}

fn copy(rendered: &Rendered) -> Rendered {
    let Rendered { picture, source, format, notes, partial, effect } = rendered;
    let (picture, notes, partial) = (picture.clone(), notes.clone(), partial.clone());
    Rendered { picture, source: *source, format, notes, partial, effect: *effect }
}

fn explain(error: &stage::StageError) -> String {
    format!("{}: {error}", crate::gui::text::sentence(error.stage.title()))
}

/// Converts a rendered picture for the screen.
fn view(rendered: Rendered, exact: bool, detail: bool) -> RenderedView {
    let Rendered { picture, source, notes, .. } = rendered;
    // Of the samples as they are exported, before they are converted to the colours of the screen.
    let hash = exact.then(|| picture.pixels.hash());
    let pixels = colour::for_display(picture);
    let (width, height) = (pixels.width(), pixels.height());
    let tiles = if exact && detail { tiles(&pixels.to_rgba8(), width as usize, height as usize) } else { Vec::new() };
    RenderedView {
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

fn tiles(rgba: &[u8], width: usize, height: usize) -> Vec<RenderedTile> {
    let mut tiles = Vec::new();
    for top in (0..height).step_by(TILE) {
        for left in (0..width).step_by(TILE) {
            let size = [TILE.min(width - left), TILE.min(height - top)];
            let mut pixels = Vec::with_capacity(size[0] * size[1] * 4);
            for row in top..top + size[1] {
                pixels.extend_from_slice(&rgba[(row * width + left) * 4..][..size[0] * 4]);
            }
            let image = ColorImage::from_rgba_unmultiplied(size, &pixels);
            tiles.push(RenderedTile { origin: [left, top], image });
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
