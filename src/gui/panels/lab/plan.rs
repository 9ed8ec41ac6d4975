//! The left side of a comparison: what is to be measured, the button that measures it, and saved results.

use egui::{Checkbox, Frame, Margin, RichText, ScrollArea, Ui};

use crate::batch::EXECUTORS;
use crate::gui::model::action::{Action, LabAction};
use crate::gui::model::lab::LabTab;
use crate::gui::model::lab_plan::{LabPlan, WorkerCount};
use crate::gui::model::measurement::MeasurementPurpose;
use crate::gui::model::ranges::{BUDGET_SECS, REPEATS};
use crate::gui::model::state::{Page, State};
use crate::gui::panels::lab::saved_results;
use crate::gui::panels::panel::{Panel, View};
use crate::gui::text;
use crate::gui::theme::{self, GRID, Palette};
use crate::gui::widgets::button::primary_button;
use crate::gui::widgets::icon::Icon;
use crate::gui::widgets::measurement_progress::measurement_progress;
use crate::gui::widgets::number_field::NumberField;
use crate::gui::widgets::slow_source::{DEFAULT_SOURCE, slow_source_fields};

pub const PANEL: Panel =
    Panel::left("lab plan", show).exact_size(268.0).shown_if(|state| state.page() == Page::Lab(LabTab::Comparison));

fn show(ui: &mut Ui, View { state, out, .. }: &mut View<'_>) {
    let frame = Frame::new().inner_margin(Margin { top: 8, ..Margin::ZERO });
    egui::Panel::bottom("lab start").frame(frame).show(ui, |ui| start_or_stop(ui, state, out));
    ScrollArea::vertical().id_salt("plan").auto_shrink(false).show(ui, |ui| {
        form(ui, state, out);
        ui.add_space(2.0 * GRID);
        saved_results::show(ui, state, out);
    });
}

fn start_or_stop(ui: &mut Ui, state: &State, out: &mut Vec<Action>) {
    if let Some(measurement) = &state.lab.measurement
        && measurement.purpose == MeasurementPurpose::Comparison
    {
        if measurement_progress(ui, measurement) {
            out.push(LabAction::Stop.into());
        }
        return;
    }
    let disabled_reason = state.disabled_reason(&LabAction::Start.into());
    let button = primary_button(ui, disabled_reason.is_none(), Some(Icon::Start), "Measure")
        .on_hover_text("Run every choice once a round, in random order, until the answer is clear.")
        .on_disabled_hover_text(disabled_reason.unwrap_or_default());
    if button.clicked() {
        out.push(LabAction::Start.into());
    }
    if let Some(reason) = disabled_reason {
        ui.label(RichText::new(reason).small().color(Palette::of(ui).weak));
    }
}

/// What is to be measured.
fn form(ui: &mut Ui, state: &State, out: &mut Vec<Action>) {
    let enabled = state.lab.measurement.is_none();
    let mut plan = state.lab.plan.clone();
    ui.spacing_mut().item_spacing.y = 6.0;
    choices(ui, enabled, &mut plan);
    ui.add_space(GRID);
    runs(ui, enabled, &mut plan);
    source(ui, enabled, &mut plan);
    if cfg!(target_os = "linux") {
        cache(ui, enabled, &mut plan);
    }
    ui.add_space(GRID);
    estimate(ui, state, &plan);
    if plan != state.lab.plan {
        out.push(LabAction::SetPlan(plan).into());
    }
}

