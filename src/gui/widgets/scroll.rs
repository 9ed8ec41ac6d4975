//! Scrolling whose bar lies in the margin, so that nothing moves under the hand when it appears.

use egui::scroll_area::ScrollAreaOutput;
use egui::{Rect, ScrollArea, Ui, UiBuilder, vec2};

/// Width of the margin on the right that the bar needs.
pub const BAR_MARGIN: f32 = 8.0;

/// Gives `show` a place that is wider by [`BAR_MARGIN`], into the margin at the right, in which the bar lies. The content
/// is to be as wide as the place was: see [`content`].
pub fn in_margin<R>(ui: &mut Ui, show: impl FnOnce(&mut Ui) -> ScrollAreaOutput<R>) -> ScrollAreaOutput<R> {
    let room = ui.available_rect_before_wrap();
    let wider = Rect::from_min_size(room.min, room.size() + vec2(BAR_MARGIN, 0.0));
    ui.scope_builder(UiBuilder::new().max_rect(wider), |ui| {
        ui.spacing_mut().scroll.floating_allocated_width = 0.0;
        show(ui)
    })
    .inner
}

/// Within the content of such an area: the width beside the bar.
pub fn content(ui: &mut Ui) {
    ui.set_max_width(ui.available_width() - BAR_MARGIN);
}

/// A vertical scroll area whose bar lies in the margin.
pub fn vertical<R>(ui: &mut Ui, area: ScrollArea, add: impl FnOnce(&mut Ui) -> R) -> ScrollAreaOutput<R> {
    in_margin(ui, |ui| {
        area.show(ui, |ui| {
            content(ui);
            add(ui)
        })
    })
}
