//! Own presets: saved, used, renamed, shared and deleted. The disk is another thread's business.

use std::path::PathBuf;
use std::thread;

use crossbeam_channel::{Receiver, Sender, unbounded};
use egui::{Context, Id, Margin, RichText, ScrollArea, TextEdit, Ui};

use super::action::Action;
use super::modals::{buttons, heading};
use super::state::{Ask, State};
use super::text;
use super::theme::{GRID, Palette};
use super::widgets::{Icon, icon_button, labelled_button, primary_button};
use crate::batch::{Library, LibraryError};
use crate::recipe::Recipe;

/// Something to do with own presets.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum PresetAction {
    /// Opens their list.
    Open,
    /// Saves the recipe under a name; replaces one that is there if so chosen.
    Save(String, bool),
    /// Makes it the recipe.
    Use(String),
    /// Gives it another name.
    Rename(String, String),
    /// Deletes it.
    Delete(String),
    /// Asks for a file to share it as.
    Share(String),
    /// Asks for a shared file to take in.
    Import,
}

/// What came of a piece of work.
pub struct News {
    /// The presets as they are now.
    pub names: Vec<String>,
    /// A recipe that was read.
    pub recipe: Option<Recipe>,
    /// What to say.
    pub said: Result<String, String>,
}

/// Own presets, as far as the window knows them.
#[derive(Debug)]
pub struct Presets {
    /// Where they lie; nowhere if the system names no home.
    library: Result<Library, LibraryError>,
    /// Their names.
    pub names: Vec<String>,
    /// The one that is to be shared, while its file is asked for.
    pub sharing: Option<String>,
    ctx: Context,
    sender: Sender<News>,
    news: Receiver<News>,
}

impl Presets {
    /// Those of `library`, or of this person.
    pub fn new(ctx: &Context, library: Option<Library>) -> Self {
        // Unbounded: one short message for each thing that a person does.
        let (sender, news) = unbounded();
        let library = library.map_or_else(Library::of_user, Ok);
        let presets = Self { library, names: Vec::new(), sharing: None, ctx: ctx.clone(), sender, news };
        presets.work(|_| Ok((String::new(), None)));
        presets
    }

    /// Does something on a thread of its own; an empty sentence is not said.
    pub fn work(&self, work: impl FnOnce(&Library) -> Result<(String, Option<Recipe>), LibraryError> + Send + 'static) {
        let (sender, ctx, library) = (self.sender.clone(), self.ctx.clone(), self.library.clone());
        let run = move || {
            let done = library.and_then(|library| {
                let (sentence, recipe) = work(&library)?;
                Ok((sentence, recipe, library.names()))
            });
            let _ = sender.send(match done {
                Ok((sentence, recipe, names)) => News { names, recipe, said: Ok(sentence) },
                Err(error) => News {
                    names: Vec::new(),
                    recipe: None,
                    said: Err(format!("{}.", text::sentence(&error.to_string()))),
                },
            });
            ctx.request_repaint();
        };
        if let Err(error) = thread::Builder::new().name("lightloom-presets".to_owned()).spawn(run) {
            let said = Err(format!("Presets cannot be read: {error}."));
            let _ = self.sender.send(News { names: Vec::new(), recipe: None, said });
        }
    }

    /// The next thing that came of it.
    pub fn next(&self) -> Option<News> {
        self.news.try_recv().ok()
    }

    /// Saves `recipe` under a name.
    pub fn save(&self, name: String, recipe: Recipe, replace: bool) {
        self.work(move |library| {
            library.save(&name, &recipe, replace)?;
            Ok((format!("Saved the recipe as the preset {}.", name.trim()), None))
        });
    }

    /// Reads a recipe file of any kind.
    pub fn open(&self, path: PathBuf) {
        self.work(move |library| {
            let recipe = library.open(&path)?;
            let count = text::plural(recipe.steps().count(), "filter");
            Ok((format!("Loaded {}: {count}.", text::file_name(&path)), Some(recipe)))
        });
    }

    /// Copies a preset's file, which carries all that it needs, to `path`.
    pub fn share(&self, name: String, path: PathBuf) {
        self.work(move |library| {
            let own = library.file(&name)?;
            let failed =
                |e: std::io::Error| LibraryError::Disk { path: path.display().to_string(), reason: e.to_string() };
            let bytes = std::fs::read(own).map_err(failed)?;
            super::writer::save_whole(&path, &bytes).map_err(failed)?;
            Ok((format!("Saved the preset {name} as {}, with all files that it needs.", text::short_path(&path)), None))
        });
    }
}

