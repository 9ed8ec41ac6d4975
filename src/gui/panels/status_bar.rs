//! The strip at the bottom: how far the run is and how fast, or the last message while nothing runs.

use egui::{
    Align, Button, CornerRadius, Label, Layout, Margin, Rect, RichText, Role, Sense, Ui, WidgetInfo, pos2, vec2,
};

use crate::batch::{ImageState, Outcome, SlowSource, Stage};
use crate::gui::model::action::{Action, LabAction};
use crate::gui::model::measurement::Measurement;
use crate::gui::model::notice::{Notice, Severity};
use crate::gui::model::run::{Run, RunCounts};
use crate::gui::model::state::State;
use crate::gui::panels::panel::{Panel, View};
use crate::gui::text;
use crate::gui::theme::{self, GRID, Palette};
use crate::gui::widgets::button::icon_button;
use crate::gui::widgets::icon::Icon;
use crate::gui::widgets::measurement_progress::{STOP_HELP, time_left};
use crate::gui::widgets::paint::dot;

pub const PANEL: Panel = Panel::bottom("progress", show).margin(Margin::symmetric(16, 10)).exact_size(68.0);

fn show(ui: &mut Ui, View { state, out, .. }: &mut View<'_>) {
    match (&state.run, &state.lab.measurement) {
        (Some(run), _) => running(ui, state, run),
        (None, Some(measurement)) => measuring(ui, measurement, out),
        (None, None) => match &state.starting {
            Some(starting) => preparing(ui, state, starting.read()),
            None => match &state.past.loading {
                Some(checking) => looking(ui, checking.count()),
                None => idle(ui, state, out),
            },
        },
    }
}

/// A run that is being loaded to go on with it.
fn looking(ui: &mut Ui, looked_at: usize) {
    let of_pictures = match looked_at {
        0 => String::new(),
        count => format!(" {} so far.", text::pictures(count)),
    };
    ui.label(format!("Comparing the results of the run with its journal…{of_pictures}"));
}

/// A run that is being planned.
fn preparing(ui: &mut Ui, state: &State, headers_read: usize) {
    let all = text::count(state.pictures.len());
    ui.label(match headers_read {
        0 => "Preparing the run…".to_owned(),
        read => format!("Preparing the run: {} of {all} headers read for names…", text::count(read)),
    });
}

fn running(ui: &mut Ui, state: &State, run: &Run) {
    let palette = Palette::of(ui);
    let progress = run.progress();
    let RunCounts { finished, partial, failed } = state.counts();
    let elapsed = run.running.elapsed().as_secs_f64();
    let stopping = run.running.control().is_stopped();
    bar(ui, run, state.is_paused());
    ui.horizontal(|ui| {
        ui.spacing_mut().item_spacing.x = 2.0 * GRID;
        let figures = theme::figures(theme::BODY);
        let share = format!("{} / {}", text::count(finished), text::count(progress.total()));
        ui.label(RichText::new(share).font(figures.clone()));
        let status = if stopping {
            "stopping…"
        } else if state.is_paused() {
            "paused"
        } else if run.running.control().is_held() {
            "waiting for space"
        } else {
            run.settings.executor.title
        };
        ui.label(RichText::new(status).color(if state.is_paused() { palette.light } else { palette.weak }));
        simulated_source(ui, run.settings.slow_source);
        if failed > 0 {
            ui.label(RichText::new(format!("{} failed", text::count(failed))).color(palette.bad));
        }
        if partial > 0 {
            ui.label(RichText::new(format!("{} partial", text::count(partial))).color(palette.warn));
        }
        ui.with_layout(Layout::right_to_left(Align::Center), |ui| {
            let left = run.time_left().map_or("…".to_owned(), |t| text::duration(t.as_secs_f64()));
            let megapixels = progress.source_pixels() as f64 / 1e6;
            let speed = |amount: f64| if elapsed > 0.2 { text::rate(amount / elapsed) } else { "…".to_owned() };
            figure(ui, &left, "left");
            figure(ui, &speed(megapixels), "MP/s");
            figure(ui, &speed(finished as f64), "images/s");
        });
    });
}

/// A number and its unit, right to left.
fn figure(ui: &mut Ui, number: &str, unit: &str) {
    let palette = Palette::of(ui);
    ui.spacing_mut().item_spacing.x = 6.0;
    ui.label(RichText::new(unit).small().color(palette.weak));
    ui.label(RichText::new(number).font(theme::figures(theme::BODY)).color(palette.text));
    ui.add_space(GRID);
}

