//! Parameters that apply only sometimes, as data: front ends hide them or say so. Values stay what they are and may be
//! set at any time; the code that reads the parameters does not look at the condition.

use std::fmt;

use crate::{ParamSpec, Value};

/// A parameter applies only while another one has certain values.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Condition {
    /// Key of the parameter that decides.
    pub on: &'static str,
    /// Values of it, as on the command line.
    pub values: &'static [&'static str],
    /// Whether the parameter applies with these values; else with all others.
    pub with: bool,
}

impl Condition {
    /// Whether it is met by `values`, which belong to `specs`.
    pub fn is_met(&self, specs: &[ParamSpec], values: &[Value]) -> bool {
        let deciding = specs.iter().zip(values).find(|(spec, _)| spec.key == self.on);
        let has = |text: &&str| deciding.is_some_and(|(spec, value)| spec.kind.parse(text).as_ref() == Some(value));
        self.values.iter().any(has) == self.with
    }
}

/// The condition in words, to stand behind `only with`: `mode fit or exact`, `outline other than 0`.
impl fmt::Display for Condition {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let other = if self.with { "" } else { "other than " };
        write!(f, "{} {other}{}", self.on, self.values.join(" or "))
    }
}
