//! Lookup-table folding: the fused point filters of an 8-bit picture become one table per channel, up to the first
//! filter for which a sample depends on more than its own value.
//!
//! There are 256 values, so the filters run once on a strip that holds them all, in floats: the tables hold exactly what
//! the filters would have computed. Where no filter is left, the tables are rounded once, and ten filters cost as much as
//! one.

use std::borrow::Cow;

use lightloom_filter::{Dependence, Planes, Point, Stopped, Strip, Work};
use lightloom_picture::{Layout, Raster, Sample};

/// One table per colour: the filters' result for each level.
pub(super) struct LookupTables {
    /// How many filters are folded into them.
    pub points: usize,
    colours: [[f32; 256]; 3],
}

/// Samples that are looked up between two checks of `stop`; a multiple of all numbers of channels.
const PIECE: usize = 12 * 8192;

impl LookupTables {
    /// Folds all filters before the first one that looks at more than one sample.
    pub(super) fn new(points: &[&dyn Point], layout: Layout) -> Self {
        let separate = points.iter().take_while(|point| point.dependence() == Dependence::Sample);
        let levels: Vec<u8> = (0..=255_u8).flat_map(|v| vec![v; layout.channels()]).collect();
        let mut planes = Planes::default();
        planes.load(&levels, layout);
        let mut strip = Strip::anywhere(&mut planes);
        let count = separate.map(|point| point.apply(&mut strip)).count();
        let mut colours = [[0.0; 256]; 3];
        for (table, plane) in colours.iter_mut().zip(planes.all()) {
            table.copy_from_slice(plane);
        }
        Self { points: count, colours }
    }

    /// Fills planes with the filters' results for the samples.
    pub(super) fn load(&self, samples: &[u8], planes: &mut Planes, layout: Layout) {
        match self.points {
            0 => planes.load(samples, layout),
            _ => planes.load_through(&self.colours, samples, layout),
        }
    }

    /// Every sample replaced by the filters' result for it, rounded. A picture that others still need is copied piece by
    /// piece, so that a stop is noticed and the pieces are in the processor's cache.
    ///
    /// # Errors
    /// [`Stopped`] once `work.stop` says so.
    pub(super) fn run(&self, raster: Cow<'_, Raster<u8>>, work: &mut Work<'_>) -> Result<Raster<u8>, Stopped> {
        let (width, height, layout) = (raster.width(), raster.height(), raster.layout());
        let replace = self.replacing(layout);
        let (samples, done) = match raster {
            Cow::Owned(own) => {
                let mut samples = own.into_samples();
                let done = work.fill(&mut samples, PIECE, |_, samples| replace(samples));
                (samples, done)
            }
            Cow::Borrowed(shared) => {
                let mut samples = work.buffers.take_for_overwrite(shared.samples().len());
                let done = work.fill(&mut samples, PIECE, |index, samples| {
                    samples.copy_from_slice(&shared.samples()[index * PIECE..][..samples.len()]);
                    replace(samples);
                });
                (samples, done)
            }
        };
        match done {
            Ok(()) => Ok(Raster::new(width, height, layout, samples)),
            Err(stopped) => {
                work.buffers.give(samples);
                Err(stopped)
            }
        }
    }

    /// Replaces samples, of which the first is of the first channel.
    pub(super) fn replacing(&self, layout: Layout) -> impl Fn(&mut [u8]) + Send + Sync + use<> {
        let [first, green, blue] = self.colours.map(|table| table.map(u8::from_unit));
        let alpha: [u8; 256] = std::array::from_fn(|level| level as u8);
        let flips: Vec<u8> =
            [&first, &green, &blue][..layout.colours()].iter().filter_map(|t| flipped_bits(t)).collect();
        let bits = (flips.len() == layout.colours()).then(|| {
            let of_sample = |i: usize| flips.get(i % layout.channels()).copied().unwrap_or(0);
            std::array::from_fn::<u8, FLIP_BLOCK, _>(of_sample)
        });
        move |samples| match (&bits, layout) {
            (Some(bits), _) => flip(samples, bits),
            (None, Layout::Grey) => look_up([&first], samples),
            (None, Layout::GreyAlpha) => look_up([&first, &alpha], samples),
            (None, Layout::Rgb) => look_up([&first, &green, &blue], samples),
            (None, Layout::Rgba) => look_up([&first, &green, &blue, &alpha], samples),
        }
    }
}

/// Samples that are flipped at once; [`PIECE`] is a multiple.
const FLIP_BLOCK: usize = 192;
const _: () = assert!(PIECE.is_multiple_of(FLIP_BLOCK), "every piece begins with the first channel");

