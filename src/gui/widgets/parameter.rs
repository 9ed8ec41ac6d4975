//! The controls of a filter's parameters, derived from their specifications: a row for each.

use egui::{Align, Color32, ComboBox, DragValue, Label, Layout, RichText, TextEdit, Ui, vec2};

use crate::filter::{Colour, Editor, FileKind, FileValue, ParamKind, ParamSpec, TextForm, Value};
use crate::gui::text;
use crate::gui::theme::{self, Palette};
use crate::gui::widgets::slider::{Track, slider};
use crate::gui::widgets::tone_curve::tone_curve;

/// What the user did with a control.
#[derive(Debug, Clone, PartialEq)]
pub enum Edit {
    None,
    /// It has this value now, which may be the same as before.
    Value(Value),
    /// A file dialog is wanted.
    Browse,
}

impl From<Option<Value>> for Edit {
    fn from(value: Option<Value>) -> Self {
        value.map_or(Self::None, Self::Value)
    }
}

/// Draws the control of a number that several things have, not all of them this value; `None` if it was not touched.
pub fn mixed_number(ui: &mut Ui, spec: &ParamSpec, value: &Value) -> Option<Value> {
    let (ParamKind::Number { min, max, default, step, logarithmic }, Value::Number(n)) = (spec.kind, value) else {
        return None;
    };
    let help = format!("{}. They have different values; a change gives all of them the same.", spec.help);
    let decimals = (-step.log10()).ceil().clamp(0.0, 6.0) as usize;
    let track = Track { min, max, default, step, decimals, logarithmic };
    number(ui, spec, &help, track, Shown { value: *n, mixed: true }).map(Value::Number)
}

/// Draws the control of one parameter.
pub fn control(ui: &mut Ui, spec: &ParamSpec, value: &Value) -> Edit {
    if let (ParamKind::File { holds }, Value::File(file)) = (spec.kind, value) {
        return file_field(ui, spec, holds, file.path());
    }
    plain_control(ui, spec, value).into()
}

fn plain_control(ui: &mut Ui, spec: &ParamSpec, value: &Value) -> Option<Value> {
    let help = format!("{}. Allowed: {}.", spec.help, spec.kind.allowed());
    match (spec.kind, value) {
        (ParamKind::Number { min, max, default, step, logarithmic }, Value::Number(n)) => {
            let decimals = (-step.log10()).ceil().clamp(0.0, 6.0) as usize;
            let track = Track { min, max, default, step, decimals, logarithmic };
            number(ui, spec, &help, track, Shown { value: *n, mixed: false }).map(Value::Number)
        }
        (ParamKind::Integer { min, max, default, logarithmic }, Value::Integer(n)) => {
            let [min, max, default] = [min, max, default].map(|n| n as f64);
            let track = Track { min, max, default, step: 1.0, decimals: 0, logarithmic };
            let shown = Shown { value: *n as f64, mixed: false };
            number(ui, spec, &help, track, shown).map(|edited| Value::Integer(edited.round() as i64))
        }
        (ParamKind::Choice { options, .. }, Value::Choice(word)) => {
            let mut chosen = *word;
            labelled_row(ui, spec, &help, |ui, label| {
                let width = ui.available_width();
                let combo = ComboBox::from_id_salt(spec.key).selected_text(text::choice(word)).width(width).truncate();
                let shown = combo.show_ui(ui, |ui| {
                    for option in options {
                        ui.selectable_value(&mut chosen, *option, text::choice(option));
                    }
                });
                shown.response.labelled_by(label).on_hover_text(&help);
            });
            Some(Value::Choice(chosen))
        }
        (ParamKind::Toggle { .. }, Value::Toggle(on)) => {
            let mut on = *on;
            ui.checkbox(&mut on, spec.label).on_hover_text(&help);
            Some(Value::Toggle(on))
        }
        (ParamKind::Ratio { .. }, Value::Ratio(width, height)) => {
            let (mut w, mut h) = (*width, *height);
            labelled_row(ui, spec, &help, |ui, _| {
                let side = |ui: &mut Ui, side: &mut f64, name: &str| {
                    let field = DragValue::new(side).range(0.01..=100_000.0).speed(0.05).max_decimals(3);
                    ui.add(field.update_while_editing(false))
                        .accessible_name(format!("{} {name}", spec.label))
                        .on_hover_text(&help);
                };
                side(ui, &mut w, "width");
                ui.label(":");
                side(ui, &mut h, "height");
            });
            Some(Value::Ratio(w, h))
        }
        (ParamKind::Colour { .. }, Value::Colour(Colour(colour))) => {
            let mut edited = *colour;
            labelled_row(ui, spec, &help, |ui, label| {
                ui.color_edit_button_srgba_unmultiplied(&mut edited).labelled_by(label).on_hover_text(&help);
            });
            Some(Value::Colour(Colour(edited)))
        }
        (ParamKind::Text { form, default }, Value::Text(text)) => {
            let edited = match form.editor {
                Editor::Line | Editor::Lines => text_field(ui, spec, &help, form, text),
                Editor::Curve => curve_editor(ui, spec, &help, form, text),
                Editor::FoldedCurve => {
                    let title = RichText::new(spec.label).size(theme::SMALL + 1.0);
                    let folded = egui::CollapsingHeader::new(title).default_open(**text != *default);
                    folded.show(ui, |ui| curve_editor(ui, spec, &help, form, text)).body_returned.flatten()
                }
            };
            edited.map(|text| Value::Text(text.into()))
        }
        // A value is always of its parameter's kind.
        _ => None,
    }
}

