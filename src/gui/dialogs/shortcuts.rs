//! All keyboard shortcuts.

use egui::{Grid, RichText, Ui};

use crate::gui::model::action::Action;
use crate::gui::model::presentation::Menu;
use crate::gui::theme::{self, GRID, Palette};
use crate::gui::widgets::dialog_parts::{buttons, closing_button, heading};

/// Keys that belong to no action, and what they do.
const OTHERS: [(&str, &str); 6] = [
    ("Alt+letter, F10", "Open a menu"),
    ("\\", "Original, while held"),
    ("Arrows", "Select another picture"),
    ("Ctrl+V", "Add pasted paths"),
    ("Wheel, + - 0", "Timeline: zoom, fit"),
    ("Drag, arrows", "Timeline: pan"),
];

/// Draws its contents.
pub fn show(ui: &mut Ui, out: &mut Vec<Action>) {
    let palette = Palette::of(ui);
    ui.set_width(600.0);
    heading(ui, "Shortcuts");
    let mut lines = Vec::new();
    for menu in Menu::ALL {
        for (shortcut, action) in Action::shortcuts() {
            let presentation = action.presentation().filter(|p| p.menu == menu && p.shortcut == Some(*shortcut));
            if let Some(presentation) = presentation {
                let text = presentation.text.trim_end_matches('…').to_owned();
                lines.push((ui.ctx().format_shortcut(shortcut), text));
            }
        }
    }
    lines.extend(OTHERS.map(|(key, text)| (key.to_owned(), text.to_owned())));
    let half = lines.len().div_ceil(2);
    Grid::new("shortcuts").num_columns(4).spacing([3.0 * GRID, GRID]).show(ui, |ui| {
        for row in 0..half {
            for (key, text) in [lines.get(row), lines.get(row + half)].into_iter().flatten() {
                ui.label(RichText::new(key).font(theme::figures(theme::SMALL + 1.0)).color(palette.loom));
                ui.label(text);
            }
            ui.end_row();
        }
    });
    buttons(ui, |ui| {
        if closing_button(ui, "Close") {
            out.push(Action::CloseDialog);
        }
    });
}
