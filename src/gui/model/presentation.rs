//! How each action is offered: text, tooltip, default shortcut and place in the menus. Menus and shortcuts follow from it.

use std::borrow::Cow;
use std::sync::LazyLock;

use egui::{Key, KeyboardShortcut, Modifiers};

use crate::batch::{AfterRun, EXECUTORS, Priority};
use crate::filter::FILTERS;
use crate::gui::model::action::{Action, LabAction, PlanAction, PresetAction, RecipeAction, RunsAction, ViewAction};
use crate::gui::model::appearance::{INTERFACE_PERCENTS, Theme};
use crate::gui::model::dialog::FinderScope;
use crate::gui::model::lab::LabTab;
use crate::gui::model::listed::{ListAction, SortBy};
use crate::gui::model::optional_panels::OPTIONAL_PANELS;
use crate::gui::model::watch::WatchAction;
use crate::gui::model::web::WebAction;
use crate::recipe::PRESETS;

/// A menu of the menu bar.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Menu {
    File,
    Edit,
    Filters,
    Workers,
    View,
    Queue,
    Help,
}

impl Menu {
    /// The key that opens it together with Alt, and the place of its letter in the title.
    pub const fn mnemonic(self) -> (Key, usize) {
        match self {
            Self::File => (Key::F, 0),
            Self::Edit => (Key::E, 0),
            Self::Filters => (Key::L, 2),
            Self::Workers => (Key::W, 0),
            Self::View => (Key::V, 0),
            Self::Queue => (Key::Q, 0),
            Self::Help => (Key::H, 0),
        }
    }

    /// All menus from left to right.
    pub const ALL: [Self; 7] =
        [Self::File, Self::Edit, Self::Filters, Self::Workers, Self::View, Self::Queue, Self::Help];

    pub const fn title(self) -> &'static str {
        match self {
            Self::File => "File",
            Self::Edit => "Edit",
            Self::Filters => "Filters",
            Self::Workers => "Workers",
            Self::View => "View",
            Self::Queue => "Queue",
            Self::Help => "Help",
        }
    }
}

/// How an action is offered.
#[derive(Debug, Clone, PartialEq)]
pub struct Presentation {
    pub menu: Menu,
    /// Entries of one section stand together.
    pub section: u8,
    pub text: Cow<'static, str>,
    pub help: Cow<'static, str>,
    /// Its keys unless the user has changed them; `Keymap` knows those in force.
    pub shortcut: Option<KeyboardShortcut>,
}

/// An action with its presentation.
#[derive(Debug, Clone, PartialEq)]
pub struct MenuEntry {
    pub action: Action,
    pub presentation: Presentation,
}

impl MenuEntry {
    fn new(
        action: impl Into<Action>,
        menu: Menu,
        section: u8,
        text: impl Into<Cow<'static, str>>,
        help: impl Into<Cow<'static, str>>,
    ) -> Self {
        let presentation = Presentation { menu, section, text: text.into(), help: help.into(), shortcut: None };
        Self { action: action.into(), presentation }
    }

    fn keys(mut self, modifiers: Modifiers, key: Key) -> Self {
        self.presentation.shortcut = Some(KeyboardShortcut::new(modifiers, key));
        self
    }
}

const CTRL: Modifiers = Modifiers::COMMAND;
const CTRL_SHIFT: Modifiers = Modifiers { shift: true, ..Modifiers::COMMAND };
const CTRL_ALT: Modifiers = Modifiers { alt: true, ..Modifiers::COMMAND };
const NONE: Modifiers = Modifiers::NONE;

/// Every action that a menu offers, in the order of its menu.
pub fn menu_entries() -> &'static [MenuEntry] {
    static ENTRIES: LazyLock<Vec<MenuEntry>> = LazyLock::new(|| {
        [file(), edit(), presets(), filters(), workers(), view(), queue(), help()].into_iter().flatten().collect()
    });
    &ENTRIES
}

