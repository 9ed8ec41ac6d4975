//! The strip at the bottom: how far the run is and how fast, or the last message while nothing runs; at its right end who
//! does the work.

use egui::{
    Align, Button, Color32, CornerRadius, Label, Layout, Margin, Rect, Response, RichText, Role, Sense, Stroke, Ui,
    WidgetInfo, pos2, vec2,
};

use crate::batch::{EXECUTORS, ImageState, Outcome, SlowSource, Stage};
use crate::gui::model::action::{Action, LabAction, RunsAction, ViewAction};
use crate::gui::model::lessons::{LessonAction, Trial};
use crate::gui::model::measurement::Measurement;
use crate::gui::model::notice::{Notice, Severity};
use crate::gui::model::optional_panels::TIMELINE;
use crate::gui::model::run::{Run, RunCounts};
use crate::gui::model::state::{Page, State};
use crate::gui::panels::panel::{Panel, View};
use crate::gui::text;
use crate::gui::theme::{self, COMPACT, GRID, Palette};
use crate::gui::widgets::button::icon_button;
use crate::gui::widgets::icon::{Icon, icon_atom};
use crate::gui::widgets::measurement_progress::{STOP_HELP, time_left};
use crate::gui::widgets::pace_chart::sparkline;
use crate::gui::widgets::paint::dot;
use crate::gui::widgets::segmented::{Segment, segmented_with};

/// Width beside which the message of the last run is readable.
const ROOM_FOR_SPEEDS: f32 = 640.0;
/// Width beside which it is said how much is fetched from the web.
const ROOM_FOR_FETCHED: f32 = 400.0;
/// Width beside which the chart of the speed has room, and its own.
const ROOM_FOR_CHART: f32 = 560.0;
const CHART: f32 = 72.0;
/// Height without a run; with one, the bar is added.
const IDLE: f32 = 32.0;
const BAR: f32 = 8.0;

pub const PANEL: Panel = Panel::bottom("progress", show)
    .margin(Margin { left: 16, right: 8, top: 3, bottom: 4 })
    .sized_by(|state| if state.run.is_some() { IDLE + BAR + 6.0 } else { IDLE });

fn show(ui: &mut Ui, View { state, out, .. }: &mut View<'_>) {
    ui.spacing_mut().item_spacing.y = 0.0;
    if let Some(run) = &state.run {
        ui.add_space(4.0);
        bar(ui, run, state.is_paused());
        ui.add_space(2.0);
    }
    ui.spacing_mut().interact_size.y = COMPACT;
    ui.with_layout(Layout::right_to_left(Align::Center), |ui| {
        choices(ui, state, out);
        match (&state.run, &state.lab.measurement) {
            (Some(run), _) => running(ui, state, run),
            (None, Some(measurement)) => measuring(ui, measurement, out),
            (None, None) => match &state.lessons.trial {
                Some(trial) => trying(ui, trial, out),
                None => idle(ui, state, out),
            },
        }
    });
}

/// At the right end, where they stay during a run: the timeline, and who does the work.
fn choices(ui: &mut Ui, state: &State, out: &mut Vec<Action>) {
    // The other executors are in the Workers menu.
    let offered: Vec<_> = EXECUTORS.iter().filter_map(|executor| Some((*executor, executor.brief?))).collect();
    let chosen = state.settings.executor;
    let segments: Vec<_> =
        offered.iter().map(|(executor, brief)| Segment::new(executor.title, brief, *executor == chosen)).collect();
    let responses = segmented_with(ui, !state.is_running(), COMPACT, 10.0, &segments);
    if let Some(index) = responses.iter().position(Response::clicked) {
        out.push(Action::SetExecutor(offered[index].0));
    }
    if state.page() != Page::Pictures || state.timelines.shown().is_none() {
        return;
    }
    let is_shown = state.appearance.shows(&TIMELINE);
    let mut button = Button::new((icon_atom(Icon::Lanes, 14.0), "Timeline")).gap(6.0);
    if is_shown {
        let palette = Palette::of(ui);
        button = button.fill(palette.loom_soft).stroke(Stroke::new(1.0, palette.loom));
    }
    ui.spacing_mut().button_padding.x = 8.0;
    let response = ui.add(button).accessible_name("Timeline");
    let help = text::with_keys(ui.ctx(), TIMELINE.help, state.keys.keys_for(ViewAction::TogglePanel(&TIMELINE)));
    if response.on_hover_text(help).clicked() {
        out.push(ViewAction::TogglePanel(&TIMELINE).into());
    }
}

