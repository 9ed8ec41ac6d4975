//! Erode: shrinks bright parts.
//!
//! Algorithm: the smallest value in a square or disc (see `morphology`), each channel separately, alpha included.
//! Range, depth: kept, values are only moved. Alpha: as a channel; colours of fully transparent neighbours do not
//! count. Edges: the nearest pixel is repeated.

use crate::kernel::morphology::{self, Neighbourhood, Step};
use crate::{Example, Filter, FilterContext, Operation, Unfit};
use lightloom_param::parameters;

parameters! {
    pub(crate) struct Erode {
        radius: u32 = morphology::RADIUS,
        shape: Neighbourhood = morphology::SHAPE,
    }
}

impl Filter for Erode {
    const TITLE: &'static str = "Erode";
    const HELP: &'static str = "Lets dark parts grow: each pixel becomes the darkest around it";
    const EXAMPLE: Example = Example::of(&[("radius", "2")]);

    fn compile(&self, context: &FilterContext) -> Result<Operation, Unfit> {
        Ok(morphology::operation([Step::Erode], self.radius, self.shape, context))
    }
}
