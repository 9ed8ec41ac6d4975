//! What a parameter is, as data: its names, its unit, which values it takes.

use crate::{Colour, Condition, FileValue, Value};

/// Describes one parameter to every front end.
#[derive(Debug)]
pub struct ParamSpec {
    /// Name in recipes and on the command line.
    pub key: &'static str,
    /// Name that a person reads.
    pub label: &'static str,
    /// What it changes, in one sentence without the final stop.
    pub help: &'static str,
    /// Unit shown behind a number, such as `px` or `%`; empty where there is none.
    pub unit: &'static str,
    /// Which values it takes.
    pub kind: ParamKind,
    /// What a person reads instead of zero where that is no amount, such as `any size`.
    pub zero: Option<&'static str>,
    /// The range of a slider, where that is narrower than what may be typed.
    pub slider: Option<(f64, f64)>,
    /// When it applies; `None` if it always does.
    pub condition: Option<Condition>,
}

/// Which values a parameter takes.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum ParamKind {
    /// A real number.
    Number {
        /// Smallest value.
        min: f64,
        /// Largest value.
        max: f64,
        /// Value of a new filter.
        default: f64,
        /// Distance between neighbouring values of a slider.
        step: f64,
        /// Whether a slider should move by ratios rather than differences.
        logarithmic: bool,
    },
    /// A whole number.
    Integer {
        /// Smallest value.
        min: i64,
        /// Largest value.
        max: i64,
        /// Value of a new filter.
        default: i64,
        /// Whether a slider should move by ratios rather than differences.
        logarithmic: bool,
    },
    /// One of some words.
    Choice {
        /// The words in menu order.
        options: &'static [&'static str],
        /// What a person reads for each word; empty where words are shown as they are, with blanks for underscores.
        titles: &'static [&'static str],
        /// The word of a new filter.
        default: &'static str,
    },
    /// Yes or no.
    Toggle {
        /// The state of a new filter.
        default: bool,
    },
    /// Width ÷ height, written as `3:2` or as a number.
    Ratio {
        /// Smallest value.
        min: f64,
        /// Largest value.
        max: f64,
        /// Value of a new filter, as width and height.
        default: (u32, u32),
    },
    /// Free text, or text of a form.
    Text {
        /// What the text must be.
        form: &'static TextForm,
        /// The text of a new filter.
        default: &'static str,
    },
    /// A colour, written as `#rrggbb` or, where it may be transparent, `#rrggbbaa`.
    Colour {
        /// The colour of a new filter.
        default: Colour,
        /// Whether it must be opaque.
        opaque: bool,
    },
    /// A file that the recipe refers to; a new filter names none.
    File {
        /// What it must hold.
        holds: FileKind,
    },
}

/// What a text parameter must be.
#[derive(Debug)]
pub struct TextForm {
    /// The allowed texts in words: `points such as 0:0,1:1`.
    pub allowed: &'static str,
    /// Whether a text is allowed.
    pub check: fn(&str) -> bool,
    /// The control that suits it.
    pub editor: Editor,
    /// Whether `{name}` and its like stand for what is known of the picture .
    pub tokens: bool,
}

impl PartialEq for TextForm {
    /// Forms are statics: the same words are the same form.
    fn eq(&self, other: &Self) -> bool {
        self.allowed == other.allowed
    }
}

/// The control that suits a text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Editor {
    /// A field.
    Line,
    /// A field of several lines.
    Lines,
    /// A tone curve with points to drag, and a field.
    Curve,
    /// The same, folded until it is used.
    FoldedCurve,
}

impl ParamKind {
    /// The value of a new filter.
    pub fn default(&self) -> Value {
        match *self {
            Self::Number { default, .. } => Value::Number(default),
            Self::Integer { default, .. } => Value::Integer(default),
            Self::Choice { default, .. } => Value::Choice(default),
            Self::Toggle { default } => Value::Toggle(default),
            Self::Ratio { default: (w, h), .. } => Value::Ratio(f64::from(w), f64::from(h)),
            Self::Text { default, .. } => Value::Text(default.into()),
            Self::Colour { default, .. } => Value::Colour(default),
            Self::File { .. } => Value::File(FileValue::default()),
        }
    }

