//! Which actions can be done now, and what their menu entries say of the state: a check mark, the name of a change.

use std::borrow::Cow;

use crate::gui::model::action::{Action, LabAction, PlanAction, RecipeAction, RunsAction, ViewAction};
use crate::gui::model::appearance::{PreviewMode, Zoom};
use crate::gui::model::lessons::LessonAction;
use crate::gui::model::listed::ListAction;
use crate::gui::model::presentation::Presentation;
use crate::gui::model::state::State;
use crate::gui::model::watch::{WatchAction, WatchPhase};
use crate::gui::model::web::WebAction;

const RUN_IN_PROGRESS: &str = "Not while a run is in progress.";
const NO_RUN: &str = "No run is in progress.";
const NO_PICTURES: &str = "Add pictures first.";
const ALL_EXCLUDED: &str = "Every picture is excluded.";
const NOT_SELECTED: &str = "No picture is selected.";
const NO_RESULTS: &str = "There are no results yet.";

/// `reason`, unless `ok`.
fn unless(ok: bool, reason: &'static str) -> Option<&'static str> {
    (!ok).then_some(reason)
}

impl State {
    /// Why `action` cannot be done now; `None` if it can.
    pub fn disabled_reason(&self, action: &Action) -> Option<&'static str> {
        match action {
            Action::Recipe(action) => self.recipe_disabled_reason(action),
            Action::View(action) => self.view_disabled_reason(action),
            Action::List(action) => self.list_disabled_reason(action),
            Action::Lab(action) => self.lab_disabled_reason(action),
            Action::Lesson(LessonAction::Try(_)) => {
                let reason = unless(!self.is_running(), RUN_IN_PROGRESS);
                reason.or_else(|| unless(!self.is_measuring(), "A measurement is in progress."))
            }
            Action::Watch(WatchAction::Ask) => unless(!self.watch.is_on(), "A folder is being watched."),
            Action::Watch(WatchAction::Stop) => match self.watch.phase {
                WatchPhase::Idle => Some("No folder is being watched."),
                WatchPhase::Stopping => Some("The watch is ending."),
                WatchPhase::Starting | WatchPhase::Watching => None,
            },
            Action::Web(WebAction::Look) if self.web.looking => Some("The addresses are being looked at."),
            Action::Web(WebAction::Look) => unless(!self.web.text.trim().is_empty(), "Type or paste addresses first."),
            Action::Web(WebAction::Add) => unless(self.web.chosen() > 0, "No picture is chosen."),
            Action::SelectAll | Action::Clear | Action::Remove
                if self.pictures.is_empty() && self.pictures.problems.is_empty() =>
            {
                Some("There are no pictures.")
            }
            Action::Remove if !self.is_running() => unless(self.pictures.selected() > 0, NOT_SELECTED),
            Action::Clear
            | Action::Remove
            | Action::SetExecutor(_)
            | Action::SetPriority(_)
            | Action::ChangeSettings(_)
            | Action::SetLimits(_) => unless(!self.is_running(), RUN_IN_PROGRESS),
            Action::Start | Action::Plan(PlanAction::Open | PlanAction::Start) => self.start_disabled_reason(),
            Action::Runs(action) => self.runs_disabled_reason(action),
            Action::CopyResult => unless(self.pictures.current().is_some(), "No picture is shown."),
            Action::RemoveFinished => {
                let reason = unless(!self.is_running(), RUN_IN_PROGRESS);
                reason.or_else(|| unless(self.pictures.has_finished(), "No picture in the list has been finished."))
            }
            Action::LookIntoLeftOut => {
                unless(self.pictures.not_looked_into().next().is_some(), "No files were left out.")
            }
            Action::Pause => unless(self.run.is_some(), NO_RUN),
            Action::Stop => unless(self.is_running(), NO_RUN),
            Action::OpenResults => {
                let folder = self.summary.as_ref().and_then(|summary| summary.folder.as_deref());
                // Whether it is still there is not asked here: a share may take long to answer.
                unless(folder.is_some(), NO_RESULTS)
            }
            Action::ExportTimeline => {
                unless(self.timelines.shown().is_some(), "There is no timeline yet; it appears with the first run.")
            }
            _ => None,
        }
    }

    fn start_disabled_reason(&self) -> Option<&'static str> {
        if self.is_running() {
            return Some("A run is in progress.");
        }
        if self.is_measuring() {
            return Some("Not while the lab is measuring.");
        }
        if self.past.loading.is_some() {
            return Some("A run is being loaded.");
        }
        let is_left = self.pictures.is_empty() || self.pictures.included() > 0;
        unless(!self.pictures.is_empty(), NO_PICTURES).or_else(|| unless(is_left, ALL_EXCLUDED))
    }

    fn runs_disabled_reason(&self, action: &RunsAction) -> Option<&'static str> {
        let busy = || {
            if self.past.loading.is_some() {
                return Some("A run is being loaded.");
            }
            let other = self.is_measuring().then_some("Not while the lab is measuring.");
            unless(!self.is_running(), RUN_IN_PROGRESS).or(other)
        };
        match action {
            RunsAction::Resume(_) | RunsAction::Retry(_) | RunsAction::AskUndo(_) | RunsAction::Undo => busy(),
            RunsAction::OpenSummary => unless(self.summary.is_some(), NO_RESULTS),
            RunsAction::RetryFailed => busy().or_else(|| {
                let last = self.summary.as_ref().filter(|summary| summary.journal.is_some());
                unless(last.is_some_and(|summary| summary.totals.failed > 0), "No picture of the last run failed.")
            }),
            _ => None,
        }
    }

    fn recipe_disabled_reason(&self, action: &RecipeAction) -> Option<&'static str> {
        match action {
            RecipeAction::Undo => unless(self.history.can_undo(), "There is nothing to undo."),
            RecipeAction::Copy(None) | RecipeAction::RemoveAll => {
                unless(!self.stack().steps(self.recipe()).is_empty(), "There are no filters in this stack.")
            }
            RecipeAction::Redo => unless(self.history.can_redo(), "There is nothing to redo."),
            RecipeAction::Adjust(..) => unless(self.pictures.current().is_some(), NOT_SELECTED),
            _ => None,
        }
    }

    fn view_disabled_reason(&self, action: &ViewAction) -> Option<&'static str> {
        match action {
            ViewAction::CycleStack(_) => unless(!self.recipe().outputs.is_empty(), "The recipe has no outputs."),
            ViewAction::CycleOnPicture => unless(self.pictures.current().is_some(), NOT_SELECTED).or_else(|| {
                let is_any = self.on_picture.is_some() || self.placeable_steps().next().is_some();
                unless(is_any, "No filter has a place on the picture, as Crop has.")
            }),
            ViewAction::ZoomFit
            | ViewAction::ZoomFull
            | ViewAction::ZoomIn
            | ViewAction::ZoomOut
            | ViewAction::ToggleBefore
            | ViewAction::ToggleEncoded => unless(self.pictures.current().is_some(), NOT_SELECTED),
            _ => None,
        }
    }

    fn list_disabled_reason(&self, action: &ListAction) -> Option<&'static str> {
        match action {
            ListAction::Open | ListAction::ShowFolder => {
                let current = self.pictures.current();
                let is_file = current.is_some_and(|entry| entry.found.source.path().is_some());
                unless(current.is_some(), NOT_SELECTED)
                    .or_else(|| unless(is_file, "The picture is no file of its own."))
            }
            ListAction::Exclude if self.is_running() => Some(RUN_IN_PROGRESS),
            ListAction::CopyPaths | ListAction::Rotate(_) | ListAction::Exclude => {
                unless(self.pictures.selected() > 0, NOT_SELECTED)
            }
            ListAction::ResetAdjustments => {
                let mut selected = self.pictures.entries().iter().filter(|entry| entry.selected);
                let overrides = self.history.overrides();
                let has_some = !overrides.is_empty() && selected.any(|e| overrides.contains_key(&e.found.source));
                unless(has_some, "Nothing is different for the selected pictures.")
            }
            ListAction::FocusFind => unless(!self.pictures.is_empty(), NO_PICTURES),
            ListAction::SortBy(_) | ListAction::Reverse | ListAction::Find(_) => None,
        }
    }

    fn lab_disabled_reason(&self, action: &LabAction) -> Option<&'static str> {
        let measures = matches!(action, LabAction::Start | LabAction::Recommend);
        if measures && self.is_running() {
            return Some(RUN_IN_PROGRESS);
        }
        if measures && self.is_measuring() {
            return Some("A measurement is in progress.");
        }
        let has_results = self.lab.shown.as_ref().is_some_and(|shown| !shown.results.runs.is_empty());
        match action {
            LabAction::Start | LabAction::Recommend if self.pictures.is_empty() => Some(NO_PICTURES),
            LabAction::Start | LabAction::Recommend if self.pictures.included() == 0 => Some(ALL_EXCLUDED),
            LabAction::Start => unless(
                !self.lab.plan.choices(&self.settings).is_empty(),
                "Choose at least one executor and one number of workers.",
            ),
            LabAction::Stop => unless(self.lab.measurement.is_some(), "Nothing is being measured."),
            LabAction::Apply(_) => unless(!self.is_running(), RUN_IN_PROGRESS),
            LabAction::Save if has_results => {
                unless(self.lab.folder.is_some() && !self.lab.name.trim().is_empty(), "Give the results a name first.")
            }
            LabAction::Save | LabAction::Export(_) => unless(has_results, NO_RESULTS),
            _ => None,
        }
    }

    /// The text of the menu entry of `action`: Undo and Redo say what they would undo and redo.
    pub fn menu_text<'a>(&self, action: &Action, presentation: &'a Presentation) -> Cow<'a, str> {
        let change = match action {
            Action::Recipe(RecipeAction::Undo) => self.history.undone_next(),
            Action::Recipe(RecipeAction::Redo) => self.history.redone_next(),
            _ => None,
        };
        match change {
            Some(change) => Cow::Owned(format!("{}: {change}", presentation.text)),
            None => Cow::Borrowed(&presentation.text),
        }
    }

    /// Whether the menu entry of `action` carries a check mark; `None` for those that never do.
    pub fn is_checked(&self, action: &Action) -> Option<bool> {
        let appearance = &self.appearance;
        Some(match action {
            Action::SetExecutor(executor) => self.settings.executor == *executor,
            Action::SetPriority(priority) => self.settings.priority == *priority,
            Action::SetAfterRun(action) => self.after_run == *action,
            Action::List(ListAction::SortBy(by)) => self.listed.arrangement.sort == *by,
            Action::List(ListAction::Reverse) => self.listed.arrangement.descending,
            Action::List(ListAction::Exclude) => self.is_selection_excluded(),
            Action::View(ViewAction::SetTheme(theme)) => appearance.theme == *theme,
            Action::View(ViewAction::TogglePanel(panel)) => appearance.shows(panel),
            Action::View(ViewAction::ToggleSheet) => appearance.sheet,
            Action::View(ViewAction::ToggleBefore) => appearance.preview_mode == PreviewMode::Before,
            Action::View(ViewAction::ToggleSplit) => appearance.preview_mode == PreviewMode::Split,
            Action::View(ViewAction::ToggleSideBySide) => appearance.preview_mode == PreviewMode::SideBySide,
            Action::View(ViewAction::SetInterfaceSize(percent)) => appearance.interface_percent == *percent,
            Action::View(ViewAction::CycleOnPicture) => self.edited_on_picture().is_some(),
            Action::View(ViewAction::ToggleEncoded) => appearance.encoded,
            Action::View(ViewAction::ToggleFullScreen) => appearance.full_screen,
            Action::View(ViewAction::ZoomFit) => appearance.zoom == Zoom::Fit,
            Action::View(ViewAction::ZoomFull) => appearance.zoom == Zoom::Scale(1.0),
            _ => return None,
        })
    }
}
