//! Asking for paths, and what is done with those that are chosen, typed, dropped or pasted.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use egui::ColorImage;

use crate::batch::{Search, pack};
use crate::filter::{FileValue, Value};
use crate::gui::dispatch::dispatcher::Dispatcher;
use crate::gui::model::archive_kind::{archive_path, is_archive, placed};
use crate::gui::model::dialog::{Dialog, PathPurpose};
use crate::gui::model::notice::Notice;
use crate::gui::model::stack::Stack;
use crate::gui::model::state::State;
use crate::gui::tasks::Tasks;
use crate::gui::tasks::file_dialogs::FileDialogAnswer;
use crate::gui::tasks::one_shot::OneShot;
use crate::gui::text;
use crate::lab::{Results, unpack_samples};
use crate::recipe::Step;
use crate::recipe::export::{ColourTarget, ProfileFile};
use crate::web::Address;

/// Searches files and folders for pictures to add to the list.
pub fn add_paths(state: &mut State, tasks: &Tasks, paths: Vec<PathBuf>) {
    search(state, tasks, paths, false);
}

fn search(state: &mut State, tasks: &Tasks, paths: Vec<PathBuf>, all_files: bool) {
    // What was wrong before may be right now.
    state.notice = None;
    match tasks.discovery.start(paths, Search { output: state.output.folder.clone(), all_files, ..Search::default() }) {
        Ok(()) => state.discovering += 1,
        Err(error) => state.notify(Notice::error(format!("The folder could not be searched: {error}."))),
    }
}

