//! The strip that says which folder is watched, and the log of what happened there, of which only the visible part is
//! drawn.

use egui::{Align, Button, Label, Layout, Margin, RichText, ScrollArea, Ui, vec2};

use crate::batch::Outcome;
use crate::gui::model::action::Action;
use crate::gui::model::state::{Page, State};
use crate::gui::model::watch::{LogLine, Watch, WatchAction, WatchPhase};
use crate::gui::panels::panel::{Panel, ResizableSize, View};
use crate::gui::text;
use crate::gui::theme::{self, GRID, Palette};
use crate::gui::widgets::paint::dot;
use crate::watch::WatchCounts;

const ROW: f32 = 22.0;

/// Width of the time of a line.
const TIME: f32 = 172.0;
/// Width of the outcome of a line.
const OUTCOME: f32 = 64.0;
/// Width of the name of a line.
const FILE: f32 = 200.0;

pub const STRIP: Panel =
    Panel::bottom("watch", strip).margin(Margin::symmetric(16, 6)).shown_if(|state| state.watch.folder.is_some());

pub const LOG: Panel = Panel::bottom("watch-log", log)
    .margin(Margin::symmetric(16, 8))
    .resizable(|room| ResizableSize { default: 160.0, min: 80.0, max: room.available * 0.5 })
    .shown_if(|state| state.watch.folder.is_some() && state.watch.shows_log && matches!(state.page(), Page::Pictures));

fn strip(ui: &mut Ui, View { state, out, .. }: &mut View<'_>) {
    let palette = Palette::of(ui);
    let watch = &state.watch;
    ui.horizontal(|ui| {
        dot(ui, if watch.is_on() { palette.good } else { palette.waiting });
        ui.with_layout(Layout::right_to_left(Align::Center), |ui| {
            buttons(ui, state, out);
            ui.with_layout(Layout::left_to_right(Align::Center), |ui| {
                let sentence = sentence(watch);
                let help = "New pictures get the filters and settings of when the watch began; each is processed once.";
                ui.add(Label::new(&sentence).truncate()).on_hover_text(format!("{sentence}\n{help}"));
            });
        });
    });
}

fn buttons(ui: &mut Ui, state: &State, out: &mut Vec<Action>) {
    let watch = &state.watch;
    let mut button = |ui: &mut Ui, text: &str, help: &str, action: WatchAction| {
        let action = Action::Watch(action);
        let reason = state.disabled_reason(&action);
        let response = ui.add_enabled(reason.is_none(), Button::new(text)).accessible_name(format!("{text} (watch)"));
        if response.on_hover_text(help).on_disabled_hover_text(reason.unwrap_or_default()).clicked() {
            out.push(action);
        }
    };
    if watch.is_on() {
        button(ui, "Stop", "Watch the folder no more; finished results are kept.", WatchAction::Stop);
    } else {
        button(ui, "Close", "Close this strip and its log.", WatchAction::Close);
    }
    let text = if watch.shows_log { "Hide Log" } else { "Show Log" };
    button(ui, text, "What happened in the watched folder.", WatchAction::ToggleLog);
}

/// What is watched, and what became of it.
fn sentence(watch: &Watch) -> String {
    let folder = watch.folder.as_deref().map(text::short_path).unwrap_or_default();
    let WatchCounts { done, partial, failed, skipped, waiting } = watch.counts;
    let verb = match watch.phase {
        WatchPhase::Idle => "Watched",
        WatchPhase::Starting => "Beginning to watch",
        WatchPhase::Watching => "Watching",
        WatchPhase::Stopping => "Ending the watch of",
    };
    let counts = [(partial, "partial"), (failed, "failed"), (skipped, "skipped"), (waiting, "waiting to be whole")];
    let counts = counts.into_iter().filter(|(count, _)| *count > 0);
    let counts: String = counts.map(|(count, word)| format!(", {} {word}", text::count(count))).collect();
    format!("{verb} {folder}: {} done{counts}", text::pictures(done))
}

fn log(ui: &mut Ui, View { state, .. }: &mut View<'_>) {
    let log = &state.watch.log;
    if log.is_empty() {
        ui.weak("Nothing has happened yet.");
        return;
    }
    ui.spacing_mut().item_spacing.y = 0.0;
    let area = ScrollArea::vertical().auto_shrink(false).stick_to_bottom(true);
    area.show_rows(ui, ROW, log.len(), |ui, range| {
        log.range(range).for_each(|line| row(ui, line));
    });
}

fn row(ui: &mut Ui, line: &LogLine) {
    let palette = Palette::of(ui);
    let colour = line.outcome.map_or(if line.is_bad { palette.bad } else { palette.weak }, |o| palette.outcome(o));
    let word = match line.outcome {
        Some(Outcome::Done) => "done",
        Some(Outcome::Partial) => "partial",
        Some(Outcome::Failed) => "failed",
        Some(Outcome::Skipped) => "skipped",
        Some(Outcome::Stopped) => "stopped",
        None if line.is_bad => "trouble",
        None => "note",
    };
    ui.horizontal(|ui| {
        ui.spacing_mut().item_spacing.x = GRID;
        let mut cell = |width: f32, text: RichText| {
            ui.add_sized(vec2(width, ROW), Label::new(text).truncate().halign(Align::Min));
        };
        cell(TIME, RichText::new(text::date(line.at)).font(theme::figures(theme::SMALL)).color(palette.weak));
        cell(OUTCOME, RichText::new(word).size(theme::SMALL).color(colour));
        if !line.file.is_empty() {
            cell(FILE, RichText::new(&line.file).size(theme::SMALL));
        }
        ui.add(Label::new(RichText::new(&line.text).size(theme::SMALL)).truncate()).on_hover_text(&line.text);
    });
}
