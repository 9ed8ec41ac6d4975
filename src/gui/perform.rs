//! What each action does: the one place where the state changes at a person's wish.

use std::path::{Path, PathBuf};

use egui::{Context, ViewportCommand};

use super::App;
use super::action::Action;
use super::dialogs::{self, open_folder};
use super::history::{Gesture, History, Part};
use super::state::{Ask, Modal, PathQuestion, Shown, Tone, Zoom};
use super::tabs::{Place, Stack};
use super::text;
use crate::batch::{SourceFile, pack};
use crate::filter::{FileValue, Value};
use crate::recipe::export::{ProfileFile, Target};
use crate::recipe::{Output, Recipe, Step};

impl App {
    /// Does what `action` says, unless it cannot be done now.
    pub(super) fn perform(&mut self, action: Action, ctx: &Context, frame: &eframe::Frame) {
        if self.state.why_not(&action).is_some() {
            return;
        }
        let state = &mut self.state;
        match action {
            Action::AddFiles => self.ask(Ask::Files, frame),
            Action::AddFolder => self.ask(Ask::Folder, frame),
            Action::AddPath => self.ask_for_path(Ask::Folder, false),
            Action::ImportRecipe => self.ask(Ask::OpenRecipe, frame),
            Action::ExportRecipe => self.ask(Ask::SaveRecipe, frame),
            Action::ChooseOutput => self.ask(Ask::OutputFolder, frame),
            Action::ExportSettings => state.modal = Some(Modal::Export),
            Action::OpenResults => {
                if let Some(folder) = state.summary.as_ref().and_then(|s| s.folder.clone())
                    && let Err(sentence) = open_folder(&folder)
                {
                    state.say(Tone::Error, sentence);
                }
            }
            Action::Quit if state.is_running() => state.modal = Some(Modal::Quit),
            Action::Quit | Action::QuitNow => {
                self.panels.quitting = true;
                ctx.send_viewport_cmd(ViewportCommand::Close);
            }
            Action::Undo => state.change_in_sight(History::undo),
            Action::Redo => state.change_in_sight(History::redo),
            Action::SelectAll => state.pictures.select_all(),
            Action::Remove => state.pictures.remove_selected(),
            Action::Clear => {
                state.pictures.clear();
                state.discovering = 0;
                state.look.only_failed = false;
                state.notice = None;
                self.discovery.cancel();
                self.thumbs.clear();
            }
            Action::UsePreset(preset) => match preset.recipe() {
                Ok(recipe) => self.change(None, |current| *current = recipe),
                Err(error) => state.say(Tone::Error, format!("{error}.")),
            },
            Action::AddFilter(spec) => match Step::new(spec.id) {
                Ok(step) => self.add_step(step),
                Err(error) => state.say(Tone::Error, format!("{error}.")),
            },
            Action::SetExecutor(executor) => state.settings.executor = executor,
            Action::SetIoThreads(n) => state.settings.io_threads = n,
            Action::SetCores(n) => state.settings.cores = n,
            Action::SetQueue(n) => state.settings.queue = n,
            Action::SetLimits(limits) => limits.set(),
            Action::SetTimeLimit(secs) => state.settings.time_limit_secs = secs,
            Action::SetPriority(priority) => state.settings.priority = priority,
            Action::SetSlowSource(source) => state.settings.slow_source = source,
            Action::SetMemory(mib) => state.settings.memory_bytes = mib << 20,
            Action::Show(shown) => state.look.shown = shown,
            Action::ToggleBefore => toggle(&mut state.look.shown, Shown::Before, Shown::After),
            Action::ToggleEncoded => state.look.encoded = !state.look.encoded,
            Action::ToggleSplit => toggle(&mut state.look.shown, Shown::Split, Shown::After),
            Action::ZoomFit => state.look.zoom = Zoom::Fit,
            Action::ZoomFull => state.look.zoom = Zoom::Scale(1.0),
            Action::ZoomIn => state.look.zoom = self.preview.zoomed(state.look.zoom, 1.25),
            Action::ZoomOut => state.look.zoom = self.preview.zoomed(state.look.zoom, 0.8),
            Action::ZoomTo(zoom) => state.look.zoom = zoom,
            Action::ToggleSheet => state.look.sheet = !state.look.sheet,
            Action::ToggleComparison => state.look.comparison = !state.look.comparison,
            Action::Lab(action) => self.perform_lab(action, ctx, frame),
            Action::ToggleTimeline => state.look.timeline = !state.look.timeline,
            Action::ExportTimeline => self.ask(Ask::SaveTimeline, frame),
            Action::ViewTime(view) => state.timelines.view = view,
            Action::ShowRun(id) => state.timelines.show(Some(id)),
            Action::CompareRun(id) => state.timelines.compare(id),
            Action::SetTheme(theme) => {
                state.look.theme = theme;
                ctx.set_theme(theme);
            }
            Action::ToggleFullScreen => {
                state.look.full_screen = !state.look.full_screen;
                ctx.send_viewport_cmd(ViewportCommand::Fullscreen(state.look.full_screen));
            }
            Action::Start => self.start(ctx),
            Action::Pause => {
                if let Some(run) = &state.run {
                    let control = run.running.control();
                    if control.is_paused() { control.resume() } else { control.pause() }
                }
            }
            Action::Stop => state.modal = Some(Modal::Stop),
            Action::StopNow => {
                state.modal = None;
                if let Some(run) = &state.run {
                    run.running.control().stop();
                }
                if let Some(starting) = &mut state.starting {
                    starting.stopped = true;
                }
            }
            Action::Explain => state.modal = Some(Modal::Explain),
            Action::ShowShortcuts => state.modal = Some(Modal::Shortcuts),
            Action::About => state.modal = Some(Modal::About),
            // A question that the export settings asked leads back to them.
            Action::CloseModal => {
                let from_export = |asked: &PathQuestion| matches!(asked.purpose, Ask::OutputFolder | Ask::Profile(_));
                state.modal = match state.modal.take() {
                    Some(Modal::Path(asked)) if from_export(&asked) => Some(Modal::Export),
                    _ => None,
                };
            }
            Action::Dismiss => state.notice = None,

            Action::AddPaths(paths) => self.take_in(paths),
            Action::PathTyped(ask, path) => self.path_typed(ask, path, ctx),
            Action::PathText(text) => {
                if let Some(Modal::Path(question)) = &mut state.modal {
                    question.text = text;
                    question.problem = None;
                }
            }
            Action::Pick(index, how) => state.pictures.pick(index, how),
            Action::Step(step) => {
                state.pictures.step(step);
                self.panels.reveal_current = true;
            }
            Action::OnlyFailed(only) => state.look.only_failed = only,
            Action::ShowStack(stack) => state.show_stack(stack),
            Action::TurnStack(by) => {
                let stacks: Vec<Stack> = Stack::all(state.recipe()).collect();
                let now = stacks.iter().position(|stack| *stack == state.stack()).unwrap_or(0);
                let next = (now as isize + by).rem_euclid(stacks.len() as isize);
                state.show_stack(stacks[next as usize]);
            }
            Action::SetParam { stack, step, param, value, press } => {
                let gesture = Gesture { press, part: Part::Step(stack, step), control: param };
                self.set_param((stack, step, param), value, Some(gesture));
            }
            Action::BrowseParam { stack, step, param } => self.ask(Ask::ParamFile { stack, step, param }, frame),
            Action::EnableStep(index, on) => self.change_steps(|steps| {
                if let Some(step) = steps.get_mut(index) {
                    step.enabled = on;
                }
            }),
            Action::RemoveStep(index) => self.change_steps(|steps| {
                if index < steps.len() {
                    steps.remove(index);
                }
            }),
            Action::MoveStep { from, to } => self.change_steps(|steps| {
                if from < steps.len() && to < steps.len() {
                    let step = steps.remove(from);
                    steps.insert(to, step);
                }
            }),
            Action::MoveToStack(from, to) => self.move_to_stack(from, to),
            Action::ResetStep(index) => self.change_steps(|steps| {
                if let Some(step) = steps.get_mut(index)
                    && let Ok(fresh) = Step::new(step.params.spec().id)
                {
                    step.params = fresh.params;
                }
            }),
            Action::BrowseProfile(output) => self.ask(Ask::Profile(output), frame),
            Action::SetExport(export, gesture) => self.change(gesture, |recipe| recipe.export = export),
            Action::SetOutput(output) => state.output = output,
            Action::SetOutputs(outputs, gesture) => self.set_outputs(outputs, gesture),
            Action::ShowOutput(index) => state.look.output = index,
            Action::SetOnly(overrides, gesture) => {
                if let Some(entry) = state.pictures.current() {
                    let file = entry.source.path.clone();
                    state.change(|history| history.set_overrides(&file, overrides, gesture));
                }
            }
            Action::Presets(action) => self.perform_presets(action, frame),
        }
    }

