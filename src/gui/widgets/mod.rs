//! Widgets that several views share. They know the theme, but neither state nor actions.

pub mod button;
pub mod card;
pub mod dialog_parts;
pub mod icon;
pub mod measurement_progress;
pub mod number_field;
pub mod pace_chart;
pub mod paint;
pub mod parameter;
pub mod scroll;
pub mod segmented;
pub mod slider;
pub mod slow_source;
pub mod text_field;
pub mod tone_curve;