fn file() -> Vec<MenuEntry> {
    let entry = |action: Action, section, text: &'static str, help: &'static str| {
        MenuEntry::new(action, Menu::File, section, text, help)
    };
    let add_folder = "Choose folders; pictures in them are added at any depth.";
    let add_from_web = "Add pictures by their addresses, or choose from those of a page.";
    let watch_folder = "Process the pictures of a folder as they come, each once.";
    let export_recipe = "Save filters and export settings to a recipe file.";
    let presets = "Save the recipe as a preset; rename, share and delete presets.";
    let open_results = "Show the results of the last run in the file manager.";
    let export_timeline = "Save what every lane did as a Chrome trace, which Perfetto opens.";
    vec![
        entry(Action::AddFiles, 0, "Add Files…", "Choose pictures to add to the list.").keys(CTRL, Key::O),
        entry(Action::AddFolder, 0, "Add Folder…", add_folder).keys(CTRL_SHIFT, Key::O),
        entry(Action::AddPath, 0, "Add Path…", "Type or paste the path of a file or folder."),
        entry(WebAction::Open.into(), 0, "Add from Web…", add_from_web),
        entry(Action::TrySamples, 0, "Add Samples", "Add twelve pictures that come with Lightloom, to try things out."),
        entry(WatchAction::Ask.into(), 0, "Watch Folder…", watch_folder),
        entry(WatchAction::Stop.into(), 0, "Stop Watching", "Watch the folder no more; finished results are kept."),
        entry(Action::ImportRecipe, 1, "Import Recipe…", "Load filters and export settings from a recipe file."),
        entry(Action::ExportRecipe, 1, "Export Recipe…", export_recipe),
        entry(PresetAction::Open.into(), 1, "Manage Presets…", presets),
        entry(Action::OpenExportSettings, 2, "Export Settings…", "Folder, format and quality of the results.")
            .keys(CTRL, Key::E),
        entry(Action::OpenResults, 2, "Open Result Folder", open_results),
        entry(Action::ExportTimeline, 2, "Export Timeline…", export_timeline),
        entry(Action::Quit, 3, "Quit", "Quit Lightloom.").keys(CTRL, Key::Q),
    ]
}

/// The section of the Edit menu with what is done to selected pictures.
pub const PICTURE_SECTION: u8 = 3;

fn edit() -> Vec<MenuEntry> {
    let entry = |action: Action, section, text: &'static str, help: &'static str| {
        MenuEntry::new(action, Menu::Edit, section, text, help)
    };
    let copy_result = "Copy the result of the picture that is shown, in full size, for other programs to paste.";
    let copy_filters = "Copy the filters of the stack that is shown as a recipe, for a stack or a text file.";
    let paste_filters =
        "Add the filters that were copied, or those of the text of a recipe, to the stack that is shown.";
    let remove = "Remove the selected pictures from the list. The files are kept.";
    let next = "Edit the filters of the next output; after the last output, those of all outputs.";
    let previous = "Edit the filters of the previous output; before the first output, those of all outputs.";
    let rotate_left = "Rotate the selected pictures by 90° to the left, before the filters.";
    let rotate_right = "Rotate the selected pictures by 90° to the right, before the filters.";
    let open = "Open the picture in the program that you open its kind with.";
    let show = "Show the folder of the picture in the file manager.";
    let exclude = "Leave the selected pictures out of runs; they stay in the list.";
    let reset = "Take back what is different for the selected pictures alone.";
    let copy = "Copy the paths of the selected pictures, one per line.";
    vec![
        entry(RecipeAction::Undo.into(), 0, "Undo", "Undo the last change of the recipe.").keys(CTRL, Key::Z),
        entry(RecipeAction::Redo.into(), 0, "Redo", "Redo the change that was undone.").keys(CTRL_SHIFT, Key::Z),
        entry(RecipeAction::Copy(None).into(), 1, "Copy Filters", copy_filters).keys(CTRL_ALT, Key::C),
        entry(RecipeAction::AskPaste.into(), 1, "Paste Filters", paste_filters),
        entry(
            RecipeAction::RemoveAll.into(),
            1,
            "Remove All Filters",
            "Empty the stack that is shown; Undo restores it.",
        ),
        entry(Action::CopyResult, 1, "Copy Result", copy_result),
        entry(Action::SelectAll, 1, "Select All", "Select every picture in the list.").keys(CTRL, Key::A),
        entry(Action::Remove, 1, "Remove", remove).keys(NONE, Key::Delete),
        entry(Action::Clear, 1, "Clear", "Remove all pictures from the list. The files are kept."),
        entry(ListAction::Rotate(3).into(), PICTURE_SECTION, "Rotate Left", rotate_left).keys(CTRL, Key::OpenBracket),
        entry(ListAction::Rotate(1).into(), PICTURE_SECTION, "Rotate Right", rotate_right)
            .keys(CTRL, Key::CloseBracket),
        entry(ListAction::ResetAdjustments.into(), PICTURE_SECTION, "Reset Adjustments", reset),
        entry(ListAction::Exclude.into(), PICTURE_SECTION, "Exclude", exclude),
        entry(ListAction::Open.into(), PICTURE_SECTION, "Open Original", open),
        entry(ListAction::ShowFolder.into(), PICTURE_SECTION, "Show in Folder", show),
        entry(ListAction::CopyPaths.into(), PICTURE_SECTION, "Copy Path", copy).keys(CTRL_SHIFT, Key::C),
        entry(ViewAction::CycleStack(1).into(), 2, "Next Filter Stack", next).keys(CTRL, Key::PageDown),
        entry(ViewAction::CycleStack(-1).into(), 2, "Previous Filter Stack", previous).keys(CTRL, Key::PageUp),
    ]
}

