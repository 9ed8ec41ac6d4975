//! The list of pictures: rows or a contact sheet, of which only the visible part is drawn, however long it is.

use egui::load::SizedTexture;
use egui::{
    Align, Align2, Color32, CornerRadius, FontId, Image, Layout, Pos2, Rect, Response, Role, ScrollArea, Sense, Stroke,
    StrokeKind, Ui, Vec2, WidgetInfo, pos2, vec2,
};
use lightloom_param::shown;

use crate::batch::{ImageReport, ImageState, LeftOut, Outcome};
use crate::gui::model::action::{Action, ViewAction};
use crate::gui::model::pictures::{Fault, Problem, SHEET_COLUMNS, SelectMode};
use crate::gui::model::state::{Page, State};
use crate::gui::model::view_memory::ListMemory;
use crate::gui::panels::failures;
use crate::gui::panels::panel::{Panel, ResizableSize, View};
use crate::gui::tasks::thumbnails::{Thumbnail, Thumbnails};
use crate::gui::text;
use crate::gui::theme::{self, GRID, Palette, state_word};
use crate::gui::widgets::button::icon_button;
use crate::gui::widgets::icon::{Icon, paint_icon};
use crate::gui::widgets::paint::{elided, focus_ring, wrapped};
use crate::gui::widgets::segmented::{Segment, segmented};

const ROW: f32 = 56.0;
const FAILED_ROW: f32 = 96.0;
const SHEET_ROW: f32 = 136.0;
const GAP: f32 = 4.0;

pub const PANEL: Panel = Panel::left("pictures", show)
    .resizable(|_| ResizableSize { default: 304.0, min: 240.0, max: 420.0 })
    .shown_if(|state| {
        let is_empty = state.pictures.is_empty() && state.pictures.problems.is_empty();
        state.page() == Page::Pictures && !is_empty
    });

fn show(ui: &mut Ui, View { state, memory, thumbnails, out, .. }: &mut View<'_>) {
    let memory = &mut memory.picture_list;
    header(ui, state, out);
    let problems = &state.pictures.problems;
    let only_failed = state.appearance.only_failed;
    let sheet = state.appearance.sheet && !only_failed;
    let count = if only_failed { state.pictures.failed.len() } else { state.pictures.len() };
    if only_failed && count + problems.len() == 0 {
        ui.add_space(GRID);
        ui.weak("No failures.");
        return;
    }
    let columns = if sheet { SHEET_COLUMNS } else { 1 };
    let height = if sheet {
        SHEET_ROW
    } else if only_failed || (!problems.is_empty() && state.pictures.is_empty()) {
        FAILED_ROW
    } else {
        ROW
    };
    let rows = problems.len() + count.div_ceil(columns);

    ui.spacing_mut().item_spacing.y = GAP;
    let mut area = ScrollArea::vertical().id_salt(("pictures", sheet, only_failed)).auto_shrink(false);
    if std::mem::take(&mut memory.reveal_current)
        && let Some(offset) = reveal(state, memory, columns, height)
    {
        area = area.vertical_scroll_offset(offset);
    }
    let output = area.show_rows(ui, height, rows, |ui, range| {
        let mut visible = Vec::new();
        for row in range {
            if let Some(problem) = problems.get(row) {
                problem_row(ui, problem, height);
                continue;
            }
            let first = (row - problems.len()) * columns;
            let (line, _) = ui.allocate_exact_size(vec2(ui.available_width(), height), Sense::hover());
            let width = (line.width() - GRID * (columns - 1) as f32) / columns as f32;
            for (column, place) in (first..(first + columns).min(count)).enumerate() {
                let index = if only_failed { state.pictures.failed[place] } else { place };
                let left = line.left() + column as f32 * (width + GRID);
                let rect = Rect::from_min_size(pos2(left, line.top()), vec2(width, height));
                entry(ui, rect, state, index, sheet, thumbnails, out);
                visible.push(index);
            }
        }
        let entries = state.pictures.entries();
        thumbnails.request(visible.iter().map(|&i| (entries[i].id, &entries[i].found.source)), state.settings.limits);
    });
    memory.offset = output.state.clamped_offset().y;
    memory.height = output.inner_rect.height();
}

