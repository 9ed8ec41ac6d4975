//! Fused point filters of an 8-bit picture as one table a channel, where each sample depends on its own value alone.
//!
//! There are 256 values, so the filters run once on a strip that holds them all, in floats and rounded once as ever: the
//! table gives exactly what the filters would have given, and ten of them cost what one costs.

use crate::filter::{Point, Stopped, Strip, Work};
use crate::picture::{Layout, Raster, Sample};

/// For each channel, alpha too, what becomes of each value.
pub(super) struct Tables {
    channels: Vec<[u8; 256]>,
}

/// Samples that are looked up before the next look at `stop`; a multiple of all numbers of channels.
const PIECE: usize = 12 * 8192;

impl Tables {
    /// `None` where a filter looks at more than one sample.
    pub(super) fn of(points: &[&dyn Point], layout: Layout) -> Option<Self> {
        if points.is_empty() || !points.iter().all(|point| point.is_separate()) {
            return None;
        }
        let count = layout.channels();
        let mut samples: Vec<f32> = (0..=255_u8).flat_map(|v| vec![v.to_unit(); count]).collect();
        let mut strip = Strip { samples: &mut samples, layout, width: 256, top: 0 };
        points.iter().for_each(|point| point.apply(&mut strip));
        if strip.layout != layout || samples.len() != 256 * count {
            return None;
        }
        let mut channels = vec![[0; 256]; count];
        for (value, pixel) in samples.chunks_exact(count).enumerate() {
            channels.iter_mut().zip(pixel).for_each(|(table, v)| table[value] = u8::from_unit(*v));
        }
        Some(Self { channels })
    }

    /// Replaces every sample.
    ///
    /// # Errors
    /// [`Stopped`] once `work.stop` says so.
    pub(super) fn run(&self, raster: &mut Raster<u8>, work: &Work<'_>) -> Result<(), Stopped> {
        work.fill(raster.samples_mut(), PIECE, |_, samples| match &self.channels[..] {
            [one] => look_up([one], samples),
            [grey, alpha] => look_up([grey, alpha], samples),
            [red, green, blue] => look_up([red, green, blue], samples),
            [red, green, blue, alpha] => look_up([red, green, blue, alpha], samples),
            _ => {}
        })
    }
}

fn look_up<const N: usize>(tables: [&[u8; 256]; N], samples: &mut [u8]) {
    for pixel in samples.as_chunks_mut::<N>().0 {
        for channel in 0..N {
            pixel[channel] = tables[channel][usize::from(pixel[channel])];
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::filter::{FILTERS, Frame, Operation, Params};
    use crate::picture::{Buffers, Depth, Pixels, Shape};

    const LAYOUTS: [Layout; 4] = [Layout::Grey, Layout::GreyAlpha, Layout::Rgb, Layout::Rgba];

    /// The point operation of every filter that has one, with the values of its example.
    fn points(layout: Layout, source: &Pixels) -> Vec<(&'static str, Box<dyn Point>)> {
        let frame = Frame { shape: Shape { width: 50, height: 30, layout, depth: Depth::U8 }, scale: 1.0 };
        let mut points = Vec::new();
        for filter in FILTERS {
            let mut params = Params::defaults(filter);
            filter.example.values.iter().for_each(|(key, text)| params.set_text(key, text).unwrap());
            let mut work = Work { buffers: &mut Buffers::default(), stop: &|| false, split: false };
            match params.compile(&frame) {
                Ok(Operation::Point(point)) => points.push((filter.id, point)),
                Ok(Operation::Measured(measure)) => {
                    points.push((filter.id, measure.measure(source, &mut work).unwrap()));
                }
                _ => {}
            }
        }
        points
    }

    fn picture(layout: Layout) -> Raster<u8> {
        let samples = (0..1500 * layout.channels() as u32).map(|i| (i.wrapping_mul(2_654_435_761) >> 24) as u8);
        Raster::new(50, 30, layout, samples.collect())
    }

    #[test]
    fn tables_give_exactly_what_the_filters_give() {
        let mut separate = Vec::new();
        for layout in LAYOUTS {
            let source = picture(layout);
            let points = points(layout, &source.clone().into());
            let all: Vec<&dyn Point> = points.iter().map(|(_, p)| &**p).filter(|p| p.is_separate()).collect();
            let each = points.iter().map(|(id, point)| (*id, vec![&**point])).chain([("all of them", all)]);
            for (id, points) in each {
                let Some(tables) = Tables::of(&points, layout) else { continue };
                separate.push(id);
                let mut looked_up = source.clone();
                let work = Work { buffers: &mut Buffers::default(), stop: &|| false, split: true };
                tables.run(&mut looked_up, &work).unwrap();
                // two strips, so that a filter that looks at places would be found out
                let mut computed = Vec::new();
                for (top, rows) in [(0, source.samples().len() / 3), (10, source.samples().len() / 3 * 2)] {
                    let from = &source.samples()[if top == 0 { 0 } else { computed.len() }..][..rows];
                    let mut samples: Vec<f32> = from.iter().map(|v| v.to_unit()).collect();
                    let mut strip = Strip { samples: &mut samples, layout, width: 50, top };
                    points.iter().for_each(|point| point.apply(&mut strip));
                    computed.extend(samples.iter().map(|v| u8::from_unit(*v)));
                }
                assert!(looked_up.samples() == computed, "{id} of {layout:?}");
            }
        }
        for id in ["exposure", "levels", "curves", "gamma", "invert", "equalize", "auto_levels", "all of them"] {
            assert!(separate.contains(&id), "{id} is computed for each sample");
        }
        assert!(!separate.contains(&"saturation") && !separate.contains(&"vignette"));
    }

    #[test]
    fn a_stop_is_noticed() {
        let mut raster = picture(Layout::Rgb);
        let points = points(Layout::Rgb, &raster.clone().into());
        let invert = points.iter().find(|(id, _)| *id == "invert").unwrap();
        let tables = Tables::of(&[&*invert.1], Layout::Rgb).unwrap();
        let work = Work { buffers: &mut Buffers::default(), stop: &|| true, split: false };
        assert_eq!(tables.run(&mut raster, &work), Err(Stopped));
    }
}
