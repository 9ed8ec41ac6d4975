//! The menu bar.

use egui::containers::menu::MenuButton;
use egui::{Margin, MenuBar, Ui, vec2};

use crate::gui::menus::entry::{MENU_WIDTH, entries, form_config, menu_config};
use crate::gui::menus::{filters, queue, workers};
use crate::gui::model::presentation::Menu;
use crate::gui::panels::panel::{Panel, View};

pub const PANEL: Panel = Panel::top("menu bar", show).margin(Margin::symmetric(8, 2)).without_separator();

fn show(ui: &mut Ui, View { state, out, .. }: &mut View<'_>) {
    MenuBar::new().ui(ui, |ui| {
        ui.spacing_mut().button_padding = vec2(8.0, 2.0);
        for menu in Menu::ALL {
            // Numbers of workers are set one after the other without the menu closing; a command is typed.
            let is_form = matches!(menu, Menu::Workers | Menu::Queue);
            let config = if is_form { form_config() } else { menu_config() };
            MenuButton::new(menu.title()).config(config).ui(ui, |ui| {
                ui.set_width(MENU_WIDTH);
                match menu {
                    Menu::Filters => filters::show(ui, state, out),
                    Menu::Workers => workers::show(ui, state, out),
                    Menu::Queue => queue::show(ui, state, out),
                    _ => entries(ui, menu, |_| true, state, out),
                }
            });
        }
    });
}
