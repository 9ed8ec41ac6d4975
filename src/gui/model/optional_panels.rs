//! The panels that the user can show and hide, as the View menu lists them.

use egui::{Key, KeyboardShortcut, Modifiers};

/// A panel that can be hidden.
#[derive(Debug, PartialEq)]
pub struct OptionalPanel {
    /// By which saved settings know it.
    pub id: &'static str,
    pub title: &'static str,
    /// Tooltip of its menu entry.
    pub help: &'static str,
    pub shortcut: Option<KeyboardShortcut>,
    /// Whether it is shown until the user hides it.
    pub shown_at_first: bool,
}

pub static TIMELINE: OptionalPanel = OptionalPanel {
    id: "timeline",
    title: "Timeline",
    help: "Show what every thread and core does, live and after the run.",
    shortcut: Some(KeyboardShortcut::new(Modifiers::COMMAND, Key::T)),
    shown_at_first: false,
};

pub static COMPARISON: OptionalPanel = OptionalPanel {
    id: "comparison",
    title: "Comparison Strip",
    help: "Compare the runs of these pictures in a strip, once there are two.",
    shortcut: None,
    shown_at_first: true,
};

/// All of them, in the order of the menu.
pub static OPTIONAL_PANELS: [&OptionalPanel; 2] = [&TIMELINE, &COMPARISON];
