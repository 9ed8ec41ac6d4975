//! The timeline: what every lane did and when, one lane a row, with busy cores and queues on the same time axis below.

mod axis;
mod chart;
mod kept;
mod lanes;
mod series;

use egui::{Align, ComboBox, Layout, RichText, Sense, Ui, vec2};

pub use axis::TimeView;
pub use kept::{Kept, Timelines};

use super::action::Action;
use super::state::State;
use super::theme::{self, GRID, Palette};
use super::widgets::{Icon, icon_button};
use crate::batch::Activity;

/// Draws it. Tells whether it has the keyboard.
pub fn show(ui: &mut Ui, state: &State, out: &mut Vec<Action>) -> bool {
    let timelines = &state.timelines;
    let Some(run) = timelines.shown() else { return false };
    ui.spacing_mut().item_spacing.y = GRID / 2.0;
    // The chart comes first in thought, so that the buttons know its axis, and last on the screen.
    let room = ui.available_rect_before_wrap();
    let axis = chart::axis(timelines, room);
    header(ui, state, run, &axis, out);
    legend(ui, timelines);
    chart::show(ui, timelines, &axis, out)
}

fn header(ui: &mut Ui, state: &State, run: &Kept, axis: &axis::Axis, out: &mut Vec<Action>) {
    let palette = Palette::of(ui);
    let timelines = &state.timelines;
    ui.horizontal(|ui| {
        ui.set_min_height(theme::CONTROL);
        ui.label(RichText::new("Timeline").size(theme::BODY + 1.0));
        ui.add_space(GRID / 2.0);
        ui.with_layout(Layout::right_to_left(Align::Center), |ui| {
            ui.spacing_mut().item_spacing.x = 2.0;
            buttons(ui, timelines, axis, out);
            ui.add_space(GRID);
            ui.with_layout(Layout::left_to_right(Align::Center), |ui| {
                ui.spacing_mut().item_spacing.x = GRID;
                if let Some(source) = run.trace.settings.slow_source {
                    ui.label(RichText::new(format!("({source})")).color(palette.warn));
                }
                if timelines.runs().len() > 1 {
                    choices(ui, timelines, run, out);
                } else {
                    ui.add(egui::Label::new(RichText::new(title(run)).color(palette.weak)).truncate());
                }
            });
        });
    });
}

/// A run's title; the length is left out while it still grows.
fn title(run: &Kept) -> String {
    if run.live.is_some() { format!("Run {}: {}", run.id, run.trace.settings.describe()) } else { run.title() }
}

/// Which run is shown, and which one below it.
fn choices(ui: &mut Ui, timelines: &Timelines, run: &Kept, out: &mut Vec<Action>) {
    let width = ((ui.available_width() - GRID) / 2.0).clamp(120.0, 320.0);
    let shown = ComboBox::from_id_salt("timeline run").selected_text(title(run)).width(width).truncate();
    let response = shown.show_ui(ui, |ui| {
        for kept in timelines.runs().iter().rev() {
            if ui.selectable_label(kept.id == run.id, title(kept)).clicked() {
                out.push(Action::ShowRun(kept.id));
            }
        }
    });
    response.response.accessible_name("Run that is shown").on_hover_text(title(run));
    let other = timelines.other();
    let text = other.map_or_else(|| "Compare with…".to_owned(), title);
    let below = ComboBox::from_id_salt("timeline other").selected_text(&text).width(width).truncate();
    let response = below.show_ui(ui, |ui| {
        if ui.selectable_label(other.is_none(), "No other run").clicked() {
            out.push(Action::CompareRun(None));
        }
        for kept in timelines.runs().iter().rev().filter(|kept| kept.id != run.id) {
            if ui.selectable_label(other.is_some_and(|o| o.id == kept.id), title(kept)).clicked() {
                out.push(Action::CompareRun(Some(kept.id)));
            }
        }
    });
    let help = "Another run below, on the same time axis.";
    response.response.accessible_name("Compare with another run").on_hover_text(help);
}

fn buttons(ui: &mut Ui, timelines: &Timelines, axis: &axis::Axis, out: &mut Vec<Action>) {
    let view = timelines.view;
    if icon_button(ui, Icon::Close, "Hide the timeline (Ctrl+T)", true).clicked() {
        out.push(Action::ToggleTimeline);
    }
    if icon_button(ui, Icon::Export, "Export the timeline", true).clicked() {
        out.push(Action::ExportTimeline);
    }
    ui.add_space(GRID / 2.0);
    if icon_button(ui, Icon::Fit, "Show all of the time (0)", view != TimeView::Fit).clicked() {
        out.push(Action::ViewTime(TimeView::Fit));
    }
    if icon_button(ui, Icon::Add, "Zoom into the time (+)", true).clicked() {
        out.push(Action::ViewTime(axis.zoomed(view, 2.0, None)));
    }
    if icon_button(ui, Icon::Less, "Zoom out of the time (-)", view != TimeView::Fit).clicked() {
        out.push(Action::ViewTime(axis.zoomed(view, 0.5, None)));
    }
}

/// The colours of what is in the shown runs.
fn legend(ui: &mut Ui, timelines: &Timelines) {
    const SIDE: f32 = 10.0;
    let palette = Palette::of(ui);
    let font = egui::FontId::proportional(theme::SMALL);
    let runs = [timelines.shown(), timelines.other()];
    let used =
        |activity: Activity| runs.iter().flatten().any(|run| run.sums.iter().any(|sums| sums[activity as usize] > 0));
    let (row, _) = ui.allocate_exact_size(vec2(ui.available_width(), 18.0), Sense::hover());
    let mut left = row.left();
    for activity in Activity::ALL.into_iter().filter(|a| !a.is_wait() || used(*a)) {
        let galley = ui.painter().layout_no_wrap(activity.title().to_owned(), font.clone(), palette.weak);
        let swatch = egui::pos2(left, row.center().y - SIDE / 2.0);
        lanes::swatch(ui, ui.painter(), swatch, SIDE, activity);
        let text = egui::pos2(left + SIDE + 6.0, row.center().y - galley.size().y / 2.0);
        left = text.x + galley.size().x + 2.0 * GRID;
        if left > row.right() + GRID {
            break;
        }
        ui.painter().galley(text, galley, palette.weak);
    }
    let hint = "wheel zooms, dragging moves";
    let galley = ui.painter().layout_no_wrap(hint.to_owned(), font, palette.weak);
    if left + galley.size().x < row.right() {
        let at = egui::pos2(row.right() - galley.size().x, row.center().y - galley.size().y / 2.0);
        ui.painter().galley(at, galley, palette.weak);
    }
}
