//! The dialog that measures the pictures briefly and proposes settings.

use egui::{Button, Checkbox, Grid, RichText, Ui, vec2};

use super::state::applied;
use super::{LabAction, Purpose, progress, why_not};
use crate::gui::action::Action;
use crate::gui::modals::buttons;
use crate::gui::state::State;
use crate::gui::text;
use crate::gui::theme::{GRID, Palette};
use crate::gui::widgets::primary_button;

/// Draws its contents.
pub fn show(ui: &mut Ui, state: &State, out: &mut Vec<Action>) {
    let palette = Palette::of(ui);
    ui.set_width(460.0);
    ui.heading("Recommend settings");
    ui.add_space(GRID);
    let measuring = state.lab.purpose() == Some(Purpose::Recommendation);
    let mut proposed = None;
    if measuring {
        ui.label("Measuring some of your pictures with your filters…");
        progress(ui, state, out);
    } else {
        match &state.lab.proposal {
            None => {
                ui.label("Runs some of your pictures with your filters, for about ten seconds, and proposes who should carry the work, with how many threads, cores and how much memory. No files stay.");
            }
            Some(Err(reason)) => {
                ui.label(RichText::new(reason).color(palette.bad));
            }
            Some(Ok(recommendation)) => {
                let settings = applied(&state.settings, &recommendation.settings);
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
    let help = "Measures the first pictures of every session by itself and shows this proposal.";
    if ui.add(Checkbox::new(&mut first, "Recommend automatically at first use")).on_hover_text(help).changed() {
        out.push(Action::Lab(LabAction::RecommendFirst(first)));
    }
    let why = why_not(state, &LabAction::Recommend);
    buttons(ui, |ui| {
        let same = proposed == Some(state.settings);
        match proposed {
            Some(settings) => {
                let why = if same {
                    Some("These are your settings already.")
                } else {
                    why_not(state, &LabAction::Apply(settings))
                };
                let button = primary_button(ui, why.is_none(), None, "Apply").on_hover_text("Use these settings.");
                if button.on_disabled_hover_text(why.unwrap_or_default()).clicked() {
                    out.push(Action::Lab(LabAction::Apply(settings)));
                    out.push(Action::CloseModal);
                }
            }
            None if !measuring => {
                let button =
                    primary_button(ui, why.is_none(), None, "Measure").on_hover_text("Measure for about ten seconds.");
                if button.on_disabled_hover_text(why.unwrap_or_default()).clicked() {
                    out.push(Action::Lab(LabAction::Recommend));
                }
            }
            None => {}
        }
        if ui.add(Button::new("Close").min_size(vec2(0.0, 32.0))).on_hover_text("Close (Esc).").clicked() {
            out.push(Action::CloseModal);
        }
        if proposed.is_some() {
            let again = Button::new("Measure Again").min_size(vec2(0.0, 32.0));
            let response = ui.add_enabled(why.is_none(), again).on_hover_text("Measure once more.");
            if response.on_disabled_hover_text(why.unwrap_or_default()).clicked() {
                out.push(Action::Lab(LabAction::Recommend));
            }
        }
    });
    if let Some(why) = why.filter(|_| !measuring && proposed.is_none()) {
        ui.label(RichText::new(why).small().color(palette.weak));
    }
}

/// What is set now and what would be.
fn table(ui: &mut Ui, state: &State, proposed: &crate::batch::Settings) {
    let palette = Palette::of(ui);
    let present = &state.settings;
    let rows = [
        ("Executor", present.executor.title.to_owned(), proposed.executor.title.to_owned()),
        ("I/O threads", present.io_threads.to_string(), proposed.io_threads.to_string()),
        ("Cores", present.cores.to_string(), proposed.cores.to_string()),
        ("Memory for pictures", text::bytes(present.memory_bytes), text::bytes(proposed.memory_bytes)),
    ];
    Grid::new("proposal").num_columns(3).spacing([3.0 * GRID, 6.0]).show(ui, |ui| {
        for word in ["", "now", "proposed"] {
            ui.label(RichText::new(word).small().color(palette.weak));
        }
        ui.end_row();
        for (name, now, then) in rows {
            ui.label(RichText::new(name).color(palette.weak));
            ui.label(&now);
            let colour = if now == then { palette.text } else { palette.light };
            ui.label(RichText::new(&then).color(if ui.visuals().dark_mode { colour } else { palette.text }).strong());
            ui.end_row();
        }
    });
}
