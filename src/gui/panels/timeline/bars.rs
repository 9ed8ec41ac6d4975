//! A lane as a row of coloured spans. However many spans there are, no more rectangles are made than the row has points:
//! what is narrower than a point is merged with its neighbours.

use std::ops::Range;

use egui::{Color32, FontId, Mesh, Painter, Pos2, Rect, TextureId, Ui, Vec2, pos2};

use crate::batch::{Activity, Span};
use crate::gui::panels::timeline::axis::Axis;
use crate::gui::theme::{self, Palette};

/// Spans of a merged column that are looked at for its colour.
const SAMPLES: usize = 16;
/// Points from one hatch line to the next.
const HATCH: f32 = 8.0;
/// Narrowest span with room for its name.
const NAMED: f32 = 52.0;

/// What is drawn somewhere in a row.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Bar {
    /// The span at this index.
    One(usize),
    /// Several spans within one point: the share of the point that each activity takes.
    Mixed([f32; Activity::ALL.len()]),
}

/// A bar and where it lies on the screen.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct PlacedBar {
    pub left: f32,
    pub right: f32,
    pub bar: Bar,
}

/// Calls `draw` for each visible span or column of merged spans, from left to right.
pub fn for_each_bar(spans: &[Span], axis: &Axis, mut draw: impl FnMut(PlacedBar)) {
    let first = spans.partition_point(|span| (span.end as f64) < axis.from);
    let last = first + spans[first..].partition_point(|span| (span.begin as f64) < axis.to);
    let mut at = first;
    while at < last {
        let span = &spans[at];
        let left = axis.x_of(span.begin as f64).max(axis.x.min);
        let right = axis.x_of(span.end as f64).min(axis.x.max);
        if right - left >= 1.0 {
            draw(PlacedBar { left, right, bar: Bar::One(at) });
            at += 1;
            continue;
        }
        let column = left.floor();
        let column_end = axis.at(column + 1.0);
        let mut next = end_from(at, last, |i| (spans[i].begin as f64) < column_end);
        // The last of them may extend beyond the column; then it is drawn by itself.
        if next > at + 1 && (spans[next - 1].end - spans[next - 1].begin) as f64 >= axis.per_point() {
            next -= 1;
        }
        let bar = Bar::Mixed(mix(&spans[at..next], axis.per_point()));
        draw(PlacedBar { left: column.max(axis.x.min), right: column + 1.0, bar });
        at = next;
    }
}

/// The first index after `from` and at most `last` that is not `within`, which holds up to there: it is near, so the search
/// begins there and takes ever longer steps (Bentley and Yao, An almost optimal algorithm for unbounded searching, 1976).
pub fn end_from(from: usize, last: usize, within: impl Fn(usize) -> bool) -> usize {
    let (mut low, mut step) = (from, 1);
    while low + step < last && within(low + step) {
        low += step;
        step *= 2;
    }
    let (mut low, mut high) = (low + 1, (low + step).min(last).max(low + 1));
    while low < high {
        let middle = low.midpoint(high);
        if within(middle) { low = middle + 1 } else { high = middle }
    }
    low
}

/// The share of `width` nanoseconds that each activity takes, estimated from some of the spans where there are many.
fn mix(spans: &[Span], width: f64) -> [f32; Activity::ALL.len()] {
    let stride = spans.len().div_ceil(SAMPLES).max(1);
    let mut shares = [0.0; Activity::ALL.len()];
    for (turn, some) in spans.chunks(stride).enumerate() {
        // At places that have no period, unlike what a lane does by turns: triangular numbers.
        let span = &some[turn * (turn + 1) / 2 % some.len()];
        shares[span.activity as usize] += ((span.end - span.begin) as f64 * some.len() as f64 / width) as f32;
    }
    let sum: f32 = shares.iter().sum();
    if sum > 1.0 {
        shares = shares.map(|share| share / sum);
    }
    shares
}

/// The spans that touch the point of the screen around an instant.
pub fn spans_at(spans: &[Span], axis: &Axis, nanos: f64) -> Range<usize> {
    let half = axis.per_point() / 2.0;
    let first = spans.partition_point(|span| (span.end as f64) < nanos - half);
    let count = spans[first..].partition_point(|span| (span.begin as f64) <= nanos + half);
    // A long span under the pointer is meant, whatever touches its edge.
    let within = |span: &Span| span.begin as f64 <= nanos && nanos < span.end as f64 && span.end - span.begin > 0;
    match (first..first + count).find(|i| within(&spans[*i])) {
        Some(i) if (spans[i].end - spans[i].begin) as f64 >= 3.0 * axis.per_point() => i..i + 1,
        _ => first..first + count,
    }
}

