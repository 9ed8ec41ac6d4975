//! What lies over the window: questions and explanations.

use egui::{Frame, Grid, Id, Margin, Modal as Overlay, RichText, TextEdit, Ui};

use super::action::Action;
use super::face::Menu;
use super::input::paths_in;
use super::shell::Panels;
use super::state::{Ask, Modal, PathQuestion, State};
use super::theme::{self, GRID, Palette};
use super::widgets::primary_button;
use super::{App, export, lab, presets};
use crate::batch::Outcome;

/// Draws the modal that is open, if any.
pub fn show(ui: &Ui, state: &State, panels: &Panels, out: &mut Vec<Action>) {
    let Some(modal) = &state.modal else { return };
    let frame = Frame::window(ui.style()).inner_margin(Margin::same(24));
    let id = Id::unique(("modal", std::mem::discriminant(modal)));
    let response = Overlay::new(id).frame(frame).show(ui.ctx(), |ui| match modal {
        Modal::Export => export::show(ui, state, panels, out),
        Modal::Presets => presets::show(ui, state, out),
        Modal::Path(question) => path(ui, question, out),
        Modal::Stop => {
            let saved = state.progress().map_or(0, |p| p.count(Outcome::Done) + p.count(Outcome::Partial));
            let text = format!(
                "{} saved so far; they stay. Pictures in work are dropped, and nothing half-written is left.",
                super::text::pictures(saved)
            );
            question(ui, "Stop the run?", &text, "Stop the Run", Action::StopNow, "Go On", out);
        }
        Modal::Quit => {
            let text = "A run is under way. Finished results stay; nothing half-written is left.";
            question(ui, "Quit Lightloom?", text, "Stop and Quit", Action::QuitNow, "Go On", out);
        }
        Modal::Recommend => lab::recommend(ui, state, out),
        Modal::Explain => lab::explain(ui, state, out),
        Modal::Shortcuts => shortcuts(ui, panels, out),
        Modal::About => about(ui, out),
    });
    // A modal finds its size within a few frames; they are drawn at once rather than when the pointer comes, under which
    // the controls would move.
    let (place, rect) = (id.with("rect"), response.response.rect);
    if ui.data_mut(|data| data.get_temp(place) != Some(rect)) {
        ui.data_mut(|data| data.insert_temp(place, rect));
        ui.ctx().request_repaint();
    }
    if response.should_close() {
        out.push(Action::CloseModal);
    }
}

/// The headline of a modal.
pub fn heading(ui: &mut Ui, text: &str) {
    ui.heading(text);
    ui.add_space(GRID);
}

/// Buttons at the right, the primary one outermost.
pub fn buttons(ui: &mut Ui, add: impl FnOnce(&mut Ui)) {
    ui.add_space(GRID);
    ui.horizontal(|ui| ui.with_layout(egui::Layout::right_to_left(egui::Align::Center), add));
}

fn close_button(ui: &mut Ui, out: &mut Vec<Action>) {
    buttons(ui, |ui| {
        if primary_button(ui, true, None, "Close").on_hover_text("Close (Esc).").clicked() {
            out.push(Action::CloseModal);
        }
    });
}

fn question(ui: &mut Ui, title: &str, text: &str, yes: &str, action: Action, no: &str, out: &mut Vec<Action>) {
    ui.set_width(380.0);
    heading(ui, title);
    ui.label(text);
    buttons(ui, |ui| {
        let primary = primary_button(ui, true, None, yes).on_hover_text(yes);
        if ui.memory(|m| m.focused().is_none()) {
            primary.request_focus();
        }
        if primary.clicked() {
            out.push(Action::CloseModal);
            out.push(action);
        }
        let button = egui::Button::new(no).min_size(egui::vec2(0.0, 32.0));
        if ui.add(button).on_hover_text("Close this question (Esc).").clicked() {
            out.push(Action::CloseModal);
        }
    });
}

