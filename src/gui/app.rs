//! The application: `logic` takes up messages and owns all changes, `ui` only draws and returns actions.

use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering::Relaxed};
use std::time::Duration;

use crossbeam_channel::{bounded, unbounded};
use egui::{Context, ViewportCommand};

use super::develop::{Developer, Request};
use super::dialogs::{Answer, Dialogs};
use super::discovery::{self, Discovery, Item};
use super::history::History;
use super::lab::LabState;
use super::pace::Pace;
use super::pictures::Pictures;
use super::presets::Presets;
use super::preview::Preview;
use super::saved::Saved;
use super::state::{Begun, Look, Run, Starting, State, Summary, Tone, Zoom};
use super::thumbs::Thumbs;
use super::timeline::Timelines;
use super::writer::Writer;
use super::{Action, Options, shell, text, theme};
use crate::batch::{self, Batch, Event, common_folder, plan_jobs, put_overrides};
use crate::codec::SomeLimits;
use crate::lab::{Results, RunRecord, Trace};

/// Chunks of findings taken up a frame.
const CHUNKS_A_FRAME: usize = 8;
/// Finished pictures taken up a frame.
const ENDS_A_FRAME: usize = 2000;

/// The window's title while nothing runs.
const TITLE: &str = "Lightloom";

/// The window's application.
pub struct App {
    pub(super) state: State,
    pub(super) discovery: Discovery,
    pub(super) thumbs: Thumbs,
    developer: Developer,
    pub(super) preview: Preview,
    pub(super) dialogs: Dialogs,
    pub(super) writer: Writer,
    pub(super) panels: shell::Panels,
    pending: Vec<Action>,
    asked: Option<Request>,
}

impl App {
    /// Sets up the window's style, takes up saved settings and begins to look through the inputs of `options`.
    pub fn new(cc: &eframe::CreationContext<'_>, options: Options) -> Self {
        let ctx = &cc.egui_ctx;
        theme::install(ctx);
        let saved = cc.storage.and_then(|s| eframe::get_value::<Saved>(s, eframe::APP_KEY)).unwrap_or_default();
        let mut look = Look::default();
        saved.look(&mut look);
        ctx.set_theme(look.theme);
        let mut output = saved.output();
        if options.output.is_some() {
            output.folder.clone_from(&options.output);
        }
        let settings = saved.settings();
        let limits = saved.limits();
        if limits.is_some() || options.limits != SomeLimits::default() {
            options.limits.over(&limits.clone().unwrap_or_default()).set();
        }
        let mut lab = LabState::new(&settings, options.lab_folder.or_else(Results::folder));
        lab.recommend_first = saved.recommend_first();
        let state = State {
            pictures: Pictures::default(),
            history: History::new(options.recipe.unwrap_or_else(|| saved.recipe()), saved.overrides()),
            output,
            settings,
            presets: Presets::new(ctx, options.library),
            lab,
            starting: None,
            run: None,
            summary: None,
            timelines: Timelines::default(),
            records: Vec::new(),
            basis: None,
            look,
            modal: None,
            notice: None,
            discovering: 0,
            limits: (options.limits, limits.unwrap_or_default()),
        };
        let mut app = Self {
            state,
            discovery: Discovery::new(ctx.clone()),
            thumbs: Thumbs::new(ctx),
            developer: Developer::new(ctx),
            preview: Preview::default(),
            dialogs: Dialogs::new(ctx.clone()),
            writer: Writer::new(ctx.clone()),
            panels: shell::Panels::default(),
            pending: Vec::new(),
            asked: None,
        };
        if !options.inputs.is_empty() {
            app.add_paths(options.inputs);
        }
        app
    }

    /// Everything that the window knows.
    pub const fn state(&self) -> &State {
        &self.state
    }

    /// What the preview shows.
    pub const fn preview(&self) -> &Preview {
        &self.preview
    }

    /// Looks through files and folders for the list.
    pub(super) fn add_paths(&mut self, paths: Vec<PathBuf>) {
        match self.discovery.start(paths, self.state.output.folder.clone()) {
            Ok(()) => self.state.discovering += 1,
            Err(error) => self.state.say(Tone::Error, format!("The folder could not be looked through: {error}.")),
        }
    }

