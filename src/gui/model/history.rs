//! Undo and redo: the recipe and the overrides of single pictures are values, so the past is a list of them.

use std::sync::Arc;

use crate::batch::{OverridesBySource, Source};
use crate::gui::model::changes::name_of_change;
use crate::gui::model::stack::Stack;
use crate::recipe::{Overrides, Recipe};

/// How many steps can be undone.
const DEPTH: usize = 200;

/// What an edit belongs to; consecutive edits of one gesture are undone together.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Gesture {
    /// Number of the press of the pointer during which it happened.
    pub press: u64,
    pub target: EditTarget,
    /// Which of its controls, by number.
    pub control: usize,
}

impl Gesture {
    /// A drag of one of the handles on the picture, which may set several parameters.
    pub const fn of_handle(press: u64, target: EditTarget, handle: usize) -> Self {
        // Beyond those of the parameters.
        Self { press, target, control: usize::MAX - handle }
    }
}

/// What a gesture can edit. An output is named by its place; `None` stands for the settings of a recipe without outputs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum EditTarget {
    /// The filter at this place of a stack.
    Step(Stack, usize),
    /// The overrides of single pictures.
    Overrides,
    /// Quality and options of the format.
    Export(Option<usize>),
    /// Colour and metadata.
    ColourAndMetadata(Option<usize>),
    /// The box that an output is fitted into.
    Side(usize),
}

/// What can be undone: the recipe and the overrides of single pictures.
#[derive(Debug, Clone, Default, PartialEq)]
struct Snapshot {
    recipe: Recipe,
    overrides: Arc<OverridesBySource>,
}

/// A neighbour in time, and what the change between it and the next nearer to now is called.
#[derive(Debug)]
struct Step {
    snapshot: Snapshot,
    change: String,
}

/// A point of the past.
#[derive(Debug)]
pub struct Mark {
    then: Snapshot,
    past: usize,
}

/// The recipe and the overrides, with their past and, after an undo, their future.
#[derive(Debug, Default)]
pub struct History {
    now: Snapshot,
    /// The oldest first.
    past: Vec<Step>,
    /// The next to be redone last.
    future: Vec<Step>,
    gesture: Option<Gesture>,
}

impl History {
    /// Begins with `recipe` and `overrides`.
    pub fn new(recipe: Recipe, overrides: OverridesBySource) -> Self {
        Self { now: Snapshot { recipe, overrides: Arc::new(overrides) }, ..Self::default() }
    }

    pub const fn recipe(&self) -> &Recipe {
        &self.now.recipe
    }

    /// What is different for single pictures, by their files.
    pub const fn overrides(&self) -> &Arc<OverridesBySource> {
        &self.now.overrides
    }

    /// What is different for the picture in this file.
    pub fn overrides_of(&self, source: &Source) -> Overrides {
        self.now.overrides.get(source).copied().unwrap_or_default()
    }

    pub const fn can_undo(&self) -> bool {
        !self.past.is_empty()
    }

    pub const fn can_redo(&self) -> bool {
        !self.future.is_empty()
    }

    /// What Undo would undo.
    pub fn undone_next(&self) -> Option<&str> {
        self.past.last().map(|step| step.change.as_str())
    }

    /// What Redo would redo.
    pub fn redone_next(&self) -> Option<&str> {
        self.future.last().map(|step| step.change.as_str())
    }

    /// How many of the [`changes`](Self::changes) are made; the rest is undone.
    pub const fn made(&self) -> usize {
        self.past.len()
    }

    /// What all changes are called, those that are undone too, in the order in which they were made.
    pub fn changes(&self) -> impl Iterator<Item = &str> {
        self.past.iter().chain(self.future.iter().rev()).map(|step| step.change.as_str())
    }

    /// Undoes or redoes until so many of the changes are made.
    pub fn go_to(&mut self, made: usize) {
        while self.past.len() > made && self.can_undo() {
            self.undo();
        }
        while self.past.len() < made && self.can_redo() {
            self.redo();
        }
    }

    /// Changes the recipe to one that has a name of its own, in one step that is called `change`.
    pub fn replace(&mut self, recipe: Recipe, change: String) {
        let is_changed = recipe != self.now.recipe;
        self.set(recipe, None);
        if let Some(step) = self.past.last_mut().filter(|_| is_changed) {
            step.change = change;
        }
    }

