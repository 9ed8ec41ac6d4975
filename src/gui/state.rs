//! Everything that the window knows. Only `app` changes it; the panels read it.

use std::borrow::Cow;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::AtomicBool;
use std::time::Duration;

use crossbeam_channel::Receiver;

use super::Action;
use super::history::History;
use super::lab::{self, Export, LabState};
pub use super::look::{Look, Shown, Zoom};
use super::pace::Pace;
use super::pictures::Pictures;
use super::presets::Presets;
use super::tabs::{self, Stack};
use super::timeline::Timelines;
use crate::batch::{
    ImageReport, Outcome, OutputSettings, OverridesByFile, Progress, RESULT_FOLDER, Running, Settings, Totals,
};
use crate::codec::{Limits, SomeLimits};
use crate::lab::{Comparison, RunRecord, Trace};
use crate::recipe::{FormatChoice, Recipe};

/// What lies over the window and wants an answer.
#[derive(Debug, Clone, PartialEq)]
pub enum Modal {
    /// Where results go and how they are saved.
    Export,
    /// Own presets.
    Presets,
    /// A path is typed.
    Path(PathQuestion),
    /// Whether the run is to be stopped.
    Stop,
    /// Whether to quit although a run is under way.
    Quit,
    /// What settings are recommended.
    Recommend,
    /// What threads and cores are.
    Explain,
    /// All shortcuts.
    Shortcuts,
    /// Name, version, licence.
    About,
}

/// Why a path is asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Ask {
    /// Picture files for the list.
    Files,
    /// Folders for the list.
    Folder,
    /// A recipe to load.
    OpenRecipe,
    /// A file to save the recipe in.
    SaveRecipe,
    /// A file to share a preset as.
    SharePreset,
    /// A shared recipe file to take in as a preset.
    ImportPreset,
    /// A file to save the timeline in.
    SaveTimeline,
    /// A file to export results of the lab in.
    SaveResults(Export),
    /// The folder for results.
    OutputFolder,
    /// The profile file of an output, or of a recipe that lists none.
    Profile(Option<usize>),
    /// A file that a filter's parameter refers to.
    ParamFile {
        /// The stack.
        stack: Stack,
        /// Place in the stack.
        step: usize,
        /// Place of the parameter.
        param: usize,
    },
}

/// A question for a path that is answered by typing.
#[derive(Debug, Clone, PartialEq)]
pub struct PathQuestion {
    /// What it is for.
    pub purpose: Ask,
    /// Whether this stands in for a dialog that could not open.
    pub no_dialog: bool,
    /// What is typed so far.
    pub text: String,
    /// What is wrong with it.
    pub problem: Option<String>,
}

/// How serious a notice is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Tone {
    /// Something that is good to know.
    Info,
    /// Something that did not work.
    Error,
}

/// A sentence for the person, shown until the next one or until it is dismissed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Notice {
    /// How serious it is.
    pub tone: Tone,
    /// The sentence.
    pub text: String,
}

/// A run under way.
#[derive(Debug)]
pub struct Run {
    /// The engine's handle.
    pub running: Running,
    /// Who carries it, as it was when it began.
    pub settings: Settings,
    /// Ends of pictures, as they come.
    pub finished: Receiver<Box<ImageReport>>,
    /// Set while a repaint is due, so that the sink asks for one only once a frame.
    pub repaint_due: Arc<AtomicBool>,
    /// How often the window is drawn meanwhile.
    pub pace: Pace,
}

impl Run {
    /// Its counters.
    pub fn progress(&self) -> &Progress {
        self.running.progress()
    }

    /// Time left at the pace so far.
    pub fn time_left(&self) -> Option<Duration> {
        let progress = self.progress();
        let finished = progress.finished();
        let elapsed = self.running.elapsed().as_secs_f64();
        (finished > 0 && elapsed > 0.5)
            .then(|| Duration::from_secs_f64(elapsed / finished as f64 * (progress.total() - finished) as f64))
    }
}

/// A run that is being planned and started.
#[derive(Debug)]
pub struct Starting {
    /// The run, once it is under way, or why it could not begin.
    pub begun: Receiver<Result<Box<Begun>, String>>,
    /// Whether it is to be stopped as soon as it is there.
    pub stopped: bool,
}

/// A run that has just begun.
#[derive(Debug)]
pub struct Begun {
    /// The run.
    pub run: Run,
    /// Its timeline, still empty.
    pub trace: Trace,
    /// The folder that holds all its results.
    pub folder: Option<PathBuf>,
    /// The list as it was.
    pub revision: u64,
    /// What it shares with others.
    pub basis: Basis,
}

/// The last run that ended.
#[derive(Debug, Clone)]
pub struct Summary {
    /// Its figures.
    pub totals: Totals,
    /// Who carried it.
    pub settings: Settings,
    /// A folder that it wrote into.
    pub folder: Option<PathBuf>,
}

/// What a run must share with others to be compared with them.
#[derive(Debug, Clone, PartialEq)]
pub struct Basis {
    revision: u64,
    recipe: Recipe,
    overrides: Arc<OverridesByFile>,
    output: OutputSettings,
}

