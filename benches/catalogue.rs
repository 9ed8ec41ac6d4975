//! Every filter as an export runs it, on one thread and on two: `cargo bench --bench catalogue -- [MEGAPIXELS] [REPEATS]
//! [NAME …]`. Prints one line per case: name, threads, shortest and median milliseconds. `benches/catalogue.py` puts other
//! libraries' figures beside them.
//!
//! The picture is 8-bit RGB; each run goes through the plan, from a copy of the decoded picture in a spare buffer, as
//! decoders use them, to the result.
//!
//! The loop is its own, and not that of the other benchmarks (divan): one thread and two take turns, so that a machine that
//! slows down slows both, and the script reads what is printed.
#![allow(clippy::expect_used, reason = "a benchmark that cannot begin should say so and end")]

use std::sync::Arc;
use std::time::Instant;

use lightloom::filter::{Asset, FILTERS, FileKind, Font, Lut, Work};
use lightloom::picture::{Buffers, Layout, Pixels, Raster};
use lightloom::recipe::{Plan, Purpose, Recipe, Step};

/// What other libraries are measured with, beside every filter's example.
const SETTINGS: &[&str] = &[
    "resize:mode=percent,percent=50",
    "resize:mode=percent,percent=50,linear=true",
    "gaussian_blur:sigma=3",
    "gaussian_blur:sigma=20",
    "gaussian_blur:sigma=3,linear=true",
    "unsharp_mask:sigma=1,amount=0.8",
    "bilateral:sigma=5,range=25",
    "median:radius=1",
    "median:radius=2",
    "median:radius=3",
    "median:radius=5",
    "box_blur:radius=5",
];

/// A stack of point filters that look at one sample at a time.
const CURVES: [&str; 10] = [
    "exposure:stops=0.3",
    "brightness_contrast:brightness=5,contrast=10",
    "gamma:gamma=1.1",
    "levels:black=5,white=250",
    "curves:points=0:0,0.25:0.2,0.75:0.8,1:1",
    "sigmoidal_contrast:contrast=2",
    "fade:lift=2,drop=1",
    "posterize:levels=200",
    "solarize:threshold=250",
    "invert",
];

/// A stack of point filters with such that look at the whole pixel.
const COLOURS: [&str; 10] = [
    "exposure:stops=0.3",
    "brightness_contrast:brightness=5,contrast=10",
    "white_balance:temperature=10",
    "saturation:factor=1.1",
    "vibrance:amount=20",
    "channel_mixer:red_green=10",
    "sepia:strength=20",
    "curves:points=0:0,0.25:0.2,0.75:0.8,1:1",
    "fade:lift=2,drop=1",
    "invert",
];

fn main() {
    let words: Vec<String> = std::env::args().skip(1).filter(|word| word != "--bench").collect();
    let number = |at: usize, usual: usize| words.get(at).and_then(|word| word.parse().ok()).unwrap_or(usual);
    let (megapixels, repeats) = (number(0, 24), number(1, 3));
    let wanted = words.get(2..).unwrap_or_default();
    let source = picture(megapixels);
    let pools = [1, 2].map(|count| {
        let pool = rayon::ThreadPoolBuilder::new().num_threads(count).build();
        pool.expect("threads can be started")
    });
    if is_wanted(ALONE, wanted) {
        pools[0].install(|| fast_image_resize_alone(&source, repeats));
    }
    for (name, recipe) in cases() {
        if !is_wanted(&name, wanted) {
            continue;
        }
        let plan = Plan::compile(&recipe, source.shape(), &[], Purpose::Export).expect("the filter fits the picture");
        let mut buffers = Buffers::default();
        let mut times = [Vec::new(), Vec::new()];
        // in turn, so that a machine that slows down slows both; the first round warms up
        for round in 0..=repeats {
            for (pool, times) in pools.iter().zip(&mut times) {
                let (result, seconds) = pool.install(|| {
                    let copy = source.copied(&mut buffers);
                    let split = pool.current_num_threads() > 1;
                    let begin = Instant::now();
                    let result = plan.run(copy, &mut Work { buffers: &mut buffers, stop: &|| false, split });
                    (result, begin.elapsed().as_secs_f64())
                });
                if let Ok(result) = result {
                    result.recycle(&mut buffers);
                }
                if round > 0 {
                    times.push(1e3 * seconds);
                }
            }
        }
        for (threads, mut times) in [1, 2].into_iter().zip(times) {
            times.sort_by(f64::total_cmp);
            println!("{name}\t{threads}\t{:.1}\t{:.1}", times[0], times[times.len() / 2]);
        }
    }
}

