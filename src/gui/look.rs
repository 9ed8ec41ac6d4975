//! How the window is arranged, and what the preview shows.

/// How the window is arranged.
#[derive(Debug, Clone, PartialEq)]
pub struct Look {
    /// Light, dark, or as the system says.
    pub theme: egui::ThemePreference,
    /// Whether the comparison is shown.
    pub comparison: bool,
    /// Whether the timeline is shown.
    pub timeline: bool,
    /// Whether pictures are shown as a contact sheet rather than a list.
    pub sheet: bool,
    /// Whether only failures are listed.
    pub only_failed: bool,
    /// What the preview shows.
    pub shown: Shown,
    /// How large the preview shows it.
    pub zoom: Zoom,
    /// Whether the preview shows the result as its file will hold it.
    pub encoded: bool,
    /// Which output of the recipe the preview shows, counted from 0.
    pub output: usize,
    /// Whether the filters of that output alone are edited, rather than the common ones.
    pub own_stack: bool,
    /// Whether the window fills the screen.
    pub full_screen: bool,
}

impl Default for Look {
    fn default() -> Self {
        Self {
            theme: egui::ThemePreference::System,
            comparison: true,
            timeline: true,
            sheet: false,
            only_failed: false,
            shown: Shown::After,
            zoom: Zoom::Fit,
            encoded: false,
            output: 0,
            own_stack: false,
            full_screen: false,
        }
    }
}

/// What the preview shows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Shown {
    /// The result.
    After,
    /// The original on the left, the result on the right.
    Split,
    /// The original.
    Before,
}

/// How large the preview shows a picture.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Zoom {
    /// As large as fits.
    Fit,
    /// Screen pixels for each pixel of the result.
    Scale(f32),
}
