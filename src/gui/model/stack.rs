//! The stacks of filters of a recipe: the common one and one per output.
//!
//! The stack that is edited is the common one or that of the output in the preview
//! ([`State::stack`](super::state::State::stack)). Actions that may arrive late, such as typed text, carry their
//! stack.

use crate::recipe::{Output, Recipe, Step};

/// A stack of filters of the recipe.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum Stack {
    /// The filters that all outputs share.
    #[default]
    Common,
    /// Those applied afterwards for one output alone, counted from 0.
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

    /// The text of its tab.
    pub fn title(self, recipe: &Recipe) -> &str {
        match self {
            Self::Common => "All outputs",
            Self::Output(index) => recipe.outputs.get(index).map_or("", |output| &output.name),
        }
    }

    /// Whose filters they are, within a sentence.
    pub fn owner(self, recipe: &Recipe) -> &str {
        match self {
            Self::Common => "all outputs",
            Self::Output(_) => self.title(recipe),
        }
    }

    /// The stacks in which two recipes with the same outputs differ; none if their outputs differ.
    pub fn changed(before: &Recipe, after: &Recipe) -> Vec<Self> {
        let names = |recipe: &Recipe| recipe.outputs.iter().map(|o| o.name.clone()).collect::<Vec<_>>();
        if names(before) != names(after) {
            return Vec::new();
        }
        Self::all(after).filter(|stack| stack.steps(before) != stack.steps(after)).collect()
    }
}

/// Where a filter stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct StepLocation {
    pub stack: Stack,
    pub index: usize,
}

/// Where a parameter stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct ParamLocation {
    pub step: StepLocation,
    /// Place among the filter's parameters.
    pub param: usize,
}

impl StepLocation {
    /// Moves the filter that stands here to another stack, as close as possible to its former neighbours: a common filter
    /// becomes the first there, any other the last. Returns its title; does nothing if either place does not exist.
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

/// Where the output at `index` stands after a change of the list; `None` if it is gone.
pub fn follow_output(before: &[String], after: &[Output], index: usize) -> Option<usize> {
    let name = before.get(index)?;
    if after.get(index).is_some_and(|output| output.name == *name) {
        return Some(index);
    }
    let others_stay = |(i, (before, after)): (usize, (&String, &Output))| i == index || *before == after.name;
    let is_renamed = before.len() == after.len() && before.iter().zip(after).enumerate().all(others_stay);
    if is_renamed { Some(index) } else { after.iter().position(|output| output.name == *name) }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn recipe(names: &[&str]) -> Recipe {
        Recipe { outputs: names.iter().map(|name| Output::named(name)).collect(), ..Recipe::default() }
    }

    #[test]
    fn an_output_is_followed_to_its_new_position() {
        let found = |before: &[&str], after: &[&str], index| {
            let before: Vec<_> = before.iter().map(|name| (*name).to_owned()).collect();
            follow_output(&before, &recipe(after).outputs, index)
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
        let at = |stack, index| StepLocation { stack, index };
        assert_eq!(at(Stack::Common, 1).move_to(Stack::Output(0), &mut recipe), Some("Sepia"));
        assert_eq!(ids(&recipe), ["invert", "sepia hue gamma", ""], "output a is what it was");
        assert!(at(Stack::Output(0), 0).move_to(Stack::Common, &mut recipe).is_some());
        assert_eq!(ids(&recipe), ["invert sepia", "hue gamma", ""], "and again");
        assert!(at(Stack::Output(0), 0).move_to(Stack::Output(1), &mut recipe).is_some());
        assert!(at(Stack::Output(0), 0).move_to(Stack::Output(1), &mut recipe).is_some());
        assert_eq!(ids(&recipe), ["invert sepia", "", "hue gamma"]);
        for (from, to) in [
            (at(Stack::Common, 0), Stack::Common),
            (at(Stack::Common, 2), Stack::Output(0)),
            (at(Stack::Common, 0), Stack::Output(2)),
            (at(Stack::Output(7), 0), Stack::Common),
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
