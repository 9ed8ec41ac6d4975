//! Erode: shrinks bright parts.
//!
//! Algorithm: the smallest value in a square or disc (see `morphology`), each channel for itself, alpha too.
//! Range, depth: kept, values are only moved. Alpha: as a channel; colours of fully transparent neighbours do not count.
//! Edges: the nearest pixel is repeated.

use crate::kernel::morphology::{self, compiled};
use crate::{Example, FilterSpec, Group};

/// See the module.
pub static SPEC: FilterSpec = FilterSpec {
    id: "erode",
    title: "Erode",
    group: Group::Detail,
    help: "Lets dark parts grow: each pixel becomes the darkest around it",
    version: 1,
    params: &morphology::PARAMS,
    conditions: &[],
    example: Example::of(&[("radius", "2")]),
    compile: |params, frame| Ok(compiled(params, frame, false)),
};
