//! The user's presets, as far as the window knows them.

/// The user's presets.
#[derive(Debug, Default)]
pub struct Presets {
    pub names: Vec<String>,
    /// The one to be shared, while its file is asked for.
    pub sharing: Option<String>,
    /// Whether the system names no folder to keep presets in.
    pub has_no_home: bool,
}
