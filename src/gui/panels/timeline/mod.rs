//! The timeline: what every lane did and when, a row per lane, with busy cores and queues on the same time axis below.

mod axis;
mod bars;
mod chart;
#[cfg(test)]
mod long_run_tests;
mod rows;
mod series;

use egui::{Align, ComboBox, FontId, Label, Layout, Margin, RichText, Sense, Ui, pos2, vec2};

use crate::batch::Activity;
use crate::gui::model::action::{Action, ViewAction};
use crate::gui::model::optional_panels::TIMELINE;
use crate::gui::model::state::{Page, State};
use crate::gui::model::timelines::{TimeView, TimelineRun, Timelines};
use crate::gui::panels::panel::{Panel, ResizableSize, Room, View};
use crate::gui::panels::timeline::axis::Axis;
use crate::gui::text;
use crate::gui::theme::{self, GRID, Palette};
use crate::gui::widgets::button::icon_button;
use crate::gui::widgets::icon::Icon;

/// Least height of the panel.
const MIN_HEIGHT: f32 = 96.0;
/// Height of the bar beside the picture.
const VIEWER_BAR: f32 = 48.0;

pub const PANEL: Panel = Panel::bottom("timeline", show)
    .margin(Margin { left: 16, right: 12, top: 6, bottom: 8 })
    .resizable(|Room { available, window }| {
        // The picture keeps half of the window.
        let max = (available - window / 2.0 - VIEWER_BAR).max(MIN_HEIGHT);
        ResizableSize { default: max.min(272.0), min: MIN_HEIGHT, max }
    })
    .shown_if(|state| {
        state.page() == Page::Pictures && state.appearance.shows(&TIMELINE) && state.timelines.shown().is_some()
    });

fn show(ui: &mut Ui, View { state, memory, out, .. }: &mut View<'_>) {
    let timelines = &state.timelines;
    let Some(run) = timelines.shown() else { return };
    ui.spacing_mut().item_spacing.y = GRID / 2.0;
    // The buttons above the chart need its axis.
    let room = ui.available_rect_before_wrap();
    let axis = chart::axis(timelines, room);
    header(ui, state, run, &axis, out);
    legend(ui, timelines);
    memory.timeline_has_focus = chart::show(ui, timelines, &axis, out);
}

fn header(ui: &mut Ui, state: &State, run: &TimelineRun, axis: &Axis, out: &mut Vec<Action>) {
    let timelines = &state.timelines;
    let palette = Palette::of(ui);
    ui.horizontal(|ui| {
        ui.set_min_height(theme::CONTROL);
        ui.label(RichText::new("Timeline").size(theme::BODY + 1.0));
        ui.add_space(GRID / 2.0);
        ui.with_layout(Layout::right_to_left(Align::Center), |ui| {
            ui.spacing_mut().item_spacing.x = 2.0;
            buttons(ui, state, axis, out);
            ui.add_space(GRID);
            ui.with_layout(Layout::left_to_right(Align::Center), |ui| {
                ui.spacing_mut().item_spacing.x = GRID;
                if let Some(source) = run.trace.settings.slow_source {
                    ui.label(RichText::new(format!("({source})")).color(palette.warn));
                }
                if timelines.runs().len() > 1 {
                    choices(ui, timelines, run, out);
                } else {
                    ui.add(Label::new(RichText::new(title(run)).color(palette.weak)).truncate());
                }
            });
        });
    });
}

/// A run's title; the duration is left out while it grows.
fn title(run: &TimelineRun) -> String {
    if run.live.is_some() { format!("Run {}: {}", run.id, run.trace.settings.describe()) } else { run.title() }
}

