//! What was changed, the latest at the bottom: a click goes to the recipe as it was after that change. What has been undone
//! is below, in grey.

use egui::{Align, Button, Color32, CornerRadius, Layout, RichText, ScrollArea, Ui, vec2};

use crate::gui::model::action::{Action, RecipeAction, ViewAction};
use crate::gui::model::optional_panels::CHANGES;
use crate::gui::model::state::State;
use crate::gui::theme::{self, GRID, Palette};
use crate::gui::widgets::button::icon_button;
use crate::gui::widgets::icon::Icon;
use crate::gui::widgets::scroll;

const ROW: f32 = theme::COMPACT;

/// Draws the list.
pub fn show(ui: &mut Ui, state: &State, out: &mut Vec<Action>) {
    ui.separator();
    ui.horizontal(|ui| {
        ui.heading("Changes");
        ui.with_layout(Layout::right_to_left(Align::Center), |ui| {
            if icon_button(ui, Icon::Close, "Hide the changes", true).clicked() {
                out.push(ViewAction::TogglePanel(&CHANGES).into());
            }
        });
    });
    let made = state.history.made();
    let names: Vec<&str> = std::iter::once("At first").chain(state.history.changes()).collect();
    ui.spacing_mut().item_spacing.y = 0.0;
    // Once the latest change is in view, it stays so.
    let area = ScrollArea::vertical().id_salt("changes").auto_shrink(false).stick_to_bottom(true);
    scroll::in_margin(ui, |ui| {
        area.show_rows(ui, ROW, names.len(), |ui, range| {
            scroll::content(ui);
            for place in range {
                row(ui, names[place], place, made, out);
            }
        })
    });
}

fn row(ui: &mut Ui, name: &str, place: usize, made: usize, out: &mut Vec<Action>) {
    let palette = Palette::of(ui);
    let colour = if place > made { palette.weak } else { palette.text };
    let text = RichText::new(name).size(theme::SMALL + 1.0).color(colour);
    let fill = if place == made { palette.loom_soft } else { Color32::TRANSPARENT };
    let button = Button::selectable(place == made, text).fill(fill).corner_radius(CornerRadius::same(4)).truncate();
    let help = match place.cmp(&made) {
        std::cmp::Ordering::Less => "Go back to the recipe as it was then.",
        std::cmp::Ordering::Equal => "The recipe is as it was then.",
        std::cmp::Ordering::Greater => "This was undone. Do it again, with what is above it.",
    };
    let width = ui.available_width() - GRID / 2.0;
    let response = ui.add(button.min_size(vec2(width, ROW))).on_hover_text(format!("{name}\n{help}"));
    if response.clicked() && place != made {
        out.push(RecipeAction::GoTo(place).into());
    }
}
