//! Name, version, licence.

use egui::{RichText, Ui};

use crate::gui::model::action::Action;
use crate::gui::theme::{self, Palette};
use crate::gui::widgets::dialog_parts::{buttons, closing_button, heading};

/// Draws its contents.
pub fn show(ui: &mut Ui, out: &mut Vec<Action>) {
    let palette = Palette::of(ui);
    ui.set_width(380.0);
    heading(ui, "Lightloom");
    let version = concat!("Version ", env!("CARGO_PKG_VERSION"));
    ui.label(RichText::new(version).font(theme::figures(theme::SMALL + 1.0)));
    ui.label("A batch image processor: threads that wait feed cores that work.");
    let licence = "Free software under the MIT licence or the Apache licence 2.0, at your option.";
    ui.label(RichText::new(licence).color(palette.weak));
    buttons(ui, |ui| {
        if closing_button(ui, "Close") {
            out.push(Action::CloseDialog);
        }
    });
}
