//! What depends on rows around each row may be written over the picture that it is computed from.
#![allow(clippy::unwrap_used, reason = "tests")]

use lightloom_filter::{FILTERS, FilterContext, Operation, Params};
use lightloom_picture::{Buffers, Depth, Layout, Pixels, Raster, Work};
use lightloom_recipe::{Plan, Purpose, Recipe, Step};

fn noise(depth: Depth) -> Pixels {
    let samples = |scale: f32| {
        (0..40 * 700 * 3_u32).map(move |i| (i.wrapping_mul(2_654_435_761) >> 16) as f32 / 65_536.0 * scale)
    };
    match depth {
        Depth::U8 => Raster::new(40, 700, Layout::Rgb, samples(255.0).map(|v| v as u8).collect()).into(),
        Depth::U16 => Raster::new(40, 700, Layout::Rgb, samples(65_535.0).map(|v| v as u16).collect()).into(),
        Depth::F32 => Raster::new(40, 700, Layout::Rgb, samples(1.0).collect()).into(),
    }
}

#[test]
fn writing_over_the_picture_changes_nothing() {
    let mut tried = 0;
    for filter in FILTERS {
        let context = FilterContext { shape: noise(Depth::U8).shape(), scale: 1.0 };
        if !matches!(Params::defaults(filter).compile(&context), Ok(Operation::Area(_))) {
            continue;
        }
        tried += 1;
        let recipe = Recipe { filters: vec![Step::parse(filter.id).unwrap()], ..Recipe::default() };
        for depth in [Depth::U8, Depth::U16, Depth::F32] {
            let pixels = noise(depth);
            let plan = Plan::compile(&recipe, pixels.shape(), &[1], Purpose::Export).unwrap();
            let mut work = Work { buffers: &mut Buffers::default(), stop: &|| false, split: false };
            let over = plan.run(pixels.clone(), &mut work).unwrap();
            // Spread over cores, each strip is written to a place of its own.
            let spread =
                plan.run(pixels, &mut Work { buffers: &mut Buffers::default(), stop: &|| false, split: true }).unwrap();
            assert!(over == spread, "{} of {depth}", filter.id);
        }
    }
    assert!(tried > 5, "{tried} filters");
}
