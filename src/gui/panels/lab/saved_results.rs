//! The list of saved results: open them again, or compare the current ones with them.

use egui::{Align, Button, Label, Layout, RichText, Ui, vec2};

use crate::gui::model::action::{Action, LabAction};
use crate::gui::model::lab::name_of;
use crate::gui::model::state::State;
use crate::gui::text;
use crate::gui::theme::{self, Palette};

/// Draws the list.
pub fn show(ui: &mut Ui, state: &State, out: &mut Vec<Action>) {
    let palette = Palette::of(ui);
    let lab = &state.lab;
    ui.label(RichText::new("Saved results").size(theme::BODY).color(palette.loom));
    let Some(saved) = &lab.saved else {
        ui.label(RichText::new("Not loaded.").small().color(palette.weak));
        return;
    };
    if saved.is_empty() {
        let hint = "None yet. Name and save results to compare them with other pictures, versions or machines.";
        ui.label(RichText::new(hint).small().color(palette.weak));
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
            ui.spacing_mut().button_padding = vec2(8.0, 2.0);
            ui.with_layout(Layout::right_to_left(Align::Center), |ui| {
                let is_other = lab.other.as_ref().is_some_and(|other| other.results == *results);
                let compare = Button::selectable(is_other, "Compare");
                let response = ui.add_enabled(lab.shown.is_some(), compare);
                let response = response.on_hover_text("Show these faintly behind the current results, or no longer.");
                if response.accessible_name(format!("Compare with {name}")).clicked() {
                    out.push(LabAction::CompareWith((!is_other).then_some(index)).into());
                }
                let open = ui.add_enabled(lab.measurement.is_none(), Button::new("Open"));
                if open.on_hover_text("Show these results.").accessible_name(format!("Open {name}")).clicked() {
                    out.push(LabAction::Reopen(index).into());
                }
                ui.with_layout(Layout::left_to_right(Align::Center), |ui| {
                    let facts = format!(
                        "{name}\n{}, {}\n{}",
                        text::date(results.measured_at),
                        text::pictures(results.images),
                        results.machine
                    );
                    ui.add(Label::new(RichText::new(&name).small()).truncate()).on_hover_text(facts);
                });
            });
        });
    }
}
