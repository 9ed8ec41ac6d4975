//! How a picture is written: the options of all formats, as data. Recipes, the command line and the window iterate
//! [`OPTIONS`]; encoders read the fields of [`EncodeOptions`].

/// Values of every option. One that a format does not know is ignored by it.
#[derive(Debug, Clone, PartialEq)]
pub struct EncodeOptions {
    /// Quality of lossy formats, 1–100. Default: 90.
    pub quality: u8,
}

impl Default for EncodeOptions {
    fn default() -> Self {
        Self { quality: 90 }
    }
}

impl EncodeOptions {
    /// The usual values with this quality.
    pub fn with_quality(quality: u8) -> Self {
        Self { quality, ..Self::default() }
    }
}
