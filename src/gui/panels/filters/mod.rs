//! The filters: what is different for the current picture alone, and the stacks of filters of the recipe.

mod overrides;
mod steps;
mod tabs;

use egui::Ui;

use crate::gui::model::state::Page;
use crate::gui::panels::panel::{Panel, ResizableSize, View};
use crate::gui::theme::GRID;

pub const PANEL: Panel = Panel::right("filters", show)
    .resizable(|_| ResizableSize { default: 288.0, min: 264.0, max: 420.0 })
    .shown_if(|state| state.page() == Page::Pictures);

fn show(ui: &mut Ui, View { state, memory, out, .. }: &mut View<'_>) {
    if state.pictures.current().is_some() {
        overrides::show(ui, state, memory.presses, out);
        ui.add_space(GRID);
    }
    steps::show(ui, state, memory, out);
}
