//! Tests over the table of formats.
