//! Why a filter or one of its values is refused.

use thiserror::Error;

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
