//! The pictures that the preview has received, as textures.

use std::sync::Arc;

use egui::{ColorImage, Context, TextureFilter, TextureHandle, TextureOptions, Vec2, vec2};

use crate::gui::tasks::preview::request::{Described, Edited, Encoded, PreviewEvent, RenderedTile, RenderedView, Side};
use crate::gui::tasks::preview::view::OVERVIEW;
use crate::picture::{Geometry, Histogram};

/// Original and result of the current picture, as far as they have arrived.
#[derive(Default)]
pub struct PreviewImages {
    generation: u64,
    /// The oldest request whose looks may still be shown.
    shown_from: u64,
    picture: Option<u64>,
    pub before: Option<Layer>,
    pub after: Option<Layer>,
    /// Why there is no result.
    pub failure: Option<String>,
    may_pass: bool,
    busy: bool,
    looks: usize,
    /// Whether the result is wanted as its file will hold it.
    encoded: bool,
}

/// One picture.
pub struct Layer {
    /// Its size in pixels.
    pub size: Vec2,
    /// Where the pixels of the upright original went.
    pub geometry: Geometry,
    /// Size of the file's picture.
    pub source: [u32; 2],
    /// The whole, possibly scaled down.
    pub overview: TextureHandle,
    /// The pixels of the overview.
    pub pixels: Arc<ColorImage>,
    /// Of the overview, in the colours of the screen.
    pub histogram: Box<Histogram>,
    /// The whole at full size; empty unless it was requested.
    pub tiles: Vec<Tile>,
    /// Whether it is what the export writes.
    pub exact: bool,
    /// What the user should know about it.
    pub notes: Vec<String>,
    /// What is edited on it, if this is the picture that reaches it.
    pub edited: Option<Edited>,
    hash: Option<String>,
    metadata: Vec<Described>,
    encoded: Option<Encoded>,
}

/// A part of a picture at full size.
pub struct Tile {
    /// Its left and top edge, in pixels.
    pub origin: Vec2,
    pub size: Vec2,
    /// Its pixels until it is first visible.
    image: Option<ColorImage>,
    texture: Option<TextureHandle>,
}

impl Tile {
    fn new(tile: RenderedTile) -> Self {
        let RenderedTile { origin: [x, y], image } = tile;
        Self {
            origin: vec2(x as f32, y as f32),
            size: vec2(image.width() as f32, image.height() as f32),
            image: Some(image),
            texture: None,
        }
    }

    /// Its texture, uploaded now if `uploads` allows another one; `None` if it has to wait for the next frame.
    pub fn texture(&mut self, ctx: &Context, uploads: &mut usize) -> Option<&TextureHandle> {
        if self.texture.is_none() && *uploads == 0 {
            return None;
        }
        if let Some(image) = self.image.take() {
            *uploads -= 1;
            let sharp = TextureOptions { magnification: TextureFilter::Nearest, ..TextureOptions::LINEAR };
            self.texture = Some(ctx.load_texture("preview tile", image, sharp));
        }
        self.texture.as_ref()
    }
}

impl Layer {
    /// `reused` is the texture of the picture that this one takes the place of.
    fn new(ctx: &Context, view: RenderedView, reused: Option<TextureHandle>) -> Self {
        let mipmap_mode = view.exact.then_some(TextureFilter::Linear);
        let smooth = TextureOptions { mipmap_mode, ..TextureOptions::LINEAR };
        let pixels = Arc::new(view.overview);
        let overview = match reused {
            Some(mut texture) => {
                texture.set(Arc::clone(&pixels), smooth);
                texture
            }
            None => ctx.load_texture("preview", Arc::clone(&pixels), smooth),
        };
        Self {
            size: vec2(view.size[0] as f32, view.size[1] as f32),
            geometry: view.geometry,
            source: view.source,
            overview,
            pixels,
            histogram: view.histogram,
            tiles: view.tiles.into_iter().map(Tile::new).collect(),
            exact: view.exact,
            notes: view.notes,
            edited: view.edited,
            hash: view.hash,
            metadata: view.metadata,
            encoded: view.encoded,
        }
    }
}

impl PreviewImages {
    /// Prepares for the answers to request `generation` about `picture`, `encoded` or not. Looks that were requested
    /// before are still shown if they are `of_same_output`.
    pub fn expect(&mut self, generation: u64, picture: Option<u64>, of_same_output: bool, encoded: bool) {
        if self.picture != picture {
            *self = Self { picture, looks: self.looks, ..Self::default() };
        }
        if !of_same_output {
            self.shown_from = generation;
        }
        self.generation = generation;
        self.busy = picture.is_some();
        self.encoded = encoded;
    }

