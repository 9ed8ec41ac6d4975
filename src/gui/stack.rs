//! The filter stack: one card a filter, its controls made from what the filter says of its parameters.

use egui::{
    Align, Checkbox, ComboBox, DragValue, Label, Layout, Response, RichText, ScrollArea, Sense, Slider, Stroke, Ui,
    containers::menu::MenuButton, vec2,
};

use super::action::Action;
use super::history::Gesture;
use super::menu;
use super::shell::{Panels, card};
use super::state::State;
use super::text;
use super::theme::{self, GRID, Palette};
use super::widgets::{Icon, icon_atom, icon_button, paint_icon};
use crate::filter::{ParamKind, ParamSpec, Value};
use crate::recipe::Step;

/// Draws the stack.
pub fn show(ui: &mut Ui, state: &State, panels: &mut Panels, out: &mut Vec<Action>) {
    let steps = &state.recipe().filters;
    ui.horizontal(|ui| {
        ui.heading("Filters");
        if !steps.is_empty() {
            ui.weak(text::count(steps.len()));
        }
        ui.with_layout(Layout::right_to_left(Align::Center), |ui| {
            let button = egui::Button::new((icon_atom(Icon::Add, 12.0), "Add")).gap(6.0);
            let (response, _) = MenuButton::from_button(button).config(menu::config()).ui(ui, |ui| {
                ui.set_min_width(160.0);
                menu::filters(ui, state, out);
            });
            response.accessible_name("Add filter").on_hover_text("Add a filter to the end of the stack.");
        });
    });
    ui.add_space(GRID / 2.0);
    if steps.is_empty() {
        let palette = Palette::of(ui);
        card(ui).show(ui, |ui| {
            ui.set_min_width(ui.available_width());
            ui.label("No filters yet");
            let hint = "Pictures are saved as they are, in the format of the export settings. Add filters here or from the Filters menu; they work from top to bottom.";
            ui.label(RichText::new(hint).small().color(palette.weak));
        });
        return;
    }
    let reveal = panels.reveal_step.take();
    ScrollArea::vertical().id_salt("filter stack").auto_shrink(false).show(ui, |ui| {
        ui.spacing_mut().item_spacing.y = GRID;
        for (index, step) in steps.iter().enumerate() {
            let response = ui.push_id(index, |ui| step_card(ui, index, steps.len(), step, panels.presses, out)).inner;
            if reveal == Some(index) {
                response.scroll_to_me(Some(Align::Max));
            }
        }
    });
}

fn step_card(ui: &mut Ui, index: usize, count: usize, step: &Step, press: u64, out: &mut Vec<Action>) -> Response {
    let spec = step.params.spec();
    let response = card(ui)
        .show(ui, |ui| {
            ui.set_min_width(ui.available_width());
            ui.spacing_mut().item_spacing = vec2(6.0, 4.0);
            title_row(ui, index, count, step, out);
            if !spec.params.is_empty() {
                ui.add_space(2.0);
            }
            ui.add_enabled_ui(step.enabled, |ui| {
                for (param, (about, value)) in step.params.iter().enumerate() {
                    let gesture = Gesture { press, step: index, param };
                    let edited = ui.push_id(about.key, |ui| control(ui, about, value)).inner;
                    if let Some(value) = edited.filter(|v| *v != value && about.kind.accepts(*v)) {
                        out.push(Action::SetParam { step: index, param, value, gesture });
                    }
                }
                if step.params.iter().any(|(about, value)| value != about.kind.default()) {
                    let button = egui::Button::new(RichText::new("Reset").small()).frame_when_inactive(false).small();
                    let help = "Give this filter its default values.";
                    if ui.add(button).accessible_name(format!("Reset {}", spec.title)).on_hover_text(help).clicked() {
                        out.push(Action::ResetStep(index));
                    }
                }
            });
        })
        .response;
    take_drop(ui, &response, index, out);
    response
}

