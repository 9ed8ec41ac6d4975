//! The dialogs that lie over the window, one file each: questions, settings, explanations.

mod about;
mod confirm;
mod crash_report;
mod export_settings;
mod finder;
mod history;
mod path;
mod plan;
mod presets;
mod recommendation;
mod shortcuts;
mod summary;
mod suspend;
mod threads_and_cores;
mod undo_run;
mod web;

use egui::{Frame, Id, Margin, Modal, Ui};

use crate::gui::model::action::Action;
use crate::gui::model::dialog::Dialog;
use crate::gui::panels::panel::View;
use crate::gui::widgets::paint::text_focus_ring;

/// Draws the dialog that is open, if any, and what shows which text field has the keyboard.
pub fn show(ui: &Ui, view: &mut View<'_>) {
    show_open(ui, view);
    text_focus_ring(ui);
}

fn show_open(ui: &Ui, view: &mut View<'_>) {
    let state = view.state;
    let Some(dialog) = &state.dialog else { return };
    let frame = Frame::window(ui.style()).inner_margin(Margin::same(24));
    let id = Id::unique(("modal", std::mem::discriminant(dialog)));
    let response = Modal::new(id).frame(frame).show(ui.ctx(), |ui| contents(ui, dialog, view));
    // A dialog finds its size within a few frames; they are drawn at once rather than when the pointer moves, under which
    // the controls would move.
    let (rect_id, rect) = (id.with("rect"), response.response.rect);
    if ui.data_mut(|data| data.get_temp(rect_id) != Some(rect)) {
        ui.data_mut(|data| data.insert_temp(rect_id, rect));
        ui.ctx().request_repaint();
    }
    if response.should_close() {
        view.out.push(if *dialog == Dialog::ExportSettings {
            Action::CancelExportSettings
        } else {
            Action::CloseDialog
        });
    }
}

fn contents(ui: &mut Ui, dialog: &Dialog, view: &mut View<'_>) {
    let View { state, memory, out, .. } = view;
    match dialog {
        Dialog::ExportSettings => export_settings::show(ui, state, memory.presses, out),
        Dialog::Summary => summary::show(ui, state, out),
        Dialog::History => history::show(ui, state, out),
        Dialog::UndoRun => undo_run::show(ui, state, out),
        Dialog::Plan => plan::show(ui, state, out),
        Dialog::Presets => presets::show(ui, state, out),
        Dialog::Finder(scope) => finder::show(ui, *scope, view),
        Dialog::Path(prompt) => path::show(ui, prompt, out),
        Dialog::Web => web::show(ui, view),
        Dialog::ConfirmStop => confirm::stop(ui, state, out),
        Dialog::ConfirmQuit => confirm::quit(ui, out),
        Dialog::Suspend => suspend::show(ui, state, out),
        Dialog::Recommendation => recommendation::show(ui, state, out),
        Dialog::ThreadsAndCores => threads_and_cores::show(ui, state, out),
        Dialog::Shortcuts => shortcuts::show(ui, state, &mut memory.shortcuts, out),
        Dialog::About => about::show(ui, out),
        Dialog::CrashReport(report) => crash_report::show(ui, report, out),
    }
}
