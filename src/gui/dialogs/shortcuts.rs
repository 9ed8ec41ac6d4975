//! The keys of every command. A click or Enter on a command waits for its new keys; what another command has is offered
//! to be taken from it.

use egui::{
    Align, Align2, Event, FontId, Grid, Key, KeyboardShortcut, Layout, Margin, Response, RichText, Role, ScrollArea,
    Sense, StrokeKind, TextEdit, Ui, UiBuilder, WidgetInfo, pos2, vec2,
};

use crate::gui::model::action::{Action, KeysAction};
use crate::gui::model::keymap::{is_modifier, refusal};
use crate::gui::model::presentation::{MenuEntry, menu_entries};
use crate::gui::model::state::State;
use crate::gui::model::view_memory::{KeysStage, ShortcutsMemory};
use crate::gui::text;
use crate::gui::theme::{self, GRID, Palette};
use crate::gui::widgets::button::icon_button;
use crate::gui::widgets::dialog_parts::{buttons, closing_button, heading, secondary_button};
use crate::gui::widgets::icon::Icon;
use crate::gui::widgets::paint::{elided, focus_ring};
use crate::gui::widgets::scroll;

/// Keys that belong to no command, and what they do.
const FIXED: [(&str, &str); 6] = [
    ("Alt+letter, F10", "Open a menu"),
    ("\\", "Original, while held"),
    ("Arrows", "Select another picture"),
    ("Ctrl+V", "Add what was copied"),
    ("Wheel, + - 0", "Timeline: zoom, fit"),
    ("Drag, arrows", "Timeline: pan"),
];
/// Fixed keys beside each other.
const COLUMNS: usize = 3;

const WIDTH: f32 = 700.0;
const ROW: f32 = 32.0;
/// Rows that are visible without scrolling.
const ROWS: f32 = 10.0;
/// Width of the keys and the buttons behind them.
const KEYS: f32 = 250.0;
/// Width of the name of the menu.
const MENU: f32 = 72.0;

/// Draws its contents.
pub fn show(ui: &mut Ui, state: &State, memory: &mut ShortcutsMemory, out: &mut Vec<Action>) {
    press(ui, state, memory, out);
    ui.set_width((ui.ctx().content_rect().width() - 120.0).min(WIDTH));
    heading(ui, "Shortcuts");
    let field =
        TextEdit::singleline(&mut memory.query).hint_text("Find a command or keys").desired_width(f32::INFINITY);
    let field = ui.add(field.margin(Margin::symmetric(10, 7))).accessible_name("Name of a command, or keys");
    field.on_hover_text("Parts of the names of commands, or of their keys.");
    message(ui, memory, out);
    let shown = shown(ui, state, &memory.query);
    let height = (ROWS * ROW).min(ui.ctx().content_rect().height() - 380.0);
    let area = ScrollArea::vertical().id_salt("shortcuts").auto_shrink(false).max_height(height);
    ui.scope(|ui| {
        ui.spacing_mut().item_spacing.y = 0.0;
        scroll::in_margin(ui, |ui| {
            area.min_scrolled_height(height).show_rows(ui, ROW, shown.len(), |ui, range| {
                scroll::content(ui);
                if shown.is_empty() {
                    ui.weak("No matches.");
                }
                for place in &shown[range] {
                    ui.push_id(*place, |ui| row(ui, state, *place, memory, out));
                }
            })
        });
    });
    fixed(ui);
    buttons(ui, |ui| {
        if closing_button(ui, "Close") {
            out.push(Action::CloseDialog);
        }
        let reset = ui.add_enabled(state.keys.is_any_changed(), secondary_button("Reset All"));
        let help = "Give every command its default keys.";
        if reset.on_hover_text(help).on_disabled_hover_text("All keys are the default ones.").clicked() {
            memory.stage = KeysStage::None;
            out.push(KeysAction::ResetAll.into());
        }
    });
}

