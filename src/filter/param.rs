//! Parameters as data: what a value may be, and values that have been checked against it.

use std::fmt;

use thiserror::Error;

use super::FilterSpec;

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
}

/// The value of a parameter.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Value {
    /// For [`ParamKind::Number`].
    Number(f64),
    /// For [`ParamKind::Integer`].
    Integer(i64),
    /// For [`ParamKind::Choice`].
    Choice(&'static str),
    /// For [`ParamKind::Toggle`].
    Toggle(bool),
    /// For [`ParamKind::Ratio`]: width and height, each above zero.
    Ratio(f64, f64),
}

impl fmt::Display for Value {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Number(n) => write!(f, "{n}"),
            Self::Integer(n) => write!(f, "{n}"),
            Self::Choice(word) => f.write_str(word),
            Self::Toggle(on) => write!(f, "{on}"),
            Self::Ratio(w, h) => write!(f, "{w}:{h}"),
        }
    }
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
    pub const fn default(&self) -> Value {
        match *self {
            Self::Number { default, .. } => Value::Number(default),
            Self::Integer { default, .. } => Value::Integer(default),
            Self::Choice { default, .. } => Value::Choice(default),
            Self::Toggle { default } => Value::Toggle(default),
            Self::Ratio { default: (w, h), .. } => Value::Ratio(w as f64, h as f64),
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
        }
    }

    /// Whether `value` is of this kind and within its range.
    pub fn accepts(&self, value: Value) -> bool {
        match (*self, value) {
            (Self::Number { min, max, .. }, Value::Number(n)) => (min..=max).contains(&n),
            (Self::Integer { min, max, .. }, Value::Integer(n)) => (min..=max).contains(&n),
            (Self::Choice { options, .. }, Value::Choice(word)) => options.contains(&word),
            (Self::Toggle { .. }, Value::Toggle(_)) => true,
            (Self::Ratio { min, max, .. }, Value::Ratio(w, h)) => w > 0.0 && h > 0.0 && (min..=max).contains(&(w / h)),
            _ => false,
        }
    }

    /// Reads a value as it is written on the command line; `None` if it is not of this kind (the range is not checked).
    pub fn parse(&self, text: &str) -> Option<Value> {
        let text = text.trim();
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
        }
    }
}

/// Values for all parameters of one filter, each within its range.
#[derive(Debug, Clone, PartialEq)]
pub struct Params {
    spec: &'static FilterSpec,
    values: Vec<Value>,
}

impl Params {
    /// The values of a new filter.
    pub fn defaults(spec: &'static FilterSpec) -> Self {
        Self { spec, values: spec.params.iter().map(|p| p.kind.default()).collect() }
    }

    /// The filter that these values belong to.
    pub const fn spec(&self) -> &'static FilterSpec {
        self.spec
    }

    /// Every parameter with its value.
    pub fn iter(&self) -> impl Iterator<Item = (&'static ParamSpec, Value)> + '_ {
        self.spec.params.iter().zip(self.values.iter().copied())
    }

    fn index(&self, key: &str) -> Result<usize, FilterError> {
        self.spec.params.iter().position(|p| p.key == key).ok_or_else(|| FilterError::UnknownKey {
            filter: self.spec.id,
            key: key.to_owned(),
            known: match self.spec.params {
                [] => "none".to_owned(),
                params => params.iter().map(|p| p.key).collect::<Vec<_>>().join(", "),
            },
        })
    }

    fn bad(&self, index: usize, value: &impl fmt::Display) -> FilterError {
        let param = &self.spec.params[index];
        FilterError::BadValue {
            filter: self.spec.id,
            key: param.key,
            value: value.to_string(),
            allowed: param.kind.allowed(),
        }
    }

    /// Sets one value.
    ///
    /// # Errors
    /// If the filter has no such parameter or the parameter does not take the value.
    pub fn set(&mut self, key: &str, value: Value) -> Result<(), FilterError> {
        let index = self.index(key)?;
        if !self.spec.params[index].kind.accepts(value) {
            return Err(self.bad(index, &value));
        }
        self.values[index] = value;
        Ok(())
    }

    /// Sets one value from text, as the command line gives it.
    ///
    /// # Errors
    /// As [`Self::set`].
    pub fn set_text(&mut self, key: &str, text: &str) -> Result<(), FilterError> {
        let index = self.index(key)?;
        match self.spec.params[index].kind.parse(text) {
            Some(value) => self.set(key, value),
            None => Err(self.bad(index, &text)),
        }
    }

    fn value(&self, key: &str) -> Value {
        match self.index(key) {
            Ok(index) => self.values[index],
            Err(error) => unreachable!("a filter asked for a parameter that its own spec lacks: {error}"),
        }
    }

    /// The value of a [`ParamKind::Number`] parameter that the filter's spec lists.
    pub fn number(&self, key: &str) -> f32 {
        match self.value(key) {
            Value::Number(n) => n as f32,
            other => unreachable!("{}: {key} is {other:?}, not a number", self.spec.id),
        }
    }

    /// The value of a [`ParamKind::Integer`] parameter that the filter's spec lists.
    pub fn integer(&self, key: &str) -> i64 {
        match self.value(key) {
            Value::Integer(n) => n,
            other => unreachable!("{}: {key} is {other:?}, not an integer", self.spec.id),
        }
    }

    /// The value of a [`ParamKind::Choice`] parameter that the filter's spec lists.
    pub fn choice(&self, key: &str) -> &'static str {
        match self.value(key) {
            Value::Choice(word) => word,
            other => unreachable!("{}: {key} is {other:?}, not a choice", self.spec.id),
        }
    }

    /// The value of a [`ParamKind::Toggle`] parameter that the filter's spec lists.
    pub fn toggle(&self, key: &str) -> bool {
        match self.value(key) {
            Value::Toggle(on) => on,
            other => unreachable!("{}: {key} is {other:?}, not a toggle", self.spec.id),
        }
    }

    /// The value of a [`ParamKind::Ratio`] parameter that the filter's spec lists, as width ÷ height.
    pub fn ratio(&self, key: &str) -> f64 {
        match self.value(key) {
            Value::Ratio(w, h) => w / h,
            other => unreachable!("{}: {key} is {other:?}, not a ratio", self.spec.id),
        }
    }

    /// Compiles the filter for pictures of `frame`.
    ///
    /// # Errors
    /// If the filter cannot be applied to such pictures.
    pub fn compile(&self, frame: &super::Frame) -> Result<super::Operation, FilterError> {
        (self.spec.compile)(self, frame)
    }
}
