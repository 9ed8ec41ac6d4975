//! The rows of the timeline on their common axis, and what pointer and keys do there.

use egui::scroll_area::ScrollSource;
use egui::{
    Align2, CursorIcon, EventFilter, FontId, Id, Key, Modifiers, Painter, PointerButton, Pos2, Rangef, Rect, Role,
    ScrollArea, Sense, Shape, Stroke, Ui, Vec2, WidgetInfo, pos2, vec2,
};

use super::axis::{Axis, TimeView, span_words};
use super::kept::{Kept, Timelines};
use super::lanes::{Bars, spans_at};
use super::series;
use crate::batch::Span;
use crate::gui::action::Action;
use crate::gui::theme::{self, GRID, Palette};
use crate::gui::widgets::elided;

/// Width of the names.
const NAME: f32 = 116.0;
/// Width of the figures at the right, with the scroll bar.
const FIGURE: f32 = 64.0;
/// Height of the row of ticks.
const TICKS: f32 = 20.0;
/// Height of a lane and of its spans.
const LANE: (f32, f32) = (18.0, 15.0);
/// Height of a figure's row.
const SERIES: f32 = 24.0;

/// One row.
#[derive(Clone, Copy)]
enum Row<'a> {
    /// Which run follows.
    Title(&'a Kept),
    /// A lane of it.
    Lane(&'a Kept, usize),
    /// A figure of it, and whether its name says of which run.
    Series(&'a Kept, usize, bool),
}

impl Row<'_> {
    const fn height(self) -> f32 {
        match self {
            Row::Title(_) => 22.0,
            Row::Lane(..) => LANE.0,
            Row::Series(..) => SERIES,
        }
    }
}

/// The axis that all rows share, in a panel as wide as `room`.
pub fn axis(timelines: &Timelines, room: Rect) -> Axis {
    let runs = [timelines.shown(), timelines.other()];
    let end = runs.iter().flatten().map(|run| run.trace.end).max().unwrap_or(0);
    let live = runs.iter().flatten().any(|run| run.live.is_some());
    Axis::new(timelines.view, end, live, Rangef::new(room.left() + NAME, room.right() - FIGURE))
}

/// Draws rows, ticks and tooltip. Tells whether the chart has the keyboard.
pub fn show(ui: &mut Ui, timelines: &Timelines, axis: &Axis, out: &mut Vec<Action>) -> bool {
    let palette = Palette::of(ui);
    let room = ui.available_rect_before_wrap();
    let ticks = Rect::from_min_max(room.left_top(), pos2(room.right(), room.top() + TICKS));
    ui.advance_cursor_after_rect(ticks);
    let plot = Rect::from_x_y_ranges(axis.x, room.y_range());
    let painter = ui.painter().clone();
    draw_ticks(&painter, palette, axis, ticks, room.bottom());

    let rows = rows(timelines);
    wheel(ui, timelines, axis, plot, out);
    let source = ScrollSource { mouse_wheel: true, ..ScrollSource::SCROLL_BAR };
    let area = ScrollArea::vertical().id_salt("lanes").auto_shrink(false).scroll_source(source);
    let hovered = area.show(ui, |ui| draw_rows(ui, &rows, axis, palette)).inner;

    let id = ui.scope_id().with("time");
    let response = ui.interact(plot, id, Sense::click_and_drag());
    let run = timelines.shown();
    let spoken = run.map_or_else(String::new, |run| format!("Timeline of {}", run.title()));
    response.widget_info(|| WidgetInfo::labeled(Role::Canvas, true, &spoken));
    if response.clicked() || response.drag_started() {
        response.request_focus();
    }
    if response.dragged_by(PointerButton::Primary) {
        ui.set_cursor_icon(CursorIcon::Grabbing);
        out.push(Action::ViewTime(axis.panned(-response.drag_delta().x)));
    }
    if response.double_clicked() {
        out.push(Action::ViewTime(TimeView::Fit));
    }
    if response.has_focus() {
        keys(ui, timelines, axis, id, out);
        ui.painter().rect_stroke(
            plot.expand2(vec2(2.0, 0.0)),
            theme::ROUND,
            Stroke::new(1.5, palette.light),
            egui::StrokeKind::Inside,
        );
    }
    if let Some(at) = response.hover_pos().filter(|_| !response.dragged()) {
        cursor(&painter, palette, axis, ticks, room.bottom(), at);
        if let Some(row) = hovered {
            tooltip(ui, &response, row, axis.at(at.x), axis);
        }
    }
    response.has_focus()
}

fn rows(timelines: &Timelines) -> Vec<Row<'_>> {
    let other = timelines.other();
    let runs: Vec<&Kept> = [timelines.shown(), other].into_iter().flatten().collect();
    let mut rows = Vec::new();
    for run in &runs {
        if runs.len() > 1 {
            rows.push(Row::Title(run));
        }
        rows.extend((0..run.trace.lanes.len()).map(|lane| Row::Lane(run, lane)));
    }
    for which in 0..series::NAMES.len() {
        rows.extend(runs.iter().map(|run| Row::Series(run, which, runs.len() > 1)));
    }
    rows
}

