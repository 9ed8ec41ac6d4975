//! The plan of a run: a table of every result, of which only the visible rows are drawn, however many there are.

use std::path::Path;

use egui::{
    Align2, Color32, FontId, Margin, Rect, RichText, Role, ScrollArea, Sense, Spinner, Stroke, TextEdit, Ui,
    WidgetInfo, pos2, vec2,
};
use lightloom_param::shown;

use crate::batch::Estimate;
use crate::gui::model::action::{Action, PlanAction};
use crate::gui::model::plan::{PlanFilter, PlanKind, PlanRow, PlanView, ReadyPlan};
use crate::gui::model::state::State;
use crate::gui::text;
use crate::gui::theme::{self, GRID, Palette};
use crate::gui::widgets::button::primary_button;
use crate::gui::widgets::dialog_parts::{buttons, heading, secondary_button};
use crate::gui::widgets::icon::Icon;
use crate::gui::widgets::paint::elided;
use crate::gui::widgets::segmented::{Segment, segmented};

/// Height of a row.
const ROW: f32 = 26.0;
/// Width of the column that says what happens.
const ACTION: f32 = 128.0;

/// Draws its contents.
pub fn show(ui: &mut Ui, state: &State, out: &mut Vec<Action>) {
    let Some(view) = &state.plan else { return };
    let screen = ui.ctx().content_rect();
    ui.set_width((screen.width() - 120.0).min(1100.0));
    heading(ui, "Plan");
    let height = (screen.height() - 300.0).max(200.0);
    match &view.ready {
        None => coming(ui, view, height),
        Some(ready) => {
            filters(ui, view, ready, out);
            table(ui, ready, height);
            ui.add_space(GRID / 2.0);
            totals(ui, ready);
        }
    }
    buttons(ui, |ui| {
        let ready = view.ready.as_ref().filter(|ready| ready.has_work());
        let start = primary_button(ui, ready.is_some(), Some(Icon::Start), "Start").accessible_name("Start this plan");
        if ready.is_some() && ui.memory(|m| m.focused().is_none()) {
            start.request_focus();
        }
        let none = if view.ready.is_some() { "There is nothing to do." } else { "The plan is being made." };
        if start.on_hover_text("Run exactly this plan (Enter).").on_disabled_hover_text(none).clicked() {
            out.push(PlanAction::Start.into());
        }
        if ui.add(secondary_button("Close")).on_hover_text("Close without starting (Esc).").clicked() {
            out.push(Action::CloseDialog);
        }
    });
}

fn coming(ui: &mut Ui, view: &PlanView, height: f32) {
    ui.horizontal(|ui| {
        ui.add(Spinner::new().size(14.0));
        let read = view.read();
        ui.label(if read == 0 {
            format!("Planning {}…", text::pictures(view.pictures))
        } else {
            format!("Reading headers for names: {} of {}…", text::count(read), text::count(view.pictures))
        });
    });
    ui.add_space(height + 3.0 * ROW);
}

/// The search field, and a segment for each kind of result that there is.
fn filters(ui: &mut Ui, view: &PlanView, ready: &ReadyPlan, out: &mut Vec<Action>) {
    ui.horizontal(|ui| {
        let mut text = view.filter.text.clone();
        let field = TextEdit::singleline(&mut text).hint_text("Filter by path").desired_width(200.0);
        let field = ui.add(field.margin(Margin::symmetric(8, 6))).accessible_name("Filter by path");
        field.on_hover_text("Part of the path of a source or a result.");
        if text != view.filter.text {
            out.push(PlanAction::Filter(PlanFilter { text, ..view.filter.clone() }).into());
        }
        let kinds: Vec<(PlanKind, usize)> =
            PlanKind::ALL.into_iter().zip(ready.counts).filter(|(_, count)| *count > 0).collect();
        let all = format!("All {}", text::count(ready.rows.len()));
        let titles: Vec<String> =
            kinds.iter().map(|(kind, count)| format!("{} {}", kind.title(), text::count(*count))).collect();
        let helps: Vec<String> = kinds.iter().map(|(kind, _)| format!("{}.", kind.sentence())).collect();
        let mut segments = vec![Segment::new(&all, "Every result.", view.filter.kind.is_none())];
        for ((kind, _), (title, help)) in kinds.iter().zip(titles.iter().zip(&helps)) {
            segments.push(Segment::new(title, help, view.filter.kind == Some(*kind)));
        }
        if let Some(chosen) = segmented(ui, true, theme::CONTROL, &segments) {
            let kind = chosen.checked_sub(1).map(|index| kinds[index].0);
            out.push(PlanAction::Filter(PlanFilter { kind, ..view.filter.clone() }).into());
        }
    });
}

