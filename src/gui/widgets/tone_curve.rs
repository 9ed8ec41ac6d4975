//! A tone curve whose points can be dragged.

use egui::{Pos2, Rect, Response, Role, Sense, Shape, Stroke, StrokeKind, Ui, WidgetInfo, pos2, vec2};

use crate::filter::ToneCurve;
use crate::gui::theme::{self, Palette};

/// How close to a point the pointer grabs it.
const GRAB_RADIUS: f32 = 12.0;
/// Least horizontal distance of two points.
const GAP: f32 = 0.01;

/// The mapping between the curve's unit square and the screen.
#[derive(Clone, Copy)]
struct Plot {
    area: Rect,
}

impl Plot {
    fn to_screen(self, (x, y): (f32, f32)) -> Pos2 {
        pos2(self.area.left() + x * self.area.width(), self.area.bottom() - y * self.area.height())
    }

    /// Rounded to three decimals: finer than a screen can show, short to read.
    fn point_at(self, at: Pos2) -> (f32, f32) {
        let x = (at.x - self.area.left()) / self.area.width();
        let y = (self.area.bottom() - at.y) / self.area.height();
        (round(x.clamp(0.0, 1.0)), round(y.clamp(0.0, 1.0)))
    }

    /// The point that is grabbed at `at`.
    fn nearest(self, points: &[(f32, f32)], at: Pos2) -> Option<usize> {
        let distance = |i: &usize| self.to_screen(points[*i]).distance(at);
        (0..points.len()).filter(|i| distance(i) < GRAB_RADIUS).min_by(|a, b| distance(a).total_cmp(&distance(b)))
    }
}

fn round(value: f32) -> f32 {
    (value * 1000.0).round() / 1000.0
}

/// Draws the curve that `text` describes: a click adds a point, a drag moves one, a double click removes one. Returns
/// the curve's new text if it was changed.
pub fn tone_curve(ui: &mut Ui, label: &str, text: &str) -> Option<String> {
    let curve = ToneCurve::parse(text)?;
    let side = ui.available_width().min(320.0);
    let (rect, response) = ui.allocate_exact_size(vec2(side, side * 0.75), Sense::click_and_drag());
    let name = format!("{label} curve");
    response.widget_info(|| WidgetInfo::labeled(Role::Canvas, true, &name));
    let plot = Plot { area: rect.shrink(5.0) };

    let mut points = curve.points().to_vec();
    let grabbed_id = ui.scope_id().with("grabbed");
    let pressed = response.drag_started() || response.clicked();
    let origin = ui.input(|input| input.pointer.press_origin()).or(response.interact_pointer_pos());
    if pressed && let Some(at) = origin {
        let grabbed = plot.nearest(&points, at);
        ui.data_mut(|data| data.insert_temp(grabbed_id, grabbed));
    }
    let grabbed: Option<usize> = ui.data(|data| data.get_temp(grabbed_id)).unwrap_or_default();
    paint(ui, plot, rect, &curve, grabbed.filter(|_| response.dragged()));

    let at = response.interact_pointer_pos();
    let help = "Drag points to move them, click to add one, double-click a point to remove it.";
    let response = response.on_hover_text(help);
    edit(&mut points, grabbed, &response, plot.point_at(at?)).then(|| ToneCurve::text(&points))
}

fn paint(ui: &Ui, plot: Plot, rect: Rect, curve: &ToneCurve, dragged: Option<usize>) {
    let palette = Palette::of(ui);
    let painter = ui.painter_at(rect);
    let line = Stroke::new(1.0, palette.border);
    painter.rect(rect, theme::ROUND, palette.sunken, line, StrokeKind::Inside);
    for quarter in [0.25, 0.5, 0.75] {
        painter.line_segment([plot.to_screen((quarter, 0.0)), plot.to_screen((quarter, 1.0))], line);
        painter.line_segment([plot.to_screen((0.0, quarter)), plot.to_screen((1.0, quarter))], line);
    }
    let sampled = (0..=96).map(|i| i as f32 / 96.0).map(|x| plot.to_screen((x, curve.at(x).clamp(0.0, 1.0))));
    painter.add(Shape::line(sampled.collect(), Stroke::new(1.5, palette.loom)));
    for (i, point) in curve.points().iter().enumerate() {
        let colour = if dragged == Some(i) { palette.light_mark } else { palette.text };
        painter.circle_filled(plot.to_screen(*point), 3.5, colour);
    }
}

/// Changes the points as the pointer at `(x, y)` asks; returns whether it did.
fn edit(points: &mut Vec<(f32, f32)>, grabbed: Option<usize>, response: &Response, (x, y): (f32, f32)) -> bool {
    match grabbed.filter(|i| *i < points.len()) {
        Some(i) if response.double_clicked() && points.len() > 2 => {
            points.remove(i);
        }
        Some(i) if response.dragged() => {
            let low = if i > 0 { points[i - 1].0 + GAP } else { 0.0 };
            let high = points.get(i + 1).map_or(1.0, |next| next.0 - GAP);
            points[i] = (round(x.max(low).min(high.max(low))), y);
        }
        None if response.clicked() => {
            let before = points.partition_point(|p| p.0 < x);
            let free = points.iter().all(|p| (p.0 - x).abs() >= GAP);
            if !free || points.len() >= ToneCurve::MOST_POINTS {
                return false;
            }
            points.insert(before, (x, y));
        }
        _ => return false,
    }
    true
}
