//! The window: state, actions, panels. It draws what the engine tells and turns what a person does into actions.
//!
//! **Invariant:** this room knows all but `cli`. It holds no engine lock, waits for no engine thread while drawing, and
//! requests no repaint without a reason, so that an idle window costs no processor time. What an action does stands in
//! `perform` alone; panels read the state and return actions.

mod action;
mod app;
mod compare;
mod controls;
mod develop;
mod dialogs;
mod discovery;
mod empty;
mod export;
mod export_extras;
mod export_options;
mod face;
mod files;
mod history;
mod input;
mod lab;
mod launch;
mod limits;
mod look;
mod menu;
mod modals;
mod only;
mod outputs;
mod pace;
mod perform;
mod pictures;
mod presets;
mod preview;
mod progress;
mod saved;
mod shell;
mod stack;
mod state;
mod tabs;
mod text;
mod theme;
mod thumbs;
mod timeline;
mod toolbar;
mod widgets;
mod workers;
mod writer;

use std::path::PathBuf;

use crate::batch::Library;
use crate::codec::SomeLimits;
use crate::recipe::Recipe;

pub use action::Action;
pub use app::App;
pub use face::{Face, Menu};
pub use lab::{Export, LabAction, LabState, Plan, Shown as ShownResults, Tab};
pub use launch::{WindowError, run};
pub use pictures::{Entry, Pick, Pictures, Problem};
pub use presets::{PresetAction, Presets};
pub use preview::Preview;
pub use state::{Ask, Look, Modal, Notice, Shown, State, Summary, Tone, Zoom};
pub use tabs::Stack;
pub use timeline::{Kept, TimeView, Timelines};

/// What a window begins with.
#[derive(Debug, Clone, Default)]
pub struct Options {
    /// Files and folders to look through.
    pub inputs: Vec<PathBuf>,
    /// The recipe. Default: that of the last time.
    pub recipe: Option<Recipe>,
    /// The folder for results. Default: that of the last time.
    pub output: Option<PathBuf>,
    /// Limits that hold for this session instead of those of the last time.
    pub limits: SomeLimits,
    /// The folder for saved results of the lab. Default: among the person's data.
    pub lab_folder: Option<PathBuf>,
    /// Where own presets lie. Default: among the person's settings and data.
    pub library: Option<Library>,
}