/// The commands that are asked for, by their places: all if nothing is typed.
fn shown(ui: &Ui, state: &State, query: &str) -> Vec<usize> {
    let words: Vec<String> = query.split_whitespace().map(str::to_lowercase).collect();
    let answers = |place: usize, entry: &MenuEntry| {
        let keys = state.keys.keys_at(place).map_or_else(String::new, |keys| text::shortcut(ui.ctx(), &keys));
        let of_entry = format!("{} {} {keys}", entry.presentation.text, entry.presentation.menu.title()).to_lowercase();
        words.iter().all(|word| of_entry.contains(word))
    };
    menu_entries().iter().enumerate().filter(|(place, entry)| answers(*place, entry)).map(|(place, _)| place).collect()
}

/// Takes the keys that are pressed for the command that waits for them, before anything else sees them.
fn press(ui: &Ui, state: &State, memory: &mut ShortcutsMemory, out: &mut Vec<Action>) {
    let (KeysStage::Pressing(place) | KeysStage::Refused(place, _)) = memory.stage else { return };
    let mut pressed = None;
    ui.input_mut(|input| {
        input.events.retain(|event| match event {
            Event::Key { key, pressed: true, repeat: false, modifiers, .. } if !is_modifier(*key) => {
                pressed = pressed.or(Some(keys_of(*key, *modifiers)));
                false
            }
            Event::Copy | Event::Cut | Event::Paste(_) => {
                pressed = pressed.or(Some(KeyboardShortcut::new(egui::Modifiers::COMMAND, Key::C)));
                false
            }
            Event::Key { pressed: true, .. } | Event::Text(_) => false,
            _ => true,
        });
    });
    let Some(keys) = pressed else { return };
    memory.stage = if keys == KeyboardShortcut::new(egui::Modifiers::NONE, Key::Escape) {
        KeysStage::None
    } else if let Some(reason) = refusal(&keys) {
        KeysStage::Refused(place, reason)
    } else if let Some(by) = state.keys.holder(keys, place) {
        // The question gets the focus.
        ui.memory_mut(|memory| memory.focused().map(|id| memory.surrender_focus(id)));
        KeysStage::Taken { place, by, keys }
    } else {
        out.push(KeysAction::Set(place, Some(keys)).into());
        KeysStage::None
    };
}

/// Without what depends on the system: Ctrl and the command key are one.
fn keys_of(key: Key, held: egui::Modifiers) -> KeyboardShortcut {
    let modifiers = egui::Modifiers { alt: held.alt, shift: held.shift, ..egui::Modifiers::NONE };
    let command = if held.command { egui::Modifiers::COMMAND } else { egui::Modifiers::NONE };
    KeyboardShortcut::new(modifiers | command, key)
}

/// One line of help, or what is asked; it is always there, so that nothing below moves.
fn message(ui: &mut Ui, memory: &mut ShortcutsMemory, out: &mut Vec<Action>) {
    let title = |place: usize| name(&menu_entries()[place]);
    ui.horizontal(|ui| {
        ui.set_min_height(theme::CONTROL);
        match memory.stage {
            KeysStage::None => {
                ui.weak("Click a command, or press Enter on it, and press its new keys.");
            }
            KeysStage::Pressing(place) => {
                ui.label(format!("Press the keys for {}. Esc keeps what it has.", title(place)));
            }
            KeysStage::Refused(_, reason) => {
                ui.colored_label(Palette::of(ui).bad, format!("{reason} Press other keys, or Esc."));
            }
            KeysStage::Taken { place, by, keys } => {
                let keys_text = text::shortcut(ui.ctx(), &keys);
                ui.label(format!("{keys_text} belongs to {}.", title(by)));
                let help = format!("{} gets {keys_text}, and {} has no keys then.", title(place), title(by));
                let replace = ui.button("Replace").on_hover_text(help);
                if ui.ctx().memory(|memory| memory.focused().is_none()) {
                    replace.request_focus();
                }
                if replace.clicked() {
                    out.push(KeysAction::Set(place, Some(keys)).into());
                    memory.stage = KeysStage::None;
                }
                let keep = ui.button("Keep").on_hover_text("Leave both commands as they are.");
                if keep.clicked() {
                    memory.stage = KeysStage::None;
                }
            }
        }
    });
}

fn name(entry: &MenuEntry) -> &str {
    entry.presentation.text.trim_end_matches('…')
}

