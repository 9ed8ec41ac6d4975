//! The export settings: where results go, in which format and quality, and as which outputs.

mod colour_and_metadata;
mod format_options;
mod names;
mod outputs;
mod place;
mod rows;

use egui::{RichText, ScrollArea, Ui};

use crate::gui::dialogs::export_settings::rows::{format, quality, row};
use crate::gui::model::action::{Action, RecipeAction};
use crate::gui::model::history::{EditTarget, Gesture};
use crate::gui::model::state::State;
use crate::gui::theme::{self, GRID, Palette};
use crate::gui::widgets::button::primary_button;
use crate::gui::widgets::dialog_parts::{buttons, secondary_button};
use crate::gui::widgets::scroll;

/// Draws its contents. `press` is the number of the current press of the pointer.
pub fn show(ui: &mut Ui, state: &State, press: u64, out: &mut Vec<Action>) {
    ui.set_width(480.0);
    ui.heading("Export settings");
    ui.add_space(GRID);
    // The buttons stay visible however much there is to choose.
    let max_height = (ui.ctx().content_rect().height() - 170.0).max(160.0);
    let area = ScrollArea::vertical().id_salt("export").auto_shrink([false, true]).max_height(max_height);
    scroll::vertical(ui, area, |ui| choices(ui, state, press, out));
    buttons(ui, |ui| {
        let done = primary_button(ui, true, None, "Done");
        if done.on_hover_text("Close and keep what was changed.").clicked() {
            out.push(Action::CloseDialog);
        }
        let cancel = ui.add(secondary_button("Cancel"));
        if cancel.on_hover_text("Close and change nothing (Esc).").clicked() {
            out.push(Action::CancelExportSettings);
        }
    });
}

fn choices(ui: &mut Ui, state: &State, press: u64, out: &mut Vec<Action>) {
    row(ui, "Results", |ui, label| place::show(ui, &state.output, label, out));
    names::show(ui, &state.output, out);
    names::samples(ui, state);
    if state.recipe().outputs.is_empty() {
        single_export(ui, state, press, out);
    }
    outputs::show(ui, state, press, out);
    ui.add_space(GRID);
    let promise = format!("Originals are never changed. {}.", state.output.conflict.help());
    ui.label(RichText::new(promise).small().color(Palette::of(ui).weak));
}

/// How the results of a recipe without outputs are saved.
fn single_export(ui: &mut Ui, state: &State, press: u64, out: &mut Vec<Action>) {
    let export = &state.recipe().export;
    let mut set = |export, gesture| out.push(RecipeAction::SetExport(export, gesture).into());
    let gesture = |control| Some(Gesture { press, target: EditTarget::Export(None), control });
    row(ui, "Format", |ui, label| {
        if let Some(export) = format(ui, export, "Format", label) {
            set(export, None);
        }
    });
    row(ui, "Quality", |ui, label| {
        if let Some(export) = quality(ui, export, 220.0, "Quality", label) {
            set(export, gesture(0));
        }
    });
    let formats = format_options::formats(state, export);
    if let Some(edit) = format_options::show(ui, export, &formats, "") {
        set(edit.export, gesture(edit.control));
    }
    match colour_and_metadata::show(ui, export, theme::BODY, "") {
        Some(colour_and_metadata::Edit::Export(edited)) => {
            let gesture = colour_and_metadata::gesture(export, &edited, press, None);
            set(edited, gesture);
        }
        Some(colour_and_metadata::Edit::Browse) => out.push(Action::BrowseProfile(None)),
        None => {}
    }
}
