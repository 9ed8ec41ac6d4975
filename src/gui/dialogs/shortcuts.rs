//! All keyboard shortcuts.

use egui::{Grid, RichText, Ui};

use crate::gui::model::action::Action;
use crate::gui::model::presentation::Menu;
use crate::gui::text;
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

/// Keys beside each other.
const COLUMNS: usize = 3;

/// Draws its contents.
pub fn show(ui: &mut Ui, out: &mut Vec<Action>) {
    let palette = Palette::of(ui);
    ui.set_width(860.0);
    heading(ui, "Shortcuts");
    let mut lines = Vec::new();
    for menu in Menu::ALL {
        for (shortcut, action) in Action::shortcuts() {
            let presentation = action.presentation().filter(|p| p.menu == menu && p.shortcut == Some(*shortcut));
            if let Some(presentation) = presentation {
                let title = presentation.text.trim_end_matches('…').to_owned();
                lines.push((text::shortcut(ui.ctx(), shortcut), title));
            }
        }
    }
    lines.extend(OTHERS.map(|(key, text)| (key.to_owned(), text.to_owned())));
    let rows = lines.len().div_ceil(COLUMNS);
    Grid::new("shortcuts").num_columns(2 * COLUMNS).spacing([3.0 * GRID, GRID]).show(ui, |ui| {
        for row in 0..rows {
            for (key, text) in (0..COLUMNS).filter_map(|column| lines.get(row + column * rows)) {
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