fn draw_ticks(painter: &Painter, palette: &Palette, axis: &Axis, row: Rect, bottom: f32) {
    for (at, label) in axis.ticks(84.0) {
        let x = axis.x_of(at);
        if x > axis.x.max + 0.5 {
            break;
        }
        painter.vline(x, row.bottom()..=bottom, Stroke::new(1.0, palette.border));
        let anchor = if x + 30.0 > axis.x.max { Align2::RIGHT_CENTER } else { Align2::LEFT_CENTER };
        painter.text(pos2(x, row.center().y), anchor, label, FontId::proportional(theme::SMALL), palette.weak);
    }
    let busy = pos2(axis.x.max + GRID, row.center().y);
    painter.text(busy, Align2::LEFT_CENTER, "busy", FontId::proportional(theme::SMALL), palette.weak);
}

/// Draws the visible rows; gives the one under the pointer.
fn draw_rows<'a>(ui: &mut Ui, rows: &[Row<'a>], axis: &Axis, palette: &'static Palette) -> Option<Row<'a>> {
    let height = rows.iter().map(|row| row.height()).sum();
    let (whole, _) = ui.allocate_exact_size(vec2(ui.available_width(), height), Sense::hover());
    let clip = ui.clip_rect();
    let pointer = ui.input(|i| i.pointer.hover_pos()).filter(|at| clip.contains(*at));
    let painter = ui.painter().clone();
    // Rectangles go below the names that are drawn meanwhile.
    let places = [painter.add(Shape::Noop), painter.add(Shape::Noop)];
    let mut bars = Bars::new(ui);
    let mut hovered = None;
    let mut top = whole.top();
    for (index, row) in rows.iter().enumerate() {
        let rect = Rect::from_min_size(pos2(whole.left(), top), vec2(whole.width(), row.height()));
        top = rect.bottom();
        if !rect.intersects(clip) {
            continue;
        }
        if pointer.is_some_and(|at| rect.contains(at)) {
            hovered = Some(*row);
        }
        let spoken = match *row {
            Row::Title(run) => {
                let font = FontId::proportional(theme::SMALL);
                elided(ui, pos2(rect.left(), rect.center().y - 8.0), rect.width(), &run.title(), font, palette.text);
                run.title()
            }
            Row::Lane(run, lane) => draw_lane(ui, &painter, &mut bars, rect, run, lane, axis, palette),
            Row::Series(run, which, named) => draw_series(ui, &mut bars, rect, (run, which, named), axis, palette),
        };
        if clip.expand(1.0).contains_rect(rect) {
            let name = Rect::from_min_max(rect.min, pos2(axis.x.min, rect.bottom()));
            let response = ui.interact(name, ui.scope_id().with(("row", index)), Sense::hover());
            response.widget_info(|| WidgetInfo::labeled(Role::Label, true, &spoken));
            response.on_hover_text(&spoken);
        }
    }
    bars.finish(&painter, places);
    hovered
}

#[expect(clippy::too_many_arguments, reason = "one row of a drawing; a struct would only carry them from one call")]
fn draw_lane(
    ui: &Ui,
    painter: &Painter,
    bars: &mut Bars,
    rect: Rect,
    run: &Kept,
    lane: usize,
    axis: &Axis,
    palette: &Palette,
) -> String {
    let (name, spans) = &run.trace.lanes[lane];
    let y = Rangef::new(rect.center().y - LANE.1 / 2.0, rect.center().y + LANE.1 / 2.0);
    let end = axis.x_of(run.trace.end as f64).clamp(axis.x.min, axis.x.max);
    bars.fill(Rect::from_x_y_ranges(axis.x.min..=end, y), palette.sunken);
    let live = run.live.as_ref().and_then(|timeline| timeline.current(lane));
    // The run may be shorter than the one beside it.
    let live = live.map(|span| Span { end: run.trace.end, ..span });
    let clipped = painter.with_clip_rect(painter.clip_rect().intersect(Rect::from_x_y_ranges(axis.x, rect.y_range())));
    bars.lane(&clipped, Rect::from_x_y_ranges(axis.x, y), spans, live, axis);
    let [work, disk, wait] = run.shares(lane);
    label(ui, rect, &name.to_string(), palette);
    figure(ui, rect, axis, &format!("{:.0} %", 100.0 * (work + disk)), palette);
    let percent = |share: f64| format!("{:.0} %", 100.0 * share);
    let idle = (1.0 - work - disk - wait).max(0.0);
    format!(
        "{name}: computing {}, reading and writing {}, waiting {}, idle {}",
        percent(work),
        percent(disk),
        percent(wait),
        percent(idle)
    )
}

