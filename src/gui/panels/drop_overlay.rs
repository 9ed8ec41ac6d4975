//! What a drop would add, shown while files are dragged over the window.

use egui::{Align2, FontId, Id, LayerId, Order, Rect, Stroke, StrokeKind, Ui, Vec2, vec2};

use crate::gui::model::state::State;
use crate::gui::text;
use crate::gui::theme::{self, Palette};
use crate::gui::widgets::icon::{Icon, paint_icon};

/// Draws it.
pub fn show(ui: &Ui, state: &State) {
    let ctx = ui.ctx();
    let count = ctx.input(|i| i.raw.hovered_files.len());
    if count == 0 {
        return;
    }
    let palette = Palette::of(ui);
    let painter = ctx.layer_painter(LayerId::new(Order::Foreground, Id::unique("drop overlay")));
    let screen = ctx.content_rect();
    painter.rect_filled(screen, 0.0, palette.window.gamma_multiply(0.985));
    let frame = screen.shrink(3.0 * theme::GRID);
    painter.rect_stroke(frame, 16.0, Stroke::new(2.0, palette.light_mark), StrokeKind::Inside);
    let centre = screen.center();
    let icon = Rect::from_center_size(centre - vec2(0.0, 48.0), Vec2::splat(48.0));
    paint_icon(&painter, Icon::Folder, icon, palette.light_mark);
    let name = ctx.input(|i| i.raw.hovered_files[0].path.as_deref().map(text::file_name));
    let items = name.filter(|_| count == 1).unwrap_or_else(|| text::plural(count, "item"));
    let headline = format!("Drop to add {items}");
    painter.text(centre, Align2::CENTER_CENTER, headline, FontId::proportional(theme::DISPLAY), palette.text);
    let hint = if state.is_running() {
        "They are added to the list for the next run."
    } else {
        "Folders are searched at any depth; a recipe file is loaded."
    };
    let below = centre + vec2(0.0, 32.0);
    painter.text(below, Align2::CENTER_CENTER, hint, FontId::proportional(theme::BODY), palette.weak);
}