/// Draws the list of own presets.
pub fn show(ui: &mut Ui, state: &State, out: &mut Vec<Action>) {
    let palette = Palette::of(ui);
    ui.set_width(440.0);
    heading(ui, "Own presets");
    let id = Id::unique("new preset's name");
    let mut name = ui.data(|d| d.get_temp::<String>(id)).unwrap_or_default();
    ui.horizontal(|ui| {
        let field = TextEdit::singleline(&mut name).hint_text("Name of a new preset").desired_width(220.0);
        let response = ui.add(field.margin(Margin::symmetric(8, 7))).accessible_name("Name of a new preset");
        let entered = response.lost_focus() && ui.input(|i| i.key_pressed(egui::Key::Enter));
        response.on_hover_text("Up to 60 characters; the recipe is saved under this name.");
        let taken = state.presets.names.iter().any(|own| own.to_lowercase() == name.trim().to_lowercase());
        let word = if taken { "Replace" } else { "Save" };
        let button = ui.add_enabled(!name.trim().is_empty(), labelled_button(Icon::Add, word));
        let help = "Save filters, outputs and export settings as they are, with the files that they refer to.";
        if button.on_hover_text(help).clicked() || (entered && !name.trim().is_empty()) {
            out.push(Action::Presets(PresetAction::Save(name.trim().to_owned(), taken)));
            name.clear();
        }
    });
    ui.data_mut(|d| d.insert_temp(id, name));
    ui.add_space(GRID);
    if state.presets.names.is_empty() {
        ui.label(RichText::new("There are none yet.").color(palette.weak));
    }
    ScrollArea::vertical().max_height(280.0).show(ui, |ui| {
        for name in &state.presets.names {
            ui.push_id(name, |ui| preset(ui, name, out));
        }
    });
    buttons(ui, |ui| {
        if primary_button(ui, true, None, "Done").on_hover_text("Close (Esc).").clicked() {
            out.push(Action::CloseModal);
        }
        let import = ui.add(labelled_button(Icon::File, "Import…"));
        if import.on_hover_text("Take a shared recipe file in as a preset.").clicked() {
            out.push(Action::Presets(PresetAction::Import));
        }
    });
}

fn preset(ui: &mut Ui, name: &str, out: &mut Vec<Action>) {
    ui.horizontal(|ui| {
        let id = ui.scope_id().with("typed name");
        let mut typed = ui.data(|d| d.get_temp::<String>(id)).unwrap_or_else(|| name.to_owned());
        let field = TextEdit::singleline(&mut typed).desired_width(190.0).margin(Margin::symmetric(6, 4));
        let response = ui.add(field).accessible_name(format!("Name of {name}"));
        let response = response.on_hover_text("Type another name to rename the preset.");
        if response.has_focus() {
            ui.data_mut(|d| d.insert_temp(id, typed));
        } else {
            ui.data_mut(|d| d.remove::<String>(id));
            if response.lost_focus() && typed.trim() != name && !typed.trim().is_empty() {
                out.push(Action::Presets(PresetAction::Rename(name.to_owned(), typed.trim().to_owned())));
            }
        }
        ui.with_layout(egui::Layout::right_to_left(egui::Align::Center), |ui| {
            if icon_button(ui, Icon::Close, &format!("Delete {name}"), true).clicked() {
                out.push(Action::Presets(PresetAction::Delete(name.to_owned())));
            }
            let share = ui.button("Share…").accessible_name(format!("Share {name}"));
            if share.on_hover_text("Save it as one file that carries its tables, watermarks and fonts.").clicked() {
                out.push(Action::Presets(PresetAction::Share(name.to_owned())));
            }
            let used = ui.button("Use").accessible_name(format!("Use {name}"));
            if used.on_hover_text("Make it the recipe; undo brings the present one back.").clicked() {
                out.push(Action::Presets(PresetAction::Use(name.to_owned())));
            }
        });
    });
}

impl super::App {
    /// Does something with own presets.
    pub(super) fn perform_presets(&mut self, action: PresetAction, frame: &eframe::Frame) {
        let presets = &mut self.state.presets;
        match action {
            PresetAction::Open => self.state.modal = Some(super::state::Modal::Presets),
            PresetAction::Save(name, replace) => {
                let recipe = self.state.history.recipe().clone();
                presets.save(name, recipe, replace);
            }
            PresetAction::Use(name) => presets.work(move |library| {
                let recipe = library.load(&name)?;
                Ok((format!("The recipe is now the preset {name}."), Some(recipe)))
            }),
            PresetAction::Rename(from, to) => presets.work(move |library| {
                library.rename(&from, &to)?;
                Ok((String::new(), None))
            }),
            PresetAction::Delete(name) => presets.work(move |library| {
                library.delete(&name)?;
                Ok((format!("Deleted the preset {name}."), None))
            }),
            PresetAction::Share(name) => {
                presets.sharing = Some(name);
                self.ask(Ask::SharePreset, frame);
            }
            PresetAction::Import => self.ask(Ask::ImportPreset, frame),
        }
    }

    /// Takes up what came of work with presets and recipe files.
    pub(super) fn take_up_presets(&mut self) {
        while let Some(News { names, recipe, said }) = self.state.presets.next() {
            match said {
                Ok(sentence) => {
                    self.state.presets.names = names;
                    if let Some(recipe) = recipe {
                        self.state.change(|history| history.set(recipe, None));
                    }
                    if !sentence.is_empty() {
                        self.state.say(super::state::Tone::Info, sentence);
                    }
                }
                // Without a home there are no presets; that is told when one is asked for.
                Err(sentence) if self.state.modal.is_none() && self.state.presets.is_homeless() => drop(sentence),
                Err(sentence) => self.state.say(super::state::Tone::Error, sentence),
            }
        }
    }
}

impl Presets {
    fn is_homeless(&self) -> bool {
        self.library.is_err()
    }

    /// Takes a shared recipe file in as a preset.
    pub fn import(&self, path: PathBuf) {
        self.work(move |library| {
            let name = library.import(&path)?;
            Ok((format!("Took in the preset {name}."), None))
        });
    }
}
