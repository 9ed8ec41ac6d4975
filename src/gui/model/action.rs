//! What the user can do. [`presentation`](super::presentation) says how it is offered, `dispatch` what it does.

use std::path::PathBuf;
use std::sync::Arc;

use egui::{ColorImage, KeyboardShortcut};

use crate::batch::{AfterRun, Executor, OutputSettings, Priority, Settings, SlowSource};
use crate::codec::Limits;
use crate::filter::{FilterSpec, Value};
use crate::gui::model::adjustment::Adjustment;
use crate::gui::model::appearance::{PreviewMode, Theme, Zoom};
use crate::gui::model::dialog::{FinderScope, PathPurpose};
use crate::gui::model::history::Gesture;
use crate::gui::model::lab::{LabTab, ResultsFormat};
use crate::gui::model::lab_plan::LabPlan;
use crate::gui::model::lessons::LessonAction;
use crate::gui::model::listed::ListAction;
use crate::gui::model::optional_panels::OptionalPanel;
use crate::gui::model::pictures::SelectMode;
use crate::gui::model::placeable::Placeable;
use crate::gui::model::plan::PlanFilter;
use crate::gui::model::presets::PresetRef;
use crate::gui::model::stack::{ParamLocation, Stack, StepLocation};
use crate::gui::model::timelines::TimeView;
use crate::gui::model::watch::WatchAction;
use crate::gui::model::web::WebAction;
use crate::journal::Removal;
use crate::recipe::{ExportSettings, Output, Preset};

/// Something to do.
#[derive(Debug, Clone, PartialEq)]
pub enum Action {
    /// Changes the recipe, or what is different for a single picture.
    Recipe(RecipeAction),
    /// Changes what is shown and how.
    View(ViewAction),
    /// The list of pictures, and those that are selected in it.
    List(ListAction),
    Lab(LabAction),
    Lesson(LessonAction),
    Presets(PresetAction),
    Watch(WatchAction),
    Plan(PlanAction),
    Runs(RunsAction),
    Web(WebAction),
    Keys(KeysAction),

    /// Opens a dialog for picture files to add.
    AddFiles,
    /// Opens a dialog for folders to add.
    AddFolder,
    /// Opens a dialog in which a path is typed.
    AddPath,
    /// Adds files and folders; loads a recipe among them.
    AddPaths(Vec<PathBuf>),
    /// Adds the picture of the clipboard.
    PastePicture(Arc<ColorImage>),
    /// Says that what was pasted is nothing that can be added.
    PasteNothing,
    /// Puts the result of the picture that is shown into the clipboard.
    CopyResult,
    /// Adds the bundled samples.
    TrySamples,
    /// Looks into the files that were left out since their names are not those of pictures.
    LookIntoLeftOut,
    Select(usize, SelectMode),
    /// Selects exactly these, by their places among the pictures.
    SelectThese(Vec<usize>),
    SelectAll,
    /// Removes the selected pictures from the list.
    Remove,
    /// Removes all pictures from the list.
    Clear,

    ImportRecipe,
    ExportRecipe,
    ExportTimeline,
    /// Shows the results in the file manager.
    OpenResults,
    OpenExportSettings,
    /// Closes the export settings as if nothing had been changed in them.
    CancelExportSettings,
    SetOutput(OutputSettings),
    /// Opens a dialog for the folder of the results.
    ChooseOutputFolder,
    /// Asks for the archive for results.
    ChooseOutputArchive,
    /// Opens a dialog for the profile of an output, or of a recipe without outputs.
    BrowseProfile(Option<usize>),
    /// Opens a dialog for the file that a parameter refers to.
    BrowseParam(ParamLocation),
    /// A path was typed into the dialog that asks for one.
    SubmitPath(PathPurpose, PathBuf),
    /// The text in that dialog changed.
    EditPath(String),

    SetExecutor(&'static Executor),
    SetPriority(Priority),
    ChangeSettings(SettingsChange),
    SetLimits(Limits),

    Start,
    /// Removes from the list the pictures whose results are there.
    RemoveFinished,
    /// Pauses the run, or resumes it.
    Pause,
    /// Asks whether to stop the run.
    Stop,
    StopNow,
    /// Gives up the pictures that a trouble of the run holds back.
    GiveUp(u64),

    OpenFinder(FinderScope),

    SetAfterRun(AfterRun),
    /// A command for the end of runs was typed.
    TypeAfterRun(String),

    ShowThreadsAndCores,
    ShowShortcuts,
    ShowAbout,
    CloseDialog,
    DismissNotice,
    /// Quits, after a question if a run is in progress.
    Quit,
    QuitNow,
}

/// A change of one of the settings of runs.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum SettingsChange {
    IoThreads(usize),
    Cores(usize),
    /// Memory for pictures in flight, in MiB.
    MemoryMib(u64),
    /// Pictures between reading and writing; `None` for automatic.
    Queue(Option<usize>),
    /// Seconds that a worker process may take per picture.
    TimeLimitSecs(u32),
    SlowSource(Option<SlowSource>),
}

