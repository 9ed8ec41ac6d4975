//! The question for a path that is answered by typing.

use egui::{Key, Margin, RichText, TextEdit, Ui};

use crate::gui::model::action::Action;
use crate::gui::model::dialog::{PathPrompt, PathPurpose};
use crate::gui::pasted_paths::paths_in;
use crate::gui::theme::Palette;
use crate::gui::widgets::button::primary_button;
use crate::gui::widgets::dialog_parts::{buttons, heading, secondary_button};

/// Why the path has to be typed, where there is no file dialog.
const NO_DIALOG: &str = "This system has no file dialog (neither a desktop portal nor the program zenity), so type or paste the path. On Debian or Ubuntu, 'apt install zenity' installs one.";

/// The label of the field.
const fn field_label(purpose: PathPurpose) -> &'static str {
    match purpose {
        PathPurpose::AddFiles => "Path of a picture or folder",
        PathPurpose::AddFolder => "Path of a folder or picture",
        PathPurpose::WatchFolder => "Path of the folder to watch",
        PathPurpose::OpenRecipe | PathPurpose::ImportPreset => "Path of a recipe file",
        PathPurpose::SaveRecipe | PathPurpose::SharePreset => "Path of the new recipe file",
        PathPurpose::SaveTimeline => "Path of the new timeline file",
        PathPurpose::SaveResults(_) => "Path of the new file",
        PathPurpose::OutputFolder => "Path of the folder for results",
        PathPurpose::OutputArchive => "Path of the archive for results",
        PathPurpose::Profile(_) => "Path of an ICC profile",
        PathPurpose::ParamFile(_) => "Path of the file",
    }
}

/// The text of the button that takes the path.
const fn button_text(purpose: PathPurpose) -> &'static str {
    match purpose {
        PathPurpose::WatchFolder => "Watch",
        PathPurpose::OpenRecipe | PathPurpose::ImportPreset => "Import",
        PathPurpose::OutputFolder
        | PathPurpose::OutputArchive
        | PathPurpose::Profile(_)
        | PathPurpose::ParamFile(_) => "Choose",
        _ if purpose.adds_pictures() => "Add",
        _ => "Export",
    }
}

/// Draws its contents.
pub fn show(ui: &mut Ui, prompt: &PathPrompt, out: &mut Vec<Action>) {
    let palette = Palette::of(ui);
    let PathPrompt { purpose, no_dialog, problem, .. } = prompt;
    ui.set_width(440.0);
    let adds = purpose.adds_pictures();
    heading(ui, if adds && !no_dialog { "Add path" } else { purpose.title() });
    if *no_dialog {
        ui.label(RichText::new(NO_DIALOG).color(palette.weak));
    }
    let label = ui.label(field_label(*purpose));
    let mut text = prompt.text.clone();
    let hint = if adds { "/home/me/Pictures/Summer" } else { "/home/me/…" };
    let field = TextEdit::singleline(&mut text).hint_text(hint).desired_width(f32::INFINITY);
    let response = ui.add(field.margin(Margin::symmetric(10, 6))).labelled_by(label.id);
    let response = response.on_hover_text("An absolute path; ~ stands for the home folder.");
    if prompt.text.is_empty() && !response.has_focus() && problem.is_none() {
        response.request_focus();
    }
    if response.changed() {
        out.push(Action::EditPath(text.clone()));
    }
    if let Some(problem) = problem {
        ui.label(RichText::new(problem).color(palette.bad));
    }
    let is_empty = text.trim().is_empty();
    let mut submits = response.lost_focus() && ui.input(|i| i.key_pressed(Key::Enter));
    buttons(ui, |ui| {
        let button = primary_button(ui, !is_empty, None, button_text(*purpose));
        submits |= button.on_hover_text("Use this path (Enter).").clicked();
        if ui.add(secondary_button("Cancel")).on_hover_text("Close this question (Esc).").clicked() {
            out.push(Action::CloseDialog);
        }
    });
    if submits && !is_empty {
        let path = paths_in(&text).into_iter().next().unwrap_or_else(|| text.trim().into());
        out.push(Action::SubmitPath(*purpose, path));
    }
}