    /// The allowed values in words: `a number from 0 to 1`.
    pub fn allowed(&self) -> String {
        match self {
            Self::Number { min, max, .. } => format!("a number from {min} to {max}"),
            Self::Integer { min, max, .. } => format!("a whole number from {min} to {max}"),
            Self::Choice { options, .. } => format!("one of {}", options.join(", ")),
            Self::Toggle { .. } => "true or false".to_owned(),
            Self::Ratio { min, max, .. } => format!("a ratio such as 3:2, from {min} to {max}"),
            Self::Text { form, .. } => form.allowed.to_owned(),
            Self::Colour { opaque: true, .. } => "a colour such as #ffffff".to_owned(),
            Self::Colour { .. } => "a colour such as #ff8800, or #ff880080 with opacity".to_owned(),
            Self::File { holds } => holds.allowed().to_owned(),
        }
    }

    /// Whether `value` is of this kind and within its range.
    pub fn accepts(&self, value: &Value) -> bool {
        match (self, value) {
            (Self::Number { min, max, .. }, Value::Number(n)) => (min..=max).contains(&n),
            (Self::Integer { min, max, .. }, Value::Integer(n)) => (min..=max).contains(&n),
            (Self::Choice { options, .. }, Value::Choice(word)) => options.contains(word),
            (Self::Ratio { min, max, .. }, Value::Ratio(w, h)) => {
                *w > 0.0 && *h > 0.0 && (*min..=*max).contains(&(w / h))
            }
            (Self::Text { form, .. }, Value::Text(text)) => (form.check)(text),
            (Self::Colour { opaque, .. }, Value::Colour(colour)) => !opaque || colour.is_opaque(),
            (Self::Toggle { .. }, Value::Toggle(_)) | (Self::File { .. }, Value::File(_)) => true,
            _ => false,
        }
    }

    /// Reads a value as it is written on the command line; `None` if it is not of this kind (the range is not checked).
    pub fn parse(&self, text: &str) -> Option<Value> {
        // blanks around a text may be meant
        let (whole, text) = (text, text.trim());
        match self {
            Self::Number { .. } => text.parse().ok().map(Value::Number),
            Self::Integer { .. } => text.parse().ok().map(Value::Integer),
            Self::Choice { options, .. } => options.iter().find(|o| **o == text).map(|o| Value::Choice(o)),
            Self::Toggle { .. } => match text {
                "true" | "yes" | "on" | "1" => Some(Value::Toggle(true)),
                "false" | "no" | "off" | "0" => Some(Value::Toggle(false)),
                _ => None,
            },
            Self::Ratio { .. } => match text.split_once([':', '/']) {
                Some((w, h)) => Some(Value::Ratio(w.trim().parse().ok()?, h.trim().parse().ok()?)),
                None => Some(Value::Ratio(text.parse().ok()?, 1.0)),
            },
            Self::Text { .. } => Some(Value::Text(whole.into())),
            // One that must be opaque has no short form either.
            Self::Colour { opaque: true, .. } => {
                let is_long = text.strip_prefix('#').unwrap_or(text).len() == 6;
                Colour::parse(text).filter(|_| is_long).map(Value::Colour)
            }
            Self::Colour { .. } => Colour::parse(text).map(Value::Colour),
            Self::File { .. } => Some(Value::File(FileValue::new(text))),
        }
    }
}

/// What a file that a parameter refers to must hold.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum FileKind {
    /// A picture in any format that can be decoded.
    Picture,
    /// A colour look-up table: `.cube`, or a HaldCLUT picture.
    Lut,
    /// A font: TrueType or OpenType.
    Font,
}

impl FileKind {
    /// What is allowed, in words.
    pub const fn allowed(self) -> &'static str {
        match self {
            Self::Picture => "the path of a picture",
            Self::Lut => "the path of a .cube file or a HaldCLUT picture",
            Self::Font => "the path of a TrueType or OpenType font",
        }
    }

    /// Extensions of such files, for a file dialog; empty where any file may do.
    pub const fn extensions(self) -> &'static [&'static str] {
        match self {
            Self::Picture => &["png", "webp", "jpg", "jpeg", "tif", "tiff", "gif", "bmp"],
            Self::Lut => &["cube", "png", "tif", "tiff"],
            Self::Font => &["ttf", "otf"],
        }
    }
}
