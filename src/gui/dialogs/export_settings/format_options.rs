//! The options of the formats that are written, derived from the table of options. Only those that apply are shown.

use egui::{Align, Checkbox, ComboBox, DragValue, Layout, RichText, Ui, vec2};
use lightloom_param::{Colour, ParamKind, ParamSpec, Value};

use crate::codec::{CODECS, Codec, OPTIONS};
use crate::gui::dialogs::export_settings::rows::name;
use crate::gui::model::state::State;
use crate::gui::theme;
use crate::gui::widgets::slider::{Track, slider};
use crate::recipe::{ExportSettings, FormatChoice, FrameChoice};

/// A change of the export settings.
pub struct Edit {
    pub export: ExportSettings,
    /// The number of the control that changed them, for undo.
    pub control: usize,
}

/// The formats in which results may be written: the chosen one, or those of the pictures in the list.
pub fn formats(state: &State, export: &ExportSettings) -> Vec<&'static Codec> {
    if let FormatChoice::To(codec) = export.format {
        return vec![codec];
    }
    let paths = state.pictures.entries().iter().map(crate::gui::model::pictures::Entry::path);
    let of_pictures: Vec<&'static Codec> = CODECS
        .iter()
        .copied()
        .filter(|codec| {
            paths.clone().any(|path| crate::codec::from_extension(path).is_some_and(|c| c.same() == *codec))
        })
        .collect();
    if of_pictures.is_empty() { CODECS.iter().copied().filter(|c| c.writes()).collect() } else { of_pictures }
}

