//! The Workers menu: who carries the work, with how many, how much memory, what is refused, and how slow a source is
//! simulated.

use std::ops::RangeInclusive;

use egui::containers::menu::{MenuConfig, SubMenuButton};
use egui::{DragValue, PopupCloseBehavior, RichText, Ui};

use super::action::Action;
use super::face::Menu;
use super::limits;
use super::menu::{self, WIDTH};
use super::saved::{IO_THREADS, MEMORY_MIB, QUEUE, TIME_LIMIT_SECS};
use super::state::State;
use super::theme::{self, Palette};
use super::widgets::{Icon, icon_atom};
use crate::batch::{Priority, SlowSource, logical_cores};

/// Room before names in a menu, as entries with a mark have it.
const INDENT: f32 = 26.0;
/// Longest simulated latency, in milliseconds.
pub const LATENCY_MS: RangeInclusive<usize> = 0..=2000;
/// Largest simulated bandwidth, in MiB/s.
pub const MIB_PER_SEC: RangeInclusive<usize> = 0..=1000;
/// What a simulated source begins with.
pub const FIRST_SOURCE: SlowSource = SlowSource { latency_ms: 50, mib_per_sec: None };

/// A number with its name, as an entry of a menu or a line of a form.
pub struct Number<'a> {
    /// Its name.
    pub label: &'a str,
    /// Its tooltip.
    pub help: &'a str,
    /// What follows it.
    pub suffix: &'a str,
    /// The word for 0, if 0 has one.
    pub zero: Option<&'a str>,
    /// Its bounds.
    pub range: RangeInclusive<usize>,
    /// Change for each point of a drag.
    pub speed: f64,
    /// Room before the name.
    pub indent: f32,
}

impl Number<'_> {
    /// Draws it; gives the new value if it was changed.
    pub fn show(&self, ui: &mut Ui, enabled: bool, value: usize) -> Option<usize> {
        let mut edited = value;
        ui.horizontal(|ui| {
            ui.spacing_mut().item_spacing.x = 0.0;
            ui.add_space(self.indent);
            let name = ui.label(self.label);
            // A field looks like one, in a menu too.
            let palette = Palette::of(ui);
            ui.visuals_mut().widgets.inactive.weak_bg_fill = palette.raised;
            ui.visuals_mut().widgets.inactive.bg_stroke = egui::Stroke::new(1.0, palette.edge);
            ui.with_layout(egui::Layout::right_to_left(egui::Align::Center), |ui| {
                let field = DragValue::new(&mut edited).range(self.range.clone()).speed(self.speed);
                let field = match self.zero {
                    Some(word) if value == 0 => field.custom_formatter(move |_, _| word.to_owned()),
                    _ => field.suffix(self.suffix),
                };
                ui.add_enabled(enabled, field)
                    .labelled_by(name.id)
                    .on_hover_text(self.help)
                    .on_disabled_hover_text("Not while a run is under way.");
            });
        });
        (edited != value).then_some(edited)
    }
}

/// Draws the menu's contents.
pub fn menu(ui: &mut Ui, state: &State, out: &mut Vec<Action>) {
    for action in Action::all_in_menus() {
        if let Some(face) = action.face().filter(|f| f.menu == Menu::Workers && f.section == 0) {
            menu::entry(ui, action, &face, state, out);
        }
    }
    ui.separator();
    numbers(ui, state, out);
    ui.separator();
    let nothing = || icon_atom(Icon::None, 8.0);
    SubMenuButton::new((nothing(), "Priority")).config(menu::config()).ui(ui, |ui| {
        ui.set_width(WIDTH);
        for action in Priority::ALL.map(Action::SetPriority) {
            if let Some(face) = action.face() {
                menu::entry(ui, action, &face, state, out);
            }
        }
    });
    let stays = || {
        MenuConfig::new()
            .style(theme::menu_style as fn(&mut egui::Style))
            .close_behavior(PopupCloseBehavior::CloseOnClickOutside)
    };
    SubMenuButton::new((nothing(), "Simulated Source")).config(stays()).ui(ui, |ui| {
        ui.set_width(WIDTH + 20.0);
        simulated(ui, state, out);
    });
    SubMenuButton::new((nothing(), "Limits")).config(stays()).ui(ui, |ui| {
        ui.set_width(WIDTH + 20.0);
        limits::menu(ui, state, out);
    });
    let mut first = true;
    for action in Action::all_in_menus() {
        if let Some(face) = action.face().filter(|f| f.menu == Menu::Workers && f.section > 1) {
            if std::mem::take(&mut first) {
                ui.separator();
            }
            menu::entry(ui, action, &face, state, out);
        }
    }
}

