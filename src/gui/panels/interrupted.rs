//! The offer to go on with a run that was interrupted.

use egui::{Align, Button, Label, Layout, Margin, Ui};

use crate::gui::model::action::{Action, RunsAction};
use crate::gui::model::past_runs::PastRun;
use crate::gui::model::state::{Page, State};
use crate::gui::panels::panel::{Panel, View};
use crate::gui::text;
use crate::gui::theme::Palette;
use crate::gui::widgets::paint::dot;

pub const PANEL: Panel = Panel::top("interrupted", show)
    .margin(Margin::symmetric(16, 6))
    .shown_if(|state| state.past.interrupted.is_some() && !state.is_running() && state.page() == Page::Pictures);

fn show(ui: &mut Ui, View { state, out, .. }: &mut View<'_>) {
    if let Some(run) = &state.past.interrupted {
        offer(ui, state, run, out);
    }
}

fn offer(ui: &mut Ui, state: &State, run: &PastRun, out: &mut Vec<Action>) {
    let palette = Palette::of(ui);
    ui.horizontal(|ui| {
        dot(ui, palette.light_mark);
        ui.with_layout(Layout::right_to_left(Align::Center), |ui| {
            let forget = ui.button("Forget").accessible_name("Forget the interrupted run");
            let help = "Do not offer it again. Nothing is removed, and the run stays in the history.";
            if forget.on_hover_text(help).clicked() {
                out.push(RunsAction::Forget.into());
            }
            let resume = RunsAction::Resume(run.journal.clone()).into();
            let disabled_reason = state.disabled_reason(&resume);
            let button = ui.add_enabled(disabled_reason.is_none(), Button::new("Resume"));
            let button = button.accessible_name("Resume the interrupted run");
            let help = "Compare the results with the journal, add the pictures to the list and process the rest.";
            if button.on_hover_text(help).on_disabled_hover_text(disabled_reason.unwrap_or_default()).clicked() {
                out.push(resume);
            }
            let done = run.finished();
            let sentence = format!(
                "A run of {} was interrupted on {}: {} {} done.",
                text::pictures(run.pictures),
                text::moment(run.last_written),
                text::count(done),
                if done == 1 { "is" } else { "are" }
            );
            ui.with_layout(Layout::left_to_right(Align::Center), |ui| {
                let place = run.folder.as_deref().map(|folder| format!(" Results in {}.", text::short_path(folder)));
                ui.add(Label::new(&sentence).truncate().show_tooltip_when_elided(false))
                    .on_hover_text(sentence + &place.unwrap_or_default());
            });
        });
    });
}
