//! The speed of a run in the course of time, as a small chart.

use egui::{Pos2, Rect, Role, Sense, Shape, Stroke, Ui, Vec2, WidgetInfo, pos2};

use crate::gui::model::pace::{Pace, Speed};
use crate::gui::text;
use crate::gui::theme::{self, Palette};

/// A step line of megapixels per second, or of images where nothing was decoded, above a filled area.
pub fn sparkline(ui: &mut Ui, pace: &Pace, size: Vec2) {
    let (rect, response) = ui.allocate_exact_size(size, Sense::hover());
    let palette = Palette::of(ui);
    let highest = |of: fn(&Speed) -> f64| pace.speeds().map(|speed| of(&speed)).fold(0.0, f64::max);
    let images = highest(|speed| speed.images_per_sec);
    let megapixels = highest(|speed| speed.megapixels_per_sec);
    let (of, most): (fn(&Speed) -> f64, f64) = if megapixels > 0.0 {
        (|speed| speed.megapixels_per_sec, megapixels)
    } else {
        (|speed| speed.images_per_sec, images)
    };
    let name = format!("Speed over time, at most {} MP/s and {} images/s", text::rate(megapixels), text::rate(images));
    response.widget_info(|| WidgetInfo::labeled(Role::Image, true, &name));
    ui.painter().rect_filled(rect, theme::ROUND, palette.sunken);
    let inside = rect.shrink(2.0);
    let whole: f64 = pace.speeds().map(|speed| speed.secs).sum();
    if whole > 0.0 && most > 0.0 {
        let mut left = inside.left();
        let mut line: Vec<Pos2> = Vec::new();
        for speed in pace.speeds() {
            let right = left + inside.width() * (speed.secs / whole) as f32;
            let top = inside.bottom() - inside.height() * (of(&speed) / most) as f32;
            let column = Rect::from_min_max(pos2(left, top), pos2(right, inside.bottom()));
            ui.painter().rect_filled(column, 0.0, palette.loom_soft);
            line.extend([pos2(left, top), pos2(right, top)]);
            left = right;
        }
        ui.painter().add(Shape::line(line, Stroke::new(1.0, palette.loom)));
    }
    response.on_hover_text(format!("{name}."));
}