    /// Begins a run of all pictures of the list: planned and started on a thread of its own, since names and files may
    /// take their time.
    pub(super) fn start(&mut self, ctx: &Context) {
        let state = &mut self.state;
        let (files, output, settings) = (state.pictures.files(), state.output.clone(), state.settings);
        let (recipe, overrides) = (state.recipe().clone(), Arc::clone(state.history.overrides()));
        let (revision, basis) = (state.pictures.revision(), state.basis_now());
        let (sender, begun) = bounded(1);
        let ctx = ctx.clone();
        let begin = move || {
            let mut jobs = plan_jobs(&files, &recipe, &output);
            put_overrides(&mut jobs, &overrides);
            let folder = common_folder(&jobs);
            // Unbounded, since the sender runs inside the pool and must never wait; at most one message a picture.
            let (ends, finished) = unbounded();
            let repaint_due = Arc::new(AtomicBool::new(false));
            let pace = Pace::new();
            let (due, repaint, tick) = (Arc::clone(&repaint_due), ctx.clone(), Arc::clone(pace.tick()));
            let sink = move |event| {
                if let Event::Finished(report) = event {
                    let _ = ends.send(report);
                    if !due.swap(true, Relaxed) {
                        repaint.request_repaint_after(tick.get());
                    }
                }
            };
            let batch = Batch { jobs, recipe, settings };
            let trace = Trace::new(&batch);
            let started = batch::start(batch, Arc::new(sink)).map(|running| {
                let run = Run { running, settings, finished, repaint_due, pace };
                Begun { run, trace, folder, revision, basis }
            });
            if let Err(unwanted) = sender.send(started.map(Box::new).map_err(|e| e.to_string())) {
                // The window has gone meanwhile.
                if let Ok(begun) = unwanted.into_inner() {
                    begun.run.running.control().stop();
                    begun.run.running.wait();
                }
            }
            ctx.request_repaint();
        };
        match std::thread::Builder::new().name("lightloom-start".to_owned()).spawn(begin) {
            Ok(_) => {
                state.starting = Some(Starting { begun, stopped: false });
                state.notice = None;
                self.thumbs.rest(true);
            }
            Err(error) => state.say(Tone::Error, format!("The run could not begin: {error}.")),
        }
    }

    fn take_up_start(&mut self) {
        let state = &mut self.state;
        let Some(starting) = &state.starting else { return };
        let Ok(begun) = starting.begun.try_recv() else { return };
        let stopped = starting.stopped;
        state.starting = None;
        match begun {
            Ok(begun) => {
                let Begun { run, trace, folder, revision, basis } = *begun;
                state.timelines.begin(trace, Arc::clone(run.running.timeline()), revision);
                if !state.is_comparable_to(&basis) {
                    state.records.clear();
                    state.basis = Some(basis);
                }
                state.pictures.forget_reports();
                state.look.only_failed = false;
                state.summary = None;
                self.panels.folder = folder;
                if stopped {
                    run.running.control().stop();
                }
                state.run = Some(run);
            }
            Err(error) => {
                state.say(Tone::Error, format!("{}.", text::sentence(&error)));
                self.thumbs.rest(false);
            }
        }
    }

    fn take_up_run(&mut self, ctx: &Context) {
        let state = &mut self.state;
        let Some(run) = &mut state.run else { return };
        let tick = run.pace.frame(run.running.timeline().cpu());
        run.repaint_due.store(false, Relaxed);
        for report in run.finished.try_iter().take(ENDS_A_FRAME) {
            state.pictures.put_report(*report);
        }
        if !run.running.is_finished() {
            // A new title asks for frames at once, so it waits for the next second.
            if run.pace.is_new_second() {
                let percent = 100 * run.progress().finished() / run.progress().total().max(1);
                ctx.send_viewport_cmd(ViewportCommand::Title(format!("{percent} % – {TITLE}")));
            }
            let control = run.running.control();
            if !control.is_paused() || control.is_stopped() || !run.finished.is_empty() {
                ctx.request_repaint_after(tick);
            } else if run.progress().finished() < run.progress().total() {
                // A paused run tells of its last pictures by itself; look in now and then all the same.
                ctx.request_repaint_after(Duration::from_secs(1));
            }
            return;
        }
        let Some(Run { running, settings, .. }) = state.run.take() else { return };
        let report = running.wait();
        for image in report.images {
            state.pictures.put_report(image);
        }
        let totals = report.totals;
        state.timelines.end(totals.skipped > 0);
        let seconds = text::duration(totals.wall_secs);
        let count = |n: usize, word: &str| if n > 0 { format!(", {} {word}", text::count(n)) } else { String::new() };
        let done = text::pictures(totals.done);
        let others = count(totals.partial, "in part") + &count(totals.failed, "failed");
        let (tone, mut sentence) = match (totals.partial + totals.failed, totals.skipped) {
            (_, skipped) if skipped > 0 => {
                (Tone::Info, format!("Stopped: {done} done{others}, {} not done.", text::count(skipped)))
            }
            (0, _) => (Tone::Info, format!("{done} done in {seconds}.")),
            _ => (Tone::Error, format!("{done} done in {seconds}{others}.")),
        };
        if let Some(folder) = self.panels.folder.as_ref().filter(|_| totals.done + totals.partial > 0) {
            sentence.push_str(&format!(" Results in {}", text::short_path(folder)));
        }
        state.say(tone, sentence);
        state.records.push(RunRecord { settings, totals: totals.clone(), output_hash: None });
        state.summary = Some(Summary { totals, settings, folder: self.panels.folder.clone() });
        self.thumbs.rest(false);
        ctx.send_viewport_cmd(ViewportCommand::Title(TITLE.to_owned()));
        ctx.request_repaint();
    }

