//! What the last run came to: time, sizes, speed, its slowest pictures, and what was skipped or failed and why.

use egui::{Grid, Label, RichText, ScrollArea, Ui, vec2};

use crate::gui::model::action::{Action, RunsAction};
use crate::gui::model::failures::Failures;
use crate::gui::model::run::RunSummary;
use crate::gui::model::run_details::RunDetails;
use crate::gui::model::state::State;
use crate::gui::panels::causes;
use crate::gui::text;
use crate::gui::theme::{self, GRID, Palette};
use crate::gui::widgets::dialog_parts::{buttons, closing_button, heading, secondary_button};
use crate::gui::widgets::pace_chart::sparkline;
use crate::gui::widgets::scroll;

const WIDTH: f32 = 520.0;
/// Size of the chart of the speed.
const CHART: egui::Vec2 = vec2(220.0, 32.0);
/// Reasons that are listed.
const CAUSES: usize = 6;

/// Draws its contents.
pub fn show(ui: &mut Ui, state: &State, out: &mut Vec<Action>) {
    ui.set_width(WIDTH);
    heading(ui, "Summary of the run");
    let Some(summary) = &state.summary else { return };
    let max_height = (ui.ctx().content_rect().height() - 190.0).max(160.0);
    let area = ScrollArea::vertical().id_salt("summary").auto_shrink([false, true]).max_height(max_height);
    scroll::vertical(ui, area, |ui| {
        figures(ui, summary);
        if let Some(details) = &summary.details {
            slowest(ui, details);
            reasons(ui, "Skipped", &details.skipped);
        }
        reasons(ui, "Failed", &summary.failures);
    });
    buttons(ui, |ui| {
        if closing_button(ui, "Close") {
            out.push(Action::CloseDialog);
        }
        let offers = [("Open Folder", Action::OpenResults), ("Retry Failed", RunsAction::RetryFailed.into())];
        for (title, action) in offers {
            let reason = state.disabled_reason(&action);
            let help = action.presentation().map_or("", |presentation| presentation.help.as_ref());
            let button = ui.add_enabled(reason.is_none(), secondary_button(title));
            if button.on_hover_text(help).on_disabled_hover_text(reason.unwrap_or_default()).clicked() {
                out.push(action);
            }
        }
    });
}

fn figures(ui: &mut Ui, summary: &RunSummary) {
    let totals = &summary.totals;
    let palette = Palette::of(ui);
    let mut rows = vec![("Time", text::duration(totals.wall_secs)), ("Pictures", counts(summary))];
    if let Some(details) = summary.details.as_ref().filter(|details| details.source_bytes > 0) {
        let RunDetails { source_bytes, result_bytes, .. } = *details;
        let share = 100.0 * result_bytes as f64 / source_bytes as f64;
        let (before, after) = (text::bytes(source_bytes), text::bytes(result_bytes));
        rows.push(("Size", format!("{before} before, {after} after ({share:.0} %)")));
    }
    let megapixels = text::rate(totals.megapixels / totals.wall_secs.max(1e-9));
    rows.push(("Speed", format!("{} images/s, {megapixels} MP/s", text::rate(totals.images_per_sec()))));
    rows.push(("Processor", format!("{}, {:.1} cores busy", summary.settings.executor.title, totals.cpu_use())));
    Grid::new("summary figures").num_columns(2).min_row_height(22.0).spacing([2.0 * GRID, 2.0]).show(ui, |ui| {
        for (name, value) in rows {
            ui.label(RichText::new(name).color(palette.weak));
            ui.add(Label::new(value).wrap());
            ui.end_row();
        }
        if summary.pace.speeds().len() > 1 {
            ui.label(RichText::new("Over time").color(palette.weak));
            sparkline(ui, &summary.pace, CHART);
            ui.end_row();
        }
    });
}

/// How the pictures ended, in words.
fn counts(summary: &RunSummary) -> String {
    let totals = &summary.totals;
    let mut words = vec![format!("{} done", text::count(totals.done))];
    for (count, word) in [
        (totals.copied, "of them copied unchanged"),
        (totals.partial, "damaged and partly read"),
        (totals.failed, "failed"),
        (totals.skipped, "skipped"),
        (totals.stopped, "not done"),
    ] {
        if count > 0 {
            words.push(format!("{} {word}", text::count(count)));
        }
    }
    words.join(", ")
}

fn title(ui: &mut Ui, title: &str) {
    ui.add_space(GRID);
    ui.label(RichText::new(title).color(Palette::of(ui).loom));
}

fn slowest(ui: &mut Ui, details: &RunDetails) {
    if details.slowest.is_empty() {
        return;
    }
    title(ui, "Slowest pictures");
    for slow in &details.slowest {
        ui.horizontal(|ui| {
            ui.spacing_mut().interact_size.y = 18.0;
            let secs = RichText::new(text::duration(slow.secs)).font(theme::figures(theme::SMALL));
            ui.add_sized([64.0, 18.0], Label::new(secs));
            let line = format!("{}, mostly {}", text::file_name(&slow.path), slow.mostly.title());
            let line = Label::new(RichText::new(line).size(theme::SMALL)).truncate();
            ui.add(line).on_hover_text(text::short_path(&slow.path));
        });
    }
}

fn reasons(ui: &mut Ui, word: &str, groups: &[Failures]) {
    if !groups.is_empty() {
        title(ui, word);
        causes(ui, groups, CAUSES);
    }
}