    fn change(&mut self, gesture: Option<Gesture>, edit: impl FnOnce(&mut Recipe)) {
        let mut recipe = self.state.recipe().clone();
        edit(&mut recipe);
        self.state.change(|history| history.set(recipe, gesture));
    }

    /// Changes the filters of the stack that is shown.
    fn change_steps(&mut self, edit: impl FnOnce(&mut Vec<Step>)) {
        let stack = self.state.stack();
        self.change(None, |recipe| {
            if let Some(steps) = stack.steps_mut(recipe) {
                edit(steps);
            }
        });
    }

    /// Moves a filter to another stack, and says so, since it goes out of sight.
    fn move_to_stack(&mut self, from: Place, to: Stack) {
        let mut recipe = self.state.recipe().clone();
        if let Some(title) = from.move_to(to, &mut recipe) {
            let sentence = format!("Moved {title} to the filters of {}.", to.owner(&recipe));
            self.state.change(|history| history.set(recipe, None));
            self.state.say(Tone::Info, sentence);
        }
    }

    /// Adds a filter to the end of the stack that is shown, and scrolls to it.
    fn add_step(&mut self, step: Step) {
        self.panels.reveal_step = Some(self.state.stack().steps(self.state.recipe()).len());
        self.change_steps(|steps| steps.push(step));
    }