/// Draws a control for each option that applies to one of the formats. `suffix` ends the accessible names; it is empty
/// where there is only one export.
pub fn show(ui: &mut Ui, export: &ExportSettings, formats: &[&'static Codec], suffix: &str) -> Option<Edit> {
    let mut edited = None;
    for (index, option) in OPTIONS.iter().enumerate() {
        // Quality has its own place, next to the format.
        if option.key == "quality" || !formats.iter().any(|codec| codec.has_option(option)) {
            continue;
        }
        let now = export.options.get(option);
        let value = control(ui, option, &now, suffix);
        if value != now {
            let mut export = export.clone();
            export.options.set(option, value);
            edited = Some(Edit { export, control: index + 1 });
        }
    }
    let frames = frames(ui, export.frames, suffix);
    if frames != export.frames {
        edited = Some(Edit { export: ExportSettings { frames, ..export.clone() }, control: OPTIONS.len() + 1 });
    }
    let copies = copy_unchanged(ui, export, suffix);
    if copies != export.copy_unchanged {
        let export = ExportSettings { copy_unchanged: copies, ..export.clone() };
        edited = Some(Edit { export, control: OPTIONS.len() + 2 });
    }
    edited
}

fn copy_unchanged(ui: &mut Ui, export: &ExportSettings, suffix: &str) -> bool {
    const LABEL: &str = "Copy unchanged pictures";
    let help = "Copy pictures byte for byte where no filter does anything and their format stays the same, whatever the \
                quality. Otherwise they are encoded again, and JPEGs lose a little each time.";
    let changes = "Colours or metadata of every picture are changed, so that none can be copied.";
    let mut copies = export.copy_unchanged;
    row(ui, "", help, |ui| {
        let response = ui.add_enabled(export.leaves_pictures(), Checkbox::new(&mut copies, LABEL));
        response.accessible_name(name(LABEL, suffix)).on_hover_text(help).on_disabled_hover_text(changes);
    });
    copies
}

fn row<R>(ui: &mut Ui, label: &str, help: &str, controls: impl FnOnce(&mut Ui) -> R) -> R {
    let row = ui.horizontal(|ui| {
        ui.allocate_ui_with_layout(vec2(theme::LABEL, theme::CONTROL), Layout::left_to_right(Align::Center), |ui| {
            ui.set_min_width(theme::LABEL);
            ui.label(RichText::new(label).size(theme::SMALL + 1.0)).on_hover_text(help);
        });
        controls(ui)
    });
    row.inner
}

fn control(ui: &mut Ui, option: &ParamSpec, now: &Value, suffix: &str) -> Value {
    let help = format!("{}. Allowed: {}.", option.help, option.kind.allowed());
    let name = name(option.label, suffix);
    match (option.kind, now) {
        (ParamKind::Integer { min, max, default, .. }, Value::Integer(n)) => {
            let (mut edited, unit, zero) = (*n, option.unit, option.zero);
            row(ui, option.label, &help, |ui| {
                if max <= 256 {
                    let [low, high, default] = [min, max, default].map(|n| n as f64);
                    let track = Track { min: low, max: high, default, step: 1.0, decimals: 0, logarithmic: false };
                    let place =
                        ui.allocate_ui(vec2(180.0, theme::CONTROL), |ui| slider(ui, track, edited as f64, &name));
                    let (response, moved) = place.inner;
                    response.on_hover_text(&help);
                    if let Some(moved) = moved {
                        edited = moved as i64;
                    }
                    let field = ui.add(DragValue::new(&mut edited).range(min..=max));
                    field.accessible_name(&name).on_hover_text(&help);
                } else {
                    let value = DragValue::new(&mut edited).range(min..=max).speed(1.0).update_while_editing(false);
                    let value = value.custom_formatter(move |n, _| match (n as i64, zero) {
                        (0, Some(words)) => words.to_owned(),
                        (n, _) => format!("{n} {unit}").trim_end().to_owned(),
                    });
                    let digits = |text: &str| text.trim().trim_end_matches(char::is_alphabetic).trim().parse().ok();
                    ui.add(value.custom_parser(digits)).accessible_name(&name).on_hover_text(&help);
                }
            });
            Value::Integer(edited)
        }
        (ParamKind::Choice { options: words, titles, .. }, Value::Choice(word)) => {
            let choices = || words.iter().zip(titles);
            let title = choices().find(|(known, _)| *known == word).map_or(*word, |(_, title)| *title);
            let mut edited = *word;
            row(ui, option.label, &help, |ui| {
                let combo = ComboBox::from_id_salt((option.key, suffix)).selected_text(title).width(180.0);
                let shown = combo.show_ui(ui, |ui| {
                    for (word, title) in choices() {
                        ui.selectable_value(&mut edited, *word, *title);
                    }
                });
                shown.response.accessible_name(&name).on_hover_text(&help);
            });
            Value::Choice(edited)
        }
        (ParamKind::Toggle { .. }, Value::Toggle(on)) => {
            let mut edited = *on;
            row(ui, "", &help, |ui| {
                ui.checkbox(&mut edited, option.label).accessible_name(&name).on_hover_text(&help);
            });
            Value::Toggle(edited)
        }
        (ParamKind::Colour { .. }, Value::Colour(Colour([red, green, blue, _]))) => {
            let mut edited = [*red, *green, *blue];
            row(ui, option.label, &help, |ui| {
                ui.color_edit_button_srgb(&mut edited).accessible_name(&name).on_hover_text(&help);
            });
            let [red, green, blue] = edited;
            Value::Colour(Colour([red, green, blue, u8::MAX]))
        }
        // A value is always of its option's kind.
        _ => now.clone(),
    }
}

fn frames(ui: &mut Ui, now: FrameChoice, suffix: &str) -> FrameChoice {
    let help = "What becomes of animations and multi-page files. Animations can be kept as GIF, PNG and WebP; in other \
                formats the first picture is used, with a note.";
    let mut chosen = now;
    row(ui, "Animations", help, |ui| {
        let combo = ComboBox::from_id_salt(("frames", suffix)).selected_text(now.title()).width(180.0);
        let shown = combo.show_ui(ui, |ui| {
            for choice in FrameChoice::ALL {
                ui.selectable_value(&mut chosen, choice, choice.title());
            }
        });
        shown.response.accessible_name(name("Animations", suffix)).on_hover_text(help);
    });
    chosen
}
