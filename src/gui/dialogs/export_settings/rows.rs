//! Rows of the export settings, and the controls for format and quality.

use egui::{Align, ComboBox, DragValue, Id, Layout, Response, Ui, vec2};

use crate::gui::theme::{self, GRID};
use crate::gui::widgets::slider::{Track, slider};
use crate::recipe::{ExportSettings, FormatChoice};

/// A label, followed by what distinguishes it from the same label of another output.
pub fn name(label: &str, suffix: &str) -> String {
    if suffix.is_empty() { label.to_owned() } else { format!("{label} {suffix}") }
}

/// A label with its control beside it, for a section.
pub fn named_row(ui: &mut Ui, label: &str, suffix: &str, help: &str, control: impl FnOnce(&mut Ui) -> Response) {
    ui.horizontal(|ui| {
        let cell = vec2(theme::LABEL, theme::CONTROL);
        let shown = ui.allocate_ui_with_layout(cell, Layout::left_to_right(Align::Center), |ui| {
            ui.set_min_width(cell.x);
            ui.label(label).id
        });
        let response = control(ui).on_hover_text(help);
        if suffix.is_empty() {
            response.labelled_by(shown.inner);
        } else {
            response.accessible_name(name(label, suffix));
        }
    });
}

/// A label on the left, level with the first of its controls on the right.
pub fn row(ui: &mut Ui, label: &str, controls: impl FnOnce(&mut Ui, Id)) {
    ui.horizontal_top(|ui| {
        let cell = vec2(theme::LABEL, theme::CONTROL);
        let label = ui.allocate_ui_with_layout(cell, Layout::left_to_right(Align::Center), |ui| {
            ui.set_min_width(cell.x);
            ui.label(label).id
        });
        ui.vertical(|ui| controls(ui, label.inner));
    });
    ui.add_space(GRID / 2.0);
}

/// A format as the user reads it.
const fn format_title(choice: FormatChoice) -> &'static str {
    match choice {
        FormatChoice::Same => "Same as the source",
        FormatChoice::To(codec) => codec.title,
    }
}

/// A choice of the format; returns the settings with another one once it is chosen.
pub fn format(ui: &mut Ui, export: &ExportSettings, name: &str, label: Id) -> Option<ExportSettings> {
    let mut chosen = export.format;
    let combo = ComboBox::from_id_salt(name).selected_text(format_title(chosen)).width(180.0);
    let shown = combo.show_ui(ui, |ui| {
        for choice in FormatChoice::all() {
            ui.selectable_value(&mut chosen, choice, format_title(choice));
        }
    });
    let response =
        if name == "Format" { shown.response.labelled_by(label) } else { shown.response.accessible_name(name) };
    response.on_hover_text("The format that results are saved in.");
    (chosen != export.format).then(|| ExportSettings { format: chosen, ..export.clone() })
}

/// A slider for the quality; returns the settings with another one once it is moved.
pub fn quality(ui: &mut Ui, export: &ExportSettings, width: f32, name: &str, label: Id) -> Option<ExportSettings> {
    let lossy = matches!(export.format, FormatChoice::Same) || matches!(export.format, FormatChoice::To(c) if c.lossy);
    let mut quality = export.options.quality();
    let help = "100 keeps the most detail and makes the largest files; 80 to 92 suits photographs.";
    let lossless = "This format is lossless; there is no quality to choose.";
    ui.add_enabled_ui(lossy, |ui| {
        ui.horizontal(|ui| {
            let track = Track { min: 1.0, max: 100.0, default: 90.0, step: 1.0, decimals: 0, logarithmic: false };
            let place = ui.allocate_ui(vec2(width, theme::CONTROL), |ui| slider(ui, track, f64::from(quality), name));
            let (response, moved) = place.inner;
            response.on_hover_text(help).on_disabled_hover_text(lossless);
            if let Some(moved) = moved {
                quality = moved as u8;
            }
            let field = ui.add(DragValue::new(&mut quality).range(1..=100)).labelled_by(label);
            field.accessible_name(name).on_hover_text(help).on_disabled_hover_text(lossless);
        });
    });
    (quality != export.options.quality()).then(|| {
        let mut export = export.clone();
        export.options.set_quality(quality);
        export
    })
}
