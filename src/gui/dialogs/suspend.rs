//! Counts down to a suspension of the machine, which can be prevented meanwhile.

use std::time::Instant;

use egui::Ui;

use crate::gui::model::action::Action;
use crate::gui::model::state::State;
use crate::gui::text;
use crate::gui::widgets::dialog_parts::{buttons, heading, secondary_button};

pub fn show(ui: &mut Ui, state: &State, out: &mut Vec<Action>) {
    let left = state.suspension.as_ref().map(|suspension| suspension.at.saturating_duration_since(Instant::now()));
    let secs = left.unwrap_or_default().as_secs() + 1;
    ui.set_width(380.0);
    heading(ui, "The run has ended");
    ui.label(format!("The computer is suspended in {}.", text::plural(secs as usize, "second")));
    buttons(ui, |ui| {
        let stay = ui.add(secondary_button("Stay Awake")).on_hover_text("Do not suspend the computer (Esc).");
        if ui.memory(|m| m.focused().is_none()) {
            stay.request_focus();
        }
        if stay.clicked() {
            out.push(Action::CloseDialog);
        }
    });
}
