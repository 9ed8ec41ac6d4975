//! How each action presents itself: text, tooltip, shortcut and menu place. Menus and shortcuts follow from it.

use std::borrow::Cow;

use egui::{Key, KeyboardShortcut, Modifiers, ThemePreference};

use super::action::Action;
use super::lab::{LabAction, Tab};
use super::presets::PresetAction;
use crate::batch::{EXECUTORS, Priority};
use crate::filter::FILTERS;
use crate::recipe::PRESETS;

/// A menu of the menu bar.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Menu {
    /// Pictures, recipes, results.
    File,
    /// Undo and the list.
    Edit,
    /// Filters by group.
    Filters,
    /// Who carries the work.
    Workers,
    /// What the window shows.
    View,
    /// The run.
    Queue,
    /// Explanations.
    Help,
}

impl Menu {
    /// All menus from left to right.
    pub const ALL: [Self; 7] =
        [Self::File, Self::Edit, Self::Filters, Self::Workers, Self::View, Self::Queue, Self::Help];

    /// Its name.
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

/// How an action presents itself.
#[derive(Debug, Clone, PartialEq)]
pub struct Face {
    /// The menu that it stands in.
    pub menu: Menu,
    /// Entries of one section stand together.
    pub section: u8,
    /// What it says.
    pub text: Cow<'static, str>,
    /// Its tooltip.
    pub help: Cow<'static, str>,
    /// Its keys.
    pub shortcut: Option<KeyboardShortcut>,
}

const CTRL: Modifiers = Modifiers::COMMAND;
const CTRL_SHIFT: Modifiers = Modifiers { shift: true, ..Modifiers::COMMAND };
const NONE: Modifiers = Modifiers::NONE;

impl Action {
    /// Every action with a place in a menu, in the order of the menus.
    pub fn all_in_menus() -> impl Iterator<Item = Self> {
        let before = [
            Self::AddFiles,
            Self::AddFolder,
            Self::AddPath,
            Self::ImportRecipe,
            Self::ExportRecipe,
            Self::Presets(PresetAction::Open),
            Self::ExportSettings,
            Self::OpenResults,
            Self::ExportTimeline,
            Self::Quit,
            Self::Undo,
            Self::Redo,
            Self::SelectAll,
            Self::Remove,
            Self::Clear,
            Self::TurnStack(1),
            Self::TurnStack(-1),
        ];
        let after = [
            Self::ToggleBefore,
            Self::ToggleSplit,
            Self::ToggleEncoded,
            Self::ZoomFit,
            Self::ZoomFull,
            Self::ZoomIn,
            Self::ZoomOut,
            Self::ToggleSheet,
            Self::ToggleTimeline,
            Self::ToggleComparison,
            Self::Lab(LabAction::Open(Tab::Comparison)),
            Self::Lab(LabAction::Open(Tab::Experiments)),
            Self::SetTheme(ThemePreference::System),
            Self::SetTheme(ThemePreference::Light),
            Self::SetTheme(ThemePreference::Dark),
            Self::ToggleFullScreen,
            Self::Start,
            Self::Pause,
            Self::Stop,
            Self::Explain,
            Self::ShowShortcuts,
            Self::About,
        ];
        let presets = PRESETS.iter().map(Self::UsePreset);
        let filters = FILTERS.iter().map(|spec| Self::AddFilter(spec));
        let executors = EXECUTORS.iter().map(|executor| Self::SetExecutor(executor));
        let priorities = Priority::ALL.into_iter().map(Self::SetPriority);
        let recommend = Self::Lab(LabAction::AskForRecommendation);
        let workers = executors.chain(priorities).chain([recommend]);
        before.into_iter().chain(presets).chain(filters).chain(workers).chain(after)
    }