    /// Changes the recipe. Edits of one gesture make one step.
    pub fn set(&mut self, recipe: Recipe, gesture: Option<Gesture>) {
        self.advance(Snapshot { recipe, ..self.now.clone() }, gesture);
    }

    /// Sets what is different for these pictures. Edits of one gesture make one step.
    pub fn set_overrides(
        &mut self,
        overrides: impl IntoIterator<Item = (Source, Overrides)>,
        gesture: Option<Gesture>,
    ) {
        let overrides = self.with_overrides(overrides);
        self.advance(Snapshot { overrides, ..self.now.clone() }, gesture);
    }

    /// Sets the recipe and, for these pictures, what is different for them, in one step.
    pub fn set_all(&mut self, recipe: Recipe, overrides: impl IntoIterator<Item = (Source, Overrides)>) {
        let overrides = self.with_overrides(overrides);
        self.advance(Snapshot { recipe, overrides }, None);
    }

    fn with_overrides(&self, overrides: impl IntoIterator<Item = (Source, Overrides)>) -> Arc<OverridesBySource> {
        let mut all = (*self.now.overrides).clone();
        for (source, overrides) in overrides {
            if overrides.is_none() {
                all.remove(&source);
            } else {
                all.insert(source, overrides);
            }
        }
        Arc::new(all)
    }

    fn advance(&mut self, snapshot: Snapshot, gesture: Option<Gesture>) {
        if snapshot == self.now {
            return;
        }
        let before = std::mem::replace(&mut self.now, snapshot);
        if gesture.is_none() || gesture != self.gesture {
            if self.past.len() == DEPTH {
                self.past.remove(0);
            }
            self.past.push(Step { snapshot: before, change: String::new() });
        }
        if let Some(Step { snapshot: before, change }) = self.past.last_mut() {
            let now = &self.now;
            *change = name_of_change((&before.recipe, &before.overrides), (&now.recipe, &now.overrides));
        }
        self.gesture = gesture;
        self.future.clear();
    }

    /// A point to return to.
    pub fn mark(&self) -> Mark {
        Mark { then: self.now.clone(), past: self.past.len() }
    }

    /// Takes back what was changed since `mark`, as if it had not been.
    pub fn return_to(&mut self, mark: Mark) {
        if self.past.get(mark.past).is_some_and(|step| step.snapshot == mark.then) {
            self.past.truncate(mark.past);
            self.now = mark.then;
        } else {
            // As many changes as the past holds were made since, or none.
            self.advance(mark.then, None);
        }
        self.gesture = None;
    }

    pub fn undo(&mut self) {
        if let Some(Step { snapshot, change }) = self.past.pop() {
            let snapshot = std::mem::replace(&mut self.now, snapshot);
            self.future.push(Step { snapshot, change });
            self.gesture = None;
        }
    }