fn draw_series(
    ui: &Ui,
    bars: &mut Bars,
    rect: Rect,
    (run, which, named): (&Kept, usize, bool),
    axis: &Axis,
    palette: &Palette,
) -> String {
    let (name, meaning) = series::NAMES[which];
    let name = if named { format!("{name} ({})", run.id) } else { name.to_owned() };
    let steps = series::steps(&run.series, which);
    let highest = series::highest(steps);
    let area = Rect::from_x_y_ranges(axis.x, rect.top() + 4.0..=rect.bottom() - 1.0);
    let end = axis.x_of(run.trace.end as f64).clamp(axis.x.min, axis.x.max);
    bars.fill(Rect::from_x_y_ranges(axis.x.min..=end, area.bottom() - 1.0..=area.bottom()), palette.edge);
    let colour = [palette.loom, palette.stage_at(0), palette.stage_at(4)][which].gamma_multiply(0.75);
    let known = Axis { end: run.known_until() as f64, ..*axis };
    series::draw(bars, area, steps, highest, &known, colour);
    label(ui, rect, &name, palette);
    figure(ui, rect, axis, &format!("max {highest}"), palette);
    format!("{name}: {meaning}, at most {highest} at a time")
}

fn label(ui: &Ui, rect: Rect, text: &str, palette: &Palette) {
    let font = FontId::proportional(theme::SMALL);
    elided(ui, pos2(rect.left(), rect.center().y - 8.0), NAME - GRID, text, font, palette.text);
}

fn figure(ui: &Ui, rect: Rect, axis: &Axis, text: &str, palette: &Palette) {
    let at = pos2(axis.x.max + GRID, rect.center().y);
    ui.painter().text(at, Align2::LEFT_CENTER, text, FontId::proportional(theme::SMALL), palette.weak);
}

/// The wheel over the time zooms and, sideways, moves; elsewhere it scrolls the lanes.
fn wheel(ui: &Ui, timelines: &Timelines, axis: &Axis, plot: Rect, out: &mut Vec<Action>) {
    if !ui.rect_contains_pointer(plot) {
        return;
    }
    let (scroll, pinch, pointer) = ui.input(|i| (i.smooth_scroll_delta, i.zoom_delta(), i.pointer.hover_pos()));
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
    out.push(Action::ViewTime(view));
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
            out.push(Action::ViewTime(view));
        }
    }
}

/// A line at the pointer with its instant among the ticks.
fn cursor(painter: &Painter, palette: &Palette, axis: &Axis, ticks: Rect, bottom: f32, at: Pos2) {
    painter.vline(at.x, ticks.bottom()..=bottom, Stroke::new(1.0, palette.waiting));
    let nanos = axis.at(at.x).max(0.0) as u64;
    let galley = painter.layout_no_wrap(span_words(nanos), FontId::proportional(theme::SMALL), palette.text);
    let half = galley.size().x / 2.0 + 4.0;
    let x = at.x.clamp(axis.x.min + half, (axis.x.max - half).max(axis.x.min + half));
    let back = Rect::from_center_size(pos2(x, ticks.center().y), galley.size() + vec2(8.0, 2.0));
    painter.rect_filled(back, 4.0, palette.hovered);
    painter.galley(back.center() - galley.size() / 2.0, galley, palette.text);
}

/// What stands under the pointer.
fn tooltip(ui: &Ui, response: &egui::Response, row: Row<'_>, nanos: f64, axis: &Axis) {
    let lines: Vec<String> = match row {
        Row::Title(_) => return,
        Row::Series(run, which, _) => {
            let level = series::level_at(series::steps(&run.series, which), nanos);
            vec![format!("{level} {}", series::NAMES[which].1)]
        }
        Row::Lane(run, lane) => {
            let (name, spans) = &run.trace.lanes[lane];
            let now = run.live.as_ref().and_then(|timeline| timeline.current(lane));
            let last = spans.last().map_or(0, |span| span.end);
            match spans_at(spans, axis, nanos) {
                (_, 0) => {
                    match now.filter(|span| nanos >= span.begin.max(last) as f64 && nanos <= run.trace.end as f64) {
                        Some(span) => of_span(run, &span, true),
                        None if nanos > run.trace.end as f64 => return,
                        None => vec![format!("{name}: idle")],
                    }
                }
                (at, 1) => of_span(run, &spans[at], false),
                (_, count) => vec![format!("{count} spans stand here; zoom in to tell them apart")],
            }
        }
    };
    let tip = egui::Tooltip::always_open(ui.ctx().clone(), response.layer_id, response.id, egui::PopupAnchor::Pointer);
    tip.gap(16.0).show(|ui| {
        for (index, line) in lines.iter().enumerate() {
            let palette = Palette::of(ui);
            let colour = if index == 0 { palette.text } else { palette.weak };
            ui.label(egui::RichText::new(line).color(colour));
        }
    });
}

fn of_span(run: &Kept, span: &Span, goes_on: bool) -> Vec<String> {
    let length = span_words(span.end - span.begin);
    let what = span.activity.title();
    let first = if goes_on { format!("{what}, {length} so far") } else { format!("{what}, {length}") };
    let mut lines = vec![crate::gui::text::sentence(&first)];
    lines.extend(run.trace.name(span).map(str::to_owned));
    lines.push(format!("begins at {}", span_words(span.begin)));
    lines
}
