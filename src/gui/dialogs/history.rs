//! The runs of the past: a list, of which only the visible rows are drawn, and the details of one.

use egui::{
    Align, FontId, Grid, Label, Layout, Rect, RichText, Role, ScrollArea, Sense, Spinner, Ui, UiBuilder, WidgetInfo,
    pos2, vec2,
};

use crate::gui::model::action::{Action, RunsAction};
use crate::gui::model::past_runs::PastRun;
use crate::gui::model::state::State;
use crate::gui::panels::causes;
use crate::gui::text;
use crate::gui::theme::{self, GRID, Palette};
use crate::gui::widgets::dialog_parts::{buttons, closing_button, secondary_button};
use crate::gui::widgets::paint::{elided, focus_ring};

/// Height of a row.
const ROW: f32 = 48.0;
/// Width of the list.
const LIST: f32 = 320.0;
/// Causes of failures that are shown.
const CAUSES: usize = 8;

/// Draws its contents.
pub fn show(ui: &mut Ui, state: &State, out: &mut Vec<Action>) {
    let screen = ui.ctx().content_rect();
    let size = vec2((screen.width() - 120.0).min(860.0), (screen.height() - 220.0).min(520.0));
    ui.set_width(size.x);
    ui.horizontal(|ui| {
        ui.heading("History");
        if state.past.listing {
            ui.add(Spinner::new().size(14.0)).on_hover_text("Reading journals…");
        }
    });
    ui.add_space(GRID);
    let (rect, _) = ui.allocate_exact_size(size, Sense::hover());
    let (left, right) = rect.split_left_right_at_x(rect.left() + LIST);
    let mut inside = ui.new_child(UiBuilder::new().max_rect(left));
    list(&mut inside, state, out);
    let right = Rect::from_min_max(pos2(right.left() + 2.0 * GRID, right.top()), right.max);
    let mut inside = ui.new_child(UiBuilder::new().max_rect(right));
    if let Some(run) = state.past.shown() {
        details(&mut inside, state, run, out);
    }
    buttons(ui, |ui| {
        if closing_button(ui, "Close") {
            out.push(Action::CloseDialog);
        }
    });
}

fn list(ui: &mut Ui, state: &State, out: &mut Vec<Action>) {
    let past = &state.past;
    if past.list.is_empty() {
        ui.weak(if past.listing { "Reading journals…" } else { "There are no runs yet." });
        return;
    }
    let chosen = past.shown().map(|run| run.id.as_str());
    ui.spacing_mut().item_spacing.y = 2.0;
    ScrollArea::vertical().id_salt("runs").auto_shrink(false).show_rows(ui, ROW, past.list.len(), |ui, range| {
        for run in &past.list[range] {
            row(ui, run, chosen == Some(run.id.as_str()), out);
        }
    });
}

fn row(ui: &mut Ui, run: &PastRun, chosen: bool, out: &mut Vec<Action>) {
    let palette = Palette::of(ui);
    let (rect, response) = ui.allocate_exact_size(vec2(ui.available_width() - GRID, ROW), Sense::click());
    let fill = match (chosen, response.hovered()) {
        (true, _) => Some(palette.loom_soft),
        (false, true) => Some(palette.hovered),
        (false, false) => None,
    };
    if let Some(fill) = fill {
        ui.painter().rect_filled(rect, theme::ROUND, fill);
    }
    let colour = if run.is_undone {
        palette.waiting
    } else if run.is_interrupted || run.is_running {
        palette.light_mark
    } else if run.failed + run.partial > 0 {
        palette.bad
    } else {
        palette.good
    };
    ui.painter().circle_filled(pos2(rect.left() + 14.0, rect.top() + 15.0), 4.0, colour);
    let name = if run.recipe_name.is_empty() { text::pictures(run.pictures) } else { run.recipe_name.clone() };
    let title = format!("{}  {name}", text::moment(run.started));
    let status = status(run);
    let left = rect.left() + 26.0;
    let width = rect.right() - left - GRID;
    let title_at = pos2(left, rect.top() + 6.0);
    elided(ui, title_at, width, &title, FontId::proportional(theme::BODY), palette.text);
    elided(ui, pos2(left, rect.top() + 26.0), width, &status, FontId::proportional(theme::SMALL), palette.weak);
    focus_ring(ui, &response, theme::ROUND);
    let label = format!("{title}, {status}");
    response.widget_info(|| WidgetInfo::selected(Role::ListBoxOption, true, chosen, &label));
    if response.clicked() {
        out.push(RunsAction::Select(run.id.clone()).into());
    }
    response.on_hover_text(run.folder.as_deref().map_or_else(|| "No results.".to_owned(), text::short_path));
}

