//! The arrangement of the window: which panel stands where.

use std::path::PathBuf;

use egui::{CentralPanel, Frame, KeyboardShortcut, Margin, Panel, Stroke, Ui};

use super::action::Action;
use super::theme::{self, GRID, Palette};
use super::{App, compare, empty, files, input, lab, menu, modals, only, preview, progress, stack, timeline, toolbar};

/// Least height of the timeline.
const TIMELINE: f32 = 132.0;

/// What panels remember between frames; nothing that an export depends on.
#[derive(Debug)]
pub struct Panels {
    /// All shortcuts, most modifiers first.
    pub shortcuts: Vec<(KeyboardShortcut, Action)>,
    /// The current picture is to be scrolled into sight.
    pub reveal_current: bool,
    /// This filter is to be scrolled into sight.
    pub reveal_step: Option<usize>,
    /// How far the list is scrolled.
    pub list_offset: f32,
    /// Height of its visible part.
    pub list_height: f32,
    /// Number of presses of the pointer so far, which tells gestures apart.
    pub presses: u64,
    /// The folder that holds all results of the run.
    pub folder: Option<PathBuf>,
    /// The timeline has the keyboard.
    pub in_timeline: bool,
    /// Where the lab's results stand on the screen.
    pub lab_results: Option<egui::Rect>,
    /// The person has said yes to quitting.
    pub quitting: bool,
}

impl Default for Panels {
    fn default() -> Self {
        Self {
            shortcuts: Action::shortcuts(),
            reveal_current: false,
            reveal_step: None,
            list_offset: 0.0,
            list_height: 0.0,
            presses: 0,
            folder: None,
            in_timeline: false,
            lab_results: None,
            quitting: false,
        }
    }
}

/// Draws the whole window.
pub fn show(ui: &mut Ui, app: &mut App, out: &mut Vec<Action>) {
    let palette = Palette::of(ui);
    let App { state, thumbs, preview, panels, .. } = app;
    panels.presses += u64::from(ui.input(|i| i.pointer.any_pressed()));
    input::collect(ui.ctx(), state, panels, out);

    let bar = Frame::new().fill(palette.panel).inner_margin(Margin::symmetric(8, 2));
    Panel::top("menu bar").frame(bar).show_separator_line(false).show(ui, |ui| menu::bar(ui, state, out));
    let tools = Frame::new().fill(palette.panel).inner_margin(Margin::symmetric(12, 8));
    Panel::top("toolbar").frame(tools).resizable(false).show(ui, |ui| toolbar::show(ui, state, out));

    let below = Frame::new().fill(palette.panel).inner_margin(Margin::symmetric(16, 10));
    Panel::bottom("progress")
        .frame(below)
        .exact_size(68.0)
        .resizable(false)
        .show(ui, |ui| progress::show(ui, state, out));
    panels.in_timeline = false;
    if let Some(tab) = state.lab.tab {
        lab::show(ui, state, tab, panels, out);
        modals::show(ui, state, panels, out);
        input::hover_overlay(ui, state);
        return;
    }
    if state.look.comparison && !state.comparison().rows.is_empty() {
        let frame = Frame::new().fill(palette.panel).inner_margin(Margin::symmetric(16, 10));
        Panel::bottom("comparison").frame(frame).resizable(false).show(ui, |ui| compare::show(ui, state));
    }

    if state.look.timeline && state.timelines.shown().is_some() {
        let frame = Frame::new().fill(palette.panel).inner_margin(Margin { left: 16, right: 12, top: 6, bottom: 8 });
        let most = (ui.available_height() - 180.0).max(TIMELINE);
        panels.in_timeline = Panel::bottom("timeline")
            .frame(frame)
            .resizable(true)
            .default_size((0.42 * ui.available_height()).clamp(TIMELINE, 272.0))
            .size_range(TIMELINE..=most)
            .show(ui, |ui| timeline::show(ui, state, out))
            .inner;
    }

    let side = Frame::new().fill(palette.panel).inner_margin(theme::PANEL_MARGIN);
    let has_list = !state.pictures.is_empty() || !state.pictures.problems.is_empty();
    if has_list {
        Panel::left("pictures")
            .frame(side)
            .default_size(304.0)
            .size_range(240.0..=420.0)
            .show(ui, |ui| files::show(ui, state, thumbs, panels, out));
    }
    Panel::right("filters").frame(side).default_size(288.0).size_range(264.0..=420.0).show(ui, |ui| {
        if state.pictures.current().is_some() {
            only::show(ui, state, panels, out);
            ui.add_space(GRID);
        }
        stack::show(ui, state, panels, out);
    });

    let centre = Frame::new().fill(palette.window).inner_margin(Margin::ZERO);
    CentralPanel::default().frame(centre).show(ui, |ui| {
        if state.pictures.is_empty() {
            empty::show(ui, state, out);
        } else {
            preview::show(ui, state, preview, out);
        }
    });

    modals::show(ui, state, panels, out);
    input::hover_overlay(ui, state);
}

/// A quiet box on a panel.
pub fn card(ui: &Ui) -> Frame {
    let palette = Palette::of(ui);
    Frame::new()
        .fill(palette.raised)
        .stroke(Stroke::new(1.0, palette.border))
        .corner_radius(theme::CARD_ROUND)
        .inner_margin(Margin::same(GRID as i8 + 2))
}