/// A tone curve to drag, and its points to type.
fn curve_editor(ui: &mut Ui, spec: &ParamSpec, help: &str, form: &TextForm, text: &str) -> Option<String> {
    let dragged = tone_curve(ui, spec.label, text);
    let typed = text_field(ui, spec, help, form, text);
    dragged.or(typed)
}

/// A field for a text. Text that is not valid yet stays in the field, marked, until the field is left.
fn text_field(ui: &mut Ui, spec: &ParamSpec, help: &str, form: &TextForm, text: &str) -> Option<String> {
    let id = ui.scope_id().with("draft");
    let draft: Option<String> = ui.data(|data| data.get_temp(id));
    let mut edited = draft.unwrap_or_else(|| text.to_owned());
    let is_valid = (form.check)(&edited);
    let label = ui.label(RichText::new(spec.label).size(theme::SMALL + 1.0)).on_hover_text(help);
    let mut field = match form.editor {
        Editor::Lines => TextEdit::multiline(&mut edited).desired_rows(2),
        _ => TextEdit::singleline(&mut edited),
    };
    if !is_valid {
        field = field.text_color(Palette::of(ui).bad);
    }
    let response = ui.add(field.desired_width(f32::INFINITY)).labelled_by(label.id).on_hover_text(help);
    if response.has_focus() {
        ui.data_mut(|data| data.insert_temp(id, edited.clone()));
    } else {
        ui.data_mut(|data| data.remove_temp::<String>(id));
    }
    (response.changed() && (form.check)(&edited)).then_some(edited)
}

/// A field for a path and a button that opens a dialog.
fn file_field(ui: &mut Ui, spec: &ParamSpec, holds: FileKind, path: &str) -> Edit {
    let help = format!("{}. Allowed: {}.", spec.help, holds.allowed());
    let mut edited = path.to_owned();
    let mut edit = Edit::None;
    let label = ui.label(RichText::new(spec.label).size(theme::SMALL + 1.0)).on_hover_text(&help);
    ui.horizontal(|ui| {
        ui.with_layout(Layout::right_to_left(Align::Center), |ui| {
            let button = ui.button("…").accessible_name(format!("Choose {}", spec.label));
            if button.on_hover_text("Choose a file.").clicked() {
                edit = Edit::Browse;
            }
            let field = TextEdit::singleline(&mut edited).desired_width(f32::INFINITY).hint_text("No file");
            if ui.add(field).labelled_by(label.id).on_hover_text(&help).changed() {
                edit = Edit::Value(Value::File(FileValue::new(&edited)));
            }
        });
    });
    edit
}

