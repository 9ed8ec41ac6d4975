//! The toolbar: add, start, pause, stop, who carries the work, and where results go.

use egui::{Align, Button, Layout, RichText, Ui};

use super::action::Action;
use super::state::State;
use super::theme::{GRID, Palette};
use super::widgets::{Icon, Segment, labelled_button, primary_button, segmented};
use crate::batch::find_executor;

/// The executors of the toggle; `sequential` stays in the Workers menu.
const TOGGLE: [(&str, &str, &str); 3] = [
    ("threads", "Threads", "Threads take turns at the pixels and only wait at the same time, as under Python's lock."),
    ("cores", "Cores", "Every core carries whole pictures, waiting for the disk included."),
    ("hybrid", "Both", "Threads wait for the disk and feed cores that never wait."),
];

/// Draws it.
pub fn show(ui: &mut Ui, state: &State, out: &mut Vec<Action>) {
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
        let segments = TOGGLE.map(|(id, text, help)| Segment::new(text, help, state.settings.executor.id == id));
        if let Some(executor) =
            segmented(ui, !state.is_running(), 32.0, &segments).and_then(|i| find_executor(TOGGLE[i].0))
        {
            out.push(Action::SetExecutor(executor));
        }
        ui.with_layout(Layout::right_to_left(Align::Center), |ui| {
            let palette = Palette::of(ui);
            let target = format!("{}, {}", state.format_words(), state.target_words());
            let button =
                Button::new(RichText::new(target).color(palette.text)).truncate().min_size(egui::vec2(0.0, 32.0));
            let hover = state.target_folder().map_or_else(
                || "Folder, format and quality of the results.".to_owned(),
                |folder| format!("Results go to {}. Click to change folder, format and quality.", folder.display()),
            );
            let response = ui.add(button).on_hover_text(hover);
            if response.accessible_name("Export settings").clicked() {
                out.push(Action::ExportSettings);
            }
        });
    });
}

fn run_buttons(ui: &mut Ui, state: &State, out: &mut Vec<Action>) {
    let why_not = state.why_not(&Action::Start);
    let start = primary_button(ui, why_not.is_none(), Some(Icon::Start), "Start")
        .on_hover_text("Process every picture of the list (Ctrl+Enter).")
        .on_disabled_hover_text(why_not.unwrap_or_default());
    if start.clicked() {
        out.push(Action::Start);
    }
    let (icon, text, help) = if state.is_paused() {
        (Icon::Start, "Resume", "Go on (Space).")
    } else {
        (Icon::Pause, "Pause", "Let pictures in work finish and begin no other (Space).")
    };
    let running = state.is_running();
    let none = "No run is under way.";
    // Resume and Pause take the same room, so that nothing beside them moves.
    let pause = labelled_button(icon, text).min_size(egui::vec2(98.0, 32.0));
    if ui.add_enabled(running, pause).on_hover_text(help).on_disabled_hover_text(none).clicked() {
        out.push(Action::Pause);
    }
    let stop = labelled_button(Icon::Stop, "Stop");
    let help = "End the run; finished results stay (Esc).";
    if ui.add_enabled(running, stop).on_hover_text(help).on_disabled_hover_text(none).clicked() {
        out.push(Action::Stop);
    }
}
