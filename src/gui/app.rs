//! The application: `logic` performs actions and handles the messages of tasks, `ui` draws and collects actions.

use std::path::PathBuf;

use egui::{Context, ViewportCommand};

use crate::batch::{Settings, SourceEntry};
use crate::gui::dispatch::{self, Dispatcher};
use crate::gui::model::action::Action;
use crate::gui::model::dialog::{Dialog, PathPurpose};
use crate::gui::model::history::History;
use crate::gui::model::identity::Identity;
use crate::gui::model::lab::LabState;
use crate::gui::model::lessons::LessonsState;
use crate::gui::model::notice::Notice;
use crate::gui::model::past_runs::PastRuns;
use crate::gui::model::pictures::Pictures;
use crate::gui::model::presets::Presets;
use crate::gui::model::state::{LimitChoices, State};
use crate::gui::model::timelines::Timelines;
use crate::gui::model::view_memory::ViewMemory;
use crate::gui::model::watch::Watch;
use crate::gui::model::web::WebPictures;
use crate::gui::options::Options;
use crate::gui::panels::panel::View;
use crate::gui::tasks::Tasks;
use crate::gui::tasks::crash::take_report;
use crate::gui::tasks::handover::Handover;
use crate::gui::tasks::kept_aside::{keep_text, rescue_file};
use crate::gui::tasks::preview::images::PreviewImages;
use crate::gui::tasks::run::RunStart;
use crate::gui::tasks::saved_settings::{Damage, SavedSettings};
use crate::gui::tasks::system_fonts;
use crate::gui::tasks::thumbnail_cache::ThumbnailCache;
use crate::gui::{dialogs, input, panels, theme};
use crate::lab::Results;

/// The application behind the window.
pub struct App {
    state: State,
    memory: ViewMemory,
    tasks: Tasks,
    /// Actions to perform before the next frame.
    pending: Vec<Action>,
}

impl App {
    /// Sets up the style, restores saved settings and begins to search the inputs of `options`.
    pub fn new(cc: &eframe::CreationContext<'_>, options: Options) -> Self {
        let ctx = &cc.egui_ctx;
        theme::install(ctx);
        system_fonts::install(ctx);
        let (saved, damage) = cc.storage.map(SavedSettings::read).unwrap_or_default();
        let damage = damage.map(|Damage { problem, text }| {
            keep_text(options.settings_folder.as_deref(), &format!("{problem}, and defaults are used"), &text)
        });
        // The window system has read it already, and writes over it later.
        let of_file = options.settings_folder.as_deref().and_then(rescue_file);
        let notice = of_file.or(damage).map(Notice::error);
        let appearance = saved.appearance();
        theme::choose(ctx, appearance.theme);
        theme::enlarge(ctx, appearance.interface_percent);
        let mut output = saved.output();
        if options.output.is_some() {
            output.folder.clone_from(&options.output);
        }
        let remembered = saved.limits().unwrap_or_default();
        let limits = options.limits.over(&remembered);
        let settings = Settings { limits, worker_program: options.worker_program, ..saved.settings() };
        let mut lab = LabState::new(&settings, options.lab_folder.or_else(Results::folder));
        lab.recommend_first = saved.recommend_first();
        let cache = options.thumbnail_folder.as_deref().map(ThumbnailCache::at);
        let mut tasks = Tasks::new(ctx, options.library, options.journals, settings.worker_program.clone(), cache);
        tasks.opener = options.opener;
        tasks.handover = options.socket.as_deref().and_then(|socket| Handover::listen(socket, ctx));
        let mut state = State {
            pictures: Pictures::default(),
            listed: saved.listed(),
            discovering: 0,
            history: History::new(options.recipe.unwrap_or_else(|| saved.recipe()), saved.overrides()),
            presets: Presets {
                has_no_home: tasks.presets.has_no_home(),
                last: saved.last_preset(),
                ..Presets::default()
            },
            output,
            name_samples: Vec::new(),
            settings,
            limits: LimitChoices { session: options.limits, remembered },
            plan: None,
            past: PastRuns { forgotten: saved.forgotten_runs(), ..PastRuns::default() },
            starting: None,
            run: None,
            after_run: saved.after_run(),
            suspension: None,
            unanswered: None,
            summary: None,
            timelines: Timelines::default(),
            records: Vec::new(),
            basis: None,
            lab,
            lessons: LessonsState::default(),
            watch: Watch::default(),
            web: WebPictures::default(),
            appearance,
            dialog: options.settings_folder.as_deref().and_then(take_report).map(Dialog::CrashReport),
            export_backup: None,
            recent_folders: saved.recent_folders(),
            shelf: saved.shelf(),
            keys: saved.keymap(),
            on_picture: None,
            notice: notice.clone(),
            quitting: false,
        };
        tasks.past_runs.look_for_interrupted(ctx);
        if !options.inputs.is_empty() {
            dispatch::add_paths(&mut state, &tasks, options.inputs);
            state.notice = notice;
        }
        Self { state, memory: saved.view_memory(), tasks, pending: Vec::new() }
    }