/// Everything that the window knows.
#[derive(Debug)]
pub struct State {
    /// The list.
    pub pictures: Pictures,
    /// The recipe and its past.
    pub history: History,
    /// Where results go.
    pub output: OutputSettings,
    /// Who carries the work.
    pub settings: Settings,
    /// The run that is being planned.
    pub starting: Option<Starting>,
    /// The run under way.
    pub run: Option<Run>,
    /// The last run that ended.
    pub summary: Option<Summary>,
    /// What the lanes of the last runs did.
    pub timelines: Timelines,
    /// Own presets.
    pub presets: Presets,
    /// The lab.
    pub lab: LabState,
    /// Runs that can be compared.
    pub records: Vec<RunRecord>,
    /// What the records share.
    pub basis: Option<Basis>,
    /// How the window is arranged.
    pub look: Look,
    /// What lies over the window.
    pub modal: Option<Modal>,
    /// The sentence at the bottom.
    pub notice: Option<Notice>,
    /// Discoveries under way.
    pub discovering: usize,
    /// Limits that were given for this session, and those that are remembered.
    pub limits: (SomeLimits, Limits),
}

impl State {
    /// The recipe as it is.
    pub const fn recipe(&self) -> &Recipe {
        self.history.recipe()
    }

    /// The output that the preview shows.
    pub fn shown_output(&self) -> usize {
        self.look.output.min(self.recipe().outputs.len().saturating_sub(1))
    }

    /// The stack of filters that is edited: the common one, or that of the output that the preview shows.
    pub fn stack(&self) -> Stack {
        let own = self.look.own_stack && !self.recipe().outputs.is_empty();
        if own { Stack::Output(self.shown_output()) } else { Stack::Common }
    }

    /// Has a stack edited; that of an output is edited before the eyes.
    pub fn show_stack(&mut self, stack: Stack) {
        match stack {
            Stack::Common => self.look.own_stack = false,
            Stack::Output(index) => (self.look.own_stack, self.look.output) = (true, index),
        }
    }

    /// Changes the recipe or moves in its past. The output that is shown stays the one that it was, wherever it stands
    /// then; where it is gone, the common filters are edited.
    pub fn change(&mut self, change: impl FnOnce(&mut History)) {
        let names: Vec<String> = self.recipe().outputs.iter().map(|output| output.name.clone()).collect();
        let shown = self.shown_output();
        change(&mut self.history);
        match tabs::follow(&names, &self.recipe().outputs, shown) {
            Some(index) => self.look.output = index,
            None => self.look.own_stack = false,
        }
    }

    /// As [`Self::change`], and shows a stack that it changed, so that no undo goes unseen.
    pub fn change_in_sight(&mut self, change: impl FnOnce(&mut History)) {
        let before = self.recipe().clone();
        self.change(change);
        let changed = Stack::changed(&before, self.recipe());
        if let Some(first) = changed.first()
            && !changed.contains(&self.stack())
        {
            self.show_stack(*first);
        }
    }

    /// What the preview does to the picture in `file`: the recipe with what is different for it. How results are saved is
    /// left out where it makes no difference to what is shown.
    pub fn recipe_shown(&self, file: &Path) -> Recipe {
        let recipe = self.recipe();
        let overrides = self.history.overrides_of(file);
        let mut shown = overrides.apply(recipe).map_or_else(|_| recipe.clone(), Cow::into_owned);
        if !self.look.encoded {
            let exports = std::iter::once(&mut shown.export).chain(shown.outputs.iter_mut().map(|o| &mut o.export));
            exports.for_each(|export| *export = crate::recipe::Export::default());
        }
        shown
    }

    /// The counters of the run under way.
    pub fn progress(&self) -> Option<&Progress> {
        self.run.as_ref().map(Run::progress)
    }

    /// Whether a run is under way or about to begin.
    pub const fn is_running(&self) -> bool {
        self.run.is_some() || self.starting.is_some()
    }

    /// Whether the run under way is paused.
    pub fn is_paused(&self) -> bool {
        self.run.as_ref().is_some_and(|r| r.running.control().is_paused())
    }

    /// What the next run would share with others.
    pub fn basis_now(&self) -> Basis {
        Basis {
            revision: self.pictures.revision(),
            recipe: self.recipe().clone(),
            overrides: Arc::clone(self.history.overrides()),
            output: self.output.clone(),
        }
    }

    /// Whether the next run can be compared with the recorded ones.
    pub fn is_comparable(&self) -> bool {
        self.basis.as_ref().is_some_and(|b| {
            let same = b.revision == self.pictures.revision() && b.recipe == *self.recipe();
            same && b.overrides == *self.history.overrides() && b.output == self.output
        })
    }

    /// Whether a run of this kind can be compared with the recorded ones.
    pub fn is_comparable_to(&self, basis: &Basis) -> bool {
        self.basis.as_ref() == Some(basis)
    }

    /// The recorded runs side by side.
    pub fn comparison(&self) -> Comparison {
        Comparison::of(&self.records)
    }

