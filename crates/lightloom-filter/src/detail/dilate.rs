//! Dilate: grows bright parts.
//!
//! Algorithm: the largest value in a square or disc (see `morphology`), each channel separately, alpha included.
//! Range, depth: kept, values are only moved. Alpha: as a channel; colours of fully transparent neighbours do not
//! count. Edges: the nearest pixel is repeated.

use crate::kernel::morphology::{self, Neighbourhood, Step};
use crate::{Example, Filter, FilterContext, Operation, Unfit};
use lightloom_param::parameters;

parameters! {
    pub(crate) struct Dilate {
        radius: u32 = morphology::RADIUS,
        shape: Neighbourhood = morphology::SHAPE,
    }
}

impl Filter for Dilate {
    const TITLE: &'static str = "Dilate";
    const HELP: &'static str = "Lets bright parts grow: each pixel becomes the brightest around it";
    const EXAMPLE: Example = Example::of(&[("radius", "2"), ("shape", "disc")]);

    fn compile(&self, context: &FilterContext) -> Result<Operation, Unfit> {
        Ok(morphology::operation([Step::Dilate], self.radius, self.shape, context))
    }
}
