//! Parameters as data: what a value may be, and why one is refused.

use thiserror::Error;

use crate::asset::FileKind;
use crate::value::{Colour, FileValue, Value};

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
}

/// Short forms for the commonest kinds.
impl ParamSpec {
    /// A real number with a straight slider, in steps of 1.
    pub(crate) const fn number(
        key: &'static str,
        label: &'static str,
        help: &'static str,
        unit: &'static str,
        (min, max): (f64, f64),
        default: f64,
    ) -> Self {
        Self { key, label, help, unit, kind: ParamKind::Number { min, max, default, step: 1.0, logarithmic: false } }
    }

    /// A real number with a straight slider, in finer steps.
    pub(crate) const fn fine(
        key: &'static str,
        label: &'static str,
        help: &'static str,
        unit: &'static str,
        (min, max): (f64, f64),
        default: f64,
        step: f64,
    ) -> Self {
        Self { key, label, help, unit, kind: ParamKind::Number { min, max, default, step, logarithmic: false } }
    }

    /// One of some words, the first of which is the default.
    pub(crate) const fn choice(
        key: &'static str,
        label: &'static str,
        help: &'static str,
        options: &'static [&'static str],
    ) -> Self {
        Self { key, label, help, unit: "", kind: ParamKind::Choice { options, default: options[0] } }
    }

    /// Yes or no.
    pub(crate) const fn toggle(key: &'static str, label: &'static str, help: &'static str, default: bool) -> Self {
        Self { key, label, help, unit: "", kind: ParamKind::Toggle { default } }
    }

    /// A colour.
    pub(crate) const fn colour(key: &'static str, label: &'static str, help: &'static str, default: Colour) -> Self {
        Self { key, label, help, unit: "", kind: ParamKind::Colour { default } }
    }

    /// A text of a form.
    pub(crate) const fn text(
        key: &'static str,
        label: &'static str,
        help: &'static str,
        form: &'static TextForm,
        default: &'static str,
    ) -> Self {
        Self { key, label, help, unit: "", kind: ParamKind::Text { form, default } }
    }
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
        /// The words; a front end may show them with blanks for underscores.
        options: &'static [&'static str],
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
    /// A colour, written as `#rrggbb` or `#rrggbbaa`.
    Colour {
        /// The colour of a new filter.
        default: Colour,
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
    /// Whether `{name}` and its like stand for what is known of the picture (see [`Subject`](crate::Subject)).
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

/// Why a filter cannot be used as asked: the person who wrote the recipe can mend it.
#[derive(Debug, Clone, PartialEq, Error)]
pub enum FilterError {
    /// No filter has this id.
    #[error("there is no filter '{id}'; the filters are: {known}")]
    UnknownFilter {
        /// What was asked for.
        id: String,
        /// All ids.
        known: String,
    },
    /// The filter has no such parameter.
    #[error("{filter} has no parameter '{key}'; it has: {known}")]
    UnknownKey {
        /// The filter's id.
        filter: &'static str,
        /// What was asked for.
        key: String,
        /// All keys.
        known: String,
    },
    /// The value is none that the parameter takes.
    #[error("{filter}: {key} = {value} is not allowed; {key} must be {allowed}")]
    BadValue {
        /// The filter's id.
        filter: &'static str,
        /// The parameter's key.
        key: &'static str,
        /// What was given.
        value: String,
        /// The range, words or form that is allowed.
        allowed: String,
    },
    /// The filter cannot be applied to this picture.
    #[error("{filter}: {reason}")]
    Unfit {
        /// The filter's id.
        filter: &'static str,
        /// Why, and what to do.
        reason: String,
    },
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
            Self::Colour { default } => Value::Colour(default),
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
            (Self::Toggle { .. }, Value::Toggle(_))
            | (Self::Colour { .. }, Value::Colour(_))
            | (Self::File { .. }, Value::File(_)) => true,
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
            Self::Colour { .. } => Colour::parse(text).map(Value::Colour),
            Self::File { .. } => Some(Value::File(FileValue::new(text))),
        }
    }
}
