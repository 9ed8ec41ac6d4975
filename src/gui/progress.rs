//! The strip at the bottom: how far the run is and how fast, or the last sentence when none is under way.

use egui::{Align, CornerRadius, Layout, Rect, RichText, Role, Sense, Ui, WidgetInfo, vec2};

use super::action::Action;
use super::state::{Run, State, Tone};
use super::text;
use super::theme::{self, GRID, Palette};
use super::widgets::{Icon, dot, icon_button};
use crate::batch::{ImageState, Outcome, SlowSource, Stage};

/// Draws it.
pub fn show(ui: &mut Ui, state: &State, out: &mut Vec<Action>) {
    match &state.run {
        Some(run) => running(ui, state, run),
        None if state.lab.task.is_some() => measuring(ui, state, out),
        None if state.starting.is_some() => drop(ui.label("Planning the run…")),
        None => idle(ui, state, out),
    }
}

fn running(ui: &mut Ui, state: &State, run: &Run) {
    let palette = Palette::of(ui);
    let progress = run.progress();
    let (finished, partial, failed) = state.counts();
    let elapsed = run.running.elapsed().as_secs_f64();
    let stopping = run.running.control().is_stopped();
    bar(ui, state, run);
    ui.horizontal(|ui| {
        ui.spacing_mut().item_spacing.x = 2.0 * GRID;
        let figures = theme::figures(theme::BODY);
        let share = format!("{} / {}", text::count(finished), text::count(progress.total()));
        ui.label(RichText::new(share).font(figures.clone()));
        let word = if stopping {
            "stopping…"
        } else if state.is_paused() {
            "paused"
        } else {
            run.settings.executor.title
        };
        ui.label(RichText::new(word).color(if state.is_paused() { palette.light } else { palette.weak }));
        simulated(ui, run.settings.slow_source);
        if failed > 0 {
            ui.label(RichText::new(format!("{} failed", text::count(failed))).color(palette.bad));
        }
        if partial > 0 {
            ui.label(RichText::new(format!("{} in part", text::count(partial))).color(palette.warn));
        }
        ui.with_layout(Layout::right_to_left(Align::Center), |ui| {
            let left = run.time_left().map_or("…".to_owned(), |t| text::duration(t.as_secs_f64()));
            let megapixels = progress.source_pixels() as f64 / 1e6;
            let speed = |amount: f64| if elapsed > 0.2 { text::rate(amount / elapsed) } else { "…".to_owned() };
            measure(ui, &left, "left");
            measure(ui, &speed(megapixels), "MP/s");
            measure(ui, &speed(finished as f64), "images/s");
        });
    });
}

/// A number and its unit, right to left.
fn measure(ui: &mut Ui, number: &str, unit: &str) {
    let palette = Palette::of(ui);
    ui.spacing_mut().item_spacing.x = 6.0;
    ui.label(RichText::new(unit).small().color(palette.weak));
    ui.label(RichText::new(number).font(theme::figures(theme::BODY)).color(palette.text));
    ui.add_space(GRID);
}

/// The bar: done, in part and failed one after the other, and what is in work now in the colours of its stages.
fn bar(ui: &mut Ui, state: &State, run: &Run) {
    let palette = Palette::of(ui);
    let progress = run.progress();
    let (rect, response) = ui.allocate_exact_size(vec2(ui.available_width(), 10.0), Sense::hover());
    let share = progress.finished() as f64 / progress.total().max(1) as f64;
    let spoken = format!("Progress {:.0} %", 100.0 * share);
    response.widget_info(|| WidgetInfo::labeled(Role::ProgressIndicator, true, &spoken));
    let radius = CornerRadius::same(5);
    ui.painter().rect_filled(rect, radius, palette.sunken);
    let painter = ui.painter().with_clip_rect(rect);
    let mut left = rect.left();
    let mut part = |count: usize, colour| {
        let width = rect.width() * count as f32 / progress.total().max(1) as f32;
        let (round_left, round_right) = (left <= rect.left(), left + width >= rect.right() - 1.0);
        let ends = |round: bool| if round { radius.nw } else { 0 };
        let corners =
            CornerRadius { nw: ends(round_left), sw: ends(round_left), ne: ends(round_right), se: ends(round_right) };
        if width > 0.0 {
            painter.rect_filled(
                Rect::from_min_size(egui::pos2(left, rect.top()), vec2(width, rect.height())),
                corners,
                colour,
            );
        }
        left += width;
    };
    let amber = if state.is_paused() { palette.waiting } else { palette.light };
    part(progress.count(Outcome::Done), amber);
    part(progress.count(Outcome::Partial), palette.warn);
    part(progress.count(Outcome::Failed), palette.bad);
    for (stage, count) in in_work(state, run) {
        part(count, palette.stage(stage).gamma_multiply(0.55));
    }
    let lines = Stage::ALL.map(|stage| format!("{}: {}", stage.title(), stage_count(state, run, stage)));
    response.on_hover_text(format!("{spoken}\nIn work now:\n{}", lines.join("\n")));
}

