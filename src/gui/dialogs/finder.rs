//! The finder: filters or commands by typing. Arrows choose, Enter adds or does, a star makes a filter a favourite. Beside
//! each filter is what it does to the picture that is shown.

use egui::{
    Align2, FontId, Key, Margin, Modifiers, Rect, Response, Role, ScrollArea, Sense, TextEdit, Ui, Vec2, WidgetInfo,
    pos2, vec2,
};

use crate::gui::model::action::{Action, PresetAction, RecipeAction, ViewAction};
use crate::gui::model::dialog::FinderScope;
use crate::gui::model::finder::find;
use crate::gui::model::presentation::{Menu, MenuEntry};
use crate::gui::model::presets::PresetRef;
use crate::gui::model::state::State;
use crate::gui::model::view_memory::FinderMemory;
use crate::gui::panels::panel::View;
use crate::gui::panels::samples::{self, Sample};
use crate::gui::text;
use crate::gui::theme::{self, GRID, Palette};
use crate::gui::widgets::icon::{Icon, paint_icon};
use crate::gui::widgets::paint::{elided, focus_ring, wrapped};
use crate::gui::widgets::scroll;

const ROW: f32 = 32.0;
/// A row with a picture, and its picture.
const PICTURE_ROW: f32 = 72.0;
const PICTURE: Vec2 = vec2(96.0, 64.0);
/// Height of the rows that are visible without scrolling.
const HEIGHT: f32 = 11.0 * ROW;
/// The same with pictures.
const PICTURES_HEIGHT: f32 = 8.0 * PICTURE_ROW;
/// Width of the names; what they do follows.
const NAME: f32 = 176.0;

/// Draws its contents.
pub fn show(ui: &mut Ui, scope: FinderScope, view: &mut View<'_>) {
    let state = view.state;
    ui.set_width((ui.ctx().content_rect().width() - 120.0).min(600.0));
    ui.spacing_mut().item_spacing.y = GRID;
    let pressed = |key| ui.input_mut(|input| input.consume_key(Modifiers::NONE, key));
    let (down, up, enter) = (pressed(Key::ArrowDown), pressed(Key::ArrowUp), pressed(Key::Enter));
    let page = isize::from(pressed(Key::PageDown)) - isize::from(pressed(Key::PageUp));
    let pictured = scope == FinderScope::Filters && view.filter_samples.are_shown();
    let (row_height, height) = if pictured { (PICTURE_ROW, PICTURES_HEIGHT) } else { (ROW, HEIGHT) };
    let height = height.min(ui.ctx().content_rect().height() - 200.0);
    let memory = &mut view.memory.finder;
    query(ui, scope, memory);
    let found = find(scope, &memory.query, &state.shelf, &state.presets);
    let last = found.len().saturating_sub(1);
    let of_page = ((height / row_height) as isize - 1).max(1);
    let moved = isize::from(down) - isize::from(up) + page * of_page;
    memory.chosen = memory.chosen.saturating_add_signed(moved).min(last);
    let mut done = found.get(memory.chosen).filter(|_| enter).cloned();
    let area =
        ScrollArea::vertical().id_salt("found").auto_shrink(false).min_scrolled_height(height).max_height(height);
    ui.spacing_mut().item_spacing.y = 0.0;
    scroll::in_margin(ui, |ui| {
        area.show_rows(ui, row_height, found.len(), |ui, range| {
            scroll::content(ui);
            if found.is_empty() {
                ui.weak("No matches.");
            }
            let chosen = view.memory.finder.chosen;
            view.filter_samples.request(found[range.clone()].iter().filter_map(|entry| sample(&entry.action)));
            for index in range.clone() {
                let row = Row { state, entry: &found[index], chosen: index == chosen, pictured };
                if row.show(ui, view).clicked() {
                    done = Some(found[index].clone());
                }
            }
            if moved != 0 && !(range.start..range.end.saturating_sub(1)).contains(&chosen) {
                let top = ui.min_rect().top() + (chosen as f32 - range.start as f32) * row_height;
                let rect = Rect::from_min_size(pos2(ui.min_rect().left(), top), vec2(1.0, row_height));
                ui.scroll_to_rect(rect, None);
            }
        })
    });
    if let Some(entry) = done
        && state.disabled_reason(&entry.action).is_none()
    {
        view.out.extend([Action::CloseDialog, entry.action.clone()]);
    }
}

