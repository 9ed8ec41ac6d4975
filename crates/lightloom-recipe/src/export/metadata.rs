//! Which metadata results get.

use std::fmt::Write as _;

use toml::Value as Toml;

use super::KeyError;
use super::colour::named;
use lightloom_picture::{Keep, MetadataEdit};

/// What of a source's metadata results get, and what is set in all of them.
#[derive(Debug, Clone, PartialEq)]
pub struct MetadataChoice {
    /// How much is kept. Default: all.
    pub keep: Keep,
    /// Whether the colour profile is embedded. Default: yes. Without it, colours of other spaces than sRGB are shown
    /// wrongly.
    pub profile: bool,
    /// Who made the pictures; empty leaves it as it is.
    pub artist: String,
    /// Copyright notice; empty leaves it as it is.
    pub copyright: String,
    /// Resolution in pixels per inch; none leaves it as it is.
    pub dpi: Option<f64>,
    /// Whether results get the modification times of their sources. Default: yes.
    pub file_times: bool,
}

impl Default for MetadataChoice {
    fn default() -> Self {
        Self {
            keep: Keep::All,
            profile: true,
            artist: String::new(),
            copyright: String::new(),
            dpi: None,
            file_times: true,
        }
    }
}

/// Resolutions that can be set, in pixels per inch.
pub const DPI: std::ops::RangeInclusive<f64> = 1.0..=10_000.0;

impl MetadataChoice {
    /// The changes to a picture's metadata.
    pub(super) fn edit(&self) -> MetadataEdit {
        MetadataEdit {
            keep: self.keep,
            artist: self.artist.clone(),
            copyright: self.copyright.clone(),
            dpi: self.dpi,
            ..MetadataEdit::default()
        }
    }

    /// The table of a recipe; empty if nothing differs from the default.
    pub fn to_toml(&self, header: &str) -> String {
        let usual = Self::default();
        if *self == usual {
            return String::new();
        }
        let mut out = format!("\n[{header}]\nkeep = \"{}\"\n", self.keep.id());
        for (key, value, usual) in
            [("profile", self.profile, usual.profile), ("file_times", self.file_times, usual.file_times)]
        {
            if value != usual {
                let _ = writeln!(out, "{key} = {value}");
            }
        }
        for (key, text) in [("artist", &self.artist), ("copyright", &self.copyright)] {
            if !text.is_empty() {
                let _ = writeln!(out, "{key} = {}", Toml::String(text.clone()));
            }
        }
        if let Some(dpi) = self.dpi {
            let _ = writeln!(out, "dpi = {dpi:?}");
        }
        out
    }

    /// Reads what [`Self::to_toml`] writes.
    ///
    /// # Errors
    /// On anything that is not exactly that.
    pub fn from_toml(value: &Toml) -> Result<Self, KeyError> {
        let error = |key: &str, problem: String| KeyError::new(&format!("metadata: {key}"), problem);
        let table = value.as_table().ok_or_else(|| KeyError::new("metadata", "must be a table: [export.metadata]"))?;
        let mut choice = Self::default();
        for (key, value) in table {
            let switch = || value.as_bool().ok_or_else(|| error(key, "must be true or false".to_owned()));
            let text = || value.as_str().map(str::to_owned).ok_or_else(|| error(key, "must be a text".to_owned()));
            match key.as_str() {
                "keep" => choice.keep = keep(value.as_str().unwrap_or_default()).map_err(|e| error(key, e))?,
                "profile" => choice.profile = switch()?,
                "file_times" => choice.file_times = switch()?,
                "artist" => choice.artist = text()?,
                "copyright" => choice.copyright = text()?,
                "dpi" => {
                    let number = value.as_float().or_else(|| value.as_integer().map(|n| n as f64));
                    choice.dpi = Some(number.filter(|n| DPI.contains(n)).ok_or_else(|| {
                        error(key, format!("{value} is not a number from {} to {}", DPI.start(), DPI.end()))
                    })?);
                }
                other => {
                    let known = "unknown; metadata has keep, profile, artist, copyright, dpi and file_times";
                    return Err(error(other, known.to_owned()));
                }
            }
        }
        Ok(choice)
    }
}

/// Reads how much is kept.
///
/// # Errors
/// With the names that there are.
pub fn keep(word: &str) -> Result<Keep, String> {
    named(word, &Keep::ALL, Keep::id)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parsed(text: &str) -> Result<MetadataChoice, KeyError> {
        MetadataChoice::from_toml(&Toml::Table(text.parse().unwrap()))
    }

    #[test]
    fn every_choice_survives_the_round_trip() {
        assert_eq!(MetadataChoice::default().to_toml("m"), "");
        for keep in Keep::ALL {
            let choice = MetadataChoice {
                keep,
                profile: false,
                artist: "Zoë \"Z\"\nX".to_owned(),
                copyright: "©".to_owned(),
                dpi: Some(240.5),
                file_times: false,
            };
            assert_eq!(parsed(&choice.to_toml("m").replace("[m]", "")), Ok(choice));
        }
    }

    #[test]
    fn mistakes_are_named() {
        let problem = |text: &str| parsed(text).map_err(|e| format!("{}: {}", e.key, e.problem)).unwrap_err();
        assert!(problem("keep = 'location'").contains("no-location"));
        assert!(problem("dpi = 0").contains("1 to 10000"));
        assert!(problem("artist = 1").contains("text"));
        assert!(problem("author = 'me'").contains("artist"));
    }
}
