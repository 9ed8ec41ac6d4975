//! Everything the window knows. Only `dispatch` changes it; the views read it.

use std::borrow::Cow;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use crate::batch::{AfterRun, ImageState, Outcome, OutputSettings, Progress, RESULT_FOLDER, Settings, Source};
use crate::codec::{Limits, SomeLimits};
use crate::gui::model::appearance::Appearance;
use crate::gui::model::archive_kind::is_archive;
use crate::gui::model::dialog::{Dialog, PathPrompt, PathPurpose};
use crate::gui::model::filter_shelf::FilterShelf;
use crate::gui::model::history::{History, Mark};
use crate::gui::model::keymap::Keymap;
use crate::gui::model::lab::{LabState, LabTab};
use crate::gui::model::lessons::LessonsState;
use crate::gui::model::listed::{Listed, Shown};
use crate::gui::model::name_samples::NameSample;
use crate::gui::model::notice::Notice;
use crate::gui::model::optional_panels::METADATA;
use crate::gui::model::past_runs::PastRuns;
use crate::gui::model::pictures::{Entry, Pictures};
use crate::gui::model::placeable::OnPicture;
use crate::gui::model::plan::{PlanRequest, PlanView};
use crate::gui::model::presets::Presets;
use crate::gui::model::run::{ComparisonBasis, Places, Run, RunCounts, RunSummary, Starting, Suspension};
use crate::gui::model::stack::{self, Stack};
use crate::gui::model::timelines::Timelines;
use crate::gui::model::watch::Watch;
use crate::gui::model::web::WebPictures;
use crate::gui::text;
use crate::lab::{Comparison, RunRecord};
use crate::recipe::{ExportSettings, FormatChoice, Recipe};

/// What fills the window below the toolbar.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Page {
    Pictures,
    Lab(LabTab),
}

/// The limits on what is read.
#[derive(Debug, Default)]
pub struct LimitChoices {
    /// Those given for this session alone.
    pub session: SomeLimits,
    /// Those to remember for the next one.
    pub remembered: Limits,
}

/// What the export settings were when they were opened.
#[derive(Debug)]
pub struct ExportBackup {
    pub output: OutputSettings,
    pub recipe: Mark,
}

/// How many folders are remembered.
const RECENT: usize = 8;

/// Everything the window knows.
#[derive(Debug)]
pub struct State {
    pub pictures: Pictures,
    /// Which of them the list shows, and in which order.
    pub listed: Listed,
    /// Searches for pictures in progress.
    pub discovering: usize,
    /// The recipe, what is different for single pictures, and their past.
    pub history: History,
    pub presets: Presets,
    /// Where results go.
    pub output: OutputSettings,
    /// How the first results will be called.
    pub name_samples: Vec<NameSample>,
    /// Who does the work.
    pub settings: Settings,
    pub limits: LimitChoices,
    /// The plan that is shown.
    pub plan: Option<PlanView>,
    pub past: PastRuns,
    pub starting: Option<Starting>,
    pub run: Option<Run>,
    /// What is done once a run has ended.
    pub after_run: AfterRun,
    pub suspension: Option<Suspension>,
    /// A folder that is searched and does not answer.
    pub unanswered: Option<PathBuf>,
    /// The last run that ended.
    pub summary: Option<RunSummary>,
    /// What the lanes of the last runs did.
    pub timelines: Timelines,
    /// Runs that can be compared.
    pub records: Vec<RunRecord>,
    /// What the records share.
    pub basis: Option<ComparisonBasis>,
    pub lab: LabState,
    pub lessons: LessonsState,
    pub watch: Watch,
    pub web: WebPictures,
    pub appearance: Appearance,
    pub dialog: Option<Dialog>,
    /// What Cancel in the export settings goes back to.
    pub export_backup: Option<ExportBackup>,
    /// Folders that pictures were added from, the last one first.
    pub recent_folders: Vec<PathBuf>,
    pub shelf: FilterShelf,
    /// Which keys do what.
    pub keys: Keymap,
    /// What is edited on the picture.
    pub on_picture: Option<OnPicture>,
    pub notice: Option<Notice>,
    /// Whether the user has confirmed quitting.
    pub quitting: bool,
}