    fn take_up_discovery(&mut self, ctx: &Context) {
        for _ in 0..CHUNKS_A_FRAME {
            let items = match self.discovery.next() {
                None => return,
                Some(discovery::News::Found(items)) => items,
                Some(discovery::News::Over) => {
                    self.state.discovering = self.state.discovering.saturating_sub(1);
                    continue;
                }
            };
            for item in items {
                let pictures = &mut self.state.pictures;
                match item {
                    Item::File(file, identity) => pictures.add(file, identity),
                    Item::Problem(path, reason) => {
                        let sentence = format!("{} {reason}.", text::file_name(&path));
                        pictures.add_problem(path, reason);
                        self.state.say(Tone::Error, sentence);
                    }
                    Item::Note(note) => {
                        let sentence = format!("{note}.");
                        pictures.notes.push(note);
                        if self.state.notice.is_none() {
                            self.state.say(Tone::Info, sentence);
                        }
                    }
                }
            }
        }
        if self.discovery.has_news() {
            ctx.request_repaint();
        }
    }

    fn take_up_preview(&mut self, ctx: &Context) {
        while let Some(news) = self.developer.next() {
            self.preview.take_up(ctx, news);
        }
        let state = &self.state;
        let wanted = state.pictures.current().map(|entry| {
            let detail = matches!(state.look.zoom, Zoom::Scale(scale) if self.preview.needs_detail(scale));
            let (before, before_detail) = self.preview.lacks_before(entry.id, detail);
            let (output, encoded) = (state.shown_output(), state.look.encoded);
            let recipe = state.recipe_shown(&entry.source.path);
            Request {
                id: entry.id,
                path: entry.source.path.clone(),
                number: state.pictures.current_index().map_or(1, |index| index + 1),
                recipe,
                output,
                encoded,
                detail,
                before,
                before_detail,
            }
        });
        // An overview that is there already does not get worse by asking for less.
        let enough = match (&self.asked, &wanted) {
            (Some(asked), Some(wanted)) => {
                let same = asked.id == wanted.id && asked.number == wanted.number && asked.output == wanted.output;
                same && asked.recipe == wanted.recipe
                    && (asked.detail || !wanted.detail)
                    && asked.encoded == wanted.encoded
            }
            (None, None) => true,
            _ => false,
        };
        if !enough {
            let generation = self.developer.ask(wanted.clone());
            self.preview.expect(generation, wanted.as_ref().map(|w| w.id), state.look.encoded);
            self.asked = wanted;
        }
    }

    fn take_up_dialog(&mut self, ctx: &Context) {
        match self.dialogs.answer() {
            Some(Answer::Paths(ask, paths)) => self.paths_chosen(ask, paths, ctx),
            Some(Answer::NoDialog(ask)) => self.ask_for_path(ask, true),
            Some(Answer::Nothing) | None => {}
        }
    }

    fn guard_close(&mut self, ctx: &Context) {
        if !ctx.input(|i| i.viewport().close_requested()) {
            return;
        }
        if self.state.is_running() && !self.panels.quitting {
            ctx.send_viewport_cmd(ViewportCommand::CancelClose);
            self.state.modal = Some(super::state::Modal::Quit);
        }
    }
}

impl eframe::App for App {
    fn logic(&mut self, ctx: &Context, frame: &mut eframe::Frame) {
        for action in std::mem::take(&mut self.pending) {
            self.perform(action, ctx, frame);
        }
        self.take_up_discovery(ctx);
        if self.thumbs.collect(ctx) {
            ctx.request_repaint();
        }
        self.take_up_dialog(ctx);
        self.take_up_start();
        self.take_up_run(ctx);
        self.state.timelines.take_up(ctx, self.state.look.timeline);
        self.take_up_lab(ctx);
        self.take_up_presets();
        while let Some((tone, sentence)) = self.writer.next() {
            self.state.say(tone, sentence);
        }
        self.take_up_preview(ctx);
    }

    fn ui(&mut self, ui: &mut egui::Ui, _frame: &mut eframe::Frame) {
        self.guard_close(ui.ctx());
        let mut actions = Vec::new();
        shell::show(ui, self, &mut actions);
        if !actions.is_empty() {
            self.pending.append(&mut actions);
            ui.ctx().request_repaint();
        }
    }

    fn save(&mut self, storage: &mut dyn eframe::Storage) {
        eframe::set_value(storage, eframe::APP_KEY, &Saved::of(&self.state));
    }

    fn clear_color(&self, visuals: &egui::Visuals) -> [f32; 4] {
        visuals.panel_fill.to_normalized_gamma_f32()
    }

    fn persist_egui_memory(&self) -> bool {
        false
    }

    fn on_exit(&mut self, _gl: Option<&eframe::glow::Context>) {
        if let Some(task) = self.state.lab.task.take() {
            task.stop();
            // Waits for the end of a run, so that its folder does not stay.
            task.wait();
        }
        // A run that is about to begin is waited for, so that nothing half-written stays.
        let begun = self.state.starting.take().and_then(|starting| starting.begun.recv().ok()?.ok());
        if let Some(run) = self.state.run.take().or(begun.map(|begun| begun.run)) {
            run.running.control().stop();
            // Waits for the one write under way, so that nothing half-written stays.
            run.running.wait();
        }
    }
}