/// What goes on while a run is loaded to go on with it, or planned; `None` if neither.
fn preparation(state: &State) -> Option<String> {
    if let Some(starting) = &state.starting {
        let all = text::count(state.pictures.len());
        return Some(match starting.read() {
            0 => "Preparing the run…".to_owned(),
            read => format!("Preparing the run: {} of {all} headers read for names…", text::count(read)),
        });
    }
    state.past.loading.as_ref().map(|checking| match checking.count() {
        0 => "Comparing the results of the run with its journal…".to_owned(),
        count => {
            format!("Comparing the results of the run with its journal… {} so far.", text::pictures(count))
        }
    })
}

fn running(ui: &mut Ui, state: &State, run: &Run) {
    let progress = run.progress();
    let finished = state.counts().finished;
    let elapsed = run.running.elapsed().as_secs_f64();
    ui.add_space(GRID);
    let left = run.time_left().map_or("…".to_owned(), |t| text::duration(t.as_secs_f64()));
    let megapixels = progress.source_pixels() as f64 / 1e6;
    let chart_room = ui.available_width() > ROOM_FOR_CHART;
    if chart_room && run.pace.speeds().len() > 1 {
        sparkline(ui, &run.pace, vec2(CHART, COMPACT - 6.0));
        ui.add_space(GRID);
    }
    let speed = |amount: f64| if elapsed > 0.2 { text::rate(amount / elapsed) } else { "…".to_owned() };
    figure(ui, &left, "left");
    figure(ui, &speed(megapixels), "MP/s");
    figure(ui, &speed(finished as f64), "images/s");
    let fetched = progress.fetched_bytes();
    if fetched > 0 && ui.available_width() > ROOM_FOR_FETCHED {
        let per_second = text::bytes((fetched as f64 / elapsed.max(0.2)) as u64);
        figure(ui, &format!("{} at {per_second}/s", text::bytes(fetched)), "fetched");
    }
    ui.with_layout(Layout::left_to_right(Align::Center), |ui| run_counts(ui, state, run));
}

/// How many pictures are finished, what the run is doing, and what went wrong.
fn run_counts(ui: &mut Ui, state: &State, run: &Run) {
    let palette = Palette::of(ui);
    let RunCounts { finished, partial, failed } = state.counts();
    ui.spacing_mut().item_spacing.x = 2.0 * GRID;
    let share = format!("{} / {}", text::count(finished), text::count(run.progress().total()));
    ui.label(RichText::new(share).font(theme::figures(theme::BODY)));
    let control = run.running.control();
    let status = if control.is_stopped() {
        "stopping…"
    } else if state.is_paused() {
        "paused"
    } else if control.is_held() {
        "waiting for space"
    } else {
        run.settings.executor.title
    };
    ui.label(RichText::new(status).color(palette.weak));
    simulated_source(ui, run.settings.slow_source);
    if failed > 0 {
        ui.label(RichText::new(format!("{} failed", text::count(failed))).color(palette.bad));
    }
    if partial > 0 {
        ui.label(RichText::new(format!("{} partial", text::count(partial))).color(palette.warn));
    }
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
    let (rect, response) = ui.allocate_exact_size(vec2(ui.available_width() - GRID, BAR), Sense::hover());
    let share = progress.finished() as f64 / progress.total().max(1) as f64;
    let name = format!("Progress {:.0} %", 100.0 * share);
    response.widget_info(|| WidgetInfo::labeled(Role::ProgressIndicator, true, &name));
    let radius = CornerRadius::same(4);
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
    let amber = if paused { palette.waiting } else { palette.light_mark };
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
    let colour = Palette::of(ui).light_mark;
    let stop = ui.add_enabled(!measurement.is_stopped(), Button::new("Stop")).accessible_name("Stop the lab");
    if stop.on_hover_text(STOP_HELP).clicked() {
        out.push(LabAction::Stop.into());
    }
    figure(ui, &time_left(measurement), "left");
    sentence(ui, colour, &format!("The lab is measuring. {}", measurement.description()));
}