/// How many pictures are in each stage. Looks only at pictures near the front, since runs go through the list in order.
fn in_work(state: &State, run: &Run) -> Vec<(Stage, usize)> {
    Stage::ALL.into_iter().map(|stage| (stage, stage_count(state, run, stage))).filter(|(_, n)| *n > 0).collect()
}

fn stage_count(_: &State, run: &Run, stage: Stage) -> usize {
    let progress = run.progress();
    // Pictures end roughly in order: those in work stand around the number of finished ones.
    let middle = progress.finished();
    let range = middle.saturating_sub(256)..(middle + 256).min(progress.total());
    range.filter(|&job| progress.state(job) == ImageState::In(stage)).count()
}

/// What the lab measures, wherever the person is.
fn measuring(ui: &mut Ui, state: &State, out: &mut Vec<Action>) {
    let Some(task) = &state.lab.task else { return };
    let palette = Palette::of(ui);
    ui.horizontal_centered(|ui| {
        dot(ui, palette.light);
        let left = task.time_left().map_or("…".to_owned(), |t| text::duration(t.as_secs_f64()));
        ui.label(format!("The lab measures. {}", task.words()));
        ui.with_layout(Layout::right_to_left(Align::Center), |ui| {
            let stop = egui::Button::new("Stop");
            let help = "End the measurement; what has been measured is kept.";
            if ui.add_enabled(!task.is_stopped(), stop).on_hover_text(help).accessible_name("Stop the lab").clicked() {
                out.push(Action::Lab(super::lab::LabAction::Stop));
            }
            measure(ui, &left, "left");
        });
    });
}

fn idle(ui: &mut Ui, state: &State, out: &mut Vec<Action>) {
    let palette = Palette::of(ui);
    ui.horizontal_centered(|ui| {
        let (tone, sentence) = match &state.notice {
            Some(notice) => (notice.tone, notice.text.clone()),
            None => (Tone::Info, ready(state)),
        };
        let colour = match (&state.notice, tone) {
            (None, _) => palette.waiting,
            (Some(_), Tone::Info) => palette.good,
            (Some(_), Tone::Error) => palette.bad,
        };
        dot(ui, colour);
        ui.with_layout(Layout::right_to_left(Align::Center), |ui| {
            if state.notice.is_some() && icon_button(ui, Icon::Close, "Dismiss the message", true).clicked() {
                out.push(Action::Dismiss);
            }
            simulated(ui, state.settings.slow_source);
            if let Some(summary) = &state.summary {
                let totals = &summary.totals;
                measure(ui, &text::rate(totals.megapixels / totals.wall_secs.max(1e-9)), "MP/s");
                measure(ui, &text::rate(totals.images_per_sec()), "images/s");
                let help = Action::OpenResults.face().map(|f| f.help).unwrap_or_default();
                let can = state.why_not(&Action::OpenResults).is_none();
                if ui.add_enabled(can, egui::Button::new("Open Results")).on_hover_text(help.as_ref()).clicked() {
                    out.push(Action::OpenResults);
                }
                ui.add_space(GRID);
            }
            ui.with_layout(Layout::left_to_right(Align::Center), |ui| {
                ui.add(egui::Label::new(&sentence).truncate()).on_hover_text(&sentence);
            });
        });
    });
}

/// Says that the source is simulated, while it is.
fn simulated(ui: &mut Ui, source: Option<SlowSource>) {
    let Some(source) = source else { return };
    let palette = Palette::of(ui);
    let help = "Reading is made slower on purpose (Workers, Simulated Source); it is off again at the next start.";
    ui.label(RichText::new(source.to_string()).color(palette.warn)).on_hover_text(help);
}

/// What is to be done next.
fn ready(state: &State) -> String {
    if state.discovering > 0 {
        return format!("Looking for pictures… {} so far.", text::count(state.pictures.len()));
    }
    if state.pictures.is_empty() {
        return "Add pictures to begin.".to_owned();
    }
    let steps = state.recipe().steps().filter(|s| s.enabled).count();
    let pictures = text::pictures(state.pictures.len());
    let outputs = match state.recipe().outputs.len() {
        0 => String::new(),
        n => format!(" into {}", text::plural(n, "output")),
    };
    match steps {
        0 => format!("{pictures}{outputs}, no filters: ready to convert."),
        n => format!("{pictures} through {}{outputs}: ready to start.", text::plural(n, "filter")),
    }
}
