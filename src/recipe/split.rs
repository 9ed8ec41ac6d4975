//! Recipes with a filter whose result's size only the picture shows, such as trim: what comes after it is compiled once
//! that is known.

use super::{Plan, PlanError, Purpose, Recipe};
use crate::filter::{Frame, Group, Operation};
use crate::picture::Shape;

impl Recipe {
    /// Splits behind the first filter whose result's size only a picture shows: what is to run first, without export
    /// settings, and the rest. `None` where there is no such filter, or nothing behind it.
    pub fn split(&self, source: Shape) -> Option<(Self, Self)> {
        let frame = Frame { shape: source, scale: 1.0 };
        let finds_shape = |operation| matches!(operation, Ok(Operation::Whole(whole)) if whole.finds_shape());
        // only these can, and they compile quickly
        let mut places = self.filters.iter().enumerate().filter(|(_, step)| {
            step.enabled && step.params.spec().group == Group::Geometry && finds_shape(step.params.compile(&frame))
        });
        let (place, _) = places.next()?;
        let (first, rest) = self.filters.split_at(place + 1);
        if rest.is_empty() {
            return None;
        }
        let head = Self { filters: first.to_vec(), ..Self::default() };
        Some((head, Self { filters: rest.to_vec(), ..self.clone() }))
    }
}

impl Plan {
    /// Compiles the rest of a split recipe for the pixels that its head gave: of `arrived` shape, from a picture whose
    /// sides the decoder divided by `divisor`.
    ///
    /// # Errors
    /// As [`Plan::compile`].
    pub fn compile_rest(rest: &Recipe, arrived: Shape, divisor: u8, purpose: Purpose) -> Result<Self, PlanError> {
        match purpose {
            Purpose::Export => Self::compile(rest, arrived, &[], purpose),
            Purpose::Proxy(_) => {
                let full = |side: u32| side.saturating_mul(u32::from(divisor));
                let source = Shape { width: full(arrived.width), height: full(arrived.height), ..arrived };
                let longer = arrived.width.max(arrived.height);
                Self::compile(rest, source, &[divisor], Purpose::Proxy(longer))
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::picture::{Depth, Layout};
    use crate::recipe::Step;

    fn recipe(steps: &[&str]) -> Recipe {
        Recipe { filters: steps.iter().map(|s| Step::parse(s).unwrap()).collect(), ..Recipe::default() }
    }

    const SHAPE: Shape = Shape { width: 80, height: 60, layout: Layout::Rgb, depth: Depth::U8 };

    #[test]
    fn recipes_split_behind_what_finds_its_shape() {
        assert_eq!(recipe(&["resize", "invert"]).split(SHAPE), None);
        assert_eq!(recipe(&["invert", "trim"]).split(SHAPE), None);
        let (head, rest) = recipe(&["invert", "trim", "resize", "trim"]).split(SHAPE).unwrap();
        assert_eq!((head, rest), (recipe(&["invert", "trim"]), recipe(&["resize", "trim"])));
    }

    #[test]
    fn the_rest_suits_what_arrived() {
        let rest = recipe(&["resize:mode=percent,percent=50,enlarge=true"]);
        let arrived = Shape { width: 31, height: 20, ..SHAPE };
        let of = |divisor, purpose| Plan::compile_rest(&rest, arrived, divisor, purpose).unwrap();
        let exact = of(1, Purpose::Export);
        assert_eq!((exact.result().width, exact.result().height, exact.decode_divisor()), (16, 10, 1));
        let proxy = of(4, Purpose::Proxy(1000));
        assert_eq!((proxy.result().width, proxy.decode_divisor()), (16, 4));
    }
}