/// The rectangles of all rows, collected so that they are drawn at once.
pub struct Bars {
    filled: Mesh,
    hatched: Mesh,
    palette: &'static Palette,
    back: Color32,
}

impl Bars {
    pub fn new(ui: &Ui) -> Self {
        let palette = Palette::of(ui);
        Self { filled: Mesh::default(), hatched: Mesh::with_texture(hatch(ui)), palette, back: palette.sunken }
    }

    /// A filled rectangle.
    pub fn fill(&mut self, rect: Rect, colour: Color32) {
        self.filled.add_colored_rect(rect, colour);
    }

    /// A rectangle in the colour of an activity, hatched if it is a wait.
    pub fn activity(&mut self, rect: Rect, activity: Activity) {
        let colour = self.palette.activity(activity);
        if activity.is_wait() {
            let uv = Rect::from_min_max(rect.min / HATCH, rect.max / HATCH);
            self.hatched.add_rect_with_uv(rect, uv, colour);
        } else {
            self.fill(rect, colour);
        }
    }

    fn mixed(&mut self, rect: Rect, shares: &[f32]) {
        let mut colour = [0.0; 3];
        let mut rest = 1.0;
        let mut add = |part: Color32, share: f32| {
            for (sum, part) in colour.iter_mut().zip([part.r(), part.g(), part.b()]) {
                *sum += f32::from(part) * share;
            }
        };
        for (activity, share) in Activity::ALL.into_iter().zip(shares).filter(|(_, share)| **share > 0.0) {
            // Waits are as pale here as where they are hatched.
            let strength = if activity.is_wait() { 0.4 * share } else { *share };
            add(self.palette.activity(activity), strength);
            rest -= strength;
        }
        add(self.back, rest.max(0.0));
        let [r, g, b] = colour.map(|part| part.clamp(0.0, 255.0) as u8);
        self.fill(rect, Color32::from_rgb(r, g, b));
    }

    /// The spans of a lane, and the one in progress, in the row `rect`.
    pub fn lane(&mut self, painter: &Painter, rect: Rect, spans: &[Span], live: Option<Span>, axis: &Axis) {
        let y = rect.y_range();
        for_each_bar(spans, axis, |PlacedBar { left, right, bar }| match bar {
            Bar::One(index) => self.one(painter, left, right, rect, spans[index].activity),
            Bar::Mixed(shares) => {
                self.mixed(Rect::from_x_y_ranges(left..=right.min(axis.x.max), y), &shares);
            }
        });
        if let Some(span) = live {
            let begin = span.begin.max(spans.last().map_or(0, |last| last.end));
            let (left, right) = (axis.x_of(begin as f64).max(axis.x.min), axis.x_of(span.end as f64).min(axis.x.max));
            if right - left >= 1.0 {
                self.one(painter, left, right, rect, span.activity);
            }
        }
    }

    fn one(&mut self, painter: &Painter, left: f32, right: f32, row: Rect, activity: Activity) {
        // Adjacent spans of one colour stay distinguishable.
        let gap = if right - left > 3.0 { 1.0 } else { 0.0 };
        self.activity(Rect::from_x_y_ranges(left..=right - gap, row.y_range()), activity);
        if right - left >= NAMED {
            self.name(painter, left, right, row, activity);
        }
    }

    /// The name on a wide span.
    fn name(&self, painter: &Painter, left: f32, right: f32, row: Rect, activity: Activity) {
        let fill = self.palette.activity(activity);
        let colour = if activity.is_wait() { self.palette.text } else { theme::readable_on(fill) };
        let galley = painter.layout_no_wrap(activity.title().to_owned(), FontId::proportional(theme::SMALL), colour);
        if galley.size().x + 8.0 <= right - left {
            let at = pos2(left + 4.0, row.center().y - galley.size().y / 2.0);
            painter.add(egui::epaint::TextShape::new(at, galley, colour));
        }
    }

    /// Puts the rectangles into the places reserved for them, so that names lie above.
    pub fn finish(self, painter: &Painter, places: [egui::layers::ShapeIdx; 2]) {
        painter.set(places[0], self.filled);
        painter.set(places[1], self.hatched);
    }
}