    /// Puts up a sentence.
    pub fn say(&mut self, tone: Tone, text: impl Into<String>) {
        self.notice = Some(Notice { tone, text: text.into() });
    }

    /// The folder that the next run would write its first result into.
    pub fn target_folder(&self) -> Option<PathBuf> {
        if let Some(folder) = &self.output.folder {
            return Some(folder.clone());
        }
        let source = &self.pictures.entries().first()?.source;
        Some(source.root.as_deref().unwrap_or(&source.path).parent()?.join(RESULT_FOLDER))
    }

    /// Format and quality in a word or two.
    pub fn format_words(&self) -> String {
        let export = &self.recipe().export;
        if !self.recipe().outputs.is_empty() {
            return super::text::plural(self.recipe().outputs.len(), "output");
        }
        match export.format {
            FormatChoice::Same => "Same format".to_owned(),
            FormatChoice::To(codec) if codec.lossy => format!("{} {}", codec.title, export.options.quality),
            FormatChoice::To(codec) => codec.title.to_owned(),
        }
    }

    /// Where results go, in a few words.
    pub fn target_words(&self) -> String {
        self.output.folder.as_deref().map_or_else(|| "beside the source".to_owned(), super::text::short_path)
    }

    /// Why `action` cannot be done now; `None` if it can.
    pub fn why_not(&self, action: &Action) -> Option<&'static str> {
        const RUNNING: &str = "Not while a run is under way.";
        let unless = |ok: bool, why| (!ok).then_some(why);
        match action {
            Action::Undo => unless(self.history.can_undo(), "There is nothing to undo."),
            Action::Redo => unless(self.history.can_redo(), "There is nothing to redo."),
            Action::TurnStack(_) => unless(!self.recipe().outputs.is_empty(), "The recipe lists no outputs."),
            Action::SelectAll | Action::Clear | Action::Remove
                if self.pictures.is_empty() && self.pictures.problems.is_empty() =>
            {
                Some("There are no pictures.")
            }
            Action::Clear => unless(!self.is_running(), RUNNING),
            Action::Remove if self.is_running() => Some(RUNNING),
            Action::Remove => unless(self.pictures.selected() > 0, "No picture is selected."),
            Action::SetExecutor(_)
            | Action::SetIoThreads(_)
            | Action::SetCores(_)
            | Action::SetMemory(_)
            | Action::SetQueue(_)
            | Action::SetTimeLimit(_)
            | Action::SetLimits(_)
            | Action::SetPriority(_)
            | Action::SetSlowSource(_) => unless(!self.is_running(), RUNNING),
            Action::Lab(action) => lab::why_not(self, action),
            Action::Start if self.is_running() => Some("A run is under way."),
            Action::Start if self.lab.task.is_some() => Some("Not while the lab measures."),
            Action::Start => unless(!self.pictures.is_empty(), "Add pictures first."),
            Action::Pause => unless(self.run.is_some(), "No run is under way."),
            Action::Stop => unless(self.is_running(), "No run is under way."),
            Action::OpenResults => unless(
                self.summary.as_ref().is_some_and(|s| s.folder.as_deref().is_some_and(Path::is_dir)),
                "There are no results yet.",
            ),
            Action::ExportTimeline => {
                unless(self.timelines.shown().is_some(), "There is no timeline yet; it comes with the first run.")
            }
            Action::SetOnly(..) => unless(self.pictures.current().is_some(), "No picture is selected."),
            Action::ZoomFit
            | Action::ZoomFull
            | Action::ZoomIn
            | Action::ZoomOut
            | Action::ToggleBefore
            | Action::ToggleEncoded => unless(self.pictures.current().is_some(), "No picture is selected."),
            _ => None,
        }
    }

    /// Whether the entry of `action` carries a check mark; `None` for those that never do.
    pub fn checked(&self, action: &Action) -> Option<bool> {
        Some(match action {
            Action::SetExecutor(executor) => self.settings.executor == *executor,
            Action::SetPriority(priority) => self.settings.priority == *priority,
            Action::SetTheme(theme) => self.look.theme == *theme,
            Action::ToggleComparison => self.look.comparison,
            Action::ToggleTimeline => self.look.timeline,
            Action::ToggleSheet => self.look.sheet,
            Action::ToggleBefore => self.look.shown == Shown::Before,
            Action::ToggleSplit => self.look.shown == Shown::Split,
            Action::ToggleEncoded => self.look.encoded,
            Action::ToggleFullScreen => self.look.full_screen,
            Action::ZoomFit => self.look.zoom == Zoom::Fit,
            Action::ZoomFull => self.look.zoom == Zoom::Scale(1.0),
            _ => return None,
        })
    }

    /// Counts of the run under way or of the last one: finished, in part, failed.
    pub fn counts(&self) -> (usize, usize, usize) {
        match (self.progress(), &self.summary) {
            (Some(p), _) => (p.finished(), p.count(Outcome::Partial), p.count(Outcome::Failed)),
            (None, Some(s)) => (s.totals.done + s.totals.partial + s.totals.failed, s.totals.partial, s.totals.failed),
            (None, None) => (0, 0, 0),
        }
    }
}