fn presets() -> Vec<MenuEntry> {
    let entry = |preset: &'static crate::recipe::Preset| {
        let help = format!("{} Replaces the filters and the export format; Undo restores them.", preset.help());
        MenuEntry::new(RecipeAction::UsePreset(preset), Menu::Filters, u8::MAX, preset.title, help)
    };
    PRESETS.iter().map(entry).collect()
}

/// The entry of a preset of the user's own.
pub fn own_preset(name: &str) -> MenuEntry {
    let help = "Your own preset. Replaces the recipe; Undo restores it.";
    MenuEntry::new(PresetAction::Use(name.to_owned()), Menu::Filters, u8::MAX, name.to_owned(), help)
}

/// The section of the Filters menu that the finder is in; the others are groups of filters.
const FINDER_SECTION: u8 = 200;

fn filters() -> Vec<MenuEntry> {
    let entry = |spec: &&'static crate::filter::FilterSpec| {
        let help = format!("{}.", spec.help);
        MenuEntry::new(RecipeAction::AddFilter(spec), Menu::Filters, spec.group as u8, spec.title, help)
    };
    let help = "Find a filter or preset by typing, and add it.";
    let finder =
        MenuEntry::new(Action::OpenFinder(FinderScope::Filters), Menu::Filters, FINDER_SECTION, "Find Filter…", help);
    let filters = FILTERS.iter().map(entry);
    filters.chain([finder.keys(CTRL, Key::F)]).collect()
}

fn workers() -> Vec<MenuEntry> {
    let executors = EXECUTORS
        .iter()
        .map(|executor| MenuEntry::new(Action::SetExecutor(executor), Menu::Workers, 0, executor.title, executor.help));
    let priorities = Priority::ALL.into_iter().map(|priority| {
        let (text, help) = match priority {
            Priority::Normal => ("Normal Priority", "Runs share the processor with other programs as equals."),
            Priority::Low => ("Low Priority", "Runs give way to other programs, so that you can work meanwhile."),
        };
        MenuEntry::new(Action::SetPriority(priority), Menu::Workers, 1, text, help)
    });
    let help = "Measure the pictures for some seconds and recommend settings.";
    let recommend = MenuEntry::new(LabAction::OpenRecommendation, Menu::Workers, 2, "Recommend…", help);
    executors.chain(priorities).chain([recommend]).collect()
}

/// The section of the View menu that the themes are in.
pub const THEME_SECTION: u8 = 4;
/// The section that the sizes of the interface are in.
pub const SIZE_SECTION: u8 = 7;
/// The section that the orders of the list are in.
pub const SORT_SECTION: u8 = 6;

