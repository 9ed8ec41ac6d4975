//! The tutorials' comparison of threads and processes, with figures of this machine.

use egui::{Grid, Label, RichText, Ui};

use crate::gui::model::action::Action;
use crate::gui::model::lessons::LessonPage;
use crate::gui::model::state::State;
use crate::gui::panels::lab::lessons::card;
use crate::gui::theme::{self, GRID, Palette};
use crate::gui::widgets::card::card as frame;
use crate::lab::lessons::MeasuredTable;

const CLAIM: &str = "Threads and processes differ in memory, in what a start costs, in what they are quick at and in what a crash costs.";

/// Draws the table, or what is known of it.
pub fn show(ui: &mut Ui, state: &State, out: &mut Vec<Action>) {
    let lessons = &state.lessons;
    let label = if lessons.table.is_some() { "Measure Again" } else { "Measure" };
    card::heading(ui, state, LessonPage::Table, "Threads and processes compared", CLAIM, label, out);
    if let Some(trial) = lessons.trial.as_ref().filter(|trial| trial.page == LessonPage::Table) {
        card::progress(ui, trial, out);
    }
    match &lessons.table {
        Some(Ok(measured)) => table(ui, measured),
        Some(Err(reason)) => {
            ui.label(RichText::new(reason).color(Palette::of(ui).bad));
        }
        None => {}
    }
}

fn table(ui: &mut Ui, table: &MeasuredTable) {
    let palette = Palette::of(ui);
    frame(ui).show(ui, |ui| {
        ui.set_min_width(ui.available_width());
        let name_width = 112.0;
        let width = ((ui.available_width() - name_width) / 3.0 - 2.0 * GRID).max(96.0);
        Grid::new("comparison of workers").num_columns(4).spacing([2.0 * GRID, 10.0]).show(ui, |ui| {
            ui.label("");
            for column in table.columns {
                ui.label(RichText::new(column).color(palette.loom));
            }
            ui.end_row();
            for row in &table.rows {
                ui.scope(|ui| {
                    ui.set_width(name_width);
                    ui.label(RichText::new(row.name).color(palette.weak)).on_hover_text(format!("{}.", row.how));
                });
                for cell in &row.cells {
                    let text = RichText::new(&cell.text);
                    let text = if cell.value.is_some() { text.font(theme::figures(theme::SMALL + 1.0)) } else { text };
                    ui.scope(|ui| {
                        ui.set_width(width);
                        ui.add(Label::new(text).wrap());
                    });
                }
                ui.end_row();
            }
        });
    });
    ui.spacing_mut().item_spacing.y = 3.0;
    if !table.note.is_empty() {
        ui.add(Label::new(RichText::new(&table.note).color(palette.warn)).wrap());
    }
    for row in &table.rows {
        ui.add(Label::new(RichText::new(format!("{}: {}.", row.name, row.how)).small().color(palette.weak)).wrap());
    }
    ui.add(Label::new(RichText::new(format!("({})", table.simulated)).small().color(palette.warn)).wrap());
}
