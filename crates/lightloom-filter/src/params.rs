//! Values of one filter's parameters, each checked against its range before it is taken.

use std::fmt;
use std::sync::Arc;
use std::time::SystemTime;

use crate::asset::{Asset, FileKind};
use crate::param::{FilterError, ParamKind, ParamSpec};
use crate::tokens::{self, Subject};
use crate::value::{Colour, FileValue, Value};
use crate::{FilterSpec, Frame, Operation};

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
    pub fn iter(&self) -> impl Iterator<Item = (&'static ParamSpec, &Value)> + '_ {
        self.spec.params.iter().zip(&self.values)
    }

    /// Whether a parameter of the filter applies with these values; if not, its own changes nothing.
    pub fn applies(&self, about: &ParamSpec) -> bool {
        self.spec.condition(about.key).is_none_or(|condition| condition.is_met(self))
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
        if !self.spec.params[index].kind.accepts(&value) {
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

    fn value(&self, key: &str) -> &Value {
        match self.index(key) {
            Ok(index) => &self.values[index],
            Err(error) => unreachable!("a filter asked for a parameter that its own spec lacks: {error}"),
        }
    }

    /// The value of a [`ParamKind::Number`] parameter that the filter's spec lists.
    pub fn number(&self, key: &str) -> f32 {
        match self.value(key) {
            Value::Number(n) => *n as f32,
            other => unreachable!("{}: {key} is {other:?}, not a number", self.spec.id),
        }
    }

    /// The value of a [`ParamKind::Integer`] parameter that the filter's spec lists.
    pub fn integer(&self, key: &str) -> i64 {
        match self.value(key) {
            Value::Integer(n) => *n,
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
            Value::Toggle(on) => *on,
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

    /// The value of a [`ParamKind::Text`] parameter that the filter's spec lists.
    pub fn text(&self, key: &str) -> &str {
        match self.value(key) {
            Value::Text(text) => text,
            other => unreachable!("{}: {key} is {other:?}, not a text", self.spec.id),
        }
    }

    /// The value of a [`ParamKind::Colour`] parameter that the filter's spec lists.
    pub fn colour(&self, key: &str) -> Colour {
        match self.value(key) {
            Value::Colour(colour) => *colour,
            other => unreachable!("{}: {key} is {other:?}, not a colour", self.spec.id),
        }
    }

    /// What the file of a [`ParamKind::File`] parameter that the filter's spec lists holds; `None` if it names none.
    ///
    /// # Errors
    /// If the file has not been loaded or could not be.
    pub fn file(&self, key: &str) -> Result<Option<Arc<Asset>>, FilterError> {
        let Value::File(file) = self.value(key) else {
            unreachable!("{}: {key} is {:?}, not a file", self.spec.id, self.value(key))
        };
        file.asset().map_err(|reason| FilterError::Unfit { filter: self.spec.id, reason })
    }

    /// The file parameters, to be loaded.
    pub fn files_mut(&mut self) -> impl Iterator<Item = (FileKind, &mut FileValue)> + '_ {
        self.spec.params.iter().zip(&mut self.values).filter_map(|(param, value)| match (param.kind, value) {
            (ParamKind::File { holds }, Value::File(file)) => Some((holds, file)),
            _ => None,
        })
    }

    /// Whether a text has tokens that a [`Subject`] may fill in.
    pub fn has_tokens(&self) -> bool {
        let known = Subject { number: Some(1), modified: Some(SystemTime::UNIX_EPOCH), ..Subject::default() };
        self.iter().any(|(param, value)| match (&param.kind, value) {
            (ParamKind::Text { form, .. }, Value::Text(text)) => form.tokens && tokens::about(text, &known).is_some(),
            _ => false,
        })
    }

    /// Fills in what is known of a picture's file. The texts may become longer than a person could set them.
    pub fn describe(&mut self, subject: &Subject) {
        for (param, value) in self.spec.params.iter().zip(&mut self.values) {
            if let (ParamKind::Text { form, .. }, Value::Text(text)) = (param.kind, value)
                && form.tokens
                && let Some(filled) = tokens::about(text, subject)
            {
                *text = filled.into();
            }
        }
    }

    /// Compiles the filter for pictures of `frame`.
    ///
    /// # Errors
    /// If the filter cannot be applied to such pictures.
    pub fn compile(&self, frame: &Frame) -> Result<Operation, FilterError> {
        (self.spec.compile)(self, frame)
    }
}