/// The bits that a table flips in every level, if that is all it does: all for a negative, none for the identity.
fn flipped_bits(table: &[u8; 256]) -> Option<u8> {
    let bits = table[0];
    (0..=255_u8).zip(table).all(|(level, to)| level ^ bits == *to).then_some(bits)
}

/// Flips bits without looking anything up, at the speed of memory.
fn flip(samples: &mut [u8], bits: &[u8; FLIP_BLOCK]) {
    for samples in samples.chunks_mut(FLIP_BLOCK) {
        samples.iter_mut().zip(bits).for_each(|(sample, bits)| *sample ^= bits);
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
    use lightloom_filter::{FILTERS, FilterContext, Operation, Params};
    use lightloom_picture::{Buffers, Depth, Pixels, Shape};

    const LAYOUTS: [Layout; 4] = [Layout::Grey, Layout::GreyAlpha, Layout::Rgb, Layout::Rgba];

    /// The point operation of every filter that has one, with the values of its example.
    fn points(layout: Layout, source: &Pixels) -> Vec<(&'static str, Box<dyn Point>)> {
        let frame = FilterContext { shape: Shape { width: 50, height: 30, layout, depth: Depth::U8 }, scale: 1.0 };
        let mut points = Vec::new();
        for filter in FILTERS {
            let mut params = Params::defaults(filter);
            filter.example.values.iter().for_each(|(key, text)| params.set_text(key, text).unwrap());
            let mut work = Work { buffers: &mut Buffers::default(), stop: &|| false, split: false };
            match params.compile(&frame) {
                Ok(Operation::Points(steps)) => points.extend(steps.into_iter().map(|point| (filter.id, point))),
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
    fn tables_hold_exactly_what_the_filters_compute() {
        let mut separate = Vec::new();
        for layout in LAYOUTS {
            let source = picture(layout);
            let points = points(layout, &source.clone().into());
            let all: Vec<&dyn Point> =
                points.iter().map(|(_, p)| &**p).filter(|p| p.dependence() == Dependence::Sample).collect();
            let each = points.iter().map(|(id, point)| (*id, vec![&**point])).chain([("all of them", all)]);
            for (id, points) in each {
                let tables = LookupTables::new(&points, layout);
                if tables.points < points.len() {
                    continue;
                }
                separate.push(id);
                let mut work = Work { buffers: &mut Buffers::default(), stop: &|| false, split: true };
                let looked_up = tables.run(Cow::Borrowed(&source), &mut work).unwrap();
                assert!(looked_up == tables.run(Cow::Owned(source.clone()), &mut work).unwrap());
                // two strips, so that a filter that depends on positions would be noticed
                let mut computed = source.samples().to_vec();
                let (upper, lower) = computed.split_at_mut(source.stride() * 10);
                for (top, samples) in [(0, upper), (10, lower)] {
                    let mut planes = Planes::default();
                    planes.load(samples, layout);
                    let mut strip = Strip::new(&mut planes, 50, top);
                    points.iter().for_each(|point| point.apply(&mut strip));
                    planes.store(samples, layout);
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
    fn tables_stand_for_the_filters_before_the_first_that_mixes() {
        let source = picture(Layout::Rgba);
        let points = points(Layout::Rgba, &source.clone().into());
        let of = |id: &str| &*points.iter().find(|(known, _)| *known == id).unwrap().1;
        let chain = [of("exposure"), of("levels"), of("saturation"), of("invert")];
        let tables = LookupTables::new(&chain, Layout::Rgba);
        assert_eq!(tables.points, 2);
        let [mut looked_up, mut computed] = [Planes::default(), Planes::default()];
        tables.load(source.samples(), &mut looked_up, Layout::Rgba);
        computed.load(source.samples(), Layout::Rgba);
        chain[..2].iter().for_each(|point| point.apply(&mut Strip::new(&mut computed, 50, 0)));
        assert!(looked_up.all() == computed.all());
    }

    #[test]
    fn a_stop_is_noticed() {
        let raster = picture(Layout::Rgb);
        let points = points(Layout::Rgb, &raster.clone().into());
        let invert = points.iter().find(|(id, _)| *id == "invert").unwrap();
        let tables = LookupTables::new(&[&*invert.1], Layout::Rgb);
        let mut buffers = Buffers::default();
        for raster in [Cow::Borrowed(&raster), Cow::Owned(raster.clone())] {
            let mut work = Work { buffers: &mut buffers, stop: &|| true, split: false };
            assert_eq!(tables.run(raster, &mut work), Err(Stopped));
        }
    }
}