/// The bar: done, partial and failed pictures, then those in progress in the colours of their stages.
fn bar(ui: &mut Ui, run: &Run, paused: bool) {
    let palette = Palette::of(ui);
    let progress = run.progress();
    let (rect, response) = ui.allocate_exact_size(vec2(ui.available_width(), 10.0), Sense::hover());
    let share = progress.finished() as f64 / progress.total().max(1) as f64;
    let name = format!("Progress {:.0} %", 100.0 * share);
    response.widget_info(|| WidgetInfo::labeled(Role::ProgressIndicator, true, &name));
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
                Rect::from_min_size(pos2(left, rect.top()), vec2(width, rect.height())),
                corners,
                colour,
            );
        }
        left += width;
    };
    let amber = if paused { palette.waiting } else { palette.light };
    part(progress.count(Outcome::Done), amber);
    part(progress.count(Outcome::Partial), palette.warn);
    part(progress.count(Outcome::Failed), palette.bad);
    for (stage, count) in in_progress(run) {
        part(count, palette.stage(stage).gamma_multiply(0.55));
    }
    let lines = Stage::ALL.map(|stage| format!("{}: {}", stage.title(), stage_count(run, stage)));
    response.on_hover_text(format!("{name}\nIn progress:\n{}", lines.join("\n")));
}

/// How many pictures are in each stage.
fn in_progress(run: &Run) -> Vec<(Stage, usize)> {
    Stage::ALL.into_iter().map(|stage| (stage, stage_count(run, stage))).filter(|(_, n)| *n > 0).collect()
}

/// Only looks at pictures near the front, since runs go through the list in order.
fn stage_count(run: &Run, stage: Stage) -> usize {
    let progress = run.progress();
    // Pictures finish roughly in order: those in progress are close to the number of finished ones.
    let middle = progress.finished();
    let range = middle.saturating_sub(256)..(middle + 256).min(progress.total());
    range.filter(|&job| progress.state(job) == ImageState::In(stage)).count()
}

/// The measurement of the lab, whatever the window shows otherwise.
fn measuring(ui: &mut Ui, measurement: &Measurement, out: &mut Vec<Action>) {
    let palette = Palette::of(ui);
    ui.horizontal_centered(|ui| {
        dot(ui, palette.light);
        ui.label(format!("The lab is measuring. {}", measurement.description()));
        ui.with_layout(Layout::right_to_left(Align::Center), |ui| {
            let stop = ui.add_enabled(!measurement.is_stopped(), Button::new("Stop")).accessible_name("Stop the lab");
            if stop.on_hover_text(STOP_HELP).clicked() {
                out.push(LabAction::Stop.into());
            }
            figure(ui, &time_left(measurement), "left");
        });
    });
}

fn idle(ui: &mut Ui, state: &State, out: &mut Vec<Action>) {
    let palette = Palette::of(ui);
    ui.horizontal_centered(|ui| {
        let (colour, sentence) = match &state.notice {
            None => (palette.waiting, next_step(state)),
            Some(Notice { severity: Severity::Info, text }) => (palette.good, text.clone()),
            Some(Notice { severity: Severity::Error, text }) => (palette.bad, text.clone()),
        };
        dot(ui, colour);
        ui.with_layout(Layout::right_to_left(Align::Center), |ui| {
            if state.notice.is_some() && icon_button(ui, Icon::Close, "Dismiss the message", true).clicked() {
                out.push(Action::DismissNotice);
            }
            simulated_source(ui, state.settings.slow_source);
            if let Some(summary) = &state.summary {
                let totals = &summary.totals;
                // Of other pictures or another recipe they would say nothing.
                if state.is_next_basis(&summary.basis) {
                    figure(ui, &text::rate(totals.megapixels / totals.wall_secs.max(1e-9)), "MP/s");
                    figure(ui, &text::rate(totals.images_per_sec()), "images/s");
                }
                let help = Action::OpenResults.presentation().map_or("", |presentation| presentation.help.as_ref());
                let enabled = state.disabled_reason(&Action::OpenResults).is_none();
                if ui.add_enabled(enabled, Button::new("Open Results")).on_hover_text(help).clicked() {
                    out.push(Action::OpenResults);
                }
                ui.add_space(GRID);
            }
            ui.with_layout(Layout::left_to_right(Align::Center), |ui| {
                ui.add(Label::new(&sentence).truncate()).on_hover_text(&sentence);
            });
        });
    });
}

/// Says that the source is simulated, if it is.
fn simulated_source(ui: &mut Ui, source: Option<SlowSource>) {
    let Some(source) = source else { return };
    let palette = Palette::of(ui);
    let help = "Reading is slowed down on purpose (Workers, Simulated Source). It is off again the next time Lightloom starts.";
    ui.label(RichText::new(source.to_string()).color(palette.warn)).on_hover_text(help);
}

/// What the user can do next.
fn next_step(state: &State) -> String {
    if state.discovering > 0 {
        let so_far = format!("Searching for pictures… {} so far.", text::count(state.pictures.len()));
        return match &state.unanswered {
            Some(folder) => format!("{so_far} {} does not answer.", text::short_path(folder)),
            None => so_far,
        };
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
    let unreadable = match state.pictures.unreadable() {
        0 => String::new(),
        all if all == state.pictures.len() => return format!("{pictures}, none of which can be read."),
        some => format!(" {} of them cannot be read.", text::count(some)),
    };
    match steps {
        0 => format!("{pictures}{outputs}, no filters: ready to convert.{unreadable}"),
        n => format!("{pictures} through {}{outputs}: ready to start.{unreadable}", text::plural(n, "filter")),
    }
}