impl State {
    pub const fn recipe(&self) -> &Recipe {
        self.history.recipe()
    }

    /// The output that the preview shows.
    pub fn shown_output(&self) -> usize {
        self.appearance.output.min(self.recipe().outputs.len().saturating_sub(1))
    }

    /// The stack of filters that is edited: the common one, or that of the output in the preview.
    pub fn stack(&self) -> Stack {
        let own = self.appearance.own_stack && !self.recipe().outputs.is_empty();
        if own { Stack::Output(self.shown_output()) } else { Stack::Common }
    }

    /// Shows a stack for editing; the preview follows to its output.
    pub fn show_stack(&mut self, stack: Stack) {
        match stack {
            Stack::Common => self.appearance.own_stack = false,
            Stack::Output(index) => (self.appearance.own_stack, self.appearance.output) = (true, index),
        }
    }

    /// Changes the recipe or moves in its past. The output that is shown is followed to its new place in the list; if it
    /// is gone, the common filters are edited.
    pub fn change(&mut self, change: impl FnOnce(&mut History)) {
        let names: Vec<String> = self.recipe().outputs.iter().map(|output| output.name.clone()).collect();
        let shown = self.shown_output();
        change(&mut self.history);
        match stack::follow_output(&names, &self.recipe().outputs, shown) {
            Some(index) => self.appearance.output = index,
            None => self.appearance.own_stack = false,
        }
    }

    /// As [`Self::change`], and shows a stack that changed, so that no undo goes unseen.
    pub fn change_and_show(&mut self, change: impl FnOnce(&mut History)) {
        let before = self.recipe().clone();
        self.change(change);
        let changed = Stack::changed(&before, self.recipe());
        if let Some(first) = changed.first()
            && !changed.contains(&self.stack())
        {
            self.show_stack(*first);
        }
    }

    /// The recipe in the preview: that of a preset which is tried, or the one that is edited.
    fn previewed(&self) -> &Recipe {
        let tried = self.presets.tried.as_ref().and_then(|tried| tried.recipe.as_ref());
        tried.unwrap_or_else(|| self.recipe())
    }

    /// The output of that recipe which the preview shows.
    pub fn previewed_output(&self) -> usize {
        self.appearance.output.min(self.previewed().outputs.len().saturating_sub(1))
    }

    /// What the preview does to the picture in `source`: the recipe with the picture's overrides, up to what is edited on
    /// the picture. How results are saved is left out where it does not change what is shown.
    pub fn recipe_shown(&self, source: &Source) -> Recipe {
        let recipe = self.previewed();
        let overrides = self.history.overrides_of(source);
        let edited = self.edited_on_picture();
        let mut shown = match edited {
            Some(target) => self.recipe_up_to(target, source),
            None => overrides.apply(recipe).map_or_else(|_| recipe.clone(), Cow::into_owned),
        };
        if edited.is_some() || !self.appearance.encoded && !self.appearance.shows(&METADATA) {
            let exports = std::iter::once(&mut shown.export).chain(shown.outputs.iter_mut().map(|o| &mut o.export));
            exports.for_each(|export| *export = ExportSettings::default());
        }
        shown
    }

    /// The counters of the run in progress.
    pub fn progress(&self) -> Option<&Progress> {
        self.run.as_ref().map(Run::progress)
    }

    /// The state of the picture at this place of the list.
    pub fn picture_state(&self, place: usize) -> ImageState {
        let in_run = self.run.as_ref().and_then(|run| {
            let job = run.places.job(place).filter(|job| *job < run.progress().total())?;
            Some(run.progress().state(job))
        });
        in_run.unwrap_or_else(|| self.pictures.entries()[place].settled())
    }

