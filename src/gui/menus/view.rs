//! The View menu, with the orders of the list and the themes in submenus.

use egui::Ui;
use egui::containers::menu::SubMenuButton;

use crate::gui::menus::entry::{MENU_WIDTH, entries, menu_config};
use crate::gui::model::action::Action;
use crate::gui::model::presentation::{Menu, SORT_SECTION, THEME_SECTION};
use crate::gui::model::state::State;
use crate::gui::widgets::icon::{Icon, icon_atom};

/// Draws the menu's contents.
pub fn show(ui: &mut Ui, state: &State, out: &mut Vec<Action>) {
    entries(ui, Menu::View, |section| section < THEME_SECTION, state, out);
    ui.separator();
    SubMenuButton::new((icon_atom(Icon::None, 8.0), "Order of Pictures")).config(menu_config()).ui(ui, |ui| {
        ui.set_width(MENU_WIDTH);
        entries(ui, Menu::View, |section| section == SORT_SECTION, state, out);
    });
    SubMenuButton::new((icon_atom(Icon::None, 8.0), "Theme")).config(menu_config()).ui(ui, |ui| {
        ui.set_width(MENU_WIDTH);
        entries(ui, Menu::View, |section| section == THEME_SECTION, state, out);
    });
    entries(ui, Menu::View, |section| section > THEME_SECTION && section != SORT_SECTION, state, out);
}
