//! The stack of filters: a card per filter, with controls derived from its parameters.

use std::collections::HashMap;
use std::sync::Arc;

use egui::{
    Align, Button, Checkbox, CursorIcon, Frame, Layout, Margin, Rect, Response, RichText, ScrollArea, Sense, Stroke,
    Ui, Vec2, containers::menu::MenuButton, vec2,
};

use crate::gui::menus::entry::{MENU_WIDTH, menu_config};
use crate::gui::model::action::{Action, RecipeAction, ViewAction};
use crate::gui::model::dialog::FinderScope;
use crate::gui::model::placeable::Placeable;
use crate::gui::model::stack::{ParamLocation, Stack, StepLocation};
use crate::gui::model::state::State;
use crate::gui::model::view_memory::{CardId, ViewMemory};
use crate::gui::panels::filters::tabs;
use crate::gui::text;
use crate::gui::theme::{self, GRID, Palette};
use crate::gui::widgets::button::{icon_button, icon_menu_button, icon_toggle};
use crate::gui::widgets::card::card;
use crate::gui::widgets::icon::{Icon, icon_atom, paint_icon};
use crate::gui::widgets::parameter::{self, Edit};
use crate::gui::widgets::scroll;
use crate::recipe::{FormatChoice, Step};

/// Thickness of the line that shows where a dragged card would go.
const DROP_LINE: f32 = 2.0;

/// Longest stack of which every card is drawn; of a longer one those that are in sight or near.
const ALL_DRAWN: usize = 40;
/// Height of a card that was not drawn yet, in points.
const USUAL_HEIGHT: f32 = 96.0;

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
            let help = match stack {
                Stack::Common => "Find a filter and add it to the end of the stack.".to_owned(),
                Stack::Output(_) => {
                    format!("Find a filter and add it to the end of the stack of {}.", stack.title(state.recipe()))
                }
            };
            let help = text::with_keys(ui.ctx(), &help, state.keys.keys_for(Action::OpenFinder(FinderScope::Filters)));
            if ui.add(button).accessible_name("Add filter").on_hover_text(help).clicked() {
                out.push(Action::OpenFinder(FinderScope::Filters));
            }
        });
    });
    ui.add_space(GRID / 2.0);
    tabs::show(ui, state, out);
    if steps.is_empty() {
        empty(ui, state, stack);
        return;
    }
    let reveal = memory.reveal_step.take();
    let area = ScrollArea::vertical().id_salt(("filter stack", stack)).auto_shrink(false);
    scroll::vertical(ui, area, |ui| {
        ui.spacing_mut().item_spacing.y = GRID;
        // Room for the line that shows a drop above the first card.
        ui.add_space(DROP_LINE);
        let near = ui.clip_rect().expand2(vec2(0.0, ui.clip_rect().height()));
        for (index, (step, id)) in steps.iter().zip(card_ids(stack, steps)).enumerate() {
            if steps.len() > ALL_DRAWN && reveal != Some(index) {
                let height = memory.card_heights.get(&id).copied().unwrap_or(USUAL_HEIGHT);
                let place = Rect::from_min_size(ui.cursor().min, vec2(ui.available_width(), height));
                if !place.intersects(near) {
                    ui.allocate_space(place.size());
                    continue;
                }
            }
            // Text being typed into a filter of one stack must not turn up in another.
            let card = Card { state, location: StepLocation { stack, index }, step, id };
            let response = ui.push_id((stack, index), |ui| card.show(ui, memory, out)).inner;
            memory.card_heights.insert(id, response.rect.height());
            if reveal == Some(index) {
                // A card that does not fit is read from its top.
                let fits = response.rect.height() < ui.clip_rect().height();
                response.scroll_to_me(Some(if fits { Align::Max } else { Align::Min }));
            }
        }
    });
}

/// What happens to pictures that pass no filter.
fn without_filters(state: &State) -> String {
    let export = &state.recipe().export;
    let quality = export.options.quality();
    match export.format {
        FormatChoice::Same => format!(
            "Pictures keep their size and their format, and are saved anew: JPEGs are encoded again at quality {quality}. Filters that you add are applied from top to bottom."
        ),
        FormatChoice::To(codec) if codec.lossy => format!(
            "Every picture is saved as {} at quality {quality}, JPEGs too. Filters that you add are applied from top to bottom.",
            codec.title
        ),
        FormatChoice::To(codec) => {
            format!("Every picture is saved as {}. Filters that you add are applied from top to bottom.", codec.title)
        }
    }
}

fn card_ids(stack: Stack, steps: &[Step]) -> impl Iterator<Item = CardId> {
    let mut seen: HashMap<&str, usize> = HashMap::new();
    steps.iter().map(move |step| {
        let filter = step.params.spec().id;
        let count = seen.entry(filter).or_default();
        *count += 1;
        CardId { stack, filter, nth: *count - 1 }
    })
}

