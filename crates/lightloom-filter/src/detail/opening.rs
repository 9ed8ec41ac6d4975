//! Opening: removes bright specks.
//!
//! Algorithm: erosion followed by dilation with the same square or disc (Serra 1982; see `morphology`), each channel
//! separately, alpha included: what is bright and narrower than the shape is removed, everything else keeps its size.
//! Range, depth: kept, values are only moved. Alpha: as a channel; colours of fully transparent neighbours do not
//! count. Edges: the nearest pixel is repeated.

use crate::kernel::morphology::{self, Neighbourhood, Step};
use crate::{Example, Filter, FilterContext, Operation, Scene, Unfit};
use lightloom_param::parameters;

parameters! {
    pub(crate) struct Opening {
        radius: u32 = morphology::RADIUS,
        shape: Neighbourhood = morphology::SHAPE,
    }
}

impl Filter for Opening {
    const TITLE: &'static str = "Opening";
    const HELP: &'static str = "Removes bright specks and hairs that are narrower than the shape";
    const EXAMPLE: Example = Example::on(Scene::Specks, &[("radius", "2"), ("shape", "disc")]);

    fn compile(&self, context: &FilterContext) -> Result<Operation, Unfit> {
        Ok(morphology::operation([Step::Erode, Step::Dilate], self.radius, self.shape, context))
    }
}
