//! The dialogs that lie over the window, and the paths they ask for.

use crate::gui::model::lab::ResultsFormat;
use crate::gui::model::stack::ParamLocation;

/// A dialog over the window.
#[derive(Debug, Clone, PartialEq)]
pub enum Dialog {
    ExportSettings,
    /// What a run will do.
    Plan,
    Presets,
    /// Filters or commands are found by typing.
    Finder(FinderScope),
    /// A path is typed.
    Path(PathPrompt),
    /// Pictures of the web are chosen.
    Web,
    /// What the last run came to.
    Summary,
    /// The runs of the past.
    History,
    /// Whether to remove the results of a run.
    UndoRun,
    /// Whether to stop the run.
    ConfirmStop,
    /// Whether to quit although a run is in progress.
    ConfirmQuit,
    /// The computer is about to be suspended.
    Suspend,
    /// Which settings are recommended.
    Recommendation,
    /// What threads and cores are.
    ThreadsAndCores,
    Shortcuts,
    About,
    /// What the window before left when it crashed.
    CrashReport(String),
}

/// What is found by typing.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FinderScope {
    /// Filters and presets.
    Filters,
    /// Everything that a menu offers.
    Commands,
}

/// What a path is wanted for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum PathPurpose {
    /// Picture files for the list.
    AddFiles,
    /// Folders for the list.
    AddFolder,
    /// A folder to watch.
    WatchFolder,
    /// A recipe to load.
    OpenRecipe,
    SaveRecipe,
    /// A file to share a preset as.
    SharePreset,
    /// A shared recipe file to import as a preset.
    ImportPreset,
    SaveTimeline,
    /// A file to export results of the lab to.
    SaveResults(ResultsFormat),
    /// The folder for results.
    OutputFolder,
    /// The archive for results.
    OutputArchive,
    /// The profile of an output, or of a recipe without outputs.
    Profile(Option<usize>),
    /// A file that a filter's parameter refers to.
    ParamFile(ParamLocation),
}

impl PathPurpose {
    /// The title of a dialog that asks for it.
    pub const fn title(self) -> &'static str {
        match self {
            Self::AddFiles => "Add files",
            Self::AddFolder => "Add folders",
            Self::WatchFolder => "Watch a folder",
            Self::OpenRecipe => "Import a recipe",
            Self::SaveRecipe => "Export the recipe",
            Self::SharePreset => "Share the preset",
            Self::ImportPreset => "Import a preset",
            Self::SaveTimeline => "Export the timeline",
            Self::SaveResults(_) => "Export the results",
            Self::OutputFolder => "Folder for results",
            Self::OutputArchive => "Archive for results",
            Self::Profile(_) => "Choose a colour profile",
            Self::ParamFile(_) => "Choose a file",
        }
    }

    /// Whether pictures are added from the path.
    pub const fn adds_pictures(self) -> bool {
        matches!(self, Self::AddFiles | Self::AddFolder)
    }

    /// Whether a file is written at the path.
    pub const fn saves_file(self) -> bool {
        matches!(
            self,
            Self::SaveRecipe | Self::SharePreset | Self::SaveTimeline | Self::SaveResults(_) | Self::OutputArchive
        )
    }

    /// Whether the export settings ask for it.
    pub const fn belongs_to_export(self) -> bool {
        matches!(self, Self::OutputFolder | Self::OutputArchive | Self::Profile(_))
    }
}

/// A question for a path that is answered by typing.
#[derive(Debug, Clone, PartialEq)]
pub struct PathPrompt {
    pub purpose: PathPurpose,
    /// Whether this stands in for a file dialog that could not open.
    pub no_dialog: bool,
    /// What is typed so far.
    pub text: String,
    /// What is wrong with it.
    pub problem: Option<String>,
}