/// Share of a row that is its label.
const LABEL_SHARE: f32 = 0.34;
/// Width of the field for a number, unless one of its values needs more.
const VALUE: f32 = 60.0;
/// Margin left and right of a number in its field.
const VALUE_MARGIN: f32 = 4.0;

/// A label on the left, in a column, and something on the right.
fn labelled_row(ui: &mut Ui, spec: &ParamSpec, help: &str, add: impl FnOnce(&mut Ui, egui::Id)) {
    ui.horizontal(|ui| {
        let width = (LABEL_SHARE * ui.available_width()).min(140.0);
        let cell = vec2(width, theme::CONTROL);
        let label = ui.allocate_ui_with_layout(cell, Layout::left_to_right(Align::Center), |ui| {
            ui.set_min_width(width);
            let text = RichText::new(spec.label).size(theme::SMALL + 1.0);
            ui.add(Label::new(text).truncate().show_tooltip_when_elided(false))
        });
        let id = label.inner.id;
        label.inner.on_hover_text(format!("{}: {help}", spec.label));
        add(ui, id);
    });
}

/// What a control shows.
#[derive(Clone, Copy)]
struct Shown {
    value: f64,
    /// Whether it is the value of some but not of all.
    mixed: bool,
}

/// A number in one row: label, slider, and the exact value, which may be typed beyond the slider.
fn number(ui: &mut Ui, spec: &ParamSpec, help: &str, track: Track, shown: Shown) -> Option<f64> {
    let Shown { value, mixed } = shown;
    let (mut edited, mut touched) = (value, false);
    labelled_row(ui, spec, help, |ui, label| {
        ui.with_layout(Layout::right_to_left(Align::Center), |ui| {
            ui.scope(|ui| {
                let suffix = if spec.unit.is_empty() { String::new() } else { format!(" {}", spec.unit) };
                ui.spacing_mut().button_padding.x = VALUE_MARGIN;
                ui.spacing_mut().interact_size.x = value_width(ui, spec, track, &suffix);
                let speed = if track.logarithmic { (value.abs() * 0.01).max(track.step) } else { track.step };
                let field = DragValue::new(&mut edited)
                    .range(track.min..=track.max)
                    .speed(speed)
                    .max_decimals(track.decimals)
                    .update_while_editing(false);
                let field = match spec.zero {
                    _ if mixed => field.custom_formatter(|_, _| "mixed".to_owned()),
                    Some(words) if value == 0.0 => field.custom_formatter(|_, _| words.to_owned()),
                    _ => field.suffix(suffix),
                };
                touched |= ui.add(field).labelled_by(label).on_hover_text(help).changed();
            });
            let (min, max) = spec.slider.unwrap_or((track.min, track.max));
            let shown = Track { min, max, ..track };
            let (response, moved) = slider(ui, shown, edited, &format!("{} slider", spec.label));
            touched |= moved.is_some() || response.double_clicked();
            response.on_hover_text(format!("{help} Double-click to reset."));
            edited = moved.unwrap_or(edited);
        });
    });
    (edited != value || (mixed && touched)).then_some(edited)
}

/// A width in which every value has room. A field that became wider with its value would move the slider beside it under
/// the hand, which would change the value.
fn value_width(ui: &Ui, spec: &ParamSpec, track: Track, suffix: &str) -> f32 {
    let font = ui.style().drag_value_text_style.resolve(ui.style());
    let ends = [track.min, track.max].map(|end| format!("{end:.*}{suffix}", track.decimals));
    let texts = ends.into_iter().chain(spec.zero.map(str::to_owned)).chain(["mixed".to_owned()]);
    let widths = texts.map(|text| ui.painter().layout_no_wrap(text, font.clone(), Color32::WHITE).size().x);
    widths.fold(VALUE - 2.0 * VALUE_MARGIN, f32::max).ceil() + 2.0 * VALUE_MARGIN
}
