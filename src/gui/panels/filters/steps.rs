//! The stack of filters: a card per filter, with controls derived from its parameters.

use std::sync::Arc;

use egui::{
    Align, Button, Checkbox, CursorIcon, Label, Layout, Rect, Response, RichText, ScrollArea, Sense, Stroke, Ui, Vec2,
    containers::menu::MenuButton, vec2,
};

use crate::gui::menus::{self, entry::menu_config};
use crate::gui::model::action::{Action, RecipeAction};
use crate::gui::model::stack::{ParamLocation, Stack, StepLocation};
use crate::gui::model::state::State;
use crate::gui::model::view_memory::ViewMemory;
use crate::gui::panels::filters::tabs;
use crate::gui::text;
use crate::gui::theme::{GRID, Palette};
use crate::gui::widgets::button::icon_button;
use crate::gui::widgets::card::card;
use crate::gui::widgets::icon::{Icon, icon_atom, paint_icon};
use crate::gui::widgets::parameter::{self, Edit};
use crate::recipe::Step;

/// Draws the stack.
pub fn show(ui: &mut Ui, state: &State, memory: &mut ViewMemory, out: &mut Vec<Action>) {
    let stack = state.stack();
    let steps = stack.steps(state.recipe());
    ui.horizontal(|ui| {
        ui.heading("Filters");
        if !steps.is_empty() {
            ui.weak(text::count(steps.len()));
        }
        ui.with_layout(Layout::right_to_left(Align::Center), |ui| {
            let button = Button::new((icon_atom(Icon::Add, 12.0), "Add")).gap(6.0);
            let (response, _) = MenuButton::from_button(button).config(menu_config()).ui(ui, |ui| {
                ui.set_min_width(160.0);
                menus::filters::show(ui, state, out);
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
    let reveal = memory.reveal_step.take();
    ScrollArea::vertical().id_salt(("filter stack", stack)).auto_shrink(false).show(ui, |ui| {
        ui.spacing_mut().item_spacing.y = GRID;
        for (index, step) in steps.iter().enumerate() {
            // Text being typed into a filter of one stack must not turn up in another.
            let location = StepLocation { stack, index };
            let response =
                ui.push_id((stack, index), |ui| step_card(ui, state, location, step, memory.presses, out)).inner;
            if reveal == Some(index) {
                // A card that does not fit is read from its top.
                let fits = response.rect.height() < ui.clip_rect().height();
                response.scroll_to_me(Some(if fits { Align::Max } else { Align::Min }));
            }
        }
    });
}

/// Shown in a stack without filters.
fn empty(ui: &mut Ui, state: &State, stack: Stack) {
    let (title, hint) = match stack {
        Stack::Common if state.recipe().outputs.is_empty() => (
            "No filters yet",
            "Pictures are saved unchanged, in the format of the export settings. Add filters here or from the Filters menu; they are applied from top to bottom.",
        ),
        Stack::Common => (
            "No common filters yet",
            "Filters here are applied to all outputs, before the filters of each. Add them here or from the Filters menu; they are applied from top to bottom.",
        ),
        Stack::Output(_) => {
            ("No filters of its own yet", "Filters here are applied after the common ones, to this output only.")
        }
    };
    card(ui).show(ui, |ui| {
        ui.set_min_width(ui.available_width());
        ui.label(title);
        ui.label(RichText::new(hint).small().color(Palette::of(ui).weak));
    });
}

fn step_card(
    ui: &mut Ui,
    state: &State,
    location: StepLocation,
    step: &Step,
    press: u64,
    out: &mut Vec<Action>,
) -> Response {
    let index = location.index;
    let spec = step.params.spec();
    let response = card(ui)
        .show(ui, |ui| {
            ui.set_min_width(ui.available_width());
            ui.spacing_mut().item_spacing = vec2(6.0, 4.0);
            title_row(ui, state, location, step, out);
            if !spec.params.is_empty() {
                ui.add_space(2.0);
            }
            ui.add_enabled_ui(step.enabled, |ui| {
                for (param, (spec, value)) in step.params.iter().enumerate() {
                    if !step.params.applies(spec) {
                        continue;
                    }
                    let at = ParamLocation { step: location, param };
                    match ui.push_id(spec.key, |ui| parameter::control(ui, spec, value)).inner {
                        Edit::None => {}
                        Edit::Browse => out.push(Action::BrowseParam(at)),
                        Edit::Value(edited) if edited == *value || !spec.kind.accepts(&edited) => {}
                        Edit::Value(value) => out.push(RecipeAction::SetParam { at, value, press }.into()),
                    }
                }
                if step.params.iter().any(|(spec, value)| *value != spec.kind.default()) {
                    let button = Button::new(RichText::new("Reset").small()).frame_when_inactive(false).small();
                    let help = "Reset this filter to its default values.";
                    if ui.add(button).accessible_name(format!("Reset {}", spec.title)).on_hover_text(help).clicked() {
                        out.push(RecipeAction::ResetStep(index).into());
                    }
                }
            });
        })
        .response;
    take_drop(ui, &response, location, out);
    response
}

fn title_row(ui: &mut Ui, state: &State, location: StepLocation, step: &Step, out: &mut Vec<Action>) {
    let StepLocation { stack, index } = location;
    let count = stack.steps(state.recipe()).len();
    let palette = Palette::of(ui);
    let spec = step.params.spec();
    ui.horizontal(|ui| {
        let (rect, grip) = ui.allocate_exact_size(vec2(14.0, 24.0), Sense::drag());
        let square = Rect::from_center_size(rect.center(), Vec2::splat(14.0));
        paint_icon(ui.painter(), Icon::Grip, square, if grip.hovered() { palette.text } else { palette.waiting });
        grip.dnd_set_drag_payload(location);
        let help = if state.recipe().outputs.is_empty() {
            "Drag to reorder."
        } else {
            "Drag to reorder, or onto the tab of another filter stack."
        };
        grip.on_hover_text(help).on_hover_and_drag_cursor(CursorIcon::Grab);

        let mut enabled = step.enabled;
        let switch = ui.add(Checkbox::without_text(&mut enabled)).accessible_name(format!("{} on", spec.title));
        if switch.on_hover_text("A filter that is off stays in the stack but does nothing.").changed() {
            out.push(RecipeAction::EnableStep(index, enabled).into());
        }
        ui.with_layout(Layout::right_to_left(Align::Center), |ui| {
            ui.spacing_mut().item_spacing.x = 0.0;
            if icon_button(ui, Icon::Close, &format!("Remove {}", spec.title), true).clicked() {
                out.push(RecipeAction::RemoveStep(index).into());
            }
            if icon_button(ui, Icon::Down, &format!("Move {} down", spec.title), index + 1 < count).clicked() {
                out.push(RecipeAction::MoveStep { from: index, to: index + 1 }.into());
            }
            if icon_button(ui, Icon::Up, &format!("Move {} up", spec.title), index > 0).clicked() {
                out.push(RecipeAction::MoveStep { from: index, to: index - 1 }.into());
            }
            tabs::move_button(ui, state, location, spec.title, out);
            ui.with_layout(Layout::left_to_right(Align::Center), |ui| {
                let colour = if step.enabled { palette.text } else { palette.weak };
                ui.add(Label::new(RichText::new(spec.title).color(colour)).truncate())
                    .on_hover_text(format!("{}.", spec.help));
            });
        });
    });
}

/// Accepts a card that is dropped on this one, and shows where it would go.
fn take_drop(ui: &Ui, response: &Response, location: StepLocation, out: &mut Vec<Action>) {
    let other = |from: &Arc<StepLocation>| from.stack == location.stack && from.index != location.index;
    if let Some(from) = response.dnd_hover_payload::<StepLocation>().filter(other) {
        let y = if from.index > location.index {
            response.rect.top() - GRID / 2.0
        } else {
            response.rect.bottom() + GRID / 2.0
        };
        ui.painter().hline(response.rect.x_range(), y, Stroke::new(2.0, Palette::of(ui).loom));
    }
    if let Some(from) = response.dnd_release_payload::<StepLocation>().filter(other) {
        out.push(RecipeAction::MoveStep { from: from.index, to: location.index }.into());
    }
}
