//! What is different for the current picture alone: rotated, straightened, cropped, exposed before the recipe begins.

use egui::{CollapsingHeader, RichText, ScrollArea, Ui};

use crate::filter::{ParamKind, ParamSpec, Value};
use crate::gui::model::action::{Action, RecipeAction};
use crate::gui::model::history::{EditTarget, Gesture};
use crate::gui::model::state::State;
use crate::gui::text;
use crate::gui::theme::Palette;
use crate::gui::widgets::parameter::{self, Edit};
use crate::recipe::Overrides;

/// Minimum height of the section.
const MIN_HEIGHT: f32 = 120.0;

const fn number(
    key: &'static str,
    label: &'static str,
    help: &'static str,
    unit: &'static str,
    most: f64,
    step: f64,
) -> ParamSpec {
    let kind = ParamKind::Number { min: -most, max: most, default: 0.0, step, logarithmic: false };
    ParamSpec { key, label, help, unit, kind, zero: None, condition: None }
}

const fn share(key: &'static str, label: &'static str, help: &'static str) -> ParamSpec {
    let kind = ParamKind::Number { min: 0.0, max: 99.0, default: 0.0, step: 0.1, logarithmic: false };
    ParamSpec { key, label, help, unit: "%", kind, zero: None, condition: None }
}

/// The numbers in the order in which they are shown.
static NUMBERS: [ParamSpec; 6] = [
    number("straighten", "Straighten", "Rotates this picture; positive is clockwise", "°", 45.0, 0.1),
    share("left", "Crop left", "Share of this picture's width cut off on the left"),
    share("top", "Crop top", "Share of this picture's height cut off at the top"),
    share("right", "Crop right", "Share of this picture's width cut off on the right"),
    share("bottom", "Crop bottom", "Share of this picture's height cut off at the bottom"),
    number("exposure", "Exposure of this picture", "Each stop doubles the light of this picture", "EV", 10.0, 0.05),
];

fn value(of: &mut Overrides, index: usize) -> &mut f64 {
    match index {
        0 => &mut of.straighten,
        1..=4 => &mut of.crop[index - 1],
        _ => &mut of.exposure,
    }
}

/// Draws the section, collapsed until it is opened.
pub fn show(ui: &mut Ui, state: &State, press: u64, out: &mut Vec<Action>) {
    let Some(entry) = state.pictures.current() else { return };
    let now = state.history.overrides_of(&entry.source.path);
    let title = if now.is_none() { "This picture only" } else { "This picture only (changed)" };
    let header = CollapsingHeader::new(RichText::new(title)).id_salt("only this picture");
    let name = text::file_name(&entry.source.path);
    let shown = header.show(ui, |ui| {
        // Half of the space belongs to the filters.
        let max_height = (0.5 * ui.available_height()).max(MIN_HEIGHT);
        let area = ScrollArea::vertical().id_salt("only this picture").max_height(max_height);
        area.show(ui, |ui| content(ui, now, press, &name, out));
    });
    let help = "Rotate, straighten, crop and expose the selected picture, before the filters of all pictures.";
    shown.header_response.on_hover_text(help);
}

fn content(ui: &mut Ui, now: Overrides, press: u64, name: &str, out: &mut Vec<Action>) {
    ui.label(RichText::new(name).small().color(Palette::of(ui).weak));
    ui.horizontal(|ui| {
        let mut rotate = |ui: &mut Ui, title: &str, help: &str, by: u8| {
            if ui.button(title).on_hover_text(help).clicked() {
                out.push(RecipeAction::SetOverrides(Overrides { turns: (now.turns + by) % 4, ..now }, None).into());
            }
        };
        rotate(ui, "Rotate left", "Rotate by 90° to the left.", 3);
        rotate(ui, "Rotate right", "Rotate by 90° to the right.", 1);
        if !now.is_none() {
            let reset = ui.button("Reset").accessible_name("Reset this picture");
            if reset.on_hover_text("Remove all changes to this picture.").clicked() {
                out.push(RecipeAction::SetOverrides(Overrides::default(), None).into());
            }
        }
    });
    for (index, spec) in NUMBERS.iter().enumerate() {
        let mut edited = now;
        let before = *value(&mut edited, index);
        let edit = ui.push_id(spec.key, |ui| parameter::control(ui, spec, &Value::Number(before))).inner;
        if let Edit::Value(Value::Number(number)) = edit
            && number != before
        {
            // Opposite sides leave something of the picture.
            let most = match index {
                1..=4 => 99.0 - now.crop[(index + 1) % 4],
                _ => f64::INFINITY,
            };
            *value(&mut edited, index) = number.min(most);
            out.push(
                RecipeAction::SetOverrides(
                    edited,
                    Some(Gesture { press, target: EditTarget::Overrides, control: index }),
                )
                .into(),
            );
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_number_has_its_field() {
        let mut of = Overrides::default();
        for index in 0..NUMBERS.len() {
            *value(&mut of, index) = index as f64 + 1.0;
        }
        let expected = Overrides { turns: 0, straighten: 1.0, crop: [2.0, 3.0, 4.0, 5.0], exposure: 6.0 };
        assert_eq!(of, expected);
        let opposite: Vec<_> = (1..=4).map(|index| NUMBERS[1 + (index + 1) % 4].key).collect();
        assert_eq!(opposite, ["right", "bottom", "left", "top"]);
    }
}
