//! Input that belongs to no widget: shortcuts, dropped files, pasted paths.

use std::path::PathBuf;
use std::sync::Arc;

use egui::{Context, Event, Key, KeyboardShortcut, Modifiers, Popup};

use crate::gui::model::action::{Action, RecipeAction, ViewAction};
use crate::gui::model::keymap::Binding;
use crate::gui::model::pictures::SelectMode;
use crate::gui::model::state::{Page, State};
use crate::gui::model::view_memory::{Motion, Move, ViewMemory};
use crate::gui::pasted_paths::paths_in;

/// Turns keys, drops and pastes into actions. Called before anything is drawn, so that keys with a meaning reach no
/// widget.
pub fn collect(ctx: &Context, state: &State, memory: &mut ViewMemory, out: &mut Vec<Action>) {
    let dropped: Vec<PathBuf> =
        ctx.input(|i| i.raw.dropped_files.iter().map(|file| file.path().to_path_buf()).collect());
    if !dropped.is_empty() {
        out.push(Action::AddPaths(dropped));
    }
    // Whatever is open above the window has the keys: a dialog, a menu, the list of a combo box.
    let covered = state.dialog.is_some() || Popup::is_any_open(ctx);
    if ctx.text_edit_focused() || covered {
        return;
    }
    let pasted: Vec<PathBuf> = ctx.input(|i| {
        let texts = i.events.iter().filter_map(|e| if let Event::Paste(text) = e { Some(text.as_str()) } else { None });
        texts.flat_map(paths_in).collect()
    });
    let picture = ctx.input(|i| {
        i.events.iter().find_map(|event| match event {
            Event::PasteImage(picture) => Some(Arc::clone(picture)),
            _ => None,
        })
    });
    let text =
        ctx.input(|i| i.events.iter().any(|event| matches!(event, Event::Paste(text) if !text.trim().is_empty())));
    let recipe = ctx.input(|i| i.events.iter().find_map(|event| recipe_in(event).map(str::to_owned)));
    if let Some(recipe) = recipe {
        out.push(RecipeAction::Paste(recipe).into());
    } else if !pasted.is_empty() {
        out.push(Action::AddPaths(pasted));
    } else if let Some(picture) = picture {
        out.push(Action::PastePicture(picture));
    } else if text {
        out.push(Action::PasteNothing);
    }
    end_on_picture(ctx, state, memory, out);
    shortcuts(ctx, state, memory, out);
    moves(ctx, state, memory);
}

/// The text of a recipe that is pasted.
fn recipe_in(event: &Event) -> Option<&str> {
    match event {
        Event::Paste(text) if text.lines().any(|line| line.trim() == "[[filter]]") => Some(text),
        _ => None,
    }
}

/// Escape ends what is edited on the picture, and so does Enter unless it activates a widget.
fn end_on_picture(ctx: &Context, state: &State, memory: &ViewMemory, out: &mut Vec<Action>) {
    if state.page() != Page::Pictures || state.edited_on_picture().is_none() {
        return;
    }
    let is_free = memory.preview.handle_has_focus || ctx.memory(|m| m.focused().is_none());
    let ends = ctx.input_mut(|i| {
        i.consume_key(Modifiers::NONE, Key::Escape) || is_free && i.consume_key(Modifiers::NONE, Key::Enter)
    });
    if ends {
        out.push(ViewAction::EditOnPicture(None).into());
    }
}

fn shortcuts(ctx: &Context, state: &State, memory: &ViewMemory, out: &mut Vec<Action>) {
    // While a widget has the focus, Space activates it.
    let has_focus = ctx.memory(|m| m.focused().is_some());
    for Binding { keys: shortcut, action } in state.keys.bindings() {
        let is_bare = shortcut.modifiers.is_none();
        // The timeline has keys of its own.
        let zooms = [Key::Plus, Key::Equals, Key::Minus, Key::Num0].contains(&shortcut.logical_key);
        if memory.timeline_has_focus && zooms && is_bare {
            continue;
        }
        if has_focus && *shortcut == KeyboardShortcut::new(Modifiers::NONE, Key::Space) {
            continue;
        }
        // Keys that act on pictures have no meaning where none are shown.
        let acts_on_pictures = is_bare && !is_function_key(shortcut.logical_key);
        if state.page() != Page::Pictures && acts_on_pictures && !state.is_running() {
            continue;
        }
        // With Alt, a letter opens a menu.
        if !shortcut.modifiers.alt && ctx.input(|i| i.events.iter().any(|event| has_alt(event, shortcut.logical_key))) {
            continue;
        }
        if state.disabled_reason(action).is_none() && ctx.input_mut(|i| i.consume_shortcut(shortcut)) {
            out.push(action.clone());
        }
    }
}

/// Whether it is F1, F2 and so on.
fn is_function_key(key: Key) -> bool {
    key.name().strip_prefix('F').is_some_and(|number| number.parse::<u8>().is_ok())
}

/// Whether a key is pressed with Alt.
fn has_alt(event: &Event, wanted: Key) -> bool {
    matches!(event, Event::Key { key, pressed: true, modifiers, .. } if *key == wanted && modifiers.alt)
}

/// Keys that lead to another picture, unless a widget has the focus.
const MOTIONS: [(Key, Motion); 8] = [
    (Key::ArrowDown, Motion::Rows(1)),
    (Key::ArrowUp, Motion::Rows(-1)),
    (Key::ArrowRight, Motion::By(1)),
    (Key::ArrowLeft, Motion::By(-1)),
    (Key::PageDown, Motion::Pages(1)),
    (Key::PageUp, Motion::Pages(-1)),
    (Key::Home, Motion::First),
    (Key::End, Motion::Last),
];

/// What the keys that are held with them do, those with more first: egui lets `Shift+End` match `Ctrl+Shift+End` as well.
const MODES: [(Modifiers, SelectMode); 4] = [
    (Modifiers { shift: true, ..Modifiers::COMMAND }, SelectMode::AddRange),
    (Modifiers::COMMAND, SelectMode::Current),
    (Modifiers::SHIFT, SelectMode::Range),
    (Modifiers::NONE, SelectMode::One),
];

fn moves(ctx: &Context, state: &State, memory: &mut ViewMemory) {
    if state.page() != Page::Pictures || ctx.memory(|m| m.focused().is_some()) {
        return;
    }
    let moves = &mut memory.picture_list.moves;
    for (modifiers, mode) in MODES {
        for (key, motion) in MOTIONS {
            let presses = ctx.input_mut(|i| i.count_and_consume_key(modifiers, key));
            moves.extend(std::iter::repeat_n(Move { motion, mode }, presses));
        }
    }
    if ctx.input_mut(|i| i.consume_key(Modifiers::COMMAND, Key::Space)) {
        moves.push(Move { motion: Motion::Stay, mode: SelectMode::Toggle });
    }
}

/// Whether the key that shows the original for a moment is held.
pub fn shows_original(ctx: &Context) -> bool {
    !ctx.text_edit_focused() && ctx.input(|i| i.key_down(Key::Backslash))
}
