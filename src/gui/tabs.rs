//! Which stack of filters is edited: the common one or that of an output, and the tabs that choose it.

use egui::{ComboBox, Ui};

use super::action::Action;
use super::state::State;
use super::text;
use super::theme::{self, GRID};
use super::widgets::{Segment, segmented_with, segments_width};
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

    /// The stack in which two recipes differ, where it is a single one that both have.
    pub fn changed(before: &Recipe, after: &Recipe) -> Option<Self> {
        let names = |recipe: &Recipe| recipe.outputs.iter().map(|o| o.name.clone()).collect::<Vec<_>>();
        let mut changed = Self::all(after).filter(|stack| stack.steps(before) != stack.steps(after));
        let first = changed.next().filter(|_| names(before) == names(after));
        first.filter(|_| changed.next().is_none())
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
        if let Some(index) = segmented_with(ui, true, theme::CONTROL, padding, &segments) {
            chosen = stacks[index].0;
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
    fn the_stack_that_changed_is_found() {
        let before = recipe(&["a", "b"]);
        let with = |stack: Stack, recipe: &Recipe| {
            let mut recipe = recipe.clone();
            stack.steps_mut(&mut recipe).unwrap().push(Step::new("invert").unwrap());
            recipe
        };
        for stack in Stack::all(&before) {
            let after = with(stack, &before);
            assert_eq!((Stack::changed(&before, &after), stack.steps(&after).len()), (Some(stack), 1));
            assert_eq!(Stack::changed(&after, &before), Some(stack));
        }
        let two = with(Stack::Output(1), &with(Stack::Common, &before));
        assert_eq!(Stack::changed(&before, &two), None);
        assert_eq!(Stack::changed(&before, &before), None);
        assert_eq!(Stack::changed(&before, &recipe(&["a"])), None);
        assert_eq!(Stack::changed(&with(Stack::Output(1), &before), &recipe(&["a"])), None);
        assert!(Stack::Output(9).steps(&before).is_empty());
        assert!(Stack::Output(9).steps_mut(&mut before.clone()).is_none());
    }
}
