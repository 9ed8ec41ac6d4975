//! The toolbar: add, start, pause, stop, executor, and where results go.

use egui::{Align, Button, Layout, Margin, RichText, Ui, vec2};

use crate::batch::find_executor;
use crate::gui::model::action::Action;
use crate::gui::model::state::State;
use crate::gui::panels::panel::{Panel, View};
use crate::gui::theme::{GRID, Palette};
use crate::gui::widgets::button::{labelled_button, primary_button};
use crate::gui::widgets::icon::Icon;
use crate::gui::widgets::segmented::{Segment, segmented};

/// An executor that can be chosen here; the others are in the Workers menu.
struct ExecutorChoice {
    id: &'static str,
    text: &'static str,
    help: &'static str,
}

const EXECUTOR_CHOICES: [ExecutorChoice; 3] = [
    ExecutorChoice {
        id: "threads",
        text: "Threads",
        help: "Threads take turns at processing pixels; only their waiting overlaps, as under Python's global lock.",
    },
    ExecutorChoice {
        id: "cores",
        text: "Cores",
        help: "Each core processes whole pictures, including waiting for the disk.",
    },
    ExecutorChoice { id: "hybrid", text: "Both", help: "Threads wait for the disk and feed cores that never wait." },
];

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
        let executor = state.settings.executor.id;
        let segments = EXECUTOR_CHOICES.map(|choice| Segment::new(choice.text, choice.help, choice.id == executor));
        if let Some(executor) =
            segmented(ui, !state.is_running(), 32.0, &segments).and_then(|i| find_executor(EXECUTOR_CHOICES[i].id))
        {
            out.push(Action::SetExecutor(executor));
        }
        ui.with_layout(Layout::right_to_left(Align::Center), |ui| {
            let palette = Palette::of(ui);
            let target = format!("{}, {}", state.format_summary(), state.target_summary());
            let button = Button::new(RichText::new(target).color(palette.text)).truncate().min_size(vec2(0.0, 32.0));
            let hover = state.target_folder().map_or_else(
                || "Folder, format and quality of the results.".to_owned(),
                |folder| format!("Results go to {}. Click to change folder, format and quality.", folder.display()),
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
