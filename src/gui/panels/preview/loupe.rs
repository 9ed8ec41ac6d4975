//! The loupe: a part of the picture around the pointer, pixel for pixel or larger, in every pane at the same point.

use egui::{CursorIcon, Rect, Response, Role, Sense, Stroke, StrokeKind, Ui, Vec2, WidgetInfo};

use crate::gui::model::appearance::Zoom;
use crate::gui::panels::preview::canvas::{Canvas, paint_side};
use crate::gui::panels::preview::panes::{Placement, pane_at};
use crate::gui::tasks::preview::images::PreviewImages;
use crate::gui::theme::{self, Palette};

/// Side of the loupe, in points.
const SIDE: f32 = 208.0;
/// Tiles uploaded per frame.
const UPLOADS: usize = 2;

/// Draws the loupe around the pointer; in the middle of the panes while the pointer is elsewhere.
pub fn show(ui: &Ui, canvas: &Canvas, images: &mut PreviewImages, response: &Response) {
    let pointer = response.hover_pos().and_then(|at| Some((at, pane_at(&canvas.panes, at)?)));
    let offset = pointer.map_or_else(|| canvas.panes[0].area.size() / 2.0, |(at, pane)| at - pane.area.min);
    let now = canvas.layout.scale * canvas.layout.pixels_per_point;
    let factor = Zoom::of_loupe(now) / now;
    if pointer.is_some() {
        ui.set_cursor_icon(CursorIcon::Crosshair);
    }
    let palette = Palette::of(ui);
    let mut uploads = UPLOADS;
    for pane in &canvas.panes {
        let at = pane.area.min + offset;
        let lens = Rect::from_center_size(at, Vec2::splat(SIDE)).intersect(pane.clip);
        if !lens.is_positive() {
            continue;
        }
        let painter = ui.painter_at(lens);
        painter.rect_filled(lens, 0.0, palette.window);
        let placement = Placement::new(&canvas.layout, images, pane.area).magnified(at, factor);
        paint_side(pane.side, &placement, images, &painter, &mut uploads);
        painter.rect_stroke(lens, 0.0, Stroke::new(2.0, palette.light), StrokeKind::Inside);
    }
    let name = format!("Loupe at {:.0} %", 100.0 * now * factor);
    let place = Rect::from_min_size(canvas.rect.left_top(), Vec2::splat(theme::GRID));
    let mark = ui.interact(place, ui.scope_id().with("loupe"), Sense::hover());
    mark.widget_info(|| WidgetInfo::labeled(Role::Image, true, &name));
}
