//! Boxes that set a part of a panel apart.

use egui::{Color32, Frame, Margin, Rect, Stroke, Ui, vec2};

use crate::gui::theme::{self, GRID, Palette};

/// The frame of a box on a panel.
pub fn card(ui: &Ui) -> Frame {
    let palette = Palette::of(ui);
    Frame::new()
        .fill(palette.raised)
        .stroke(Stroke::new(1.0, palette.border))
        .corner_radius(theme::CARD_ROUND)
        .inner_margin(Margin::same(GRID as i8 + 2))
}

/// A box with a coloured left edge, for a sentence that matters.
pub fn callout(ui: &mut Ui, colour: Color32, add: impl FnOnce(&mut Ui)) {
    let response = card(ui).inner_margin(Margin { left: 16, right: 12, top: 10, bottom: 10 }).show(ui, |ui| {
        ui.set_min_width(ui.available_width());
        add(ui);
    });
    let rect = response.response.rect;
    let edge = Rect::from_min_size(rect.min + vec2(0.0, 6.0), vec2(3.0, rect.height() - 12.0));
    ui.painter().rect_filled(edge, 1.5, colour);
}
