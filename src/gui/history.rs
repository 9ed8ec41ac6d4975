//! Undo and redo: a recipe is a value, and so is what single pictures have of their own, so the past is a list of them.

use std::path::Path;
use std::sync::Arc;

use super::tabs::Stack;
use crate::batch::OverridesByFile;
use crate::recipe::{Overrides, Recipe};

/// How many steps can be undone.
const DEPTH: usize = 200;

/// What an edit belongs to; following edits of the same gesture are undone together.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Gesture {
    /// Number of the press of the pointer during which it happened.
    pub press: u64,
    /// What was edited.
    pub part: Part,
    /// Which of its controls.
    pub control: usize,
}

/// What has controls that a gesture can belong to. An output is named by its place; none stands for the settings of a
/// recipe that lists no outputs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Part {
    /// The filter at this place of a stack.
    Step(Stack, usize),
    /// What a single picture has of its own.
    Only,
    /// Quality and options of the format.
    Export(Option<usize>),
    /// Colour and metadata.
    Extras(Option<usize>),
    /// The box that an output is fitted into.
    Side(usize),
}

/// What can be undone: the recipe, and what single pictures have of their own.
#[derive(Debug, Clone, Default, PartialEq)]
struct Moment {
    recipe: Recipe,
    overrides: Arc<OverridesByFile>,
}

/// The recipe with its past and, after an undo, its future.
#[derive(Debug, Default)]
pub struct History {
    now: Moment,
    past: Vec<Moment>,
    future: Vec<Moment>,
    gesture: Option<Gesture>,
}

impl History {
    /// Begins with `recipe`, and with what is different for single pictures.
    pub fn new(recipe: Recipe, overrides: OverridesByFile) -> Self {
        Self { now: Moment { recipe, overrides: Arc::new(overrides) }, ..Self::default() }
    }

    /// The recipe as it is.
    pub const fn recipe(&self) -> &Recipe {
        &self.now.recipe
    }

    /// What is different for single pictures, by their files.
    pub const fn overrides(&self) -> &Arc<OverridesByFile> {
        &self.now.overrides
    }

    /// What is different for the picture in this file.
    pub fn overrides_of(&self, file: &Path) -> Overrides {
        self.now.overrides.get(file).copied().unwrap_or_default()
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
        self.make(Moment { recipe, ..self.now.clone() }, gesture);
    }

    /// Makes something different for the picture in `file`, or nothing. Edits of one gesture make one step.
    pub fn set_overrides(&mut self, file: &Path, overrides: Overrides, gesture: Option<Gesture>) {
        let mut all = (*self.now.overrides).clone();
        if overrides.is_none() {
            all.remove(file);
        } else {
            all.insert(file.to_path_buf(), overrides);
        }
        self.make(Moment { overrides: Arc::new(all), ..self.now.clone() }, gesture);
    }

    fn make(&mut self, moment: Moment, gesture: Option<Gesture>) {
        if moment == self.now {
            return;
        }
        let before = std::mem::replace(&mut self.now, moment);
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
        if let Some(moment) = self.past.pop() {
            self.future.push(std::mem::replace(&mut self.now, moment));
            self.gesture = None;
        }
    }

    /// One step forward.
    pub fn redo(&mut self) {
        if let Some(moment) = self.future.pop() {
            self.past.push(std::mem::replace(&mut self.now, moment));
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
        let mut history = History::new(quality(90), OverridesByFile::new());
        let drag = |press| Some(Gesture { press, part: Part::Export(None), control: 0 });
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
    fn edits_of_two_stacks_are_two_steps() {
        let mut history = History::new(quality(90), OverridesByFile::new());
        let edit = |stack| Some(Gesture { press: 1, part: Part::Step(stack, 0), control: 0 });
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
    fn what_single_pictures_have_is_undone_too() {
        let mut history = History::new(quality(90), OverridesByFile::new());
        let (a, b) = (Path::new("/a"), Path::new("/b"));
        let brighter = Overrides { exposure: 1.0, ..Overrides::default() };
        history.set_overrides(a, brighter, None);
        history.set(quality(50), None);
        history.set_overrides(b, Overrides { turns: 1, ..brighter }, None);
        history.set_overrides(a, Overrides::default(), None);
        assert_eq!((history.overrides_of(a).is_none(), history.overrides().len()), (true, 1));
        history.undo();
        history.undo();
        assert_eq!((history.overrides_of(a), history.overrides_of(b).is_none()), (brighter, true));
        history.undo();
        assert_eq!((history.recipe(), history.overrides_of(a)), (&quality(90), brighter));
        history.undo();
        assert!(history.overrides().is_empty() && !history.can_undo());
    }
}
