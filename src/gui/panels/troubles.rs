//! What is wrong during the run, above the strip at the bottom: what is missing, for how long, and what can be done.

use egui::{Align, Button, Label, Layout, Margin, Ui};

use crate::batch::Trouble;
use crate::gui::model::action::Action;
use crate::gui::model::state::State;
use crate::gui::panels::panel::{Panel, View};
use crate::gui::text;
use crate::gui::theme::Palette;
use crate::gui::widgets::paint::dot;

/// How many are shown at once; the others follow when these are over.
const SHOWN: usize = 3;

pub const PANEL: Panel = Panel::bottom("troubles", show)
    .margin(Margin::symmetric(16, 6))
    .shown_if(|state| state.run.as_ref().is_some_and(|run| !run.troubles.is_empty()));

fn show(ui: &mut Ui, View { state, out, .. }: &mut View<'_>) {
    let troubles = state.run.as_ref().map_or(&[][..], |run| &run.troubles);
    for trouble in troubles.iter().take(SHOWN) {
        row(ui, state, trouble, out);
    }
}

fn row(ui: &mut Ui, state: &State, trouble: &Trouble, out: &mut Vec<Action>) {
    let palette = Palette::of(ui);
    let stopping = state.run.as_ref().is_some_and(|run| run.running.control().is_stopped());
    ui.horizontal(|ui| {
        dot(ui, palette.bad);
        ui.with_layout(Layout::right_to_left(Align::Center), |ui| {
            if trouble.can_be_given_up() {
                let button = Button::new("Give Up These Pictures");
                let help = "The pictures that wait for this fail; the run goes on with the others.";
                if ui.add_enabled(!stopping, button).on_hover_text(help).clicked() {
                    out.push(Action::GiveUp(trouble.id));
                }
                let stop = ui.add_enabled(!stopping, Button::new("Stop")).accessible_name("Stop the run");
                if stop.on_hover_text("Stop the run; finished results are kept.").clicked() {
                    out.push(Action::Stop);
                }
            }
            let secs = trouble.since.elapsed().as_secs_f64();
            let sentence = format!("{} (for {}).", text::sentence(&trouble.to_string()), text::duration(secs));
            ui.with_layout(Layout::left_to_right(Align::Center), |ui| {
                ui.add(Label::new(&sentence).truncate()).on_hover_text(&sentence);
            });
        });
    });
}
