//! The View menu, with the orders of the list, the themes and the sizes of the interface in submenus.

use egui::Ui;
use egui::containers::menu::SubMenuButton;

use crate::gui::menus::entry::{MENU_WIDTH, entries, menu_config};
use crate::gui::model::action::Action;
use crate::gui::model::presentation::{Menu, SIZE_SECTION, SORT_SECTION, THEME_SECTION};
use crate::gui::model::state::State;
use crate::gui::widgets::icon::{Icon, icon_atom};

/// Draws the menu's contents.
pub fn show(ui: &mut Ui, state: &State, out: &mut Vec<Action>) {
    entries(ui, Menu::View, |section| section < THEME_SECTION, state, out);
    ui.separator();
    let submenus = [("Order of Pictures", SORT_SECTION), ("Theme", THEME_SECTION), ("Interface Size", SIZE_SECTION)];
    for (title, section) in submenus {
        SubMenuButton::new((icon_atom(Icon::None, 8.0), title)).config(menu_config()).ui(ui, |ui| {
            ui.set_width(MENU_WIDTH);
            entries(ui, Menu::View, |s| s == section, state, out);
        });
    }
    let is_in_submenu = |section| submenus.iter().any(|(_, s)| *s == section);
    entries(ui, Menu::View, |section| section > THEME_SECTION && !is_in_submenu(section), state, out);
}