impl SettingsChange {
    pub const fn apply(self, settings: &mut Settings) {
        match self {
            Self::IoThreads(n) => settings.io_threads = n,
            Self::Cores(n) => settings.cores = n,
            Self::MemoryMib(mib) => settings.memory_bytes = mib << 20,
            Self::Queue(n) => settings.queue = n,
            Self::TimeLimitSecs(secs) => settings.time_limit_secs = secs,
            Self::SlowSource(source) => settings.slow_source = source,
        }
    }
}

/// A change of the recipe or of what is different for a single picture.
#[derive(Debug, Clone, PartialEq)]
pub enum RecipeAction {
    Undo,
    Redo,
    /// Undoes or redoes until so many of the changes are made.
    GoTo(usize),
    UsePreset(&'static Preset),
    /// Adds a filter to the end of the stack that is shown.
    AddFilter(&'static FilterSpec),
    /// Sets a parameter. Typed text may arrive after another stack has been chosen, so it says where it belongs.
    SetParam {
        at: ParamLocation,
        value: Value,
        /// Number of the press of the pointer during which it happened.
        press: u64,
    },
    /// Sets some parameters of a filter, by their places, with a handle on the picture.
    SetParams {
        step: StepLocation,
        values: Vec<(usize, Value)>,
        handle: usize,
        press: u64,
    },
    EnableStep(usize, bool),
    RemoveStep(usize),
    /// Adds the same filter with the same values below it.
    DuplicateStep(usize),
    MoveStep {
        from: usize,
        to: usize,
    },
    MoveToStack(StepLocation, Stack),
    /// Puts a filter, or all filters of the stack that is shown, into the clipboard as the text of a recipe.
    Copy(Option<usize>),
    /// Asks the clipboard for filters.
    AskPaste,
    /// Adds the filters of the text of a recipe to the end of the stack that is shown.
    Paste(String),
    /// Removes all filters from the stack that is shown.
    RemoveAll,
    /// Resets a filter to its default values.
    ResetStep(usize),
    /// Sets how the results of a recipe without outputs are saved.
    SetExport(ExportSettings, Option<Gesture>),
    SetOutputs(Vec<Output>, Option<Gesture>),
    /// Changes what is different for the current picture, or for all that are selected with it.
    Adjust(Adjustment, Option<Gesture>),
}

/// A change of what is shown.
#[derive(Debug, Clone, PartialEq)]
pub enum ViewAction {
    SetPreviewMode(PreviewMode),
    /// Shows the original instead of the result, or the result again.
    ToggleBefore,
    /// Shows the original left of a line and the result right of it, or the result alone again.
    ToggleSplit,
    /// Shows original and result beside each other, or the result alone again.
    ToggleSideBySide,
    /// Shows the result as its file will hold it, or as it is before it is compressed.
    ToggleEncoded,
    /// Shows where something is on the picture, to be dragged there, or shows the result again.
    EditOnPicture(Option<Placeable>),
    /// Shows where the next filter is that has a place on the picture; after the last one, the result again.
    CycleOnPicture,
    ZoomTo(Zoom),
    ZoomFit,
    /// One pixel of the picture is one pixel of the screen.
    ZoomFull,
    ZoomIn,
    ZoomOut,
    /// Shows the pictures as a contact sheet or as a list.
    ToggleSheet,
    /// Lists only failures, or all pictures again.
    OnlyFailed(bool),
    TogglePanel(&'static OptionalPanel),
    ToggleFavourite(&'static FilterSpec),
    SetTheme(Theme),
    /// Sets how large the interface is, in percent of its usual size.
    SetInterfaceSize(u16),
    /// Makes the interface so many steps larger.
    StepInterfaceSize(isize),
    ToggleFullScreen,
    /// Shows a stack of filters for editing.
    ShowStack(Stack),
    /// Shows the next stack of filters, or with -1 the previous one.
    CycleStack(isize),
    /// Shows an output of the recipe in the preview.
    ShowOutput(usize),
    ViewTime(TimeView),
    /// Shows the timeline of a run.
    ShowRun(u64),
    /// Shows another run's timeline below it, or none.
    CompareRun(Option<u64>),
}

/// Something to do in the lab.
#[derive(Debug, Clone, PartialEq)]
pub enum LabAction {
    Open(LabTab),
    /// Closes the lab; a measurement goes on.
    Close,
    SetPlan(LabPlan),
    /// Measures what is planned.
    Start,
    /// Stops the measurement.
    Stop,
    /// Changes the name of the results.
    SetName(String),
    /// Saves the results under their name.
    Save,
    /// Shows saved results, by their place in the list.
    Reopen(usize),
    /// Shows saved results for comparison, or none.
    CompareWith(Option<usize>),
    /// Opens a dialog for the file to export the results to.
    Export(ResultsFormat),
    /// Uses these settings for runs.
    Apply(Settings),
    /// Opens the dialog that recommends settings.
    OpenRecommendation,
    /// Measures what to recommend.
    Recommend,
    /// Sets whether the first pictures of a session are measured without being asked.
    SetRecommendFirst(bool),
}

/// Something to do with the plan of a run.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum PlanAction {
    /// Plans a run of all pictures of the list and shows it.
    Open,
    Filter(PlanFilter),
    /// Starts exactly what is shown.
    Start,
}

/// Something to do with runs of the past.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum RunsAction {
    /// Shows what the last run came to.
    OpenSummary,
    /// Opens the list of all runs.
    OpenHistory,
    /// Shows the details of a run in that list, by its name.
    Select(String),
    /// Goes on with the run that has this journal.
    Resume(PathBuf),
    /// Tries the failed pictures of the run again that has this journal.
    Retry(PathBuf),
    /// Tries the failed pictures of the last run again.
    RetryFailed,
    /// Does not offer the interrupted run again.
    Forget,
    /// Asks whether to remove the results of the run that has this journal, or of the last one.
    AskUndo(Option<PathBuf>),
    /// Where removed files go.
    SetRemoval(Removal),
    /// Removes the results that were asked about.
    Undo,
    /// Shows a folder in the file manager.
    OpenFolder(PathBuf),
}

/// A change of the keys of commands, which are named by their places among the entries of all menus.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum KeysAction {
    /// Gives a command these keys, or none. Another command that had them has none then.
    Set(usize, Option<KeyboardShortcut>),
    /// Gives a command its default keys.
    Reset(usize),
    ResetAll,
}

/// Something to do with presets.
#[derive(Debug, Clone, PartialEq)]
pub enum PresetAction {
    /// Opens their list.
    Open,
    /// Saves the recipe as a preset.
    Save {
        name: String,
        replace: bool,
    },
    /// Makes a preset the recipe.
    Use(String),
    /// Shows a preset in the preview as long as the pointer rests on it, or the recipe again.
    Try(Option<PresetRef>),
    Rename {
        from: String,
        to: String,
    },
    Delete(String),
    /// Opens a dialog for the file to share a preset as.
    Share(String),
    /// Opens a dialog for a shared file to import.
    Import,
}

impl From<RecipeAction> for Action {
    fn from(action: RecipeAction) -> Self {
        Self::Recipe(action)
    }
}

impl From<ViewAction> for Action {
    fn from(action: ViewAction) -> Self {
        Self::View(action)
    }
}

impl From<ListAction> for Action {
    fn from(action: ListAction) -> Self {
        Self::List(action)
    }
}

impl From<KeysAction> for Action {
    fn from(action: KeysAction) -> Self {
        Self::Keys(action)
    }
}

impl From<LabAction> for Action {
    fn from(action: LabAction) -> Self {
        Self::Lab(action)
    }
}

impl From<LessonAction> for Action {
    fn from(action: LessonAction) -> Self {
        Self::Lesson(action)
    }
}

impl From<WatchAction> for Action {
    fn from(action: WatchAction) -> Self {
        Self::Watch(action)
    }
}

impl From<PlanAction> for Action {
    fn from(action: PlanAction) -> Self {
        Self::Plan(action)
    }
}

impl From<WebAction> for Action {
    fn from(action: WebAction) -> Self {
        Self::Web(action)
    }
}

impl From<RunsAction> for Action {
    fn from(action: RunsAction) -> Self {
        Self::Runs(action)
    }
}

impl From<PresetAction> for Action {
    fn from(action: PresetAction) -> Self {
        Self::Presets(action)
    }
}
