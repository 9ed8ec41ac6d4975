//! The filter stack: one card a filter, its controls made from what the filter says of its parameters.

use egui::{
    Align, Checkbox, Label, Layout, Response, RichText, ScrollArea, Sense, Stroke, Ui, containers::menu::MenuButton,
    vec2,
};

use super::action::Action;
use super::controls::{self, Edit};
use super::menu;
use super::shell::{Panels, card};
use super::state::State;
use super::tabs::{self, Place, Stack};
use super::text;
use super::theme::{GRID, Palette};
use super::widgets::{Icon, icon_atom, icon_button, paint_icon};
use crate::recipe::Step;

/// Draws the stack.
pub fn show(ui: &mut Ui, state: &State, panels: &mut Panels, out: &mut Vec<Action>) {
    let stack = state.stack();
    let steps = stack.steps(state.recipe());
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
            let help = match stack {
                Stack::Common => "Add a filter to the end of the stack.".to_owned(),
                Stack::Output(_) => {
                    format!("Add a filter to the end of the stack of {}.", stack.title(state.recipe()))
                }
            };
            response.accessible_name("Add filter").on_hover_text(help);
        });
    });
    ui.add_space(GRID / 2.0);
    tabs::show(ui, state, out);
    if steps.is_empty() {
        empty(ui, state, stack);
        return;
    }
    let reveal = panels.reveal_step.take();
    ScrollArea::vertical().id_salt(("filter stack", stack)).auto_shrink(false).show(ui, |ui| {
        ui.spacing_mut().item_spacing.y = GRID;
        for (index, step) in steps.iter().enumerate() {
            // What is being typed into a filter of one stack does not turn up in another.
            let place = Place { stack, index };
            let response =
                ui.push_id((stack, index), |ui| step_card(ui, state, place, step, panels.presses, out)).inner;
            if reveal == Some(index) {
                // a card that does not fit is read from its top
                let fits = response.rect.height() < ui.clip_rect().height();
                response.scroll_to_me(Some(if fits { Align::Max } else { Align::Min }));
            }
        }
    });
}

/// Says what stands in a stack without filters.
fn empty(ui: &mut Ui, state: &State, stack: Stack) {
    let (title, hint) = match stack {
        Stack::Common if state.recipe().outputs.is_empty() => (
            "No filters yet",
            "Pictures are saved as they are, in the format of the export settings. Add filters here or from the Filters menu; they work from top to bottom.",
        ),
        Stack::Common => (
            "No common filters yet",
            "Filters here work on all outputs, before their own. Add them here or from the Filters menu; they work from top to bottom.",
        ),
        Stack::Output(_) => {
            ("No filters of its own yet", "Filters here follow the common ones, for this output alone.")
        }
    };
    card(ui).show(ui, |ui| {
        ui.set_min_width(ui.available_width());
        ui.label(title);
        ui.label(RichText::new(hint).small().color(Palette::of(ui).weak));
    });
}

fn step_card(ui: &mut Ui, state: &State, place: Place, step: &Step, press: u64, out: &mut Vec<Action>) -> Response {
    let Place { stack, index } = place;
    let spec = step.params.spec();
    let response = card(ui)
        .show(ui, |ui| {
            ui.set_min_width(ui.available_width());
            ui.spacing_mut().item_spacing = vec2(6.0, 4.0);
            title_row(ui, state, place, step, out);
            if !spec.params.is_empty() {
                ui.add_space(2.0);
            }
            ui.add_enabled_ui(step.enabled, |ui| {
                for (param, (about, value)) in step.params.iter().enumerate() {
                    if !step.params.applies(about) {
                        continue;
                    }
                    match ui.push_id(about.key, |ui| controls::control(ui, about, value)).inner {
                        Edit::None => {}
                        Edit::Browse => out.push(Action::BrowseParam { stack, step: index, param }),
                        Edit::Value(edited) if edited == *value || !about.kind.accepts(&edited) => {}
                        Edit::Value(value) => out.push(Action::SetParam { stack, step: index, param, value, press }),
                    }
                }
                if step.params.iter().any(|(about, value)| *value != about.kind.default()) {
                    let button = egui::Button::new(RichText::new("Reset").small()).frame_when_inactive(false).small();
                    let help = "Give this filter its default values.";
                    if ui.add(button).accessible_name(format!("Reset {}", spec.title)).on_hover_text(help).clicked() {
                        out.push(Action::ResetStep(index));
                    }
                }
            });
        })
        .response;
    take_drop(ui, &response, place, out);
    response
}

fn title_row(ui: &mut Ui, state: &State, place: Place, step: &Step, out: &mut Vec<Action>) {
    let Place { stack, index } = place;
    let count = stack.steps(state.recipe()).len();
    let palette = Palette::of(ui);
    let spec = step.params.spec();
    ui.horizontal(|ui| {
        let (rect, grip) = ui.allocate_exact_size(vec2(14.0, 24.0), Sense::drag());
        let square = egui::Rect::from_center_size(rect.center(), egui::Vec2::splat(14.0));
        paint_icon(ui.painter(), Icon::Grip, square, if grip.hovered() { palette.text } else { palette.waiting });
        grip.dnd_set_drag_payload(place);
        let help = if state.recipe().outputs.is_empty() {
            "Drag to another place."
        } else {
            "Drag to another place, or onto the tab of other filters."
        };
        grip.on_hover_text(help).on_hover_and_drag_cursor(egui::CursorIcon::Grab);

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
            tabs::move_button(ui, state, place, spec.title, out);
            ui.with_layout(Layout::left_to_right(Align::Center), |ui| {
                let colour = if step.enabled { palette.text } else { palette.weak };
                ui.add(Label::new(RichText::new(spec.title).color(colour)).truncate())
                    .on_hover_text(format!("{}.", spec.help));
            });
        });
    });
}

/// Takes a card that is dropped on this one, and shows where it would go.
fn take_drop(ui: &Ui, response: &Response, place: Place, out: &mut Vec<Action>) {
    let other = |from: &std::sync::Arc<Place>| from.stack == place.stack && from.index != place.index;
    if let Some(from) = response.dnd_hover_payload::<Place>().filter(other) {
        let y = if from.index > place.index {
            response.rect.top() - GRID / 2.0
        } else {
            response.rect.bottom() + GRID / 2.0
        };
        ui.painter().hline(response.rect.x_range(), y, Stroke::new(2.0, Palette::of(ui).loom));
    }
    if let Some(from) = response.dnd_release_payload::<Place>().filter(other) {
        out.push(Action::MoveStep { from: from.index, to: place.index });
    }
}
