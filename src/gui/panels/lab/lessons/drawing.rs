//! Small pictures of what happened: lanes, a count over time, the parts of a whole, the order of arrival.

use egui::{Align2, Color32, FontId, Rect, Response, Role, Sense, Stroke, StrokeKind, Ui, WidgetInfo, pos2, vec2};

use crate::batch::{Activity, Span};
use crate::gui::text;
use crate::gui::theme::{self, GRID, Palette, readable_on};
use crate::gui::widgets::paint::elided;
use crate::lab::lessons::{Drawing, DrawnLane, Part};

const NAME_WIDTH: f32 = 96.0;
const LANE: f32 = 16.0;
const STEPS: f32 = 72.0;

/// Draws a picture with its title above it.
pub fn show(ui: &mut Ui, drawing: &Drawing) {
    match drawing {
        Drawing::Lanes { title, lanes, more, end, .. } => lanes_picture(ui, drawing, title, lanes, *more, *end),
        Drawing::Steps { title, steps, limit, end } => steps_picture(ui, drawing, title, steps, *limit, *end),
        Drawing::Parts { title, parts } => parts_picture(ui, drawing, title, parts),
        Drawing::Order { title, threads } => order_picture(ui, drawing, title, threads),
    }
}

/// Room for a picture under its title, with words for those who do not see it.
fn room(ui: &mut Ui, drawing: &Drawing, title: &str, height: f32) -> (Rect, Response) {
    let palette = Palette::of(ui);
    ui.label(egui::RichText::new(title).small().color(palette.weak));
    let (rect, response) = ui.allocate_exact_size(vec2(ui.available_width(), height), Sense::hover());
    let name = drawing.description();
    response.widget_info(|| WidgetInfo::labeled(Role::Image, true, &name));
    (rect, response)
}

fn small() -> FontId {
    FontId::proportional(theme::SMALL)
}

fn lanes_picture(ui: &mut Ui, drawing: &Drawing, title: &str, lanes: &[DrawnLane], more: usize, end: u64) {
    let palette = Palette::of(ui);
    let rows = lanes.len() as f32 * (LANE + 2.0);
    let (rect, _) = room(ui, drawing, title, rows + 4.0 + 16.0);
    let plot = Rect::from_min_max(pos2(rect.left() + NAME_WIDTH, rect.top()), pos2(rect.right(), rect.top() + rows));
    let x = |nanos: u64| plot.left() + plot.width() * (nanos as f64 / end.max(1) as f64) as f32;
    for (index, lane) in lanes.iter().enumerate() {
        let top = plot.top() + index as f32 * (LANE + 2.0);
        let row = Rect::from_min_max(pos2(plot.left(), top), pos2(plot.right(), top + LANE));
        ui.painter().rect_filled(row, 3.0, palette.sunken);
        elided(ui, pos2(rect.left(), top), NAME_WIDTH - GRID, &lane.name, small(), palette.text);
        for Span { activity, begin, end, .. } in &lane.spans {
            let right = x(*end).max(x(*begin) + 1.0);
            let bar = Rect::from_min_max(pos2(x(*begin), top), pos2(right, top + LANE));
            // A border tells apart what follows immediately, where there is room for one.
            let inner = if bar.width() > 3.0 { bar.shrink2(vec2(0.5, 0.0)) } else { bar };
            ui.painter().rect_filled(inner, 2.0, palette.activity(*activity));
        }
    }
    let below = pos2(plot.left(), plot.bottom() + 4.0);
    legend(ui, drawing, lanes, below);
    let mut end = text::nanoseconds(end);
    if more > 0 {
        end = format!("{more} more lanes · {end}");
    }
    ui.painter().text(pos2(plot.right(), below.y), Align2::RIGHT_TOP, end, small(), palette.weak);
}

/// The colours of what the lanes did.
fn legend(ui: &Ui, drawing: &Drawing, lanes: &[DrawnLane], at: egui::Pos2) {
    let palette = Palette::of(ui);
    let mut left = at.x;
    let mut words: Vec<&str> = Vec::new();
    for activity in Activity::ALL {
        let word = drawing.word(activity);
        let used = lanes.iter().flat_map(|lane| &lane.spans).any(|span| span.activity == activity);
        if !used || words.contains(&word) {
            continue;
        }
        words.push(word);
        let swatch = Rect::from_min_size(pos2(left, at.y + 3.0), vec2(9.0, 9.0));
        ui.painter().rect_filled(swatch, 2.0, palette.activity(activity));
        let text = ui.painter().text(pos2(left + 14.0, at.y), Align2::LEFT_TOP, word, small(), palette.weak);
        left = text.right() + 1.5 * GRID;
    }
}

