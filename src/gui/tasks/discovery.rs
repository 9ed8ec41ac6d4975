//! Searches for pictures on a background thread, so that a folder of 100,000 files does not stall the window.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering::Relaxed};
use std::thread;
use std::time::Duration;

use crossbeam_channel::{Receiver, Sender, bounded};
use egui::ColorImage;

use crate::batch::{Asking, Discovered, LeftOut, Search, Source, SourceEntry, discover};
use crate::codec::{self, EncodeOptions};
use crate::gui::model::identity::{Identities, Identity};
use crate::gui::text;
use crate::journal::KnownResults;
use crate::picture::{Buffers, Layout, Picture, Raster};

/// Findings sent together; few enough to appear at once, enough to cost little.
const CHUNK: usize = 256;
/// Messages that wait for the window before a search does.
const WAITING: usize = 512;
/// How long after a message the window is drawn: a frame for each would take the cores from the search.
const REPAINT: Duration = Duration::from_millis(100);

/// Something that was found.
#[derive(Debug)]
pub enum Finding {
    /// A picture.
    File(SourceEntry, Identity),
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
        let (sender, events) = bounded(WAITING);
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
            let send = |event, at_once| {
                let sent = sender.send(event).is_ok();
                ctx.request_repaint_after(if at_once { Duration::ZERO } else { REPAINT });
                sent && !stop.load(Relaxed)
            };
            let mut first = true;
            let (mut known, mut identities) = (KnownResults::default(), Identities::default());
            let mut results = 0;
            discover(&inputs, &search, |found| {
                chunk.push(match found {
                    // What was given itself is wanted, whatever it is.
                    Discovered::Source(entry) if entry.root.is_some() && known.contains(entry.source.name()) => {
                        results += 1;
                        return !stop.load(Relaxed);
                    }
                    Discovered::Source(entry) => {
                        let identity = identities.of_file(entry.source.name());
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
                let found = std::mem::replace(&mut chunk, Vec::with_capacity(CHUNK));
                send(DiscoveryEvent::Found(found), std::mem::take(&mut first))
            });
            if results > 0 {
                let (are, them) = if results == 1 { ("is the result", "it") } else { ("are results", "them") };
                let files = text::plural(results, "file");
                chunk.push(Finding::Note(format!(
                    "{files} left out that {are} of earlier runs; drop {them} alone to add {them}"
                )));
            }
            send(DiscoveryEvent::Found(chunk), true);
            send(DiscoveryEvent::Ended, true);
        };
        thread::Builder::new().name("lightloom-discover".to_owned()).spawn(walk).map(drop)
    }

    /// Adds the picture of a clipboard, which is to be called `name`.
    ///
    /// # Errors
    /// If no thread can be started.
    pub fn start_picture(&self, picture: Arc<ColorImage>, name: PathBuf) -> std::io::Result<()> {
        let (sender, ctx) = (self.sender.clone(), self.ctx.clone());
        let encode = move || {
            let found = match png(&picture) {
                Ok(bytes) => {
                    let identity = Identity::of_name(&name);
                    Finding::File(Source::memory(name, bytes).into(), identity)
                }
                Err(reason) => Finding::Problem(name, format!("cannot be added: {reason}")),
            };
            let _ = sender.send(DiscoveryEvent::Found(vec![found]));
            let _ = sender.send(DiscoveryEvent::Ended);
            ctx.request_repaint();
        };
        thread::Builder::new().name("lightloom-paste".to_owned()).spawn(encode).map(drop)
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

/// A picture of the screen as a file.
fn png(picture: &ColorImage) -> Result<Vec<u8>, String> {
    let [width, height] = picture.size.map(|side| u32::try_from(side).unwrap_or(u32::MAX));
    let is_opaque = picture.pixels.iter().all(egui::Color32::is_opaque);
    let (layout, channels) = if is_opaque { (Layout::Rgb, 3) } else { (Layout::Rgba, 4) };
    let samples = picture.pixels.iter().flat_map(|pixel| pixel.to_srgba_unmultiplied().into_iter().take(channels));
    let pixels = Raster::new(width, height, layout, samples.collect::<Vec<u8>>()).into();
    let format = codec::from_extension(Path::new("a.png")).ok_or("this program writes no PNG files")?;
    let encoded = codec::encode(format, Picture::new(pixels), &EncodeOptions::default(), &mut Buffers::default());
    encoded.map(|encoded| encoded.bytes).map_err(|error| error.to_string())
}