fn path(ui: &mut Ui, asked: &PathQuestion, out: &mut Vec<Action>) {
    let palette = Palette::of(ui);
    ui.set_width(440.0);
    let adding = matches!(asked.purpose, Ask::Files | Ask::Folder);
    heading(ui, if adding && !asked.no_dialog { "Add path" } else { App::question_title(asked.purpose) });
    if asked.no_dialog {
        let why = "This system has no file dialog (neither a desktop portal nor the program zenity), so type or paste the path. On Debian or Ubuntu, 'apt install zenity' brings one.";
        ui.label(RichText::new(why).color(palette.weak));
    }
    let label = ui.label(match asked.purpose {
        Ask::Files => "Path of a picture or folder",
        Ask::Folder => "Path of a folder or picture",
        Ask::OpenRecipe | Ask::ImportPreset => "Path of a recipe file",
        Ask::SaveRecipe | Ask::SharePreset => "Path of the new recipe file",
        Ask::SaveTimeline => "Path of the new timeline file",
        Ask::SaveResults(_) => "Path of the new file",
        Ask::OutputFolder => "Path of the folder for results",
        Ask::Profile(_) => "Path of an ICC profile",
        Ask::ParamFile { .. } => "Path of the file",
    });
    let mut text = asked.text.clone();
    let hint = if adding { "/home/me/Pictures/Summer" } else { "/home/me/…" };
    let field = TextEdit::singleline(&mut text).hint_text(hint).desired_width(f32::INFINITY);
    let response = ui.add(field.margin(Margin::symmetric(10, 6))).labelled_by(label.id);
    let response = response.on_hover_text("An absolute path; ~ stands for the home folder.");
    if asked.text.is_empty() && !response.has_focus() && asked.problem.is_none() {
        response.request_focus();
    }
    if response.changed() {
        out.push(Action::PathText(text.clone()));
    }
    if let Some(problem) = &asked.problem {
        ui.label(RichText::new(problem).color(palette.bad));
    }
    let entered = response.lost_focus() && ui.input(|i| i.key_pressed(egui::Key::Enter));
    let mut answer = entered;
    buttons(ui, |ui| {
        let word = match asked.purpose {
            Ask::Files | Ask::Folder => "Add",
            Ask::OpenRecipe | Ask::ImportPreset => "Import",
            Ask::SaveRecipe | Ask::SharePreset | Ask::SaveTimeline | Ask::SaveResults(_) => "Export",
            Ask::OutputFolder | Ask::Profile(_) | Ask::ParamFile { .. } => "Choose",
        };
        answer |=
            primary_button(ui, !text.trim().is_empty(), None, word).on_hover_text("Take this path (Enter).").clicked();
        let button = egui::Button::new("Cancel").min_size(egui::vec2(0.0, 32.0));
        if ui.add(button).on_hover_text("Close this question (Esc).").clicked() {
            out.push(Action::CloseModal);
        }
    });
    if answer && !text.trim().is_empty() {
        let path = paths_in(&text).into_iter().next().unwrap_or_else(|| text.trim().into());
        out.push(Action::PathTyped(asked.purpose, path));
    }
}

fn shortcuts(ui: &mut Ui, panels: &Panels, out: &mut Vec<Action>) {
    let palette = Palette::of(ui);
    ui.set_width(600.0);
    heading(ui, "Shortcuts");
    let mut lines = Vec::new();
    for menu in Menu::ALL {
        for (shortcut, action) in &panels.shortcuts {
            if let Some(face) = action.face().filter(|f| f.menu == menu && f.shortcut == Some(*shortcut)) {
                let what = face.text.trim_end_matches('…').to_owned();
                lines.push((ui.ctx().format_shortcut(shortcut), what));
            }
        }
    }
    let others = [
        ("\\", "Original, while held"),
        ("Arrows", "Other picture"),
        ("Ctrl+V", "Add pasted paths"),
        ("Wheel, + - 0", "Timeline: zoom, all"),
        ("Drag, arrows", "Timeline: move"),
    ];
    lines.extend(others.map(|(key, what)| (key.to_owned(), what.to_owned())));
    let half = lines.len().div_ceil(2);
    Grid::new("shortcuts").num_columns(4).spacing([3.0 * GRID, GRID]).show(ui, |ui| {
        for row in 0..half {
            for (key, what) in [lines.get(row), lines.get(row + half)].into_iter().flatten() {
                ui.label(RichText::new(key).font(theme::figures(theme::SMALL + 1.0)).color(palette.loom));
                ui.label(what);
            }
            ui.end_row();
        }
    });
    close_button(ui, out);
}

fn about(ui: &mut Ui, out: &mut Vec<Action>) {
    let palette = Palette::of(ui);
    ui.set_width(380.0);
    heading(ui, "Lightloom");
    ui.label(RichText::new(concat!("Version ", env!("CARGO_PKG_VERSION"))).font(theme::figures(theme::SMALL + 1.0)));
    ui.label("A batch image processor: threads that wait feed cores that work.");
    ui.label(
        RichText::new("Free software under the MIT licence or the Apache licence 2.0, as you like.")
            .color(palette.weak),
    );
    close_button(ui, out);
}