/// Shown in a stack without filters.
fn empty(ui: &mut Ui, state: &State, stack: Stack) {
    let (title, hint) = match stack {
        Stack::Common if state.recipe().outputs.is_empty() => ("No filters yet", without_filters(state)),
        Stack::Common => (
            "No common filters yet",
            "Filters here are applied to all outputs, before the filters of each. Add them here or from the Filters menu; they are applied from top to bottom."
                .to_owned(),
        ),
        Stack::Output(_) => (
            "No filters of its own yet",
            "Filters here are applied after the common ones, to this output only.".to_owned(),
        ),
    };
    card(ui).show(ui, |ui| {
        ui.set_min_width(ui.available_width());
        ui.label(title);
        ui.label(RichText::new(hint).small().color(Palette::of(ui).weak));
    });
}

/// The card of one filter.
struct Card<'a> {
    state: &'a State,
    location: StepLocation,
    step: &'a Step,
    id: CardId,
}

impl Card<'_> {
    fn show(&self, ui: &mut Ui, memory: &mut ViewMemory, out: &mut Vec<Action>) -> Response {
        let frame = card(ui).inner_margin(Margin { left: 6, right: 4, top: 2, bottom: 4 });
        let shown = frame.show(ui, |ui| {
            ui.set_min_width(ui.available_width());
            ui.spacing_mut().item_spacing = vec2(6.0, 2.0);
            self.title_row(ui, memory, out);
            if !memory.folded.contains(&self.id) {
                self.controls(ui, memory.presses, out);
            }
        });
        take_drop(ui, &shown.response, self.location, out);
        shown.response
    }

    fn controls(&self, ui: &mut Ui, press: u64, out: &mut Vec<Action>) {
        let margin = Margin { left: 4, right: 4, ..Margin::ZERO };
        Frame::new().inner_margin(margin).show(ui, |ui| {
            ui.add_enabled_ui(self.step.enabled, |ui| {
                for (param, (spec, value)) in self.step.params.iter().enumerate() {
                    if !self.step.params.applies(spec) {
                        continue;
                    }
                    let at = ParamLocation { step: self.location, param };
                    match ui.push_id(spec.key, |ui| parameter::control(ui, spec, value)).inner {
                        Edit::None => {}
                        Edit::Browse => out.push(Action::BrowseParam(at)),
                        Edit::Value(edited) if edited == *value || !spec.kind.accepts(&edited) => {}
                        Edit::Value(value) => out.push(RecipeAction::SetParam { at, value, press }.into()),
                    }
                }
            });
        });
    }

    fn title_row(&self, ui: &mut Ui, memory: &mut ViewMemory, out: &mut Vec<Action>) {
        let index = self.location.index;
        let title = self.step.params.spec().title;
        ui.horizontal(|ui| {
            ui.set_min_height(theme::CONTROL);
            ui.spacing_mut().interact_size.y = theme::COMPACT;
            self.grip(ui);
            let mut enabled = self.step.enabled;
            let switch = ui.add(Checkbox::without_text(&mut enabled)).accessible_name(format!("{title} on"));
            if switch.on_hover_text("A filter that is off stays in the stack but does nothing.").changed() {
                out.push(RecipeAction::EnableStep(index, enabled).into());
            }
            ui.with_layout(Layout::right_to_left(Align::Center), |ui| {
                ui.spacing_mut().item_spacing.x = 0.0;
                if icon_button(ui, Icon::Close, &format!("Remove {title}"), true).clicked() {
                    out.push(RecipeAction::RemoveStep(index).into());
                }
                self.more(ui, out);
                // It is always there, so that nothing moves when a value is changed.
                let is_changed = self.step.params.iter().any(|(spec, value)| *value != spec.kind.default());
                if icon_button(ui, Icon::Reset, &format!("Reset {title}"), is_changed).clicked() {
                    out.push(RecipeAction::ResetStep(index).into());
                }
                if self.step.params.spec().has_figure() {
                    self.on_picture(ui, out);
                }
                ui.with_layout(Layout::left_to_right(Align::Center), |ui| self.fold(ui, memory));
            });
        });
    }

    /// Shows where it is on the picture, to be dragged there.
    fn on_picture(&self, ui: &mut Ui, out: &mut Vec<Action>) {
        let target = Placeable::Step(self.location);
        let on = self.state.edited_on_picture() == Some(target);
        let name = format!("Edit {} on the picture", self.step.params.spec().title);
        let help = text::with_keys(ui.ctx(), &format!("{name}."), self.state.keys.keys_for(ViewAction::CycleOnPicture));
        if icon_toggle(ui, Icon::Handles, &name, &help, on).clicked() {
            out.push(ViewAction::EditOnPicture((!on).then_some(target)).into());
        }
    }

    fn grip(&self, ui: &mut Ui) {
        let palette = Palette::of(ui);
        let (rect, grip) = ui.allocate_exact_size(vec2(12.0, 24.0), Sense::drag());
        let square = Rect::from_center_size(rect.center(), Vec2::splat(14.0));
        paint_icon(ui.painter(), Icon::Grip, square, if grip.hovered() { palette.text } else { palette.waiting });
        grip.dnd_set_drag_payload(self.location);
        let help = if self.state.recipe().outputs.is_empty() {
            "Drag to reorder."
        } else {
            "Drag to reorder, or onto the tab of another filter stack."
        };
        grip.on_hover_text(help).on_hover_and_drag_cursor(CursorIcon::Grab);
    }

    /// The title, which folds and unfolds the card.
    fn fold(&self, ui: &mut Ui, memory: &mut ViewMemory) {
        let spec = self.step.params.spec();
        let palette = Palette::of(ui);
        let folded = memory.folded.contains(&self.id);
        let colour = if self.step.enabled { palette.text } else { palette.weak };
        ui.spacing_mut().button_padding.x = 4.0;
        let icon = match (spec.params.is_empty(), folded) {
            (true, _) => Icon::None,
            (false, true) => Icon::Folded,
            (false, false) => Icon::Unfolded,
        };
        let button = Button::new((icon_atom(icon, 8.0), RichText::new(spec.title).color(colour)));
        let button = button.gap(6.0).frame_when_inactive(false).truncate();
        let response = ui.add(button).accessible_name(format!("{} controls", spec.title));
        response.ctx.accesskit_node_builder(response.id, |node| node.set_expanded(!folded));
        let help = format!("{}. Click to {}.", spec.help, if folded { "unfold" } else { "fold" });
        if response.on_hover_text(help).clicked() {
            if folded {
                memory.folded.remove(&self.id);
            } else {
                memory.folded.insert(self.id);
            }
        }
    }

    /// The menu of what is seldom done with a filter.
    fn more(&self, ui: &mut Ui, out: &mut Vec<Action>) {
        let StepLocation { stack, index } = self.location;
        let count = stack.steps(self.state.recipe()).len();
        let title = self.step.params.spec().title;
        ui.spacing_mut().button_padding = vec2(6.0, 4.0);
        let (response, _) = MenuButton::from_button(icon_menu_button(Icon::More)).config(menu_config()).ui(ui, |ui| {
            ui.set_width(MENU_WIDTH);
            let mut entry = |ui: &mut Ui, text: &str, name: String, help: &str, enabled: bool, action: RecipeAction| {
                let button = Button::new(text).min_size(vec2(MENU_WIDTH, 0.0));
                if ui.add_enabled(enabled, button).accessible_name(name).on_hover_text(help).clicked() {
                    out.push(action.into());
                    ui.close();
                }
            };
            let help = "Add the same filter with the same values below.";
            entry(ui, "Duplicate", format!("Duplicate {title}"), help, true, RecipeAction::DuplicateStep(index));
            let help = "Copy it as a recipe, to be pasted into a filter stack or a text file.";
            entry(ui, "Copy", format!("Copy {title}"), help, true, RecipeAction::Copy(Some(index)));
            let up = RecipeAction::MoveStep { from: index, to: index.saturating_sub(1) };
            entry(ui, "Move Up", format!("Move {title} up"), "Apply it earlier.", index > 0, up);
            let down = RecipeAction::MoveStep { from: index, to: index + 1 };
            entry(ui, "Move Down", format!("Move {title} down"), "Apply it later.", index + 1 < count, down);
            tabs::move_entries(ui, self.state, self.location, title, out);
        });
        response.accessible_name(format!("More for {title}")).on_hover_text("Duplicate, copy or move the filter.");
    }
}

/// Accepts a card that is dropped on this one, and shows where it would go.
fn take_drop(ui: &Ui, response: &Response, location: StepLocation, out: &mut Vec<Action>) {
    let other = |from: &Arc<StepLocation>| from.stack == location.stack && from.index != location.index;
    if let Some(from) = response.dnd_hover_payload::<StepLocation>().filter(other) {
        let distance = (GRID + DROP_LINE) / 2.0;
        let y = if from.index > location.index {
            response.rect.top() - distance
        } else {
            response.rect.bottom() + distance
        };
        ui.painter().hline(response.rect.x_range(), y, Stroke::new(DROP_LINE, Palette::of(ui).loom));
    }
    if let Some(from) = response.dnd_release_payload::<StepLocation>().filter(other) {
        out.push(RecipeAction::MoveStep { from: from.index, to: location.index }.into());
    }
}
