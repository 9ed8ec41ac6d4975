//! The value of a parameter, and how it is written.

use std::any::Any;
use std::fmt;
use std::sync::Arc;

use crate::shown::shown_text;

/// The value of a parameter.
#[derive(Debug, Clone, PartialEq)]
pub enum Value {
    /// For [`ParamKind::Number`](crate::ParamKind::Number).
    Number(f64),
    /// For [`ParamKind::Integer`](crate::ParamKind::Integer).
    Integer(i64),
    /// For [`ParamKind::Choice`](crate::ParamKind::Choice).
    Choice(&'static str),
    /// For [`ParamKind::Toggle`](crate::ParamKind::Toggle).
    Toggle(bool),
    /// For [`ParamKind::Ratio`](crate::ParamKind::Ratio): width and height, each above zero.
    Ratio(f64, f64),
    /// For [`ParamKind::Text`](crate::ParamKind::Text); shared, so that copies of a recipe stay cheap.
    Text(Arc<str>),
    /// For [`ParamKind::Colour`](crate::ParamKind::Colour).
    Colour(Colour),
    /// For [`ParamKind::File`](crate::ParamKind::File).
    File(FileValue),
}

impl fmt::Display for Value {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Number(n) => write!(f, "{n}"),
            Self::Integer(n) => write!(f, "{n}"),
            Self::Choice(word) => f.write_str(word),
            Self::Toggle(on) => write!(f, "{on}"),
            Self::Ratio(w, h) => write!(f, "{w}:{h}"),
            Self::Text(text) => f.write_str(text),
            Self::Colour(colour) => write!(f, "{colour}"),
            Self::File(file) => f.write_str(file.path()),
        }
    }
}

/// A colour in encoded sRGB with straight alpha, 8 bits each.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Colour(pub [u8; 4]);

impl Colour {
    /// Opaque white.
    pub const WHITE: Self = Self([255; 4]);
    /// Opaque black.
    pub const BLACK: Self = Self([0, 0, 0, 255]);

    /// Reads `#rgb`, `#rrggbb` or `#rrggbbaa`, the number sign optional.
    pub fn parse(text: &str) -> Option<Self> {
        let digits = text.strip_prefix('#').unwrap_or(text);
        let nibbles: Vec<u8> = digits.chars().map(|c| c.to_digit(16).map(|d| d as u8)).collect::<Option<_>>()?;
        let byte = |i: usize| nibbles[2 * i] << 4 | nibbles[2 * i + 1];
        match nibbles[..] {
            [r, g, b] => Some(Self([r * 17, g * 17, b * 17, 255])),
            [..] if nibbles.len() == 6 => Some(Self([byte(0), byte(1), byte(2), 255])),
            [..] if nibbles.len() == 8 => Some(Self([byte(0), byte(1), byte(2), byte(3)])),
            _ => None,
        }
    }

    /// Red, green and blue in 0–1.
    pub fn rgb(self) -> [f32; 3] {
        let [r, g, b, _] = self.0;
        [r, g, b].map(|v| f32::from(v) / 255.0)
    }

    /// Opacity in 0–1.
    pub fn alpha(self) -> f32 {
        f32::from(self.0[3]) / 255.0
    }

    /// Whether nothing shows through it.
    pub const fn is_opaque(self) -> bool {
        self.0[3] == u8::MAX
    }

    /// Whether it has no hue.
    pub const fn is_grey(self) -> bool {
        self.0[0] == self.0[1] && self.0[1] == self.0[2]
    }
}

impl fmt::Display for Colour {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let [r, g, b, a] = self.0;
        write!(f, "#{r:02x}{g:02x}{b:02x}")?;
        if a == 255 { Ok(()) } else { write!(f, "{a:02x}") }
    }
}

/// Width ÷ height.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Ratio(pub f64);

/// What a file holds, in the form in which it is used.
pub type FileContent = Arc<dyn Any + Send + Sync>;

/// A file that a recipe refers to: its path and, once it has been loaded, what it holds.
#[derive(Debug, Clone, Default)]
pub struct FileValue {
    path: Arc<str>,
    loaded: Option<Result<FileContent, Arc<str>>>,
}

impl PartialEq for FileValue {
    /// The path alone counts: what was loaded is a copy of what stands there.
    fn eq(&self, other: &Self) -> bool {
        self.path == other.path
    }
}

impl FileValue {
    /// A file that has not been loaded.
    pub fn new(path: &str) -> Self {
        Self { path: path.into(), loaded: None }
    }

    /// The path as it was given; empty if there is none.
    pub fn path(&self) -> &str {
        &self.path
    }

    /// Remembers what the file holds or, where none is named, what stands in for it; or why it cannot be used.
    pub fn set_loaded(&mut self, loaded: Result<FileContent, String>) {
        self.loaded = Some(loaded.map_err(Into::into));
    }

    /// What it holds; `None` if no file is named and nothing stands in for one.
    ///
    /// # Errors
    /// If the file has not been loaded, could not be, or holds something else than a `T`.
    pub fn content<T: Any + Send + Sync>(&self) -> Result<Option<Arc<T>>, String> {
        match &self.loaded {
            None if self.path.is_empty() => Ok(None),
            Some(Ok(content)) => match Arc::clone(content).downcast() {
                Ok(content) => Ok(Some(content)),
                Err(_) => Err(format!("the file {} holds something else than is needed here", shown_text(&self.path))),
            },
            Some(Err(reason)) => Err(format!("the file {} cannot be used: {reason}", shown_text(&self.path))),
            None => Err(format!("the file {} has not been loaded", shown_text(&self.path))),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn colours_are_read_as_they_are_written() {
        for (text, colour, written) in [
            ("#fff", [255, 255, 255, 255], "#ffffff"),
            ("f80", [255, 136, 0, 255], "#ff8800"),
            ("#01020304", [1, 2, 3, 4], "#01020304"),
            ("0A0b0C", [10, 11, 12, 255], "#0a0b0c"),
        ] {
            assert_eq!(Colour::parse(text), Some(Colour(colour)), "{text}");
            assert_eq!(Colour(colour).to_string(), written);
        }
        for text in ["", "#", "#ff", "#ffff", "#fffff", "#fffffff", "#ggg", "red", "#12345é"] {
            assert_eq!(Colour::parse(text), None, "{text}");
        }
    }
}
