//! The menu of filters and presets, in the menu bar and behind the stack's own button.

use egui::containers::menu::SubMenuButton;
use egui::{Label, RichText, Ui};

use crate::filter::{FILTERS, Group};
use crate::gui::menus::entry::{self, MENU_WIDTH, action_entry, menu_config};
use crate::gui::model::action::{Action, PresetAction, RecipeAction};
use crate::gui::model::dialog::FinderScope;
use crate::gui::model::presentation::{MenuEntry, own_preset};
use crate::gui::model::stack::Stack;
use crate::gui::model::state::State;
use crate::gui::theme::Palette;
use crate::gui::widgets::icon::{Icon, icon_atom};
use crate::recipe::PRESETS;

/// Draws a submenu per group of filters, and one for the presets.
pub fn show(ui: &mut Ui, state: &State, out: &mut Vec<Action>) {
    if let own @ Stack::Output(_) = state.stack() {
        let text = format!("For the output “{}” only", own.title(state.recipe()));
        let label = Label::new(RichText::new(text).small().color(Palette::of(ui).weak)).truncate();
        let row = ui.horizontal(|ui| {
            ui.add_space(10.0);
            ui.add(label)
        });
        row.inner.on_hover_text("Filters are added to the stack that is shown, which is that of one output.");
        ui.separator();
    }
    action_entry(ui, Action::OpenFinder(FinderScope::Filters), state, out);
    ui.separator();
    for group in Group::ALL {
        SubMenuButton::new((icon_atom(Icon::None, 8.0), group.title())).config(menu_config()).ui(ui, |ui| {
            ui.set_width(MENU_WIDTH);
            for spec in FILTERS.iter().filter(|f| f.group == group) {
                action_entry(ui, RecipeAction::AddFilter(spec), state, out);
            }
        });
    }
    ui.separator();
    SubMenuButton::new((icon_atom(Icon::None, 8.0), "Presets")).config(menu_config()).ui(ui, |ui| {
        ui.set_width(MENU_WIDTH);
        for preset in PRESETS {
            action_entry(ui, RecipeAction::UsePreset(preset), state, out);
        }
        ui.separator();
        for name in &state.presets.names {
            let MenuEntry { action, presentation } = own_preset(name);
            entry::show(ui, action, &presentation, state, out);
        }
        action_entry(ui, PresetAction::Open, state, out);
    });
}
