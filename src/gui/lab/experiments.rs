//! Ready experiments as cards: what is done, a button, and what was found as bars and a sentence.

use egui::{Align, Align2, FontId, Label, Layout, Rect, RichText, Role, ScrollArea, Sense, Ui, WidgetInfo, pos2, vec2};

use super::{LabAction, Purpose, progress, why_not};
use crate::gui::action::Action;
use crate::gui::shell::card;
use crate::gui::state::State;
use crate::gui::text;
use crate::gui::theme::{self, GRID, Palette};
use crate::gui::widgets::{Icon, elided, labelled_button};
use crate::lab::{Bar, EXPERIMENTS, Experiment, Findings};

/// Draws all of them.
pub fn show(ui: &mut Ui, state: &State, out: &mut Vec<Action>) {
    let palette = Palette::of(ui);
    let with = if state.pictures.is_empty() { "the sample photos" } else { "some of your pictures" };
    let words =
        format!("Each takes some seconds, uses {with}, and leaves no files. This machine has {}.", state.lab.machine);
    ui.label(RichText::new(words).color(palette.weak));
    ui.add_space(GRID / 2.0);
    ScrollArea::vertical().id_salt("experiments").auto_shrink(false).show(ui, |ui| {
        ui.spacing_mut().item_spacing.y = GRID;
        for experiment in EXPERIMENTS {
            let response = card(ui).show(ui, |ui| {
                ui.set_min_width(ui.available_width());
                one(ui, state, experiment, out);
            });
            if state.lab.reveal == Some(experiment.id) {
                response.response.scroll_to_me(Some(Align::Min));
            }
        }
    });
}

fn one(ui: &mut Ui, state: &State, experiment: &'static Experiment, out: &mut Vec<Action>) {
    let palette = Palette::of(ui);
    let running = state.lab.purpose() == Some(Purpose::Experiment(experiment.id));
    ui.horizontal(|ui| {
        ui.with_layout(Layout::right_to_left(Align::Min), |ui| {
            let why = why_not(state, &LabAction::Experiment(experiment.id));
            let again = state.lab.findings.contains_key(experiment.id);
            let button = labelled_button(Icon::Start, if again { "Again" } else { "Run" });
            let response = ui
                .add_enabled(why.is_none(), button)
                .on_hover_text("Run this experiment.")
                .on_disabled_hover_text(why.unwrap_or_default());
            if response.accessible_name(format!("Run: {}", experiment.title)).clicked() {
                out.push(Action::Lab(LabAction::Experiment(experiment.id)));
            }
            ui.add_space(GRID);
            ui.with_layout(Layout::top_down(Align::Min), |ui| {
                ui.spacing_mut().item_spacing.y = 2.0;
                ui.label(RichText::new(experiment.title).size(theme::BODY + 2.0));
                ui.add(Label::new(RichText::new(experiment.text).color(palette.weak)).wrap());
            });
        });
    });
    if running {
        progress(ui, state, out);
        return;
    }
    match state.lab.findings.get(experiment.id) {
        Some(Ok(findings)) => found(ui, findings),
        Some(Err(reason)) => {
            ui.label(RichText::new(reason).color(palette.bad));
        }
        None => {}
    }
}

fn found(ui: &mut Ui, findings: &Findings) {
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
        draw(ui, bar, most);
    }
    ui.add_space(GRID / 2.0);
    ui.add(Label::new(&findings.sentence).wrap());
    if let Some(simulated) = &findings.simulated {
        ui.label(RichText::new(format!("({simulated})")).color(palette.warn));
    }
}

fn draw(ui: &mut Ui, bar: &Bar, most: f64) {
    const NAME: f32 = 210.0;
    const FIGURE: f32 = 150.0;
    let palette = Palette::of(ui);
    let (rect, response) = ui.allocate_exact_size(vec2(ui.available_width(), 22.0), Sense::hover());
    let value = format!("{} {}", text::rate(bar.value), bar.unit);
    let spoken = format!("{}: {value}", bar.label);
    response.widget_info(|| WidgetInfo::labeled(Role::Label, true, &spoken));
    let middle = rect.center().y;
    elided(
        ui,
        pos2(rect.left(), middle - 9.0),
        NAME - GRID,
        &bar.label,
        FontId::proportional(theme::BODY),
        palette.text,
    );
    let rail = Rect::from_min_max(pos2(rect.left() + NAME, middle - 6.0), pos2(rect.right() - FIGURE, middle + 6.0));
    ui.painter().rect_filled(rail, 4.0, palette.sunken);
    let place = |value: f64| rail.left() + rail.width() * (value / most.max(1e-12)).clamp(0.0, 1.0) as f32;
    let filled = Rect::from_min_max(rail.min, pos2(place(bar.value).max(rail.left() + 3.0), rail.bottom()));
    ui.painter().rect_filled(filled, 4.0, palette.loom);
    let (low, high) = (place(bar.range.0), place(bar.range.1));
    if high - low > 2.0 {
        let stroke = egui::Stroke::new(1.5, palette.text);
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
