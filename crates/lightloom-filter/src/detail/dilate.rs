//! Dilate: lets bright parts grow.
//!
//! Algorithm: the largest value in a square or disc (see `morphology`), each channel for itself, alpha too.
//! Range, depth: kept, values are only moved. Alpha: as a channel; colours of fully transparent neighbours do not count.
//! Edges: the nearest pixel is repeated.

use crate::kernel::morphology::{self, compiled};
use crate::{Example, FilterSpec, Group};

/// See the module.
pub static SPEC: FilterSpec = FilterSpec {
    id: "dilate",
    title: "Dilate",
    group: Group::Detail,
    help: "Lets bright parts grow: each pixel becomes the brightest around it",
    version: 1,
    params: &morphology::PARAMS,
    conditions: &[],
    example: Example::of(&[("radius", "2"), ("shape", "disc")]),
    compile: |params, frame| Ok(compiled(params, frame, true)),
};
