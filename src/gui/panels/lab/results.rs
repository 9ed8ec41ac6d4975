//! The results of a comparison: verdict, chart, table, and what can be done with them.

use egui::{Align, Button, Layout, Margin, Rect, RichText, ScrollArea, TextEdit, Ui, pos2, vec2};

use crate::gui::model::action::{Action, LabAction};
use crate::gui::model::lab::{DisplayedResults, LabTab, ResultsFormat, apply_proposal};
use crate::gui::model::measurement::MeasurementPurpose;
use crate::gui::model::state::{Page, State};
use crate::gui::panels::lab::{chart, table};
use crate::gui::panels::panel::{Panel, View};
use crate::gui::text;
use crate::gui::theme::{self, GRID, Palette};
use crate::gui::widgets::button::primary_button;
use crate::gui::widgets::card::callout;

pub const PANEL: Panel = Panel::central("lab results", show)
    .margin(Margin::symmetric(16, 12))
    .shown_if(|state| state.page() == Page::Lab(LabTab::Comparison));

/// Draws the results; remembers where they are, for a picture of them.
fn show(ui: &mut Ui, View { state, memory, out, .. }: &mut View<'_>) {
    let palette = Palette::of(ui);
    let lab = &state.lab;
    memory.lab_results = None;
    let Some(shown) = &lab.shown else {
        nothing_yet(ui, state);
        return;
    };
    ScrollArea::vertical().id_salt("results").auto_shrink(false).show(ui, |ui| {
        let top = ui.cursor().min;
        header(ui, shown);
        verdict(ui, state, shown, out);
        if !shown.comparison.rows.is_empty() {
            ui.add_space(GRID / 2.0);
            chart::show(ui, lab);
            ui.add_space(GRID / 2.0);
            table::show(ui, lab);
        }
        let whole = Rect::from_min_max(top, pos2(ui.max_rect().right(), ui.cursor().min.y));
        memory.lab_results = Some(whole.intersect(ui.clip_rect()));
        if lab.purpose() != Some(MeasurementPurpose::Comparison) && !shown.comparison.rows.is_empty() {
            ui.add_space(GRID);
            name_and_export(ui, state, shown, out);
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

fn header(ui: &mut Ui, shown: &DisplayedResults) {
    let palette = Palette::of(ui);
    let results = &shown.results;
    ui.horizontal_wrapped(|ui| {
        ui.label(RichText::new(shown.name()).size(theme::BODY + 2.0));
        let bytes =
            if results.input_bytes > 0 { format!(", {}", text::bytes(results.input_bytes)) } else { String::new() };
        let rounds = text::plural(shown.comparison.rounds, "round");
        let target = if results.target.is_empty() { String::new() } else { format!("; written to {}", results.target) };
        let facts = format!(
            "{}{bytes}; {rounds} in random order; {}{target}; {}; {}",
            text::pictures(results.images),
            shown.cache,
            results.machine,
            results.program
        );
        ui.label(RichText::new(facts).small().color(palette.weak));
    });
}

fn verdict(ui: &mut Ui, state: &State, shown: &DisplayedResults, out: &mut Vec<Action>) {
    let palette = Palette::of(ui);
    if state.lab.purpose() == Some(MeasurementPurpose::Comparison) {
        callout(ui, palette.waiting, |ui| {
            ui.label(
                RichText::new("The verdict appears once every choice has been run often enough.").color(palette.weak),
            );
        });
        return;
    }
    let failed = shown.results.runs.iter().map(|run| run.totals.failed).max().unwrap_or(0);
    let clear = shown.recommendation.is_some();
    callout(ui, if clear { palette.good } else { palette.waiting }, |ui| {
        ui.label(RichText::new(&shown.verdict).size(theme::BODY + 1.0));
        if failed > 0 {
            let note = format!("{} of {} failed in a run.", text::count(failed), text::pictures(shown.results.images));
            ui.label(RichText::new(note).color(palette.bad));
        }
        let Some(recommendation) = &shown.recommendation else { return };
        ui.horizontal(|ui| {
            let present = &state.settings;
            let wanted = apply_proposal(present, &recommendation.settings);
            let disabled_reason = if wanted == *present {
                Some("These settings are in use.")
            } else {
                state.disabled_reason(&LabAction::Apply(wanted.clone()).into())
            };
            let button = primary_button(ui, disabled_reason.is_none(), None, "Apply")
                .on_hover_text("Use this choice for your runs.")
                .on_disabled_hover_text(disabled_reason.unwrap_or_default());
            if button.accessible_name("Apply the recommendation").clicked() {
                out.push(LabAction::Apply(wanted.clone()).into());
            }
            ui.label(recommendation.settings.describe());
            if wanted == *present {
                ui.label(RichText::new("(in use)").color(palette.good));
            }
        });
    });
}

/// The name, and buttons that save and export.
fn name_and_export(ui: &mut Ui, state: &State, shown: &DisplayedResults, out: &mut Vec<Action>) {
    let palette = Palette::of(ui);
    ui.horizontal(|ui| {
        let label = ui.label(RichText::new("Name").color(palette.weak));
        let mut name = state.lab.name.clone();
        let field = TextEdit::singleline(&mut name).hint_text("for example: holidays from the network drive");
        let response = ui.add(field.desired_width(230.0).margin(Margin::symmetric(8, 6)));
        let response = response.labelled_by(label.id).on_hover_text("The name under which the results are saved.");
        if response.changed() {
            out.push(LabAction::SetName(name).into());
        }
        let disabled_reason = state.disabled_reason(&LabAction::Save.into());
        let save = Button::new("Save").min_size(vec2(0.0, 32.0));
        let response = ui
            .add_enabled(disabled_reason.is_none(), save)
            .on_hover_text("Save these results under this name.")
            .on_disabled_hover_text(disabled_reason.unwrap_or_default());
        if response.accessible_name("Save results").clicked() {
            out.push(LabAction::Save.into());
        }
        if shown.saved {
            ui.label(RichText::new("saved").small().color(palette.good));
        }
        ui.with_layout(Layout::right_to_left(Align::Center), |ui| {
            for format in ResultsFormat::ALL.into_iter().rev() {
                let button = Button::new(format.title()).min_size(vec2(0.0, 32.0));
                let response = ui.add(button).on_hover_text(format.help());
                if response.accessible_name(format!("Export {}", format.title())).clicked() {
                    out.push(LabAction::Export(format).into());
                }
            }
            ui.label(RichText::new("Export").color(palette.weak));
        });
    });
}