    /// Whether a run is in progress or about to start.
    pub const fn is_running(&self) -> bool {
        self.run.is_some() || self.starting.is_some()
    }

    /// Whether the lab measures or a lesson is being tried.
    pub const fn is_measuring(&self) -> bool {
        self.lab.measurement.is_some() || self.lessons.trial.is_some()
    }

    pub fn is_paused(&self) -> bool {
        self.run.as_ref().is_some_and(|r| r.running.control().is_paused())
    }

    /// The pictures that the list shows.
    pub fn shown(&self) -> Shown<'_> {
        if self.appearance.only_failed { Shown::Some(&self.pictures.failed) } else { self.listed.shown(&self.pictures) }
    }

    /// The pictures that an adjustment changes: the current one, with the others that are selected if it is.
    pub fn adjusted(&self) -> impl Iterator<Item = &Entry> {
        let current = self.pictures.current_index();
        let together = self.pictures.current().is_some_and(|entry| entry.selected);
        let entries = self.pictures.entries().iter().enumerate();
        let adjusted = entries.filter(move |(i, entry)| if together { entry.selected } else { Some(*i) == current });
        adjusted.map(|(_, entry)| entry)
    }

    /// Whether runs leave out every picture that is selected.
    pub fn is_selection_excluded(&self) -> bool {
        let mut selected = self.pictures.entries().iter().filter(|entry| entry.selected);
        self.pictures.selected() > 0 && self.pictures.excluded() > 0 && selected.all(|entry| entry.excluded)
    }

    /// Where the pictures of the next run stand in the list.
    pub fn next_places(&self) -> Places {
        self.pictures.places_of_files().map_or_else(Places::default, Places::of)
    }

    /// What the next run would share with other runs.
    pub fn next_basis(&self) -> ComparisonBasis {
        ComparisonBasis {
            revision: self.pictures.revision(),
            recipe: self.recipe().clone(),
            overrides: Arc::clone(self.history.overrides()),
            output: self.output.clone(),
        }
    }

    /// What the next run is to be planned from.
    pub fn plan_request(&self) -> PlanRequest {
        PlanRequest {
            files: self.pictures.files(),
            recipe: self.recipe().clone(),
            overrides: Arc::clone(self.history.overrides()),
            output: self.named_output(),
            settings: self.settings.clone(),
        }
    }

    /// Whether the next run can be compared with the recorded ones.
    pub fn is_comparable(&self) -> bool {
        self.basis.as_ref().is_some_and(|basis| self.is_next_basis(basis))
    }

    /// Whether the next run would share this with others.
    pub fn is_next_basis(&self, basis: &ComparisonBasis) -> bool {
        let same = basis.revision == self.pictures.revision() && basis.recipe == *self.recipe();
        same && basis.overrides == *self.history.overrides() && basis.output == self.output
    }

    /// The recorded runs side by side.
    pub fn comparison(&self) -> Comparison {
        Comparison::of(&self.records)
    }

    /// Name of the preset or recipe file in use; empty once its recipe has been changed.
    pub fn recipe_name(&self) -> &str {
        match &self.presets.last {
            Some(last) if last.recipe == *self.recipe() => &last.name,
            _ => "",
        }
    }

    /// Where the results of the next run go.
    pub fn named_output(&self) -> OutputSettings {
        OutputSettings { recipe_name: self.recipe_name().to_owned(), ..self.output.clone() }
    }

    /// Remembers a folder that pictures come from.
    pub fn remember_folder(&mut self, folder: &Path) {
        if self.recent_folders.first().is_some_and(|first| first == folder) {
            return;
        }
        self.recent_folders.retain(|other| other != folder);
        self.recent_folders.insert(0, folder.to_path_buf());
        self.recent_folders.truncate(RECENT);
    }

    /// Shows a message.
    pub fn notify(&mut self, notice: Notice) {
        self.notice = Some(notice);
    }

    /// Asks for a path by typing; `no_dialog` says that this stands in for a file dialog.
    pub fn ask_in_window(&mut self, purpose: PathPurpose, no_dialog: bool) {
        let prompt = PathPrompt { purpose, no_dialog, text: String::new(), problem: None };
        self.dialog = Some(Dialog::Path(prompt));
    }

    /// Closes the dialog; a question that another dialog asked leads back to that.
    pub fn close_dialog(&mut self) {
        if self.dialog == Some(Dialog::ExportSettings) {
            self.export_backup = None;
        }
        self.dialog = match self.dialog.take() {
            Some(Dialog::Path(prompt)) if prompt.purpose.belongs_to_export() => Some(Dialog::ExportSettings),
            // Its end is waited for.
            Some(Dialog::UndoRun) if self.past.is_removing() => Some(Dialog::UndoRun),
            Some(Dialog::UndoRun) => {
                let from_history = self.past.undo.take().is_some_and(|undo| undo.from_history);
                from_history.then_some(Dialog::History)
            }
            _ => None,
        };
    }

    pub const fn page(&self) -> Page {
        match self.lab.tab {
            Some(tab) => Page::Lab(tab),
            None => Page::Pictures,
        }
    }

    /// The folder that the next run would write its first result into.
    pub fn target_folder(&self) -> Option<PathBuf> {
        if let Some(folder) = &self.output.folder {
            return Some(folder.clone());
        }
        let entry = self.pictures.entries().first()?;
        Some(entry.found.root.as_deref().unwrap_or(entry.path()).parent()?.join(RESULT_FOLDER))
    }

    /// How and where results are saved, in one sentence.
    pub fn export_sentence(&self) -> String {
        let place = self.output.folder.as_deref().map_or_else(|| RESULT_FOLDER.to_owned(), text::short_path);
        let place = match (is_archive(&self.output), self.output.shard_bytes) {
            (true, None) => place,
            (true, Some(bytes)) => format!("{place} in shards of {} MiB", bytes >> 20),
            (false, _) => format!("{}/", place.trim_end_matches('/')),
        };
        let export = &self.recipe().export;
        let quality = export.options.quality();
        let changes_none = !self.recipe().steps().any(|step| step.enabled);
        let copies = export.copy_unchanged && export.leaves_pictures();
        match (self.recipe().outputs.len(), export.format) {
            (0, FormatChoice::Same) if copies => {
                format!("Save in the same format → {place} (unchanged pictures are copied)")
            }
            (0, FormatChoice::Same) if changes_none => {
                format!("Save in the same format → {place} (JPEGs are encoded again at {quality})")
            }
            (0, FormatChoice::Same) => format!("Save in the same format → {place}"),
            (0, FormatChoice::To(codec)) if copies => {
                let title = codec.title;
                format!("Save as {title} → {place} (unchanged pictures are copied)")
            }
            (0, FormatChoice::To(codec)) if codec.lossy && changes_none => {
                format!("Save as {title} {quality} → {place} ({title}s are encoded again)", title = codec.title)
            }
            (0, FormatChoice::To(codec)) if codec.lossy => format!("Save as {} {quality} → {place}", codec.title),
            (0, FormatChoice::To(codec)) => format!("Save as {} → {place}", codec.title),
            (1, _) => format!("Save 1 output → {place}"),
            (n, _) => format!("Save {n} outputs → {place}"),
        }
    }

    /// Counts of the run in progress or of the last one.
    pub fn counts(&self) -> RunCounts {
        match (self.progress(), &self.summary) {
            (Some(progress), _) => RunCounts {
                finished: progress.finished(),
                partial: progress.count(Outcome::Partial),
                failed: progress.count(Outcome::Failed),
            },
            (None, Some(RunSummary { totals, .. })) => RunCounts {
                finished: totals.done + totals.partial + totals.failed,
                partial: totals.partial,
                failed: totals.failed,
            },
            (None, None) => RunCounts::default(),
        }
    }
}
