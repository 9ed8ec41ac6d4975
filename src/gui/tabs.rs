//! Which stack of filters is edited: the common one or that of an output, and the tabs that choose it.

use std::sync::Arc;

use egui::containers::menu::MenuButton;
use egui::{Button, ComboBox, CornerRadius, Response, RichText, ScrollArea, Stroke, StrokeKind, Ui, Vec2, vec2};

use super::action::Action;
use super::menu;
use super::state::State;
use super::text;
use super::theme::{self, GRID, Palette};
use super::widgets::{Icon, Segment, icon_atom, segmented_with, segments_width};
use crate::recipe::{Output, Recipe, Step};

/// A stack of filters of the recipe.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum Stack {
    /// The filters that all outputs share.
    #[default]
    Common,
    /// Those that follow for one output alone, counted from 0.
    Output(usize),
}

impl Stack {
    /// Every stack of the recipe, the common one first.
    pub fn all(recipe: &Recipe) -> impl Iterator<Item = Self> + use<> {
        std::iter::once(Self::Common).chain((0..recipe.outputs.len()).map(Self::Output))
    }

    /// Its filters; none where there is no such output.
    pub fn steps(self, recipe: &Recipe) -> &[Step] {
        match self {
            Self::Common => &recipe.filters,
            Self::Output(index) => recipe.outputs.get(index).map_or(&[], |output| &output.filters),
        }
    }

    /// Its filters, to be changed; nothing where there is no such output.
    pub fn steps_mut(self, recipe: &mut Recipe) -> Option<&mut Vec<Step>> {
        match self {
            Self::Common => Some(&mut recipe.filters),
            Self::Output(index) => recipe.outputs.get_mut(index).map(|output| &mut output.filters),
        }
    }

    /// What its tab says.
    pub fn title(self, recipe: &Recipe) -> &str {
        match self {
            Self::Common => "All outputs",
            Self::Output(index) => recipe.outputs.get(index).map_or("", |output| &output.name),
        }
    }

    /// Whose filters they are, in a sentence.
    pub fn owner(self, recipe: &Recipe) -> &str {
        match self {
            Self::Common => "all outputs",
            Self::Output(_) => self.title(recipe),
        }
    }

    /// The stacks in which two recipes with the same outputs differ; none where their outputs are others.
    pub fn changed(before: &Recipe, after: &Recipe) -> Vec<Self> {
        let names = |recipe: &Recipe| recipe.outputs.iter().map(|o| o.name.clone()).collect::<Vec<_>>();
        if names(before) != names(after) {
            return Vec::new();
        }
        Self::all(after).filter(|stack| stack.steps(before) != stack.steps(after)).collect()
    }
}

/// Where a filter stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Place {
    /// The stack.
    pub stack: Stack,
    /// Place in the stack.
    pub index: usize,
}

impl Place {
    /// Moves the filter that stands here to another stack, where it is as near as can be to its neighbours: one that was
    /// common comes first, any other last. Returns its title; nothing happens where one of the places is not there.
    pub fn move_to(self, to: Stack, recipe: &mut Recipe) -> Option<&'static str> {
        to.steps_mut(recipe).filter(|_| to != self.stack)?;
        let steps = self.stack.steps_mut(recipe).filter(|steps| self.index < steps.len())?;
        let step = steps.remove(self.index);
        let title = step.params.spec().title;
        let target = to.steps_mut(recipe)?;
        target.insert(if self.stack == Stack::Common { 0 } else { target.len() }, step);
        Some(title)
    }
}

/// Where the output that stood at `index` stands after a change of the list; `None` if it is gone.
pub fn follow(before: &[String], after: &[Output], index: usize) -> Option<usize> {
    let name = before.get(index)?;
    if after.get(index).is_some_and(|output| output.name == *name) {
        return Some(index);
    }
    let others_stay = |(i, (before, after)): (usize, (&String, &Output))| i == index || *before == after.name;
    let is_renamed = before.len() == after.len() && before.iter().zip(after).enumerate().all(others_stay);
    if is_renamed { Some(index) } else { after.iter().position(|output| output.name == *name) }
}

