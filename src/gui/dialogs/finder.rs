//! The finder: filters or commands by typing. Arrows choose, Enter adds or does, a star makes a filter a favourite.

use egui::{
    Align2, FontId, Key, Margin, Modifiers, Rect, Response, Role, ScrollArea, Sense, TextEdit, Ui, Vec2, WidgetInfo,
    pos2, vec2,
};

use crate::gui::model::action::{Action, RecipeAction, ViewAction};
use crate::gui::model::dialog::FinderScope;
use crate::gui::model::finder::find;
use crate::gui::model::presentation::{Menu, MenuEntry};
use crate::gui::model::state::State;
use crate::gui::model::view_memory::FinderMemory;
use crate::gui::text;
use crate::gui::theme::{self, GRID, Palette};
use crate::gui::widgets::icon::{Icon, paint_icon};
use crate::gui::widgets::paint::{elided, focus_ring};
use crate::gui::widgets::scroll;

const ROW: f32 = 32.0;
/// Rows that are visible without scrolling.
const ROWS: f32 = 11.0;
/// Width of the names; what they do follows.
const NAME: f32 = 176.0;

/// Draws its contents.
pub fn show(ui: &mut Ui, state: &State, scope: FinderScope, memory: &mut FinderMemory, out: &mut Vec<Action>) {
    ui.set_width((ui.ctx().content_rect().width() - 120.0).min(600.0));
    ui.spacing_mut().item_spacing.y = GRID;
    let pressed = |key| ui.input_mut(|input| input.consume_key(Modifiers::NONE, key));
    let (down, up, enter) = (pressed(Key::ArrowDown), pressed(Key::ArrowUp), pressed(Key::Enter));
    query(ui, scope, memory);
    let found = find(scope, &memory.query, &state.shelf);
    let last = found.len().saturating_sub(1);
    memory.chosen = match (down, up) {
        (true, _) => memory.chosen + 1,
        (_, true) => memory.chosen.saturating_sub(1),
        _ => memory.chosen,
    }
    .min(last);
    let mut done = found.get(memory.chosen).filter(|_| enter).copied();
    if found.is_empty() {
        ui.weak("Nothing is called so.");
    }
    let height = (ROWS * ROW).min(ui.ctx().content_rect().height() - 200.0);
    let area = ScrollArea::vertical()
        .id_salt("found")
        .auto_shrink([false, true])
        .min_scrolled_height(height)
        .max_height(height);
    ui.spacing_mut().item_spacing.y = 0.0;
    scroll::in_margin(ui, |ui| {
        area.show_rows(ui, ROW, found.len(), |ui, range| {
            scroll::content(ui);
            for index in range.clone() {
                let entry = found[index];
                let response = row(ui, state, entry, index == memory.chosen, out);
                if response.clicked() {
                    done = Some(entry);
                }
            }
            if (down || up) && !range.contains(&memory.chosen) {
                let top = ui.min_rect().top() + (memory.chosen as f32 - range.start as f32) * ROW;
                ui.scroll_to_rect(Rect::from_min_size(pos2(ui.min_rect().left(), top), vec2(1.0, ROW)), None);
            }
        })
    });
    if let Some(entry) = done
        && state.disabled_reason(&entry.action).is_none()
    {
        out.extend([Action::CloseDialog, entry.action.clone()]);
    }
}

fn query(ui: &mut Ui, scope: FinderScope, memory: &mut FinderMemory) {
    let (hint, name) = match scope {
        FinderScope::Filters => ("Find a filter or preset", "Name of a filter or preset"),
        FinderScope::Commands => ("Find a command", "Name of a command"),
    };
    let field = TextEdit::singleline(&mut memory.query).hint_text(hint).desired_width(f32::INFINITY);
    let response = ui.add(field.margin(Margin::symmetric(10, 7))).accessible_name(name);
    let response = response.on_hover_text("Parts of names, or of what they do. Arrows choose, Enter takes.");
    if response.changed() {
        memory.chosen = 0;
    }
    if std::mem::take(&mut memory.opened) {
        response.request_focus();
    }
}

fn row(ui: &mut Ui, state: &State, entry: &MenuEntry, chosen: bool, out: &mut Vec<Action>) -> Response {
    let palette = Palette::of(ui);
    let (rect, response) = ui.allocate_exact_size(vec2(ui.available_width(), ROW), Sense::click());
    let presentation = &entry.presentation;
    let enabled = state.disabled_reason(&entry.action).is_none();
    response.widget_info(|| WidgetInfo::selected(Role::ListBoxOption, enabled, chosen, &*presentation.text));
    if chosen {
        ui.painter().rect_filled(rect, theme::ROUND, palette.loom_soft);
    } else if response.hovered() {
        ui.painter().rect_filled(rect, theme::ROUND, palette.hovered);
    }
    let mut right = rect.right() - GRID;
    if let Action::Recipe(RecipeAction::AddFilter(spec)) = &entry.action {
        let star = Rect::from_center_size(pos2(right - 8.0, rect.center().y), Vec2::splat(24.0));
        let is_favourite = state.shelf.is_favourite(spec);
        let button = ui.interact(star, response.id.with("star"), Sense::click());
        let name = format!("{} is a favourite", spec.title);
        button.widget_info(|| WidgetInfo::selected(Role::CheckBox, true, is_favourite, &name));
        let colour = if is_favourite { palette.light_mark } else { palette.edge };
        paint_icon(ui.painter(), Icon::Star, star.shrink(5.0), colour);
        focus_ring(ui, &button, theme::ROUND);
        if button.on_hover_text("Favourites come first.").clicked() {
            out.push(ViewAction::ToggleFavourite(spec).into());
        }
        right = star.left() - GRID;
    }
    let font = FontId::proportional(theme::SMALL);
    let place = match (&entry.action, &presentation.shortcut) {
        (_, Some(shortcut)) => text::shortcut(ui.ctx(), shortcut),
        (Action::Recipe(RecipeAction::AddFilter(spec)), None) => spec.group.title().to_owned(),
        (Action::Recipe(RecipeAction::UsePreset(_)), None) => "Preset".to_owned(),
        (_, None) if presentation.menu == Menu::Filters => String::new(),
        (_, None) => presentation.menu.title().to_owned(),
    };
    let at = pos2(right, rect.center().y);
    let shown = ui.painter().text(at, Align2::RIGHT_CENTER, place, font.clone(), palette.weak);
    let colour = if enabled { palette.text } else { palette.weak };
    let body = FontId::proportional(theme::BODY);
    let name = pos2(rect.left() + GRID, rect.center().y - 9.0);
    elided(ui, name, NAME - GRID, presentation.text.trim_end_matches('…'), body, colour);
    let help = pos2(name.x + NAME, rect.center().y - 7.0);
    elided(ui, help, shown.left() - help.x - GRID, &presentation.help, font, palette.weak);
    focus_ring(ui, &response, theme::ROUND);
    response.on_hover_text(state.disabled_reason(&entry.action).unwrap_or(&presentation.help))
}
