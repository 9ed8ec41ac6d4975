//! Dust and scratches: removes specks that differ clearly from their surroundings.
//!
//! Algorithm: a sample that differs from the median of the square around it by more than the threshold is replaced by
//! it (a switching median filter; Sun and Neuvo 1994); all others stay, and so do grain and texture.
//! Range, depth: kept, values are only moved. Alpha: untouched; fully transparent neighbours do not count. Edges: the
//! nearest pixel is repeated.

use std::ops::Range;

use crate::kernel::median::MedianFilter;
use crate::kernel::window::restore_alpha;
use crate::{AreaOf, Example, Filter, FilterContext, Operation, Scene, Unfit};
use lightloom_param::{integer, number, parameters};
use lightloom_picture::{Sample, View};

parameters! {
    pub(crate) struct DustAndScratches {
        radius: u32 = integer(
            "Radius",
            "A little more than half the width of the specks, in pixels of the full picture; 0 changes nothing",
            "px",
            (0, 40),
            3,
        ),
        threshold: f32 = number(
            "Threshold",
            "Difference in levels of 255 from which on a speck is one",
            "levels",
            (0.0, 255.0),
            30.0,
        ),
    }
}

impl Filter for DustAndScratches {
    const TITLE: &'static str = "Dust and scratches";
    const HELP: &'static str = "Removes specks and hairs of scans and leaves the rest alone";
    const EXAMPLE: Example = Example::on(Scene::Specks, &[("radius", "2"), ("threshold", "20")]);

    fn compile(&self, context: &FilterContext) -> Result<Operation, Unfit> {
        let radius = (self.radius as f32 * context.scale).round() as usize;
        if radius == 0 {
            return Ok(Operation::Identity);
        }
        let threshold = self.threshold / 255.0;
        Ok(Operation::Area(Box::new(Switching { median: MedianFilter::new(radius), threshold })))
    }
}

struct Switching {
    median: MedianFilter,
    threshold: f32,
}

impl Switching {
    /// Puts the source back where the median in `target` is close to it.
    fn choose<S: Sample>(&self, source: View<'_, S>, rows: Range<u32>, target: &mut [S]) {
        for (y, target) in rows.zip(target.chunks_exact_mut(source.stride().max(1))) {
            for (median, v) in target.iter_mut().zip(source.row(y)) {
                let is_speck = (median.to_unit() - v.to_unit()).abs() > self.threshold;
                *median = if is_speck { *median } else { *v };
            }
            restore_alpha(target, source.row(y), source.layout());
        }
    }
}

impl<S: Sample> AreaOf<S> for Switching
where
    MedianFilter: AreaOf<S>,
{
    fn halo(&self) -> u32 {
        AreaOf::<S>::halo(&self.median)
    }

    fn rows(&self, source: View<'_, S>, rows: Range<u32>, target: &mut [S]) {
        AreaOf::rows(&self.median, source, rows.clone(), target);
        self.choose(source, rows, target);
    }
}

#[cfg(test)]
mod tests {
    use crate::testing::{bytes, grey8, run};

    #[test]
    fn specks_go_and_texture_stays() {
        let texture: Vec<u8> = (0..400).map(|i| 100 + (i * 7 % 11) as u8).collect();
        let mut dusty = texture.clone();
        dusty[205] = 255;
        dusty[206] = 0;
        let result = run("dust_and_scratches", &[("radius", "2")], grey8(20, &dusty));
        for (i, (after, before)) in bytes(&result).iter().zip(&texture).enumerate() {
            if (205..=206).contains(&i) {
                assert!((100..=110).contains(after), "{i}: {after}");
            } else {
                assert_eq!(after, before, "{i}");
            }
        }
    }
}
