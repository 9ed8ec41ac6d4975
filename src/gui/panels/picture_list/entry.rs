//! One entry of the list: a picture, or something that cannot be processed.

use egui::load::SizedTexture;
use egui::{
    Align2, Color32, CornerRadius, FontId, Image, Popup, Pos2, Rect, Response, Role, Sense, Stroke, StrokeKind, Style,
    Ui, Vec2, WidgetInfo, pos2, style::StyleModifier, vec2,
};
use lightloom_param::shown;

use crate::batch::{ImageReport, ImageState, Outcome};
use crate::gui::menus::entry::{MENU_WIDTH, action_entry, entries};
use crate::gui::model::action::Action;
use crate::gui::model::pictures::{Fault, Problem, SelectMode};
use crate::gui::model::presentation::{Menu, PICTURE_SECTION};
use crate::gui::model::state::State;
use crate::gui::panels::picture_list::layout::ROW;
use crate::gui::tasks::thumbnails::{Thumbnail, Thumbnails};
use crate::gui::text;
use crate::gui::theme::{self, GRID, Palette, state_word};
use crate::gui::widgets::icon::{Icon, paint_icon};
use crate::gui::widgets::paint::{elided, focus_ring, wrapped};

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

/// Draws a picture in `rect`, as a row or as a cell of the contact sheet.
pub fn picture(
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
    // The menu is about what is selected, so that it acts on several pictures as well.
    if response.secondary_clicked() && !entry.selected {
        out.push(Action::Select(index, SelectMode::One));
    }
    Popup::context_menu(&response).style(StyleModifier::from(theme::menu_style as fn(&mut Style))).show(|ui| {
        ui.set_width(MENU_WIDTH);
        entries(ui, Menu::Edit, |section| section == PICTURE_SECTION, state, out);
        ui.separator();
        action_entry(ui, Action::Remove, state, out);
    });
    response.on_hover_ui(|ui| {
        ui.label(shown(entry.path()));
        if let Some(reason) = &status.reason {
            let colour = if status.bad { palette.bad } else { palette.warn };
            ui.colored_label(colour, format!("{}: {reason}", text::sentence(&status.line)));
        }
    });
}

/// Draws what cannot be processed, with the reason.
pub fn problem(ui: &Ui, rect: Rect, place: usize, problem: &Problem) {
    let palette = Palette::of(ui);
    let response = ui.interact(rect, ui.scope_id().with(("problem", place)), Sense::hover());
    let name = text::file_name(&problem.path);
    let accessible_name = format!("{name}: {}", problem.reason);
    response.widget_info(|| WidgetInfo::labeled(Role::Label, true, &accessible_name));
    background(ui, rect, &response, false);
    let side = ROW - 8.0;
    let picture = Rect::from_min_size(rect.left_top() + vec2(GRID, 4.0), Vec2::splat(side));
    broken(ui, picture);
    let at = pos2(picture.right() + 12.0, rect.top() + 10.0);
    let rows = if rect.height() > ROW { 4 } else { 1 };
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
