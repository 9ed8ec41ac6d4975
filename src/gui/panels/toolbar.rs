//! The toolbar: add, start, pause, stop, executor, and where results go.

use egui::{Align, Button, Layout, Margin, RichText, Ui, vec2};
use lightloom_param::shown;

use crate::batch::EXECUTORS;
use crate::gui::model::action::{Action, PlanAction};
use crate::gui::model::state::State;
use crate::gui::panels::panel::{Panel, View};
use crate::gui::theme::{GRID, Palette};
use crate::gui::widgets::button::{labelled_button, primary_button};
use crate::gui::widgets::icon::Icon;
use crate::gui::widgets::segmented::{Segment, segmented};

pub const PANEL: Panel = Panel::top("toolbar", show).margin(Margin::symmetric(12, 8));

fn show(ui: &mut Ui, View { state, out, .. }: &mut View<'_>) {
    ui.horizontal(|ui| {
        if ui
            .add(labelled_button(Icon::Folder, "Add Folder…"))
            .on_hover_text("Choose folders; pictures in them are added at any depth.")
            .clicked()
        {
            out.push(Action::AddFolder);
        }
        ui.add_space(GRID);
        run_buttons(ui, state, out);
        ui.add_space(GRID);
        // The others are in the Workers menu.
        let offered: Vec<_> = EXECUTORS.iter().filter_map(|executor| Some((*executor, executor.brief?))).collect();
        let chosen = state.settings.executor;
        let segments: Vec<_> =
            offered.iter().map(|(executor, brief)| Segment::new(executor.title, brief, *executor == chosen)).collect();
        if let Some(index) = segmented(ui, !state.is_running(), 32.0, &segments) {
            out.push(Action::SetExecutor(offered[index].0));
        }
        ui.with_layout(Layout::right_to_left(Align::Center), |ui| {
            let palette = Palette::of(ui);
            let target = format!("{}, {}", state.format_summary(), state.target_summary());
            let button = Button::new(RichText::new(target).color(palette.text)).truncate().min_size(vec2(0.0, 32.0));
            let hover = state.target_folder().map_or_else(
                || "Folder, format and quality of the results.".to_owned(),
                |folder| format!("Results go to {}. Click to change folder, format and quality.", shown(&folder)),
            );
            let response = ui.add(button).on_hover_text(hover);
            if response.accessible_name("Export settings").clicked() {
                out.push(Action::OpenExportSettings);
            }
        });
    });
}

fn run_buttons(ui: &mut Ui, state: &State, out: &mut Vec<Action>) {
    let disabled_reason = state.disabled_reason(&Action::Start);
    let start = primary_button(ui, disabled_reason.is_none(), Some(Icon::Start), "Start")
        .on_hover_text("Process every picture in the list (Ctrl+Enter).")
        .on_disabled_hover_text(disabled_reason.unwrap_or_default());
    if start.clicked() {
        out.push(Action::Start);
    }
    let plan = ui.add_enabled(disabled_reason.is_none(), Button::new("Plan…").min_size(vec2(0.0, 32.0)));
    let help = "See what the run would write, replace and skip (Ctrl+P).";
    if plan.on_hover_text(help).on_disabled_hover_text(disabled_reason.unwrap_or_default()).clicked() {
        out.push(PlanAction::Open.into());
    }
    let (icon, text, help) = if state.is_paused() {
        (Icon::Start, "Resume", "Resume the run (Space).")
    } else {
        (Icon::Pause, "Pause", "Finish the pictures in progress and start no others (Space).")
    };
    let running = state.is_running();
    let none = "No run is in progress.";
    // Resume and Pause have the same width, so that nothing beside them moves.
    let pause = labelled_button(icon, text).min_size(vec2(98.0, 32.0));
    if ui.add_enabled(running, pause).on_hover_text(help).on_disabled_hover_text(none).clicked() {
        out.push(Action::Pause);
    }
    let stop = labelled_button(Icon::Stop, "Stop");
    let help = "Stop the run; finished results are kept (Esc).";
    if ui.add_enabled(running, stop).on_hover_text(help).on_disabled_hover_text(none).clicked() {
        out.push(Action::Stop);
    }
}
