//! The menu bar, made from what actions say of themselves.

use std::borrow::Cow;

use egui::containers::menu::{MenuButton, MenuConfig, SubMenuButton};
use egui::{Button, Label, MenuBar, PopupCloseBehavior, RichText, Ui};

use super::action::Action;
use super::face::{Face, Menu};
use super::presets::PresetAction;
use super::state::State;
use super::tabs::Stack;
use super::theme;
use super::widgets::{Icon, icon_atom};
use super::workers;
use crate::filter::{FILTERS, Group};
use crate::recipe::PRESETS;

/// Width of a menu.
pub const WIDTH: f32 = 240.0;

/// How menus look.
pub fn config() -> MenuConfig {
    MenuConfig::new().style(theme::menu_style as fn(&mut egui::Style))
}

/// Draws the bar.
pub fn bar(ui: &mut Ui, state: &State, out: &mut Vec<Action>) {
    MenuBar::new().ui(ui, |ui| {
        ui.spacing_mut().button_padding = egui::vec2(8.0, 2.0);
        for menu in Menu::ALL {
            let mut config = config();
            if menu == Menu::Workers {
                // Numbers are set one after the other without the menu going away.
                config = config.close_behavior(PopupCloseBehavior::CloseOnClickOutside);
            }
            MenuButton::new(menu.title()).config(config).ui(ui, |ui| {
                ui.set_width(WIDTH);
                match menu {
                    Menu::Filters => filters(ui, state, out),
                    Menu::Workers => workers::menu(ui, state, out),
                    _ => entries(ui, menu, state, out),
                }
            });
        }
    });
}

/// Every entry of a menu.
pub fn entries(ui: &mut Ui, menu: Menu, state: &State, out: &mut Vec<Action>) {
    let mut section = None;
    for action in Action::all_in_menus() {
        let Some(face) = action.face().filter(|f| f.menu == menu) else { continue };
        if section.replace(face.section).is_some_and(|before| before != face.section) {
            ui.separator();
        }
        entry(ui, action, &face, state, out);
    }
}

/// One entry: text, check mark, shortcut; greyed out with the reason as its tooltip where it cannot be chosen.
pub fn entry(ui: &mut Ui, action: Action, face: &Face, state: &State, out: &mut Vec<Action>) {
    let why_not = state.why_not(&action);
    let checked = state.checked(&action);
    // Entries with a mark and those without begin at the same place.
    let mark = icon_atom(if checked == Some(true) { Icon::Dot } else { Icon::None }, 8.0);
    let mut button = Button::new((mark, face.text.as_ref())).gap(8.0);
    if let Some(shortcut) = &face.shortcut {
        button = button.shortcut_text(ui.ctx().format_shortcut(shortcut));
    }
    let response = ui.add_enabled(why_not.is_none(), button.min_size(egui::vec2(WIDTH, 0.0)));
    let response = response.accessible_name(face.text.as_ref());
    if let Some(checked) = checked {
        response.ctx.accesskit_node_builder(response.id, |node| node.set_toggled(checked.into()));
    }
    let response = response.on_hover_text(face.help.as_ref()).on_disabled_hover_text(why_not.unwrap_or_default());
    if response.clicked() {
        out.push(action);
        ui.close();
    }
}

/// Filters by group and presets, each a submenu; used by the menu bar and by the stack's own button.
pub fn filters(ui: &mut Ui, state: &State, out: &mut Vec<Action>) {
    if let own @ Stack::Output(_) = state.stack() {
        let words = format!("For the output “{}” alone", own.title(state.recipe()));
        let label = Label::new(RichText::new(words).small().color(theme::Palette::of(ui).weak)).truncate();
        let row = ui.horizontal(|ui| {
            ui.add_space(10.0);
            ui.add(label)
        });
        row.inner.on_hover_text("Filters are added to the stack that is shown, that of one output.");
        ui.separator();
    }
    for group in Group::ALL {
        SubMenuButton::new(group.title()).config(config()).ui(ui, |ui| {
            ui.set_width(WIDTH);
            for spec in FILTERS.iter().filter(|f| f.group == group) {
                let action = Action::AddFilter(spec);
                if let Some(face) = action.face() {
                    entry(ui, action, &face, state, out);
                }
            }
        });
    }
    ui.separator();
    SubMenuButton::new("Presets").config(config()).ui(ui, |ui| {
        ui.set_width(WIDTH);
        for action in PRESETS.iter().map(Action::UsePreset) {
            if let Some(face) = action.face() {
                entry(ui, action, &face, state, out);
            }
        }
        ui.separator();
        for name in &state.presets.names {
            let help = "Your own. Replaces the recipe; undo brings it back.";
            let text = Cow::Owned(name.clone());
            let face = Face { menu: Menu::Filters, section: 0, text, help: Cow::Borrowed(help), shortcut: None };
            entry(ui, Action::Presets(PresetAction::Use(name.clone())), &face, state, out);
        }
        let action = Action::Presets(PresetAction::Open);
        if let Some(face) = action.face() {
            entry(ui, action, &face, state, out);
        }
    });
}
