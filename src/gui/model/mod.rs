//! What the window knows and what the user can do: plain data that draws nothing and knows no view.
//!
//! [`state::State`] is all of it. [`action::Action`] is every change a view may ask for, [`presentation`] how an action
//! is offered, [`availability`] whether it can be done now.

pub mod action;
pub mod adjustment;
pub mod appearance;
pub mod archive_kind;
pub mod availability;
pub mod changes;
pub mod common_overrides;
pub mod dialog;
pub mod failures;
pub mod filter_shelf;
pub mod finder;
pub mod history;
pub mod identity;
pub mod keymap;
pub mod lab;
pub mod lab_plan;
pub mod lessons;
pub mod listed;
pub mod measurement;
pub mod name_samples;
pub mod notice;
pub mod on_picture;
pub mod optional_panels;
pub mod pace;
pub mod past_runs;
pub mod pictures;
pub mod placeable;
pub mod plan;
pub mod presentation;
pub mod presets;
pub mod ranges;
pub mod run;
pub mod run_details;
pub mod stack;
pub mod state;
pub mod timelines;
pub mod view_memory;
pub mod watch;
pub mod web;
