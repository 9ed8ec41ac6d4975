//! The dialog that measures the pictures briefly and recommends settings.

use egui::{Checkbox, Grid, RichText, Ui};

use crate::batch::Settings;
use crate::gui::model::action::{Action, LabAction};
use crate::gui::model::lab::apply_proposal;
use crate::gui::model::measurement::MeasurementPurpose;
use crate::gui::model::state::State;
use crate::gui::text;
use crate::gui::theme::{GRID, Palette};
use crate::gui::widgets::button::primary_button;
use crate::gui::widgets::dialog_parts::{buttons, heading, secondary_button};
use crate::gui::widgets::measurement_progress::measurement_progress;

/// Draws its contents.
pub fn show(ui: &mut Ui, state: &State, out: &mut Vec<Action>) {
    let palette = Palette::of(ui);
    ui.set_width(460.0);
    heading(ui, "Recommend settings");
    let measurement = state.lab.measurement.as_ref().filter(|m| m.purpose == MeasurementPurpose::Recommendation);
    let mut proposed = None;
    if let Some(measurement) = measurement {
        ui.label("Measuring some of your pictures with your filters…");
        if measurement_progress(ui, measurement) {
            out.push(LabAction::Stop.into());
        }
    } else {
        match &state.lab.proposal {
            None => {
                ui.label("Processes some of your pictures with your filters for about ten seconds, then recommends an executor and how many threads, cores and how much memory to use. No files are left behind.");
            }
            Some(Err(reason)) => {
                ui.label(RichText::new(reason).color(palette.bad));
            }
            Some(Ok(recommendation)) => {
                let settings = apply_proposal(&state.settings, &recommendation.settings);
                table(ui, state, &settings);
                ui.add_space(GRID / 2.0);
                ui.label(&recommendation.reason);
                proposed = Some(settings);
            }
        }
    }
    if let Some(source) = state.settings.slow_source {
        ui.label(RichText::new(format!("({source})")).color(palette.warn));
    }
    ui.add_space(GRID / 2.0);
    let mut first = state.lab.recommend_first;
    let help = "Measure the first pictures of every session without being asked, and show this recommendation.";
    if ui.add(Checkbox::new(&mut first, "Recommend automatically at first use")).on_hover_text(help).changed() {
        out.push(LabAction::SetRecommendFirst(first).into());
    }
    let disabled_reason = state.disabled_reason(&LabAction::Recommend.into());
    buttons(ui, |ui| {
        let same = proposed.as_ref() == Some(&state.settings);
        match proposed.clone() {
            Some(settings) => {
                let why = if same {
                    Some("These settings are already in use.")
                } else {
                    state.disabled_reason(&LabAction::Apply(settings.clone()).into())
                };
                let button = primary_button(ui, why.is_none(), None, "Apply").on_hover_text("Use these settings.");
                if button.on_disabled_hover_text(why.unwrap_or_default()).clicked() {
                    out.push(LabAction::Apply(settings).into());
                    out.push(Action::CloseDialog);
                }
            }
            None if measurement.is_none() => {
                let button = primary_button(ui, disabled_reason.is_none(), None, "Measure")
                    .on_hover_text("Measure for about ten seconds.");
                if button.on_disabled_hover_text(disabled_reason.unwrap_or_default()).clicked() {
                    out.push(LabAction::Recommend.into());
                }
            }
            None => {}
        }
        if ui.add(secondary_button("Close")).on_hover_text("Close (Esc).").clicked() {
            out.push(Action::CloseDialog);
        }
        if proposed.is_some() {
            let again = secondary_button("Measure Again");
            let response = ui.add_enabled(disabled_reason.is_none(), again).on_hover_text("Measure once more.");
            if response.on_disabled_hover_text(disabled_reason.unwrap_or_default()).clicked() {
                out.push(LabAction::Recommend.into());
            }
        }
    });
    if let Some(reason) = disabled_reason.filter(|_| measurement.is_none() && proposed.is_none()) {
        ui.label(RichText::new(reason).small().color(palette.weak));
    }
}

/// The current settings and the recommended ones.
fn table(ui: &mut Ui, state: &State, proposed: &Settings) {
    let palette = Palette::of(ui);
    let present = &state.settings;
    Grid::new("proposal").num_columns(3).spacing([3.0 * GRID, 6.0]).show(ui, |ui| {
        for header in ["", "current", "recommended"] {
            ui.label(RichText::new(header).small().color(palette.weak));
        }
        ui.end_row();
        let mut row = |name: &str, value: fn(&Settings) -> String| {
            let (current, recommended) = (value(present), value(proposed));
            ui.label(RichText::new(name).color(palette.weak));
            ui.label(&current);
            let stands_out = current != recommended && ui.visuals().dark_mode;
            let colour = if stands_out { palette.light_mark } else { palette.text };
            ui.label(RichText::new(recommended).color(colour).strong());
            ui.end_row();
        };
        row("Executor", |settings| settings.executor.title.to_owned());
        row("I/O threads", |settings| settings.io_threads.to_string());
        row("Cores", |settings| settings.cores.to_string());
        row("Memory for pictures", |settings| text::bytes(settings.memory_bytes));
    });
}