    pub fn redo(&mut self) {
        if let Some(Step { snapshot, change }) = self.future.pop() {
            let snapshot = std::mem::replace(&mut self.now, snapshot);
            self.past.push(Step { snapshot, change });
            self.gesture = None;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::recipe::Turn;

    fn quality(quality: u8) -> Recipe {
        let mut recipe = Recipe::default();
        recipe.export.options.set_quality(quality);
        recipe
    }

    #[test]
    fn what_was_changed_since_a_mark_is_taken_back() {
        let mut history = History::new(quality(90), OverridesBySource::new());
        history.set(quality(80), None);
        let mark = history.mark();
        history.return_to(mark);
        assert_eq!((history.recipe().export.options.quality(), history.can_redo()), (80, false));
        let mark = history.mark();
        for q in [70, 60] {
            history.set(quality(q), None);
        }
        history.return_to(mark);
        assert_eq!(history.recipe().export.options.quality(), 80);
        history.undo();
        assert_eq!((history.recipe().export.options.quality(), history.can_undo()), (90, false));
        let mark = history.mark();
        for q in (0..2 * DEPTH).map(|i| (i % 90) as u8 + 1) {
            history.set(quality(q), None);
        }
        history.return_to(mark);
        assert_eq!(history.recipe().export.options.quality(), 90, "although the past holds less");
    }

    #[test]
    fn a_drag_is_one_step() {
        let mut history = History::new(quality(90), OverridesBySource::new());
        let drag = |press| Some(Gesture { press, target: EditTarget::Export(None), control: 0 });
        for q in [80, 70, 60] {
            history.set(quality(q), drag(1));
        }
        history.set(quality(50), drag(2));
        history.undo();
        assert_eq!(history.recipe(), &quality(60));
        history.undo();
        assert_eq!(history.recipe(), &quality(90));
        assert!(!history.can_undo());
        history.redo();
        history.redo();
        assert_eq!(history.recipe(), &quality(50));
        history.undo();
        history.set(quality(1), None);
        assert!(!history.can_redo());
    }

    #[test]
    fn any_change_can_be_gone_to_by_its_place() {
        let mut history = History::new(quality(90), OverridesBySource::new());
        let drag = Some(Gesture { press: 1, target: EditTarget::Export(None), control: 0 });
        history.set(quality(85), drag);
        history.set(quality(80), drag);
        history.replace(quality(50), "Use Small".to_owned());
        history.set(quality(40), None);
        let names = ["Quality 90 → 80", "Use Small", "Quality 50 → 40"];
        for (made, of) in [(1, 80), (3, 40), (0, 90), (2, 50), (9, 40)] {
            history.go_to(made);
            assert_eq!((history.made(), history.recipe()), (made.min(3), &quality(of)));
            assert_eq!(history.changes().collect::<Vec<_>>(), names, "nothing is lost by going there");
        }
        history.go_to(1);
        assert_eq!((history.undone_next(), history.redone_next()), (Some("Quality 90 → 80"), Some("Use Small")));
        history.replace(history.recipe().clone(), "Use the same".to_owned());
        assert_eq!(history.changes().count(), 3, "nothing was changed");
    }

    #[test]
    fn edits_of_two_stacks_are_two_steps() {
        let mut history = History::new(quality(90), OverridesBySource::new());
        let edit = |stack| Some(Gesture { press: 1, target: EditTarget::Step(stack, 0), control: 0 });
        history.set(quality(80), edit(Stack::Common));
        history.set(quality(70), edit(Stack::Output(0)));
        history.set(quality(60), edit(Stack::Output(0)));
        history.set(quality(50), edit(Stack::Output(1)));
        for q in [60, 80, 90] {
            history.undo();
            assert_eq!(history.recipe(), &quality(q));
        }
    }

    #[test]
    fn overrides_are_undone_too() {
        let mut history = History::new(quality(90), OverridesBySource::new());
        let (a, b) = (&Source::from("/a"), &Source::from("/b"));
        let brighter = Overrides { exposure: 1.0, ..Overrides::default() };
        history.set_overrides([(a.clone(), brighter)], None);
        history.set(quality(50), None);
        history.set_overrides([(b.clone(), Overrides { rotate: Turn::Right, ..brighter })], None);
        history.set_overrides([(a.clone(), Overrides::default())], None);
        assert_eq!((history.overrides_of(a).is_none(), history.overrides().len()), (true, 1));
        history.undo();
        history.undo();
        assert_eq!((history.overrides_of(a), history.overrides_of(b).is_none()), (brighter, true));
        history.undo();
        assert_eq!((history.recipe(), history.overrides_of(a)), (&quality(90), brighter));
        history.undo();
        assert!(history.overrides().is_empty() && !history.can_undo());
    }

    #[test]
    fn a_recipe_comes_with_overrides_in_one_step() {
        let (a, b) = (Source::from("/a"), Source::from("/b"));
        let brighter = Overrides { exposure: 1.0, ..Overrides::default() };
        let mut history = History::new(quality(90), OverridesBySource::from([(b.clone(), brighter)]));
        history.set_all(quality(50), [(a.clone(), brighter), (b.clone(), Overrides::default())]);
        assert_eq!((history.overrides_of(&a), history.overrides_of(&b).is_none()), (brighter, true));
        history.undo();
        assert_eq!((history.recipe(), history.overrides_of(&b)), (&quality(90), brighter));
        assert!(history.overrides_of(&a).is_none() && !history.can_undo());
    }
}
