//! What is different for the current picture alone: rotated, straightened, cropped, exposed before the recipe begins.

use egui::{Align, Button, CollapsingHeader, Label, Layout, RichText, ScrollArea, Ui};

use crate::gui::model::action::{Action, RecipeAction, ViewAction};
use crate::gui::model::history::{EditTarget, Gesture};
use crate::gui::model::placeable::Placeable;
use crate::gui::model::state::State;
use crate::gui::text;
use crate::gui::theme::{GRID, Palette};
use crate::gui::widgets::button::icon_button;
use crate::gui::widgets::icon::{Icon, icon_atom};
use crate::gui::widgets::parameter::{self, Edit};
use crate::gui::widgets::scroll;
use crate::recipe::Overrides;

/// Minimum height of the section.
const MIN_HEIGHT: f32 = 120.0;

/// Draws the section, collapsed until it is opened.
pub fn show(ui: &mut Ui, state: &State, press: u64, out: &mut Vec<Action>) {
    let Some(entry) = state.pictures.current() else { return };
    let now = state.history.overrides_of(&entry.found.source);
    let title = if now.is_none() { "This photo only" } else { "This photo only (changed)" };
    let header = CollapsingHeader::new(RichText::new(title)).id_salt("only this picture");
    let name = text::file_name(entry.path());
    let shown = header.show(ui, |ui| {
        // Half of the space belongs to the filters.
        let max_height = (0.5 * ui.available_height()).max(MIN_HEIGHT);
        let area =
            ScrollArea::vertical().id_salt("only this picture").auto_shrink([false, true]).max_height(max_height);
        scroll::vertical(ui, area, |ui| {
            content(ui, now, press, &name, out);
            on_picture(ui, state.edited_on_picture(), out);
        });
    });
    let help = "Rotate, straighten, crop and expose the selected picture, before the filters of all pictures.";
    shown.header_response.on_hover_text(help);
}

/// Buttons that show angle and crop on the picture, to be dragged there.
fn on_picture(ui: &mut Ui, edited: Option<Placeable>, out: &mut Vec<Action>) {
    ui.horizontal(|ui| {
        ui.spacing_mut().button_padding.x = GRID;
        for (target, title, name) in [
            (Placeable::Straighten, "Straighten…", "Straighten this photo on the picture"),
            (Placeable::Crop, "Crop…", "Crop this photo on the picture"),
        ] {
            let on = edited == Some(target);
            let button = Button::new((icon_atom(Icon::Handles, 12.0), title)).gap(6.0).selected(on);
            let response = ui.add(button).accessible_name(name);
            if response.on_hover_text(format!("{name}. Esc or Enter ends it.")).clicked() {
                out.push(ViewAction::EditOnPicture((!on).then_some(target)).into());
            }
        }
    });
}

fn content(ui: &mut Ui, now: Overrides, press: u64, name: &str, out: &mut Vec<Action>) {
    ui.horizontal(|ui| {
        ui.with_layout(Layout::right_to_left(Align::Center), |ui| {
            // It is always there, so that nothing moves when a value is changed.
            if icon_button(ui, Icon::Reset, "Reset this photo", !now.is_none()).clicked() {
                out.push(RecipeAction::SetOverrides(Overrides::default(), None).into());
            }
            ui.with_layout(Layout::left_to_right(Align::Center), |ui| {
                let name = RichText::new(name).small().color(Palette::of(ui).weak);
                ui.add(Label::new(name).truncate());
            });
        });
    });
    ui.horizontal(|ui| {
        ui.spacing_mut().button_padding.x = GRID;
        let mut rotate = |ui: &mut Ui, title: &str, help: &str, by: usize| {
            if ui.button(title).on_hover_text(help).clicked() {
                out.push(RecipeAction::SetOverrides(Overrides { rotate: now.rotate.turned(by), ..now }, None).into());
            }
        };
        rotate(ui, "Rotate left", "Rotate by 90° to the left.", 3);
        rotate(ui, "Rotate right", "Rotate by 90° to the right.", 1);
    });
    // The first is set by the buttons above.
    for (index, spec) in Overrides::SPECS.iter().enumerate().skip(1) {
        let before = &now.values()[index];
        if let Edit::Value(value) = ui.push_id(spec.key, |ui| parameter::control(ui, spec, before)).inner
            && value != *before
        {
            let gesture = Gesture { press, target: EditTarget::Overrides, control: index };
            out.push(RecipeAction::SetOverrides(now.with(index, value), Some(gesture)).into());
        }
    }
}
