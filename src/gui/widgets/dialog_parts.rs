//! What all dialogs have: a heading, and buttons at the bottom right.

use egui::{Align, Button, Layout, Ui, vec2};

use crate::gui::theme::{BUTTON, GRID};
use crate::gui::widgets::button::primary_button;

/// The heading of a dialog.
pub fn heading(ui: &mut Ui, text: &str) {
    ui.heading(text);
    ui.add_space(GRID);
}

/// Buttons at the right, the primary one outermost.
pub fn buttons(ui: &mut Ui, add: impl FnOnce(&mut Ui)) {
    ui.add_space(GRID);
    ui.horizontal(|ui| ui.with_layout(Layout::right_to_left(Align::Center), add));
}

/// The primary button that closes a dialog; returns whether it was clicked.
pub fn closing_button(ui: &mut Ui, text: &str) -> bool {
    primary_button(ui, true, None, text).on_hover_text("Close (Esc).").clicked()
}

/// A button beside the primary one.
pub fn secondary_button(text: &str) -> Button<'_> {
    Button::new(text).min_size(vec2(0.0, BUTTON))
}