    /// How it presents itself; `None` for actions that have no place in a menu.
    pub fn face(&self) -> Option<Face> {
        use Menu::{Edit, File, Help, Queue, View, Workers};
        let face = |menu, section, text, help, keys: Option<(Modifiers, Key)>| Face {
            menu,
            section,
            text: Cow::Borrowed(text),
            help: Cow::Borrowed(help),
            shortcut: keys.map(|(modifiers, key)| KeyboardShortcut::new(modifiers, key)),
        };
        Some(match self {
            Self::AddFiles => face(File, 0, "Add Files…", "Choose pictures to add to the list.", Some((CTRL, Key::O))),
            Self::AddFolder => face(
                File,
                0,
                "Add Folder…",
                "Choose folders; pictures in them are added at any depth.",
                Some((CTRL_SHIFT, Key::O)),
            ),
            Self::AddPath => face(File, 0, "Add Path…", "Type or paste the path of a file or folder.", None),
            Self::ImportRecipe => {
                face(File, 1, "Import Recipe…", "Load filters and export format from a recipe file.", None)
            }
            Self::ExportRecipe => {
                face(File, 1, "Export Recipe…", "Save filters and export format in a recipe file.", None)
            }
            Self::ExportSettings => {
                face(File, 2, "Export Settings…", "Folder, format and quality of the results.", Some((CTRL, Key::E)))
            }
            Self::Presets(PresetAction::Open) => {
                face(File, 1, "Own Presets…", "Save the recipe as a preset; rename, share and delete presets.", None)
            }
            Self::OpenResults => {
                face(File, 2, "Open Result Folder", "Show the results of the last run in the file manager.", None)
            }
            Self::ExportTimeline => face(
                File,
                2,
                "Export Timeline…",
                "Save what every lane did as a Chrome trace, which Perfetto opens.",
                None,
            ),
            Self::Quit => face(File, 3, "Quit", "End Lightloom.", Some((CTRL, Key::Q))),
            Self::Undo => face(Edit, 0, "Undo", "Take back the last change of the recipe.", Some((CTRL, Key::Z))),
            Self::Redo => {
                face(Edit, 0, "Redo", "Make the change again that was taken back.", Some((CTRL_SHIFT, Key::Z)))
            }
            Self::SelectAll => face(Edit, 1, "Select All", "Select every picture of the list.", Some((CTRL, Key::A))),
            Self::Remove => face(
                Edit,
                1,
                "Remove",
                "Take the selected pictures off the list. The files stay.",
                Some((NONE, Key::Delete)),
            ),
            Self::Clear => face(Edit, 1, "Clear", "Take all pictures off the list. The files stay.", None),
            Self::TurnStack(1) => face(
                Edit,
                2,
                "Next Stack of Filters",
                "Edit the filters of the next output alone; behind the last one those of all outputs.",
                Some((CTRL, Key::PageDown)),
            ),
            Self::TurnStack(_) => face(
                Edit,
                2,
                "Previous Stack of Filters",
                "Edit the filters of the output before; before the first one those of all outputs.",
                Some((CTRL, Key::PageUp)),
            ),
            Self::UsePreset(preset) => Face {
                menu: Menu::Filters,
                section: u8::MAX,
                text: Cow::Borrowed(preset.title),
                help: Cow::Owned(format!(
                    "{} Replaces the filters and the export format; undo brings them back.",
                    preset.help()
                )),
                shortcut: None,
            },
            Self::AddFilter(spec) => Face {
                menu: Menu::Filters,
                section: spec.group as u8,
                text: Cow::Borrowed(spec.title),
                help: Cow::Owned(format!("{}.", spec.help)),
                shortcut: None,
            },
            Self::SetExecutor(executor) => Face {
                menu: Workers,
                section: 0,
                text: Cow::Borrowed(executor.title),
                help: Cow::Borrowed(executor.help),
                shortcut: None,
            },
            Self::SetPriority(priority) => face(
                Workers,
                1,
                match priority {
                    Priority::Normal => "Normal Priority",
                    Priority::Low => "Low Priority",
                },
                match priority {
                    Priority::Normal => "Runs share the processor with other programs as equals.",
                    Priority::Low => "Runs give way to other programs; good for working on meanwhile.",
                },
                None,
            ),
            Self::ToggleBefore => face(
                View,
                0,
                "Before/After",
                "Switch between the original and the result; hold \\ for a short look at the original.",
                None,
            ),
            Self::ToggleSplit => face(View, 0, "Split", "The original on the left, the result on the right.", None),
            Self::ToggleEncoded => face(
                View,
                0,
                "Encoded",
                "Show the result as its file will hold it, with the size of the file.",
                Some((NONE, Key::E)),
            ),
            Self::ZoomFit => face(View, 1, "Fit", "Show the whole picture.", Some((NONE, Key::Num0))),
            Self::ZoomFull => {
                face(View, 1, "100 %", "Show each pixel as one pixel of the screen.", Some((NONE, Key::Num1)))
            }
            Self::ZoomIn => face(View, 1, "Zoom In", "Show the picture larger.", Some((NONE, Key::Plus))),
            Self::ZoomOut => face(View, 1, "Zoom Out", "Show the picture smaller.", Some((NONE, Key::Minus))),
            Self::ToggleSheet => {
                face(View, 2, "Contact Sheet", "Show the pictures as a sheet instead of a list.", None)
            }
            Self::ToggleTimeline => face(
                View,
                2,
                "Timeline",
                "Show what every thread and core does, live and after the run.",
                Some((CTRL, Key::T)),
            ),
            Self::ToggleComparison => {
                face(View, 2, "Comparison Strip", "Show the runs of this set side by side.", None)
            }
            Self::Lab(LabAction::Open(Tab::Comparison)) => face(
                View,
                3,
                "Comparison…",
                "The lab: measure choices of workers on your pictures.",
                Some((CTRL, Key::L)),
            ),
            Self::Lab(LabAction::Open(Tab::Experiments)) => {
                face(View, 3, "Experiments…", "The lab: see each idea of threads and cores happen.", None)
            }
            Self::Lab(LabAction::AskForRecommendation) => {
                face(Workers, 2, "Recommend…", "Measure the pictures for some seconds and propose settings.", None)
            }
            Self::SetTheme(ThemePreference::System) => {
                face(View, 4, "System Theme", "Light or dark as the system says.", None)
            }
            Self::SetTheme(ThemePreference::Light) => {
                face(View, 4, "Light Theme", "Dark text on light surfaces.", None)
            }
            Self::SetTheme(ThemePreference::Dark) => face(View, 4, "Dark Theme", "Light text on dark surfaces.", None),
            Self::ToggleFullScreen => {
                face(View, 5, "Full Screen", "Fill the screen, or leave it again.", Some((NONE, Key::F11)))
            }
            Self::Start => face(Queue, 0, "Start", "Process every picture of the list.", Some((CTRL, Key::Enter))),
            Self::Pause => face(
                Queue,
                0,
                "Pause/Resume",
                "Let pictures in work finish and begin no other, or go on.",
                Some((NONE, Key::Space)),
            ),
            Self::Stop => face(Queue, 0, "Stop…", "End the run; finished results stay.", Some((NONE, Key::Escape))),
            Self::Explain => face(
                Help,
                0,
                "Threads and Cores",
                "What the choice between threads, cores and both means.",
                Some((NONE, Key::F1)),
            ),
            Self::ShowShortcuts => face(Help, 0, "Shortcuts", "All keys at a glance.", None),
            Self::About => face(Help, 1, "About Lightloom", "Version and licence.", None),
            _ => return None,
        })
    }