impl Dispatcher<'_> {
    /// Asks for a path in a file dialog.
    pub(super) fn ask_for_path(&mut self, purpose: PathPurpose) {
        let folder = match purpose {
            PathPurpose::OutputFolder | PathPurpose::OutputArchive => {
                let place = self.state.output.folder.clone();
                if is_archive(&self.state.output) {
                    place.and_then(|path| Some(path.parent()?.to_path_buf()))
                } else {
                    place
                }
            }
            _ => self.state.pictures.current().and_then(|e| e.path().parent().map(Path::to_path_buf)),
        };
        self.tasks.file_dialogs.ask(purpose, self.frame, folder.as_deref());
    }

    /// Handles the answer of a file dialog.
    pub(super) fn poll_file_dialog(&mut self) {
        match self.tasks.file_dialogs.answer() {
            Some(FileDialogAnswer::Paths(purpose, paths)) => self.use_paths(purpose, paths),
            Some(FileDialogAnswer::NoDialog(purpose)) => self.state.ask_in_window(purpose, true),
            Some(FileDialogAnswer::Cancelled) | None => {}
        }
    }

    /// Uses a typed path, if there is something at it.
    pub(super) fn submit_path(&mut self, purpose: PathPurpose, path: PathBuf) {
        let is_address = path.to_str().is_some_and(Address::is_meant);
        if is_address && purpose.adds_pictures() {
            self.state.dialog = None;
            return self.use_paths(purpose, vec![path]);
        }
        let may_be_missing = purpose.saves_file() || purpose == PathPurpose::OutputFolder;
        if !may_be_missing && !path.exists() {
            if let Some(Dialog::Path(prompt)) = &mut self.state.dialog {
                prompt.problem = Some("There is no file or folder with this path.".to_owned());
            }
            return;
        }
        let path = std::path::absolute(&path).unwrap_or(path);
        self.state.dialog = None;
        self.use_paths(purpose, vec![path]);
    }

    /// Opens paths from a drop, a paste or a dialog: recipes are loaded, look-up tables become a filter, the rest is
    /// searched for pictures.
    pub(super) fn open_paths(&mut self, paths: Vec<PathBuf>) {
        let has_extension =
            |path: &PathBuf, wanted| path.extension().is_some_and(|extension| extension.eq_ignore_ascii_case(wanted));
        let (recipes, rest): (Vec<_>, Vec<_>) = paths.into_iter().partition(|path| has_extension(path, "toml"));
        let (tables, pictures): (Vec<_>, Vec<_>) = rest.into_iter().partition(|path| has_extension(path, "cube"));
        if let Some(recipe) = recipes.first() {
            self.tasks.presets.open(recipe.clone());
        }
        for table in tables {
            self.add_table(&table);
        }
        if !pictures.is_empty() {
            add_paths(self.state, self.tasks, pictures);
            if self.state.is_running() && self.state.notice.is_none() {
                let message =
                    "Added to the list; the run in progress continues without them, and the next one includes them.";
                self.state.notify(Notice::info(message));
            }
        }
    }

    /// Adds the picture of a clipboard. It is called as if it lay where people keep their pictures, since results go next
    /// to their sources.
    pub(super) fn paste_picture(&mut self, picture: Arc<ColorImage>) {
        let state = &mut *self.state;
        let home = std::env::home_dir().unwrap_or_default();
        let folder = Some(home.join("Pictures")).filter(|folder| folder.is_dir()).unwrap_or(home);
        let pasted = |number: &usize| folder.join(format!("pasted-{number}.png"));
        let is_free = |name: &Path| state.pictures.entries().iter().all(|entry| entry.path() != name);
        let name = (1..).map(|number| pasted(&number)).find(|name| is_free(name)).unwrap_or_default();
        match self.tasks.discovery.start_picture(picture, name) {
            Ok(()) => {
                state.discovering += 1;
                state.notify(Notice::info(
                    "Added the picture of the clipboard. It is kept as long as it is in the list.",
                ));
            }
            Err(error) => {
                state.notify(Notice::error(format!("The picture of the clipboard could not be added: {error}.")));
            }
        }
    }

    /// Searches the folders again of which files were left out by their names, now by their content.
    pub(super) fn look_into_left_out(&mut self) {
        let pictures = &mut self.state.pictures;
        let folders: Vec<_> = pictures.not_looked_into().map(|left_out| left_out.folder.clone()).collect();
        pictures.left_out.clear();
        pictures.problems.retain(|problem| !folders.contains(&problem.path));
        search(self.state, self.tasks, folders, true);
    }

    /// Writes the bundled samples to the user's data folder, in the background.
    pub(super) fn unpack_samples(&mut self) {
        let home = Results::folder().and_then(|lab| Some(lab.parent()?.to_path_buf()));
        let folder = home.unwrap_or_else(|| std::env::temp_dir().join("lightloom")).join("samples");
        self.tasks.samples = OneShot::spawn(self.ctx, "samples", move || match unpack_samples(&folder) {
            Ok(_) => Ok(folder),
            Err(error) => Err(format!("The samples cannot be written to {}: {error}.", text::short_path(&folder))),
        });
    }

    pub(super) fn poll_samples(&mut self) {
        match OneShot::take(&mut self.tasks.samples) {
            Some(Ok(folder)) => self.open_paths(vec![folder]),
            Some(Err(reason)) => self.state.notify(Notice::error(reason)),
            None => {}
        }
    }

    fn add_table(&mut self, path: &Path) {
        let added = Step::new("lut3d").and_then(|mut step| {
            step.params.set("file", Value::File(FileValue::new(&path.to_string_lossy())))?;
            self.add_step(step);
            Ok(())
        });
        self.state.notify(match added {
            Ok(()) => {
                let owner = match self.state.stack() {
                    Stack::Common => String::new(),
                    own @ Stack::Output(_) => format!(" of {}", own.title(self.state.recipe())),
                };
                Notice::info(format!("Added the table {} as a filter{owner}.", text::file_name(path)))
            }
            Err(error) => Notice::error(format!("{error}.")),
        });
    }

    fn use_paths(&mut self, purpose: PathPurpose, paths: Vec<PathBuf>) {
        if purpose.adds_pictures() {
            return self.open_paths(paths);
        }
        let Some(path) = paths.into_iter().next() else { return };
        match purpose {
            PathPurpose::AddFiles | PathPurpose::AddFolder => self.open_paths(vec![path]),
            PathPurpose::WatchFolder => self.watch_folder(path),
            PathPurpose::OpenRecipe => self.tasks.presets.open(path),
            PathPurpose::ImportPreset => self.tasks.presets.import(path),
            PathPurpose::SharePreset => {
                if let Some(name) = self.state.presets.sharing.take() {
                    self.tasks.presets.share(name, with_extension(path, "toml"));
                }
            }
            PathPurpose::SaveRecipe => self.export_recipe(path),
            PathPurpose::SaveTimeline => self.export_timeline(path),
            PathPurpose::SaveResults(format) => self.export_results(format, path),
            PathPurpose::OutputFolder | PathPurpose::OutputArchive => {
                let path = if purpose == PathPurpose::OutputArchive { archive_path(&path) } else { path };
                self.state.output = placed(&self.state.output, Some(path));
                self.state.dialog = Some(Dialog::ExportSettings);
            }
            PathPurpose::Profile(output) => self.set_profile(output, &path),
            PathPurpose::ParamFile(at) => {
                self.set_param(at, Value::File(FileValue::new(&path.to_string_lossy())), None);
            }
        }
    }

    fn set_profile(&mut self, output: Option<usize>, path: &Path) {
        let target = ColourTarget::File(ProfileFile::new(&path.to_string_lossy()));
        self.edit_recipe(None, |recipe| {
            let export = match output {
                None => Some(&mut recipe.export),
                Some(index) => recipe.outputs.get_mut(index).map(|output| &mut output.export),
            };
            if let Some(export) = export {
                export.colour.target = target;
            }
        });
        self.state.dialog = Some(Dialog::ExportSettings);
    }

    fn export_recipe(&self, path: PathBuf) {
        let recipe = self.state.recipe().clone();
        self.tasks.writer.write(with_extension(path, "toml"), "the recipe", move || {
            pack(&recipe).map(|bundle| bundle.to_toml().into_bytes()).map_err(|e| e.to_string())
        });
    }

    fn export_timeline(&self, path: PathBuf) {
        let Some(run) = self.state.timelines.shown() else { return };
        let trace = Arc::clone(&run.trace);
        self.tasks.writer.write(with_extension(path, "json"), "the timeline", move || {
            let json = trace.to_chrome_json();
            drop(trace);
            Ok(json.into_bytes())
        });
    }
}

/// The path with an extension, unless it has one already.
pub(super) fn with_extension(path: PathBuf, extension: &str) -> PathBuf {
    if path.extension().is_none() { path.with_extension(extension) } else { path }
}
