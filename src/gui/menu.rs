//! The menu bar, made from what actions say of themselves.

use std::ops::RangeInclusive;

use egui::containers::menu::{MenuButton, MenuConfig, SubMenuButton};
use egui::{Button, DragValue, MenuBar, PopupCloseBehavior, Ui};

use super::action::{Action, Face, Menu};
use super::saved::{IO_THREADS, MEMORY_MIB};
use super::state::State;
use super::theme::{self, Palette};
use super::widgets::{Icon, icon_atom};
use crate::batch::logical_cores;
use crate::filter::{FILTERS, Group};

/// Width of a menu.
const WIDTH: f32 = 240.0;

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
                    Menu::Workers => workers(ui, state, out),
                    _ => entries(ui, menu, state, out),
                }
            });
        }
    });
}

fn entries(ui: &mut Ui, menu: Menu, state: &State, out: &mut Vec<Action>) {
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
fn entry(ui: &mut Ui, action: Action, face: &Face, state: &State, out: &mut Vec<Action>) {
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

/// Filters by group, each group a submenu; used by the menu bar and by the stack's own button.
pub fn filters(ui: &mut Ui, state: &State, out: &mut Vec<Action>) {
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
}

fn workers(ui: &mut Ui, state: &State, out: &mut Vec<Action>) {
    entries(ui, Menu::Workers, state, out);
    ui.separator();
    let settings = &state.settings;
    let number =
        |ui: &mut Ui, label: &str, help: &str, suffix: &str, value: usize, range: RangeInclusive<usize>, speed: f64| {
            let mut edited = value;
            ui.horizontal(|ui| {
                ui.add_space(10.0);
                let name = ui.label(label);
                // A field looks like one, in a menu too.
                let palette = Palette::of(ui);
                ui.visuals_mut().widgets.inactive.weak_bg_fill = palette.raised;
                ui.visuals_mut().widgets.inactive.bg_stroke = egui::Stroke::new(1.0, palette.edge);
                ui.with_layout(egui::Layout::right_to_left(egui::Align::Center), |ui| {
                    let field = DragValue::new(&mut edited).range(range).suffix(suffix).speed(speed);
                    ui.add_enabled(!state.is_running(), field)
                        .labelled_by(name.id)
                        .on_hover_text(help)
                        .on_disabled_hover_text("Not while a run is under way.");
                });
            });
            (edited != value).then_some(edited)
        };
    let help = "Threads that read and write files; under Threads, that carry whole pictures.";
    if let Some(n) = number(ui, "I/O threads", help, "", settings.io_threads, IO_THREADS, 0.1) {
        out.push(Action::SetIoThreads(n));
    }
    let help = "Cores that decode, filter and encode.";
    if let Some(n) = number(ui, "Cores", help, "", settings.cores, 1..=logical_cores(), 0.05) {
        out.push(Action::SetCores(n));
    }
    let help = "Memory for all pictures in flight; a picture that needs more is carried alone.";
    let mib = (settings.memory_bytes >> 20) as usize;
    let range = *MEMORY_MIB.start() as usize..=*MEMORY_MIB.end() as usize;
    if let Some(n) = number(ui, "Memory for pictures", help, " MiB", mib, range, 16.0) {
        out.push(Action::SetMemory(n as u64));
    }
}
