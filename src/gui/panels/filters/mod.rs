//! The filters: what is different for the selected pictures alone, and the stacks of filters of the recipe.

mod overrides;
mod steps;
mod tabs;

use egui::{Margin, Ui};

use crate::gui::model::state::Page;
use crate::gui::panels::panel::{Panel, ResizableSize, Room, View};
use crate::gui::theme::GRID;

/// Least width, at which a filter's title and its buttons fit in a row.
const MIN_WIDTH: f32 = 240.0;
/// Width that is left to the picture.
const MIN_PICTURE: f32 = 240.0;

pub const PANEL: Panel = Panel::right("filters", show)
    .margin(Margin::symmetric(8, 8))
    .resizable(|Room { available, window }| ResizableSize {
        default: (0.22 * window).clamp(MIN_WIDTH, 380.0),
        min: MIN_WIDTH,
        max: available - MIN_PICTURE,
    })
    .shown_if(|state| state.page() == Page::Pictures);

fn show(ui: &mut Ui, View { state, memory, out, .. }: &mut View<'_>) {
    if state.pictures.current().is_some() {
        overrides::show(ui, state, memory, out);
        ui.add_space(GRID / 2.0);
    }
    steps::show(ui, state, memory, out);
}