/// What became of a run, in a few words.
fn status(run: &PastRun) -> String {
    let word = if run.is_undone {
        "undone; "
    } else if run.is_running {
        "in progress; "
    } else if run.is_interrupted {
        "interrupted; "
    } else {
        ""
    };
    format!("{word}{}", run.counts())
}

fn details(ui: &mut Ui, state: &State, run: &PastRun, out: &mut Vec<Action>) {
    let palette = Palette::of(ui);
    ui.label(RichText::new(text::moment(run.started)).size(theme::BODY + 1.0).color(palette.loom));
    figures(ui, run);
    if !run.failures.is_empty() {
        ui.add_space(GRID / 2.0);
        ui.label(RichText::new("Failures by cause").color(palette.loom));
        ui.scope(|ui| {
            ui.spacing_mut().item_spacing.y = 2.0;
            causes(ui, &run.failures, CAUSES);
        });
    }
    ui.with_layout(Layout::bottom_up(Align::Min), |ui| {
        ui.add_space(2.0);
        actions(ui, state, run, out);
    });
}

fn figures(ui: &mut Ui, run: &PastRun) {
    let palette = Palette::of(ui);
    let mut rows = Vec::new();
    let mut add = |name: &'static str, value: String| rows.push((name, value));
    if !run.recipe_name.is_empty() {
        add("Recipe", run.recipe_name.clone());
    }
    add("Pictures", format!("{}: {}", text::count(run.pictures), run.counts()));
    add("Results", format!("{}, {}", text::plural(run.files, "file"), text::bytes(run.bytes)));
    if run.replacing > 0 {
        add("Replaced", text::plural(run.replacing, "file"));
    }
    if let Some(folder) = &run.folder {
        add("Folder", text::short_path(folder));
    }
    if let Some(secs) = run.wall_secs {
        add(if run.resumed > 0 { "Last part" } else { "Time" }, text::duration(secs));
    }
    if run.resumed > 0 {
        add("Resumed", text::plural(run.resumed, "time"));
    }
    add("Version", run.program.clone());
    Grid::new("figures").num_columns(2).min_row_height(20.0).spacing([2.0 * GRID, 2.0]).show(ui, |ui| {
        ui.spacing_mut().interact_size.y = 20.0;
        for (name, value) in rows {
            ui.label(RichText::new(name).color(palette.weak));
            let width = ui.available_width().max(200.0);
            ui.scope(|ui| {
                ui.set_max_width(width);
                ui.add(Label::new(&value).truncate().show_tooltip_when_elided(false)).on_hover_text(&value);
            });
            ui.end_row();
        }
    });
}

fn actions(ui: &mut Ui, state: &State, run: &PastRun, out: &mut Vec<Action>) {
    ui.horizontal(|ui| {
        let mut offer = |text: String, help: &str, action: RunsAction, reason: Option<&'static str>| {
            let action = Action::from(action);
            let reason = reason.or_else(|| state.disabled_reason(&action));
            let button = ui.add_enabled(reason.is_none(), secondary_button(&text));
            if button.on_hover_text(help).on_disabled_hover_text(reason.unwrap_or_default()).clicked() {
                out.push(action);
            }
        };
        let is_over = if run.is_running {
            Some("The run is still going on.")
        } else {
            run.is_undone.then_some("The results of the run have been removed.")
        };
        if run.is_interrupted {
            let help = "Compare the results with the journal, add the pictures to the list and process the rest.";
            offer("Resume".to_owned(), help, RunsAction::Resume(run.journal.clone()), is_over);
        } else if run.failed > 0 {
            let help = "Add the pictures to the list and try those again that failed.";
            let text = format!("Retry {} Failed", text::count(run.failed));
            offer(text, help, RunsAction::Retry(run.journal.clone()), is_over);
        }
        let none = run.folder.is_none().then_some("It has no folder.");
        let folder = run.folder.clone().unwrap_or_default();
        offer("Open Folder".to_owned(), "Show the results in the file manager.", RunsAction::OpenFolder(folder), none);
        let nothing = is_over.or_else(|| (run.files == 0).then_some("It wrote no files."));
        let help = "Remove the files that the run wrote, as long as they are what it wrote.";
        offer("Undo…".to_owned(), help, RunsAction::AskUndo(Some(run.journal.clone())), nothing);
        let journals = run.journal.parent().map(std::path::Path::to_path_buf).unwrap_or_default();
        let help = format!("Show the folder with its journal: {}.", text::short_path(&run.journal));
        offer("Show Journal".to_owned(), &help, RunsAction::OpenFolder(journals), None);
    });
}
