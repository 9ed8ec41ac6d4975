//! The File menu, with the folders that pictures were added from.

use egui::containers::menu::SubMenuButton;
use egui::{Button, Ui, vec2};
use lightloom_param::shown;

use crate::gui::menus::entry::{MENU_WIDTH, entries, menu_config};
use crate::gui::model::action::Action;
use crate::gui::model::presentation::Menu;
use crate::gui::model::state::State;
use crate::gui::text;
use crate::gui::widgets::icon::{Icon, icon_atom};

/// Draws the menu's contents.
pub fn show(ui: &mut Ui, state: &State, out: &mut Vec<Action>) {
    entries(ui, Menu::File, |section| section == 0, state, out);
    if !state.recent_folders.is_empty() {
        SubMenuButton::new((icon_atom(Icon::None, 8.0), "Open Recent")).config(menu_config()).ui(ui, |ui| {
            ui.set_width(MENU_WIDTH + 120.0);
            for folder in &state.recent_folders {
                let name = text::short_path(folder);
                let button = Button::new(&name).truncate().min_size(vec2(ui.available_width(), 0.0));
                if ui.add(button).accessible_name(name).on_hover_text(shown(folder)).clicked() {
                    out.push(Action::AddPaths(vec![folder.clone()]));
                    ui.close();
                }
            }
        });
    }
    ui.separator();
    entries(ui, Menu::File, |section| section > 0, state, out);
}
