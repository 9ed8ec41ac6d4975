//! What the actions about past runs do, and what follows from the messages of their tasks.

use std::path::{Path, PathBuf};
use std::time::Duration;

use crate::gui::dispatch::dispatcher::Dispatcher;
use crate::gui::model::action::RunsAction;
use crate::gui::model::dialog::Dialog;
use crate::gui::model::notice::Notice;
use crate::gui::model::past_runs::{Checking, UndoRun, UndoState};
use crate::gui::model::run::Places;
use crate::gui::tasks::one_shot::OneShot;
use crate::gui::tasks::past_runs::LoadedRest;
use crate::gui::tasks::run::Work;
use crate::gui::text;
use crate::journal::{Again, Removal};

/// Time between frames while results are looked at.
const FRAME: Duration = Duration::from_millis(200);

impl Dispatcher<'_> {
    pub(super) fn use_runs(&mut self, action: RunsAction) {
        let past = &mut self.state.past;
        match action {
            RunsAction::OpenSummary => self.state.dialog = Some(Dialog::Summary),
            RunsAction::OpenHistory => self.open_history(),
            RunsAction::Select(run) => past.selected = Some(run),
            RunsAction::Resume(journal) => self.load_rest(journal, Again::Unfinished),
            RunsAction::Retry(journal) => self.load_rest(journal, Again::Failed),
            RunsAction::RetryFailed => {
                if let Some(journal) = self.last_journal() {
                    self.load_rest(journal, Again::Failed);
                }
            }
            RunsAction::Forget => past.forget(),
            RunsAction::AskUndo(journal) => {
                let journal = journal.or_else(|| self.last_journal());
                self.tasks.past_runs.ask_about(self.ctx, journal);
                let from_history = self.state.dialog == Some(Dialog::History);
                let undo = UndoRun { run: None, removal: Removal::Trash, state: UndoState::Asking, from_history };
                self.state.past.undo = Some(undo);
                self.state.dialog = Some(Dialog::UndoRun);
            }
            RunsAction::SetRemoval(removal) => {
                if let Some(undo) = &mut past.undo {
                    undo.removal = removal;
                }
            }
            RunsAction::Undo => {
                if let Some(undo) = &mut past.undo
                    && let Some(Ok(run)) = &undo.run
                {
                    let checking = Checking::default();
                    self.tasks.past_runs.undo(self.ctx, &run.journal, undo.removal, &checking);
                    undo.state = UndoState::Removing(checking);
                }
            }
            RunsAction::OpenFolder(folder) => self.show_folder(folder),
        }
    }

    fn last_journal(&self) -> Option<PathBuf> {
        self.state.summary.as_ref()?.journal.clone()
    }

    fn open_history(&mut self) {
        let past = &mut self.state.past;
        (past.list, past.selected) = (Vec::new(), None);
        match self.tasks.past_runs.start_list(self.ctx) {
            Ok(()) => {
                past.listing = true;
                self.state.dialog = Some(Dialog::History);
            }
            Err(reason) => self.state.notify(Notice::error(format!("There is no history: {reason}."))),
        }
    }

    fn load_rest(&mut self, journal: PathBuf, again: Again) {
        let checking = Checking::default();
        self.tasks.past_runs.load_rest(self.ctx, journal, again, self.state.settings.clone(), &checking);
        self.state.past.loading = Some(checking);
        self.state.dialog = None;
        self.state.notice = None;
    }

    pub(super) fn poll_past_runs(&mut self) {
        let tasks = &mut self.tasks.past_runs;
        let past = &mut self.state.past;
        if let Some(Some(run)) = OneShot::take(&mut tasks.interrupted)
            && !past.forgotten.contains(&run.id)
        {
            past.interrupted = Some(run);
        }
        if !matches!(self.state.dialog, Some(Dialog::History | Dialog::UndoRun)) {
            tasks.stop_list();
        }
        past.listing = tasks.take_list(&mut past.list);
        if let Some(read) = OneShot::take(&mut tasks.question)
            && let Some(undo) = &mut past.undo
        {
            undo.run = Some(read);
        }
        self.poll_undo();
        self.poll_rest();
    }

    /// Goes on with a run that has been loaded.
    fn poll_rest(&mut self) {
        match OneShot::take(&mut self.tasks.past_runs.rest) {
            Some(loaded) => {
                self.state.past.loading = None;
                match loaded {
                    Ok(loaded) => self.go_on(*loaded),
                    Err(reason) => self.state.notify(Notice::error(format!("{}.", text::sentence(&reason)))),
                }
            }
            None if self.state.past.loading.is_some() => self.ctx.request_repaint_after(FRAME),
            None => {}
        }
    }

    /// Puts the pictures of a run into the list, with what became of them before, and does the rest.
    fn go_on(&mut self, LoadedRest { rest, pictures }: LoadedRest) {
        let state = &mut *self.state;
        if state.past.interrupted.as_ref().is_some_and(|run| run.journal == rest.history.path) {
            state.past.interrupted = None;
        }
        state.pictures.forget_reports();
        let mut places = vec![0; rest.batch.jobs.len()];
        let mut overrides = Vec::with_capacity(pictures.len());
        for picture in pictures {
            overrides.push((picture.found.source.clone(), picture.overrides));
            let place = state.pictures.add(picture.found, picture.identity);
            if let Some(of_job) = picture.job.and_then(|job| places.get_mut(job)) {
                *of_job = place;
            }
            if let Some(report) = picture.report {
                state.pictures.put_report(place, report);
            }
        }
        // What is shown is what is done; Undo brings the other recipe back.
        let recipe = rest.batch.recipe.clone();
        state.change(|history| history.set_all(recipe, overrides));
        self.start(Work::Rest(Box::new(rest)), Places::of(places));
    }

    /// Says what became of the results of a run that was undone.
    fn poll_undo(&mut self) {
        let Some(undo) = &mut self.state.past.undo else { return };
        if let Some(removed) = OneShot::take(&mut self.tasks.past_runs.undone) {
            let journal = undo.run.as_ref().and_then(|run| run.as_ref().ok()).map(|run| run.journal.clone());
            let succeeded = removed.is_ok();
            undo.state = UndoState::Removed(removed);
            if let Some(journal) = journal.filter(|_| succeeded) {
                self.forget_results(&journal);
            }
        } else if matches!(undo.state, UndoState::Removing(_)) {
            self.ctx.request_repaint_after(FRAME);
        }
    }

    /// The results of a run are gone.
    fn forget_results(&mut self, journal: &Path) {
        let state = &mut *self.state;
        if state.summary.as_ref().is_some_and(|summary| summary.journal.as_deref() == Some(journal)) {
            state.summary = None;
            state.notice = None;
            state.pictures.forget_reports();
            state.appearance.only_failed = false;
        }
        let past = &mut state.past;
        past.interrupted.take_if(|run| run.journal == journal);
        for run in past.list.iter_mut().filter(|run| run.journal == journal) {
            (run.is_undone, run.is_interrupted) = (true, false);
        }
    }
}