    /// Takes a message of the renderer.
    pub fn receive(&mut self, ctx: &Context, event: PreviewEvent) {
        match event {
            PreviewEvent::Ready { id, side: Side::Before, view, .. } if self.picture == Some(id) => {
                let reused = self.before.take().map(|layer| layer.overview);
                self.before = Some(Layer::new(ctx, *view, reused));
            }
            PreviewEvent::Ready { generation, id, side: Side::After, view }
                if self.picture == Some(id) && generation >= self.shown_from =>
            {
                let is_last = view.exact && (!self.encoded || view.encoded.is_some());
                self.busy = generation != self.generation || !is_last;
                self.failure = None;
                self.looks += usize::from(!view.exact);
                let (reused, metadata) = self.after.take().map(|layer| (layer.overview, layer.metadata)).unzip();
                let mut layer = Layer::new(ctx, *view, reused);
                // A quick look says nothing of it, and neither does a result as its file will hold it.
                if layer.metadata.is_empty() {
                    layer.metadata = metadata.unwrap_or_default();
                }
                self.after = Some(layer);
            }
            PreviewEvent::Failed { generation, reason, may_pass } if generation == self.generation => {
                self.busy = false;
                self.failure = Some(reason);
                self.may_pass = may_pass;
            }
            _ => {}
        }
    }

    /// The id of the picture.
    pub const fn picture(&self) -> Option<u64> {
        self.picture
    }

    /// The pixels of the result as far as it has arrived, or else of the original.
    pub fn pixels(&self) -> Option<&Arc<ColorImage>> {
        self.after.as_ref().or(self.before.as_ref()).map(|layer| &layer.pixels)
    }

    /// How many quick looks have been shown so far.
    pub const fn looks(&self) -> usize {
        self.looks
    }

    /// Whether there is no picture since its file could not be read, which may have passed.
    pub const fn may_pass(&self) -> bool {
        self.failure.is_some() && self.may_pass && !self.busy
    }

    /// Whether the exact result is still to come.
    pub const fn is_busy(&self) -> bool {
        self.busy
    }

    /// Whether the exact result, as the export would write it, is shown.
    pub fn is_settled(&self) -> bool {
        !self.busy && (self.failure.is_some() || self.after.as_ref().is_some_and(|a| a.exact))
    }

    /// BLAKE3 hash of the pixels that are shown, once they are exact.
    pub fn hash(&self) -> Option<&str> {
        self.after.as_ref()?.hash.as_deref()
    }

    /// What the file says beside its pixels, if that was requested and has arrived.
    pub fn metadata(&self) -> &[Described] {
        self.after.as_ref().map_or(&[], |layer| &layer.metadata)
    }

    /// The result as its file will hold it, if that was requested and has arrived.
    pub fn encoded(&self) -> Option<Encoded> {
        self.after.as_ref()?.encoded
    }

    /// Size of the result in pixels, once it is known.
    pub fn result_size(&self) -> Option<[u32; 2]> {
        self.after.as_ref().map(|a| [a.size.x as u32, a.size.y as u32])
    }

    /// The size to lay out by: that of the result, or of the original until there is a result.
    pub fn size(&self) -> Vec2 {
        self.after.as_ref().or(self.before.as_ref()).map_or(Vec2::splat(1.0), |layer| layer.size)
    }

    /// Whether the overview is too coarse for `scale` screen pixels per pixel.
    pub fn needs_detail(&self, scale: f32) -> bool {
        let most = OVERVIEW as f32;
        self.after.as_ref().is_some_and(|a| a.size.max_elem() * scale > a.size.max_elem().min(most) + 0.5)
    }

    /// Whether the original of `picture` is missing.
    pub fn lacks_before(&self, picture: u64) -> bool {
        self.picture != Some(picture) || self.before.is_none()
    }

    /// Whether the original of `picture` is there as an overview of all its pixels.
    pub fn has_exact_before(&self, picture: u64) -> bool {
        self.picture == Some(picture) && self.before.as_ref().is_some_and(|layer| layer.exact)
    }

    /// Whether the original of `picture` is missing at full size.
    pub fn lacks_before_detail(&self, picture: u64) -> bool {
        self.lacks_before(picture) || self.before.as_ref().is_some_and(|layer| layer.tiles.is_empty())
    }
}
