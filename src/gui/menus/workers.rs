//! The Workers menu: executor, numbers of workers, memory, priority, limits, and the simulated source.

use egui::containers::menu::SubMenuButton;
use egui::{Checkbox, Label, RichText, Ui};

use crate::batch::{Priority, logical_cores};
use crate::gui::menus::entry::{MENU_WIDTH, action_entry, entries, form_config, menu_config};
use crate::gui::menus::limits;
use crate::gui::model::action::{Action, SettingsChange};
use crate::gui::model::presentation::Menu;
use crate::gui::model::ranges::{IO_THREADS, MEMORY_MIB, QUEUE, TIME_LIMIT_SECS};
use crate::gui::model::state::State;
use crate::gui::theme::Palette;
use crate::gui::widgets::icon::{Icon, icon_atom};
use crate::gui::widgets::number_field::NumberField;
use crate::gui::widgets::slow_source::{DEFAULT_SOURCE, slow_source_fields};

/// Space before labels, so that they are aligned with entries that have a mark.
const INDENT: f32 = 26.0;

/// Draws the menu's contents.
pub fn show(ui: &mut Ui, state: &State, out: &mut Vec<Action>) {
    entries(ui, Menu::Workers, |section| section == 0, state, out);
    ui.separator();
    numbers(ui, state, out);
    ui.separator();
    let no_mark = || icon_atom(Icon::None, 8.0);
    SubMenuButton::new((no_mark(), "Priority")).config(menu_config()).ui(ui, |ui| {
        ui.set_width(MENU_WIDTH);
        for priority in Priority::ALL {
            action_entry(ui, Action::SetPriority(priority), state, out);
        }
    });
    SubMenuButton::new((no_mark(), "Simulated Source")).config(form_config()).ui(ui, |ui| {
        ui.set_width(MENU_WIDTH + 20.0);
        simulated_source(ui, state, out);
    });
    SubMenuButton::new((no_mark(), "Limits")).config(form_config()).ui(ui, |ui| {
        ui.set_width(MENU_WIDTH + 20.0);
        limits::show(ui, state, out);
    });
    ui.separator();
    entries(ui, Menu::Workers, |section| section > 1, state, out);
}

fn numbers(ui: &mut Ui, state: &State, out: &mut Vec<Action>) {
    let settings = &state.settings;
    let enabled = state.disabled_reason(&Action::ChangeSettings(SettingsChange::Cores(1))).is_none();
    let plain = NumberField { label: "", help: "", suffix: "", zero: None, range: 1..=1, speed: 0.1, indent: INDENT };
    let io_threads = NumberField {
        label: "I/O threads",
        help: "Threads that read and write files; with Threads, the threads that process whole pictures.",
        range: IO_THREADS,
        ..plain
    };
    if let Some(n) = io_threads.show(ui, enabled, settings.io_threads) {
        out.push(Action::ChangeSettings(SettingsChange::IoThreads(n)));
    }
    let cores = NumberField {
        label: "Cores",
        help: "Cores that decode, filter and encode; with Processes, the number of worker processes.",
        range: 1..=logical_cores(),
        speed: 0.05,
        ..plain
    };
    if let Some(n) = cores.show(ui, enabled, settings.cores) {
        out.push(Action::ChangeSettings(SettingsChange::Cores(n)));
    }
    let memory = NumberField {
        label: "Memory for pictures",
        help: "Memory for all pictures in flight; a picture that needs more is processed alone.",
        suffix: " MiB",
        range: *MEMORY_MIB.start() as usize..=*MEMORY_MIB.end() as usize,
        speed: 16.0,
        ..plain
    };
    if let Some(mib) = memory.show(ui, enabled, (settings.memory_bytes >> 20) as usize) {
        out.push(Action::ChangeSettings(SettingsChange::MemoryMib(mib as u64)));
    }
    let queue = NumberField {
        label: "Queue length",
        help: "Pictures that may be between reading and writing with Both; 0 for automatic, which keeps every thread and core busy.",
        zero: Some("automatic"),
        range: 0..=*QUEUE.end(),
        ..plain
    };
    if let Some(n) = queue.show(ui, enabled, settings.queue.unwrap_or(0)) {
        out.push(Action::ChangeSettings(SettingsChange::Queue((n > 0).then_some(n))));
    }
    let time_limit = NumberField {
        label: "Time limit per picture",
        help: "With Processes: a worker that takes longer for one picture is killed, that picture fails, and the rest goes on.",
        suffix: " s",
        range: *TIME_LIMIT_SECS.start() as usize..=*TIME_LIMIT_SECS.end() as usize,
        speed: 0.5,
        ..plain
    };
    if let Some(secs) = time_limit.show(ui, enabled, settings.time_limit_secs as usize) {
        out.push(Action::ChangeSettings(SettingsChange::TimeLimitSecs(secs as u32)));
    }
}

fn simulated_source(ui: &mut Ui, state: &State, out: &mut Vec<Action>) {
    let settings = &state.settings;
    let enabled = state.disabled_reason(&Action::ChangeSettings(SettingsChange::SlowSource(None))).is_none();
    let source = settings.slow_source;
    let mut set = |source| out.push(Action::ChangeSettings(SettingsChange::SlowSource(source)));
    ui.horizontal(|ui| {
        ui.add_space(10.0);
        let mut on = source.is_some();
        let help =
            "Pretend that the pictures come from a slow disk or network, to see waiting on a fast one. Never saved.";
        let response = ui.add_enabled(enabled, Checkbox::new(&mut on, "Simulate a slow source"));
        if response.on_hover_text(help).changed() {
            set(on.then_some(DEFAULT_SOURCE));
        }
    });
    let shown = source.unwrap_or(DEFAULT_SOURCE);
    if let Some(edited) = slow_source_fields(ui, enabled && source.is_some(), shown, INDENT + 8.0) {
        set(Some(edited));
    }
    ui.horizontal(|ui| {
        ui.add_space(10.0);
        let note = "Runs with it are marked as simulated. It is off again the next time Lightloom starts.";
        ui.add(Label::new(RichText::new(note).small().color(Palette::of(ui).weak)).wrap());
    });
}