fn steps_picture(ui: &mut Ui, drawing: &Drawing, title: &str, steps: &[(u64, u32)], limit: Option<u32>, end: u64) {
    let palette = Palette::of(ui);
    let (rect, _) = room(ui, drawing, title, STEPS + 18.0);
    let plot = Rect::from_min_max(pos2(rect.left() + NAME_WIDTH, rect.top()), pos2(rect.right(), rect.top() + STEPS));
    ui.painter().rect_filled(plot, 3.0, palette.sunken);
    let most = steps.iter().map(|(_, level)| *level).chain(limit).max().unwrap_or(1).max(1);
    let x = |nanos: u64| plot.left() + plot.width() * (nanos as f64 / end.max(1) as f64) as f32;
    let y = |level: u32| plot.bottom() - (plot.height() - 10.0) * level as f32 / most as f32;
    for pair in steps.windows(2) {
        let bar = Rect::from_min_max(pos2(x(pair[0].0), y(pair[0].1)), pos2(x(pair[1].0), plot.bottom()));
        ui.painter().rect_filled(bar, 0.0, palette.loom);
    }
    let scale = |level: u32, text: String, colour: Color32| {
        ui.painter().text(pos2(plot.left() - GRID, y(level)), Align2::RIGHT_CENTER, text, small(), colour);
    };
    scale(0, "0".to_owned(), palette.weak);
    match limit {
        Some(limit) => {
            ui.painter().hline(plot.x_range(), y(limit), Stroke::new(1.5, palette.warn));
            scale(limit, format!("limit {limit}"), palette.warn);
        }
        None => scale(most, most.to_string(), palette.weak),
    }
    let below = pos2(plot.right(), plot.bottom() + 3.0);
    ui.painter().text(below, Align2::RIGHT_TOP, text::nanoseconds(end), small(), palette.weak);
}

fn parts_picture(ui: &mut Ui, drawing: &Drawing, title: &str, parts: &[Part]) {
    let palette = Palette::of(ui);
    let (rect, _) = room(ui, drawing, title, 44.0);
    let bar = Rect::from_min_size(rect.min, vec2(rect.width(), 22.0));
    let all: f64 = parts.iter().map(|part| part.value).sum::<f64>().max(1e-9);
    let (mut left, mut word) = (bar.left(), bar.left());
    for part in parts {
        let fill = if part.good { palette.good } else { palette.bad };
        let right = left + bar.width() * (part.value / all) as f32;
        let piece = Rect::from_min_max(pos2(left, bar.top()), pos2(right, bar.bottom()));
        ui.painter().rect_filled(piece, 3.0, fill);
        let share = format!("{:.0} %", 100.0 * part.value / all);
        if piece.width() > 44.0 {
            ui.painter().text(piece.center(), Align2::CENTER_CENTER, share, small(), readable_on(fill));
        }
        let swatch = Rect::from_min_size(pos2(word, bar.bottom() + 8.0), vec2(9.0, 9.0));
        ui.painter().rect_filled(swatch, 2.0, fill);
        let label = format!("{:.0} {}", part.value, part.label);
        let at = pos2(word + 14.0, bar.bottom() + 5.0);
        word = ui.painter().text(at, Align2::LEFT_TOP, label, small(), palette.weak).right() + 2.0 * GRID;
        left = right;
    }
}

fn order_picture(ui: &mut Ui, drawing: &Drawing, title: &str, threads: &[usize]) {
    const CELL: f32 = 22.0;
    let palette = Palette::of(ui);
    let columns = ((ui.available_width() / (CELL + 2.0)) as usize).max(1);
    let rows = threads.len().div_ceil(columns).max(1);
    let (rect, _) = room(ui, drawing, title, rows as f32 * (CELL + 2.0));
    let few = threads.iter().max().is_some_and(|most| *most < 5);
    for (index, thread) in threads.iter().enumerate() {
        let at = vec2((index % columns) as f32, (index / columns) as f32) * (CELL + 2.0);
        let cell = Rect::from_min_size(rect.min + at, vec2(CELL, CELL));
        let fill = if few { palette.stage_at(*thread) } else { palette.raised };
        ui.painter().rect(cell, 4.0, fill, Stroke::new(1.0, palette.border), StrokeKind::Inside);
        let colour = if few { readable_on(fill) } else { palette.text };
        ui.painter().text(cell.center(), Align2::CENTER_CENTER, thread + 1, small(), colour);
    }
}