fn header(ui: &mut Ui, state: &State, out: &mut Vec<Action>) {
    ui.horizontal(|ui| {
        ui.heading("Pictures");
        let selected = state.pictures.selected();
        let count = text::count(state.pictures.len());
        ui.weak(if selected > 1 { format!("{count}, {} selected", text::count(selected)) } else { count });
        if state.discovering > 0 {
            // No spinner: drawing it would take a core from the search where there is no graphics card.
            ui.weak("searching…").on_hover_text("Searching for pictures…");
        }
        ui.with_layout(Layout::right_to_left(Align::Center), |ui| {
            let (icon, name) = if state.appearance.sheet {
                (Icon::List, "Show as a list")
            } else {
                (Icon::Sheet, "Show as a contact sheet")
            };
            if icon_button(ui, icon, name, !state.appearance.only_failed).clicked() {
                out.push(ViewAction::ToggleSheet.into());
            }
        });
    });
    let failed = state.pictures.failed.len() + state.pictures.problems.len();
    if failed > 0 && !state.pictures.is_empty() {
        let (all, failures) =
            (format!("All {}", text::count(state.pictures.len())), format!("Failed {}", text::count(failed)));
        let only = state.appearance.only_failed;
        let segments = [
            Segment::new(&all, "Every picture in the list.", !only),
            Segment::new(&failures, "Failed pictures, with stage and reason.", only),
        ];
        if let Some(chosen) = segmented(ui, true, theme::CONTROL, &segments) {
            out.push(ViewAction::OnlyFailed(chosen == 1).into());
        }
    }
    if state.appearance.only_failed {
        failures::show(ui, state, out);
    }
    left_out(ui, state, out);
    ui.add_space(GAP);
}

/// What was left out of the folders, and the offer to look into it.
pub(super) fn left_out(ui: &mut Ui, state: &State, out: &mut Vec<Action>) {
    let count: usize = state.pictures.not_looked_into().map(LeftOut::count).sum();
    if count == 0 || state.discovering > 0 {
        return;
    }
    ui.horizontal(|ui| {
        let sentences: Vec<String> = state.pictures.not_looked_into().map(|one| format!("{one}.")).collect();
        ui.weak(format!("{} left out", text::plural(count, "file"))).on_hover_text(sentences.join("\n"));
        let help =
            "Look into the files whose names are not those of pictures, and add those that are pictures all the same.";
        if ui.button("Look Inside").on_hover_text(help).clicked() {
            out.push(Action::LookIntoLeftOut);
        }
    });
}

/// The scroll offset that brings the current picture into view; `None` if it is visible.
fn reveal(state: &State, memory: &ListMemory, columns: usize, height: f32) -> Option<f32> {
    let index = state.pictures.current_index()?;
    let place =
        if state.appearance.only_failed { state.pictures.failed.iter().position(|&i| i == index)? } else { index };
    let row = state.pictures.problems.len() + place / columns;
    let top = row as f32 * (height + GAP);
    if top < memory.offset {
        Some(top)
    } else if top + height > memory.offset + memory.height {
        Some(top + height - memory.height)
    } else {
        None
    }
}

/// The status of a picture, below its name.
struct Status {
    colour: Color32,
    line: String,
    /// The full explanation, for the tooltip and for rows of failures.
    reason: Option<String>,
    bad: bool,
}

