//! The filters: what is different for the selected pictures alone, the stacks of filters of the recipe, and what was
//! changed.

mod changes;
mod overrides;
mod steps;
mod tabs;

use egui::{Margin, Ui, UiBuilder};

use crate::gui::model::optional_panels::CHANGES;
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

/// Height of the list of changes, and the most of the panel that it takes.
const CHANGES_HEIGHT: f32 = 208.0;
const CHANGES_SHARE: f32 = 0.4;

fn show(ui: &mut Ui, view: &mut View<'_>) {
    if !view.state.appearance.shows(&CHANGES) {
        stack(ui, view);
        return;
    }
    let all = ui.available_rect_before_wrap();
    let below = CHANGES_HEIGHT.min(CHANGES_SHARE * all.height());
    let (above, below) = all.split_top_bottom_at_y(all.bottom() - below);
    ui.scope_builder(UiBuilder::new().max_rect(above.with_max_y(above.bottom() - GRID)), |ui| stack(ui, view));
    ui.scope_builder(UiBuilder::new().max_rect(below), |ui| changes::show(ui, view.state, view.out));
}

fn stack(ui: &mut Ui, View { state, memory, out, .. }: &mut View<'_>) {
    if state.pictures.current().is_some() {
        overrides::show(ui, state, memory, out);
        ui.add_space(GRID / 2.0);
    }
    steps::show(ui, state, memory, out);
}
