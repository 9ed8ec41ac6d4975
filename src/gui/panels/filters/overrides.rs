//! What is different for single pictures: rotated, straightened, cropped, exposed before the recipe begins. Where several
//! pictures are selected, a change is one of all of them.

use egui::{Align, Button, CollapsingHeader, Label, Layout, RichText, ScrollArea, Ui};

use crate::gui::model::action::{Action, RecipeAction, ViewAction};
use crate::gui::model::adjustment::Adjustment;
use crate::gui::model::common_overrides::Common;
use crate::gui::model::history::{EditTarget, Gesture};
use crate::gui::model::placeable::Placeable;
use crate::gui::model::state::State;
use crate::gui::model::view_memory::ViewMemory;
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
pub fn show(ui: &mut Ui, state: &State, memory: &mut ViewMemory, out: &mut Vec<Action>) {
    let Some(entry) = state.pictures.current() else { return };
    let common = memory.common.common(state).clone();
    let whose = match common.pictures {
        0 | 1 => "This photo only".to_owned(),
        several => format!("These {} photos", text::count(several)),
    };
    let title = if common.is_changed { format!("{whose} (changed)") } else { whose };
    let header = CollapsingHeader::new(RichText::new(title)).id_salt("only this picture");
    let shown = header.show(ui, |ui| {
        // Half of the space belongs to the filters.
        let max_height = (0.5 * ui.available_height()).max(MIN_HEIGHT);
        let area =
            ScrollArea::vertical().id_salt("only this picture").auto_shrink([false, true]).max_height(max_height);
        let name = match common.pictures {
            0 | 1 => text::file_name(entry.path()),
            several => format!("{} and {} more", text::file_name(entry.path()), text::count(several - 1)),
        };
        let now = state.history.overrides_of(&entry.found.source);
        scroll::vertical(ui, area, |ui| {
            content(ui, now, &common, memory.presses, &name, out);
            on_picture(ui, state.edited_on_picture(), out);
        });
    });
    let help = "Rotate, straighten, crop and expose the selected pictures, before the filters of all pictures.";
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

fn content(ui: &mut Ui, now: Overrides, common: &Common, press: u64, name: &str, out: &mut Vec<Action>) {
    let mut adjust = |adjustment, gesture| out.push(RecipeAction::Adjust(adjustment, gesture).into());
    ui.horizontal(|ui| {
        ui.with_layout(Layout::right_to_left(Align::Center), |ui| {
            // It is always there, so that nothing moves when a value is changed.
            let title = if common.pictures > 1 { "Reset these photos" } else { "Reset this photo" };
            if icon_button(ui, Icon::Reset, title, common.is_changed).clicked() {
                adjust(Adjustment::Reset, None);
            }
            ui.with_layout(Layout::left_to_right(Align::Center), |ui| {
                let name = RichText::new(name).small().color(Palette::of(ui).weak);
                ui.add(Label::new(name).truncate());
            });
        });
    });
    ui.horizontal(|ui| {
        ui.spacing_mut().button_padding.x = GRID;
        for (title, help, quarters) in
            [("Rotate left", "Rotate by 90° to the left.", 3), ("Rotate right", "Rotate by 90° to the right.", 1)]
        {
            if ui.button(title).on_hover_text(help).clicked() {
                adjust(Adjustment::Rotate(quarters), None);
            }
        }
    });
    // The first is set by the buttons above.
    for (param, spec) in Overrides::SPECS.iter().enumerate().skip(1) {
        let before = &now.values()[param];
        let edited = ui.push_id(spec.key, |ui| {
            if common.mixed[param] {
                return parameter::mixed_number(ui, spec, before);
            }
            match parameter::control(ui, spec, before) {
                Edit::Value(value) if value != *before => Some(value),
                _ => None,
            }
        });
        if let Some(value) = edited.inner {
            let gesture = Gesture { press, target: EditTarget::Overrides, control: param };
            adjust(Adjustment::Set { param, value }, Some(gesture));
        }
    }
}
