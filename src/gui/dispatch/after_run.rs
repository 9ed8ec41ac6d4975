//! What is done once a run has ended, and the folder of its results in the file manager. A failure is a notice.

use std::path::PathBuf;
use std::time::{Duration, Instant};

use lightloom_param::shown;

use crate::batch::Ended;
use crate::gui::dispatch::dispatcher::Dispatcher;
use crate::gui::model::dialog::Dialog;
use crate::gui::model::notice::Notice;
use crate::gui::model::run::Suspension;
use crate::gui::tasks::one_shot::OneShot;
use crate::gui::text;

/// How long a suspension can be prevented.
const COUNTDOWN: Duration = Duration::from_secs(30);

impl Dispatcher<'_> {
    /// A command for the end of runs was typed.
    pub(super) fn type_after_run(&mut self, typed: &str) {
        let typed = if typed.trim().is_empty() { "nothing" } else { typed };
        match typed.parse() {
            Ok(action) => self.state.after_run = action,
            Err(reason) => self.state.notify(Notice::error(format!("{}.", text::sentence(&reason)))),
        }
    }

    /// Begins what follows a run.
    pub(super) fn begin_after_run(&mut self, ended: Ended) {
        if self.state.after_run.needs_countdown() {
            self.state.suspension = Some(Suspension { at: Instant::now() + COUNTDOWN, ended });
            self.state.dialog = Some(Dialog::Suspend);
        } else {
            self.perform_after_run(ended);
        }
    }

    /// Shows a folder, or an archive in its folder, in the file manager.
    pub(super) fn show_folder(&mut self, folder: PathBuf) {
        let opener = self.tasks.opener.clone();
        let show =
            move || opener.reveal(&folder).map_err(|reason| format!("{} cannot be shown: {reason}.", shown(&folder)));
        self.tasks.shown_folder = OneShot::spawn(self.ctx, "lightloom-open", show);
    }

    pub(super) fn poll_after_run(&mut self) {
        if let Some(Err(reason)) = OneShot::take(&mut self.tasks.shown_folder) {
            self.state.notify(Notice::error(reason));
        }
        if let Some(Err(reason)) = OneShot::take(&mut self.tasks.after_run) {
            self.state.notify(Notice::error(format!("What was to follow the run failed: {reason}.")));
        }
        let Some(suspension) = self.state.suspension.take() else { return };
        if self.state.dialog != Some(Dialog::Suspend) {
            // Closing the dialog prevents it.
        } else if Instant::now() >= suspension.at {
            self.state.dialog = None;
            self.perform_after_run(suspension.ended);
        } else {
            self.state.suspension = Some(suspension);
            self.ctx.request_repaint_after(Duration::from_millis(200));
        }
    }

    fn perform_after_run(&mut self, ended: Ended) {
        let action = self.state.after_run.clone();
        self.tasks.after_run = OneShot::spawn(self.ctx, "lightloom-after-run", move || action.perform(&ended));
    }
}