fn numbers(ui: &mut Ui, state: &State, out: &mut Vec<Action>) {
    let (settings, enabled) = (&state.settings, state.why_not(&Action::SetCores(1)).is_none());
    let plain = Number { label: "", help: "", suffix: "", zero: None, range: 1..=1, speed: 0.1, indent: INDENT };
    let io_threads = Number {
        label: "I/O threads",
        help: "Threads that read and write files; under Threads, that carry whole pictures.",
        range: IO_THREADS,
        ..plain
    };
    if let Some(n) = io_threads.show(ui, enabled, settings.io_threads) {
        out.push(Action::SetIoThreads(n));
    }
    let cores = Number {
        label: "Cores",
        help: "Cores that decode, filter and encode; under Processes, worker processes.",
        range: 1..=logical_cores(),
        speed: 0.05,
        ..plain
    };
    if let Some(n) = cores.show(ui, enabled, settings.cores) {
        out.push(Action::SetCores(n));
    }
    let memory = Number {
        label: "Memory for pictures",
        help: "Memory for all pictures in flight; a picture that needs more is carried alone.",
        suffix: " MiB",
        range: *MEMORY_MIB.start() as usize..=*MEMORY_MIB.end() as usize,
        speed: 16.0,
        ..plain
    };
    if let Some(n) = memory.show(ui, enabled, (settings.memory_bytes >> 20) as usize) {
        out.push(Action::SetMemory(n as u64));
    }
    let queue = Number {
        label: "Queue length",
        help: "Pictures that may be between reading and writing under Both; 0 for automatic, which keeps every thread and core busy.",
        zero: Some("automatic"),
        range: 0..=*QUEUE.end(),
        ..plain
    };
    if let Some(n) = queue.show(ui, enabled, settings.queue.unwrap_or(0)) {
        out.push(Action::SetQueue((n > 0).then_some(n)));
    }
    let limit = Number {
        label: "Time limit for a picture",
        help: "Under Processes: a worker that takes longer for one picture is ended, that picture fails, and the rest goes on.",
        suffix: " s",
        range: *TIME_LIMIT_SECS.start() as usize..=*TIME_LIMIT_SECS.end() as usize,
        speed: 0.5,
        ..plain
    };
    if let Some(n) = limit.show(ui, enabled, settings.time_limit_secs as usize) {
        out.push(Action::SetTimeLimit(n as u32));
    }
}

fn simulated(ui: &mut Ui, state: &State, out: &mut Vec<Action>) {
    let palette = Palette::of(ui);
    let enabled = state.why_not(&Action::SetSlowSource(None)).is_none();
    let source = state.settings.slow_source;
    ui.horizontal(|ui| {
        ui.add_space(10.0);
        let mut on = source.is_some();
        let help = "Pretend that the pictures come from a slow disk or network, to see waiting on a fast one. Never remembered.";
        let response = ui.add_enabled(enabled, egui::Checkbox::new(&mut on, "Simulate a slow source"));
        if response.on_hover_text(help).changed() {
            out.push(Action::SetSlowSource(on.then_some(FIRST_SOURCE)));
        }
    });
    let shown = source.unwrap_or(FIRST_SOURCE);
    if let Some(edited) = source_numbers(ui, enabled && source.is_some(), shown, INDENT + 8.0) {
        out.push(Action::SetSlowSource(Some(edited)));
    }
    ui.horizontal(|ui| {
        ui.add_space(10.0);
        let words = "Runs with it are marked as simulated. It is off again at the next start.";
        ui.add(egui::Label::new(RichText::new(words).small().color(palette.weak)).wrap());
    });
}

/// Latency and bandwidth of a simulated source; gives it anew if one of them was changed.
pub fn source_numbers(ui: &mut Ui, enabled: bool, source: SlowSource, indent: f32) -> Option<SlowSource> {
    let latency = Number {
        label: "Latency",
        help: "Milliseconds before a file's first byte; they overlap where several files are read at once.",
        suffix: " ms",
        zero: None,
        range: LATENCY_MS,
        speed: 1.0,
        indent,
    };
    let bandwidth = Number {
        label: "Bandwidth",
        help: "MiB a second that all readers share; 0 for as fast as the disk is.",
        suffix: " MiB/s",
        zero: Some("unlimited"),
        range: MIB_PER_SEC,
        speed: 0.5,
        indent,
    };
    let mut edited = source;
    if let Some(n) = latency.show(ui, enabled, source.latency_ms as usize) {
        edited.latency_ms = n as u32;
    }
    if let Some(n) = bandwidth.show(ui, enabled, source.mib_per_sec.unwrap_or(0) as usize) {
        edited.mib_per_sec = (n > 0).then_some(n as u32);
    }
    (edited != source).then_some(edited)
}
