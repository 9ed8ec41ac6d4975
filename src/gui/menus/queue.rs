//! The Queue menu: starting, pausing and stopping, what a run would do, past runs, and what is done once a run has ended.

use egui::containers::menu::SubMenuButton;
use egui::{Id, Label, Margin, RichText, Ui};

use crate::batch::AfterRun;
use crate::gui::menus::entry::{MENU_WIDTH, entries, form_config};
use crate::gui::model::action::Action;
use crate::gui::model::presentation::Menu;
use crate::gui::model::state::State;
use crate::gui::theme::Palette;
use crate::gui::widgets::icon::{Icon, icon_atom};
use crate::gui::widgets::text_field::{TextFieldStyle, text_field};

/// Draws the menu's contents.
pub fn show(ui: &mut Ui, state: &State, out: &mut Vec<Action>) {
    entries(ui, Menu::Queue, |section| section == 0, state, out);
    ui.separator();
    entries(ui, Menu::Queue, |section| section == 2, state, out);
    ui.separator();
    SubMenuButton::new((icon_atom(Icon::None, 8.0), "After the Run")).config(form_config()).ui(ui, |ui| {
        ui.set_width(MENU_WIDTH + 60.0);
        entries(ui, Menu::Queue, |section| section == 1, state, out);
        command(ui, state, out);
    });
}

/// The field for a command.
fn command(ui: &mut Ui, state: &State, out: &mut Vec<Action>) {
    let now = match &state.after_run {
        AfterRun::Command(_) => state.after_run.to_string(),
        _ => String::new(),
    };
    ui.horizontal(|ui| {
        ui.add_space(10.0);
        let style = TextFieldStyle { hint: "a command", width: MENU_WIDTH, margin: Margin::symmetric(8, 4) };
        let (response, typed) = text_field(ui, Id::unique("command after the run"), &now, &style);
        response.accessible_name("Command after the run");
        if let Some(typed) = typed {
            out.push(Action::TypeAfterRun(typed));
        }
    });
    ui.horizontal(|ui| {
        ui.add_space(10.0);
        let note = "Started without a shell. {folder}, {done}, {failed} and {skipped} may be arguments.";
        ui.add(Label::new(RichText::new(note).small().color(Palette::of(ui).weak)).wrap());
    });
}