/// Draws the choice, where there is one: tabs in a row, or a list where they are too many for it.
pub fn show(ui: &mut Ui, state: &State, out: &mut Vec<Action>) {
    let recipe = state.recipe();
    if recipe.outputs.is_empty() {
        return;
    }
    let now = state.stack();
    let stacks: Vec<(Stack, String, String)> =
        Stack::all(recipe).map(|stack| (stack, spoken(stack, recipe), help(stack, recipe))).collect();
    let segments: Vec<_> = stacks
        .iter()
        .map(|(stack, name, help)| Segment::new(stack.title(recipe), help, *stack == now).spoken(name))
        .collect();
    let padding = [14.0, 9.0].into_iter().find(|p| segments_width(ui, *p, &segments) <= ui.available_width());
    let mut chosen = now;
    if let Some(padding) = padding {
        let tabs = segmented_with(ui, true, theme::CONTROL, padding, &segments);
        for (tab, (stack, ..)) in tabs.iter().zip(&stacks) {
            if tab.clicked() {
                chosen = *stack;
            }
            take_drop(ui, tab, *stack, out);
        }
    } else {
        let width = ui.available_width();
        let combo =
            ComboBox::from_id_salt("stack").selected_text(now.title(recipe)).width(width).height(360.0).truncate();
        let shown = combo.show_ui(ui, |ui| {
            for (stack, name, help) in &stacks {
                let count = stack.steps(recipe).len();
                let words = match count {
                    0 => stack.title(recipe).to_owned(),
                    n => format!("{}, {}", stack.title(recipe), text::plural(n, "filter")),
                };
                ui.selectable_value(&mut chosen, *stack, words).accessible_name(name).on_hover_text(help);
            }
        });
        let response = shown.response.accessible_name("Stack of filters");
        response.on_hover_text("Whose filters are shown below: those of all outputs, or of one alone.");
    }
    if chosen != now {
        out.push(Action::ShowStack(chosen));
    }
    ui.add_space(GRID / 2.0);
}

/// Takes a filter that is dropped on the tab of another stack.
fn take_drop(ui: &Ui, tab: &Response, to: Stack, out: &mut Vec<Action>) {
    let other = |from: &Arc<Place>| from.stack != to;
    if tab.dnd_hover_payload::<Place>().is_some_and(|from| other(&from)) {
        let stroke = Stroke::new(2.0, Palette::of(ui).loom);
        ui.painter().rect_stroke(tab.rect, CornerRadius::same(4), stroke, StrokeKind::Inside);
    }
    if let Some(from) = tab.dnd_release_payload::<Place>().filter(other) {
        out.push(Action::MoveToStack(*from, to));
    }
}

/// The button of a filter that moves it to another stack, where there is one.
pub fn move_button(ui: &mut Ui, state: &State, from: Place, title: &str, out: &mut Vec<Action>) {
    let recipe = state.recipe();
    if recipe.outputs.is_empty() {
        return;
    }
    let button = Button::new(icon_atom(Icon::Into, 12.0)).frame_when_inactive(false).min_size(Vec2::splat(24.0));
    let menu = ui.scope(|ui| {
        ui.spacing_mut().button_padding = vec2(6.0, 4.0);
        ui.spacing_mut().interact_size.y = 24.0;
        let (response, _) = MenuButton::from_button(button).config(menu::config()).ui(ui, |ui| {
            ui.set_width(menu::WIDTH);
            ui.label(RichText::new("Move to the filters of").small().color(Palette::of(ui).weak));
            ScrollArea::vertical().max_height(360.0).show(ui, |ui| {
                for to in Stack::all(recipe).filter(|to| *to != from.stack) {
                    let entry = Button::new(to.title(recipe)).min_size(vec2(menu::WIDTH, 0.0)).truncate();
                    let entry = ui.add(entry).accessible_name(format!("Move {title} to {}", to.owner(recipe)));
                    if entry.on_hover_text(if from.stack == Stack::Common { FIRST } else { LAST }).clicked() {
                        out.push(Action::MoveToStack(from, to));
                        ui.close();
                    }
                }
            });
        });
        response
    });
    let help = "Move to the filters of another output or of all; or drag it to their tab.";
    menu.inner.accessible_name(format!("Move {title} to other filters")).on_hover_text(help);
}

const FIRST: &str = "It becomes the first of them, and no longer works on the other outputs.";
const LAST: &str = "It becomes the last of them.";

/// A tab's name for those who do not see the heading above it.
fn spoken(stack: Stack, recipe: &Recipe) -> String {
    match stack {
        Stack::Common => "Filters of all outputs".to_owned(),
        Stack::Output(_) => format!("Filters of {}", stack.title(recipe)),
    }
}