    fn set_outputs(&mut self, outputs: Vec<Output>, gesture: Option<Gesture>) {
        let mut recipe = self.state.recipe().clone();
        recipe.outputs = outputs;
        // One output that has nothing of its own but its export settings is what a recipe without outputs says.
        if let [only] = recipe.outputs.as_slice()
            && only.filters.is_empty()
            && (only.suffix.is_empty() && only.folder.is_empty())
        {
            recipe.export = only.export.clone();
            recipe.outputs.clear();
        }
        match recipe.check_outputs() {
            Ok(()) => self.state.change(|history| history.set(recipe, gesture)),
            Err((index, key, problem)) => {
                self.state.say(Tone::Error, format!("Output {}: {key} {problem}.", index + 1));
            }
        }
    }

    fn set_param(&mut self, at: (Stack, usize, usize), value: Value, gesture: Option<Gesture>) {
        let (stack, step, param) = at;
        self.change(gesture, |recipe| {
            if let Some(params) = stack.steps_mut(recipe).and_then(|steps| steps.get_mut(step)).map(|s| &mut s.params)
                && let Some(spec) = params.spec().params.get(param)
            {
                // A control cannot leave its range; should a filter disagree, the value stays as it was.
                let _ = params.set(spec.key, value);
            }
        });
    }

    /// Asks for a path in a dialog.
    pub(super) fn ask(&mut self, ask: Ask, frame: &eframe::Frame) {
        let folder = match ask {
            Ask::OutputFolder => self.state.output.folder.clone(),
            _ => self.state.pictures.current().and_then(|e| e.source.path.parent().map(Path::to_path_buf)),
        };
        self.dialogs.ask(ask, frame, folder.as_deref());
    }

    /// Asks for a path by typing.
    pub(super) fn ask_for_path(&mut self, ask: Ask, no_dialog: bool) {
        let question = PathQuestion { purpose: ask, no_dialog, text: String::new(), problem: None };
        self.state.modal = Some(Modal::Path(question));
    }

    /// Paths from a drop, a paste or the command line: recipes are loaded, look-up tables become a filter, the rest is
    /// looked through.
    fn take_in(&mut self, paths: Vec<PathBuf>) {
        let is_recipe = |path: &PathBuf| path.extension().is_some_and(|e| e.eq_ignore_ascii_case("toml"));
        let (recipes, pictures): (Vec<_>, Vec<_>) = paths.into_iter().partition(is_recipe);
        let is_table = |path: &PathBuf| path.extension().is_some_and(|e| e.eq_ignore_ascii_case("cube"));
        let (tables, pictures): (Vec<_>, Vec<_>) = pictures.into_iter().partition(is_table);
        if let Some(recipe) = recipes.first() {
            self.state.presets.open(recipe.clone());
        }
        for table in tables {
            self.add_table(&table);
        }
        if !pictures.is_empty() {
            if self.state.is_running() {
                let sentence =
                    "Added to the list; the run under way goes on without them and the next one takes them along.";
                self.state.say(Tone::Info, sentence);
            }
            self.add_paths(pictures);
        }
    }

