//! Which preset the pointer or the keyboard focus rests on, said by whatever offers it and taken once per frame.

use egui::{Context, Id, Response};

use crate::gui::model::action::{Action, PresetAction, RecipeAction};
use crate::gui::model::presets::PresetRef;

fn place() -> Id {
    Id::unique("preset that is rested on")
}

/// Says that `response` offers `action`; only presets matter, and only while it is rested on.
pub fn offer(response: &Response, action: &Action) {
    if !response.hovered() && !response.has_focus() {
        return;
    }
    let preset = match action {
        Action::Recipe(RecipeAction::UsePreset(preset)) => PresetRef::Bundled(preset),
        Action::Presets(PresetAction::Use(name)) => PresetRef::Own(name.clone()),
        _ => return,
    };
    response.ctx.data_mut(|data| data.insert_temp(place(), Some(preset)));
}

/// The preset that was rested on in this frame.
pub fn take(ctx: &Context) -> Option<PresetRef> {
    ctx.data_mut(|data| data.remove_temp::<Option<PresetRef>>(place())).flatten()
}
