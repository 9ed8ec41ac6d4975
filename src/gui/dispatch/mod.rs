//! The one place where the state changes: what each action does, and what follows from the messages of tasks.

mod after_run;
mod clipboard;
mod dispatcher;
mod lab;
mod lessons;
mod list;
mod messages;
mod past_runs;
mod paths;
mod plan;
mod presets;
mod recipe;
mod run;
mod watch;
mod web;

use egui::ViewportCommand;

use crate::gui::model::action::{Action, ViewAction};
use crate::gui::model::appearance::{PreviewMode, Zoom};
use crate::gui::model::dialog::{Dialog, PathPurpose};
use crate::gui::model::notice::Notice;
use crate::gui::model::stack::Stack;
use crate::gui::model::state::ExportBackup;
use crate::gui::model::view_memory::{FinderMemory, ShortcutsMemory};
use crate::gui::theme;

pub use dispatcher::Dispatcher;
pub use paths::add_paths;

const NOTHING_PASTED: &str =
    "What was pasted is no path, no picture and no filter. Copy files or a picture, or paste a path per line.";

impl Dispatcher<'_> {
    /// Does what `action` says, unless it cannot be done now.
    pub fn dispatch(&mut self, action: Action) {
        if self.state.disabled_reason(&action).is_some() {
            return;
        }
        let state = &mut *self.state;
        match action {
            Action::Recipe(action) => self.change_recipe(action),
            Action::View(action) => self.change_view(action),
            Action::List(action) => self.use_list(action),
            Action::Lab(action) => self.use_lab(action),
            Action::Lesson(action) => self.use_lessons(action),
            Action::Presets(action) => self.use_presets(action),
            Action::Watch(action) => self.use_watch(action),
            Action::Plan(action) => self.use_plan(action),
            Action::Runs(action) => self.use_runs(action),
            Action::Web(action) => self.use_web(action),
            Action::Keys(action) => state.keys.apply(action),

            Action::AddFiles => self.ask_for_path(PathPurpose::AddFiles),
            Action::AddFolder => self.ask_for_path(PathPurpose::AddFolder),
            Action::AddPath => state.ask_in_window(PathPurpose::AddFolder, false),
            Action::AddPaths(paths) => self.open_paths(paths),
            Action::PastePicture(picture) => self.paste_picture(picture),
            Action::PasteNothing => state.notify(Notice::info(NOTHING_PASTED)),
            Action::CopyResult => self.copy_result(),
            Action::TrySamples => self.unpack_samples(),
            Action::LookIntoLeftOut => self.look_into_left_out(),
            Action::Select(index, mode) => self.select(index, mode),
            Action::SelectThese(indexes) => state.pictures.select_these(&indexes),
            Action::SelectAll => self.select_all(),
            Action::Remove => {
                state.pictures.remove_selected();
                state.listed.forget();
            }
            Action::Clear => self.clear_pictures(),

            Action::ImportRecipe => self.ask_for_path(PathPurpose::OpenRecipe),
            Action::ExportRecipe => self.ask_for_path(PathPurpose::SaveRecipe),
            Action::ExportTimeline => self.ask_for_path(PathPurpose::SaveTimeline),
            Action::OpenResults => {
                if let Some(folder) = state.summary.as_ref().and_then(|s| s.folder.clone()) {
                    self.show_folder(folder);
                }
            }
            Action::OpenExportSettings => {
                state.export_backup = Some(ExportBackup { output: state.output.clone(), recipe: state.history.mark() });
                state.dialog = Some(Dialog::ExportSettings);
            }
            Action::CancelExportSettings => {
                if let Some(backup) = state.export_backup.take() {
                    state.output = backup.output;
                    state.change(|history| history.return_to(backup.recipe));
                }
                state.dialog = None;
            }
            Action::SetOutput(output) => state.output = output,
            Action::ChooseOutputFolder => self.ask_for_path(PathPurpose::OutputFolder),
            Action::ChooseOutputArchive => self.ask_for_path(PathPurpose::OutputArchive),
            Action::BrowseProfile(output) => self.ask_for_path(PathPurpose::Profile(output)),
            Action::BrowseParam(at) => self.ask_for_path(PathPurpose::ParamFile(at)),
            Action::SubmitPath(purpose, path) => self.submit_path(purpose, path),
            Action::EditPath(text) => {
                if let Some(Dialog::Path(prompt)) = &mut state.dialog {
                    (prompt.text, prompt.problem) = (text, None);
                }
            }

            Action::SetExecutor(executor) => state.settings.executor = executor,
            Action::SetPriority(priority) => state.settings.priority = priority,
            Action::ChangeSettings(change) => change.apply(&mut state.settings),
            Action::SetLimits(limits) => state.settings.limits = limits,

            Action::Start => self.start_run(),
            Action::RemoveFinished => {
                state.pictures.remove_finished();
                state.listed.forget();
            }
            Action::Pause => self.pause_run(),
            Action::Stop => state.dialog = Some(Dialog::ConfirmStop),
            Action::StopNow => self.stop_run(),
            Action::GiveUp(id) => self.give_up(id),

            Action::OpenFinder(scope) => {
                self.memory.finder = FinderMemory { opened: true, ..FinderMemory::default() };
                state.dialog = Some(Dialog::Finder(scope));
            }

            Action::SetAfterRun(action) => state.after_run = action,
            Action::TypeAfterRun(typed) => self.type_after_run(&typed),

            Action::ShowThreadsAndCores => state.dialog = Some(Dialog::ThreadsAndCores),
            Action::ShowShortcuts => {
                self.memory.shortcuts = ShortcutsMemory::default();
                state.dialog = Some(Dialog::Shortcuts);
            }
            Action::ShowAbout => state.dialog = Some(Dialog::About),
            Action::CloseDialog => state.close_dialog(),
            Action::DismissNotice => state.notice = None,
            Action::Quit if state.is_running() => state.dialog = Some(Dialog::ConfirmQuit),
            Action::Quit | Action::QuitNow => {
                state.quitting = true;
                self.ctx.send_viewport_cmd(ViewportCommand::Close);
            }
        }
    }

    fn change_view(&mut self, action: ViewAction) {
        let fit = self.memory.preview.fit;
        let state = &mut *self.state;
        let appearance = &mut state.appearance;
        match action {
            ViewAction::SetPreviewMode(mode) => appearance.preview_mode = mode,
            ViewAction::ToggleBefore => toggle(&mut appearance.preview_mode, PreviewMode::Before),
            ViewAction::ToggleSplit => toggle(&mut appearance.preview_mode, PreviewMode::Split),
            ViewAction::ToggleSideBySide => toggle(&mut appearance.preview_mode, PreviewMode::SideBySide),
            ViewAction::ToggleEncoded => appearance.encoded = !appearance.encoded,
            ViewAction::EditOnPicture(target) => state.edit_on_picture(target),
            ViewAction::CycleOnPicture => state.edit_on_picture(state.next_on_picture()),
            ViewAction::ZoomTo(zoom) => appearance.zoom = zoom,
            ViewAction::ZoomFit => appearance.zoom = Zoom::Fit,
            ViewAction::ZoomFull => appearance.zoom = Zoom::Scale(1.0),
            ViewAction::ZoomIn => appearance.zoom = appearance.zoom.stepped(1.25, fit),
            ViewAction::ZoomOut => appearance.zoom = appearance.zoom.stepped(0.8, fit),
            ViewAction::ToggleSheet => appearance.sheet = !appearance.sheet,
            ViewAction::OnlyFailed(only) => appearance.only_failed = only,
            ViewAction::TogglePanel(panel) => appearance.set_shown(panel, !appearance.shows(panel)),
            ViewAction::ToggleFavourite(filter) => state.shelf.toggle_favourite(filter),
            ViewAction::SetTheme(chosen) => {
                appearance.theme = chosen;
                theme::choose(self.ctx, chosen);
            }
            ViewAction::SetInterfaceSize(percent) => {
                appearance.interface_percent = percent;
                theme::enlarge(self.ctx, percent);
            }
            ViewAction::StepInterfaceSize(by) => {
                appearance.step_interface(by);
                theme::enlarge(self.ctx, appearance.interface_percent);
            }
            ViewAction::ToggleFullScreen => {
                appearance.full_screen = !appearance.full_screen;
                self.ctx.send_viewport_cmd(ViewportCommand::Fullscreen(appearance.full_screen));
            }
            ViewAction::ShowStack(stack) => state.show_stack(stack),
            ViewAction::CycleStack(by) => {
                let stacks: Vec<Stack> = Stack::all(state.recipe()).collect();
                let now = stacks.iter().position(|stack| *stack == state.stack()).unwrap_or(0);
                let next = (now as isize + by).rem_euclid(stacks.len() as isize);
                state.show_stack(stacks[next as usize]);
            }
            ViewAction::ShowOutput(index) => appearance.output = index,
            ViewAction::ViewTime(view) => state.timelines.view = view,
            ViewAction::ShowRun(id) => state.timelines.show(Some(id)),
            ViewAction::CompareRun(id) => state.timelines.compare(id),
        }
    }

    fn clear_pictures(&mut self) {
        let state = &mut *self.state;
        state.pictures.clear();
        state.listed.forget();
        state.listed.arrangement.find.clear();
        self.memory.picture_list.find.clear();
        state.discovering = 0;
        state.appearance.only_failed = false;
        state.notice = None;
        self.tasks.discovery.cancel();
        self.tasks.thumbnails.clear();
    }
}

/// Sets `mode`, or goes back to the result.
fn toggle(shown: &mut PreviewMode, mode: PreviewMode) {
    *shown = if *shown == mode { PreviewMode::After } else { mode };
}
