//! What comes from outside the controls: keys, dropped and pasted paths.

use std::path::PathBuf;

use egui::{Align2, Context, Event, FontId, Key, KeyboardShortcut, LayerId, Modifiers, Order, Stroke, StrokeKind, Ui};

use super::action::Action;
use super::shell::Panels;
use super::state::State;
use super::theme::{self, Palette};
use super::widgets::{Icon, paint_icon};

/// Turns keys, drops and pastes into actions. Called before anything is drawn, so that keys that mean an action reach
/// no control.
pub fn collect(ctx: &Context, state: &State, panels: &Panels, out: &mut Vec<Action>) {
    let dropped: Vec<PathBuf> =
        ctx.input(|i| i.raw.dropped_files.iter().map(|file| file.path().to_path_buf()).collect());
    if !dropped.is_empty() {
        out.push(Action::AddPaths(dropped));
    }
    let typing = ctx.text_edit_focused();
    let covered = state.modal.is_some() || ctx.any_popup_open();
    if typing || covered {
        return;
    }
    let pasted: Vec<PathBuf> = ctx.input(|i| {
        let texts = i.events.iter().filter_map(|e| if let Event::Paste(text) = e { Some(text.as_str()) } else { None });
        texts.flat_map(paths_in).collect()
    });
    if !pasted.is_empty() {
        out.push(Action::AddPaths(pasted));
    }
    let in_lab = state.lab.tab.is_some();
    // With the keyboard on a control, Space presses it and arrows move on.
    let on_control = ctx.memory(|m| m.focused().is_some());
    for (shortcut, action) in &panels.shortcuts {
        // The timeline has these keys for itself.
        let zooms = [Key::Plus, Key::Equals, Key::Minus, Key::Num0].contains(&shortcut.logical_key);
        if panels.in_timeline && zooms && shortcut.modifiers.is_none() {
            continue;
        }
        if on_control && *shortcut == KeyboardShortcut::new(Modifiers::NONE, Key::Space) {
            continue;
        }
        // Keys that act on the pictures have no meaning where none are seen.
        let bare = shortcut.modifiers.is_none() && !matches!(shortcut.logical_key, Key::F1 | Key::F11);
        if in_lab && bare && !state.is_running() {
            continue;
        }
        if state.why_not(action).is_none() && ctx.input_mut(|i| i.consume_shortcut(shortcut)) {
            out.push(action.clone());
        }
    }
    if !on_control && !in_lab {
        let columns =
            if state.look.sheet && !state.look.only_failed { super::files::SHEET_COLUMNS as isize } else { 1 };
        let steps = [(Key::ArrowDown, columns), (Key::ArrowUp, -columns), (Key::ArrowRight, 1), (Key::ArrowLeft, -1)];
        for (key, step) in steps {
            let presses = ctx.input_mut(|i| i.count_and_consume_key(Modifiers::NONE, key));
            if presses > 0 {
                out.push(Action::Step(step * presses as isize));
            }
        }
    }
}

/// Whether the key for a short look at the original is held.
pub fn holds_before(ctx: &Context) -> bool {
    !ctx.text_edit_focused() && ctx.input(|i| i.key_down(Key::Backslash))
}

/// Paths in a pasted text: one a line, quoted or not, as `file://` addresses or plain; other lines are passed over.
pub fn paths_in(text: &str) -> Vec<PathBuf> {
    let lines = text.lines().map(|line| line.trim().trim_matches(['"', '\'']));
    lines.filter_map(path_in).collect()
}

fn path_in(line: &str) -> Option<PathBuf> {
    if let Some(address) = line.strip_prefix("file://") {
        return Some(PathBuf::from(percent_decoded(address.strip_prefix("localhost").unwrap_or(address))));
    }
    let path = match line.strip_prefix("~/") {
        Some(below) => std::env::home_dir()?.join(below),
        None => PathBuf::from(line),
    };
    path.is_absolute().then_some(path)
}

#[cfg(unix)]
fn percent_decoded(text: &str) -> std::ffi::OsString {
    use std::os::unix::ffi::OsStringExt;
    std::ffi::OsString::from_vec(percent_bytes(text))
}

#[cfg(not(unix))]
fn percent_decoded(text: &str) -> std::ffi::OsString {
    String::from_utf8_lossy(&percent_bytes(text)).trim_start_matches('/').into()
}

fn percent_bytes(text: &str) -> Vec<u8> {
    let bytes = text.as_bytes();
    let mut out = Vec::with_capacity(bytes.len());
    let mut at = 0;
    while at < bytes.len() {
        let code = (bytes[at] == b'%').then(|| text.get(at + 1..at + 3)).flatten();
        match code.and_then(|hex| u8::from_str_radix(hex, 16).ok()) {
            Some(byte) => {
                out.push(byte);
                at += 3;
            }
            None => {
                out.push(bytes[at]);
                at += 1;
            }
        }
    }
    out
}

/// Says what a drop would add while something is dragged over the window.
pub fn hover_overlay(ui: &Ui, state: &State) {
    let ctx = ui.ctx();
    let count = ctx.input(|i| i.raw.hovered_files.len());
    if count == 0 {
        return;
    }
    let palette = Palette::of(ui);
    let painter = ctx.layer_painter(LayerId::new(Order::Foreground, egui::Id::unique("drop overlay")));
    let screen = ctx.content_rect();
    painter.rect_filled(screen, 0.0, palette.window.gamma_multiply(0.985));
    let frame = screen.shrink(3.0 * theme::GRID);
    painter.rect_stroke(frame, 16.0, Stroke::new(2.0, palette.light), StrokeKind::Inside);
    let centre = screen.center();
    let icon = egui::Rect::from_center_size(centre - egui::vec2(0.0, 48.0), egui::Vec2::splat(48.0));
    paint_icon(&painter, Icon::Folder, icon, palette.light);
    let name = ctx.input(|i| i.raw.hovered_files[0].path.as_deref().map(super::text::file_name));
    let what = name.filter(|_| count == 1).unwrap_or_else(|| super::text::plural(count, "item"));
    let headline = format!("Drop to add {what}");
    painter.text(centre, Align2::CENTER_CENTER, headline, FontId::proportional(24.0), palette.text);
    let hint = if state.is_running() {
        "They join the list for the next run."
    } else {
        "Folders are searched at any depth; a recipe file is loaded."
    };
    let below = centre + egui::vec2(0.0, 32.0);
    painter.text(below, Align2::CENTER_CENTER, hint, FontId::proportional(theme::BODY), palette.weak);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[cfg(unix)]
    #[test]
    fn pasted_paths_are_understood() {
        let paths = paths_in("file:///tmp/Fotos%20f%C3%BCr%20Oma\n\"/a b/c.jpg\"\nhello world\n100%\n");
        assert_eq!(paths, [PathBuf::from("/tmp/Fotos für Oma"), PathBuf::from("/a b/c.jpg")]);
    }
}
