//! The controls of a filter's parameters, made from what the filter says of them.

use egui::{
    Align, ComboBox, DragValue, Layout, RichText, Sense, Slider, SliderClamping, Stroke, StrokeKind, TextEdit, Ui,
    pos2, vec2,
};

use super::text;
use super::theme::{self, Palette};
use crate::filter::{Colour, Editor, FileKind, FileValue, ParamKind, ParamSpec, TextForm, ToneCurve, Value};

/// What was done to a control.
#[derive(Debug, Clone, PartialEq)]
pub enum Edit {
    /// Nothing.
    None,
    /// It has this value now, which may be the one that it had.
    Value(Value),
    /// A file is to be chosen in a dialog.
    Browse,
}

impl From<Option<Value>> for Edit {
    fn from(value: Option<Value>) -> Self {
        value.map_or(Self::None, Self::Value)
    }
}

/// Draws the control of one parameter.
pub fn control(ui: &mut Ui, about: &ParamSpec, value: &Value) -> Edit {
    if let (ParamKind::File { holds }, Value::File(file)) = (about.kind, value) {
        return file_field(ui, about, holds, file.path());
    }
    plain_control(ui, about, value).into()
}

fn plain_control(ui: &mut Ui, about: &ParamSpec, value: &Value) -> Option<Value> {
    let help = format!("{}. Allowed: {}.", about.help, about.kind.allowed());
    match (about.kind, value) {
        (ParamKind::Number { min, max, step, logarithmic, .. }, Value::Number(n)) => {
            let decimals = (-step.log10()).ceil().clamp(0.0, 6.0) as usize;
            let number = Scale { min, max, step, logarithmic, decimals };
            number.show(ui, about, &help, *n).map(Value::Number)
        }
        (ParamKind::Integer { min, max, logarithmic, .. }, Value::Integer(n)) => {
            let number = Scale { min: min as f64, max: max as f64, step: 1.0, logarithmic, decimals: 0 };
            number.show(ui, about, &help, *n as f64).map(|edited| Value::Integer(edited.round() as i64))
        }
        (ParamKind::Choice { options, .. }, Value::Choice(word)) => {
            let mut chosen = *word;
            labelled_row(ui, about, &help, |ui, label| {
                let combo = ComboBox::from_id_salt(about.key).selected_text(text::choice(word)).width(132.0);
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
            ui.checkbox(&mut on, about.label).on_hover_text(&help);
            Some(Value::Toggle(on))
        }
        (ParamKind::Ratio { .. }, Value::Ratio(width, height)) => {
            let (mut w, mut h) = (*width, *height);
            labelled_row(ui, about, &help, |ui, _| {
                let side = |ui: &mut Ui, side: &mut f64, name: &str| {
                    let field = DragValue::new(side).range(0.01..=100_000.0).speed(0.05).max_decimals(3);
                    ui.add(field.update_while_editing(false))
                        .accessible_name(format!("{} {name}", about.label))
                        .on_hover_text(&help);
                };
                side(ui, &mut h, "height");
                ui.label(":");
                side(ui, &mut w, "width");
            });
            Some(Value::Ratio(w, h))
        }
        (ParamKind::Colour { .. }, Value::Colour(Colour(colour))) => {
            let mut edited = *colour;
            labelled_row(ui, about, &help, |ui, label| {
                ui.color_edit_button_srgba_unmultiplied(&mut edited).labelled_by(label).on_hover_text(&help);
            });
            Some(Value::Colour(Colour(edited)))
        }
        (ParamKind::Text { form, default }, Value::Text(text)) => {
            let edited = match form.editor {
                Editor::Line | Editor::Lines => text_field(ui, about, &help, form, text),
                Editor::Curve => curve_editor(ui, about, &help, form, text),
                Editor::FoldedCurve => {
                    let title = RichText::new(about.label).size(theme::SMALL + 1.0);
                    let folded = egui::CollapsingHeader::new(title).default_open(**text != *default);
                    folded.show(ui, |ui| curve_editor(ui, about, &help, form, text)).body_returned.flatten()
                }
            };
            edited.map(|text| Value::Text(text.into()))
        }
        // A value is always of its parameter's kind.
        _ => None,
    }
}

/// A tone curve to drag, and its points to type.
fn curve_editor(ui: &mut Ui, about: &ParamSpec, help: &str, form: &TextForm, text: &str) -> Option<String> {
    let dragged = curve_plot(ui, about, text);
    let typed = text_field(ui, about, help, form, text);
    dragged.or(typed)
}

/// A field for a text. What is not allowed yet stays in the field until it is left; it is marked meanwhile.
fn text_field(ui: &mut Ui, about: &ParamSpec, help: &str, form: &TextForm, text: &str) -> Option<String> {
    let id = ui.scope_id().with("draft");
    let draft: Option<String> = ui.data(|data| data.get_temp(id));
    let mut edited = draft.unwrap_or_else(|| text.to_owned());
    let is_allowed = (form.check)(&edited);
    let label = ui.label(RichText::new(about.label).size(theme::SMALL + 1.0)).on_hover_text(help);
    let mut field = match form.editor {
        Editor::Lines => TextEdit::multiline(&mut edited).desired_rows(2),
        _ => TextEdit::singleline(&mut edited),
    };
    if !is_allowed {
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
fn file_field(ui: &mut Ui, about: &ParamSpec, holds: FileKind, path: &str) -> Edit {
    let help = format!("{}. Allowed: {}.", about.help, holds.allowed());
    let mut edited = path.to_owned();
    let mut edit = Edit::None;
    let label = ui.label(RichText::new(about.label).size(theme::SMALL + 1.0)).on_hover_text(&help);
    ui.horizontal(|ui| {
        ui.with_layout(Layout::right_to_left(Align::Center), |ui| {
            let button = ui.button("…").accessible_name(format!("Choose {}", about.label));
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

/// A tone curve whose points can be dragged: a click adds one, and one that is dragged outside goes.
fn curve_plot(ui: &mut Ui, about: &ParamSpec, text: &str) -> Option<String> {
    /// How near to a point the pointer takes it.
    const REACH: f32 = 12.0;
    let curve = ToneCurve::parse(text)?;
    let palette = Palette::of(ui);
    let side = ui.available_width().min(320.0);
    let (rect, response) = ui.allocate_exact_size(vec2(side, side * 0.75), Sense::click_and_drag());
    let name = format!("{} curve", about.label);
    response.widget_info(|| egui::WidgetInfo::labeled(egui::Role::Canvas, true, &name));
    let area = rect.shrink(5.0);
    let place = |x: f32, y: f32| pos2(area.left() + x * area.width(), area.bottom() - y * area.height());
    let painter = ui.painter_at(rect);
    painter.rect(rect, theme::ROUND, palette.sunken, Stroke::new(1.0, palette.border), StrokeKind::Inside);
    for quarter in [0.25, 0.5, 0.75] {
        let line = Stroke::new(1.0, palette.border);
        painter.line_segment([place(quarter, 0.0), place(quarter, 1.0)], line);
        painter.line_segment([place(0.0, quarter), place(1.0, quarter)], line);
    }
    let drawn = (0..=96).map(|i| i as f32 / 96.0).map(|x| place(x, curve.at(x).clamp(0.0, 1.0))).collect();
    painter.add(egui::Shape::line(drawn, Stroke::new(1.5, palette.loom)));

    let mut points = curve.points().to_vec();
    let nearest = |at: egui::Pos2| {
        let distance = |i: &usize| place(points[*i].0, points[*i].1).distance(at);
        (0..points.len()).filter(|i| distance(i) < REACH).min_by(|a, b| distance(a).total_cmp(&distance(b)))
    };
    let held_id = ui.scope_id().with("held");
    let pressed = response.drag_started() || response.clicked();
    let origin = ui.input(|input| input.pointer.press_origin()).or(response.interact_pointer_pos());
    if pressed && let Some(at) = origin {
        let held = nearest(at);
        ui.data_mut(|data| data.insert_temp(held_id, held));
    }
    let held: Option<usize> = ui.data(|data| data.get_temp(held_id)).unwrap_or_default();
    for (i, (x, y)) in points.iter().enumerate() {
        let colour = if response.dragged() && held == Some(i) { palette.light } else { palette.text };
        painter.circle_filled(place(*x, *y), 3.5, colour);
    }
    let help = "Drag the points; click beside them for another one, double-click one to remove it.";
    let at = response.interact_pointer_pos();
    let response = response.on_hover_text(help);
    let at = at?;
    // three decimals: finer than a screen can show, short to read
    let round = |v: f32| (v * 1000.0).round() / 1000.0;
    let (x, y) = ((at.x - area.left()) / area.width(), (area.bottom() - at.y) / area.height());
    let (x, y) = (round(x.clamp(0.0, 1.0)), round(y.clamp(0.0, 1.0)));
    let gap = 0.01;
    match held.filter(|i| *i < points.len()) {
        Some(i) if response.double_clicked() && points.len() > 2 => {
            points.remove(i);
        }
        Some(i) if response.dragged() => {
            let low = if i > 0 { points[i - 1].0 + gap } else { 0.0 };
            let high = points.get(i + 1).map_or(1.0, |next| next.0 - gap);
            points[i] = (round(x.max(low).min(high.max(low))), y);
        }
        None if response.clicked() => {
            let before = points.partition_point(|p| p.0 < x);
            let free = points.iter().all(|p| (p.0 - x).abs() >= gap);
            if !free || points.len() >= ToneCurve::MOST_POINTS {
                return None;
            }
            points.insert(before, (x, y));
        }
        _ => return None,
    }
    Some(ToneCurve::text(&points))
}

/// A label on the left and something on the right.
fn labelled_row(ui: &mut Ui, about: &ParamSpec, help: &str, add: impl FnOnce(&mut Ui, egui::Id)) {
    ui.horizontal(|ui| {
        let label = ui.label(RichText::new(about.label).size(theme::SMALL + 1.0));
        ui.with_layout(Layout::right_to_left(Align::Center), |ui| add(ui, label.id));
        label.on_hover_text(help);
    });
}

/// A number with its range.
struct Scale {
    min: f64,
    max: f64,
    step: f64,
    logarithmic: bool,
    decimals: usize,
}

impl Scale {
    /// The exact number on the right of the label, a slider below.
    fn show(&self, ui: &mut Ui, about: &ParamSpec, help: &str, value: f64) -> Option<f64> {
        let mut edited = value;
        labelled_row(ui, about, help, |ui, label| {
            let suffix = if about.unit.is_empty() { String::new() } else { format!(" {}", about.unit) };
            // Dragging across a hand's breadth covers most ranges, whatever their size.
            let speed = if self.logarithmic { (value.abs() * 0.01).max(self.step) } else { self.step };
            let field = DragValue::new(&mut edited)
                .range(self.min..=self.max)
                .speed(speed)
                .max_decimals(self.decimals)
                .suffix(suffix)
                .update_while_editing(false);
            ui.add(field).labelled_by(label).on_hover_text(help);
        });
        ui.spacing_mut().slider_width = ui.available_width();
        let slider = Slider::new(&mut edited, self.min..=self.max)
            .show_value(false)
            // A value between two steps is moved to one of them by a person alone, never by being shown.
            .clamping(SliderClamping::Edits)
            .step_by(self.step)
            .logarithmic(self.logarithmic)
            .smallest_positive(self.step);
        ui.add(slider).accessible_name(format!("{} slider", about.label)).on_hover_text(help);
        (edited != value).then_some(edited)
    }
}
