//! Undo and redo: a recipe is a value, so the past is a list of recipes.

use crate::recipe::Recipe;

/// How many steps can be undone.
const DEPTH: usize = 200;

/// What an edit belongs to; following edits of the same gesture are undone together.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Gesture {
    /// Number of the press of the pointer during which it happened.
    pub press: u64,
    /// Place in the stack.
    pub step: usize,
    /// Place of the parameter.
    pub param: usize,
}

/// The recipe with its past and, after an undo, its future.
#[derive(Debug, Default)]
pub struct History {
    now: Recipe,
    past: Vec<Recipe>,
    future: Vec<Recipe>,
    gesture: Option<Gesture>,
}

impl History {
    /// Begins with `recipe`.
    pub fn new(recipe: Recipe) -> Self {
        Self { now: recipe, ..Self::default() }
    }

    /// The recipe as it is.
    pub const fn recipe(&self) -> &Recipe {
        &self.now
    }

    /// Whether there is something to undo.
    pub const fn can_undo(&self) -> bool {
        !self.past.is_empty()
    }

    /// Whether there is something to redo.
    pub const fn can_redo(&self) -> bool {
        !self.future.is_empty()
    }

    /// Makes `recipe` the present. Edits of one gesture make one step.
    pub fn set(&mut self, recipe: Recipe, gesture: Option<Gesture>) {
        if recipe == self.now {
            return;
        }
        let before = std::mem::replace(&mut self.now, recipe);
        if gesture.is_none() || gesture != self.gesture {
            self.past.push(before);
            if self.past.len() > DEPTH {
                self.past.remove(0);
            }
        }
        self.gesture = gesture;
        self.future.clear();
    }

    /// One step back.
    pub fn undo(&mut self) {
        if let Some(recipe) = self.past.pop() {
            self.future.push(std::mem::replace(&mut self.now, recipe));
            self.gesture = None;
        }
    }

    /// One step forward.
    pub fn redo(&mut self) {
        if let Some(recipe) = self.future.pop() {
            self.past.push(std::mem::replace(&mut self.now, recipe));
            self.gesture = None;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn quality(quality: u8) -> Recipe {
        let mut recipe = Recipe::default();
        recipe.export.options.quality = quality;
        recipe
    }

    #[test]
    fn a_drag_is_one_step() {
        let mut history = History::new(quality(90));
        let drag = |press| Some(Gesture { press, step: 0, param: 0 });
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
}