    fn add_table(&mut self, path: &Path) {
        let added = Step::new("lut3d").and_then(|mut step| {
            step.params.set("file", Value::File(FileValue::new(&path.to_string_lossy())))?;
            self.add_step(step);
            Ok(())
        });
        match added {
            Ok(()) => {
                let whose = match self.state.stack() {
                    Stack::Common => String::new(),
                    own @ Stack::Output(_) => format!(" of {}", own.title(self.state.recipe())),
                };
                let name = text::file_name(path);
                self.state.say(Tone::Info, format!("Added the table {name} as a filter{whose}."));
            }
            Err(error) => self.state.say(Tone::Error, format!("{error}.")),
        }
    }

    /// What was chosen in a dialog.
    pub(super) fn paths_chosen(&mut self, ask: Ask, paths: Vec<PathBuf>, ctx: &Context) {
        match (ask, paths.first()) {
            (Ask::Files | Ask::Folder, _) => self.take_in(paths),
            (Ask::OpenRecipe, Some(path)) => self.state.presets.open(path.clone()),
            (Ask::ImportPreset, Some(path)) => self.state.presets.import(path.clone()),
            (Ask::SharePreset, Some(path)) => {
                if let Some(name) = self.state.presets.sharing.take() {
                    self.state.presets.share(name, with_extension(path, "toml"));
                }
            }
            (Ask::SaveRecipe, Some(path)) => self.export_recipe(path),
            (Ask::SaveTimeline, Some(path)) => self.export_timeline(path),
            (Ask::SaveResults(kind), Some(path)) => self.export_results(kind, path, ctx),
            (Ask::OutputFolder, Some(path)) => {
                self.state.output.folder = Some(path.clone());
                self.state.modal = Some(Modal::Export);
            }
            (Ask::Profile(output), Some(path)) => {
                let target = Target::File(ProfileFile::new(&path.to_string_lossy()));
                self.change(None, |recipe| {
                    let export = match output {
                        None => Some(&mut recipe.export),
                        Some(index) => recipe.outputs.get_mut(index).map(|output| &mut output.export),
                    };
                    if let Some(export) = export {
                        export.colour.target = target;
                    }
                });
                self.state.modal = Some(Modal::Export);
            }
            (Ask::ParamFile { stack, step, param }, Some(path)) => {
                self.set_param((stack, step, param), Value::File(FileValue::new(&path.to_string_lossy())), None);
            }
            (_, None) => {}
        }
    }

    fn path_typed(&mut self, ask: Ask, path: PathBuf, ctx: &Context) {
        let is_output = matches!(
            ask,
            Ask::OutputFolder | Ask::SaveRecipe | Ask::SharePreset | Ask::SaveTimeline | Ask::SaveResults(_)
        );
        if !is_output && !path.exists() {
            if let Some(Modal::Path(question)) = &mut self.state.modal {
                question.problem = Some("There is no file or folder with this path.".to_owned());
            }
            return;
        }
        let path = std::path::absolute(&path).unwrap_or(path);
        self.state.modal = None;
        self.paths_chosen(ask, vec![path], ctx);
    }

    fn export_recipe(&mut self, path: &Path) {
        let recipe = self.state.recipe().clone();
        self.writer.write(with_extension(path, "toml"), "the recipe", move || {
            pack(&recipe).map(|bundle| bundle.to_toml().into_bytes()).map_err(|e| e.to_string())
        });
    }

    fn export_timeline(&mut self, path: &Path) {
        let Some(run) = self.state.timelines.shown() else { return };
        let trace = std::sync::Arc::clone(&run.trace);
        self.writer.write(with_extension(path, "json"), "the timeline", move || {
            let json = trace.to_chrome_json();
            drop(trace);
            Ok(json.into_bytes())
        });
    }

    /// Asks for a path by typing, as where there is no dialog.
    pub fn ask_in_window(&mut self, ask: Ask) {
        self.ask_for_path(ask, true);
    }

    /// Adds a file by hand, as tests of long lists do, without looking at the disk.
    pub fn add_unchecked(&mut self, path: PathBuf) {
        self.state.pictures.add(SourceFile { path: path.clone(), root: None }, path);
    }

    /// The headline of a dialog for `ask`, for the typed question.
    pub(super) const fn question_title(ask: Ask) -> &'static str {
        dialogs::title(ask)
    }
}

/// The path with an extension, unless it has one already.
pub(super) fn with_extension(path: &Path, extension: &str) -> PathBuf {
    if path.extension().is_none() { path.with_extension(extension) } else { path.to_path_buf() }
}

fn toggle(shown: &mut Shown, on: Shown, off: Shown) {
    *shown = if *shown == on { off } else { on };
}
