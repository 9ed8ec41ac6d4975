//! The comparison strip: once there are two runs of these pictures, their speeds side by side, and what can be concluded
//! from them, beside the speeds where there is room and below them otherwise.

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
use crate::gui::theme::{self, COMPACT, GRID, Palette};
use crate::gui::widgets::button::icon_button;
use crate::gui::widgets::icon::Icon;
use crate::lab::Row;

/// Length of the bar of the fastest run.
const BAR: f32 = 56.0;
const BAR_HEIGHT: f32 = 8.0;
/// Space between the runs, and before the verdict.
const GAP: f32 = 2.0 * GRID;
/// Width of "+ 12", for runs that find no room.
const MORE: f32 = 32.0;

pub const PANEL: Panel = Panel::bottom("comparison", show).margin(Margin::symmetric(16, 4)).shown_if(|state| {
    let compares = state.records.len() > 1 && state.comparison().rows.len() > 1;
    state.page() == Page::Pictures && state.appearance.shows(&COMPARISON) && compares
});

fn show(ui: &mut Ui, View { state, out, .. }: &mut View<'_>) {
    let comparison = state.comparison();
    let fastest = comparison.rows.iter().map(|r| r.images_per_sec).fold(0.0, f64::max);
    let chips: Vec<_> = comparison.rows.iter().map(|row| Chip::new(ui, row, fastest, &comparison.baseline)).collect();
    let verdict = Verdict::new(ui, state, comparison.verdict());
    let room = ui.available_width() - COMPACT - GAP;
    let runs: f32 = chips.iter().map(|chip| chip.width() + GAP).sum();
    let is_beside = runs + verdict.width <= room;
    ui.spacing_mut().item_spacing = vec2(GAP, 0.0);
    ui.horizontal(|ui| {
        ui.set_min_height(COMPACT);
        show_chips(ui, &chips, if runs <= room + GAP { f32::INFINITY } else { room - MORE });
        if is_beside {
            verdict.show(ui);
        }
        ui.with_layout(Layout::right_to_left(Align::Center), |ui| {
            if icon_button(ui, Icon::Close, "Hide the comparison", true).clicked() {
                out.push(ViewAction::TogglePanel(&COMPARISON).into());
            }
        });
    });
    if !is_beside {
        verdict.show(ui);
    }
}

/// Those that fit into `room`, and how many do not.
fn show_chips(ui: &mut Ui, chips: &[Chip], room: f32) {
    let end = ui.cursor().left() + room;
    let mut left_out = Vec::new();
    for chip in chips {
        if left_out.is_empty() && ui.cursor().left() + chip.width() <= end {
            chip.show(ui);
        } else {
            left_out.push(chip.name.as_str());
        }
    }
    if !left_out.is_empty() {
        let more = RichText::new(format!("+ {}", left_out.len())).color(Palette::of(ui).weak);
        ui.label(more).on_hover_text(left_out.join("\n"));
    }
}

/// What can be concluded.
struct Verdict {
    sentence: String,
    colour: Color32,
    width: f32,
}

impl Verdict {
    fn new(ui: &Ui, state: &State, verdict: String) -> Self {
        let palette = Palette::of(ui);
        let (sentence, colour) = if state.is_comparable() {
            (verdict, palette.text)
        } else {
            let changed = "Pictures, filters or export settings have changed: the next run begins a new comparison.";
            (changed.to_owned(), palette.weak)
        };
        let width = text_width(ui, &sentence, FontId::proportional(theme::BODY));
        Self { sentence, colour, width }
    }

    fn show(&self, ui: &mut Ui) {
        let text = RichText::new(&self.sentence).size(theme::BODY).color(self.colour);
        ui.add(Label::new(text).truncate()).on_hover_text(&self.sentence);
    }
}

fn text_width(ui: &Ui, text: &str, font: FontId) -> f32 {
    ui.painter().layout_no_wrap(text.to_owned(), font, Color32::WHITE).size().x
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
        Self {
            widths: [
                text_width(ui, &title, FontId::proportional(theme::SMALL)),
                text_width(ui, &speed, theme::figures(theme::SMALL)),
            ],
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