    /// All shortcuts, those with more modifiers first, since egui lets `Ctrl+O` match `Ctrl+Shift+O` as well.
    pub fn shortcuts() -> Vec<(KeyboardShortcut, Self)> {
        let mut all: Vec<_> =
            Self::all_in_menus().filter_map(|action| Some((action.face()?.shortcut?, action))).collect();
        // `+` needs Shift on some keyboards and none on others; `=` is the same key without it.
        all.push((KeyboardShortcut::new(NONE, Key::Equals), Self::ZoomIn));
        all.sort_by_key(|(shortcut, _)| {
            let m = shortcut.modifiers;
            std::cmp::Reverse([m.command, m.shift, m.alt].into_iter().filter(|&on| on).count())
        });
        all
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_two_actions_share_a_shortcut_or_a_text() {
        let shortcuts = Action::shortcuts();
        for (i, (a, _)) in shortcuts.iter().enumerate() {
            assert!(shortcuts[i + 1..].iter().all(|(b, _)| a != b), "{a:?} is taken twice");
        }
        let texts: Vec<_> = Action::all_in_menus().map(|a| a.face().unwrap().text).collect();
        for (i, text) in texts.iter().enumerate() {
            assert!(!texts[i + 1..].contains(text), "{text} stands twice");
        }
    }

    #[test]
    fn every_filter_and_executor_has_its_entry() {
        for menu in Menu::ALL {
            assert!(
                Action::all_in_menus().any(|a| a.face().is_some_and(|f| f.menu == menu)),
                "{} is empty",
                menu.title()
            );
        }
        let filters = Action::all_in_menus().filter(|a| matches!(a, Action::AddFilter(_))).count();
        assert_eq!(filters, FILTERS.len());
    }
}
