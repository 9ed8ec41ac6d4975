//! Ready-made experiments as cards: what is done, a button, and the findings as bars and a sentence.

use egui::{
    Align, Align2, FontId, Label, Layout, Margin, Rect, RichText, Role, ScrollArea, Sense, Stroke, Ui, WidgetInfo,
    pos2, vec2,
};

use crate::gui::model::action::{Action, LabAction};
use crate::gui::model::lab::LabTab;
use crate::gui::model::measurement::MeasurementPurpose;
use crate::gui::model::state::{Page, State};
use crate::gui::panels::panel::{Panel, View};
use crate::gui::text;
use crate::gui::theme::{self, GRID, Palette};
use crate::gui::widgets::button::labelled_button;
use crate::gui::widgets::card::card;
use crate::gui::widgets::icon::Icon;
use crate::gui::widgets::measurement_progress::measurement_progress;
use crate::gui::widgets::paint::elided;
use crate::lab::{Bar, EXPERIMENTS, Experiment, Findings};

pub const PANEL: Panel = Panel::central("lab experiments", show)
    .margin(Margin::symmetric(16, 12))
    .shown_if(|state| state.page() == Page::Lab(LabTab::Experiments));

fn show(ui: &mut Ui, View { state, out, .. }: &mut View<'_>) {
    let palette = Palette::of(ui);
    let with = if state.pictures.is_empty() { "the sample photos" } else { "some of your pictures" };
    let hint = format!(
        "Each takes some seconds, uses {with}, and leaves no files behind. This machine has {}.",
        state.lab.machine
    );
    ui.label(RichText::new(hint).color(palette.weak));
    ui.add_space(GRID / 2.0);
    ScrollArea::vertical().id_salt("experiments").auto_shrink(false).show(ui, |ui| {
        ui.spacing_mut().item_spacing.y = GRID;
        for experiment in EXPERIMENTS {
            let response = card(ui).show(ui, |ui| {
                ui.set_min_width(ui.available_width());
                card_content(ui, state, experiment, out);
            });
            if state.lab.reveal == Some(experiment.id) {
                response.response.scroll_to_me(Some(Align::Min));
            }
        }
    });
}

fn card_content(ui: &mut Ui, state: &State, experiment: &'static Experiment, out: &mut Vec<Action>) {
    let palette = Palette::of(ui);
    ui.horizontal(|ui| {
        ui.with_layout(Layout::right_to_left(Align::Min), |ui| {
            let disabled_reason = state.disabled_reason(&LabAction::RunExperiment(experiment.id).into());
            let again = state.lab.findings.contains_key(experiment.id);
            let button = labelled_button(Icon::Start, if again { "Again" } else { "Run" });
            let response = ui
                .add_enabled(disabled_reason.is_none(), button)
                .on_hover_text("Run this experiment.")
                .on_disabled_hover_text(disabled_reason.unwrap_or_default());
            if response.accessible_name(format!("Run: {}", experiment.title)).clicked() {
                out.push(LabAction::RunExperiment(experiment.id).into());
            }
            ui.add_space(GRID);
            ui.with_layout(Layout::top_down(Align::Min), |ui| {
                ui.spacing_mut().item_spacing.y = 2.0;
                ui.label(RichText::new(experiment.title).size(theme::BODY + 2.0));
                ui.add(Label::new(RichText::new(experiment.text).color(palette.weak)).wrap());
            });
        });
    });
    if let Some(measurement) = &state.lab.measurement
        && measurement.purpose == MeasurementPurpose::Experiment(experiment.id)
    {
        if measurement_progress(ui, measurement) {
            out.push(LabAction::Stop.into());
        }
        return;
    }
    match state.lab.findings.get(experiment.id) {
        Some(Ok(findings)) => show_findings(ui, findings),
        Some(Err(reason)) => {
            ui.label(RichText::new(reason).color(palette.bad));
        }
        None => {}
    }
}

fn show_findings(ui: &mut Ui, findings: &Findings) {
    let palette = Palette::of(ui);
    ui.spacing_mut().item_spacing.y = 2.0;
    let mut unit = "";
    for bar in &findings.bars {
        if bar.unit != unit {
            unit = bar.unit;
            ui.add_space(2.0);
        }
        let of_unit = findings.bars.iter().filter(|other| other.unit == bar.unit);
        let most = of_unit.map(|other| other.range.1.max(other.value)).fold(0.0, f64::max);
        draw_bar(ui, bar, most);
    }
    ui.add_space(GRID / 2.0);
    ui.add(Label::new(&findings.sentence).wrap());
    if let Some(simulated) = &findings.simulated {
        ui.label(RichText::new(format!("({simulated})")).color(palette.warn));
    }
}

fn draw_bar(ui: &mut Ui, bar: &Bar, most: f64) {
    const NAME_WIDTH: f32 = 210.0;
    const FIGURE_WIDTH: f32 = 150.0;
    let palette = Palette::of(ui);
    let (rect, response) = ui.allocate_exact_size(vec2(ui.available_width(), 22.0), Sense::hover());
    let value = format!("{} {}", text::rate(bar.value), bar.unit);
    let name = format!("{}: {value}", bar.label);
    response.widget_info(|| WidgetInfo::labeled(Role::Label, true, &name));
    let middle = rect.center().y;
    elided(
        ui,
        pos2(rect.left(), middle - 9.0),
        NAME_WIDTH - GRID,
        &bar.label,
        FontId::proportional(theme::BODY),
        palette.text,
    );
    let rail = Rect::from_min_max(
        pos2(rect.left() + NAME_WIDTH, middle - 6.0),
        pos2(rect.right() - FIGURE_WIDTH, middle + 6.0),
    );
    ui.painter().rect_filled(rail, 4.0, palette.sunken);
    let place = |value: f64| rail.left() + rail.width() * (value / most.max(1e-12)).clamp(0.0, 1.0) as f32;
    let filled = Rect::from_min_max(rail.min, pos2(place(bar.value).max(rail.left() + 3.0), rail.bottom()));
    ui.painter().rect_filled(filled, 4.0, palette.loom);
    let (low, high) = (place(bar.range.0), place(bar.range.1));
    if high - low > 2.0 {
        let stroke = Stroke::new(1.5, palette.text);
        ui.painter().hline(low..=high, middle, stroke);
        for x in [low, high] {
            ui.painter().vline(x, middle - 3.0..=middle + 3.0, stroke);
        }
    }
    let figures = theme::figures(theme::SMALL + 1.0);
    ui.painter().text(pos2(rect.right(), middle), Align2::RIGHT_CENTER, &value, figures, palette.text);
    response.on_hover_text(format!(
        "Runs from {} to {} {}; the bar is the median.",
        text::rate(bar.range.0),
        text::rate(bar.range.1),
        bar.unit
    ));
}
