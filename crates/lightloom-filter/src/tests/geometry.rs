//! Where filters say that pixels go is where they go.

use crate::testing::run_operation;
use crate::tests::every_setting;
use crate::{FILTERS, FilterContext, FilterSpec, Group, Operation, Params, Work, find};
use lightloom_picture::{Buffers, Geometry, Layout, Pixels, Raster};

const SIZE: (u32, u32) = (96, 72);

/// How far a spot reaches, in pixels.
const REACH: f64 = 6.0;

/// A soft spot around one point, at another.
fn brightness((x, y): (f64, f64), (u, v): (f64, f64)) -> f64 {
    let distance = (u - x).hypot(v - y) / REACH;
    if distance < 1.0 { 0.5 + 0.5 * (distance * std::f64::consts::PI).cos() } else { 0.0 }
}

/// Black, with a soft spot around a point.
fn spot(x: f64, y: f64) -> Pixels {
    let middle = |at: u32| (f64::from(at % SIZE.0) + 0.5, f64::from(at / SIZE.0) + 0.5);
    let value = |at: u32| brightness((x, y), middle(at)) as f32;
    Raster::new(SIZE.0, SIZE.1, Layout::Grey, (0..SIZE.0 * SIZE.1).map(value).collect()).into()
}

fn grey(pixels: Pixels) -> Raster<f32> {
    match pixels.into_layout(Layout::Grey) {
        Pixels::F32(raster) => raster,
        _ => unreachable!("filters keep the depth"),
    }
}

/// The centre of what differs between two pictures.
fn centre(with: &Raster<f32>, without: &Raster<f32>) -> (f64, f64) {
    let (mut x, mut y, mut all) = (0.0, 0.0, 0.0);
    for (at, (a, b)) in with.samples().iter().zip(without.samples()).enumerate() {
        let (at, weight) = (at as u32, f64::from((a - b).abs()));
        x += weight * (f64::from(at % with.width()) + 0.5);
        y += weight * (f64::from(at / with.width()) + 0.5);
        all += weight;
    }
    (x / all, y / all)
}

/// Runs a setting on a spot at each of some points; returns how often the spot was found where it should be.
fn check(params: &Params) -> usize {
    let mut buffers = Buffers::default();
    let mut work = Work { buffers: &mut buffers, stop: &|| false, split: false };
    let black: Pixels = Raster::new(SIZE.0, SIZE.1, Layout::Grey, vec![0.0_f32; (SIZE.0 * SIZE.1) as usize]).into();
    let context = FilterContext { shape: black.shape(), scale: 1.0 };
    let Ok(Operation::Whole(whole)) = params.compile(&context) else { return 0 };
    // Sizes beyond any use take long.
    if whole.shape(context.shape).pixels() > 1 << 17 {
        return 0;
    }
    let mut checked = 0;
    for (x, y) in [(20.0, 18.0), (47.0, 37.0), (70.5, 20.25), (30.0, 50.0), (75.0, 52.0)] {
        let source = spot(x, y);
        let (geometry, without) = match whole.find(&source, &mut work).unwrap() {
            // What is cut off depends on the content, and is black here.
            Some(found) => (found.geometry(source.shape()), None),
            None => (whole.geometry(source.shape()), Some(grey(whole.apply(black.clone(), &mut work).unwrap()))),
        };
        let compiled = params.compile(&context).unwrap();
        let with = grey(run_operation(&compiled, source, &mut work).unwrap());
        assert_eq!(geometry.size(), (with.width(), with.height()), "{params:?}");
        let without = without
            .unwrap_or_else(|| Raster::new(with.width(), with.height(), Layout::Grey, vec![0.0; with.samples().len()]));
        if let Some((expected, tolerance)) = expected(&geometry, x, y) {
            let found = centre(&with, &without);
            let distance = (found.0 - expected.0).hypot(found.1 - expected.1);
            assert!(distance < tolerance, "{params:?}: {x}, {y} went to {found:?}, not to {expected:?}");
            checked += 1;
        }
    }
    checked
}

/// The centre of what becomes of a spot, and how exactly it can be found; `None` if it is cut off, or becomes too small.
fn expected(geometry: &Geometry, x: f64, y: f64) -> Option<((f64, f64), f64)> {
    let corners = [(-1.0, -1.0), (1.0, -1.0), (1.0, 1.0), (-1.0, 1.0)];
    let (width, height) = geometry.size();
    for (dx, dy) in corners {
        let (x, y) = geometry.point(x + dx * REACH, y + dy * REACH)?;
        if !((1.0..f64::from(width) - 1.0).contains(&x) && (1.0..f64::from(height) - 1.0).contains(&y)) {
            return None;
        }
    }
    let (wide, high) = geometry.magnification();
    if wide < 0.3 || high < 0.3 {
        return None;
    }
    let back = geometry.inverse()?;
    let value = |at: u32| {
        let source = back.point(f64::from(at % width) + 0.5, f64::from(at / width) + 0.5);
        source.map_or(0.0, |source| brightness((x, y), source)) as f32
    };
    let drawn = Raster::new(width, height, Layout::Grey, (0..width * height).map(value).collect());
    let nothing = Raster::new(width, height, Layout::Grey, vec![0.0; (width * height) as usize]);
    // The nearest pixel may lie half a pixel of the source away in each direction.
    Some((centre(&drawn, &nothing), 0.37 * wide.max(high).max(1.0)))
}

fn settings(spec: &'static FilterSpec) -> Vec<Params> {
    let mut all = every_setting(spec);
    let mut example = Params::defaults(spec);
    let set = spec.example.values.iter().all(|(key, text)| example.set_text(key, text).is_ok());
    all.extend(set.then_some(example));
    all
}

#[test]
fn pixels_go_where_geometry_filters_say() {
    for spec in FILTERS.iter().copied().filter(|spec| spec.group == Group::Geometry) {
        let checked: usize = settings(spec).iter().map(check).sum();
        assert!(checked >= 2, "{}: no setting was checked", spec.id);
    }
    for (id, text) in [
        ("crop", "mode=pixels,width=50,height=40,left=7,top=3"),
        ("crop", "mode=pixels,width=50,height=50,anchor=bottom_right"),
        ("resize", "width=48,height=48"),
        ("resize", "mode=exact,width=90,height=40"),
        ("resize", "mode=fill,width=50,height=60"),
        ("resize", "mode=fill,width=60,height=20,anchor=top_left"),
        ("resize", "mode=pad,width=120,height=120,anchor=bottom_right"),
        ("resize", "mode=pad,width=200,height=150,enlarge=true"),
    ] {
        let mut params = Params::defaults(find(id).unwrap());
        for (key, value) in text.split(',').filter_map(|pair| pair.split_once('=')) {
            params.set_text(key, value).unwrap();
        }
        assert!(check(&params) > 0, "{id}:{text}");
    }
}

#[test]
fn no_other_filter_moves_pixels() {
    for spec in FILTERS.iter().copied().filter(|spec| spec.group != Group::Geometry) {
        for params in settings(spec) {
            let context = FilterContext { shape: spot(0.0, 0.0).shape(), scale: 1.0 };
            if let Ok(Operation::Whole(whole)) = params.compile(&context) {
                assert!(whole.geometry(context.shape).is_identity(), "{params:?}");
            }
        }
    }
}
