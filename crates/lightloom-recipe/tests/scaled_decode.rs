//! A picture that its decoder delivered at a fraction of its size lies, once it is resized, where the full one lies.
#![allow(clippy::unwrap_used, reason = "tests")]

use std::f64::consts::TAU;

use lightloom_codec::{self as codec, EncodeOptions, Limits};
use lightloom_picture::{Buffers, Layout, Metadata, Picture, Pixels, Raster, Work};
use lightloom_recipe::{Output, Plan, PlanPixels, Purpose, Recipe, Step};

/// A smooth function of the place in the picture, of which both sides are 1; between 0 and 255.
fn level(x: f64, y: f64) -> f64 {
    128.0 + 55.0 * (TAU * 2.3 * x + 0.4).sin() + 55.0 * (TAU * 1.7 * y + 1.1).sin()
}

/// A JPEG file in which [`level`] is stored, to be turned by an Exif orientation.
fn stored(width: u32, height: u32, orientation: u8) -> Vec<u8> {
    let place = |at: u32, side: u32| (f64::from(at) + 0.5) / f64::from(side);
    let samples =
        (0..height * width).map(|i| level(place(i % width, width), place(i / width, height)).round() as u8).collect();
    let exif = [b"II*\0\x08\0\0\0\x01\0\x12\x01\x03\0\x01\0\0\0".as_slice(), &[orientation, 0, 0, 0, 0, 0, 0, 0]];
    let picture = Picture {
        pixels: Raster::new(width, height, Layout::Grey, samples).into(),
        metadata: Metadata { exif: Some(exif.concat()), ..Metadata::default() },
    };
    let jpeg = codec::find("jpeg").unwrap();
    codec::encode(jpeg, picture, &EncodeOptions::with_quality(98), &mut Buffers::default()).unwrap().bytes
}

/// Where a place of the upright picture is in the stored one (Exif 2.32, orientation).
fn unturned((x, y): (f64, f64), orientation: u8) -> (f64, f64) {
    match orientation {
        2 => (1.0 - x, y),
        3 => (1.0 - x, 1.0 - y),
        4 => (x, 1.0 - y),
        5 => (y, x),
        6 => (y, 1.0 - x),
        7 => (1.0 - y, 1.0 - x),
        8 => (1.0 - y, x),
        _ => (x, y),
    }
}

fn recipe(filters: &[&str]) -> Recipe {
    let filters = filters.iter().map(|filter| Step::parse(filter).unwrap()).collect();
    Recipe { filters, ..Recipe::default() }
}

/// One output of a recipe, and by how much the decoder divided the sides.
fn developed(file: &[u8], recipe: &Recipe, output: usize, divisors: &[u8]) -> (Raster<u8>, u8) {
    let limits = Limits::default();
    let (format, header) = codec::header(file, &limits).unwrap();
    let divisors = if divisors.is_empty() { format.divisors } else { divisors };
    let plan = Plan::compile(recipe, header.upright(), divisors, Purpose::Export).unwrap();
    let divisor = plan.decode_divisor();
    let mut buffers = Buffers::default();
    let decoded = codec::decode(format, file, &header, divisor, &limits, &mut buffers).unwrap();
    let mut work = Work { buffers: &mut buffers, stop: &|| false, split: false };
    let source = PlanPixels::scaled(decoded.pixels, header.extent(divisor));
    let shared = plan.run_shared(source, &mut work).unwrap();
    let processed = plan.run_output(output, std::borrow::Cow::Owned(shared), &mut work).unwrap();
    let Pixels::U8(result) = processed.pixels else { unreachable!() };
    (result, divisor)
}

/// By how many pixels `result` is to the right of and below `expected`, by least squares over the gradients; and the mean
/// difference along the four edges.
fn difference(result: &Raster<u8>, expected: &dyn Fn(u32, u32) -> f64) -> ((f64, f64), f64) {
    let (width, height) = (result.width(), result.height());
    let (mut xx, mut xy, mut yy, mut dx, mut dy) = (0.0, 0.0, 0.0, 0.0, 0.0);
    let (mut edge, mut edges) = (0.0, 0.0);
    for (x, y) in (0..height).flat_map(|y| (0..width).map(move |x| (x, y))) {
        let off = f64::from(result.row(y)[x as usize]) - expected(x, y);
        if x == 0 || y == 0 || x == width - 1 || y == height - 1 {
            (edge, edges) = (edge + off.abs(), edges + 1.0);
            continue;
        }
        let gx = (expected(x + 1, y) - expected(x - 1, y)) / 2.0;
        let gy = (expected(x, y + 1) - expected(x, y - 1)) / 2.0;
        (xx, xy, yy) = (xx + gx * gx, xy + gx * gy, yy + gy * gy);
        (dx, dy) = (dx - gx * off, dy - gy * off);
    }
    let determinant = xx * yy - xy * xy;
    (((dx * yy - dy * xy) / determinant, (dy * xx - dx * xy) / determinant), edge / edges)
}

