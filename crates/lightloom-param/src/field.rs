//! Declarations of single parameters, each tied to the type of the field that it fills.

use std::marker::PhantomData;
use std::sync::Arc;

use crate::{Choice, Colour, Condition, FileKind, FileValue, ParamKind, ParamSpec, Ratio, TextForm, Value};

/// A type that a field of a parameter struct can have.
pub trait Parameter: Sized {
    /// The field for a value that the parameter's kind accepts.
    fn read(value: &Value) -> Self;
}

/// A struct of typed parameters; declared with [`parameters!`](crate::parameters!).
pub trait Parameters: Sized {
    /// Its parameters in the order in which they are shown.
    const SPECS: &'static [ParamSpec];

    /// The struct for checked values in the order of [`Self::SPECS`].
    fn read(values: &[Value]) -> Self;
}

/// Declares a struct of typed parameters: `field: Type = declaration`. The field's name is the parameter's key.
///
/// See the [crate's documentation](crate) for an example.
#[macro_export]
macro_rules! parameters {
    (
        $(#[$meta:meta])*
        $vis:vis struct $name:ident {
            $($(#[$field_meta:meta])* $field_vis:vis $field:ident: $type:ty = $declaration:expr),* $(,)?
        }
    ) => {
        $(#[$meta])*
        #[derive(Debug, Clone, PartialEq)]
        $vis struct $name {
            $($(#[$field_meta])* $field_vis $field: $type,)*
        }

        impl $crate::Parameters for $name {
            const SPECS: &'static [$crate::ParamSpec] = &[$({
                const FIELD: $crate::Field<$type> = $declaration;
                FIELD.with_key(stringify!($field))
            }),*];

            #[allow(unused_mut, unused_variables, reason = "a struct may have no fields")]
            fn read(values: &[$crate::Value]) -> Self {
                let mut values = values.iter();
                Self { $($field: $crate::next_value(&mut values)),* }
            }
        }
    };
}

/// The field for the next value; for [`parameters!`](crate::parameters!).
#[doc(hidden)]
pub fn next_value<'a, T: Parameter>(values: &mut impl Iterator<Item = &'a Value>) -> T {
    match values.next() {
        Some(value) => T::read(value),
        None => unreachable!("there are fewer values than parameters"),
    }
}

/// A declared parameter that fills a field of type `T`.
pub struct Field<T> {
    spec: ParamSpec,
    filled: PhantomData<fn() -> T>,
}

impl<T> Field<T> {
    const fn new(label: &'static str, help: &'static str, unit: &'static str, kind: ParamKind) -> Self {
        let spec = ParamSpec { key: "", label, help, unit, kind, zero: None, slider: None, condition: None };
        Self { spec, filled: PhantomData }
    }

    /// Another label and help for a declaration that is shared.
    pub const fn labelled(mut self, label: &'static str, help: &'static str) -> Self {
        self.spec.label = label;
        self.spec.help = help;
        self
    }

    /// It applies only while the parameter `on` has one of `values`.
    pub const fn when(mut self, on: &'static str, values: &'static [&'static str]) -> Self {
        self.spec.condition = Some(Condition { on, values, with: true });
        self
    }

    /// It applies only while the parameter `on` has another value than this.
    pub const fn unless(mut self, on: &'static str, value: &'static [&'static str; 1]) -> Self {
        self.spec.condition = Some(Condition { on, values: value, with: false });
        self
    }

    /// A slider that moves by ratios rather than differences, for [`number`]s and [`integer`]s.
    pub const fn logarithmic(mut self) -> Self {
        match &mut self.spec.kind {
            ParamKind::Number { logarithmic, .. } | ParamKind::Integer { logarithmic, .. } => *logarithmic = true,
            _ => panic!("only numbers have a slider"),
        }
        self
    }

    /// The parameter under its key.
    pub const fn with_key(self, key: &'static str) -> ParamSpec {
        ParamSpec { key, ..self.spec }
    }
}

/// A real number with a linear slider in steps of 1.
pub const fn number(
    label: &'static str,
    help: &'static str,
    unit: &'static str,
    (min, max): (f64, f64),
    default: f64,
) -> Field<f32> {
    Field::new(label, help, unit, ParamKind::Number { min, max, default, step: 1.0, logarithmic: false })
}

impl Field<f32> {
    /// Finer or coarser steps of the slider.
    pub const fn step(mut self, size: f64) -> Self {
        if let ParamKind::Number { step, .. } = &mut self.spec.kind {
            *step = size;
        }
        self
    }

    /// A slider from `min` to `max`; values beyond them are typed.
    pub const fn slider(mut self, min: f64, max: f64) -> Self {
        self.spec.slider = Some((min, max));
        self
    }
}

/// A whole number with a linear slider.
pub const fn integer<T: WholeNumber>(
    label: &'static str,
    help: &'static str,
    unit: &'static str,
    (min, max): (i64, i64),
    default: i64,
) -> Field<T> {
    assert!(T::MIN <= min && max <= T::MAX, "the field's type cannot hold the range");
    Field::new(label, help, unit, ParamKind::Integer { min, max, default, logarithmic: false })
}

impl<T: WholeNumber> Field<T> {
    /// Zero is no amount: `words` say what it stands for, such as `any size`.
    pub const fn zero_is(mut self, words: &'static str) -> Self {
        self.spec.zero = Some(words);
        self
    }
}

/// One of the words of an enum, the first of which is the default.
pub const fn choice<T: Choice>(label: &'static str, help: &'static str) -> Field<T> {
    let kind = ParamKind::Choice { options: T::WORDS, titles: T::TITLES, default: T::WORDS[0] };
    Field::new(label, help, "", kind)
}

impl<T: Choice> Field<T> {
    /// Other words of the enum, or the same in another order; the first is the default.
    pub const fn among(mut self, words: &'static [&'static str]) -> Self {
        self.spec.kind = ParamKind::Choice { options: words, titles: &[], default: words[0] };
        self
    }

    /// Another default than the first word.
    pub const fn starting_with(mut self, word: &'static str) -> Self {
        if let ParamKind::Choice { default, .. } = &mut self.spec.kind {
            *default = word;
        }
        self
    }
}

/// Yes or no.
pub const fn toggle(label: &'static str, help: &'static str, default: bool) -> Field<bool> {
    Field::new(label, help, "", ParamKind::Toggle { default })
}

/// Width ÷ height.
pub const fn ratio(
    label: &'static str,
    help: &'static str,
    (min, max): (f64, f64),
    default: (u32, u32),
) -> Field<Ratio> {
    Field::new(label, help, "", ParamKind::Ratio { min, max, default })
}

/// A text of a form.
pub const fn text(
    label: &'static str,
    help: &'static str,
    form: &'static TextForm,
    default: &'static str,
) -> Field<Arc<str>> {
    Field::new(label, help, "", ParamKind::Text { form, default })
}

/// A colour.
pub const fn colour(label: &'static str, help: &'static str, default: Colour) -> Field<Colour> {
    Field::new(label, help, "", ParamKind::Colour { default, opaque: false })
}

impl Field<Colour> {
    /// Without transparency.
    pub const fn opaque(mut self) -> Self {
        if let ParamKind::Colour { opaque, .. } = &mut self.spec.kind {
            *opaque = true;
        }
        self
    }
}

/// A file that the recipe refers to.
pub const fn file(label: &'static str, help: &'static str, holds: FileKind) -> Field<FileValue> {
    Field::new(label, help, "", ParamKind::File { holds })
}

/// A type for [`integer`] parameters.
pub trait WholeNumber: Parameter {
    /// Smallest value.
    const MIN: i64;
    /// Largest value.
    const MAX: i64;
}

macro_rules! whole_numbers {
    ($($type:ty),*) => {$(
        impl WholeNumber for $type {
            const MIN: i64 = <$type>::MIN as i64;
            const MAX: i64 = <$type>::MAX as i64;
        }

        impl Parameter for $type {
            fn read(value: &Value) -> Self {
                // `integer` has made sure that the range fits the type
                match value {
                    Value::Integer(n) => *n as $type,
                    other => unreachable!("{other:?} is not an integer"),
                }
            }
        }
    )*};
}

whole_numbers!(u8, u16, u32, i32, i64);

macro_rules! parameter_types {
    ($($type:ty: $pattern:pat => $field:expr;)*) => {$(
        impl Parameter for $type {
            fn read(value: &Value) -> Self {
                match value {
                    $pattern => $field,
                    other => unreachable!("{other:?} is not of the field's type {}", stringify!($type)),
                }
            }
        }
    )*};
}

parameter_types! {
    f32: Value::Number(n) => *n as f32;
    bool: Value::Toggle(on) => *on;
    Ratio: Value::Ratio(width, height) => Ratio(width / height);
    Arc<str>: Value::Text(text) => Arc::clone(text);
    Colour: Value::Colour(colour) => *colour;
    FileValue: Value::File(file) => file.clone();
}
