//! Why a filter or one of its values is refused.

use thiserror::Error;

/// Why a filter cannot be used as asked: the person who wrote the recipe can correct it.
#[derive(Debug, Clone, PartialEq, Error)]
pub enum FilterError {
    /// No filter has this id.
    #[error("there is no filter '{id}'; the filters are: {known}")]
    UnknownFilter { id: String, known: String },
    /// The filter has no such parameter.
    #[error("{filter} has no parameter '{key}'; it has: {known}")]
    UnknownKey { filter: &'static str, key: String, known: String },
    /// The parameter does not take this value.
    #[error("{filter}: {key} = {value} is not allowed; {key} must be {allowed}")]
    BadValue {
        filter: &'static str,
        key: &'static str,
        value: String,
        /// The range, words or form that is allowed.
        allowed: String,
    },
    /// The filter cannot be applied to this picture.
    #[error("{filter}: {reason}")]
    Unfit {
        filter: &'static str,
        /// Why, and what to do.
        reason: String,
    },
}
