//! The tabs that choose which stack of filters is edited, and the menu entries that move a filter to another stack.

use std::sync::Arc;

use egui::{Button, ComboBox, CornerRadius, Response, RichText, ScrollArea, Stroke, StrokeKind, Ui, vec2};

use crate::gui::menus::entry::MENU_WIDTH;
use crate::gui::model::action::{Action, RecipeAction, ViewAction};
use crate::gui::model::stack::{Stack, StepLocation};
use crate::gui::model::state::State;
use crate::gui::text;
use crate::gui::theme::{self, GRID, Palette};
use crate::gui::widgets::segmented::{Segment, segmented_with, segments_width};
use crate::recipe::Recipe;

/// Draws the choice, if there is one: tabs in a row, or a list if they are too many for a row.
pub fn show(ui: &mut Ui, state: &State, out: &mut Vec<Action>) {
    let recipe = state.recipe();
    if recipe.outputs.is_empty() {
        return;
    }
    let now = state.stack();
    let mut tabs: Vec<Tab> = Stack::all(recipe).map(|stack| Tab::new(stack, recipe)).collect();
    for tab in &mut tabs {
        tab.help = text::with_keys(ui.ctx(), &tab.help, state.keys.keys_for(ViewAction::CycleStack(1)));
    }
    let segments: Vec<_> = tabs
        .iter()
        .map(|tab| Segment::new(tab.stack.title(recipe), &tab.help, tab.stack == now).named(&tab.name))
        .collect();
    let padding = [14.0, 9.0].into_iter().find(|p| segments_width(ui, *p, &segments) <= ui.available_width());
    let mut chosen = now;
    if let Some(padding) = padding {
        let responses = segmented_with(ui, true, theme::CONTROL, padding, &segments);
        for (response, tab) in responses.iter().zip(&tabs) {
            if response.clicked() {
                chosen = tab.stack;
            }
            take_drop(ui, response, tab.stack, out);
        }
    } else {
        let width = ui.available_width();
        let combo =
            ComboBox::from_id_salt("stack").selected_text(now.title(recipe)).width(width).height(360.0).truncate();
        let shown = combo.show_ui(ui, |ui| {
            for Tab { stack, name, help } in &tabs {
                let title = match stack.steps(recipe).len() {
                    0 => stack.title(recipe).to_owned(),
                    n => format!("{}, {}", stack.title(recipe), text::plural(n, "filter")),
                };
                ui.selectable_value(&mut chosen, *stack, title).accessible_name(name).on_hover_text(help);
            }
        });
        let response = shown.response.accessible_name("Filter stack");
        response.on_hover_text("Which filters are shown below: those of all outputs, or those of one output.");
    }
    if chosen != now {
        out.push(ViewAction::ShowStack(chosen).into());
    }
    ui.add_space(GRID / 2.0);
}

/// Accepts a filter that is dropped on the tab of another stack.
fn take_drop(ui: &Ui, tab: &Response, to: Stack, out: &mut Vec<Action>) {
    let other = |from: &Arc<StepLocation>| from.stack != to;
    if tab.dnd_hover_payload::<StepLocation>().is_some_and(|from| other(&from)) {
        let stroke = Stroke::new(2.0, Palette::of(ui).loom);
        ui.painter().rect_stroke(tab.rect, CornerRadius::same(4), stroke, StrokeKind::Inside);
    }
    if let Some(from) = tab.dnd_release_payload::<StepLocation>().filter(other) {
        out.push(RecipeAction::MoveToStack(*from, to).into());
    }
}

/// The menu entries that move a filter to another stack, if there is one.
pub fn move_entries(ui: &mut Ui, state: &State, from: StepLocation, title: &str, out: &mut Vec<Action>) {
    let recipe = state.recipe();
    if recipe.outputs.is_empty() {
        return;
    }
    ui.separator();
    ui.label(RichText::new("Move to the filters of").small().color(Palette::of(ui).weak));
    ScrollArea::vertical().max_height(360.0).show(ui, |ui| {
        for to in Stack::all(recipe).filter(|to| *to != from.stack) {
            let entry = Button::new(to.title(recipe)).min_size(vec2(MENU_WIDTH, 0.0)).truncate();
            let entry = ui.add(entry).accessible_name(format!("Move {title} to {}", to.owner(recipe)));
            if entry.on_hover_text(if from.stack == Stack::Common { FIRST } else { LAST }).clicked() {
                out.push(RecipeAction::MoveToStack(from, to).into());
                ui.close();
            }
        }
    });
}

const FIRST: &str = "It becomes the first filter there, and no longer applies to the other outputs.";
const LAST: &str = "It becomes the last filter there.";

/// What the tab of a stack says.
struct Tab {
    stack: Stack,
    /// Its accessible name.
    name: String,
    help: String,
}

impl Tab {
    fn new(stack: Stack, recipe: &Recipe) -> Self {
        let titles: Vec<_> = stack.steps(recipe).iter().map(|step| step.params.spec().title).collect();
        let filters = if titles.is_empty() { "None yet".to_owned() } else { titles.join(", ") };
        let (name, whose) = match stack {
            Stack::Common => ("Filters of all outputs".to_owned(), "all outputs, before those of each".to_owned()),
            Stack::Output(_) => {
                let title = stack.title(recipe);
                (format!("Filters of {title}"), format!("{title} only, after those of all outputs"))
            }
        };
        Self { stack, name, help: format!("Filters of {whose}: {filters}.") }
    }
}
