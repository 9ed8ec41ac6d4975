//! Closing: fills dark specks.
//!
//! Algorithm: dilation followed by erosion with the same square or disc (Serra 1982; see `morphology`), each channel for
//! itself, alpha too: what is dark and narrower than the shape is filled, everything else keeps its size.
//! Range, depth: kept, values are only moved. Alpha: as a channel; colours of fully transparent neighbours do not count.
//! Edges: the nearest pixel is repeated.

use crate::kernel::morphology::{self, compiled_pair};
use crate::{Example, FilterSpec, Group};

/// See the module.
pub static SPEC: FilterSpec = FilterSpec {
    id: "closing",
    title: "Closing",
    group: Group::Detail,
    help: "Fills dark specks and gaps that are narrower than the shape",
    version: 1,
    params: &morphology::PARAMS,
    conditions: &[],
    example: Example::of(&[("radius", "3"), ("shape", "disc")]),
    compile: |params, frame| Ok(compiled_pair(params, frame, true)),
};
