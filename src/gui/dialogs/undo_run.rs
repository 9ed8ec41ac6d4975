//! The question whether to remove the results of a run, and what came of it.

use std::path::Path;

use egui::{Label, RichText, ScrollArea, Spinner, Ui};
use lightloom_param::shown;

use crate::gui::model::action::{Action, RunsAction};
use crate::gui::model::past_runs::{PastRun, UndoRun, UndoState};
use crate::gui::model::state::State;
use crate::gui::text;
use crate::gui::theme::{self, GRID, Palette};
use crate::gui::widgets::button::primary_button;
use crate::gui::widgets::card::callout;
use crate::gui::widgets::dialog_parts::{buttons, closing_button, heading, secondary_button};
use crate::journal::{Removal, Undone};

/// Draws its contents.
pub fn show(ui: &mut Ui, state: &State, out: &mut Vec<Action>) {
    let Some(undo) = &state.past.undo else { return };
    ui.set_width(480.0);
    match &undo.state {
        UndoState::Asking => asking(ui, undo, out),
        UndoState::Removing(checking) => {
            heading(ui, "Undo the run?");
            ui.horizontal(|ui| {
                ui.add(Spinner::new().size(14.0));
                ui.label(format!(
                    "Removing files: {} compared with the journal so far…",
                    text::count(checking.count())
                ));
            });
        }
        UndoState::Removed(Ok(undone)) => removed(ui, undone, undo.removal, out),
        UndoState::Removed(Err(reason)) => impossible(ui, reason, out),
    }
}

fn asking(ui: &mut Ui, undo: &UndoRun, out: &mut Vec<Action>) {
    match &undo.run {
        None => {
            heading(ui, "Undo the run?");
            ui.horizontal(|ui| {
                ui.add(Spinner::new().size(14.0));
                ui.label("Reading its journal…");
            });
        }
        Some(Err(reason)) => impossible(ui, reason, out),
        Some(Ok(run)) if run.is_undone => impossible(ui, "its results have been removed already", out),
        Some(Ok(run)) if run.is_running => impossible(ui, "it is still going on", out),
        Some(Ok(run)) if run.files == 0 => impossible(ui, "it wrote no files", out),
        Some(Ok(run)) => question(ui, run, undo.removal, out),
    }
}

fn impossible(ui: &mut Ui, reason: &str, out: &mut Vec<Action>) {
    heading(ui, "The run cannot be undone");
    ui.label(format!("{}.", text::sentence(reason)));
    buttons(ui, |ui| {
        if closing_button(ui, "Close") {
            out.push(Action::CloseDialog);
        }
    });
}

fn question(ui: &mut Ui, run: &PastRun, removal: Removal, out: &mut Vec<Action>) {
    heading(ui, "Undo the run?");
    let files = text::plural(run.files, "file");
    let place = run.folder.as_deref().map_or(String::new(), |folder| format!(" in {}", text::short_path(folder)));
    ui.label(format!(
        "Removes what the run of {} wrote: {files} ({}){place}, and the folders that it made and that are empty then.",
        text::moment(run.started),
        text::bytes(run.bytes),
    ));
    ui.label("Files that have been changed since stay, and so do all originals.");
    if run.replacing > 0 {
        callout(ui, Palette::of(ui).warn, |ui| {
            ui.label(match run.replacing {
                1 => "1 of them replaced another file; undoing does not bring it back.".to_owned(),
                n => format!("{} of them replaced other files; undoing does not bring them back.", text::count(n)),
            });
        });
    }
    ui.add_space(GRID / 2.0);
    let trash = "Move to trash";
    if ui.radio(removal == Removal::Trash, trash).on_hover_text("They can be restored from there.").clicked() {
        out.push(RunsAction::SetRemoval(Removal::Trash).into());
    }
    let delete = "Delete at once";
    if ui.radio(removal == Removal::Delete, delete).on_hover_text("They cannot be restored.").clicked() {
        out.push(RunsAction::SetRemoval(Removal::Delete).into());
    }
    let (yes, help) = match removal {
        Removal::Trash => (format!("Move {files} to Trash"), "Compare each file with the journal, then move it."),
        Removal::Delete => (format!("Delete {files}"), "Compare each file with the journal, then delete it."),
    };
    buttons(ui, |ui| {
        if primary_button(ui, true, None, &yes).on_hover_text(help).clicked() {
            out.push(RunsAction::Undo.into());
        }
        if ui.add(secondary_button("Cancel")).on_hover_text("Close this question (Esc).").clicked() {
            out.push(Action::CloseDialog);
        }
    });
}

fn removed(ui: &mut Ui, undone: &Undone, removal: Removal, out: &mut Vec<Action>) {
    heading(ui, "The run is undone");
    let mut sentences = vec![format!(
        "{} {} {}.",
        text::plural(undone.removed.len(), "file"),
        if undone.removed.len() == 1 { "was" } else { "were" },
        if removal == Removal::Trash { "moved to the trash" } else { "deleted" }
    )];
    if !undone.folders.is_empty() {
        sentences.push(format!("{} removed.", text::plural(undone.folders.len(), "empty folder")));
    }
    if undone.missing > 0 {
        sentences.push(format!("{} not there any more.", text::plural(undone.missing, "file")));
    }
    if undone.replacing > 0 {
        sentences.push(format!("{} had replaced others, which are not back.", text::count(undone.replacing)));
    }
    ui.label(sentences.join(" "));
    if !undone.left.is_empty() {
        left(ui, undone);
    }
    buttons(ui, |ui| {
        if closing_button(ui, "Close") {
            out.push(Action::CloseDialog);
        }
    });
}

/// The files that were left, and why.
fn left(ui: &mut Ui, undone: &Undone) {
    let palette = Palette::of(ui);
    ui.add_space(GRID / 2.0);
    let title = format!("{} left:", text::plural(undone.left.len(), "file"));
    ui.label(RichText::new(title).color(palette.warn));
    let height = ui.text_style_height(&egui::TextStyle::Small) + 2.0;
    let area = ScrollArea::vertical().id_salt("left").max_height(180.0).auto_shrink([false, true]);
    area.show_rows(ui, height, undone.left.len(), |ui, range| {
        for left in &undone.left[range] {
            let name = text::file_name(Path::new(&left.path));
            let line = RichText::new(format!("{name}: {}", left.reason)).size(theme::SMALL);
            ui.add(Label::new(line).truncate().show_tooltip_when_elided(false)).on_hover_text(format!(
                "{}: {}.",
                shown(&left.path),
                left.reason
            ));
        }
    });
}
