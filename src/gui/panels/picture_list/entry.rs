//! One entry of the list: a picture, or something that cannot be processed.

use egui::load::SizedTexture;
use egui::{
    Align2, Color32, CornerRadius, FontId, Image, Popup, Pos2, Rect, Response, Role, Sense, Stroke, StrokeKind, Style,
    Ui, Vec2, WidgetInfo, pos2, style::StyleModifier, vec2,
};
use lightloom_param::{shown, shown_text};

use crate::batch::{ImageReport, ImageState, Outcome, PictureFacts};
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

impl Status {
    /// Of a picture that runs leave out.
    fn excluded(palette: &Palette) -> Self {
        Self { colour: palette.edge, line: "excluded".to_owned(), reason: None, bad: false }
    }
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
    if entry.excluded && !state.is_running() {
        status = Status::excluded(palette);
    }
    if !state.history.overrides_of(&entry.found.source).is_none() {
        status.line.push_str(if sheet { ", adjusted" } else { ", individually adjusted" });
    }

    let response = ui.interact(rect, ui.scope_id().with(("picture", entry.id)), Sense::click());
    let accessible_name = format!("{name}, {}", status.line);
    response.widget_info(|| WidgetInfo::selected(Role::ListBoxOption, true, entry.selected, &accessible_name));
    if let Some(facts) = entry.facts() {
        response.ctx.accesskit_node_builder(response.id, |node| node.set_description(described(facts)));
    }
    background(ui, rect, &response, entry.selected);
    if state.pictures.current_index() == Some(index) {
        let bar = Rect::from_min_size(rect.left_top() + vec2(0.0, 8.0), vec2(3.0, rect.height() - 16.0));
        ui.painter().rect_filled(bar, 2.0, palette.loom);
    }
    if sheet {
        let picture = Rect::from_min_max(rect.min + Vec2::splat(GRID), pos2(rect.right() - GRID, rect.bottom() - 44.0));
        picture_in(ui, picture, thumb, entry.excluded);
        let at = pos2(rect.left() + 10.0, rect.bottom() - 38.0);
        Lines { at, width: rect.width() - 20.0 }.with_dimensions(ui, &name, &status, entry.facts());
    } else {
        let side = ROW - 8.0;
        let picture = Rect::from_min_size(rect.left_top() + vec2(GRID, 4.0), Vec2::splat(side));
        picture_in(ui, picture, thumb, entry.excluded);
        let at = pos2(picture.right() + 12.0, rect.top() + 10.0);
        let width = rect.right() - at.x - GRID;
        let tall = rect.height() > ROW;
        let about = about(ui, pos2(rect.right() - GRID, at.y), width, entry.facts());
        Lines { at, width: width - about }.name_and_status(ui, &name, &status, !tall);
        if let (true, Some(reason)) = (tall, &status.reason) {
            let below = pos2(at.x, at.y + 38.0);
            wrapped(ui, below, width, 3, reason, FontId::proportional(theme::SMALL), palette.text);
        }
    }
    focus_ring(ui, &response, theme::ROUND);
    if response.clicked() {
        let modifiers = ui.input(|i| i.modifiers);
        let mode = match (modifiers.command, modifiers.shift) {
            (true, true) => SelectMode::AddRange,
            (true, false) => SelectMode::Toggle,
            (false, true) => SelectMode::Range,
            (false, false) => SelectMode::One,
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
        if let Some(facts) = entry.facts() {
            ui.weak(described(facts));
        }
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

/// Dimensions, and the camera if it is known.
fn described(facts: &PictureFacts) -> String {
    let camera = facts.camera.as_deref().map(|camera| format!(", {}", shown_text(camera)));
    format!("{}{}", text::dimensions(facts), camera.unwrap_or_default())
}

/// Width of a row beside whose name there is room for a column.
const ROOM_FOR_COLUMN: f32 = 220.0;
/// Share of such a row that the column may take.
const COLUMN: f32 = 0.4;
/// Width of a cell's status that its dimensions leave room for.
const ROOM_FOR_STATUS: f32 = 58.0;

/// The column at the right end of a row, which ends at `right`: dimensions, and below them the camera. Returns the width that
/// it takes of `width`.
fn about(ui: &Ui, right: Pos2, width: f32, facts: Option<&PictureFacts>) -> f32 {
    let Some(facts) = facts.filter(|_| width >= ROOM_FOR_COLUMN) else { return 0.0 };
    let (font, colour) = (FontId::proportional(theme::SMALL), Palette::of(ui).weak);
    let widest = COLUMN * width;
    let camera = facts.camera.as_deref().map(|camera| shown_text(camera).into_owned());
    let lines = [Some((1.0, text::dimensions(facts))), camera.map(|camera| (19.0, camera))];
    let mut taken = 0.0_f32;
    for (below, line) in lines.into_iter().flatten() {
        let natural = ui.painter().layout_no_wrap(line.clone(), font.clone(), colour).size().x;
        let wide = natural.min(widest);
        elided(ui, pos2(right.x - wide, right.y + below), wide + 0.5, &line, font.clone(), colour);
        taken = taken.max(wide);
    }
    taken + 1.5 * GRID
}

/// Where name and status stand, one below the other.
struct Lines {
    at: Pos2,
    width: f32,
}

impl Lines {
    fn name_and_status(&self, ui: &Ui, name: &str, status: &Status, with_reason: bool) {
        self.draw(ui, name, status, with_reason, None);
    }

    /// As [`Self::name_and_status`], with the dimensions at the right end of the second line if there is room.
    fn with_dimensions(&self, ui: &Ui, name: &str, status: &Status, facts: Option<&PictureFacts>) {
        self.draw(ui, name, status, true, facts.filter(|_| !status.bad));
    }

    fn draw(&self, ui: &Ui, name: &str, status: &Status, with_reason: bool, facts: Option<&PictureFacts>) {
        let palette = Palette::of(ui);
        let small = FontId::proportional(theme::SMALL);
        let name = elided(ui, self.at, self.width, name, FontId::proportional(theme::BODY), palette.text);
        let line = pos2(self.at.x, name.bottom() + 3.0);
        let mut width = self.width - 14.0;
        if let Some(facts) = facts {
            let size = ui.painter().layout_no_wrap(text::dimensions(facts), small.clone(), palette.weak);
            let left = width - size.size().x - GRID;
            if left >= ROOM_FOR_STATUS {
                ui.painter().galley(pos2(self.at.x + self.width - size.size().x, line.y), size, palette.weak);
                width = left;
            }
        }
        ui.painter().circle_filled(line + vec2(4.0, 7.0), 4.0, status.colour);
        let (text, colour) = match &status.reason {
            Some(reason) if status.bad && with_reason => (format!("{}: {reason}", status.line), palette.bad),
            _ if status.bad => (status.line.clone(), palette.bad),
            _ => (status.line.clone(), palette.weak),
        };
        elided(ui, line + vec2(14.0, 0.0), width, &text, small, colour);
    }
}

/// Draws the thumbnail of picture `id`, or what stands in its place.
pub fn thumbnail_in(ui: &Ui, rect: Rect, thumbnails: &mut Thumbnails, id: u64) {
    picture_in(ui, rect, thumbnails.get(id), false);
}

fn picture_in(ui: &Ui, rect: Rect, thumb: Option<&Thumbnail>, faint: bool) {
    let palette = Palette::of(ui);
    match thumb {
        Some(Thumbnail::Ready(texture)) => {
            let size = texture.size_vec2();
            let scale = (rect.width() / size.x).min(rect.height() / size.y).min(1.0);
            let place = Rect::from_center_size(rect.center(), size * scale);
            let image = Image::from_texture(SizedTexture::new(texture.id(), size));
            let tint = if faint { Color32::WHITE.gamma_multiply(0.35) } else { Color32::WHITE };
            image.corner_radius(CornerRadius::same(4)).tint(tint).paint_at(ui, place);
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
