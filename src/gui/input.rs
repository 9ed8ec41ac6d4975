//! Input that belongs to no widget: shortcuts, dropped files, pasted paths.

use std::path::PathBuf;
use std::sync::Arc;

use egui::{Context, Event, Key, KeyboardShortcut, Modifiers, Popup};

use crate::gui::model::action::{Action, ViewAction};
use crate::gui::model::state::{Page, State};
use crate::gui::model::view_memory::ViewMemory;
use crate::gui::pasted_paths::paths_in;

/// Turns keys, drops and pastes into actions. Called before anything is drawn, so that keys with a meaning reach no
/// widget.
pub fn collect(ctx: &Context, state: &State, memory: &ViewMemory, out: &mut Vec<Action>) {
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
    if !pasted.is_empty() {
        out.push(Action::AddPaths(pasted));
    } else if let Some(picture) = picture {
        out.push(Action::PastePicture(picture));
    } else if text {
        out.push(Action::PasteNothing);
    }
    end_on_picture(ctx, state, memory, out);
    shortcuts(ctx, state, memory, out);
    arrows(ctx, state, memory, out);
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
    for (shortcut, action) in Action::shortcuts() {
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
        let acts_on_pictures = is_bare && !matches!(shortcut.logical_key, Key::F1 | Key::F11);
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

/// Whether a key is pressed with Alt.
fn has_alt(event: &Event, wanted: Key) -> bool {
    matches!(event, Event::Key { key, pressed: true, modifiers, .. } if *key == wanted && modifiers.alt)
}

/// Arrow keys move to another picture, unless a widget has the focus.
fn arrows(ctx: &Context, state: &State, memory: &ViewMemory, out: &mut Vec<Action>) {
    if state.page() != Page::Pictures || ctx.memory(|m| m.focused().is_some()) {
        return;
    }
    let columns = memory.picture_list.columns.max(1) as isize;
    let steps = [(Key::ArrowDown, columns), (Key::ArrowUp, -columns), (Key::ArrowRight, 1), (Key::ArrowLeft, -1)];
    for (key, step) in steps {
        let presses = ctx.input_mut(|i| i.count_and_consume_key(Modifiers::NONE, key));
        if presses > 0 {
            out.push(Action::SelectNeighbour(step * presses as isize));
        }
    }
}

/// Whether the key that shows the original for a moment is held.
pub fn shows_original(ctx: &Context) -> bool {
    !ctx.text_edit_focused() && ctx.input(|i| i.key_down(Key::Backslash))
}