    /// Everything the window knows.
    pub const fn state(&self) -> &State {
        &self.state
    }

    /// What the preview shows.
    pub const fn preview(&self) -> &PreviewImages {
        &self.tasks.preview.images
    }

    /// How many thumbnails are loaded, and how many are yet to be of those that are visible.
    pub fn thumbnails(&self) -> (usize, usize) {
        self.tasks.thumbnails.counts()
    }

    /// How many pictures of filters the finder shows.
    pub fn filter_samples(&self) -> usize {
        self.tasks.filter_samples.made()
    }

    /// Asks for a path by typing, as where there is no file dialog.
    pub fn ask_in_window(&mut self, purpose: PathPurpose) {
        self.state.ask_in_window(purpose, true);
    }

    /// Adds a picture without reading the disk, as tests of long lists do.
    pub fn add_unchecked(&mut self, path: PathBuf) {
        let identity = Identity::of_name(&path);
        self.state.pictures.add(SourceEntry::from(path), identity);
    }

    /// Asks before the window closes during a run.
    fn guard_close(&mut self, ctx: &Context) {
        let closes = ctx.input(|i| i.viewport().close_requested());
        if closes && self.state.is_running() && !self.state.quitting {
            ctx.send_viewport_cmd(ViewportCommand::CancelClose);
            self.state.dialog = Some(Dialog::ConfirmQuit);
        }
    }
}

impl eframe::App for App {
    fn logic(&mut self, ctx: &Context, frame: &mut eframe::Frame) {
        let Self { state, memory, tasks, pending } = self;
        let mut dispatcher = Dispatcher { state, memory, tasks, ctx, frame };
        for action in pending.drain(..) {
            dispatcher.dispatch(action);
        }
        dispatcher.poll_tasks();
    }

    fn ui(&mut self, ui: &mut egui::Ui, _frame: &mut eframe::Frame) {
        self.guard_close(ui.ctx());
        let Self { state, memory, tasks, pending } = self;
        let mut actions = Vec::new();
        memory.presses += u64::from(ui.input(|i| i.pointer.any_pressed()));
        input::collect(ui.ctx(), state, memory, &mut actions);
        let (thumbnails, preview) = (&mut tasks.thumbnails, &mut tasks.preview.images);
        let web_thumbnails = tasks.web.thumbnails.as_mut();
        let filter_samples = &mut tasks.filter_samples;
        let mut view = View { state, memory, thumbnails, web_thumbnails, preview, filter_samples, out: &mut actions };
        if view.state.dialog.is_some() {
            dialogs::below(ui, |ui| panels::show(ui, &mut view));
        } else {
            panels::show(ui, &mut view);
        }
        dialogs::show(ui, &mut view);
        panels::show_drop_overlay(ui, &view);
        if !actions.is_empty() {
            pending.append(&mut actions);
            ui.ctx().request_repaint();
        }
    }

    fn save(&mut self, storage: &mut dyn eframe::Storage) {
        eframe::set_value(storage, eframe::APP_KEY, &SavedSettings::of(&self.state, &self.memory));
    }

    fn clear_color(&self, visuals: &egui::Visuals) -> [f32; 4] {
        visuals.panel_fill.to_normalized_gamma_f32()
    }

    fn persist_egui_memory(&self) -> bool {
        false
    }

    fn on_exit(&mut self, _gl: Option<&eframe::glow::Context>) {
        self.tasks.watch.end();
        if let Some(measurement) = self.state.lab.measurement.take() {
            measurement.stop();
        }
        if let Some(trial) = self.state.lessons.trial.take() {
            trial.stop();
        }
        if let Some(task) = self.tasks.lesson.take() {
            task.wait();
        }
        // Waits for the end of a run of the lab, so that its folder is removed.
        if let Some(task) = self.tasks.measurement.take() {
            task.wait();
        }
        // A run that is about to start is waited for, so that nothing half-written remains.
        let started = self.tasks.run_start.take().and_then(RunStart::wait);
        if let Some(run) = self.state.run.take().or(started.map(|started| started.run)) {
            run.running.control().stop();
            // Waits for the write in progress.
            let report = run.running.wait();
            if let Some(recorder) = run.recorder {
                let _ = recorder.end(&report);
            }
        }
        if let Some(ended) = self.tasks.ended_run.take() {
            ended.wait();
        }
        // Files are removed to the end, and the journal says so.
        if let Some(undone) = self.tasks.past_runs.undone.take() {
            undone.wait();
        }
    }
}
