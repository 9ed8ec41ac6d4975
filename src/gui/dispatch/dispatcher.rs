//! What dispatch works on.

use egui::Context;

use crate::gui::model::state::State;
use crate::gui::model::view_memory::ViewMemory;
use crate::gui::tasks::Tasks;

/// Changes the state.
pub struct Dispatcher<'a> {
    pub state: &'a mut State,
    pub memory: &'a mut ViewMemory,
    pub tasks: &'a mut Tasks,
    pub ctx: &'a Context,
    pub frame: &'a eframe::Frame,
}
