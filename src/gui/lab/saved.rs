//! The list of saved results: reopen one, or put one beside what is shown.

use egui::{Button, RichText, Ui};

use super::LabAction;
use super::state::name_of;
use crate::gui::action::Action;
use crate::gui::state::State;
use crate::gui::text;
use crate::gui::theme::{self, Palette};

/// Draws it.
pub fn list(ui: &mut Ui, state: &State, out: &mut Vec<Action>) {
    let palette = Palette::of(ui);
    let lab = &state.lab;
    ui.label(RichText::new("Saved results").size(theme::BODY).color(palette.loom));
    let Some(saved) = &lab.saved else {
        ui.label(RichText::new("None have been looked for.").small().color(palette.weak));
        return;
    };
    if saved.is_empty() {
        let words = "None yet. Give results a name and save them, to compare other pictures, versions or machines.";
        ui.label(RichText::new(words).small().color(palette.weak));
    }
    for (index, entry) in saved.iter().enumerate() {
        let results = match entry {
            Ok(results) => results,
            Err(error) => {
                ui.label(RichText::new(format!("{}.", text::sentence(&error.to_string()))).small().color(palette.bad));
                continue;
            }
        };
        let name = name_of(results);
        ui.horizontal(|ui| {
            ui.spacing_mut().button_padding = egui::vec2(8.0, 2.0);
            ui.with_layout(egui::Layout::right_to_left(egui::Align::Center), |ui| {
                let is_other = lab.other.as_ref().is_some_and(|other| other.results == *results);
                let beside = Button::selectable(is_other, "Beside");
                let response = ui.add_enabled(lab.shown.is_some(), beside);
                let response = response.on_hover_text("Show these faintly beside the others, or no longer.");
                if response.accessible_name(format!("Compare with {name}")).clicked() {
                    out.push(Action::Lab(LabAction::Beside((!is_other).then_some(index))));
                }
                let open = ui.add_enabled(lab.task.is_none(), Button::new("Open"));
                if open.on_hover_text("Show these results.").accessible_name(format!("Open {name}")).clicked() {
                    out.push(Action::Lab(LabAction::Reopen(index)));
                }
                ui.with_layout(egui::Layout::left_to_right(egui::Align::Center), |ui| {
                    let facts = format!(
                        "{name}\n{}, {}\n{}",
                        text::date(results.measured_at),
                        text::pictures(results.images),
                        results.machine
                    );
                    ui.add(egui::Label::new(RichText::new(&name).small()).truncate()).on_hover_text(facts);
                });
            });
        });
    }
}
