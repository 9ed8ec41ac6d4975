//! What the actions about presets do, and what follows from the answers of the preset library.

use crate::gui::dispatch::dispatcher::Dispatcher;
use crate::gui::model::action::PresetAction;
use crate::gui::model::dialog::{Dialog, PathPurpose};
use crate::gui::model::notice::Notice;
use crate::gui::model::presets::{PresetRef, Tried};
use crate::gui::tasks::preset_library::{For, LibraryUpdate};

impl Dispatcher<'_> {
    pub(super) fn use_presets(&mut self, action: PresetAction) {
        let presets = &self.tasks.presets;
        match action {
            PresetAction::Open => self.state.dialog = Some(Dialog::Presets),
            PresetAction::Save { name, replace } => presets.save(name, self.state.recipe().clone(), replace),
            PresetAction::Use(name) => presets.load(name),
            PresetAction::Try(preset) => {
                let recipe = match &preset {
                    Some(PresetRef::Bundled(preset)) => preset.recipe().ok(),
                    Some(PresetRef::Own(name)) => {
                        presets.look_at(name.clone());
                        None
                    }
                    None => None,
                };
                self.state.presets.tried = preset.map(|preset| Tried { preset, recipe });
            }
            PresetAction::Rename { from, to } => presets.rename(from, to),
            PresetAction::Delete(name) => presets.delete(name),
            PresetAction::Share(name) => {
                self.state.presets.sharing = Some(name);
                self.ask_for_path(PathPurpose::SharePreset);
            }
            PresetAction::Import => self.ask_for_path(PathPurpose::ImportPreset),
        }
    }

    pub(super) fn poll_presets(&mut self) {
        while let Some(update) = self.tasks.presets.next() {
            let state = &mut *self.state;
            match update {
                Ok(LibraryUpdate { names, recipe, for_what, message }) => {
                    state.presets.names = names;
                    if let Some(named) = recipe {
                        if for_what == For::Trial {
                            if let Some(tried) = &mut state.presets.tried
                                && tried.preset == PresetRef::Own(named.name)
                            {
                                tried.recipe = Some(named.recipe);
                            }
                            continue;
                        }
                        if for_what == For::Use {
                            let change = format!("Use {}", named.name);
                            state.change(|history| history.replace(named.recipe.clone(), change));
                        }
                        state.presets.last = Some(named);
                    }
                    if !message.is_empty() {
                        state.notify(Notice::info(message));
                    }
                }
                // Without a home folder there are no presets, which matters only once the user wants some.
                Err(_) if state.dialog.is_none() && state.presets.has_no_home => {}
                Err(reason) => state.notify(Notice::error(reason)),
            }
        }
    }
}