/// Where the columns begin and end.
struct Columns {
    source: (f32, f32),
    result: (f32, f32),
    action: (f32, f32),
    notes: (f32, f32),
}

impl Columns {
    fn of(rect: Rect) -> Self {
        let left = rect.left() + GRID;
        let rest = rect.width() - ACTION - 2.0 * GRID;
        let (source, result) = (rest * 0.34, rest * 0.38);
        let action = left + source + result;
        Self {
            source: (left, left + source - GRID),
            result: (left + source, action - GRID),
            action: (action, action + ACTION - GRID),
            notes: (action + ACTION, rect.right() - GRID),
        }
    }
}

fn table(ui: &mut Ui, ready: &ReadyPlan, height: f32) {
    let palette = Palette::of(ui);
    ui.spacing_mut().item_spacing.y = 0.0;
    ui.add_space(GRID);
    let (header, _) = ui.allocate_exact_size(vec2(ui.available_width(), ROW), Sense::hover());
    let columns = Columns::of(header);
    let titles = [
        (columns.source, "source"),
        (columns.result, "result"),
        (columns.action, "what happens"),
        (columns.notes, "why"),
    ];
    for ((left, _), title) in titles {
        let at = pos2(left, header.center().y);
        ui.painter().text(at, Align2::LEFT_CENTER, title, FontId::proportional(theme::SMALL), palette.weak);
    }
    ui.painter().hline(header.x_range(), header.bottom(), Stroke::new(1.0, palette.border));
    let area = ScrollArea::vertical().id_salt("plan").auto_shrink(false).max_height(height).min_scrolled_height(height);
    area.show_rows(ui, ROW, ready.filtered.len(), |ui, range| {
        for row in &ready.filtered[range] {
            line(ui, ready, *row);
        }
        if ready.filtered.is_empty() {
            ui.add_space(GRID);
            ui.weak("No result matches.");
        }
    });
    ui.spacing_mut().item_spacing.y = GRID;
}

fn line(ui: &mut Ui, ready: &ReadyPlan, row: PlanRow) {
    let palette = Palette::of(ui);
    let plan = &ready.plan;
    let (rect, response) = ui.allocate_exact_size(vec2(ui.available_width(), ROW), Sense::hover());
    if response.hovered() {
        ui.painter().rect_filled(rect, 4.0, palette.hovered);
    }
    let columns = Columns::of(rect);
    let target = plan.target(row);
    let (source, result) = (plan.job(row).source.name(), target.folder.join(target.file_name()));
    let notes = plan.notes(row);
    path(ui, rect, columns.source, source);
    path(ui, rect, columns.result, &result);
    let y = rect.center().y - theme::SMALL * 0.6;
    let (left, right) = columns.action;
    ui.painter().circle_filled(pos2(left + 4.0, rect.center().y), 4.0, colour(palette, row.kind));
    let small = || FontId::proportional(theme::SMALL);
    elided(ui, pos2(left + 14.0, y), right - left - 14.0, row.kind.title(), small(), palette.text);
    let (left, right) = columns.notes;
    if let Some(notes) = &notes {
        elided(ui, pos2(left, y), right - left, &text::sentence(notes), small(), palette.weak);
    }
    let why = notes.map(|notes| format!(": {notes}")).unwrap_or_default();
    let sentence = format!("{}{why}", row.kind.sentence());
    let name = format!("{} to {}: {sentence}", text::file_name(source), text::file_name(&result));
    response.widget_info(|| WidgetInfo::labeled(Role::Label, true, &name));
    response.on_hover_text(format!("From {}\nto {}\n{sentence}.", shown(source), shown(&result)));
}

