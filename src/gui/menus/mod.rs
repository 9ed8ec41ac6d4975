//! The menus, made from the presentations of actions.

pub mod entry;
pub mod file;
pub mod filters;
pub mod limits;
pub mod preset_rest;
pub mod queue;
pub mod view;
pub mod workers;