/// The choice of the run that is shown, and of the one below it.
fn choices(ui: &mut Ui, timelines: &Timelines, run: &TimelineRun, out: &mut Vec<Action>) {
    let width = ((ui.available_width() - GRID) / 2.0).clamp(120.0, 320.0);
    let shown = ComboBox::from_id_salt("timeline run").selected_text(title(run)).width(width).truncate();
    let response = shown.show_ui(ui, |ui| {
        for entry in timelines.runs().iter().rev() {
            if ui.selectable_label(entry.id == run.id, title(entry)).clicked() {
                out.push(ViewAction::ShowRun(entry.id).into());
            }
        }
    });
    response.response.accessible_name("Run that is shown").on_hover_text(title(run));
    let other = timelines.other();
    let text = other.map_or_else(|| "Compare with…".to_owned(), title);
    let below = ComboBox::from_id_salt("timeline other").selected_text(&text).width(width).truncate();
    let response = below.show_ui(ui, |ui| {
        if ui.selectable_label(other.is_none(), "No other run").clicked() {
            out.push(ViewAction::CompareRun(None).into());
        }
        for entry in timelines.runs().iter().rev().filter(|entry| entry.id != run.id) {
            if ui.selectable_label(other.is_some_and(|o| o.id == entry.id), title(entry)).clicked() {
                out.push(ViewAction::CompareRun(Some(entry.id)).into());
            }
        }
    });
    let help = "Show another run below, on the same time axis.";
    response.response.accessible_name("Compare with another run").on_hover_text(help);
}

fn buttons(ui: &mut Ui, state: &State, axis: &Axis, out: &mut Vec<Action>) {
    let view = state.timelines.view;
    let hide = text::with_keys(ui.ctx(), "Hide the timeline", state.keys.keys_for(ViewAction::TogglePanel(&TIMELINE)));
    if icon_button(ui, Icon::Close, &hide, true).clicked() {
        out.push(ViewAction::TogglePanel(&TIMELINE).into());
    }
    if icon_button(ui, Icon::Export, "Export the timeline", true).clicked() {
        out.push(Action::ExportTimeline);
    }
    ui.add_space(GRID / 2.0);
    if icon_button(ui, Icon::Fit, "Show the whole run (0)", view != TimeView::Fit).clicked() {
        out.push(ViewAction::ViewTime(TimeView::Fit).into());
    }
    if icon_button(ui, Icon::Add, "Zoom in (+)", true).clicked() {
        out.push(ViewAction::ViewTime(axis.zoomed(view, 2.0, None)).into());
    }
    if icon_button(ui, Icon::Minus, "Zoom out (-)", view != TimeView::Fit).clicked() {
        out.push(ViewAction::ViewTime(axis.zoomed(view, 0.5, None)).into());
    }
}

/// The colours of the activities in the runs that are shown.
fn legend(ui: &mut Ui, timelines: &Timelines) {
    const SIDE: f32 = 10.0;
    let palette = Palette::of(ui);
    let font = FontId::proportional(theme::SMALL);
    let runs = [timelines.shown(), timelines.other()];
    let used =
        |activity: Activity| runs.iter().flatten().any(|run| run.sums.iter().any(|sums| sums[activity as usize] > 0));
    let (row, _) = ui.allocate_exact_size(vec2(ui.available_width(), 18.0), Sense::hover());
    let mut left = row.left();
    for activity in Activity::ALL.into_iter().filter(|a| !a.is_wait() || used(*a)) {
        let galley = ui.painter().layout_no_wrap(activity.title().to_owned(), font.clone(), palette.weak);
        let swatch = pos2(left, row.center().y - SIDE / 2.0);
        bars::swatch(ui, ui.painter(), swatch, SIDE, activity);
        let text = pos2(left + SIDE + 6.0, row.center().y - galley.size().y / 2.0);
        left = text.x + galley.size().x + 2.0 * GRID;
        if left > row.right() + GRID {
            break;
        }
        ui.painter().galley(text, galley, palette.weak);
    }
    let hint = "scroll to zoom, drag to pan";
    let galley = ui.painter().layout_no_wrap(hint.to_owned(), font, palette.weak);
    if left + galley.size().x < row.right() {
        let at = pos2(row.right() - galley.size().x, row.center().y - galley.size().y / 2.0);
        ui.painter().galley(at, galley, palette.weak);
    }
}
