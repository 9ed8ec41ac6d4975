//! What is edited on the picture: a filter that has a place there, or a part of what is different for one picture alone.
//!
//! While it is edited, the preview shows the picture that reaches it: nothing moves pixels that comes later, and neither
//! does the filter itself. So a position in the preview is a position in that picture, whatever comes before.

use crate::batch::Source;
use crate::filter::{Group, Params, Value, find};
use crate::gui::model::action::{Action, RecipeAction};
use crate::gui::model::adjustment::Adjustment;
use crate::gui::model::history::{EditTarget, Gesture};
use crate::gui::model::placeable::{OnPicture, Placeable};
use crate::gui::model::stack::{Stack, StepLocation};
use crate::gui::model::state::State;
use crate::recipe::{Overrides, Recipe, Step};

/// The override that a parameter of the filter is which does it, by its place among those of the overrides.
fn override_of(target: Placeable, key: &str) -> Option<usize> {
    let key = if target == Placeable::Straighten && key == "angle" { "straighten" } else { key };
    Overrides::SPECS.iter().position(|spec| spec.key == key)
}

/// What its parameters are called among the overrides, and there.
fn params_of_override(filter: &str, target: Placeable, overrides: &Overrides) -> Option<Params> {
    let mut params = Params::defaults(find(filter).ok()?);
    let values = overrides.values();
    for spec in params.spec().params {
        if let Some(index) = override_of(target, spec.key) {
            params.set(spec.key, values[index].clone()).ok()?;
        }
    }
    Some(params)
}

/// Whether a filter moves pixels.
fn moves_pixels(step: &Step) -> bool {
    step.params.spec().group == Group::Geometry
}

impl State {
    /// What is edited on the picture, if it is still there.
    pub fn edited_on_picture(&self) -> Option<Placeable> {
        let OnPicture { target, filter } = self.on_picture?;
        let is_there = self.params_on_picture(target).is_some_and(|params| params.spec().id == filter);
        let is_seen = match target {
            Placeable::Step(StepLocation { stack: Stack::Output(output), .. }) => output == self.shown_output(),
            _ => true,
        };
        (is_there && is_seen && self.pictures.current().is_some()).then_some(target)
    }

    /// Begins to edit something on the picture, or ends.
    pub fn edit_on_picture(&mut self, target: Option<Placeable>) {
        self.on_picture = target.and_then(|target| {
            let filter = self.params_on_picture(target)?.spec().id;
            Some(OnPicture { target, filter })
        });
    }

    /// The filters of the stack that is shown which have a place on the picture.
    pub fn placeable_steps(&self) -> impl Iterator<Item = Placeable> {
        let stack = self.stack();
        let steps = stack.steps(self.recipe()).iter().enumerate();
        let placed = steps.filter(|(_, step)| step.params.spec().has_figure());
        placed.map(move |(index, _)| Placeable::Step(StepLocation { stack, index }))
    }

    /// The filter with a place that comes after the one that is edited; the first where none is, none after the last.
    pub fn next_on_picture(&self) -> Option<Placeable> {
        let mut steps = self.placeable_steps();
        match self.edited_on_picture() {
            None => steps.next(),
            Some(edited) => steps.skip_while(|step| *step != edited).nth(1),
        }
    }

    /// The values of something that has a place on the picture.
    pub fn params_on_picture(&self, target: Placeable) -> Option<Params> {
        let overrides = || Some(self.history.overrides_of(&self.pictures.current()?.found.source));
        match target {
            Placeable::Step(StepLocation { stack, index }) => {
                let step = stack.steps(self.recipe()).get(index)?;
                step.params.spec().has_figure().then(|| step.params.clone())
            }
            Placeable::Straighten => params_of_override("straighten", target, &overrides()?),
            Placeable::Crop => params_of_override("crop_margins", target, &overrides()?),
        }
    }

    /// Sets parameters of something that has a place on the picture, by a drag of one of its handles.
    pub fn place_on_picture(
        &self,
        target: Placeable,
        values: Vec<(usize, Value)>,
        handle: usize,
        press: u64,
    ) -> Option<Action> {
        let params = self.params_on_picture(target)?;
        let is_new = |(index, value): &(usize, Value)| params.iter().nth(*index).is_some_and(|(_, now)| now != value);
        let values: Vec<_> = values.into_iter().filter(is_new).collect();
        if values.is_empty() {
            return None;
        }
        if let Placeable::Step(step) = target {
            return Some(RecipeAction::SetParams { step, values, handle, press }.into());
        }
        let specs = params.spec().params;
        // Opposite sides limit each other: what becomes smaller makes room first.
        let (smaller, larger): (Vec<_>, Vec<_>) = values.into_iter().partition(|(index, value)| {
            let now = params.iter().nth(*index).map(|(_, now)| now);
            matches!((now, value), (Some(Value::Number(now)), Value::Number(then)) if then < now)
        });
        let in_order = smaller.into_iter().chain(larger);
        let places = in_order.filter_map(|(index, value)| Some((override_of(target, specs[index].key)?, value)));
        let gesture = Gesture::of_handle(press, EditTarget::Overrides, handle);
        Some(RecipeAction::Adjust(Adjustment::SetEach(places.collect()), Some(gesture)).into())
    }

    /// The recipe for the picture in `source`, with what is different for it, up to what is edited: without what moves pixels
    /// from there on.
    pub fn recipe_up_to(&self, target: Placeable, source: &Source) -> Recipe {
        let mut overrides = self.history.overrides_of(source);
        let mut recipe = self.recipe().clone();
        let (common, own) = match target {
            Placeable::Step(StepLocation { stack: Stack::Common, index }) => (index, 0),
            Placeable::Step(StepLocation { stack: Stack::Output(_), index }) => (usize::MAX, index),
            Placeable::Straighten | Placeable::Crop => {
                (overrides.left, overrides.top, overrides.right, overrides.bottom) = (0.0, 0.0, 0.0, 0.0);
                if target == Placeable::Straighten {
                    overrides.straighten = 0.0;
                }
                (0, 0)
            }
        };
        let later = |(steps, first): (&mut Vec<Step>, usize)| {
            steps.iter_mut().skip(first).filter(|step| moves_pixels(step)).for_each(|step| step.enabled = false);
        };
        later((&mut recipe.filters, common));
        let shown = self.shown_output();
        if let Some(output) = recipe.outputs.get_mut(shown) {
            later((&mut output.filters, own));
        }
        overrides.apply(&recipe).map_or(recipe.clone(), std::borrow::Cow::into_owned)
    }

    /// What is edited, as far as its files matter to how it is seen: a filter that puts something on the picture.
    pub fn content_on_picture(&self, target: Placeable) -> Option<Step> {
        let Placeable::Step(StepLocation { stack, index }) = target else { return None };
        stack.steps(self.recipe()).get(index).filter(|step| !moves_pixels(step)).cloned()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn overrides_are_the_parameters_of_their_filters() {
        let overrides = Overrides { straighten: 2.5, left: 10.0, bottom: 20.0, ..Overrides::default() };
        let straighten = params_of_override("straighten", Placeable::Straighten, &overrides).unwrap();
        assert_eq!(straighten.get("angle"), Some(&Value::Number(2.5)));
        let crop = params_of_override("crop_margins", Placeable::Crop, &overrides).unwrap();
        let sides = ["left", "top", "right", "bottom"].map(|key| crop.get(key).cloned());
        assert_eq!(sides, [10.0, 0.0, 0.0, 20.0].map(|side| Some(Value::Number(side))));
    }
}