fn view() -> Vec<MenuEntry> {
    let entry = |action: ViewAction, section, text: &'static str, help: &'static str| {
        MenuEntry::new(action, Menu::View, section, text, help)
    };
    let lab =
        |tab, text: &'static str, help: &'static str| MenuEntry::new(LabAction::Open(tab), Menu::View, 3, text, help);
    let theme = |theme, text: &'static str, help: &'static str| {
        MenuEntry::new(ViewAction::SetTheme(theme), Menu::View, THEME_SECTION, text, help)
    };
    let panels = OPTIONAL_PANELS.into_iter().map(|panel| {
        let mut entry = entry(ViewAction::TogglePanel(panel), panel.section, panel.title, panel.help);
        entry.presentation.shortcut = panel.shortcut;
        entry
    });
    let before = "Switch between the original and the result; hold \\ to see the original for a moment.";
    let encoded = "Show the result as it will be in its file, with the size of the file.";
    let on_picture = "Drag the crop, angle or place of a filter on the picture; again for the next filter that has one. Esc or Enter ends it.";
    let picture = [
        entry(ViewAction::ToggleBefore, 0, "Before/After", before),
        entry(ViewAction::ToggleSplit, 0, "Split", "The original on the left of a line, the result on its right."),
        entry(ViewAction::ToggleSideBySide, 0, "Side by Side", "Original and result beside each other.")
            .keys(NONE, Key::S),
        entry(ViewAction::ToggleEncoded, 0, "Encoded", encoded).keys(NONE, Key::E),
        entry(ViewAction::CycleOnPicture, 0, "Edit on Picture", on_picture).keys(NONE, Key::O),
        entry(ViewAction::ZoomFit, 1, "Fit", "Show the whole picture.").keys(NONE, Key::Num0),
        entry(ViewAction::ZoomFull, 1, "100 %", "Show each pixel as one pixel of the screen.").keys(NONE, Key::Num1),
        entry(ViewAction::ZoomIn, 1, "Zoom In", "Show the picture larger.").keys(NONE, Key::Plus),
        entry(ViewAction::ZoomOut, 1, "Zoom Out", "Show the picture smaller.").keys(NONE, Key::Minus),
        entry(ViewAction::ToggleSheet, 2, "Contact Sheet", "Show the pictures as a sheet instead of a list."),
    ];
    let find = "Show only the pictures whose path or camera contains what you type.";
    let sort = |by: SortBy, text: &'static str, help: &'static str| {
        MenuEntry::new(ListAction::SortBy(by), Menu::View, SORT_SECTION, text, help)
    };
    let reverse = "Show the pictures in the opposite order.";
    let list = [
        MenuEntry::new(ListAction::FocusFind, Menu::View, 2, "Find Pictures", find).keys(CTRL_SHIFT, Key::F),
        sort(SortBy::Folder, "Sort by Folder", "As they were found: folder by folder."),
        sort(SortBy::Name, "Sort by Name", "By the names of the files, numbers by their value."),
        sort(SortBy::Format, "Sort by Format", "By the extensions of the files."),
        sort(SortBy::Modified, "Sort by Date", "By the times at which the files were last modified."),
        sort(SortBy::Size, "Sort by Size", "By the sizes of the files."),
        sort(SortBy::Dimensions, "Sort by Dimensions", "By the numbers of pixels of the pictures."),
        sort(SortBy::Camera, "Sort by Camera", "By the cameras that the pictures were taken with."),
        sort(SortBy::State, "Sort by State", "Failures first, then what is damaged, in work, waiting and done."),
        MenuEntry::new(ListAction::Reverse, Menu::View, SORT_SECTION, "Reverse Order", reverse),
    ];
    let comparison = "Lab: compare executors and numbers of workers on your pictures.";
    let rest = [
        lab(LabTab::Comparison, "Measurements…", comparison).keys(CTRL, Key::L),
        lab(LabTab::Lessons, "Lessons…", "Lab: try on this machine what textbooks teach of threads and processes."),
        theme(Theme::System, "System Theme", "Light or dark, as the system is set."),
        theme(Theme::Light, "Light Theme", "Dark text on light surfaces."),
        theme(Theme::Dark, "Dark Theme", "Light text on dark surfaces."),
        entry(ViewAction::ToggleFullScreen, 5, "Full Screen", "Fill the screen, or leave full screen again.")
            .keys(NONE, Key::F11),
    ];
    let size =
        |by, text: &'static str, help: &'static str| entry(ViewAction::StepInterfaceSize(by), SIZE_SECTION, text, help);
    let steps = [
        size(1, "Larger", "Show texts and controls larger.").keys(CTRL, Key::Plus),
        size(-1, "Smaller", "Show texts and controls smaller.").keys(CTRL, Key::Minus),
    ];
    let sizes = INTERFACE_PERCENTS.into_iter().map(|percent| {
        let action = ViewAction::SetInterfaceSize(percent);
        let help = "How large texts and controls are.";
        let entry = MenuEntry::new(action, Menu::View, SIZE_SECTION, format!("Interface at {percent} %"), help);
        if percent == 100 { entry.keys(CTRL, Key::Num0) } else { entry }
    });
    picture.into_iter().chain(panels).chain(list).chain(rest).chain(steps).chain(sizes).collect()
}

