//! Starting, pausing and stopping runs, and what follows from their reports.

use std::sync::Arc;
use std::time::Duration;

use egui::ViewportCommand;

use crate::batch::{Ended, Totals};
use crate::gui::dispatch::dispatcher::Dispatcher;
use crate::gui::model::notice::{Notice, Severity};
use crate::gui::model::run::{Places, Run, RunSummary, Starting};
use crate::gui::model::run_details::RunDetails;
use crate::gui::tasks::ended_run::EndedRun;
use crate::gui::tasks::one_shot::OneShot;
use crate::gui::tasks::run::{RunRequest, RunStart, StartedRun, Work};
use crate::gui::text;
use crate::lab::RunRecord;

/// Title of the window while nothing runs.
const TITLE: &str = "Lightloom";

impl Dispatcher<'_> {
    /// Starts a run of all pictures of the list.
    pub(super) fn start_run(&mut self) {
        self.start(Work::New(Box::new(self.state.plan_request())), self.state.next_places());
    }

    /// Starts a run, whose pictures stand at these places of the list.
    pub(super) fn start(&mut self, work: Work, places: Places) {
        let state = &mut *self.state;
        let headers_read = Arc::default();
        let request = RunRequest {
            work,
            journals: self.tasks.past_runs.journals.clone(),
            places,
            basis: state.next_basis(),
            headers_read: Arc::clone(&headers_read),
        };
        match RunStart::spawn(self.ctx, request) {
            Ok(start) => {
                self.tasks.run_start = Some(start);
                self.tasks.thumbnails.throttle(true);
                state.starting = Some(Starting { stopped: false, headers_read });
                state.notice = None;
            }
            Err(error) => state.notify(Notice::error(format!("The run could not start: {error}."))),
        }
    }

    /// Pauses the run, or resumes it.
    pub(super) fn pause_run(&self) {
        if let Some(run) = &self.state.run {
            let control = run.running.control();
            if control.is_paused() { control.resume() } else { control.pause() }
        }
    }

    /// Gives up what a trouble of the run holds back.
    pub(super) fn give_up(&self, id: u64) {
        let Some(run) = &self.state.run else { return };
        run.troubles.iter().filter(|trouble| trouble.id == id).for_each(|trouble| run.running.give_up(trouble));
    }

    pub(super) fn stop_run(&mut self) {
        self.state.dialog = None;
        if let Some(run) = &self.state.run {
            run.running.control().stop();
        }
        if let Some(starting) = &mut self.state.starting {
            starting.stopped = true;
        }
    }

    pub(super) fn poll_run_start(&mut self) {
        let Some(result) = self.tasks.run_start.as_ref().and_then(RunStart::result) else {
            if self.state.starting.is_some() && self.state.output.names.needs_header() {
                // The number of headers that have been read is shown.
                self.ctx.request_repaint_after(Duration::from_millis(250));
            }
            return;
        };
        self.tasks.run_start = None;
        let state = &mut *self.state;
        let stopped = state.starting.take().is_some_and(|starting| starting.stopped);
        match result {
            Ok(started) => {
                let StartedRun { run, trace, reports } = *started;
                state.timelines.begin(trace, Arc::clone(run.running.timeline()), run.basis.revision);
                let is_new = !run.goes_on;
                if is_new && state.basis.as_ref() != Some(&run.basis) {
                    state.records.clear();
                    state.basis = Some(run.basis.clone());
                }
                if is_new {
                    state.pictures.forget_reports();
                }
                state.appearance.only_failed = false;
                state.summary = None;
                if stopped {
                    run.running.control().stop();
                }
                state.run = Some(run);
                self.tasks.run_reports = Some(reports);
            }
            Err(error) => {
                state.notify(Notice::error(format!("{}.", text::sentence(&error))));
                self.tasks.thumbnails.throttle(false);
            }
        }
    }

    pub(super) fn poll_run(&mut self) {
        let (Some(run), Some(reports)) = (&mut self.state.run, &mut self.tasks.run_reports) else { return };
        let interval = reports.frame(run);
        let now = run.sample();
        run.pace.sample(now);
        run.troubles = run.running.troubles();
        for report in reports.finished() {
            if let Some(place) = run.places.place(report.job) {
                self.state.pictures.put_report(place, *report);
                let read = self.state.pictures.entries().get(place).filter(|entry| entry.fault().is_none());
                if let Some(entry) = read {
                    self.tasks.thumbnails.forget_failure(entry.id);
                }
            }
        }
        if run.running.is_finished() {
            self.end_run();
            return;
        }
        let (finished, total) = (run.progress().finished(), run.progress().total());
        // A new title requests frames at once, so it waits for the next second.
        if reports.is_new_second() {
            let percent = 100 * finished / total.max(1);
            self.ctx.send_viewport_cmd(ViewportCommand::Title(format!("{percent} % – {TITLE}")));
        }
        let control = run.running.control();
        if control.is_held() && !control.is_stopped() && !reports.has_more() {
            // Nothing moves, but what is missing may change.
            self.ctx.request_repaint_after(Duration::from_millis(250));
        } else if !control.is_paused() || control.is_stopped() || reports.has_more() {
            self.ctx.request_repaint_after(interval);
        } else if finished == total {
            self.ctx.request_repaint_after(Duration::from_millis(250));
        }
        // A paused run asks for a frame itself whenever one of its last pictures is done.
    }

    /// Takes over what is known of a run once its journal is complete.
    pub(super) fn poll_ended_run(&mut self) {
        if let Some(details) = OneShot::take(&mut self.tasks.run_details)
            && let Some(summary) = &mut self.state.summary
        {
            summary.details = Some(details);
        }
        let Some(ended) = OneShot::take(&mut self.tasks.ended_run) else { return };
        let EndedRun { journal, note, failures } = ended;
        if let Some(summary) = &mut self.state.summary {
            (summary.journal, summary.failures) = (Some(journal), failures);
        }
        if let Some(note) = note {
            self.state.notify(Notice::error(format!("{}.", text::sentence(&note))));
        }
    }

    fn end_run(&mut self) {
        let state = &mut *self.state;
        self.tasks.run_reports = None;
        let Some(run) = state.run.take() else { return };
        let Run { running, settings, mut folder, recorder, notes, places, goes_on, basis, troubles: _, pace } = run;
        let timeline = Arc::clone(running.timeline());
        let report = Arc::new(running.wait());
        for image in &report.images {
            if let Some(place) = places.place(image.job) {
                state.pictures.confirm_report(place, image);
            }
        }
        if let Some(archive) = report.archives.first() {
            folder = Some(archive.path.clone());
        }
        let totals = report.totals.clone();
        state.timelines.end(totals.stopped > 0);
        let mut notice = end_notice(&totals);
        if report.unpacked.is_some() {
            folder = None;
            if totals.stopped == 0 {
                notice.severity = Severity::Error;
            }
        }
        if let Some(folder) = folder.as_ref().filter(|_| totals.done + totals.partial > 0) {
            notice.text.push_str(&format!(" Results in {}.", text::short_path(folder)));
        }
        for note in report.notes.iter().chain(&report.unpacked).chain(&notes) {
            notice.text.push_str(&format!(" {}.", text::sentence(note)));
        }
        state.notify(notice);
        if !goes_on {
            state.records.push(RunRecord::single(settings.clone(), totals.clone()));
        }
        let ended = Ended { folder: folder.clone(), totals: totals.clone() };
        state.summary = Some(RunSummary {
            totals,
            settings,
            basis,
            folder,
            journal: None,
            failures: Vec::new(),
            pace,
            details: None,
        });
        let ended_report = Arc::clone(&report);
        let details = move || RunDetails::of(&ended_report.images, &timeline);
        self.tasks.run_details = OneShot::spawn(self.ctx, "lightloom-details", details);
        if let Some(recorder) = recorder {
            let end = move || EndedRun::of(recorder, &report);
            self.tasks.ended_run = OneShot::spawn(self.ctx, "lightloom-journal", end);
        }
        self.tasks.thumbnails.throttle(false);
        self.ctx.send_viewport_cmd(ViewportCommand::Title(TITLE.to_owned()));
        self.ctx.request_repaint();
        // Whoever stopped a run is there.
        if ended.totals.stopped == 0 {
            self.begin_after_run(ended);
        }
    }
}

/// How a run ended, in a sentence.
fn end_notice(totals: &Totals) -> Notice {
    let duration = text::duration(totals.wall_secs);
    let count = |n: usize, word: &str| if n > 0 { format!(", {} {word}", text::count(n)) } else { String::new() };
    let done = text::pictures(totals.done);
    let others = count(totals.copied, "of them copied unchanged");
    let others = others
        + &count(totals.partial, "partial")
        + &count(totals.failed, "failed")
        + &count(totals.skipped, "skipped");
    if totals.stopped > 0 {
        return Notice::info(format!("Stopped: {done} done{others}, {} not done.", text::count(totals.stopped)));
    }
    let severity = if totals.partial + totals.failed > 0 { Severity::Error } else { Severity::Info };
    Notice { severity, text: format!("{done} done in {duration}{others}.") }
}
