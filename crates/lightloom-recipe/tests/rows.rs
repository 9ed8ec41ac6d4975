//! A picture that passes through a few rows at a time comes out as one that is computed as a whole.
#![allow(clippy::unwrap_used, reason = "tests")]

use std::borrow::Cow;
use std::convert::Infallible;
use std::sync::LazyLock;

use lightloom_filter::{FILTERS, Work};
use lightloom_picture::{Buffers, Chroma, Depth, Extent, Layout, Pixels, Raster, RowForm, Shape};
use lightloom_recipe::{Plan, PlanPixels, Purpose, Recipe, RowSource, RowStep, Step};

fn noise(width: u32, height: u32, layout: Layout) -> Raster<u8> {
    let samples = 0..width * height * layout.channels() as u32;
    Raster::new(width, height, layout, samples.map(|i| (i.wrapping_mul(2_654_435_761) >> 24) as u8).collect())
}

fn recipe(steps: &[Step]) -> Recipe {
    Recipe { filters: steps.to_vec(), ..Recipe::default() }
}

/// A plan for a picture of the full size of which `source` is decoded.
fn plan(steps: &[Step], (width, height): (u32, u32), source: &Raster<u8>) -> Plan {
    let shape = Shape { width, height, layout: source.layout(), depth: Depth::U8 };
    let plan = Plan::compile(&recipe(steps), shape, &[1, 2, 4, 8], Purpose::Export).unwrap();
    let decoded = [width, height].map(|side| side.div_ceil(plan.decode_divisor().into()));
    assert_eq!(decoded, [source.width(), source.height()], "{steps:?}");
    plan
}

fn whole(plan: &Plan, extent: Extent, source: Raster<u8>) -> Pixels {
    let mut work = Work { buffers: &mut Buffers::default(), stop: &|| false, split: false };
    plan.run(PlanPixels::scaled(source.into(), extent), &mut work).unwrap()
}

fn push(steps: &mut [RowStep<'_, '_>], rows: &mut [u8], samples: &mut Vec<u8>) {
    let Some((first, rest)) = steps.split_first_mut() else { return samples.extend_from_slice(rows) };
    let Ok(()) = first.push(rows, &mut |rows| {
        push(rest, rows, samples);
        Ok::<(), Infallible>(())
    });
}

static FOUR: LazyLock<rayon::ThreadPool> =
    LazyLock::new(|| rayon::ThreadPoolBuilder::new().num_threads(4).build().unwrap());

/// The result of rows that arrive so many at a time, as far as passes do not need the whole picture, and how many do.
fn by_rows(plan: &Plan, extent: Extent, source: &Raster<u8>, rows: usize, split: bool) -> (Pixels, usize) {
    let shape = Shape { width: source.width(), height: source.height(), layout: source.layout(), depth: Depth::U8 };
    let arriving = RowSource { form: RowForm::Pixels(shape), turn: None, extent, chroma: Chroma::FULL, split };
    let mut passes = plan.rows(arriving).unwrap();
    let mut samples = Vec::new();
    let mut steps: Vec<_> = passes.steps().collect();
    for rows in source.samples().chunks(rows * source.stride()) {
        push(&mut steps, &mut rows.to_vec(), &mut samples);
    }
    let shape = passes.leaving().shape();
    let pixels = Pixels::from(Raster::new(shape.width, shape.height, shape.layout, samples));
    let mut work = Work { buffers: &mut Buffers::default(), stop: &|| false, split: false };
    let shared = plan.run_shared_after(passes.len(), (pixels, passes.effect()), &mut work).unwrap();
    assert_eq!(
        shared.effect,
        plan.run_shared(PlanPixels::scaled(source.clone().into(), extent), &mut work).unwrap().effect
    );
    (plan.run_output(0, Cow::Owned(shared), &mut work).unwrap().pixels, passes.len())
}

/// Checks that a picture comes out the same; returns how many passes saw it row by row.
fn check(steps: &[Step], size: (u32, u32), divisor: u32, layout: Layout, rows: &[usize]) -> usize {
    let extent = Extent::scaled(size.0, size.1, divisor);
    let source = noise(size.0.div_ceil(divisor), size.1.div_ceil(divisor), layout);
    let plan = plan(steps, size, &source);
    let expected = whole(&plan, extent, source.clone());
    let results = rows.iter().enumerate().map(|(i, rows)| {
        // With one core and with four.
        let one = || by_rows(&plan, extent, &source, *rows, false);
        let (result, passes) =
            if i % 2 == 0 { one() } else { FOUR.install(|| by_rows(&plan, extent, &source, *rows, true)) };
        assert!(result == expected, "{steps:?} of {layout:?}, {rows} of {} rows at a time", size.1);
        passes
    });
    results.min().unwrap()
}

/// Every filter with the values of its example.
fn steps() -> impl Iterator<Item = Step> {
    FILTERS.iter().map(|filter| {
        let mut step = Step::new(filter.id).unwrap();
        filter.example.values.iter().for_each(|(key, text)| step.params.set_text(key, text).unwrap());
        step
    })
}