/// A small texture of slanted lines, which is repeated.
fn hatch(ui: &Ui) -> TextureId {
    const SIDE: usize = 8;
    let pixels = (0..SIDE * SIDE).map(|i| {
        let (x, y) = (i % SIDE, i / SIDE);
        let on = (x + y) % SIDE < 3;
        Color32::from_white_alpha(if on { 150 } else { 60 })
    });
    let image = egui::ColorImage::new([SIDE, SIDE], pixels.collect());
    let options = egui::TextureOptions { wrap_mode: egui::TextureWrapMode::Repeat, ..egui::TextureOptions::LINEAR };
    ui.ctx().load_texture_cached("hatch", egui::Id::unique("timeline hatch"), image, options).id()
}

/// A sample of an activity's colour, for the legend.
pub fn swatch(ui: &Ui, painter: &Painter, at: Pos2, side: f32, activity: Activity) {
    let rect = Rect::from_min_size(at, Vec2::splat(side));
    let mut bars = Bars::new(ui);
    painter.rect_filled(rect, 0.0, bars.back);
    bars.activity(rect, activity);
    let Bars { filled, hatched, .. } = bars;
    painter.add(filled);
    painter.add(hatched);
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::gui::model::timelines::TimeView;
    use egui::Rangef;

    const X: Rangef = Rangef { min: 0.0, max: 1000.0 };

    fn spans(count: u64, length: u64, every: u64) -> Vec<Span> {
        let span = |i| Span { activity: Activity::Filter, job: None, begin: i * every, end: i * every + length };
        (0..count).map(span).collect()
    }

    fn bars(spans: &[Span], view: TimeView) -> Vec<PlacedBar> {
        let axis = Axis::new(view, spans.last().unwrap().end, false, X);
        let mut bars = Vec::new();
        for_each_bar(spans, &axis, |bar| bars.push(bar));
        bars
    }

    #[test]
    fn no_more_bars_than_points_however_many_spans() {
        let many = spans(200_000, 60_000, 100_000);
        let drawn = bars(&many, TimeView::Fit);
        assert!(drawn.len() <= 1000, "{}", drawn.len());
        let Bar::Mixed(shares) = drawn[500].bar else { panic!("{:?}", drawn[500]) };
        assert!((shares[Activity::Filter as usize] - 0.6).abs() < 0.05, "a column is as full as its spans");
        for pair in drawn.windows(2) {
            assert!(pair[0].right <= pair[1].left + 1e-3, "{pair:?}");
        }
    }

    #[test]
    fn a_column_has_all_that_a_lane_does_by_turns() {
        let turns = [Activity::Decode, Activity::Filter, Activity::Encode, Activity::WaitQueue];
        for count in 17..500 {
            let span = |i: u64| Span { activity: turns[i as usize % 4], job: None, begin: 10 * i, end: 10 * i + 10 };
            let shares = mix(&(0..count).map(span).collect::<Vec<_>>(), 10.0 * count as f64);
            assert!(turns.iter().all(|turn| shares[*turn as usize] > 0.05), "{count}: {shares:?}");
        }
    }

    #[test]
    fn the_end_is_found_wherever_it_is() {
        for last in 1..40 {
            for end in 1..=last {
                assert_eq!(end_from(0, last, |i| i < end), end, "{end} of {last}");
            }
        }
        assert_eq!(end_from(5, 6, |_| true), 6);
    }

    #[test]
    fn only_what_is_visible_is_drawn() {
        let many = spans(200_000, 60_000, 100_000);
        let drawn = bars(&many, TimeView::Range(1e9, 1e9 + 1e6));
        assert_eq!(drawn.len(), 10, "{drawn:?}");
        assert!(drawn.iter().all(|placed| matches!(placed.bar, Bar::One(_))));
    }

    #[test]
    fn the_span_under_the_pointer_is_found() {
        let few = spans(10, 60_000_000, 100_000_000);
        let axis = Axis::new(TimeView::Fit, few.last().unwrap().end, false, X);
        assert_eq!(spans_at(&few, &axis, 330e6), 3..4);
        assert!(spans_at(&few, &axis, 380e6).is_empty(), "between two of them there is nothing");
        let many = spans(200_000, 60_000, 100_000);
        let axis = Axis::new(TimeView::Fit, many.last().unwrap().end, false, X);
        assert!(spans_at(&many, &axis, 1e10).len() > 100);
    }
}
