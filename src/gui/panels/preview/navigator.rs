//! The navigator: the whole picture in a corner while only a part of it is shown, with a frame around that part, which is
//! dragged or moved with the arrow keys.

use egui::{
    Color32, CursorIcon, Key, Modifiers, Rect, Role, Sense, Stroke, StrokeKind, Ui, Vec2, WidgetInfo, pos2, vec2,
};

use crate::gui::model::action::ViewAction;
use crate::gui::model::optional_panels::NAVIGATOR;
use crate::gui::model::state::State;
use crate::gui::model::view_memory::PreviewMemory;
use crate::gui::panels::preview::canvas::Canvas;
use crate::gui::tasks::preview::images::PreviewImages;
use crate::gui::text;
use crate::gui::theme::{FOCUS_WIDTH, GRID, Palette};

/// The longer side, in points.
const SIDE: f32 = 136.0;
/// By how much of what is shown an arrow key moves it.
const STEP: f32 = 0.2;

/// Draws the navigator in the lower left corner, if a part of the picture lies outside of the canvas.
pub fn show(ui: &Ui, state: &State, canvas: &mut Canvas, memory: &mut PreviewMemory, images: &PreviewImages) {
    let size = images.size();
    let half = canvas.half(size);
    let Some(layer) = images.after.as_ref().or(images.before.as_ref()) else { return };
    if half.x >= 0.5 && half.y >= 0.5 {
        return;
    }
    let extent = size * (SIDE / size.max_elem());
    let corner = canvas.rect.left_bottom() + vec2(GRID, -GRID);
    let rect = Rect::from_min_size(corner - vec2(0.0, extent.y), extent);
    let response = ui
        .interact(rect, ui.scope_id().with("navigator"), Sense::click_and_drag())
        .on_hover_and_drag_cursor(CursorIcon::Grab);
    response.widget_info(|| WidgetInfo::labeled(Role::Button, true, "Navigator"));
    let mut centre = Vec2::from(memory.centre);
    if let Some(pointer) = response.interact_pointer_pos() {
        centre = (pointer - rect.min) / rect.size();
    }
    if response.has_focus() {
        // The arrow keys move what is shown rather than the focus.
        let filter = egui::EventFilter { horizontal_arrows: true, vertical_arrows: true, ..Default::default() };
        ui.memory_mut(|memory| memory.set_focus_lock_filter(response.id, filter));
        let steps = [
            (Key::ArrowLeft, vec2(-1.0, 0.0)),
            (Key::ArrowRight, vec2(1.0, 0.0)),
            (Key::ArrowUp, vec2(0.0, -1.0)),
            (Key::ArrowDown, vec2(0.0, 1.0)),
        ];
        for (key, step) in steps {
            let presses = ui.input_mut(|i| i.count_and_consume_key(Modifiers::NONE, key));
            centre += presses as f32 * STEP * 2.0 * half * step;
        }
    }
    canvas.look_at(memory, size, centre);

    let palette = Palette::of(ui);
    let painter = ui.painter_at(canvas.rect);
    painter.rect_filled(rect.expand(1.0), 0.0, palette.panel);
    painter.image(layer.overview.id(), rect, Rect::from_min_max(pos2(0.0, 0.0), pos2(1.0, 1.0)), Color32::WHITE);
    let shown =
        Rect::from_center_size((rect.min + Vec2::from(memory.centre) * rect.size()).round(), 2.0 * half * extent);
    let shown = shown.intersect(rect);
    let shade = Color32::from_black_alpha(120);
    for part in [
        rect.with_max_y(shown.top()),
        rect.with_min_y(shown.bottom()),
        Rect::from_min_max(pos2(rect.left(), shown.top()), pos2(shown.left(), shown.bottom())),
        Rect::from_min_max(pos2(shown.right(), shown.top()), pos2(rect.right(), shown.bottom())),
    ] {
        painter.rect_filled(part, 0.0, shade);
    }
    painter.rect_stroke(shown, 0.0, Stroke::new(1.5, palette.light), StrokeKind::Inside);
    let (width, edge) = if response.has_focus() { (FOCUS_WIDTH, palette.focus) } else { (1.0, palette.edge) };
    painter.rect_stroke(rect, 0.0, Stroke::new(width, edge), StrokeKind::Outside);
    let help = "The part that is shown. Drag it, or move it with the arrow keys.";
    response.on_hover_text(text::with_keys(ui.ctx(), help, state.keys.keys_for(ViewAction::TogglePanel(&NAVIGATOR))));
}
