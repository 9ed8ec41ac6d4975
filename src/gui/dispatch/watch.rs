//! Watching a folder, and what follows from what happens there.

use std::path::PathBuf;
use std::time::Duration;

use crate::batch::Outcome;
use crate::gui::dispatch::dispatcher::Dispatcher;
use crate::gui::model::dialog::PathPurpose;
use crate::gui::model::notice::Notice;
use crate::gui::model::watch::{Watch, WatchAction, WatchPhase};
use crate::gui::text;
use crate::watch::{DEFAULT_SETTLE, WatchEvent, WatchRequest};

impl Dispatcher<'_> {
    pub(super) fn use_watch(&mut self, action: WatchAction) {
        let watch = &mut self.state.watch;
        match action {
            WatchAction::Ask => self.ask_for_path(PathPurpose::WatchFolder),
            WatchAction::Stop => {
                watch.phase = WatchPhase::Stopping;
                self.tasks.watch.stop();
            }
            WatchAction::ToggleLog => watch.shows_log = !watch.shows_log,
            WatchAction::Close => *watch = Watch::default(),
        }
    }

    /// Watches a folder with the recipe and the settings of this moment.
    pub(super) fn watch_folder(&mut self, folder: PathBuf) {
        let state = &mut *self.state;
        let request = WatchRequest {
            folders: vec![folder.clone()],
            recipe: state.recipe().clone(),
            output: state.output.clone(),
            settings: state.settings.clone(),
            all_files: false,
            settle: DEFAULT_SETTLE,
            poll: None,
            once: false,
        };
        match self.tasks.watch.start(self.ctx, request) {
            Ok(()) => state.watch.begin(folder),
            Err(reason) => state.notify(Notice::error(format!("{}.", text::sentence(&reason)))),
        }
    }

    pub(super) fn poll_watch(&mut self) {
        let state = &mut *self.state;
        match self.tasks.watch.begun() {
            Some(Ok(())) if state.watch.phase == WatchPhase::Stopping => self.tasks.watch.stop(),
            Some(Ok(())) => state.watch.phase = WatchPhase::Watching,
            Some(Err(reason)) => {
                state.watch = Watch::default();
                state.notify(Notice::error(format!("{}.", text::sentence(&reason))));
            }
            None => {}
        }
        let Some(counts) = self.tasks.watch.counts() else { return };
        state.watch.counts = counts;
        let events = self.tasks.watch.events();
        if let Some(notice) = events.iter().rev().find_map(notice) {
            state.notify(notice);
        }
        events.into_iter().for_each(|event| state.watch.add(event));
        if self.tasks.watch.has_ended() {
            state.watch.phase = WatchPhase::Idle;
            self.ctx.request_repaint();
        } else if counts.waiting > 0 || state.watch.phase == WatchPhase::Stopping {
            self.ctx.request_repaint_after(Duration::from_millis(250));
        }
    }
}

/// What is said of something that goes wrong, also where the log is hidden.
fn notice(event: &WatchEvent) -> Option<Notice> {
    match event {
        WatchEvent::Picture(report) if report.outcome == Outcome::Failed => {
            let reason = report.reason.as_deref().unwrap_or("no reason given");
            Some(Notice::error(format!("{} failed: {reason}.", report.source.file_name())))
        }
        WatchEvent::Problem(problem) => Some(Notice::error(format!("{}.", text::sentence(problem)))),
        _ => None,
    }
}
