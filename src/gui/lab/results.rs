//! Results: the verdict, the chart, the table, and what can be done with them.

use egui::{Align, Layout, Rect, RichText, ScrollArea, TextEdit, Ui, vec2};

use super::state::{Shown, applied};
use super::{Export, LabAction, Purpose, callout, chart, table, why_not};
use crate::gui::action::Action;
use crate::gui::shell::Panels;
use crate::gui::state::State;
use crate::gui::text;
use crate::gui::theme::{self, GRID, Palette};
use crate::gui::widgets::primary_button;

/// Draws them; puts down where they stand, for a picture of them.
pub fn show(ui: &mut Ui, state: &State, panels: &mut Panels, out: &mut Vec<Action>) {
    let palette = Palette::of(ui);
    let lab = &state.lab;
    panels.lab_results = None;
    let Some(shown) = &lab.shown else {
        nothing_yet(ui, state);
        return;
    };
    ScrollArea::vertical().id_salt("results").auto_shrink(false).show(ui, |ui| {
        let top = ui.cursor().min;
        head(ui, shown);
        verdict(ui, state, shown, out);
        if !shown.comparison.rows.is_empty() {
            ui.add_space(GRID / 2.0);
            chart::show(ui, lab);
            ui.add_space(GRID / 2.0);
            table::show(ui, lab);
        }
        let whole = Rect::from_min_max(top, egui::pos2(ui.max_rect().right(), ui.cursor().min.y));
        panels.lab_results = Some(whole.intersect(ui.clip_rect()));
        if lab.purpose() != Some(Purpose::Comparison) && !shown.comparison.rows.is_empty() {
            ui.add_space(GRID);
            keep(ui, state, shown, out);
        }
    });
    if let Some(problem) = &lab.problem {
        ui.label(RichText::new(problem).color(palette.bad));
    }
}

fn nothing_yet(ui: &mut Ui, state: &State) {
    let palette = Palette::of(ui);
    ui.add_space((ui.available_height() * 0.3).max(0.0));
    ui.vertical_centered(|ui| {
        if let Some(problem) = &state.lab.problem {
            ui.label(RichText::new(problem).color(palette.bad));
            return;
        }
        ui.label(RichText::new("Which choice is fastest for your pictures?").size(theme::HEADING));
        let (machine, hint) =
            (&state.lab.machine, "Choose executors and numbers of workers on the left and press Measure.");
        ui.label(RichText::new(format!("{hint} This machine has {machine}.")).color(palette.weak));
    });
}

fn head(ui: &mut Ui, shown: &Shown) {
    let palette = Palette::of(ui);
    let results = &shown.results;
    ui.horizontal_wrapped(|ui| {
        ui.label(RichText::new(shown.name()).size(theme::BODY + 2.0));
        let bytes =
            if results.input_bytes > 0 { format!(", {}", text::bytes(results.input_bytes)) } else { String::new() };
        let facts = format!("{}{bytes}; {}; {}", text::pictures(results.images), results.machine, results.program);
        ui.label(RichText::new(facts).small().color(palette.weak));
    });
}

fn verdict(ui: &mut Ui, state: &State, shown: &Shown, out: &mut Vec<Action>) {
    let palette = Palette::of(ui);
    if state.lab.purpose() == Some(Purpose::Comparison) {
        callout(ui, palette.waiting, |ui| {
            ui.label(
                RichText::new("The verdict comes when every choice has been run often enough.").color(palette.weak),
            );
        });
        return;
    }
    let failed = shown.results.runs.iter().map(|run| run.totals.failed).max().unwrap_or(0);
    let clear = shown.recommendation.is_some();
    callout(ui, if clear { palette.good } else { palette.waiting }, |ui| {
        ui.label(RichText::new(&shown.verdict).size(theme::BODY + 1.0));
        if failed > 0 {
            let sentence =
                format!("{} of {} failed in a run.", text::count(failed), text::pictures(shown.results.images));
            ui.label(RichText::new(sentence).color(palette.bad));
        }
        let Some(recommendation) = &shown.recommendation else { return };
        ui.horizontal(|ui| {
            let present = &state.settings;
            let wanted = applied(present, &recommendation.settings);
            let why = if wanted == *present {
                Some("These are your settings.")
            } else {
                why_not(state, &LabAction::Apply(wanted))
            };
            let button = primary_button(ui, why.is_none(), None, "Apply")
                .on_hover_text("Use this choice for your runs.")
                .on_disabled_hover_text(why.unwrap_or_default());
            if button.accessible_name("Apply the recommendation").clicked() {
                out.push(Action::Lab(LabAction::Apply(wanted)));
            }
            ui.label(recommendation.settings.describe());
            if wanted == *present {
                ui.label(RichText::new("(in use)").color(palette.good));
            }
        });
    });
}

/// Name, save, export.
fn keep(ui: &mut Ui, state: &State, shown: &Shown, out: &mut Vec<Action>) {
    let palette = Palette::of(ui);
    ui.horizontal(|ui| {
        let label = ui.label(RichText::new("Name").color(palette.weak));
        let mut name = state.lab.name.clone();
        let field = TextEdit::singleline(&mut name).hint_text("such as: holidays from the network drive");
        let response = ui.add(field.desired_width(230.0).margin(egui::Margin::symmetric(8, 6)));
        let response = response.labelled_by(label.id).on_hover_text("The name under which the results are saved.");
        if response.changed() {
            out.push(Action::Lab(LabAction::Name(name)));
        }
        let why = why_not(state, &LabAction::Save);
        let save = egui::Button::new("Save").min_size(vec2(0.0, 32.0));
        let response = ui
            .add_enabled(why.is_none(), save)
            .on_hover_text("Keep these results under their name.")
            .on_disabled_hover_text(why.unwrap_or_default());
        if response.accessible_name("Save results").clicked() {
            out.push(Action::Lab(LabAction::Save));
        }
        if shown.saved {
            ui.label(RichText::new("saved").small().color(palette.good));
        }
        ui.with_layout(Layout::right_to_left(Align::Center), |ui| {
            for kind in Export::ALL.into_iter().rev() {
                let button = egui::Button::new(kind.title()).min_size(vec2(0.0, 32.0));
                let response = ui.add(button).on_hover_text(kind.help());
                if response.accessible_name(format!("Export {}", kind.title())).clicked() {
                    out.push(Action::Lab(LabAction::Export(kind)));
                }
            }
            ui.label(RichText::new("Export").color(palette.weak));
        });
    });
}
