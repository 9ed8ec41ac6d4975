//! Why pictures of the last run failed, above the list of failures.

use egui::{Label, RichText, Ui};

use crate::gui::model::action::{Action, RunsAction};
use crate::gui::model::failures::Failures;
use crate::gui::model::state::State;
use crate::gui::text;
use crate::gui::theme::{self, GRID, Palette};
use crate::gui::widgets::card::card;

/// Causes that are shown; the others are in the history.
const SHOWN: usize = 4;

/// Draws the causes with their counts, and the button that tries the pictures again.
pub fn show(ui: &mut Ui, state: &State, out: &mut Vec<Action>) {
    let Some(summary) = state.summary.as_ref().filter(|summary| !summary.failures.is_empty()) else { return };
    let retry = Action::from(RunsAction::RetryFailed);
    let disabled_reason = state.disabled_reason(&retry);
    card(ui).show(ui, |ui| {
        ui.set_min_width(ui.available_width());
        ui.spacing_mut().item_spacing.y = GRID / 2.0;
        causes(ui, &summary.failures, SHOWN);
        let help = "Try them again, and what the run did not come to. Results are called as they would have been.";
        let help = text::with_keys(ui.ctx(), help, state.keys.keys_for(RunsAction::RetryFailed));
        let button = ui.add_enabled(disabled_reason.is_none(), egui::Button::new("Retry Failed"));
        if button.on_hover_text(help).on_disabled_hover_text(disabled_reason.unwrap_or_default()).clicked() {
            out.push(retry);
        }
    });
}

/// A line for each of the first causes.
pub fn causes(ui: &mut Ui, failures: &[Failures], shown: usize) {
    let palette = Palette::of(ui);
    for group in failures.iter().take(shown) {
        ui.horizontal(|ui| {
            ui.spacing_mut().interact_size.y = 18.0;
            let count = text::count(group.count);
            ui.label(RichText::new(count).font(theme::figures(theme::SMALL)).color(palette.bad));
            let cause = Label::new(RichText::new(text::sentence(&group.cause)).size(theme::SMALL))
                .truncate()
                .show_tooltip_when_elided(false);
            let like = if group.count > 1 { "Among them" } else { "It is" };
            let example = format!("{}.\n{like} {}.", text::sentence(&group.cause), text::short_path(&group.example));
            ui.add(cause).on_hover_text(example);
        });
    }
    if failures.len() > shown {
        ui.label(RichText::new(format!("and {} more causes", failures.len() - shown)).small().color(palette.weak));
    }
}
