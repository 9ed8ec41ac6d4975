//! What can be edited on the picture.

use crate::gui::model::stack::StepLocation;

/// Something that has a place on the picture.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Placeable {
    /// A filter of the recipe.
    Step(StepLocation),
    /// The angle of the current picture alone.
    Straighten,
    /// The crop of the current picture alone.
    Crop,
}

/// What is edited, and the filter that was there when that began.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct OnPicture {
    pub target: Placeable,
    pub filter: &'static str,
}
