//! Closing: fills dark specks.
//!
//! Algorithm: dilation followed by erosion with the same square or disc (Serra 1982; see `morphology`), each channel
//! separately, alpha included: what is dark and narrower than the shape is filled, everything else keeps its size.
//! Range, depth: kept, values are only moved. Alpha: as a channel; colours of fully transparent neighbours do not
//! count. Edges: the nearest pixel is repeated.

use crate::kernel::morphology::{self, Neighbourhood, Step};
use crate::{Example, Filter, FilterContext, Operation, Unfit};
use lightloom_param::parameters;

parameters! {
    pub(crate) struct Closing {
        radius: u32 = morphology::RADIUS,
        shape: Neighbourhood = morphology::SHAPE,
    }
}

impl Filter for Closing {
    const TITLE: &'static str = "Closing";
    const HELP: &'static str = "Fills dark specks and gaps that are narrower than the shape";
    const EXAMPLE: Example = Example::of(&[("radius", "3"), ("shape", "disc")]);

    fn compile(&self, context: &FilterContext) -> Result<Operation, Unfit> {
        Ok(morphology::operation([Step::Dilate, Step::Erode], self.radius, self.shape, context))
    }
}
