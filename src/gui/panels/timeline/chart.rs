//! The chart of the timeline: rows and ticks on a common axis, and what pointer and keys do there.

use egui::scroll_area::ScrollSource;
use egui::{
    Align2, CursorIcon, EventFilter, FontId, Id, Key, Modifiers, Painter, PointerButton, PopupAnchor, Pos2, Rangef,
    Rect, Response, RichText, Role, ScrollArea, Sense, Stroke, StrokeKind, Tooltip, Ui, Vec2, WidgetInfo, pos2, vec2,
};

use crate::gui::model::action::{Action, ViewAction};
use crate::gui::model::timelines::{TimeView, Timelines};
use crate::gui::panels::timeline::axis::Axis;
use crate::gui::panels::timeline::rows::{self, FIGURE_WIDTH, NAME_WIDTH};
use crate::gui::text;
use crate::gui::theme::{self, GRID, Palette};

/// Height of the row of ticks.
const TICKS: f32 = 20.0;

/// The axis that all rows share, in a panel as wide as `room`.
pub fn axis(timelines: &Timelines, room: Rect) -> Axis {
    let runs = [timelines.shown(), timelines.other()];
    let end = runs.iter().flatten().map(|run| run.trace.end).max().unwrap_or(0);
    let live = runs.iter().flatten().any(|run| run.live.is_some());
    Axis::new(timelines.view, end, live, Rangef::new(room.left() + NAME_WIDTH, room.right() - FIGURE_WIDTH))
}

/// Draws rows, ticks and tooltip; returns whether the chart has the keyboard focus.
pub fn show(ui: &mut Ui, timelines: &Timelines, axis: &Axis, out: &mut Vec<Action>) -> bool {
    let palette = Palette::of(ui);
    let room = ui.available_rect_before_wrap();
    let ticks = Rect::from_min_max(room.left_top(), pos2(room.right(), room.top() + TICKS));
    ui.advance_cursor_after_rect(ticks);
    let plot = Rect::from_x_y_ranges(axis.x, room.y_range());
    let painter = ui.painter().clone();
    draw_ticks(&painter, palette, axis, ticks, room.bottom());

    wheel(ui, timelines, axis, plot, out);
    let source = ScrollSource { mouse_wheel: true, ..ScrollSource::SCROLL_BAR };
    let area =
        ScrollArea::vertical().id_salt("lanes").auto_shrink(false).min_scrolled_height(0.0).scroll_source(source);
    let hovered = area.show(ui, |ui| rows::show(ui, timelines, axis)).inner;

    let id = ui.scope_id().with("time");
    let response = ui.interact(plot, id, Sense::click_and_drag());
    let name = timelines.shown().map_or_else(String::new, |run| format!("Timeline of {}", run.title()));
    response.widget_info(|| WidgetInfo::labeled(Role::Canvas, true, &name));
    if response.clicked() || response.drag_started() {
        response.request_focus();
    }
    if response.dragged_by(PointerButton::Primary) {
        ui.set_cursor_icon(CursorIcon::Grabbing);
        out.push(ViewAction::ViewTime(axis.panned(-response.drag_delta().x)).into());
    }
    if response.double_clicked() {
        out.push(ViewAction::ViewTime(TimeView::Fit).into());
    }
    if response.has_focus() {
        keys(ui, timelines, axis, id, out);
        let ring = plot.expand2(vec2(2.0, 0.0));
        ui.painter().rect_stroke(
            ring,
            theme::ROUND,
            Stroke::new(theme::FOCUS_WIDTH, palette.focus),
            StrokeKind::Inside,
        );
    }
    if let Some(at) = response.hover_pos().filter(|_| !response.dragged()) {
        cursor(&painter, palette, axis, ticks, room.bottom(), at);
        if let Some(lines) = hovered.and_then(|row| row.tooltip(axis.at(at.x), axis)) {
            tooltip(ui, &response, &lines);
        }
    }
    response.has_focus()
}

