//! The rows of the timeline: a title per run, lanes, and figures over time.

use egui::{Align2, FontId, Painter, Rangef, Rect, Role, Sense, Shape, Ui, WidgetInfo, pos2, vec2};

use crate::batch::Span;
use crate::gui::model::timelines::{LaneShares, TimelineRun, Timelines};
use crate::gui::panels::timeline::axis::Axis;
use crate::gui::panels::timeline::bars::{Bars, spans_at};
use crate::gui::panels::timeline::series;
use crate::gui::text;
use crate::gui::theme::{self, GRID, Palette};
use crate::gui::widgets::paint::elided;

pub const NAME_WIDTH: f32 = 116.0;
/// Width of the figures at the right, including the scroll bar.
pub const FIGURE_WIDTH: f32 = 64.0;
const LANE_HEIGHT: f32 = 18.0;
const SPAN_HEIGHT: f32 = 15.0;
const SERIES_HEIGHT: f32 = 24.0;

/// One row.
#[derive(Clone, Copy)]
pub enum Row<'a> {
    /// Says which run follows.
    Title(&'a TimelineRun),
    Lane {
        run: &'a TimelineRun,
        lane: usize,
    },
    /// One of the figures over time.
    Series {
        run: &'a TimelineRun,
        which: usize,
        /// Whether its name says to which run it belongs.
        named: bool,
    },
}

/// Draws the visible rows; returns the one under the pointer.
pub fn show<'a>(ui: &mut Ui, timelines: &'a Timelines, axis: &Axis) -> Option<Row<'a>> {
    let rows = rows(timelines);
    let height = rows.iter().map(|row| row.height()).sum();
    let (whole, _) = ui.allocate_exact_size(vec2(ui.available_width(), height), Sense::hover());
    let clip = ui.clip_rect();
    let pointer = ui.input(|i| i.pointer.hover_pos()).filter(|at| clip.contains(*at));
    let painter = ui.painter().clone();
    // Rectangles lie below the names that are drawn meanwhile.
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
        let description = RowPainter { ui, painter: &painter, axis, rect }.draw(*row, &mut bars);
        if clip.expand(1.0).contains_rect(rect) {
            let name = Rect::from_min_max(rect.min, pos2(axis.x.min, rect.bottom()));
            let response = ui.interact(name, ui.scope_id().with(("row", index)), Sense::hover());
            response.widget_info(|| WidgetInfo::labeled(Role::Label, true, &description));
            response.on_hover_text(&description);
        }
    }
    bars.finish(&painter, places);
    hovered
}

fn rows(timelines: &Timelines) -> Vec<Row<'_>> {
    let runs: Vec<&TimelineRun> = [timelines.shown(), timelines.other()].into_iter().flatten().collect();
    let named = runs.len() > 1;
    let mut rows = Vec::new();
    for &run in &runs {
        if named {
            rows.push(Row::Title(run));
        }
        rows.extend((0..run.trace.lanes.len()).map(|lane| Row::Lane { run, lane }));
    }
    for which in 0..series::NAMES.len() {
        rows.extend(runs.iter().map(|&run| Row::Series { run, which, named }));
    }
    rows
}

impl Row<'_> {
    const fn height(self) -> f32 {
        match self {
            Row::Title(_) => 22.0,
            Row::Lane { .. } => LANE_HEIGHT,
            Row::Series { .. } => SERIES_HEIGHT,
        }
    }

    /// What is under the pointer at an instant, if there is something to say about it.
    pub fn tooltip(self, nanos: f64, axis: &Axis) -> Option<Vec<String>> {
        match self {
            Row::Title(_) => None,
            Row::Series { run, which, .. } => {
                let level = series::level_at(series::steps(&run.series, which), nanos);
                Some(vec![format!("{level} {}", series::NAMES[which].1)])
            }
            Row::Lane { run, lane } => lane_tooltip(run, lane, nanos, axis),
        }
    }
}

fn lane_tooltip(run: &TimelineRun, lane: usize, nanos: f64, axis: &Axis) -> Option<Vec<String>> {
    let (name, spans) = &run.trace.lanes[lane];
    let touched = spans_at(spans, axis, nanos);
    if touched.len() > 1 {
        return Some(vec![format!("{} spans overlap here; zoom in to tell them apart", touched.len())]);
    }
    if let Some(span) = spans[touched].first() {
        return Some(describe_span(run, span, false));
    }
    let end = run.trace.end as f64;
    let last = spans.last().map_or(0, |span| span.end);
    let live = run.live.as_ref().and_then(|timeline| timeline.current(lane));
    match live.filter(|span| nanos >= span.begin.max(last) as f64 && nanos <= end) {
        Some(span) => Some(describe_span(run, &span, true)),
        None if nanos > end => None,
        None => Some(vec![format!("{name}: idle")]),
    }
}

