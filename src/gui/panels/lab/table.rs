//! The table of a comparison: a row per choice, and faintly below it the same choice of other results.

use egui::{Align2, Color32, FontId, Rect, Role, Sense, Stroke, TextStyle, Ui, WidgetInfo, pos2, vec2};

use crate::batch::{EXECUTORS, Settings};
use crate::gui::model::lab::{DisplayedResults, LabState};
use crate::gui::model::measurement::MeasurementPurpose;
use crate::gui::text;
use crate::gui::theme::{self, GRID, Palette};
use crate::gui::widgets::paint::elided;
use crate::lab::{Row, Standing};

/// Height of a row.
const ROW: f32 = 24.0;
/// A column after the first.
struct Column {
    name: &'static str,
    width: f32,
    meaning: &'static str,
}

const fn column(name: &'static str, width: f32, meaning: &'static str) -> Column {
    Column { name, width, meaning }
}

/// The columns after the first, in the order of [`cells`].
const COLUMNS: [Column; 7] = [
    column("median", 74.0, "elapsed time of the middle run"),
    column("spread", 64.0, "longest minus shortest run, as a share of the median"),
    column("images/s", 72.0, "pictures per second at the median"),
    column(
        "speed-up",
        168.0,
        "how many times as fast as the choice that the others are compared with, and the range that holds it with 95 % certainty",
    ),
    column("CPU ÷ wall", 80.0, "processor time divided by elapsed time: cores kept busy"),
    column("memory", 84.0, "peak memory of the program and its worker processes"),
    column("bytes", 64.0, "whether all runs wrote the same bytes"),
];

/// Draws the table.
pub fn show(ui: &mut Ui, lab: &LabState) {
    let Some(shown) = &lab.shown else { return };
    let palette = Palette::of(ui);
    ui.spacing_mut().item_spacing.y = 0.0;
    header(ui);
    // Nothing is recommended while measuring.
    let best = shown.recommendation.as_ref().filter(|_| lab.purpose() != Some(MeasurementPurpose::Comparison));
    let best = best.map(|r| &r.settings);
    for row in &shown.comparison.rows {
        let is_best = best.is_some_and(|best| *best == Settings { slow_source: None, ..row.settings.clone() });
        line(ui, row, palette.text, is_best, "");
        let others = lab.other.iter().flat_map(|other| &other.comparison.rows);
        // Another machine has other limits; the choice is the same if its title is.
        if let Some(same) = others.clone().find(|other| other.title == row.title) {
            let name = lab.other.as_ref().map(DisplayedResults::name).unwrap_or_default();
            line(ui, same, palette.weak.gamma_multiply(0.85), false, &name);
        }
    }
}

fn header(ui: &mut Ui) {
    let palette = Palette::of(ui);
    let (rect, _) = ui.allocate_exact_size(vec2(ui.available_width(), ROW), Sense::hover());
    let font = FontId::proportional(theme::SMALL);
    ui.painter().text(
        pos2(rect.left() + 18.0, rect.center().y),
        Align2::LEFT_CENTER,
        "choice",
        font.clone(),
        palette.weak,
    );
    let mut right = rect.right() - COLUMNS.iter().map(|column| column.width).sum::<f32>();
    for Column { name, width, meaning } in COLUMNS {
        right += width;
        let cell = Rect::from_min_max(pos2(right - width, rect.top()), pos2(right, rect.bottom()));
        ui.painter().text(pos2(right, rect.center().y), Align2::RIGHT_CENTER, name, font.clone(), palette.weak);
        ui.interact(cell, ui.scope_id().with(("column", name)), Sense::hover()).on_hover_text(text::sentence(meaning));
    }
    ui.painter().hline(rect.x_range(), rect.bottom(), Stroke::new(1.0, palette.border));
}

fn line(ui: &mut Ui, row: &Row, colour: Color32, is_best: bool, from: &str) {
    let palette = Palette::of(ui);
    let (rect, response) = ui.allocate_exact_size(vec2(ui.available_width(), ROW), Sense::hover());
    if is_best {
        ui.painter().rect_filled(rect, 4.0, palette.loom_soft);
    } else if response.hovered() {
        ui.painter().rect_filled(rect, 4.0, palette.hovered.gamma_multiply(0.5));
    }
    let cells = cells(row);
    let index = EXECUTORS.iter().position(|e| *e == row.settings.executor).unwrap_or_default();
    if from.is_empty() {
        ui.painter().circle_filled(pos2(rect.left() + 8.0, rect.center().y), 4.0, palette.executor(index));
    } else {
        ui.painter().circle_stroke(
            pos2(rect.left() + 8.0, rect.center().y),
            3.5,
            Stroke::new(1.0, palette.executor(index)),
        );
    }
    let columns: f32 = COLUMNS.iter().map(|column| column.width).sum();
    let simulated = if row.settings.slow_source.is_some() { " (simulated source)" } else { "" };
    let title = if from.is_empty() { format!("{}{simulated}", row.title) } else { format!("{from}{simulated}") };
    let at = pos2(rect.left() + 18.0, rect.center().y - ui.text_style_height(&TextStyle::Body) / 2.0);
    elided(ui, at, rect.width() - columns - 18.0 - GRID, &title, FontId::proportional(theme::BODY), colour);
    let mut right = rect.right() - columns;
    for (cell, column) in cells.iter().zip(COLUMNS) {
        right += column.width;
        let different = column.name == "bytes" && row.same_bytes == Some(false);
        let colour = if different { palette.bad } else { colour };
        ui.painter().text(
            pos2(right, rect.center().y),
            Align2::RIGHT_CENTER,
            cell,
            theme::figures(theme::SMALL + 1.0),
            colour,
        );
    }
    let values: Vec<String> =
        COLUMNS.iter().zip(&cells).map(|(column, cell)| format!("{} {cell}", column.name)).collect();
    let best = if is_best { ", recommended" } else { "" };
    let standing = row.standing.filter(|_| from.is_empty());
    let standing = standing.map_or(String::new(), |standing| format!(", {}", standing.title()));
    let name = format!("{title}{best}{standing}: {}", values.join(", "));
    response.widget_info(|| WidgetInfo::labeled(Role::Label, true, &name));
    let failed =
        if row.failed > 0 { format!("\n{} failed in a run.", text::pictures(row.failed)) } else { String::new() };
    let standing = row.standing.map_or("", |standing| match standing {
        Standing::Fastest => "\nfaster than every other choice",
        Standing::Slower => "\nslower than another choice",
        Standing::Contender => "\nnot known to be slower than any other choice",
    });
    response.on_hover_text(format!(
        "{}: {}, from {} to {}{standing}\npeak memory of pictures in flight: {}\n{} written per run{failed}",
        row.title,
        text::plural(row.runs, "run"),
        text::duration(row.wall_min_secs),
        text::duration(row.wall_max_secs),
        text::bytes(row.peak_bytes),
        text::bytes(row.output_bytes),
    ));
}

fn cells(row: &Row) -> [String; 7] {
    [
        text::seconds(row.wall_secs),
        if row.runs > 1 { format!("{:.0} %", 100.0 * row.spread()) } else { "–".to_owned() },
        text::rate(row.images_per_sec),
        text::ratio(row.speed_up, row.speed_up_interval),
        format!("{:.2}", row.cpu_use),
        text::bytes(row.resident_bytes),
        match row.same_bytes {
            Some(true) => "equal".to_owned(),
            Some(false) => "differ".to_owned(),
            None => "–".to_owned(),
        },
    ]
}