/// What the picture beside an entry shows.
fn sample(action: &Action) -> Option<Sample> {
    match action {
        Action::Recipe(RecipeAction::AddFilter(spec)) => Some(Sample::Filter(spec)),
        Action::Recipe(RecipeAction::UsePreset(preset)) => Some(Sample::Preset(PresetRef::Bundled(preset))),
        Action::Presets(PresetAction::Use(name)) => Some(Sample::Preset(PresetRef::Own(name.clone()))),
        _ => None,
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

/// Something that was found.
struct Row<'a> {
    state: &'a State,
    entry: &'a MenuEntry,
    /// Whether Enter takes it.
    chosen: bool,
    /// Whether it has a picture.
    pictured: bool,
}

impl Row<'_> {
    fn show(&self, ui: &mut Ui, view: &mut View<'_>) -> Response {
        let palette = Palette::of(ui);
        let height = if self.pictured { PICTURE_ROW } else { ROW };
        let (rect, response) = ui.allocate_exact_size(vec2(ui.available_width(), height), Sense::click());
        let presentation = &self.entry.presentation;
        let disabled_reason = self.state.disabled_reason(&self.entry.action);
        let enabled = disabled_reason.is_none();
        let (chosen, name) = (self.chosen, &*presentation.text);
        response.widget_info(|| WidgetInfo::selected(Role::ListBoxOption, enabled, chosen, name));
        if chosen {
            ui.painter().rect_filled(rect, theme::ROUND, palette.loom_soft);
        } else if response.hovered() {
            ui.painter().rect_filled(rect, theme::ROUND, palette.hovered);
        }
        let right = self.star(ui, rect, &response, view.out);
        if self.pictured {
            self.beside_picture(ui, rect, right, view);
        } else {
            self.in_a_line(ui, rect, right);
        }
        focus_ring(ui, &response, theme::ROUND);
        match disabled_reason {
            Some(reason) => response.on_hover_text(reason),
            // Beside a picture there is room for the whole of it.
            None if self.pictured => response,
            None => response.on_hover_text(&*presentation.help),
        }
    }

    fn colour(&self, palette: &Palette) -> egui::Color32 {
        if self.state.disabled_reason(&self.entry.action).is_none() { palette.text } else { palette.weak }
    }

    /// The star of a filter at the right; returns where it begins.
    fn star(&self, ui: &Ui, rect: Rect, row: &Response, out: &mut Vec<Action>) -> f32 {
        let palette = Palette::of(ui);
        let right = rect.right() - GRID;
        let Action::Recipe(RecipeAction::AddFilter(spec)) = &self.entry.action else { return right };
        let star = Rect::from_center_size(pos2(right - 8.0, rect.center().y), Vec2::splat(24.0));
        let is_favourite = self.state.shelf.is_favourite(spec);
        let button = ui.interact(star, row.id.with("star"), Sense::click());
        let name = format!("{} is a favourite", spec.title);
        button.widget_info(|| WidgetInfo::selected(Role::CheckBox, true, is_favourite, &name));
        let colour = if is_favourite { palette.light_mark } else { palette.edge };
        paint_icon(ui.painter(), Icon::Star, star.shrink(5.0), colour);
        focus_ring(ui, &button, theme::ROUND);
        if button.on_hover_text("Favourites come first.").clicked() {
            out.push(ViewAction::ToggleFavourite(spec).into());
        }
        star.left() - GRID
    }

    /// Its keys, or else what it belongs to, at the right; returns where that begins.
    fn place(&self, ui: &Ui, at: egui::Pos2) -> f32 {
        let MenuEntry { action, presentation } = self.entry;
        let place = match (action, self.state.keys.keys_of(action)) {
            (_, Some(keys)) => text::shortcut(ui.ctx(), &keys),
            (Action::Recipe(RecipeAction::AddFilter(spec)), None) => spec.group.title().to_owned(),
            (Action::Recipe(RecipeAction::UsePreset(_)), None) => "Preset".to_owned(),
            (Action::Presets(PresetAction::Use(_)), None) => "Own preset".to_owned(),
            (_, None) if presentation.menu == Menu::Filters => String::new(),
            (_, None) => presentation.menu.title().to_owned(),
        };
        let font = FontId::proportional(theme::SMALL);
        ui.painter().text(at, Align2::RIGHT_CENTER, place, font, Palette::of(ui).weak).left()
    }

    fn name(&self) -> &str {
        self.entry.presentation.text.trim_end_matches('…')
    }

    fn in_a_line(&self, ui: &Ui, rect: Rect, right: f32) {
        let palette = Palette::of(ui);
        let place = self.place(ui, pos2(right, rect.center().y));
        let name = pos2(rect.left() + GRID, rect.center().y - 9.0);
        elided(ui, name, NAME - GRID, self.name(), FontId::proportional(theme::BODY), self.colour(palette));
        let help = pos2(name.x + NAME, rect.center().y - 7.0);
        let font = FontId::proportional(theme::SMALL);
        elided(ui, help, place - help.x - GRID, &self.entry.presentation.help, font, palette.weak);
    }

    fn beside_picture(&self, ui: &Ui, rect: Rect, right: f32, view: &View<'_>) {
        let palette = Palette::of(ui);
        let picture = Rect::from_min_size(rect.min + Vec2::splat((PICTURE_ROW - PICTURE.y) / 2.0), PICTURE);
        if let Some(sample) = sample(&self.entry.action) {
            samples::paint(ui, view.filter_samples, &sample, picture);
        }
        let name = pos2(picture.right() + 1.5 * GRID, rect.top() + 1.75 * GRID);
        let place = self.place(ui, pos2(right, rect.center().y));
        let width = place - name.x - GRID;
        elided(ui, name, width, self.name(), FontId::proportional(theme::BODY), self.colour(palette));
        let help = pos2(name.x, name.y + 22.0);
        let font = FontId::proportional(theme::SMALL);
        wrapped(ui, help, width, 2, &self.entry.presentation.help, font, palette.weak);
    }
}
