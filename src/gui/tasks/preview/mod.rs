//! The preview: requests the current picture as it is to be shown, and receives it.

pub mod images;
mod render;
mod renderer;
pub mod request;
mod view;

use std::ops::RangeInclusive;
use std::time::{Duration, Instant};

use egui::Context;

use crate::batch::Decoders;
use crate::gui::model::appearance::{Appearance, PreviewMode, Zoom};
use crate::gui::model::optional_panels::{LOUPE, METADATA};
use crate::gui::model::state::State;
use crate::gui::model::view_memory::PreviewMemory;
use crate::gui::tasks::preview::images::PreviewImages;
use crate::gui::tasks::preview::renderer::PreviewRenderer;
use crate::gui::tasks::preview::request::{BeforeWanted, EditedRequest, Request};

/// How long after a failure to read a file it is tried again, if anything is drawn then.
const RETRY: Duration = Duration::from_secs(2);

/// The longer side of the quick look is a multiple of so many pixels, at least and at most so many of those.
const SIDE_STEP: u32 = 128;
const SIDE_STEPS: RangeInclusive<u32> = 4..=11;

/// The renderer and what it has sent.
pub struct Preview {
    renderer: PreviewRenderer,
    pub images: PreviewImages,
    /// The newest request, and when it was made.
    requested: Option<(Request, Instant)>,
}

impl Preview {
    pub fn new(ctx: &Context, decoders: Decoders) -> Self {
        Self { renderer: PreviewRenderer::new(ctx, decoders), images: PreviewImages::default(), requested: None }
    }

    /// Receives what has been rendered, and requests what is to be shown unless it has been requested already.
    pub fn update(&mut self, ctx: &Context, state: &State, memory: &PreviewMemory) {
        while let Some(event) = self.renderer.next() {
            self.images.receive(ctx, event);
        }
        let wanted = self.wanted(state, memory);
        let is_requested = match (&self.requested, &wanted) {
            (Some((requested, at)), Some(wanted)) => {
                let retry = self.images.may_pass() && at.elapsed() >= RETRY;
                covers(requested, wanted) && !retry
            }
            (None, None) => true,
            _ => false,
        };
        if !is_requested {
            let of_same_output = match (&self.requested, &wanted) {
                (Some((requested, _)), Some(wanted)) => requested.output == wanted.output,
                _ => false,
            };
            let generation = self.renderer.request(wanted.clone());
            let (picture, encoded) = (wanted.as_ref().map(|w| w.id), wanted.as_ref().is_some_and(|w| w.encoded));
            self.images.expect(generation, picture, of_same_output, encoded);
            self.requested = wanted.map(|wanted| (wanted, Instant::now()));
        }
    }

    /// What was last asked for.
    pub fn requested(&self) -> Option<&Request> {
        self.requested.as_ref().map(|(request, _)| request)
    }

    fn wanted(&self, state: &State, memory: &PreviewMemory) -> Option<Request> {
        let entry = state.pictures.current()?;
        let Appearance { zoom, .. } = state.appearance;
        let is_enlarged = matches!(zoom, Zoom::Scale(scale) if self.images.needs_detail(scale));
        let under_loupe = || self.images.needs_detail(Zoom::of_loupe(zoom.scale(memory.fit)));
        let detail = is_enlarged || (state.appearance.shows(&LOUPE) && under_loupe());
        let shows_before = state.appearance.preview_mode != PreviewMode::After;
        let before = match () {
            () if detail && self.images.lacks_before_detail(entry.id) => BeforeWanted::Detail,
            () if shows_before && !self.images.has_exact_before(entry.id) => BeforeWanted::Overview,
            () if self.images.lacks_before(entry.id) => BeforeWanted::Quick,
            () => BeforeWanted::No,
        };
        let edited = state.edited_on_picture();
        let side_steps = (memory.shown_side_px as u32).div_ceil(SIDE_STEP);
        Some(Request {
            id: entry.id,
            source: entry.found.source.clone(),
            limits: state.settings.limits,
            number: state.pictures.current_index().map_or(1, |index| index + 1),
            recipe: state.recipe_shown(&entry.found.source),
            output: state.previewed_output(),
            // What is edited is no result.
            encoded: state.appearance.encoded && edited.is_none(),
            side: SIDE_STEP * side_steps.clamp(*SIDE_STEPS.start(), *SIDE_STEPS.end()),
            detail,
            metadata: state.appearance.shows(&METADATA) && edited.is_none(),
            before,
            edited: edited.map(|target| EditedRequest { target, step: state.content_on_picture(target) }),
        })
    }
}

/// Whether `requested` brings all that `wanted` asks for. A picture in detail does not get worse by asking for less.
fn covers(requested: &Request, wanted: &Request) -> bool {
    let same = requested.id == wanted.id && requested.number == wanted.number && requested.output == wanted.output;
    same && requested.recipe == wanted.recipe
        && requested.encoded == wanted.encoded
        && requested.edited == wanted.edited
        && requested.before >= wanted.before
        && (requested.detail || !wanted.detail)
        && (requested.metadata || !wanted.metadata)
}
