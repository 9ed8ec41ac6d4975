//! The values of the pixel under the pointer, of original and result, in the colours of the screen.

use egui::{Align2, Color32, ColorImage, Response, Role, Sense, Ui, Vec2, WidgetInfo, vec2};

use crate::gui::model::action::ViewAction;
use crate::gui::model::optional_panels::PIXEL_VALUES;
use crate::gui::model::state::State;
use crate::gui::panels::preview::canvas::Canvas;
use crate::gui::panels::preview::panes::{Placement, pane_at};
use crate::gui::tasks::preview::images::{Layer, PreviewImages};
use crate::gui::text;
use crate::gui::theme::{self, GRID, Palette};

const HEIGHT: f32 = 24.0;

/// Writes the values at the upper edge of the canvas; those of the middle while the pointer is elsewhere.
pub fn show(ui: &Ui, state: &State, canvas: &Canvas, images: &PreviewImages, response: &Response) {
    let pointer = response.hover_pos().and_then(|at| Some((at, pane_at(&canvas.panes, at)?)));
    let (at, pane) = pointer.unwrap_or_else(|| (canvas.panes[0].area.center(), &canvas.panes[0]));
    let [after, before] = Placement::new(&canvas.layout, images, pane.area).points_at(pane.side, at);
    let text = match readings(images, after, before) {
        Some(text) => text,
        None => "Outside of the picture".to_owned(),
    };
    let palette = Palette::of(ui);
    let galley = ui.painter().layout_no_wrap(text.clone(), theme::figures(theme::SMALL), palette.text);
    let size = vec2(galley.size().x + 2.0 * GRID, HEIGHT);
    let top = if canvas.names_sides { 2.0 * GRID + HEIGHT } else { GRID };
    let place = Align2::CENTER_TOP.anchor_size(canvas.rect.center_top() + vec2(0.0, top), size);
    let painter = ui.painter_at(canvas.rect);
    painter.rect_filled(place, theme::ROUND, palette.panel.gamma_multiply(0.9));
    painter.galley(Align2::CENTER_CENTER.anchor_size(place.center(), galley.size()).min, galley, palette.text);
    let said = ui.interact(place, ui.scope_id().with("pixel values"), Sense::hover());
    said.widget_info(|| WidgetInfo::labeled(Role::Label, true, &text));
    let help = "Red, green and blue from 0 to 255, in the colours of the screen: of the original, then of the result. Where the picture is larger than the preview keeps it, of a mean of pixels.";
    said.on_hover_text(text::with_keys(ui.ctx(), help, state.keys.keys_for(ViewAction::TogglePanel(&PIXEL_VALUES))));
}

/// Place and values, original before result; `None` where there is neither.
fn readings(images: &PreviewImages, after: Option<Vec2>, before: Option<Vec2>) -> Option<String> {
    let after = images.after.as_ref().zip(after);
    let before = images.before.as_ref().zip(before);
    let (layer, share) = after.or(before)?;
    let place = share * layer.size;
    let mut text = format!("x {:.0}  y {:.0}", place.x.floor(), place.y.floor());
    let values = [before, after].map(|side| side.map(|(layer, share)| value(&layer.pixels, share)));
    for (value, sign) in values.into_iter().zip(["  ", if before.is_some() { " → " } else { "  " }]) {
        let Some(colour) = value else { continue };
        let [r, g, b, a] = colour.to_srgba_unmultiplied();
        text.push_str(&format!("{sign}R {r} G {g} B {b}"));
        if a < 255 {
            text.push_str(&format!(" A {a}"));
        }
    }
    let mean = pixels_per_value(layer);
    if mean > 1.0 {
        text.push_str(&format!("  mean of {mean:.0} × {mean:.0}"));
    }
    Some(text)
}

fn value(pixels: &ColorImage, share: Vec2) -> Color32 {
    let [width, height] = pixels.size;
    let index = |share: f32, side: usize| ((share * side as f32) as usize).min(side.saturating_sub(1));
    pixels.pixels.get(index(share.y, height) * width + index(share.x, width)).copied().unwrap_or_default()
}

/// How many pixels, in each direction, a value that is kept is the mean of.
fn pixels_per_value(layer: &Layer) -> f32 {
    (layer.size.x / layer.pixels.size[0].max(1) as f32).round()
}
