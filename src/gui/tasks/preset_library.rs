//! Reads and writes the user's presets and recipe files on threads of its own.

use std::path::PathBuf;
use std::thread;

use crossbeam_channel::{Receiver, Sender, unbounded};
use egui::Context;
use lightloom_param::{shown, shown_text};

use crate::batch::{LARGEST_RECIPE, Library, LibraryError, read_regular};
use crate::gui::model::presets::NamedRecipe;
use crate::gui::tasks::file_writer::save_whole;
use crate::gui::text;
use crate::recipe::Recipe;

/// What came of a piece of work.
#[derive(Debug)]
pub struct LibraryUpdate {
    /// The names of the presets as they are now.
    pub names: Vec<String>,
    /// A recipe that was loaded or saved.
    pub recipe: Option<NamedRecipe>,
    /// What it was loaded or saved for.
    pub for_what: For,
    /// A message for the user; empty if there is none.
    pub message: String,
}

/// What a recipe was loaded or saved for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum For {
    /// It was saved.
    #[default]
    Keeping,
    /// To become the recipe.
    Use,
    /// To be shown by the preview.
    Trial,
}

/// What a piece of work returns.
#[derive(Debug, Default)]
struct Done {
    /// Empty if there is none.
    message: String,
    /// A recipe that was loaded or saved.
    recipe: Option<NamedRecipe>,
    for_what: For,
}

impl Done {
    fn saying(message: String) -> Self {
        Self { message, ..Self::default() }
    }
}

/// The user's presets on disk.
#[derive(Debug)]
pub struct PresetLibrary {
    /// An error if the system names no home folder.
    library: Result<Library, LibraryError>,
    ctx: Context,
    sender: Sender<Result<LibraryUpdate, String>>,
    updates: Receiver<Result<LibraryUpdate, String>>,
}

impl PresetLibrary {
    /// `library`, or else that of this user.
    pub fn new(ctx: Context, library: Option<Library>) -> Self {
        // Unbounded: one short message per thing that the user does.
        let (sender, updates) = unbounded();
        let presets = Self { library: library.map_or_else(Library::of_user, Ok), ctx, sender, updates };
        presets.work(|_| Ok(Done::default()));
        presets
    }

    /// The folder of presets, if there is one.
    pub fn library(&self) -> Option<&Library> {
        self.library.as_ref().ok()
    }

    /// Whether there is no folder to keep presets in.
    pub const fn has_no_home(&self) -> bool {
        self.library.is_err()
    }

    fn work(&self, work: impl FnOnce(&Library) -> Result<Done, LibraryError> + Send + 'static) {
        let (sender, ctx, library) = (self.sender.clone(), self.ctx.clone(), self.library.clone());
        let run = move || {
            let done = library.and_then(|library| {
                let Done { message, recipe, for_what } = work(&library)?;
                Ok(LibraryUpdate { names: library.names(), recipe, for_what, message })
            });
            let _ = sender.send(done.map_err(|error| format!("{}.", text::sentence(&error.to_string()))));
            ctx.request_repaint();
        };
        if let Err(error) = thread::Builder::new().name("lightloom-presets".to_owned()).spawn(run) {
            let _ = self.sender.send(Err(format!("Presets cannot be read: {error}.")));
        }
    }

    /// The result of the next piece of work, or why it failed.
    pub fn next(&self) -> Option<Result<LibraryUpdate, String>> {
        self.updates.try_recv().ok()
    }

    pub fn save(&self, name: String, recipe: Recipe, replace: bool) {
        self.work(move |library| {
            library.save(&name, &recipe, replace)?;
            let copies = mentioned(" It contains copies of", &library.files_of_this_machine(&recipe));
            let name = name.trim().to_owned();
            let message = format!("Saved the recipe as the preset {name}.{copies}");
            Ok(Done { message, recipe: Some(NamedRecipe { name, recipe }), for_what: For::Keeping })
        });
    }

    /// Loads a preset as the recipe.
    pub fn load(&self, name: String) {
        self.work(move |library| {
            let recipe = library.load(&name)?;
            let message = format!("Loaded the preset {name}.");
            Ok(Done { message, recipe: Some(NamedRecipe { name, recipe }), for_what: For::Use })
        });
    }

    /// Loads a preset to be shown.
    pub fn look_at(&self, name: String) {
        self.work(move |library| {
            // What is wrong with it is said once it is used.
            let recipe = library.load(&name).ok().map(|recipe| NamedRecipe { name, recipe });
            Ok(Done { recipe, for_what: For::Trial, ..Done::default() })
        });
    }

    pub fn rename(&self, from: String, to: String) {
        self.work(move |library| {
            library.rename(&from, &to)?;
            Ok(Done::default())
        });
    }

    pub fn delete(&self, name: String) {
        self.work(move |library| {
            library.delete(&name)?;
            Ok(Done::saying(format!("Deleted the preset {name}.")))
        });
    }

    /// Loads a recipe file of any kind.
    pub fn open(&self, path: PathBuf) {
        self.work(move |library| {
            let recipe = library.open(&path)?;
            let count = text::plural(recipe.steps().count(), "filter");
            let used = mentioned(" It uses files of this machine:", &library.files_of_this_machine(&recipe));
            let message = format!("Loaded {}: {count}.{used}", text::file_name(&path));
            let name = path.file_stem().unwrap_or_default().to_string_lossy().into_owned();
            Ok(Done { message, recipe: Some(NamedRecipe { name, recipe }), for_what: For::Use })
        });
    }

    /// Copies a preset's file, which carries all the files it needs, to `path`.
    pub fn share(&self, name: String, path: PathBuf) {
        self.work(move |library| {
            let own = library.file(&name)?;
            let failed =
                |e: std::io::Error| LibraryError::Disk { path: shown(&path).into_owned(), reason: e.to_string() };
            let bytes = read_regular(&own, LARGEST_RECIPE)
                .map_err(|reason| LibraryError::Disk { path: shown(&own).into_owned(), reason })?;
            save_whole(&path, &bytes).map_err(failed)?;
            let saved = text::short_path(&path);
            Ok(Done::saying(format!("Saved the preset {name} as {saved}, with all the files it needs.")))
        });
    }

    /// Imports a shared recipe file as a preset.
    pub fn import(&self, path: PathBuf) {
        self.work(move |library| {
            let name = library.import(&path)?;
            Ok(Done::saying(format!("Imported the preset {name}.")))
        });
    }
}

/// A sentence about files; empty if there are none.
fn mentioned(beginning: &str, files: &[String]) -> String {
    if files.is_empty() {
        return String::new();
    }
    format!("{beginning} {}.", files.iter().map(|file| shown_text(file)).collect::<Vec<_>>().join(", "))
}
