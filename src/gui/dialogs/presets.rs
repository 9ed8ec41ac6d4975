//! The user's presets: saved, used, renamed, shared and deleted.

use egui::{Align, Id, Key, Layout, Margin, RichText, ScrollArea, TextEdit, Ui};

use crate::gui::model::action::{Action, PresetAction};
use crate::gui::model::state::State;
use crate::gui::theme::{GRID, Palette};
use crate::gui::widgets::button::{icon_button, labelled_button};
use crate::gui::widgets::dialog_parts::{buttons, closing_button, heading};
use crate::gui::widgets::icon::Icon;
use crate::gui::widgets::text_field::{TextFieldStyle, text_field};

/// Draws its contents.
pub fn show(ui: &mut Ui, state: &State, out: &mut Vec<Action>) {
    let palette = Palette::of(ui);
    ui.set_width(440.0);
    heading(ui, "Your presets");
    let id = Id::unique("new preset's name");
    let mut name = ui.data(|d| d.get_temp::<String>(id)).unwrap_or_default();
    ui.horizontal(|ui| {
        let field = TextEdit::singleline(&mut name).hint_text("Name of a new preset").desired_width(220.0);
        let response = ui.add(field.margin(Margin::symmetric(8, 7))).accessible_name("Name of a new preset");
        let entered = response.lost_focus() && ui.input(|i| i.key_pressed(Key::Enter));
        response.on_hover_text("Up to 60 characters; the recipe is saved under this name.");
        let taken = state.presets.names.iter().any(|own| own.to_lowercase() == name.trim().to_lowercase());
        let verb = if taken { "Replace" } else { "Save" };
        let button = ui.add_enabled(!name.trim().is_empty(), labelled_button(Icon::Add, verb));
        let help = "Save filters, outputs and export settings as they are, with the files they refer to.";
        if button.on_hover_text(help).clicked() || (entered && !name.trim().is_empty()) {
            out.push(PresetAction::Save { name: name.trim().to_owned(), replace: taken }.into());
            name.clear();
        }
    });
    ui.data_mut(|d| d.insert_temp(id, name));
    ui.add_space(GRID);
    if state.presets.names.is_empty() {
        ui.label(RichText::new("There are no presets yet.").color(palette.weak));
    }
    ScrollArea::vertical().max_height(280.0).show(ui, |ui| {
        for name in &state.presets.names {
            ui.push_id(name, |ui| preset(ui, name, out));
        }
    });
    buttons(ui, |ui| {
        if closing_button(ui, "Done") {
            out.push(Action::CloseDialog);
        }
        let import = ui.add(labelled_button(Icon::File, "Import…"));
        if import.on_hover_text("Import a shared recipe file as a preset.").clicked() {
            out.push(PresetAction::Import.into());
        }
    });
}

fn preset(ui: &mut Ui, name: &str, out: &mut Vec<Action>) {
    ui.horizontal(|ui| {
        let id = ui.scope_id().with("typed name");
        let style = TextFieldStyle { hint: "", width: 190.0, margin: Margin::symmetric(6, 4) };
        let (field, typed) = text_field(ui, id, name, &style);
        field.accessible_name(format!("Name of {name}")).on_hover_text("Type another name to rename the preset.");
        let to = typed.map(|typed| typed.trim().to_owned()).filter(|typed| typed != name && !typed.is_empty());
        if let Some(to) = to {
            out.push(PresetAction::Rename { from: name.to_owned(), to }.into());
        }
        ui.with_layout(Layout::right_to_left(Align::Center), |ui| {
            if icon_button(ui, Icon::Close, &format!("Delete {name}"), true).clicked() {
                out.push(PresetAction::Delete(name.to_owned()).into());
            }
            let share = ui.button("Share…").accessible_name(format!("Share {name}"));
            if share.on_hover_text("Save it as a single file that includes its tables, watermarks and fonts.").clicked()
            {
                out.push(PresetAction::Share(name.to_owned()).into());
            }
            let used = ui.button("Use").accessible_name(format!("Use {name}"));
            if used.on_hover_text("Make it the recipe; Undo restores the current one.").clicked() {
                out.push(PresetAction::Use(name.to_owned()).into());
            }
        });
    });
}