#[test]
fn every_size_divisor_and_orientation_stays_in_place() {
    let mut divisors = Vec::new();
    for (width, height) in (401..=409).map(|side| (side, side * 3 / 4 + 1)).chain([(1001, 437), (999, 667)]) {
        let orientations = if width == 407 { 1..=8 } else { 1..=1 };
        for orientation in orientations {
            let file = stored(width, height, orientation);
            for share in [0.08, 0.15, 0.3] {
                let side = (f64::from(width.max(height)) * share) as u32;
                let resize = recipe(&[&format!("resize:width={side},height={side}")]);
                let (result, divisor) = developed(&file, &resize, 0, &[]);
                divisors.push(divisor);
                let expected = |x: u32, y: u32| {
                    let at = |at: u32, side: u32| (f64::from(at) + 0.5) / f64::from(side);
                    let (x, y) = unturned((at(x, result.width()), at(y, result.height())), orientation);
                    level(x, y)
                };
                let (shift, edge) = difference(&result, &expected);
                let case = format!("{width} × {height}, orientation {orientation}, 1/{divisor} to {side}");
                assert!(shift.0.abs() < 0.05 && shift.1.abs() < 0.05, "{case}: shifted by {shift:?}");
                assert!(edge < 3.0, "{case}: edges off by {edge}");
            }
        }
    }
    assert!([2, 4, 8].iter().all(|divisor| divisors.contains(divisor)), "{divisors:?}");
}

#[test]
fn what_else_a_recipe_does_stays_in_place_too() {
    let file = stored(1003, 669, 8);
    let (small, right) = ("resize:width=150,height=150", "rotate:turns=right");
    for (filters, expected_divisor) in [
        (vec!["gamma:gamma=1", small], 4),
        (vec![small, right, "crop:mode=pixels,width=60,height=80,left=7,top=9,anchor=top_left"], 4),
        (vec![small, "resize:width=70,height=70"], 4),
        (vec![right, small], 1),
        (vec!["crop:mode=pixels,width=600,height=800,left=0,top=0,anchor=bottom_right", small], 1),
    ] {
        let recipe = recipe(&filters);
        let (full, _) = developed(&file, &recipe, 0, &[1]);
        let (result, divisor) = developed(&file, &recipe, 0, &[]);
        assert_eq!((result.width(), result.height(), divisor), (full.width(), full.height(), expected_divisor));
        let (shift, edge) = difference(&result, &|x, y| full.row(y)[x as usize].into());
        assert!(shift.0.abs() < 0.05 && shift.1.abs() < 0.05 && edge < 2.0, "{filters:?}: {shift:?}, {edge}");
    }
}

#[test]
fn outputs_that_share_a_scaled_decode_stay_in_place() {
    let file = stored(1003, 669, 3);
    let output = |name: &str, filter: &str| Output { filters: recipe(&[filter]).filters, ..Output::named(name) };
    let outputs = vec![
        output("small", "resize:width=90,height=90"),
        output("exact", "resize:mode=exact,width=210,height=111,kernel=bilinear"),
        output("percent", "resize:mode=percent,percent=22,kernel=mitchell"),
    ];
    let recipe = Recipe { outputs, ..Recipe::default() };
    for index in 0..3 {
        let (full, _) = developed(&file, &recipe, index, &[1]);
        let (result, divisor) = developed(&file, &recipe, index, &[]);
        assert_eq!(divisor, 2);
        let (shift, edge) = difference(&result, &|x, y| full.row(y)[x as usize].into());
        assert!(shift.0.abs() < 0.05 && shift.1.abs() < 0.05 && edge < 2.0, "{index}: {shift:?}, {edge}");
    }
}