fn status(
    palette: &Palette,
    state: ImageState,
    report: Option<&ImageReport>,
    fault: Option<&Fault>,
    brief: bool,
) -> Status {
    match (state, fault) {
        (ImageState::Waiting, Some(Fault::Unreadable(reason))) => {
            let line = "cannot be read".to_owned();
            return Status { colour: palette.bad, line, reason: Some(reason.clone()), bad: true };
        }
        (ImageState::Waiting, Some(Fault::Partial(missing))) => {
            let line = "damaged, partly read".to_owned();
            return Status { colour: palette.warn, line, reason: Some(missing.clone()), bad: false };
        }
        _ => {}
    }
    let colour = palette.state(state);
    let word = state_word(state).to_owned();
    match (state, report) {
        (ImageState::Finished(Outcome::Failed), Some(report)) => {
            let stage = report.stage.map_or(String::new(), |s| format!(" at {}", s.title()));
            Status { colour, line: format!("failed{stage}"), reason: report.reason.clone(), bad: true }
        }
        (ImageState::Finished(Outcome::Done | Outcome::Partial), Some(report)) => {
            let bytes: u64 = report.outputs.iter().map(|o| o.bytes).sum();
            let size = match report.outputs.as_slice() {
                [_, _, ..] => format!(", {}", text::plural(report.outputs.len(), "file")),
                [o] if !brief => format!(", {} × {}", o.width, o.height),
                _ => String::new(),
            };
            let reason = report.reason.iter().chain(&report.warnings).cloned().collect::<Vec<_>>().join("; ");
            let reason = (!reason.is_empty()).then_some(reason);
            Status { colour, line: format!("{word}{size}, {}", text::bytes(bytes)), reason, bad: false }
        }
        _ => Status { colour, line: word, reason: report.and_then(|r| r.reason.clone()), bad: false },
    }
}

fn entry(
    ui: &Ui,
    rect: Rect,
    state: &State,
    index: usize,
    sheet: bool,
    thumbnails: &mut Thumbnails,
    out: &mut Vec<Action>,
) {
    let entry = &state.pictures.entries()[index];
    let palette = Palette::of(ui);
    let thumb = thumbnails.get(entry.id);
    let name = text::file_name(entry.path());
    let now = state.picture_state(index);
    let mut status = status(palette, now, entry.report.as_deref(), entry.fault(), sheet);
    if !state.history.overrides_of(&entry.found.source).is_none() {
        status.line.push_str(if sheet { ", adjusted" } else { ", individually adjusted" });
    }

    let response = ui.interact(rect, ui.scope_id().with(("picture", entry.id)), Sense::click());
    let accessible_name = format!("{name}, {}", status.line);
    response.widget_info(|| WidgetInfo::selected(Role::ListBoxOption, true, entry.selected, &accessible_name));
    background(ui, rect, &response, entry.selected);
    if state.pictures.current_index() == Some(index) {
        let bar = Rect::from_min_size(rect.left_top() + vec2(0.0, 8.0), vec2(3.0, rect.height() - 16.0));
        ui.painter().rect_filled(bar, 2.0, palette.loom);
    }
    if sheet {
        let picture = Rect::from_min_max(rect.min + Vec2::splat(GRID), pos2(rect.right() - GRID, rect.bottom() - 44.0));
        picture_in(ui, picture, thumb);
        let at = pos2(rect.left() + 10.0, rect.bottom() - 38.0);
        name_and_status(ui, at, rect.width() - 20.0, &name, &status, true);
    } else {
        let side = ROW - 8.0;
        let picture = Rect::from_min_size(rect.left_top() + vec2(GRID, 4.0), Vec2::splat(side));
        picture_in(ui, picture, thumb);
        let at = pos2(picture.right() + 12.0, rect.top() + 10.0);
        let width = rect.right() - at.x - GRID;
        let tall = rect.height() > ROW;
        name_and_status(ui, at, width, &name, &status, !tall);
        if let (true, Some(reason)) = (tall, &status.reason) {
            let below = pos2(at.x, at.y + 38.0);
            wrapped(ui, below, width, 3, reason, FontId::proportional(theme::SMALL), palette.text);
        }
    }
    focus_ring(ui, &response, theme::ROUND);
    if response.clicked() {
        let modifiers = ui.input(|i| i.modifiers);
        let mode = match (modifiers.command, modifiers.shift) {
            (true, _) => SelectMode::Toggle,
            (_, true) => SelectMode::Range,
            _ => SelectMode::One,
        };
        out.push(Action::Select(index, mode));
    }
    response.on_hover_ui(|ui| {
        ui.label(shown(entry.path()));
        if let Some(reason) = &status.reason {
            let colour = if status.bad { palette.bad } else { palette.warn };
            ui.colored_label(colour, format!("{}: {reason}", text::sentence(&status.line)));
        }
    });
}