fn draw_ticks(painter: &Painter, palette: &Palette, axis: &Axis, row: Rect, bottom: f32) {
    let font = FontId::proportional(theme::SMALL);
    for tick in axis.ticks(84.0) {
        let x = axis.x_of(tick.at);
        if x > axis.x.max + 0.5 {
            break;
        }
        painter.vline(x, row.bottom()..=bottom, Stroke::new(1.0, palette.border));
        let anchor = if x + 30.0 > axis.x.max { Align2::RIGHT_CENTER } else { Align2::LEFT_CENTER };
        painter.text(pos2(x, row.center().y), anchor, tick.label, font.clone(), palette.weak);
    }
    painter.text(pos2(axis.x.max + GRID, row.center().y), Align2::LEFT_CENTER, "busy", font, palette.weak);
}

/// The wheel over the time zooms and, sideways, pans; elsewhere it scrolls the lanes.
fn wheel(ui: &Ui, timelines: &Timelines, axis: &Axis, plot: Rect, out: &mut Vec<Action>) {
    if !ui.rect_contains_pointer(plot) {
        return;
    }
    let pointer = ui.input(|i| i.pointer.hover_pos());
    let (scroll, pinch) = ui.input(|i| (i.smooth_scroll_delta, i.zoom_delta()));
    if scroll == Vec2::ZERO && pinch == 1.0 {
        return;
    }
    let factor = f64::from(pinch) * (f64::from(scroll.y) / 160.0).exp();
    let view = if scroll.x.abs() > scroll.y.abs() {
        axis.panned(-scroll.x)
    } else {
        axis.zoomed(timelines.view, factor, pointer.map(|at| at.x))
    };
    ui.input_mut(|i| i.smooth_scroll_delta = Vec2::ZERO);
    out.push(ViewAction::ViewTime(view).into());
}

fn keys(ui: &Ui, timelines: &Timelines, axis: &Axis, id: Id, out: &mut Vec<Action>) {
    let filter = EventFilter { horizontal_arrows: true, ..EventFilter::default() };
    ui.memory_mut(|m| m.set_focus_lock_filter(id, filter));
    let pressed = |key| ui.input_mut(|i| i.consume_key(Modifiers::NONE, key) || i.consume_key(Modifiers::SHIFT, key));
    let step = axis.x.span() / 8.0;
    for (key, view) in [
        (Key::ArrowLeft, axis.panned(-step)),
        (Key::ArrowRight, axis.panned(step)),
        (Key::Home, axis.panned(f32::MIN / 4.0)),
        (Key::End, axis.panned(f32::MAX / 4.0)),
        (Key::Plus, axis.zoomed(timelines.view, 1.5, None)),
        (Key::Equals, axis.zoomed(timelines.view, 1.5, None)),
        (Key::Minus, axis.zoomed(timelines.view, 1.0 / 1.5, None)),
        (Key::Num0, TimeView::Fit),
    ] {
        if pressed(key) {
            out.push(ViewAction::ViewTime(view).into());
        }
    }
}

/// A line at the pointer, with its instant among the ticks.
fn cursor(painter: &Painter, palette: &Palette, axis: &Axis, ticks: Rect, bottom: f32, at: Pos2) {
    painter.vline(at.x, ticks.bottom()..=bottom, Stroke::new(1.0, palette.waiting));
    let nanos = axis.at(at.x).max(0.0) as u64;
    let galley = painter.layout_no_wrap(text::nanoseconds(nanos), FontId::proportional(theme::SMALL), palette.text);
    let half = galley.size().x / 2.0 + 4.0;
    let x = at.x.clamp(axis.x.min + half, (axis.x.max - half).max(axis.x.min + half));
    let back = Rect::from_center_size(pos2(x, ticks.center().y), galley.size() + vec2(8.0, 2.0));
    painter.rect_filled(back, 4.0, palette.hovered);
    painter.galley(back.center() - galley.size() / 2.0, galley, palette.text);
}

fn tooltip(ui: &Ui, response: &Response, lines: &[String]) {
    let tip = Tooltip::always_open(ui.ctx().clone(), response.layer_id, response.id, PopupAnchor::Pointer);
    tip.gap(16.0).show(|ui| {
        let palette = Palette::of(ui);
        for (index, line) in lines.iter().enumerate() {
            let colour = if index == 0 { palette.text } else { palette.weak };
            ui.label(RichText::new(line).color(colour));
        }
    });
}