/// Executors and numbers of workers.
fn choices(ui: &mut Ui, enabled: bool, plan: &mut LabPlan) {
    title(ui, "Executors");
    for (executor, on) in EXECUTORS.iter().zip(&mut plan.executors) {
        let help = format!("{}.", executor.help);
        ui.add_enabled(enabled, Checkbox::new(on, executor.title)).on_hover_text(help);
    }
    ui.add_space(GRID);
    title(ui, "Numbers of workers");
    ui.horizontal_wrapped(|ui| {
        ui.spacing_mut().item_spacing.x = GRID;
        for WorkerCount { workers, chosen } in &mut plan.counts {
            let name = text::plural(*workers, "worker");
            let checkbox = ui.add_enabled(enabled, Checkbox::new(chosen, workers.to_string()));
            checkbox.on_hover_text(format!("Each executor with {name}.")).accessible_name(name);
        }
    });
}

/// Number of runs and pictures.
fn runs(ui: &mut Ui, enabled: bool, plan: &mut LabPlan) {
    title(ui, "Runs");
    let repeats = NumberField {
        label: "Rounds at least",
        help: "Each round runs every choice once, in random order; a warm-up run comes first. More rounds distinguish smaller differences from chance.",
        suffix: "",
        zero: None,
        range: REPEATS,
        speed: 0.05,
        indent: 0.0,
    };
    ui.scope(|ui| {
        if let Some(n) = repeats.show(ui, enabled, plan.repeats) {
            plan.repeats = n;
        }
        let budget = NumberField {
            label: "Add rounds for",
            help: "Rounds are added until the answer is clear, or until the measurement has taken this long. 0 adds none.",
            suffix: " s",
            zero: Some("none"),
            range: BUDGET_SECS,
            speed: 1.0,
            ..repeats
        };
        if let Some(n) = budget.show(ui, enabled, plan.budget_secs) {
            plan.budget_secs = n;
        }
        let sample = NumberField {
            label: "Pictures",
            help: "At most this many pictures per run, spread over the list; 0 for all of them.",
            zero: Some("all"),
            range: 0..=10_000,
            speed: 0.2,
            ..repeats
        };
        if let Some(n) = sample.show(ui, enabled, plan.sample.unwrap_or(0)) {
            plan.sample = (n > 0).then_some(n);
        }
    });
}

/// The simulated source.
fn source(ui: &mut Ui, enabled: bool, plan: &mut LabPlan) {
    let mut slow = plan.source.is_some();
    let help = "Pretend that the pictures come from a slow disk or network. Results are marked as simulated.";
    if ui.add_enabled(enabled, Checkbox::new(&mut slow, "Simulated source")).on_hover_text(help).changed() {
        plan.source = slow.then_some(DEFAULT_SOURCE);
    }
    if let Some(source) = plan.source
        && let Some(edited) = slow_source_fields(ui, enabled, source, 24.0)
    {
        plan.source = Some(edited);
    }
}

/// The file cache.
fn cache(ui: &mut Ui, enabled: bool, plan: &mut LabPlan) {
    let help = "Take the pictures' files out of the file cache before each run, as after a restart of the machine. Otherwise they are read from memory after the first time.";
    ui.add_enabled(enabled, Checkbox::new(&mut plan.cold, "Cold file cache")).on_hover_text(help);
}

/// What the measurement will take.
fn estimate(ui: &mut Ui, state: &State, plan: &LabPlan) {
    let palette = Palette::of(ui);
    let choices = plan.choices(&state.settings).len();
    let pictures = plan.pictures(state.pictures.len());
    let more = if plan.budget_secs > 0 && choices > 1 { " More are added until the answer is clear." } else { "" };
    let note = format!(
        "{} of {} each, and a warm-up.{more} They write where an export would; the files are deleted.",
        text::plural(choices * plan.repeats, "run"),
        text::pictures(pictures),
    );
    ui.label(RichText::new(note).small().color(palette.weak));
    if pictures == 1 {
        let note = "One picture cannot be shared among workers, so all choices will be equal. Add more pictures to compare them.";
        ui.label(RichText::new(note).small().color(palette.warn));
    }
}

fn title(ui: &mut Ui, text: &str) {
    let palette = Palette::of(ui);
    ui.label(RichText::new(text).size(theme::BODY).color(palette.loom));
}
