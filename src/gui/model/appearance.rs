//! How the window is arranged, and what the preview shows.

use std::collections::BTreeSet;

use crate::gui::model::optional_panels::{OPTIONAL_PANELS, OptionalPanel};

/// How the window is arranged.
#[derive(Debug, Clone, PartialEq)]
pub struct Appearance {
    pub theme: Theme,
    /// How large the interface is, in percent of its usual size.
    pub interface_percent: u16,
    /// Ids of the optional panels that are hidden.
    pub hidden_panels: BTreeSet<&'static str>,
    /// Whether the pictures are shown as a contact sheet rather than a list.
    pub sheet: bool,
    /// Whether only failures are listed.
    pub only_failed: bool,
    pub preview_mode: PreviewMode,
    pub zoom: Zoom,
    /// Whether the preview shows the result as its file will hold it.
    pub encoded: bool,
    /// Which output of the recipe the preview shows, counted from 0.
    pub output: usize,
    /// Whether the filters of that output alone are edited, rather than the common ones.
    pub own_stack: bool,
    pub full_screen: bool,
}

impl Default for Appearance {
    fn default() -> Self {
        Self {
            theme: Theme::System,
            interface_percent: 100,
            hidden_panels: OPTIONAL_PANELS.iter().filter(|panel| !panel.shown_at_first).map(|panel| panel.id).collect(),
            sheet: false,
            only_failed: false,
            preview_mode: PreviewMode::After,
            zoom: Zoom::Fit,
            encoded: false,
            output: 0,
            own_stack: false,
            full_screen: false,
        }
    }
}

impl Appearance {
    /// Whether the user wants to see `panel`.
    pub fn shows(&self, panel: &OptionalPanel) -> bool {
        !self.hidden_panels.contains(panel.id)
    }

    pub fn set_shown(&mut self, panel: &OptionalPanel, shown: bool) {
        if shown {
            self.hidden_panels.remove(panel.id);
        } else {
            self.hidden_panels.insert(panel.id);
        }
    }
}

/// How large the interface can be, in percent of its usual size.
pub const INTERFACE_PERCENTS: [u16; 8] = [75, 90, 100, 110, 125, 150, 175, 200];

impl Appearance {
    /// The interface `by` steps larger, or smaller if negative.
    pub fn step_interface(&mut self, by: isize) {
        let now = INTERFACE_PERCENTS.partition_point(|percent| *percent < self.interface_percent);
        let next = now.saturating_add_signed(by).min(INTERFACE_PERCENTS.len() - 1);
        self.interface_percent = INTERFACE_PERCENTS[next];
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Theme {
    /// Light or dark, as the system is set.
    System,
    Light,
    Dark,
}

/// What the preview shows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PreviewMode {
    /// The result.
    After,
    /// The original on the left of a line, the result on its right.
    Split,
    /// Both beside each other, each of them whole.
    SideBySide,
    /// The original.
    Before,
}

impl PreviewMode {
    /// All modes, as they are offered.
    pub const ALL: [Self; 4] = [Self::Before, Self::Split, Self::SideBySide, Self::After];
}

/// How large the preview shows a picture.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Zoom {
    /// As large as fits.
    Fit,
    /// Screen pixels per pixel of the result.
    Scale(f32),
}

impl Zoom {
    /// Screen pixels per pixel of the result, where `fit` of them make it just fit.
    pub const fn scale(self, fit: f32) -> f32 {
        match self {
            Self::Fit => fit,
            Self::Scale(scale) => scale,
        }
    }

    /// Screen pixels per pixel in a loupe over a picture that has `now` of them.
    pub const fn of_loupe(now: f32) -> f32 {
        (2.0 * now).clamp(1.0, 16.0_f32.max(now))
    }

    /// `factor` times as large, within bounds.
    pub fn zoomed(self, factor: f32, fit: f32) -> Self {
        Self::Scale((self.scale(fit) * factor).clamp(0.02, 16.0))
    }

    /// As [`Self::zoomed`], in steps that stop at 100 %.
    pub fn stepped(self, factor: f32, fit: f32) -> Self {
        let now = self.scale(fit.max(0.01));
        let next = Self::Scale(now).zoomed(factor, fit);
        let Self::Scale(scale) = next else { return next };
        if (now < 0.99 && scale > 1.0) || (now > 1.01 && scale < 1.0) { Self::Scale(1.0) } else { next }
    }
}
