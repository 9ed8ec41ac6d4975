//! What a person can do. How it is offered stands in `face`, what it does in `perform`.

use std::path::PathBuf;

use egui::ThemePreference;

use super::history::Gesture;
use super::lab::LabAction;
use super::pictures::Pick;
use super::presets::PresetAction;
use super::state::{Ask, Shown, Zoom};
use super::tabs::{Place, Stack};
use super::timeline::TimeView;
use crate::batch::{Executor, OutputSettings, Priority, SlowSource};
use crate::codec::Limits;
use crate::filter::{FilterSpec, Value};
use crate::recipe::{Export, Output, Overrides, Preset};

/// Something to do. The first group has a place in a menu; the second belongs to controls of the window.
#[derive(Debug, Clone, PartialEq)]
pub enum Action {
    /// Asks for picture files.
    AddFiles,
    /// Asks for folders.
    AddFolder,
    /// Asks for a typed path.
    AddPath,
    /// Asks for a recipe file to load.
    ImportRecipe,
    /// Asks for a file to save the recipe in.
    ExportRecipe,
    /// Opens the export settings.
    ExportSettings,
    /// Shows the results in the file manager.
    OpenResults,
    /// Ends the program.
    Quit,
    /// One step back in the recipe.
    Undo,
    /// One step forward in the recipe.
    Redo,
    /// Shows the next stack of filters, or with -1 the one before.
    TurnStack(isize),
    /// Selects every picture.
    SelectAll,
    /// Takes the selected pictures off the list.
    Remove,
    /// Empties the list.
    Clear,
    /// Replaces the recipe by one that the program brings along.
    UsePreset(&'static Preset),
    /// Adds a filter to the end of the stack that is shown.
    AddFilter(&'static FilterSpec),
    /// Chooses who carries the work.
    SetExecutor(&'static Executor),
    /// Chooses whether runs give way to other programs.
    SetPriority(Priority),
    /// Shows the original instead of the result, or the result again.
    ToggleBefore,
    /// Shows original and result side by side, or the result again.
    ToggleSplit,
    /// Shows the result as its file will hold it, or as it is before it is compressed.
    ToggleEncoded,
    /// Shows the whole picture.
    ZoomFit,
    /// Shows a pixel as a pixel.
    ZoomFull,
    /// Larger.
    ZoomIn,
    /// Smaller.
    ZoomOut,
    /// List or contact sheet.
    ToggleSheet,
    /// Shows or hides the comparison.
    ToggleComparison,
    /// Shows or hides the timeline.
    ToggleTimeline,
    /// Asks for a file to save the timeline in.
    ExportTimeline,
    /// Chooses the theme.
    SetTheme(ThemePreference),
    /// Fills the screen or leaves it.
    ToggleFullScreen,
    /// Begins a run.
    Start,
    /// Pauses the run or goes on.
    Pause,
    /// Asks whether to stop the run.
    Stop,
    /// Explains threads and cores.
    Explain,
    /// Lists the shortcuts.
    ShowShortcuts,
    /// Name, version, licence.
    About,

    /// Does something in the lab.
    Lab(LabAction),

    /// Adds files and folders, and loads a recipe among them.
    AddPaths(Vec<PathBuf>),
    /// A path was typed.
    PathTyped(Ask, PathBuf),
    /// The text of the path question changed.
    PathText(String),
    /// Asks for the folder for results.
    ChooseOutput,
    /// Changes the selection.
    Pick(usize, Pick),
    /// Moves to a neighbour of the current picture.
    Step(isize),
    /// Lists only failures, or all again.
    OnlyFailed(bool),
    /// Shows a stack of filters, to be edited.
    ShowStack(Stack),
    /// Changes a value of a filter. What was typed may arrive after another stack has been chosen, so it says where it
    /// belongs.
    SetParam {
        /// The stack.
        stack: Stack,
        /// Place in the stack.
        step: usize,
        /// Place of the parameter.
        param: usize,
        /// Its new value.
        value: Value,
        /// Number of the press of the pointer during which it happened.
        press: u64,
    },
    /// Asks for the file that a parameter refers to.
    BrowseParam {
        /// The stack.
        stack: Stack,
        /// Place in the stack.
        step: usize,
        /// Place of the parameter.
        param: usize,
    },
    /// Switches a filter on or off.
    EnableStep(usize, bool),
    /// Takes a filter out of the stack.
    RemoveStep(usize),
    /// Moves a filter to another stack.
    MoveToStack(Place, Stack),
    /// Moves a filter to another place.
    MoveStep {
        /// From this place.
        from: usize,
        /// To this place.
        to: usize,
    },
    /// Gives a filter its default values.
    ResetStep(usize),
    /// Asks for the profile file of an output, or of a recipe that lists none.
    BrowseProfile(Option<usize>),
    /// Changes format or quality.
    SetExport(Export, Option<Gesture>),
    /// Changes what each picture is saved as.
    SetOutputs(Vec<Output>, Option<Gesture>),
    /// Has the preview show an output of the recipe.
    ShowOutput(usize),
    /// Changes what is different for the current picture.
    SetOnly(Overrides, Option<Gesture>),
    /// Does something with own presets.
    Presets(PresetAction),
    /// Changes where results go.
    SetOutput(OutputSettings),
    /// Changes the number of I/O threads.
    SetIoThreads(usize),
    /// Changes the number of cores.
    SetCores(usize),
    /// Changes the memory for pictures in flight, in MiB.
    SetMemory(u64),
    /// Changes how many pictures may be between reading and writing; none for automatic.
    SetQueue(Option<usize>),
    /// Changes how many seconds a worker process may take for a picture.
    SetTimeLimit(u32),
    /// Changes which files are refused.
    SetLimits(Limits),
    /// Simulates a slow source, or none.
    SetSlowSource(Option<SlowSource>),
    /// Changes what the preview shows.
    Show(Shown),
    /// Changes how large it shows it.
    ZoomTo(Zoom),
    /// Shows a part of the time.
    ViewTime(TimeView),
    /// Shows the timeline of a run.
    ShowRun(u64),
    /// Shows another run's timeline below it, or none.
    CompareRun(Option<u64>),
    /// Closes what lies over the window.
    CloseModal,
    /// Stops the run without asking.
    StopNow,
    /// Ends the program without asking.
    QuitNow,
    /// Takes the sentence at the bottom away.
    Dismiss,
}
