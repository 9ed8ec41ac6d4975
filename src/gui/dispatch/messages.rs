//! What follows from the messages of tasks.

use std::time::{Duration, Instant};

use egui::ViewportCommand;

use crate::gui::dispatch::dispatcher::Dispatcher;
use crate::gui::model::action::Action;
use crate::gui::model::dialog::{Dialog, FinderScope};
use crate::gui::model::notice::Notice;
use crate::gui::model::optional_panels::TIMELINE;
use crate::gui::model::pictures::Seen;
use crate::gui::tasks::discovery::{DiscoveryEvent, Finding};
use crate::gui::tasks::handover::Handover;
use crate::gui::text;

/// Time within a frame for the messages of searches; a hundred thousand files take a few frames.
const TIME_FOR_FINDINGS: Duration = Duration::from_millis(8);

impl Dispatcher<'_> {
    /// Handles the messages of all tasks.
    pub fn poll_tasks(&mut self) {
        self.poll_handover();
        self.poll_discovery();
        self.arrange_list();
        for Seen { id, fault, facts } in self.tasks.thumbnails.collect(self.ctx) {
            self.state.pictures.put_fault(id, fault);
            if let Some(facts) = facts {
                self.state.pictures.put_facts(id, facts.picture);
            }
        }
        self.poll_file_dialog();
        self.poll_samples();
        self.poll_web();
        self.poll_copied();
        self.poll_run_start();
        self.poll_run();
        self.poll_watch();
        self.poll_ended_run();
        self.poll_after_run();
        self.poll_timelines();
        self.poll_lab();
        self.poll_lessons();
        self.poll_presets();
        self.poll_name_samples();
        self.poll_plan();
        self.poll_past_runs();
        while let Some(notice) = self.tasks.writer.next() {
            self.state.notify(notice);
        }
        self.tasks.preview.update(self.ctx, self.state, &self.memory.preview);
        let shows_filters = self.state.dialog == Some(Dialog::Finder(FinderScope::Filters));
        let of_preview = shows_filters.then_some(&self.tasks.preview.images);
        self.tasks.filter_samples.update(self.ctx, of_preview, self.tasks.presets.library());
    }

    /// Adds what a later start of the program has handed over, and comes to the front.
    fn poll_handover(&mut self) {
        while let Some(paths) = self.tasks.handover.as_ref().and_then(Handover::next) {
            self.ctx.send_viewport_cmd(ViewportCommand::Minimized(false));
            self.ctx.send_viewport_cmd(ViewportCommand::Focus);
            if !paths.is_empty() {
                self.dispatch(Action::AddPaths(paths));
            }
        }
    }

    fn poll_name_samples(&mut self) {
        if self.state.dialog == Some(Dialog::ExportSettings) {
            let wanted = self.state.name_sample_request();
            if wanted.is_none() {
                self.state.name_samples.clear();
            }
            if let Some(samples) = self.tasks.name_samples.update(self.ctx, wanted) {
                self.state.name_samples = samples;
            }
        } else {
            self.tasks.name_samples.forget();
        }
    }

    fn poll_timelines(&mut self) {
        let figures = &mut self.tasks.timeline_figures;
        figures.collect(&mut self.state.timelines);
        self.state.timelines.follow();
        if self.state.appearance.shows(&TIMELINE) {
            figures.update(self.ctx, &self.state.timelines);
        }
    }

    fn poll_discovery(&mut self) {
        self.state.unanswered = self.tasks.discovery.unanswered().filter(|_| self.state.discovering > 0);
        if self.state.discovering > 0 {
            // A folder that does not answer sends no message.
            self.ctx.request_repaint_after(Duration::from_secs(1));
        }
        let begun = Instant::now();
        while begun.elapsed() < TIME_FOR_FINDINGS {
            match self.tasks.discovery.next() {
                None => return,
                Some(DiscoveryEvent::Found(findings)) => {
                    for finding in findings {
                        self.add_finding(finding);
                    }
                }
                Some(DiscoveryEvent::Ended) => self.state.discovering = self.state.discovering.saturating_sub(1),
            }
        }
        if self.tasks.discovery.has_events() {
            self.ctx.request_repaint();
        }
    }

    fn add_finding(&mut self, finding: Finding) {
        let state = &mut *self.state;
        match finding {
            Finding::File(file, identity) => {
                if let Some(root) = &file.root {
                    state.remember_folder(root);
                }
                state.pictures.add(file, identity);
            }
            Finding::Problem(path, reason) => {
                let message = format!("{} {reason}.", text::file_name(&path));
                state.pictures.add_problem(path, reason);
                state.notify(Notice::error(message));
            }
            Finding::LeftOut(left_out) => {
                let message = format!("{left_out}.");
                state.pictures.add_left_out(left_out);
                if state.notice.is_none() {
                    state.notify(Notice::info(message));
                }
            }
            Finding::Note(note) => {
                let message = format!("{note}.");
                state.pictures.notes.push(note);
                if state.notice.is_none() {
                    state.notify(Notice::info(message));
                }
            }
        }
    }
}
