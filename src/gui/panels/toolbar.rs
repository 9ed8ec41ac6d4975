//! The toolbar: add, start, how and where results are saved, plan, pause and stop.

use egui::{Align, Button, Layout, Margin, RichText, Ui, vec2};
use lightloom_param::shown;

use crate::gui::model::action::{Action, PlanAction};
use crate::gui::model::state::State;
use crate::gui::panels::panel::{Panel, View};
use crate::gui::text;
use crate::gui::theme::{BUTTON, GRID, Palette};
use crate::gui::widgets::button::{labelled_button, primary_button};
use crate::gui::widgets::icon::Icon;

pub const PANEL: Panel = Panel::top("toolbar", show).margin(Margin::symmetric(12, 8));

fn show(ui: &mut Ui, View { state, out, .. }: &mut View<'_>) {
    ui.horizontal(|ui| {
        ui.with_layout(Layout::right_to_left(Align::Center), |ui| {
            pause_and_stop(ui, state, out);
            ui.with_layout(Layout::left_to_right(Align::Center), |ui| {
                let help = "Choose folders; pictures in them are added at any depth.";
                if ui.add(labelled_button(Icon::Folder, "Add Folder…")).on_hover_text(help).clicked() {
                    out.push(Action::AddFolder);
                }
                ui.add_space(GRID);
                start(ui, state, out);
            });
        });
    });
}

/// Start, and what it will do in one sentence.
fn start(ui: &mut Ui, state: &State, out: &mut Vec<Action>) {
    let disabled_reason = state.disabled_reason(&Action::Start);
    let start = primary_button(ui, disabled_reason.is_none(), Some(Icon::Start), "Start")
        .on_hover_text(text::with_keys(
            ui.ctx(),
            "Process every picture in the list.",
            state.keys.keys_for(Action::Start),
        ))
        .on_disabled_hover_text(disabled_reason.unwrap_or_default());
    if start.clicked() {
        out.push(Action::Start);
    }
    let sentence = RichText::new(state.export_sentence()).color(Palette::of(ui).text);
    let button = Button::new(sentence).truncate().frame_when_inactive(false).min_size(vec2(0.0, BUTTON));
    let hover = state.target_folder().map_or_else(
        || "Choose folder, format and quality of the results.".to_owned(),
        |folder| format!("Results go to {}. Click to change folder, format and quality.", shown(&folder)),
    );
    let hover = text::with_keys(ui.ctx(), &hover, state.keys.keys_for(Action::OpenExportSettings));
    if ui.add(button).on_hover_text(hover).accessible_name("Export settings").clicked() {
        out.push(Action::OpenExportSettings);
    }
}

/// From right to left.
fn pause_and_stop(ui: &mut Ui, state: &State, out: &mut Vec<Action>) {
    let running = state.is_running();
    let none = "No run is in progress.";
    let stop = labelled_button(Icon::Stop, "Stop");
    let help = text::with_keys(ui.ctx(), "Stop the run; finished results are kept.", state.keys.keys_for(Action::Stop));
    if ui.add_enabled(running, stop).on_hover_text(help).on_disabled_hover_text(none).clicked() {
        out.push(Action::Stop);
    }
    let (icon, text, help) = if state.is_paused() {
        (Icon::Start, "Resume", "Resume the run.")
    } else {
        (Icon::Pause, "Pause", "Finish the pictures in progress and start no others.")
    };
    let help = text::with_keys(ui.ctx(), help, state.keys.keys_for(Action::Pause));
    // Resume and Pause have the same width, so that nothing beside them moves.
    let pause = labelled_button(icon, text).min_size(vec2(98.0, BUTTON));
    if ui.add_enabled(running, pause).on_hover_text(help).on_disabled_hover_text(none).clicked() {
        out.push(Action::Pause);
    }
    let disabled_reason = state.disabled_reason(&Action::Start);
    let plan = ui.add_enabled(disabled_reason.is_none(), Button::new("Plan…").min_size(vec2(0.0, BUTTON)));
    let help = text::with_keys(
        ui.ctx(),
        "See what the run would write, replace and skip.",
        state.keys.keys_for(PlanAction::Open),
    );
    if plan.on_hover_text(help).on_disabled_hover_text(disabled_reason.unwrap_or_default()).clicked() {
        out.push(PlanAction::Open.into());
    }
}