fn problem_row(ui: &mut Ui, problem: &Problem, height: f32) {
    let palette = Palette::of(ui);
    let (rect, response) = ui.allocate_exact_size(vec2(ui.available_width(), height), Sense::hover());
    let name = text::file_name(&problem.path);
    let accessible_name = format!("{name}: {}", problem.reason);
    response.widget_info(|| WidgetInfo::labeled(Role::Label, true, &accessible_name));
    background(ui, rect, &response, false);
    let side = ROW - 8.0;
    let picture = Rect::from_min_size(rect.left_top() + vec2(GRID, 4.0), Vec2::splat(side));
    broken(ui, picture);
    let at = pos2(picture.right() + 12.0, rect.top() + 10.0);
    let rows = if height > ROW { 4 } else { 1 };
    let width = rect.right() - at.x - GRID;
    let title = elided(ui, at, width, &name, FontId::proportional(theme::BODY), palette.text);
    let below = pos2(at.x, title.bottom() + 3.0);
    wrapped(ui, below, width, rows, &problem.reason, FontId::proportional(theme::SMALL), palette.bad);
    response.on_hover_text(format!("{} {}.", shown(&problem.path), problem.reason));
}

fn background(ui: &Ui, rect: Rect, response: &Response, selected: bool) {
    let palette = Palette::of(ui);
    let fill = match (selected, response.hovered()) {
        (true, _) => palette.loom_soft,
        (false, true) => palette.hovered,
        (false, false) => return,
    };
    ui.painter().rect_filled(rect, theme::ROUND, fill);
}

/// Name and status, one below the other.
fn name_and_status(ui: &Ui, at: Pos2, width: f32, name: &str, status: &Status, with_reason: bool) {
    let palette = Palette::of(ui);
    let name = elided(ui, at, width, name, FontId::proportional(theme::BODY), palette.text);
    let line = pos2(at.x, name.bottom() + 3.0);
    ui.painter().circle_filled(line + vec2(4.0, 7.0), 4.0, status.colour);
    let (text, colour) = match &status.reason {
        Some(reason) if status.bad && with_reason => (format!("{}: {reason}", status.line), palette.bad),
        _ if status.bad => (status.line.clone(), palette.bad),
        _ => (status.line.clone(), palette.weak),
    };
    elided(ui, line + vec2(14.0, 0.0), width - 14.0, &text, FontId::proportional(theme::SMALL), colour);
}

fn picture_in(ui: &Ui, rect: Rect, thumb: Option<&Thumbnail>) {
    let palette = Palette::of(ui);
    match thumb {
        Some(Thumbnail::Ready(texture)) => {
            let size = texture.size_vec2();
            let scale = (rect.width() / size.x).min(rect.height() / size.y).min(1.0);
            let place = Rect::from_center_size(rect.center(), size * scale);
            let image = Image::from_texture(SizedTexture::new(texture.id(), size));
            image.corner_radius(CornerRadius::same(4)).paint_at(ui, place);
        }
        Some(Thumbnail::Failed { .. }) => broken(ui, rect),
        None => {
            ui.painter().rect_filled(rect, CornerRadius::same(4), palette.sunken);
            let icon = Rect::from_center_size(rect.center(), Vec2::splat(18.0));
            paint_icon(ui.painter(), Icon::Picture, icon, palette.waiting);
        }
    }
}

/// Shown in place of a picture that cannot be read.
fn broken(ui: &Ui, rect: Rect) {
    let palette = Palette::of(ui);
    let painter = ui.painter();
    painter.rect_filled(rect, CornerRadius::same(4), palette.sunken);
    painter.rect_stroke(
        rect,
        CornerRadius::same(4),
        Stroke::new(1.0, palette.bad.gamma_multiply(0.5)),
        StrokeKind::Inside,
    );
    let badge = Rect::from_center_size(rect.center(), Vec2::splat(20.0));
    painter.circle_filled(badge.center(), 10.0, palette.bad);
    painter.text(badge.center(), Align2::CENTER_CENTER, "!", FontId::proportional(14.0), palette.window);
}