fn help(stack: Stack, recipe: &Recipe) -> String {
    let names: Vec<_> = stack.steps(recipe).iter().map(|step| step.params.spec().title).collect();
    let filters = if names.is_empty() { "None yet".to_owned() } else { names.join(", ") };
    match stack {
        Stack::Common => format!("Filters that all outputs share, before their own: {filters}. (Ctrl+Page Up/Down)"),
        Stack::Output(_) => {
            format!("Filters of {} alone, after the common ones: {filters}. (Ctrl+Page Up/Down)", stack.title(recipe))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn recipe(names: &[&str]) -> Recipe {
        Recipe { outputs: names.iter().map(|name| Output::named(name)).collect(), ..Recipe::default() }
    }

    #[test]
    fn an_output_is_followed_to_where_it_stands() {
        let found = |before: &[&str], after: &[&str], index| {
            let before: Vec<_> = before.iter().map(|name| (*name).to_owned()).collect();
            follow(&before, &recipe(after).outputs, index)
        };
        assert_eq!(found(&["a", "b", "c"], &["a", "b", "c", "d"], 1), Some(1));
        assert_eq!(found(&["a", "b", "c"], &["a", "x", "c"], 1), Some(1), "renamed");
        assert_eq!(found(&["a", "b", "c"], &["b", "c"], 1), Some(0), "one before it is gone");
        assert_eq!(found(&["a", "b", "c"], &["a", "c"], 1), None, "it is gone");
        assert_eq!(found(&["a", "b"], &["b", "a"], 1), Some(0));
        assert_eq!(found(&["a", "b"], &["c", "d"], 1), None, "another recipe");
        assert_eq!(found(&[], &["a"], 0), None);
        assert_eq!(found(&["a"], &[], 0), None);
    }

    #[test]
    fn a_moved_filter_keeps_its_place_in_the_order_where_it_can() {
        let mut recipe = recipe(&["a", "b"]);
        let step = |id: &str| Step::new(id).unwrap();
        recipe.filters = vec![step("invert"), step("sepia")];
        recipe.outputs[0].filters = vec![step("hue"), step("gamma")];
        let ids = |recipe: &Recipe| {
            let ids =
                |stack: Stack| stack.steps(recipe).iter().map(|s| s.params.spec().id).collect::<Vec<_>>().join(" ");
            Stack::all(recipe).map(ids).collect::<Vec<_>>()
        };
        let place = |stack, index| Place { stack, index };
        assert_eq!(place(Stack::Common, 1).move_to(Stack::Output(0), &mut recipe), Some("Sepia"));
        assert_eq!(ids(&recipe), ["invert", "sepia hue gamma", ""], "output a is what it was");
        assert!(place(Stack::Output(0), 0).move_to(Stack::Common, &mut recipe).is_some());
        assert_eq!(ids(&recipe), ["invert sepia", "hue gamma", ""], "and again");
        assert!(place(Stack::Output(0), 0).move_to(Stack::Output(1), &mut recipe).is_some());
        assert!(place(Stack::Output(0), 0).move_to(Stack::Output(1), &mut recipe).is_some());
        assert_eq!(ids(&recipe), ["invert sepia", "", "hue gamma"]);
        for (from, to) in [
            (place(Stack::Common, 0), Stack::Common),
            (place(Stack::Common, 2), Stack::Output(0)),
            (place(Stack::Common, 0), Stack::Output(2)),
            (place(Stack::Output(7), 0), Stack::Common),
        ] {
            assert_eq!(from.move_to(to, &mut recipe), None);
        }
        assert_eq!(ids(&recipe), ["invert sepia", "", "hue gamma"], "nothing is lost");
    }

    #[test]
    fn the_stack_that_changed_is_found() {
        let before = recipe(&["a", "b"]);
        let with = |stack: Stack, recipe: &Recipe| {
            let mut recipe = recipe.clone();
            stack.steps_mut(&mut recipe).unwrap().push(Step::new("invert").unwrap());
            recipe
        };
        for stack in Stack::all(&before) {
            let after = with(stack, &before);
            assert_eq!((Stack::changed(&before, &after), stack.steps(&after).len()), (vec![stack], 1));
            assert_eq!(Stack::changed(&after, &before), [stack]);
        }
        let two = with(Stack::Output(1), &with(Stack::Common, &before));
        assert_eq!(Stack::changed(&before, &two), [Stack::Common, Stack::Output(1)]);
        assert_eq!(Stack::changed(&before, &before), []);
        assert_eq!(Stack::changed(&before, &recipe(&["a"])), []);
        assert_eq!(Stack::changed(&with(Stack::Output(1), &before), &recipe(&["a"])), []);
        assert!(Stack::Output(9).steps(&before).is_empty());
        assert!(Stack::Output(9).steps_mut(&mut before.clone()).is_none());
    }
}