/// The last part of a path, and paler the folder that it is in.
fn path(ui: &Ui, row: Rect, (left, right): (f32, f32), path: &Path) {
    let palette = Palette::of(ui);
    let font = FontId::proportional(theme::BODY);
    let at = pos2(left, row.center().y - theme::BODY * 0.62);
    let name = elided(ui, at, right - left, &text::file_name(path), font, palette.text);
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty()).map(text::short_path);
    let left = name.right() + GRID;
    if let Some(folder) = folder.filter(|_| right - left > 3.0 * GRID) {
        let at = pos2(left, row.center().y - theme::SMALL * 0.6);
        elided(ui, at, right - left, &folder, FontId::proportional(theme::SMALL), palette.weak);
    }
}

const fn colour(palette: &Palette, kind: PlanKind) -> Color32 {
    match kind {
        PlanKind::New => palette.good,
        PlanKind::Numbered => palette.loom,
        PlanKind::Replaces | PlanKind::ReplacesIfChanged | PlanKind::ReplacesIfSmaller => palette.warn,
        PlanKind::Skipped => palette.waiting,
    }
}

fn totals(ui: &mut Ui, ready: &ReadyPlan) {
    let [new, numbered, replaced, changed, smaller, skipped] = ready.counts;
    let mut parts = vec![text::pictures(ready.plan.batch.jobs.len())];
    let mut add = |count: usize, words: &str| {
        if count > 0 {
            parts.push(format!("{} {words}", text::count(count)));
        }
    };
    add(new + numbered, if new + numbered == 1 { "new file" } else { "new files" });
    add(replaced, "to be replaced");
    add(changed + smaller, "that may be replaced");
    add(skipped, "skipped");
    ui.label(RichText::new(parts.join(", ")).color(Palette::of(ui).text));
    ui.horizontal(|ui| {
        ui.set_min_height(ROW);
        match &ready.estimate {
            Some(estimate) => takes(ui, estimate),
            None if ready.has_work() => {
                ui.add(Spinner::new().size(12.0));
                ui.weak("Trying some pictures to estimate time, memory and disk space…");
            }
            None => {}
        }
    });
}

/// What the run will take, as far as that is known.
fn takes(ui: &mut Ui, estimate: &Estimate) {
    let palette = Palette::of(ui);
    let Estimate { sampled, result_bytes, seconds, memory_bytes, free_bytes, .. } = estimate;
    let (Some(bytes), Some(seconds), Some(memory)) = (result_bytes, seconds, memory_bytes) else {
        ui.weak("Time, memory and disk space cannot be estimated, since none of the pictures that were tried could be processed.");
        return;
    };
    let is_short = free_bytes.is_some_and(|free| free < *bytes);
    let free = free_bytes.map_or(String::new(), |free| format!(", {} free", text::bytes(free)));
    let (seconds, memory) = (text::duration(*seconds), text::bytes(*memory));
    let sentence = format!("About {} to write{free}; about {seconds}; about {memory} of memory.", text::bytes(*bytes));
    let help = format!("Estimated from {} that were processed and dropped.", text::pictures(*sampled));
    ui.label(RichText::new(sentence).color(palette.weak)).on_hover_text(help);
    if is_short {
        ui.label(RichText::new("The disk has not enough room for all results.").color(palette.bad));
    }
}