/// A command: its name, its menu, its keys, and buttons that take them away and reset them.
fn row(ui: &mut Ui, state: &State, place: usize, memory: &mut ShortcutsMemory, out: &mut Vec<Action>) {
    let palette = Palette::of(ui);
    let entry = &menu_entries()[place];
    let (rect, response) = ui.allocate_exact_size(vec2(ui.available_width(), ROW), Sense::click());
    let keys = state.keys.keys_at(place).map(|keys| text::shortcut(ui.ctx(), &keys));
    let waits = matches!(memory.stage, KeysStage::Pressing(p) | KeysStage::Refused(p, _) if p == place);
    let said = format!("{}: {}", name(entry), keys.as_deref().unwrap_or("no keys"));
    response.widget_info(|| WidgetInfo::selected(Role::Button, true, waits, &said));
    if waits {
        ui.painter().rect_filled(rect, theme::ROUND, palette.loom_soft);
    } else if response.hovered() {
        ui.painter().rect_filled(rect, theme::ROUND, palette.hovered);
    }
    let [small, body] = [theme::SMALL, theme::BODY].map(FontId::proportional);
    let left = rect.left() + GRID;
    elided(ui, pos2(left, rect.center().y - 7.0), MENU, entry.presentation.menu.title(), small.clone(), palette.weak);
    let name_left = left + MENU;
    let width = rect.right() - KEYS - name_left - GRID;
    elided(ui, pos2(name_left, rect.center().y - 9.0), width, name(entry), body, palette.text);
    let shown = if waits { Some("Press keys…") } else { keys.as_deref() };
    if let Some(shown) = shown {
        cap(ui, pos2(rect.right() - KEYS, rect.center().y), shown, waits);
    }
    focus_ring(ui, &response, theme::ROUND);
    let at_right = rect.with_min_x(rect.right() - 64.0);
    let builder = UiBuilder::new().max_rect(at_right).layout(Layout::right_to_left(Align::Center));
    ui.scope_builder(builder, |ui| {
        ui.spacing_mut().item_spacing.x = 0.0;
        if icon_button(ui, Icon::Close, &format!("No keys for {}", name(entry)), keys.is_some()).clicked() {
            out.push(KeysAction::Set(place, None).into());
        }
        let is_changed = state.keys.is_changed(place);
        if icon_button(ui, Icon::Reset, &format!("Reset the keys of {}", name(entry)), is_changed).clicked() {
            out.push(KeysAction::Reset(place).into());
        }
    });
    begin(ui, &response, place, memory);
    response.on_hover_text(format!("{}\nClick to change its keys.", entry.presentation.help));
}

/// Waits for keys once the row was clicked.
fn begin(ui: &Ui, response: &Response, place: usize, memory: &mut ShortcutsMemory) {
    if response.clicked() {
        memory.stage = KeysStage::Pressing(place);
        response.request_focus();
        ui.ctx().request_repaint();
    }
}

/// Keys, as on the cap of a key.
fn cap(ui: &Ui, left_centre: egui::Pos2, keys: &str, waits: bool) {
    let palette = Palette::of(ui);
    let font = theme::figures(theme::SMALL + 1.0);
    let colour = if waits { palette.text } else { palette.loom };
    let shown = ui.painter().layout_no_wrap(keys.to_owned(), font, colour);
    let rect = Align2::LEFT_CENTER.anchor_size(left_centre, shown.size() + vec2(2.0 * GRID, GRID / 2.0));
    let stroke = egui::Stroke::new(1.0, palette.border);
    ui.painter().rect(rect, theme::ROUND, palette.sunken, stroke, StrokeKind::Inside);
    ui.painter().galley(rect.center() - shown.size() / 2.0, shown, colour);
}

/// The keys that cannot be changed.
fn fixed(ui: &mut Ui) {
    let palette = Palette::of(ui);
    ui.add_space(GRID);
    Grid::new("fixed keys").num_columns(2 * COLUMNS).spacing([2.0 * GRID, GRID / 2.0]).show(ui, |ui| {
        for row in FIXED.chunks(COLUMNS) {
            for (keys, text) in row {
                ui.label(RichText::new(*keys).font(theme::figures(theme::SMALL)).color(palette.loom));
                ui.label(RichText::new(*text).small());
            }
            ui.end_row();
        }
    });
}
