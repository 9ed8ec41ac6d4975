//! The header of the lab: its tabs, and the way back to the pictures.

use egui::{Align, Key, Layout, Margin, Modifiers, Popup, Ui};

use crate::gui::model::action::{Action, LabAction};
use crate::gui::model::lab::LabTab;
use crate::gui::model::state::{Page, State};
use crate::gui::panels::panel::{Panel, View};
use crate::gui::theme::GRID;
use crate::gui::widgets::button::icon_button;
use crate::gui::widgets::icon::Icon;
use crate::gui::widgets::segmented::{Segment, segmented};

pub const PANEL: Panel =
    Panel::top("lab head", show).margin(Margin::symmetric(16, 8)).shown_if(|state| state.page() != Page::Pictures);

fn show(ui: &mut Ui, View { state, out, .. }: &mut View<'_>) {
    let tabs = [LabTab::Comparison, LabTab::Lessons];
    let segments = tabs.map(|tab| {
        let (text, help) = match tab {
            LabTab::Comparison => ("Measurements", "Compare executors and numbers of workers on your own pictures."),
            LabTab::Lessons => ("Lessons", "Try on this machine what textbooks teach of threads and processes."),
        };
        Segment::new(text, help, state.lab.tab == Some(tab))
    });
    ui.horizontal(|ui| {
        ui.heading("Lab");
        ui.add_space(GRID);
        if let Some(chosen) = segmented(ui, true, 30.0, &segments) {
            out.push(LabAction::Open(tabs[chosen]).into());
        }
        ui.with_layout(Layout::right_to_left(Align::Center), |ui| {
            if icon_button(ui, Icon::Close, "Back to the pictures (Esc)", true).clicked() {
                out.push(LabAction::Close.into());
            }
        });
    });
    close_with_escape(ui, state, out);
}

/// Escape closes the lab, unless it means something else at the moment.
fn close_with_escape(ui: &Ui, state: &State, out: &mut Vec<Action>) {
    let free = state.dialog.is_none() && !state.is_running() && ui.memory(|m| m.focused().is_none());
    if free && !Popup::is_any_open(ui.ctx()) && ui.input_mut(|i| i.consume_key(Modifiers::NONE, Key::Escape)) {
        out.push(LabAction::Close.into());
    }
}
