//! Values of one filter's parameters, each checked against its range before it is taken.

use std::fmt;

use crate::asset::asset;
use crate::figure::{Content, Figure, Frame};
use crate::tokens::{self, Subject};
use crate::{Filter, FilterContext, FilterError, FilterSpec, Operation, Unfit};
use lightloom_param::{FileKind, FileValue, ParamKind, ParamSpec, Value};

/// Values for all parameters of one filter, each within its range.
#[derive(Debug, Clone, PartialEq)]
pub struct Params {
    spec: &'static FilterSpec,
    values: Vec<Value>,
}

impl Params {
    /// The values where nothing else is said.
    pub fn defaults(spec: &'static FilterSpec) -> Self {
        Self { spec, values: spec.params.iter().map(|p| p.kind.default()).collect() }
    }

    /// The values that a person starts from who adds the filter.
    ///
    /// # Errors
    /// If the filter states values that it does not take.
    pub fn start(spec: &'static FilterSpec) -> Result<Self, FilterError> {
        let mut params = Self::defaults(spec);
        spec.start.iter().try_for_each(|(key, text)| params.set_text(key, text))?;
        Ok(params)
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
    pub fn applies(&self, param: &ParamSpec) -> bool {
        param.condition.is_none_or(|condition| condition.is_met(self.spec.params, &self.values))
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

    /// The value of the parameter with this key, if there is one.
    pub fn get(&self, key: &str) -> Option<&Value> {
        self.iter().find_map(|(param, value)| (param.key == key).then_some(value))
    }

    /// The values as the filter reads them; `F` must be the filter that [`Self::spec`] describes.
    pub(crate) fn read<F: Filter>(&self) -> F {
        F::read(&self.values)
    }

    /// The file parameters, to be loaded.
    pub fn files_mut(&mut self) -> impl Iterator<Item = (FileKind, &mut FileValue)> + '_ {
        self.spec.params.iter().zip(&mut self.values).filter_map(|(param, value)| match (param.kind, value) {
            (ParamKind::File { holds }, Value::File(file)) => Some((holds, file)),
            _ => None,
        })
    }

    /// Why a file that has been asked for cannot be used, if one cannot.
    pub fn unusable_file(&self) -> Option<FilterError> {
        let unfit = self.values.iter().find_map(|value| match value {
            Value::File(file) => asset(file).err(),
            _ => None,
        });
        unfit.map(|unfit| self.unfit(unfit))
    }

    /// Whether a text has tokens that a [`Subject`] may fill in.
    pub fn has_tokens(&self) -> bool {
        let known = Subject { number: Some(1), date: Some(tokens::Moment::default()), ..Subject::default() };
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

    /// Compiles the filter for pictures of this context.
    ///
    /// # Errors
    /// If the filter cannot be applied to such pictures.
    pub fn compile(&self, context: &FilterContext) -> Result<Operation, FilterError> {
        (self.spec.compile)(&self.values, context).map_err(|unfit| self.unfit(unfit))
    }

    /// What can be seen of them on a picture; `None` where the filter has no place, or puts nothing on it.
    pub fn figure(&self, frame: &Frame) -> Option<Figure> {
        (self.spec.on_picture.as_ref()?.figure)(&self.values, frame)
    }

    /// Values for some of the parameters, by their places, with which this figure is seen, as nearly as they can say it.
    pub fn settings_of(&self, figure: &Figure, frame: &Frame) -> Vec<(usize, Value)> {
        let Some(on_picture) = &self.spec.on_picture else { return Vec::new() };
        let settings = (on_picture.settings)(&self.values, figure, frame);
        let placed = settings.into_iter().filter_map(|(key, value)| Some((self.index(key).ok()?, value)));
        placed.filter(|(index, value)| self.spec.params[*index].kind.accepts(value)).collect()
    }

    /// What the filter puts on a picture of so many columns and rows, once its files have been loaded.
    pub fn content(&self, size: (u32, u32)) -> Option<Content> {
        (self.spec.on_picture.as_ref()?.content)(&self.values, size)
    }

    fn unfit(&self, Unfit(reason): Unfit) -> FilterError {
        FilterError::Unfit { filter: self.spec.id, reason }
    }
}
