//! The comparison strip: the runs of these pictures side by side as bars, and what can be concluded from them.

use egui::{
    Align, Align2, CornerRadius, FontId, Label, Layout, Margin, Rect, RichText, Role, ScrollArea, Sense, TextStyle, Ui,
    WidgetInfo, pos2, vec2,
};

use crate::batch::EXECUTORS;
use crate::gui::model::optional_panels::COMPARISON;
use crate::gui::model::state::{Page, State};
use crate::gui::panels::panel::Panel;
use crate::gui::text;
use crate::gui::theme::{self, GRID, Palette};
use crate::gui::widgets::paint::elided;
use crate::lab::Row;

const BAR: f32 = 20.0;
const NAME: f32 = 196.0;
/// Rows that are visible without scrolling.
const ROWS: f32 = 5.0;

pub const PANEL: Panel =
    Panel::bottom("comparison", |ui, view| show(ui, view.state)).margin(Margin::symmetric(16, 10)).shown_if(|state| {
        state.page() == Page::Pictures && state.appearance.shows(&COMPARISON) && !state.comparison().rows.is_empty()
    });

fn show(ui: &mut Ui, state: &State) {
    let palette = Palette::of(ui);
    let comparison = state.comparison();
    ui.spacing_mut().item_spacing.y = 4.0;
    ui.horizontal(|ui| {
        ui.label(RichText::new("Comparison").size(theme::BODY + 1.0));
        let (sentence, colour) = if state.is_comparable() {
            (comparison.verdict(), palette.text)
        } else {
            let changed = "Pictures, filters or export settings have changed: the next run begins a new comparison.";
            (changed.to_owned(), palette.light)
        };
        ui.add_space(GRID);
        ui.add(Label::new(RichText::new(&sentence).color(colour)).truncate()).on_hover_text(&sentence);
        ui.with_layout(Layout::right_to_left(Align::Center), |_| {});
    });
    let fastest = comparison.rows.iter().map(|r| r.images_per_sec).fold(0.0, f64::max);
    let area = ScrollArea::vertical().id_salt("comparison").max_height(ROWS * (BAR + 6.0));
    area.show(ui, |ui| {
        for row in &comparison.rows {
            bar(ui, row, fastest, &comparison.baseline);
        }
    });
}

fn bar(ui: &mut Ui, row: &Row, fastest: f64, baseline: &str) {
    let palette = Palette::of(ui);
    let (rect, response) = ui.allocate_exact_size(vec2(ui.available_width(), BAR + 2.0), Sense::hover());
    let numbers = [
        (format!("{} images/s", text::rate(row.images_per_sec)), 118.0),
        (text::duration(row.wall_secs), 88.0),
        (format!("{:.2} cores", row.cpu_use), 92.0),
        (format!("{:.2} ×", row.speed_up), 64.0),
    ];
    let simulated = if row.settings.slow_source.is_some() { " (simulated source)" } else { "" };
    let name =
        format!("{}{simulated}: {}", row.title, numbers.iter().map(|(n, _)| n.as_str()).collect::<Vec<_>>().join(", "));
    response.widget_info(|| WidgetInfo::labeled(Role::Label, true, &name));

    let painter = ui.painter();
    let middle = rect.center().y;
    let body = FontId::proportional(theme::BODY);
    let colour = if simulated.is_empty() { palette.text } else { palette.warn };
    let at = pos2(rect.left(), middle - ui.text_style_height(&TextStyle::Body) / 2.0);
    elided(ui, at, NAME - GRID, &row.title, body, colour);
    let reserved: f32 = numbers.iter().map(|(_, width)| width).sum();
    let rail = Rect::from_min_max(
        pos2(rect.left() + NAME, middle - BAR / 2.0 + 3.0),
        pos2(rect.right() - reserved - GRID, middle + BAR / 2.0 - 3.0),
    );
    let radius = CornerRadius::same(4);
    painter.rect_filled(rail, radius, palette.sunken);
    let share = if fastest > 0.0 { (row.images_per_sec / fastest) as f32 } else { 0.0 };
    let index = EXECUTORS.iter().position(|e| *e == row.settings.executor).unwrap_or_default();
    let filled = Rect::from_min_size(rail.min, vec2((rail.width() * share).max(4.0), rail.height()));
    painter.rect_filled(filled, radius, palette.executor(index));
    let mut right = rect.right() - reserved;
    for (number, width) in &numbers {
        right += width;
        let at = pos2(right, middle);
        painter.text(at, Align2::RIGHT_CENTER, number, theme::figures(theme::SMALL + 1.0), palette.text);
    }
    let spread = match row.runs {
        1 => "One run.".to_owned(),
        n => format!(
            "{n} runs, from {} to {}; the median is shown.",
            text::duration(row.wall_min_secs),
            text::duration(row.wall_max_secs)
        ),
    };
    response.on_hover_text(format!(
        "{spread}\nimages/s: pictures per second of elapsed time\ntime: from start to end\ncores: processor time divided by elapsed time\n×: how many times as fast as {baseline}"
    ));
}
