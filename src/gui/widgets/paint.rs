//! Small things that are painted directly: dots, text cut to a width, focus rings.

use egui::{Color32, CornerRadius, FontId, Pos2, Rect, Response, Sense, Stroke, StrokeKind, Ui, vec2};

use crate::gui::theme::{self, Palette};

/// A filled circle beside text, at the height of a line.
pub fn dot(ui: &mut Ui, colour: Color32) {
    let (rect, _) = ui.allocate_exact_size(vec2(8.0, ui.text_style_height(&egui::TextStyle::Small)), Sense::hover());
    ui.painter().circle_filled(rect.center(), 4.0, colour);
}

/// Text that is cut with an ellipsis where it does not fit, drawn at `at`; returns its rectangle.
pub fn elided(ui: &Ui, at: Pos2, width: f32, text: &str, font: FontId, colour: Color32) -> Rect {
    wrapped(ui, at, width, 1, text, font, colour)
}

/// Text in at most `rows` rows, cut with an ellipsis, drawn at `at`; returns its rectangle.
pub fn wrapped(ui: &Ui, at: Pos2, width: f32, rows: usize, text: &str, font: FontId, colour: Color32) -> Rect {
    let mut job = egui::text::LayoutJob::simple(text.to_owned(), font, colour, width);
    job.wrap.max_rows = rows;
    job.wrap.break_anywhere = rows == 1;
    let galley = ui.painter().layout_job(job);
    let rect = Rect::from_min_size(at, galley.size());
    ui.painter().galley(at, galley, colour);
    rect
}

/// The ring around the text field that has the keyboard, wherever it is: text fields draw none that stands out.
pub fn text_focus_ring(ui: &Ui) {
    let ctx = ui.ctx();
    let focused = ctx.memory(egui::Memory::focused).filter(|_| ctx.text_edit_focused());
    let Some(field) = focused.and_then(|id| ctx.read_response(id)) else { return };
    let stroke = Stroke::new(theme::FOCUS_WIDTH, Palette::of(ui).focus);
    let painter = ctx.layer_painter(field.layer_id).with_clip_rect(field.interact_rect.expand(1.0));
    painter.rect_stroke(field.rect, theme::ROUND, stroke, StrokeKind::Inside);
}

/// The ring around a widget that has the keyboard.
pub fn focus_ring(ui: &Ui, response: &Response, radius: CornerRadius) {
    if response.has_focus() {
        let stroke = Stroke::new(theme::FOCUS_WIDTH, Palette::of(ui).focus);
        ui.painter().rect_stroke(response.rect, radius, stroke, StrokeKind::Inside);
    }
}
