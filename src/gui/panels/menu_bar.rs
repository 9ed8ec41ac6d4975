//! The menu bar. Alt with the letter that is underlined meanwhile opens a menu, F10 the first; arrows move within and
//! between menus, Enter chooses, Esc closes.

use egui::containers::menu::MenuButton;
use egui::text::{LayoutJob, TextFormat};
use egui::{FocusDirection, Id, Key, Margin, MenuBar, Modifiers, Popup, Stroke, TextStyle, Ui, vec2};

use crate::gui::menus::entry::{MENU_WIDTH, entries, form_config, menu_config};
use crate::gui::menus::{file, filters, queue, view, workers};
use crate::gui::model::presentation::Menu;
use crate::gui::panels::panel::{Panel, View};

pub const PANEL: Panel = Panel::top("menu bar", show).margin(Margin::symmetric(8, 2)).without_separator();

/// What was drawn in the frame before, by which keys are understood before the menus see them.
#[derive(Clone, Default)]
struct Bar {
    buttons: Vec<Id>,
    open: Option<usize>,
}

fn show(ui: &mut Ui, View { state, out, .. }: &mut View<'_>) {
    MenuBar::new().ui(ui, |ui| {
        ui.spacing_mut().button_padding = vec2(8.0, 2.0);
        let id = ui.scope_id().with("bar");
        let before: Bar = ui.data(|data| data.get_temp(id)).unwrap_or_default();
        let wanted = if state.dialog.is_none() { wanted(ui, &before) } else { None };
        let mut bar = Bar::default();
        for menu in Menu::ALL {
            // Numbers of workers are set one after the other without the menu closing; a command is typed.
            let is_form = matches!(menu, Menu::Workers | Menu::Queue);
            let config = if is_form { form_config() } else { menu_config() };
            let (button, shown) = MenuButton::new(title(ui, menu)).config(config).ui(ui, |ui| {
                ui.set_width(MENU_WIDTH);
                match menu {
                    Menu::File => file::show(ui, state, out),
                    Menu::Filters => filters::show(ui, state, out),
                    Menu::Workers => workers::show(ui, state, out),
                    Menu::View => view::show(ui, state, out),
                    Menu::Queue => queue::show(ui, state, out),
                    _ => entries(ui, menu, |_| true, state, out),
                }
            });
            let place = bar.buttons.len();
            if shown.is_some() {
                bar.open = Some(place);
            }
            if wanted == Some(place) {
                Popup::open_id(ui.ctx(), Popup::default_response_id(&button));
                // From the button, the arrow down leads to the first entry.
                button.request_focus();
                ui.ctx().request_repaint();
            }
            bar.buttons.push(button.id);
        }
        ui.data_mut(|data| data.insert_temp(id, bar));
    });
}

/// The title, with its letter underlined while Alt is held.
fn title(ui: &Ui, menu: Menu) -> LayoutJob {
    let (_, at) = menu.mnemonic();
    let title = menu.title();
    let font = TextStyle::Button.resolve(ui.style());
    let colour = ui.visuals().text_color();
    let plain = TextFormat { font_id: font, color: colour, ..TextFormat::default() };
    let underlined = TextFormat { underline: Stroke::new(1.0, colour), ..plain.clone() };
    let shows_letters = ui.input(|input| input.modifiers.alt);
    let mut job = LayoutJob::default();
    job.append(&title[..at], 0.0, plain.clone());
    job.append(&title[at..=at], 0.0, if shows_letters { underlined } else { plain.clone() });
    job.append(&title[at + 1..], 0.0, plain);
    job
}

/// The menu that a key asks for, by its place. Arrows lead to a neighbour while the button of the open menu has the focus.
fn wanted(ui: &Ui, before: &Bar) -> Option<usize> {
    let pressed = |modifiers, key| ui.input_mut(|input| input.consume_key(modifiers, key));
    if pressed(Modifiers::NONE, Key::F10) {
        return Some(0);
    }
    if let Some(place) = Menu::ALL.iter().position(|menu| pressed(Modifiers::ALT, menu.mnemonic().0)) {
        return Some(place);
    }
    let open = before.open?;
    let focused = ui.memory(egui::Memory::focused);
    if focused.is_none() || focused != before.buttons.get(open).copied() {
        return None;
    }
    let step = match (pressed(Modifiers::NONE, Key::ArrowRight), pressed(Modifiers::NONE, Key::ArrowLeft)) {
        (true, false) => 1,
        (false, true) => Menu::ALL.len() - 1,
        _ => return None,
    };
    ui.memory_mut(|memory| memory.move_focus(FocusDirection::None));
    Some((open + step) % Menu::ALL.len())
}