/// The lesson that is being tried, whatever the window shows otherwise.
fn trying(ui: &mut Ui, trial: &Trial, out: &mut Vec<Action>) {
    let colour = Palette::of(ui).light_mark;
    let stop = ui.add_enabled(!trial.is_stopped(), Button::new("Stop")).accessible_name("Stop the lab");
    if stop.on_hover_text("Stop; nothing is kept of it.").clicked() {
        out.push(LessonAction::Stop.into());
    }
    sentence(ui, colour, &format!("A lesson is being tried. {}", trial.description()));
}

fn idle(ui: &mut Ui, state: &State, out: &mut Vec<Action>) {
    let palette = Palette::of(ui);
    ui.add_space(GRID);
    simulated_source(ui, state.settings.slow_source);
    let (colour, text) = match (&state.notice, preparation(state)) {
        (_, Some(preparation)) => (palette.light_mark, preparation),
        (None, None) => (palette.waiting, next_step(state)),
        (Some(Notice { severity: Severity::Info, text }), None) => (palette.good, text.clone()),
        (Some(Notice { severity: Severity::Error, text }), None) => (palette.bad, text.clone()),
    };
    // Of other pictures or another recipe they would say nothing.
    let speeds = state.summary.as_ref();
    let speeds = speeds.filter(|summary| state.is_next_basis(&summary.basis) && ui.available_width() > ROOM_FOR_SPEEDS);
    if let Some(summary) = speeds {
        let totals = &summary.totals;
        figure(ui, &text::rate(totals.megapixels / totals.wall_secs.max(1e-9)), "MP/s");
        figure(ui, &text::rate(totals.images_per_sec()), "images/s");
    }
    if state.summary.is_some() {
        let help = Action::OpenResults.presentation().map_or("", |presentation| presentation.help.as_ref());
        let enabled = state.disabled_reason(&Action::OpenResults).is_none();
        if ui.add_enabled(enabled, Button::new("Open Results")).on_hover_text(help).clicked() {
            out.push(Action::OpenResults);
        }
        action_button(ui, RunsAction::OpenSummary.into(), "Summary", out);
    }
    if state.notice.is_some() && icon_button(ui, Icon::Close, "Dismiss the message", true).clicked() {
        out.push(Action::DismissNotice);
    }
    sentence(ui, colour, &text);
}

/// A button for what a menu offers too.
fn action_button(ui: &mut Ui, action: Action, text: &str, out: &mut Vec<Action>) {
    let help = action.presentation().map_or("", |presentation| presentation.help.as_ref());
    if ui.button(text).on_hover_text(help).clicked() {
        out.push(action);
    }
}

/// A sentence at the left end, as far as there is room.
fn sentence(ui: &mut Ui, colour: Color32, text: &str) {
    ui.with_layout(Layout::left_to_right(Align::Center), |ui| {
        dot(ui, colour);
        ui.add(Label::new(text).truncate()).on_hover_text(text);
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
    let pictures = text::pictures(state.pictures.included());
    let outputs = match state.recipe().outputs.len() {
        0 => String::new(),
        n => format!(" into {}", text::plural(n, "output")),
    };
    let unreadable = match state.pictures.unreadable() {
        0 => String::new(),
        all if all == state.pictures.len() => return format!("{pictures}, none of which can be read."),
        some => format!(" {} of them cannot be read.", text::count(some)),
    };
    if state.pictures.included() == 0 {
        return "Every picture is excluded: nothing to do.".to_owned();
    }
    match steps {
        0 => format!("{pictures}{outputs}, no filters: ready to convert.{unreadable}"),
        n => format!("{pictures} through {}{outputs}: ready to start.{unreadable}", text::plural(n, "filter")),
    }
}