fn describe_span(run: &TimelineRun, span: &Span, in_progress: bool) -> Vec<String> {
    let length = text::nanoseconds(span.end - span.begin);
    let title = text::sentence(span.activity.title());
    let mut lines = vec![if in_progress { format!("{title}, {length} so far") } else { format!("{title}, {length}") }];
    lines.extend(run.trace.name(span).map(str::to_owned));
    lines.push(format!("starts at {}", text::nanoseconds(span.begin)));
    lines
}

/// Draws a row into a rectangle.
struct RowPainter<'a> {
    ui: &'a Ui,
    painter: &'a Painter,
    axis: &'a Axis,
    rect: Rect,
}

impl RowPainter<'_> {
    /// Draws the row; returns its description.
    fn draw(&self, row: Row<'_>, bars: &mut Bars) -> String {
        match row {
            Row::Title(run) => {
                self.label(&run.title(), self.rect.width());
                run.title()
            }
            Row::Lane { run, lane } => self.lane(run, lane, bars),
            Row::Series { run, which, named } => self.series(run, which, named, bars),
        }
    }

    fn lane(&self, run: &TimelineRun, lane: usize, bars: &mut Bars) -> String {
        let (rect, axis) = (self.rect, self.axis);
        let (name, spans) = &run.trace.lanes[lane];
        let y = Rangef::new(rect.center().y - SPAN_HEIGHT / 2.0, rect.center().y + SPAN_HEIGHT / 2.0);
        bars.fill(Rect::from_x_y_ranges(axis.x.min..=self.end_of(run), y), Palette::of(self.ui).sunken);
        let live = run.live.as_ref().and_then(|timeline| timeline.current(lane));
        // The run may be shorter than the one beside it.
        let live = live.map(|span| Span { end: run.trace.end, ..span });
        let clip = self.painter.clip_rect().intersect(Rect::from_x_y_ranges(axis.x, rect.y_range()));
        bars.lane(&self.painter.with_clip_rect(clip), Rect::from_x_y_ranges(axis.x, y), spans, live, axis);
        let LaneShares { work, disk, wait } = run.shares(lane);
        let percent = |share: f64| format!("{:.0} %", 100.0 * share);
        self.label(&name.to_string(), NAME_WIDTH - GRID);
        self.figure(&percent(work + disk));
        format!(
            "{name}: computing {}, reading and writing {}, waiting {}, idle {}",
            percent(work),
            percent(disk),
            percent(wait),
            percent((1.0 - work - disk - wait).max(0.0))
        )
    }

    fn series(&self, run: &TimelineRun, which: usize, named: bool, bars: &mut Bars) -> String {
        let (rect, axis, palette) = (self.rect, self.axis, Palette::of(self.ui));
        let (name, meaning) = series::NAMES[which];
        let name = if named { format!("{name} ({})", run.id) } else { name.to_owned() };
        let steps = series::steps(&run.series, which);
        let highest = run.highest[which];
        let area = Rect::from_x_y_ranges(axis.x, rect.top() + 4.0..=rect.bottom() - 1.0);
        let line = Rect::from_x_y_ranges(axis.x.min..=self.end_of(run), area.bottom() - 1.0..=area.bottom());
        bars.fill(line, palette.edge);
        let colour = [palette.loom, palette.stage_at(0), palette.stage_at(4)][which].gamma_multiply(0.75);
        let known = Axis { end: run.known_until() as f64, ..*axis };
        series::draw(bars, area, steps, highest, &known, colour);
        self.label(&name, NAME_WIDTH - GRID);
        self.figure(&format!("max {highest}"));
        format!("{name}: {meaning}, at most {highest} at a time")
    }

    /// Where the run ends on the screen.
    fn end_of(&self, run: &TimelineRun) -> f32 {
        self.axis.x_of(run.trace.end as f64).clamp(self.axis.x.min, self.axis.x.max)
    }

    fn label(&self, text: &str, width: f32) {
        let at = pos2(self.rect.left(), self.rect.center().y - 8.0);
        elided(self.ui, at, width, text, FontId::proportional(theme::SMALL), Palette::of(self.ui).text);
    }

    fn figure(&self, text: &str) {
        let at = pos2(self.axis.x.max + GRID, self.rect.center().y);
        let (font, colour) = (FontId::proportional(theme::SMALL), Palette::of(self.ui).weak);
        self.ui.painter().text(at, Align2::LEFT_CENTER, text, font, colour);
    }
}
