//! Every filter on a picture of 6 megapixels, 8-bit RGB, on one thread: `cargo bench --bench filters`.
//!
//! Filters whose defaults change nothing run with the values below. Point filters work on strips of floats, as in a
//! plan, without the conversion from and to samples; area filters on strips of 64 rows.
#![allow(clippy::expect_used, reason = "a benchmark that cannot begin should say so and end")]

use std::sync::Arc;

use divan::Bencher;
use divan::counter::ItemsCount;

use lightloom::filter::{Asset, FILTERS, FileKind, Frame, Lut, Operation, Params, Strip, Work};
use lightloom::picture::{Buffers, Depth, Layout, Pixels, Raster, Sample, Shape};
use lightloom::recipe::Step;

const WIDTH: u32 = 3000;
const HEIGHT: u32 = 2000;

/// Settings to measure beside the defaults.
const SETTINGS: &[(&str, &[(&str, &str)])] = &[
    ("exposure", &[("stops", "0.5")]),
    ("brightness_contrast", &[("brightness", "10"), ("contrast", "20")]),
    ("gamma", &[("gamma", "1.2")]),
    ("saturation", &[("factor", "1.3")]),
    ("white_balance", &[("temperature", "20"), ("tint", "5")]),
    ("resize", &[("mode", "percent"), ("percent", "50")]),
    ("resize", &[("mode", "percent"), ("percent", "50"), ("kernel", "box")]),
    ("resize", &[("mode", "percent"), ("percent", "25")]),
    ("levels", &[("black", "10"), ("white", "240")]),
    ("levels", &[("gamma", "1.2")]),
    ("curves", &[("points", "0:0,0.25:0.2,0.75:0.8,1:1")]),
    ("curves", &[("red", "0:0,0.5:0.6,1:1"), ("blue", "0:0,0.5:0.4,1:1")]),
    ("hue", &[("angle", "30")]),
    ("hsl", &[("range", "blue"), ("saturation", "30")]),
    ("colour_balance", &[("midtones_red", "20")]),
    ("channel_mixer", &[("red_green", "20")]),
    ("lut3d", &[("file", "cube")]),
    ("straighten", &[("angle", "3")]),
    ("perspective", &[("vertical", "10")]),
    ("image_watermark", &[("file", "logo")]),
    ("gaussian_blur", &[("sigma", "20")]),
    ("unsharp_mask", &[("sigma", "3")]),
];

fn main() {
    divan::main();
}

/// Slopes with fine noise: something to sharpen and nothing that a branch predictor could learn.
fn picture() -> Raster<u8> {
    let mut state = 1_u32;
    let samples = (0..WIDTH as usize * HEIGHT as usize * 3).map(|i| {
        state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        (i / 97) as u8 / 2 + (state >> 27) as u8
    });
    Raster::new(WIDTH, HEIGHT, Layout::Rgb, samples.collect())
}

/// All cases: a filter's name and the values that differ from its defaults.
fn cases() -> Vec<String> {
    let frame =
        Frame { shape: Shape { width: WIDTH, height: HEIGHT, layout: Layout::Rgb, depth: Depth::U8 }, scale: 1.0 };
    let changes = |params: Params| !matches!(params.compile(&frame), Ok(Operation::Identity));
    let defaults = FILTERS.iter().filter(|filter| changes(Params::defaults(filter))).map(|filter| filter.id.to_owned());
    let settings = SETTINGS.iter().map(|(id, values)| {
        let values: Vec<String> = values.iter().map(|(key, value)| format!("{key}={value}")).collect();
        format!("{id}:{}", values.join(","))
    });
    defaults.chain(settings).collect()
}

/// What stands for a file: a cube of 33 points a side, or a picture of half a megapixel.
fn asset(holds: FileKind) -> Asset {
    match holds {
        FileKind::Lut => {
            let mut text = "LUT_3D_SIZE 33\n".to_owned();
            for i in 0..33 * 33 * 33_u32 {
                let [r, g, b] = [i % 33, i / 33 % 33, i / 33 / 33].map(|v| v as f32 / 32.0);
                text += &format!("{} {} {}\n", r * r, g, b.sqrt());
            }
            Asset::Lut(Lut::from_cube(&text).expect("it is a cube"))
        }
        _ => Asset::Picture(Raster::new(1000, 500, Layout::Rgba, vec![180_u8; 2_000_000]).into()),
    }
}

fn compiled(case: &str, pixels: &Pixels) -> Operation {
    let mut params = Step::parse(case).expect("the case is allowed").params;
    for (holds, file) in params.files_mut().filter(|(_, file)| !file.path().is_empty()) {
        file.set_loaded(Ok(Arc::new(asset(holds))));
    }
    params.compile(&Frame { shape: pixels.shape(), scale: 1.0 }).expect("the filter fits the picture")
}

#[divan::bench(args = cases(), sample_count = 5, sample_size = 1)]
fn filter(bencher: Bencher<'_, '_>, case: &str) {
    let source = picture();
    let pixels = Pixels::from(source.clone());
    let bencher = bencher.counter(ItemsCount::new(pixels.shape().pixels()));
    match compiled(case, &pixels) {
        Operation::Identity => unreachable!("{case} changes nothing"),
        Operation::Point(point) => {
            let rows = 16;
            let strips: Vec<Vec<f32>> = source
                .samples()
                .chunks(rows * source.stride())
                .map(|s| s.iter().map(|v| v.to_unit()).collect())
                .collect();
            bencher.with_inputs(|| strips.clone()).bench_local_values(|mut strips| {
                for (i, samples) in strips.iter_mut().enumerate() {
                    let top = (i * rows) as u32;
                    point.apply(&mut Strip { samples, layout: Layout::Rgb, width: WIDTH, top });
                }
                strips
            });
        }
        Operation::Area(area) => {
            let rows = 64;
            let mut target = vec![0_u8; source.samples().len()];
            bencher.bench_local(|| {
                for (i, strip) in target.chunks_mut(rows * source.stride()).enumerate() {
                    let top = (i * rows) as u32;
                    area.rows_u8(&source, top..HEIGHT.min(top + rows as u32), strip);
                }
            });
        }
        Operation::Measured(measure) => {
            bencher.bench_local(|| {
                let mut work = Work { buffers: &mut Buffers::default(), stop: &|| false, split: false };
                let Ok(point) = measure.measure(&pixels, &mut work) else { return };
                let mut samples = Vec::new();
                for (i, strip) in source.samples().chunks(16 * source.stride()).enumerate() {
                    samples.clear();
                    samples.extend(strip.iter().map(|v| v.to_unit()));
                    let top = (i * 16) as u32;
                    point.apply(&mut Strip { samples: &mut samples, layout: Layout::Rgb, width: WIDTH, top });
                }
            });
        }
        Operation::Whole(whole) => {
            let mut buffers = Buffers::default();
            bencher.with_inputs(|| pixels.clone()).bench_local_values(|pixels| {
                let mut work = Work { buffers: &mut buffers, stop: &|| false, split: false };
                if let Ok(result) = whole.apply(pixels, &mut work) {
                    result.recycle(work.buffers);
                }
            });
        }
    }
}