fn parsed(texts: &[&str]) -> Vec<Step> {
    texts.iter().map(|text| Step::parse(text).unwrap()).collect()
}

#[test]
fn every_filter_makes_of_rows_what_it_makes_of_the_whole() {
    for layout in [Layout::Grey, Layout::Rgb, Layout::Rgba] {
        let of_files = |step: &Step| step.params.spec().example.values.iter().any(|(key, _)| *key == "file");
        let passes = |step: Step| (step.params.spec().id, check(&[step], (70, 173), 1, layout, &[1, 16, 173]));
        let passed: Vec<_> = steps().filter(|step| !of_files(step)).map(passes).filter(|(_, n)| *n == 1).collect();
        for id in
            ["saturation", "vignette", "curves", "gaussian_blur", "unsharp_mask", "pixelate", "tilt_shift", "median"]
        {
            assert!(passed.contains(&(id, 1)) || layout == Layout::Grey, "{id} needs the whole picture");
        }
        for id in ["crop", "flip", "rotate"] {
            assert!(passed.contains(&(id, 1)), "{id} needs pixels of the whole picture");
        }
        assert!(!["trim", "auto_levels"].iter().any(|id| passed.contains(&(id, 1))));
    }
}

#[test]
fn chains_pass_rows_on() {
    let chains: [(&[&str], usize); 8] = [
        (&[], 0),
        (&["exposure:stops=0.5", "saturation:factor=1.3", "gaussian_blur:sigma=3"], 2),
        (
            &[
                "vignette:amount=-75",
                "unsharp_mask:sigma=1,amount=0.8",
                "greyscale",
                "gaussian_blur:sigma=20",
                "vignette:amount=40",
            ],
            5,
        ),
        (&["median:radius=2", "box_blur:radius=5", "gaussian_blur:sigma=40", "invert"], 4),
        (&["black_white", "split_tone", "sharpen", "sepia"], 3),
        (&["sharpen", "rotate:turns=left", "sharpen", "auto_levels"], 3),
        (&["flip:axis=vertical", "crop:ratio=2:1,size=70", "rotate:turns=half", "flip", "rotate", "sharpen"], 6),
        (&["sepia", "resize:mode=percent,percent=60", "unsharp_mask"], 3),
    ];
    for (chain, passes) in chains {
        // Many rows and few: a halo may be larger than the picture.
        for size in [(9, 1), (40, 3), (33, 700)] {
            assert_eq!(check(&parsed(chain), size, 1, Layout::Rgb, &[1, 7, 16]), passes, "{chain:?}");
        }
    }
}

#[test]
fn wide_pictures_are_computed_in_several_strips() {
    let steps = parsed(&["gaussian_blur:sigma=2", "vibrance:amount=80", "sharpen"]);
    assert_eq!(check(&steps, (12_000, 90), 1, Layout::Rgb, &[16, 16]), 3);
}

#[test]
fn resized_pictures_pass_at_every_scale_of_the_decoder() {
    for (divisor, target) in [(1, 700), (2, 300), (4, 150), (8, 60)] {
        for kernel in ["lanczos3", "mitchell", "box", "nearest"] {
            for layout in [Layout::Grey, Layout::Rgb] {
                let resize = format!("resize:mode=exact,width={target},height={target},kernel={kernel}");
                let steps = parsed(&[&resize, "unsharp_mask:sigma=1,amount=0.8"]);
                assert_eq!(check(&steps, (1003, 917), divisor, layout, &[1, 16]), 2, "{resize}");
            }
        }
    }
    // Between the groups of rows that are computed at once, there are rows that nobody needs.
    for kernel in ["nearest", "box"] {
        let resize = format!("resize:mode=exact,width=30,height=90,kernel={kernel}");
        assert_eq!(check(&parsed(&[&resize]), (30, 9000), 1, Layout::Rgb, &[1, 16]), 1, "{kernel}");
    }
    let larger = parsed(&["resize:mode=exact,width=90,height=333,enlarge=true", "gaussian_blur"]);
    assert_eq!(check(&larger, (40, 30), 1, Layout::Rgb, &[1, 8]), 2);
    let light = parsed(&["resize:width=30,linear=true"]);
    assert_eq!(check(&light, (40, 80), 1, Layout::Rgb, &[1, 8]), 1);
    for (divisor, side) in [(1, 30), (2, 15), (4, 7), (8, 3)] {
        for anchor in ["centre", "top_left", "bottom_right"] {
            let fill = format!("resize:mode=fill,width={side},height={side},anchor={anchor}");
            for layout in [Layout::Grey, Layout::Rgb] {
                assert_eq!(check(&parsed(&[&fill, "sharpen"]), (47, 83), divisor, layout, &[1, 8]), 2, "{fill}");
            }
        }
    }
    let pad = "resize:mode=pad,width=30,height=90";
    assert_eq!(check(&parsed(&[pad]), (40, 80), 1, Layout::Rgb, &[8]), 0, "{pad}");
    assert_eq!(check(&parsed(&["resize:width=30"]), (40, 80), 1, Layout::Rgba, &[8]), 0);
}
