//! Opening: removes bright specks.
//!
//! Algorithm: erosion followed by dilation with the same square or disc (Serra 1982; see `morphology`), each channel for
//! itself, alpha too: what is bright and narrower than the shape goes, everything else keeps its size.
//! Range, depth: kept, values are only moved. Alpha: as a channel; colours of fully transparent neighbours do not count.
//! Edges: the nearest pixel is repeated.

use crate::kernel::morphology::{self, compiled_pair};
use crate::{Example, FilterSpec, Group, Scene};

/// See the module.
pub static SPEC: FilterSpec = FilterSpec {
    id: "opening",
    title: "Opening",
    group: Group::Detail,
    help: "Removes bright specks and hairs that are narrower than the shape",
    version: 1,
    params: &morphology::PARAMS,
    conditions: &[],
    example: Example::on(Scene::Specks, &[("radius", "2"), ("shape", "disc")]),
    compile: |params, frame| Ok(compiled_pair(params, frame, false)),
};
