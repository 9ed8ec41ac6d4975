//! The window, in five steps:
//! 1. `model` says what is: the state, and the actions a user can take. It draws nothing and knows no view.
//! 2. `panels`, `dialogs` and `menus` are the views. They read the state and return actions; `widgets` is what they share.
//! 3. `dispatch` performs actions: the one place where the state changes.
//! 4. `tasks` is what goes on in the background, with threads of its own; `dispatch` handles its messages.
//! 5. `app` calls these once per frame: actions and messages first, then drawing.
//!
//! **Invariant:** the window knows all but `cli`. It holds no lock of the engine, waits for no thread of the engine while
//! drawing, and requests no repaint without a reason, so that an idle window uses no processor time.

mod app;
mod dialogs;
mod dispatch;
mod input;
mod launch;
mod menus;
mod model;
mod options;
mod panels;
mod pasted_paths;
mod tasks;
mod text;
mod theme;
mod widgets;

pub use app::App;
pub use launch::{WindowError, add_to_open_window, run};
pub use model::action::{
    Action, LabAction, PlanAction, PresetAction, RecipeAction, RunsAction, SettingsChange, ViewAction,
};
pub use model::appearance::{Appearance, PreviewMode, Theme, Zoom};
pub use model::dialog::{Dialog, PathPrompt, PathPurpose};
pub use model::lab::{LabState, LabTab, ResultsFormat};
pub use model::lessons::{LessonAction, LessonPage, LessonsState};
pub use model::notice::{Notice, Severity};
pub use model::past_runs::{PastRun, PastRuns, UndoState};
pub use model::pictures::{Entry, Pictures, SelectMode};
pub use model::plan::{PlanKind, PlanView};
pub use model::presentation::{Menu, MenuEntry, Presentation};
pub use model::stack::{ParamLocation, Stack, StepLocation};
pub use model::state::State;
pub use model::timelines::{TimeView, TimelineRun, Timelines};
pub use model::watch::{Watch, WatchAction, WatchPhase};
pub use options::Options;
pub use tasks::preview::images::PreviewImages;
