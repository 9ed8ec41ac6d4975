//! The panels of the window, one file or folder each. They read the state and return actions.
//!
//! To add one, write its file with a `PANEL` and name it here twice: as a module and in [`PANELS`]. To let the user hide
//! it, give it a row in [`optional_panels`](crate::gui::model::optional_panels), from which its menu entry follows.

mod comparison;
mod drop_overlay;
mod failures;
mod filters;
mod interrupted;
mod lab;
mod menu_bar;
pub mod panel;
mod picture_list;
mod preview;
pub mod samples;
mod status_bar;
mod timeline;
mod toolbar;
mod troubles;
mod watch_log;
mod welcome;

use egui::Ui;

pub use failures::causes;
pub use picture_list::thumbnail_in;

use crate::gui::menus::preset_rest;
use crate::gui::model::action::PresetAction;
use crate::gui::panels::panel::{Panel, View};

/// All panels. The order is that of the layout: each takes its side of what those before it have left.
static PANELS: [Panel; 18] = [
    menu_bar::PANEL,
    toolbar::PANEL,
    interrupted::PANEL,
    status_bar::PANEL,
    troubles::PANEL,
    watch_log::STRIP,
    watch_log::LOG,
    lab::header::PANEL,
    lab::plan::PANEL,
    lab::results::PANEL,
    lab::lessons::LIST,
    lab::lessons::PAGE,
    comparison::PANEL,
    timeline::PANEL,
    picture_list::PANEL,
    filters::PANEL,
    welcome::PANEL,
    preview::PANEL,
];

/// Draws all panels that are to be shown.
pub fn show(ui: &mut Ui, view: &mut View<'_>) {
    view.memory.timeline_has_focus = false;
    for panel in &PANELS {
        panel.show(ui, view);
    }
    let rests_on = preset_rest::take(ui.ctx());
    if rests_on.as_ref() != view.state.presets.tried.as_ref().map(|tried| &tried.preset) {
        view.out.push(PresetAction::Try(rests_on).into());
    }
}

/// Draws what lies over everything while files are dragged over the window.
pub fn show_drop_overlay(ui: &Ui, view: &View<'_>) {
    drop_overlay::show(ui, view.state);
}