fn title_row(ui: &mut Ui, index: usize, count: usize, step: &Step, out: &mut Vec<Action>) {
    let palette = Palette::of(ui);
    let spec = step.params.spec();
    ui.horizontal(|ui| {
        let (rect, grip) = ui.allocate_exact_size(vec2(14.0, 24.0), Sense::drag());
        let square = egui::Rect::from_center_size(rect.center(), egui::Vec2::splat(14.0));
        paint_icon(ui.painter(), Icon::Grip, square, if grip.hovered() { palette.text } else { palette.waiting });
        grip.dnd_set_drag_payload(index);
        grip.on_hover_text("Drag to another place.").on_hover_and_drag_cursor(egui::CursorIcon::Grab);

        let mut enabled = step.enabled;
        let switch = ui.add(Checkbox::without_text(&mut enabled)).accessible_name(format!("{} on", spec.title));
        if switch.on_hover_text("A filter that is switched off stays in the stack and does nothing.").changed() {
            out.push(Action::EnableStep(index, enabled));
        }
        ui.with_layout(Layout::right_to_left(Align::Center), |ui| {
            ui.spacing_mut().item_spacing.x = 0.0;
            if icon_button(ui, Icon::Close, &format!("Remove {}", spec.title), true).clicked() {
                out.push(Action::RemoveStep(index));
            }
            if icon_button(ui, Icon::Down, &format!("Move {} down", spec.title), index + 1 < count).clicked() {
                out.push(Action::MoveStep { from: index, to: index + 1 });
            }
            if icon_button(ui, Icon::Up, &format!("Move {} up", spec.title), index > 0).clicked() {
                out.push(Action::MoveStep { from: index, to: index - 1 });
            }
            ui.with_layout(Layout::left_to_right(Align::Center), |ui| {
                let colour = if step.enabled { palette.text } else { palette.weak };
                ui.add(Label::new(RichText::new(spec.title).color(colour)).truncate())
                    .on_hover_text(format!("{}.", spec.help));
            });
        });
    });
}

/// Takes a card that is dropped on this one, and shows where it would go.
fn take_drop(ui: &Ui, response: &Response, index: usize, out: &mut Vec<Action>) {
    if let Some(from) = response.dnd_hover_payload::<usize>().filter(|from| **from != index) {
        let y = if *from > index { response.rect.top() - GRID / 2.0 } else { response.rect.bottom() + GRID / 2.0 };
        ui.painter().hline(response.rect.x_range(), y, Stroke::new(2.0, Palette::of(ui).loom));
    }
    if let Some(from) = response.dnd_release_payload::<usize>().filter(|from| **from != index) {
        out.push(Action::MoveStep { from: *from, to: index });
    }
}

/// The control of one parameter; gives its value if it was edited.
fn control(ui: &mut Ui, about: &ParamSpec, value: Value) -> Option<Value> {
    let help = format!("{}. Allowed: {}.", about.help, about.kind.allowed());
    match (about.kind, value) {
        (ParamKind::Number { min, max, step, logarithmic, .. }, Value::Number(n)) => {
            let decimals = (-step.log10()).ceil().clamp(0.0, 6.0) as usize;
            let number = Scale { min, max, step, logarithmic, decimals };
            number.show(ui, about, &help, n).map(Value::Number)
        }
        (ParamKind::Integer { min, max, logarithmic, .. }, Value::Integer(n)) => {
            let number = Scale { min: min as f64, max: max as f64, step: 1.0, logarithmic, decimals: 0 };
            number.show(ui, about, &help, n as f64).map(|edited| Value::Integer(edited.round() as i64))
        }
        (ParamKind::Choice { options, .. }, Value::Choice(word)) => {
            let mut chosen = word;
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
            let mut on = on;
            ui.checkbox(&mut on, about.label).on_hover_text(&help);
            Some(Value::Toggle(on))
        }
        (ParamKind::Ratio { .. }, Value::Ratio(width, height)) => {
            let (mut w, mut h) = (width, height);
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
        // A value is always of its parameter's kind.
        _ => None,
    }
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
            .step_by(self.step)
            .logarithmic(self.logarithmic)
            .smallest_positive(self.step);
        ui.add(slider).accessible_name(format!("{} slider", about.label)).on_hover_text(help);
        (edited != value).then_some(edited)
    }
}
