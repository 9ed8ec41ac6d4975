//! The preview: requests the current picture as it is to be shown, and receives it.

pub mod images;
pub mod renderer;

use egui::Context;

use crate::gui::model::appearance::Zoom;
use crate::gui::model::state::State;
use crate::gui::tasks::preview::images::PreviewImages;
use crate::gui::tasks::preview::renderer::{PreviewRenderer, Request};

/// The renderer and what it has sent.
pub struct Preview {
    renderer: PreviewRenderer,
    pub images: PreviewImages,
    /// The newest request.
    requested: Option<Request>,
}

impl Preview {
    pub fn new(ctx: &Context) -> Self {
        Self { renderer: PreviewRenderer::new(ctx), images: PreviewImages::default(), requested: None }
    }

    /// Receives what has been rendered, and requests what is to be shown unless it has been requested already.
    pub fn update(&mut self, ctx: &Context, state: &State) {
        while let Some(event) = self.renderer.next() {
            self.images.receive(ctx, event);
        }
        let wanted = self.wanted(state);
        let is_requested = match (&self.requested, &wanted) {
            (Some(requested), Some(wanted)) => covers(requested, wanted),
            (None, None) => true,
            _ => false,
        };
        if !is_requested {
            let generation = self.renderer.request(wanted.clone());
            self.images.expect(generation, wanted.as_ref().map(|w| w.id), state.appearance.encoded);
            self.requested = wanted;
        }
    }

    fn wanted(&self, state: &State) -> Option<Request> {
        let entry = state.pictures.current()?;
        let detail = matches!(state.appearance.zoom, Zoom::Scale(scale) if self.images.needs_detail(scale));
        Some(Request {
            id: entry.id,
            source: entry.found.source.clone(),
            limits: state.settings.limits,
            number: state.pictures.current_index().map_or(1, |index| index + 1),
            recipe: state.recipe_shown(&entry.found.source),
            output: state.shown_output(),
            encoded: state.appearance.encoded,
            detail,
            before: self.images.lacks_before(entry.id),
            before_detail: detail && self.images.lacks_before_detail(entry.id),
        })
    }
}

/// Whether `requested` brings all that `wanted` asks for. A picture in detail does not get worse by asking for less.
fn covers(requested: &Request, wanted: &Request) -> bool {
    let same = requested.id == wanted.id && requested.number == wanted.number && requested.output == wanted.output;
    same && requested.recipe == wanted.recipe
        && requested.encoded == wanted.encoded
        && (requested.detail || !wanted.detail)
}
