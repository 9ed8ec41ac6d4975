//! Questions that are answered with yes or no.

use egui::Ui;

use crate::batch::Outcome;
use crate::gui::model::action::Action;
use crate::gui::model::state::State;
use crate::gui::text;
use crate::gui::widgets::button::primary_button;
use crate::gui::widgets::dialog_parts::{buttons, heading, secondary_button};

struct Question<'a> {
    title: &'a str,
    text: &'a str,
    /// The button that agrees, and what it does.
    yes: &'a str,
    action: Action,
}

/// Whether to stop the run.
pub fn stop(ui: &mut Ui, state: &State, out: &mut Vec<Action>) {
    let saved = state.progress().map_or(0, |p| p.count(Outcome::Done) + p.count(Outcome::Partial));
    let text = format!(
        "{} saved so far; they are kept. Pictures in progress are dropped, and no half-written files remain.",
        text::pictures(saved)
    );
    let question = Question { title: "Stop the run?", text: &text, yes: "Stop the Run", action: Action::StopNow };
    question.show(ui, out);
}

/// Whether to quit during a run.
pub fn quit(ui: &mut Ui, out: &mut Vec<Action>) {
    let text = "A run is in progress. Finished results are kept; no half-written files remain.";
    let question = Question { title: "Quit Lightloom?", text, yes: "Stop and Quit", action: Action::QuitNow };
    question.show(ui, out);
}

impl Question<'_> {
    fn show(self, ui: &mut Ui, out: &mut Vec<Action>) {
        ui.set_width(380.0);
        heading(ui, self.title);
        ui.label(self.text);
        buttons(ui, |ui| {
            let yes = primary_button(ui, true, None, self.yes).on_hover_text(self.yes);
            if ui.memory(|m| m.focused().is_none()) {
                yes.request_focus();
            }
            if yes.clicked() {
                out.push(Action::CloseDialog);
                out.push(self.action);
            }
            if ui.add(secondary_button("Continue")).on_hover_text("Close this question (Esc).").clicked() {
                out.push(Action::CloseDialog);
            }
        });
    }
}
