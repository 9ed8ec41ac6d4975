//! What the actions that change the recipe do.

use egui::ViewportCommand;

use crate::filter::Value;
use crate::gui::dispatch::dispatcher::Dispatcher;
use crate::gui::model::action::RecipeAction;
use crate::gui::model::history::{EditTarget, Gesture, History};
use crate::gui::model::notice::Notice;
use crate::gui::model::presets::NamedRecipe;
use crate::gui::model::stack::{ParamLocation, Stack, StepLocation};
use crate::gui::text;
use crate::recipe::{Output, OutputError, Recipe, Step};

impl Dispatcher<'_> {
    pub(super) fn change_recipe(&mut self, action: RecipeAction) {
        let state = &mut *self.state;
        match action {
            RecipeAction::Undo => state.change_and_show(History::undo),
            RecipeAction::Redo => state.change_and_show(History::redo),
            RecipeAction::GoTo(made) => state.change_and_show(|history| history.go_to(made)),
            RecipeAction::UsePreset(preset) => match preset.recipe() {
                Ok(recipe) => {
                    state.change(|history| history.replace(recipe.clone(), format!("Use {}", preset.title)));
                    state.presets.last = Some(NamedRecipe { name: preset.title.to_owned(), recipe });
                }
                Err(error) => state.notify(Notice::error(format!("{error}."))),
            },
            RecipeAction::AddFilter(spec) => match Step::start(spec.id) {
                Ok(step) => {
                    state.shelf.used(spec);
                    self.add_step(step);
                }
                Err(error) => state.notify(Notice::error(format!("{error}."))),
            },
            RecipeAction::SetParam { at, value, press } => {
                let target = EditTarget::Step(at.step.stack, at.step.index);
                self.set_param(at, value, Some(Gesture { press, target, control: at.param }));
            }
            RecipeAction::SetParams { step, values, handle, press } => {
                let target = EditTarget::Step(step.stack, step.index);
                self.set_params(step, values, Some(Gesture::of_handle(press, target, handle)));
            }
            RecipeAction::EnableStep(index, on) => self.edit_steps(|steps| {
                if let Some(step) = steps.get_mut(index) {
                    step.enabled = on;
                }
            }),
            RecipeAction::RemoveStep(index) => self.edit_steps(|steps| {
                if index < steps.len() {
                    steps.remove(index);
                }
            }),
            RecipeAction::DuplicateStep(index) => self.edit_steps(|steps| {
                if let Some(step) = steps.get(index).cloned() {
                    steps.insert(index + 1, step);
                }
            }),
            RecipeAction::MoveStep { from, to } => self.edit_steps(|steps| {
                if from < steps.len() && to < steps.len() {
                    let step = steps.remove(from);
                    steps.insert(to, step);
                }
            }),
            RecipeAction::MoveToStack(from, to) => self.move_to_stack(from, to),
            RecipeAction::Copy(index) => self.copy_steps(index),
            RecipeAction::AskPaste => self.ctx.send_viewport_cmd(ViewportCommand::RequestPaste),
            RecipeAction::Paste(text) => self.paste_steps(&text),
            RecipeAction::RemoveAll => self.edit_steps(Vec::clear),
            RecipeAction::ResetStep(index) => self.edit_steps(|steps| {
                if let Some(step) = steps.get_mut(index)
                    && let Ok(start) = Step::start(step.params.spec().id)
                {
                    step.params = start.params;
                }
            }),
            RecipeAction::SetExport(export, gesture) => self.edit_recipe(gesture, |recipe| recipe.export = export),
            RecipeAction::SetOutputs(outputs, gesture) => self.set_outputs(outputs, gesture),
            RecipeAction::Adjust(adjustment, gesture) => {
                let sources = state.adjusted().map(|entry| entry.found.source.clone()).collect();
                self.adjust(sources, &adjustment, gesture);
            }
        }
    }

    pub(super) fn edit_recipe(&mut self, gesture: Option<Gesture>, edit: impl FnOnce(&mut Recipe)) {
        let mut recipe = self.state.recipe().clone();
        edit(&mut recipe);
        self.state.change(|history| history.set(recipe, gesture));
    }

    /// Edits the filters of the stack that is shown.
    fn edit_steps(&mut self, edit: impl FnOnce(&mut Vec<Step>)) {
        let stack = self.state.stack();
        self.edit_recipe(None, |recipe| {
            if let Some(steps) = stack.steps_mut(recipe) {
                edit(steps);
            }
        });
    }

    /// Moves a filter to another stack, with a message, since it goes out of view.
    fn move_to_stack(&mut self, from: StepLocation, to: Stack) {
        let mut recipe = self.state.recipe().clone();
        if let Some(title) = from.move_to(to, &mut recipe) {
            let message = format!("Moved {title} to the filters of {}.", to.owner(&recipe));
            self.state.change(|history| history.set(recipe, None));
            self.state.notify(Notice::info(message));
        }
    }

    /// Copies a filter of the stack that is shown, or all of them, as a recipe.
    fn copy_steps(&mut self, index: Option<usize>) {
        let steps = self.state.stack().steps(self.state.recipe());
        let filters = match index {
            Some(index) => steps.get(index).cloned().into_iter().collect(),
            None => steps.to_vec(),
        };
        let what = match filters.as_slice() {
            [] => return,
            [only] => only.params.spec().title.to_owned(),
            all => text::plural(all.len(), "filter"),
        };
        self.ctx.copy_text(Recipe { filters, ..Recipe::default() }.to_toml());
        self.state.notify(Notice::info(format!("Copied {what}. Paste adds it to a filter stack or to a text.")));
    }

    /// Adds what was copied, and scrolls to it.
    fn paste_steps(&mut self, text: &str) {
        match Recipe::from_toml(text) {
            Ok(Recipe { filters, .. }) if filters.is_empty() => {
                self.state.notify(Notice::info("The recipe that was pasted has no filters."));
            }
            Ok(Recipe { filters, .. }) => {
                self.memory.reveal_step = Some(self.state.stack().steps(self.state.recipe()).len());
                self.edit_steps(|steps| steps.extend(filters));
            }
            Err(error) => self.state.notify(Notice::error(format!("What was pasted is no recipe: {error}."))),
        }
    }

    /// Adds a filter to the end of the stack that is shown, and scrolls to it.
    pub(super) fn add_step(&mut self, step: Step) {
        self.memory.reveal_step = Some(self.state.stack().steps(self.state.recipe()).len());
        self.edit_steps(|steps| steps.push(step));
    }

    fn set_outputs(&mut self, outputs: Vec<Output>, gesture: Option<Gesture>) {
        let mut recipe = self.state.recipe().clone();
        recipe.outputs = outputs;
        // A single output with nothing of its own but export settings is what a recipe without outputs says.
        if let [only] = recipe.outputs.as_slice()
            && only.filters.is_empty()
            && (only.suffix.is_empty() && only.folder.is_empty())
        {
            recipe.export = only.export.clone();
            recipe.outputs.clear();
        }
        match recipe.check_outputs() {
            Ok(()) => self.state.change(|history| history.set(recipe, gesture)),
            Err(OutputError { output, key, problem }) => {
                self.state.notify(Notice::error(format!("Output {}: {key} {problem}.", output + 1)));
            }
        }
    }

    pub(super) fn set_param(&mut self, at: ParamLocation, value: Value, gesture: Option<Gesture>) {
        self.set_params(at.step, vec![(at.param, value)], gesture);
    }

    /// Sets parameters of a filter, by their places.
    fn set_params(&mut self, at: StepLocation, values: Vec<(usize, Value)>, gesture: Option<Gesture>) {
        let StepLocation { stack, index } = at;
        self.edit_recipe(gesture, |recipe| {
            let step = stack.steps_mut(recipe).and_then(|steps| steps.get_mut(index));
            let Some(params) = step.map(|step| &mut step.params) else { return };
            for (param, value) in values {
                if let Some(spec) = params.spec().params.get(param) {
                    // A control cannot leave its range; should a filter disagree, the value stays as it was.
                    let _ = params.set(spec.key, value);
                }
            }
        });
    }
}