fn is_wanted(name: &str, wanted: &[String]) -> bool {
    let matches =
        |word: &String| word.strip_prefix('=').map_or_else(|| name.contains(word.as_str()), |word| name == word);
    wanted.is_empty() || wanted.iter().any(matches)
}

/// The fastest library for resizing that we know, alone: from a fresh copy as ours, into memory that is there.
fn fast_image_resize_alone(source: &Pixels, repeats: usize) {
    use fast_image_resize::images::{TypedImage, TypedImageRef};
    use fast_image_resize::{Resizer, pixels::U8x3};

    let Pixels::U8(source) = source else { return };
    let (width, height) = (source.width(), source.height());
    let mut copy = source.clone();
    let mut to = TypedImage::<U8x3>::new(width / 2, height / 2);
    let mut resizer = Resizer::new();
    let mut times = Vec::new();
    for round in 0..=repeats {
        copy.samples_mut().copy_from_slice(source.samples());
        let from = TypedImageRef::<U8x3>::from_buffer(width, height, copy.samples()).expect("the samples fit");
        let begin = Instant::now();
        resizer.resize_typed(&from, &mut to, None).expect("both are RGB");
        if round > 0 {
            times.push(1e3 * begin.elapsed().as_secs_f64());
        }
    }
    times.sort_by(f64::total_cmp);
    println!("{ALONE}\t1\t{:.1}\t{:.1}", times[0], times[times.len() / 2]);
}

const ALONE: &str = "fast_image_resize alone";

/// Names and recipes: the example of every filter, the settings, and both stacks with each of their filters alone.
fn cases() -> Vec<(String, Recipe)> {
    let examples = FILTERS.iter().map(|filter| {
        let mut step = Step::new(filter.id).expect("the filter exists");
        let texts: Vec<String> = filter.example.values.iter().map(|(key, text)| format!("{key}={text}")).collect();
        for (key, text) in filter.example.values {
            step.params.set_text(key, text).expect("the example is allowed");
        }
        let name = if texts.is_empty() { filter.id.to_owned() } else { format!("{}:{}", filter.id, texts.join(",")) };
        (name, vec![step])
    });
    let parsed = |text: &str| Step::parse(text).expect("the setting is allowed");
    let settings = SETTINGS.iter().chain(&CURVES).chain(&COLOURS).map(|text| ((*text).to_owned(), vec![parsed(text)]));
    let stacks = [("ten curves", &CURVES), ("ten point filters", &COLOURS)]
        .map(|(name, steps)| (name.to_owned(), steps.iter().map(|text| parsed(text)).collect()));
    let mut cases: Vec<(String, Recipe)> = Vec::new();
    for (name, filters) in examples.chain(settings).chain(stacks) {
        if cases.iter().all(|(known, _)| *known != name) {
            let mut recipe = Recipe { filters, ..Recipe::default() };
            recipe.load_files(|kind, _| Ok(Arc::new(asset(kind))));
            cases.push((name, recipe));
        }
    }
    cases
}

/// Slopes with fine noise: something to sharpen and nothing that a branch predictor could learn.
fn picture(megapixels: usize) -> Pixels {
    let height = (megapixels as f64 * 1e6 / 1.5).sqrt() as u32;
    let width = height * 3 / 2;
    let mut state = 1_u32;
    let samples = (0..width as usize * height as usize * 3).map(|i| {
        state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        (i / 97) as u8 / 2 + (state >> 27) as u8
    });
    Raster::new(width, height, Layout::Rgb, samples.collect()).into()
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
        FileKind::Picture => Asset::Picture(Raster::new(1000, 500, Layout::Rgba, vec![180_u8; 2_000_000]).into()),
        FileKind::Font => {
            let font = include_bytes!("../assets/fonts/DejaVuSans.ttf");
            Asset::Font(Font::from_bytes(font.to_vec()).expect("it is a font").into())
        }
    }
}
