//! What the window before left when it crashed.

use egui::{RichText, ScrollArea, Ui};

use crate::gui::model::action::Action;
use crate::gui::theme::{self, Palette};
use crate::gui::widgets::dialog_parts::{buttons, closing_button, heading, secondary_button};

/// Draws its contents.
pub fn show(ui: &mut Ui, report: &str, out: &mut Vec<Action>) {
    let palette = Palette::of(ui);
    ui.set_width(560.0);
    heading(ui, "Lightloom crashed the last time");
    ui.label("Results that were finished are whole, and a run that was interrupted can be resumed. With this report the fault can be found; it stays on this computer unless you send it.");
    ui.add_space(theme::GRID);
    ScrollArea::both().max_height(240.0).auto_shrink([false, true]).show(ui, |ui| {
        ui.label(RichText::new(report).font(theme::figures(theme::SMALL)).color(palette.weak));
    });
    buttons(ui, |ui| {
        if closing_button(ui, "Close") {
            out.push(Action::CloseDialog);
        }
        if ui.add(secondary_button("Copy Report")).on_hover_text("Copy the report as text.").clicked() {
            ui.copy_text(report.to_owned());
        }
    });
}
