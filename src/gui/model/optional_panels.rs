//! The panels, and what lies over the preview, that the user can show and hide, as the View menu lists them.

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
    /// The section of the menu that it is in.
    pub section: u8,
    /// Whether it is shown until the user hides it.
    pub shown_at_first: bool,
}

pub static TIMELINE: OptionalPanel = OptionalPanel {
    id: "timeline",
    title: "Timeline",
    help: "Show what every thread and core does, live and after the run.",
    shortcut: Some(KeyboardShortcut::new(Modifiers::COMMAND, Key::T)),
    section: 2,
    shown_at_first: false,
};

pub static COMPARISON: OptionalPanel = OptionalPanel {
    id: "comparison",
    title: "Comparison Strip",
    help: "Compare the runs of these pictures in a strip, once there are two.",
    shortcut: None,
    section: 2,
    shown_at_first: true,
};

pub static CHANGES: OptionalPanel = OptionalPanel {
    id: "changes",
    title: "Changes",
    help: "List what was changed below the filters; click a change to go back to it, or forth again.",
    shortcut: None,
    section: 2,
    shown_at_first: false,
};

const fn over_preview(
    id: &'static str,
    title: &'static str,
    help: &'static str,
    key: Key,
    shown_at_first: bool,
) -> OptionalPanel {
    let shortcut = Some(KeyboardShortcut::new(Modifiers::NONE, key));
    OptionalPanel { id, title, help, shortcut, section: 0, shown_at_first }
}

pub static HISTOGRAM: OptionalPanel = over_preview(
    "histogram",
    "Histogram",
    "How often each brightness occurs in original and result, and where values are clipped.",
    Key::H,
    false,
);

pub static LOUPE: OptionalPanel =
    over_preview("loupe", "Loupe", "Show what is under the pointer pixel for pixel, or larger.", Key::L, false);

pub static PIXEL_VALUES: OptionalPanel = over_preview(
    "pixel values",
    "Pixel Values",
    "Write place and colour of the pixel under the pointer, of original and result.",
    Key::P,
    false,
);

pub static NAVIGATOR: OptionalPanel = over_preview(
    "navigator",
    "Navigator",
    "While only a part of the picture is shown, show which, in a corner.",
    Key::N,
    true,
);

pub static METADATA: OptionalPanel = over_preview(
    "metadata",
    "Metadata",
    "List what the file says beside its pixels, and what of it the result has.",
    Key::I,
    false,
);

/// All of them, in the order of the menu.
pub static OPTIONAL_PANELS: [&OptionalPanel; 8] =
    [&METADATA, &HISTOGRAM, &PIXEL_VALUES, &LOUPE, &NAVIGATOR, &CHANGES, &TIMELINE, &COMPARISON];
