//! Histograms of original and result over the preview: channels as areas, the original's luma as a line, and marks where
//! values are clipped.

use egui::{Align2, Color32, FontId, Painter, Pos2, Rect, Role, Sense, Shape, Stroke, Ui, WidgetInfo, pos2, vec2};

use crate::gui::model::action::ViewAction;
use crate::gui::model::optional_panels::HISTOGRAM;
use crate::gui::model::state::State;
use crate::gui::tasks::preview::images::PreviewImages;
use crate::gui::text;
use crate::gui::theme::{self, GRID, Palette};
use crate::picture::Histogram;

const WIDTH: f32 = 208.0;
pub const HEIGHT: f32 = 88.0;
/// Share of the pixels from which on clipping is marked.
const CLIPPED: f32 = 0.001;
/// Red, green and blue, which add up to grey where they overlap.
const CHANNELS: [Color32; 3] = [
    Color32::from_rgba_premultiplied(120, 20, 20, 0),
    Color32::from_rgba_premultiplied(20, 110, 30, 0),
    Color32::from_rgba_premultiplied(30, 50, 130, 0),
];

/// Draws the histogram at the lower right corner of the canvas.
pub fn show(ui: &Ui, state: &State, images: &PreviewImages, canvas: Rect) {
    let Some(after) = images.after.as_ref().map(|layer| &layer.histogram) else { return };
    let before = images.before.as_ref().map(|layer| &*layer.histogram);
    let corner = canvas.right_bottom() - vec2(GRID, GRID);
    let rect = Rect::from_min_max(corner - vec2(WIDTH, HEIGHT), corner);
    let palette = Palette::of(ui);
    let painter = ui.painter_at(canvas);
    painter.rect_filled(rect, theme::ROUND, Color32::from_black_alpha(200));
    let chart = rect.shrink2(vec2(6.0, 8.0));
    // Values at the ends are marked, and would make everything else flat.
    let inner = |counts: &[u32; 256]| counts[1..255].iter().copied().max().unwrap_or(0);
    let most = after.colours.iter().chain([&after.luma]).map(inner).max().unwrap_or(0).max(1);
    for (counts, colour) in after.colours.iter().zip(CHANNELS) {
        area(&painter, chart, counts, most, colour);
    }
    line(&painter, chart, &after.luma, most, Color32::WHITE);
    if let Some(before) = before {
        line(&painter, chart, &before.luma, inner(&before.luma).max(1), palette.light);
    }
    let (dark, light) = after.clipped();
    mark(&painter, rect, rect.left_top(), dark, Align2::LEFT_TOP);
    mark(&painter, rect, rect.right_top(), light, Align2::RIGHT_TOP);

    let percent = |share: f32| format!("{:.1} %", 100.0 * share);
    let mut said = format!("{} of the result is black and {} white in a channel", percent(dark), percent(light));
    if let Some((dark, light)) = before.map(Histogram::clipped) {
        said.push_str(&format!("; of the original {} and {}", percent(dark), percent(light)));
    }
    let response = ui.interact(rect, ui.scope_id().with("histogram"), Sense::hover());
    response.widget_info(|| WidgetInfo::labeled(Role::Image, true, format!("Histogram: {said}")));
    let help = format!("{said}. White is the luma of the result, amber that of the original.");
    response.on_hover_text(text::with_keys(ui.ctx(), &help, state.keys.keys_for(ViewAction::TogglePanel(&HISTOGRAM))));
}

fn height(chart: Rect, count: u32, most: u32) -> f32 {
    chart.height() * (count as f32 / most as f32).min(1.0)
}

fn area(painter: &Painter, chart: Rect, counts: &[u32; 256], most: u32, colour: Color32) {
    let width = chart.width() / 256.0;
    for (value, count) in counts.iter().enumerate().filter(|(_, count)| **count > 0) {
        let left = chart.left() + width * value as f32;
        let top = chart.bottom() - height(chart, *count, most);
        painter.rect_filled(Rect::from_min_max(pos2(left, top), pos2(left + width, chart.bottom())), 0.0, colour);
    }
}

fn line(painter: &Painter, chart: Rect, counts: &[u32; 256], most: u32, colour: Color32) {
    let width = chart.width() / 256.0;
    let point = |(value, count): (usize, &u32)| {
        pos2(chart.left() + width * (value as f32 + 0.5), chart.bottom() - height(chart, *count, most))
    };
    painter.add(Shape::line(counts.iter().enumerate().map(point).collect(), Stroke::new(1.0, colour)));
}

/// A triangle in the corner where values are clipped, and how many.
fn mark(painter: &Painter, rect: Rect, corner: Pos2, share: f32, align: Align2) {
    if share < CLIPPED {
        return;
    }
    let side = if corner.x < rect.center().x { 8.0 } else { -8.0 };
    let points = vec![corner, corner + vec2(side, 0.0), corner + vec2(0.0, 8.0)];
    painter.add(Shape::convex_polygon(points, Color32::WHITE, Stroke::NONE));
    let text = format!("{:.1} %", 100.0 * share);
    let font = FontId::proportional(theme::SMALL);
    painter.text(corner + vec2(1.4 * side, 1.0), align, text, font, Color32::WHITE);
}