fn queue() -> Vec<MenuEntry> {
    let entry = |action: Action, section, text: &'static str, help: &'static str| {
        MenuEntry::new(action, Menu::Queue, section, text, help)
    };
    let plan = "See what a run would write, replace and skip, before it starts.";
    let retry = "Try the pictures again that failed in the last run, and those that it did not come to.";
    let remove = "Remove the pictures from the list whose results are there. The files are kept.";
    let undo = "Remove the files that the last run wrote, as long as they are what it wrote.";
    let history = "See the runs of the past; resume, retry and undo them.";
    let summary = "See what the last run took and wrote, its slowest pictures, and what was skipped and why.";
    let pause = "Finish the pictures in progress and start no others, or resume.";
    let after = |action: AfterRun, text: &'static str, help: &'static str| {
        MenuEntry::new(Action::SetAfterRun(action), Menu::Queue, 1, text, help)
    };
    let suspend = "Suspend the computer once the run has ended; half a minute is left to prevent it.";
    vec![
        entry(Action::Start, 0, "Start", "Process every picture in the list.").keys(CTRL, Key::Enter),
        entry(Action::Pause, 0, "Pause/Resume", pause).keys(NONE, Key::Space),
        entry(Action::Stop, 0, "Stop…", "Stop the run; finished results are kept.").keys(NONE, Key::Escape),
        entry(RunsAction::RetryFailed.into(), 0, "Retry Failed", retry).keys(CTRL, Key::R),
        entry(Action::RemoveFinished, 0, "Remove Finished", remove),
        after(AfterRun::Nothing, "Do Nothing", "Nothing follows a run."),
        after(AfterRun::OpenFolder, "Show the Results", "Show the results in the file manager once the run has ended."),
        after(AfterRun::Notify, "Notify Me", "Show a notification once the run has ended."),
        after(AfterRun::Suspend, "Suspend the Computer", suspend),
        entry(PlanAction::Open.into(), 2, "Plan…", plan).keys(CTRL, Key::P),
        entry(RunsAction::OpenSummary.into(), 2, "Summary…", summary),
        entry(RunsAction::AskUndo(None).into(), 2, "Undo Run…", undo),
        entry(RunsAction::OpenHistory.into(), 2, "History…", history).keys(CTRL, Key::H),
    ]
}

fn help() -> Vec<MenuEntry> {
    let entry = |action: Action, section, text: &'static str, help: &'static str| {
        MenuEntry::new(action, Menu::Help, section, text, help)
    };
    let threads = "What the choice between threads, cores and both means.";
    vec![
        entry(
            Action::OpenFinder(FinderScope::Commands),
            0,
            "Find Command…",
            "Find anything that a menu offers by typing.",
        )
        .keys(CTRL, Key::K),
        entry(Action::ShowThreadsAndCores, 0, "Threads and Cores", threads).keys(NONE, Key::F1),
        entry(Action::ShowShortcuts, 0, "Shortcuts", "All keyboard shortcuts; change those that you like otherwise."),
        entry(Action::ShowAbout, 1, "About Lightloom", "Version and licence."),
    ]
}

impl Action {
    /// How it is offered; `None` for actions that no menu offers.
    pub fn presentation(&self) -> Option<&'static Presentation> {
        menu_entries().iter().find(|entry| entry.action == *self).map(|entry| &entry.presentation)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_two_actions_share_a_text() {
        let texts: Vec<_> = menu_entries().iter().map(|entry| &entry.presentation.text).collect();
        for (i, text) in texts.iter().enumerate() {
            assert!(!texts[i + 1..].contains(text), "{text} stands twice");
        }
    }

    #[test]
    fn every_filter_and_executor_has_its_entry() {
        for menu in Menu::ALL {
            let is_empty = menu_entries().iter().all(|entry| entry.presentation.menu != menu);
            assert!(!is_empty, "{} is empty", menu.title());
        }
        let count = |is: fn(&Action) -> bool| menu_entries().iter().filter(|entry| is(&entry.action)).count();
        assert_eq!(count(|action| matches!(action, Action::Recipe(RecipeAction::AddFilter(_)))), FILTERS.len());
        assert_eq!(count(|action| matches!(action, Action::SetExecutor(_))), EXECUTORS.len());
    }
}
