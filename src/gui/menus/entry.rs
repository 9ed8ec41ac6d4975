//! One entry of a menu, and all entries of one.

use egui::containers::menu::MenuConfig;
use egui::{Button, PopupCloseBehavior, Style, Ui, vec2};

use crate::gui::menus::preset_rest;
use crate::gui::model::action::Action;
use crate::gui::model::presentation::{Menu, Presentation, menu_entries};
use crate::gui::model::state::State;
use crate::gui::text;
use crate::gui::theme;
use crate::gui::widgets::icon::{Icon, icon_atom};

pub const MENU_WIDTH: f32 = 240.0;

/// The style of menus.
pub fn menu_config() -> MenuConfig {
    MenuConfig::new().style(theme::menu_style as fn(&mut Style))
}

/// The style of menus that stay open while numbers in them are set.
pub fn form_config() -> MenuConfig {
    menu_config().close_behavior(PopupCloseBehavior::CloseOnClickOutside)
}

/// The entries of a menu whose sections `wanted` accepts, with lines between the sections.
pub fn entries(ui: &mut Ui, menu: Menu, wanted: impl Fn(u8) -> bool, state: &State, out: &mut Vec<Action>) {
    let mut section = None;
    for entry in menu_entries() {
        let presentation = &entry.presentation;
        if presentation.menu != menu || !wanted(presentation.section) {
            continue;
        }
        if section.replace(presentation.section).is_some_and(|before| before != presentation.section) {
            ui.separator();
        }
        show(ui, entry.action.clone(), presentation, state, out);
    }
}

/// The entry of `action`, if a menu offers it.
pub fn action_entry(ui: &mut Ui, action: impl Into<Action>, state: &State, out: &mut Vec<Action>) {
    let action = action.into();
    if let Some(presentation) = action.presentation() {
        show(ui, action, presentation, state, out);
    }
}

/// One entry: text, check mark, shortcut; greyed out with the reason as its tooltip if it cannot be chosen.
pub fn show(ui: &mut Ui, action: Action, presentation: &Presentation, state: &State, out: &mut Vec<Action>) {
    let disabled_reason = state.disabled_reason(&action);
    let checked = state.is_checked(&action);
    let title = state.menu_text(&action, presentation);
    let title = title.as_ref();
    // Entries with a mark and those without are aligned.
    let mark = icon_atom(if checked == Some(true) { Icon::Dot } else { Icon::None }, 8.0);
    let mut button = Button::new((mark, title)).gap(8.0);
    if let Some(shortcut) = state.keys.keys_of(&action) {
        button = button.shortcut_text(text::shortcut(ui.ctx(), &shortcut));
    }
    let response = ui.add_enabled(disabled_reason.is_none(), button.min_size(vec2(MENU_WIDTH, 0.0)));
    let response = response.accessible_name(title);
    if let Some(checked) = checked {
        response.ctx.accesskit_node_builder(response.id, |node| node.set_toggled(checked.into()));
    }
    preset_rest::offer(&response, &action);
    let response = response.on_hover_text(presentation.help.as_ref());
    if response.on_disabled_hover_text(disabled_reason.unwrap_or_default()).clicked() {
        out.push(action);
        ui.close();
    }
}
