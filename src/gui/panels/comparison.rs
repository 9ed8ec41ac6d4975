//! The comparison strip: once there are two runs of these pictures, their speeds side by side in one row, and what can be
//! concluded from them.

use egui::{
    Align, Color32, CornerRadius, FontId, Label, Layout, Margin, Rect, Response, RichText, Role, Sense, Ui, WidgetInfo,
    pos2, vec2,
};

use crate::batch::EXECUTORS;
use crate::gui::model::action::ViewAction;
use crate::gui::model::optional_panels::COMPARISON;
use crate::gui::model::state::{Page, State};
use crate::gui::panels::panel::{Panel, View};
use crate::gui::text;
use crate::gui::theme::{self, GRID, Palette};
use crate::gui::widgets::button::icon_button;
use crate::gui::widgets::icon::Icon;
use crate::lab::Row;

/// Length of the bar of the fastest run.
const BAR: f32 = 56.0;
const BAR_HEIGHT: f32 = 8.0;
/// Share of the strip that the runs may fill; the rest is for the verdict.
const RUNS_SHARE: f32 = 0.62;

pub const PANEL: Panel =
    Panel::bottom("comparison", show).margin(Margin::symmetric(16, 4)).exact_size(32.0).shown_if(|state| {
        let compares = state.records.len() > 1 && state.comparison().rows.len() > 1;
        state.page() == Page::Pictures && state.appearance.shows(&COMPARISON) && compares
    });

fn show(ui: &mut Ui, View { state, out, .. }: &mut View<'_>) {
    let palette = Palette::of(ui);
    let comparison = state.comparison();
    ui.horizontal_centered(|ui| {
        ui.spacing_mut().item_spacing.x = 2.0 * GRID;
        let fastest = comparison.rows.iter().map(|r| r.images_per_sec).fold(0.0, f64::max);
        let end = ui.max_rect().left() + RUNS_SHARE * ui.max_rect().width();
        let mut left_out = Vec::new();
        for row in &comparison.rows {
            let chip = Chip::new(ui, row, fastest, &comparison.baseline);
            if ui.cursor().left() + chip.width() > end {
                left_out.push(chip.name);
            } else {
                chip.show(ui);
            }
        }
        if !left_out.is_empty() {
            let more = RichText::new(format!("+ {}", left_out.len())).color(palette.weak);
            ui.label(more).on_hover_text(left_out.join("\n"));
        }
        ui.with_layout(Layout::right_to_left(Align::Center), |ui| {
            if icon_button(ui, Icon::Close, "Hide the comparison", true).clicked() {
                out.push(ViewAction::TogglePanel(&COMPARISON).into());
            }
            verdict(ui, state, comparison.verdict());
        });
    });
}

fn verdict(ui: &mut Ui, state: &State, verdict: String) {
    let palette = Palette::of(ui);
    let (sentence, colour) = if state.is_comparable() {
        (verdict, palette.text)
    } else {
        let changed = "Pictures, filters or export settings have changed: the next run begins a new comparison.";
        (changed.to_owned(), palette.weak)
    };
    ui.with_layout(Layout::left_to_right(Align::Center), |ui| {
        ui.add(Label::new(RichText::new(&sentence).color(colour)).truncate()).on_hover_text(&sentence);
    });
}

/// One run: a bar as long as it is fast, its title, its speed.
struct Chip {
    title: String,
    speed: String,
    /// Its accessible name, with all figures.
    name: String,
    help: String,
    /// Speed as a share of the fastest.
    share: f32,
    colour: Color32,
    text: Color32,
    widths: [f32; 2],
}

impl Chip {
    fn new(ui: &Ui, row: &Row, fastest: f64, baseline: &str) -> Self {
        let palette = Palette::of(ui);
        let simulated = row.settings.slow_source.is_some();
        let title = format!("{}{}", row.title, if simulated { " (simulated source)" } else { "" });
        let ratio = text::ratio(row.speed_up, row.speed_up_interval);
        let rate = format!("{} images/s", text::rate(row.images_per_sec));
        let speed = if row.speed_up_interval.is_some() { format!("{rate}, {ratio}") } else { rate.clone() };
        let duration = text::duration(row.wall_secs);
        let figures = format!("{rate}, {duration}, {:.2} cores, {ratio}", row.cpu_use);
        let spread = match row.runs {
            1 => "One run, which differs by chance from the next.".to_owned(),
            n => format!(
                "{n} runs, from {} to {}; the median is shown.",
                text::duration(row.wall_min_secs),
                text::duration(row.wall_max_secs)
            ),
        };
        let help = format!(
            "{title}\n{duration} from start to end\n{rate} of elapsed time\n{:.2} cores busy: processor time divided by elapsed time\n{ratio} as fast as {baseline}\n{spread}",
            row.cpu_use
        );
        let index = EXECUTORS.iter().position(|e| *e == row.settings.executor).unwrap_or_default();
        let width = |text: &str, font| ui.painter().layout_no_wrap(text.to_owned(), font, Color32::WHITE).size().x;
        Self {
            widths: [width(&title, FontId::proportional(theme::SMALL)), width(&speed, theme::figures(theme::SMALL))],
            name: format!("{title}: {figures}"),
            share: if fastest > 0.0 { (row.images_per_sec / fastest) as f32 } else { 0.0 },
            colour: palette.executor(index),
            text: if simulated { palette.warn } else { palette.text },
            title,
            speed,
            help,
        }
    }

    fn width(&self) -> f32 {
        BAR + self.widths.iter().sum::<f32>() + 2.0 * GRID
    }

    fn show(&self, ui: &mut Ui) -> Response {
        let palette = Palette::of(ui);
        let (rect, response) = ui.allocate_exact_size(vec2(self.width(), 20.0), Sense::hover());
        response.widget_info(|| WidgetInfo::labeled(Role::Label, true, &self.name));
        let painter = ui.painter();
        let middle = rect.center().y;
        let rail = Rect::from_min_size(pos2(rect.left(), middle - BAR_HEIGHT / 2.0), vec2(BAR, BAR_HEIGHT));
        let radius = CornerRadius::same(2);
        painter.rect_filled(rail, radius, palette.sunken);
        let filled = Rect::from_min_size(rail.min, vec2((BAR * self.share).max(3.0), BAR_HEIGHT));
        painter.rect_filled(filled, radius, self.colour);
        let mut left = rail.right() + GRID;
        let parts = [
            (&self.title, FontId::proportional(theme::SMALL), self.text),
            (&self.speed, theme::figures(theme::SMALL), palette.weak),
        ];
        for ((text, font, colour), width) in parts.into_iter().zip(self.widths) {
            let galley = painter.layout_no_wrap(text.clone(), font, colour);
            painter.galley(pos2(left, middle - galley.size().y / 2.0), galley, colour);
            left += width + GRID;
        }
        response.on_hover_text(&self.help)
    }
}
