//! What holds for the results of every filter, whatever its settings and however it is run.

use super::{HUGE, LAYOUTS, apply, enlarges, every_picture, every_setting, is_huge, noise, noisy, operation};
use crate::testing::run_operation;
use crate::{Area, Dependence, FILTERS, FilterContext, Operation, Params, Planes, Strip, Work, find};
use lightloom_picture::with_raster;
use lightloom_picture::{Buffers, Depth, Layout, Pixels, Raster, Shape, View};

#[test]
fn every_setting_runs_on_every_picture() {
    for params in FILTERS.iter().flat_map(|filter| every_setting(filter)) {
        for pixels in every_picture() {
            let Shape { layout, depth, .. } = pixels.shape();
            // great enlargements take long and are alike in all layouts
            if layout != Layout::Rgba && enlarges(&params, &pixels) {
                continue;
            }
            if let Some(result) = apply(&params, pixels) {
                assert!(result.shape().depth == depth && result.shape().pixels() > 0, "{params:?}");
            }
        }
    }
}

#[test]
fn a_smaller_picture_than_announced_gets_the_announced_shape() {
    for params in FILTERS.iter().flat_map(|filter| every_setting(filter)) {
        for scale in [0.5, 0.13] {
            let full = noisy(70, 50, Layout::Rgb, Depth::U8).shape();
            let Ok(Operation::Whole(whole)) = params.compile(&FilterContext { shape: full, scale }) else { continue };
            for (width, height) in [(35, 25), (9, 7), (1, 1)] {
                let proxy = noisy(width, height, Layout::Rgb, Depth::U8);
                let announced = whole.shape(proxy.shape());
                if announced.pixels() > HUGE {
                    continue;
                }
                let mut work = Work { buffers: &mut Buffers::default(), stop: &|| false, split: true };
                let result = whole.apply(proxy, &mut work).unwrap();
                if !whole.finds_shape() {
                    assert_eq!(result.shape(), announced, "{params:?} of {width} × {height}");
                }
            }
        }
    }
}

#[test]
fn spreading_over_the_pool_changes_nothing() {
    for params in FILTERS.iter().flat_map(|filter| every_setting(filter)) {
        let pixels = noisy(60, 400, Layout::Rgba, Depth::U8);
        if is_huge(&params, &pixels) {
            continue;
        }
        let operation = params.compile(&FilterContext { shape: pixels.shape(), scale: 1.0 });
        let Ok(operation @ (Operation::Whole(_) | Operation::Measured(_))) = operation else { continue };
        let result = [false, true].map(|split| {
            let mut work = Work { buffers: &mut Buffers::default(), stop: &|| false, split };
            run_operation(&operation, pixels.clone(), &mut work).unwrap()
        });
        assert!(result[0] == result[1], "{params:?}");
    }
}

#[test]
fn stopped_operations_on_the_whole_picture_have_no_result() {
    for filter in FILTERS {
        let pixels = noisy(4000, 3, Layout::Grey, Depth::U8);
        let context = FilterContext { shape: pixels.shape(), scale: 1.0 };
        for split in [false, true] {
            let operation = Params::defaults(filter).compile(&context);
            if let Ok(operation @ (Operation::Whole(_) | Operation::Measured(_))) = operation {
                let mut work = Work { buffers: &mut Buffers::default(), stop: &|| true, split };
                assert!(run_operation(&operation, pixels.clone(), &mut work).is_err(), "{}", filter.id);
            }
        }
    }
}

#[test]
fn point_filters_do_not_see_strips() {
    for params in FILTERS.iter().flat_map(|filter| every_setting(filter)) {
        for layout in LAYOUTS {
            let pixels = noisy(6, 8, layout, Depth::F32);
            let mut work = Work { buffers: &mut Buffers::default(), stop: &|| false, split: false };
            let points = match params.compile(&FilterContext { shape: pixels.shape(), scale: 1.0 }) {
                Ok(Operation::Points(points)) => points,
                Ok(Operation::Measured(measure)) => vec![measure.measure(&pixels, &mut work).unwrap()],
                _ => continue,
            };
            let source = noise(48 * layout.channels());
            let after = points.iter().fold(layout, |layout, point| point.layout(layout));
            assert_eq!(after.has_alpha(), layout.has_alpha(), "{params:?}");
            let in_strips = |pixels: usize, placed: bool| {
                let mut result = Vec::new();
                for (i, part) in source.chunks(pixels * layout.channels()).enumerate() {
                    let mut planes = Planes::default();
                    planes.load(part, layout);
                    let top = (i * pixels / 6) as u32;
                    let mut strip = if placed { Strip::new(&mut planes, 6, top) } else { Strip::anywhere(&mut planes) };
                    points.iter().for_each(|point| point.apply(&mut strip));
                    assert_eq!(planes.all().len(), after.colours(), "{params:?}");
                    let mut samples = vec![0.0_f32; part.len() / layout.channels() * after.channels()];
                    planes.store(&mut samples, after);
                    result.extend(samples);
                }
                result
            };
            let whole = in_strips(48, true);
            assert!(whole == in_strips(18, true), "{params:?} depends on the strips");
            if points.iter().all(|point| point.dependence() < Dependence::Position) {
                assert!(whole == in_strips(7, false), "{params:?} depends on places");
            }
        }
    }
}

#[test]
fn neutral_settings_are_identity() {
    let neutral: &[(&str, &[(&str, &str)])] = &[
        ("exposure", &[]),
        ("brightness_contrast", &[]),
        ("gamma", &[]),
        ("saturation", &[]),
        ("white_balance", &[]),
        ("levels", &[]),
        ("levels", &[("gamma", "1"), ("channel", "green")]),
        ("curves", &[]),
        ("curves", &[("points", "0:0,0.5:0.5,1:1"), ("red", "0:0,1:1")]),
        ("sigmoidal_contrast", &[("contrast", "0")]),
        ("fade", &[("lift", "0"), ("drop", "0")]),
        ("equalize", &[("strength", "0")]),
        ("solarize", &[("threshold", "256")]),
        ("vibrance", &[("amount", "0")]),
        ("hue", &[]),
        ("hsl", &[("range", "blue")]),
        ("colour_balance", &[]),
        ("channel_mixer", &[]),
        ("sepia", &[("strength", "0")]),
        ("colourise", &[("strength", "0")]),
        ("split_tone", &[("strength", "0")]),
        ("gradient_map", &[("strength", "0")]),
        ("auto_white_balance", &[("strength", "0")]),
        ("lut3d", &[]),
        ("straighten", &[]),
        ("perspective", &[]),
        ("perspective", &[("mode", "corners")]),
        ("canvas", &[("ratio", "7:5")]),
        ("border", &[("percent", "0")]),
        ("text_watermark", &[("text", "")]),
        ("image_watermark", &[]),
        ("resize", &[("mode", "percent"), ("percent", "100")]),
        ("resize", &[("width", "1920"), ("height", "1920")]),
        ("resize", &[("mode", "fill"), ("width", "7"), ("height", "9")]),
        ("crop", &[("ratio", "7:5")]),
        ("gaussian_blur", &[("sigma", "0.1")]),
        ("unsharp_mask", &[("amount", "0")]),
        ("sharpen", &[("amount", "0")]),
        ("box_blur", &[("radius", "0")]),
        ("motion_blur", &[("length", "1")]),
        ("median", &[("radius", "0")]),
        ("vignette", &[("amount", "0")]),
        ("grain", &[("amount", "0")]),
        ("noise", &[("amount", "0")]),
        ("shadows_highlights", &[("shadows", "0")]),
        ("bilateral", &[("range", "0")]),
        ("non_local_means", &[("strength", "0")]),
        ("surface_blur", &[("threshold", "0")]),
        ("dust_and_scratches", &[("radius", "0")]),
        ("clarity", &[("amount", "0")]),
        ("dehaze", &[("amount", "0")]),
        ("clahe", &[("strength", "0")]),
        ("glow", &[("amount", "0")]),
        ("tilt_shift", &[("sigma", "0")]),
        ("pixelate", &[("size", "1")]),
        ("oil_paint", &[("radius", "0")]),
        ("erode", &[("radius", "0")]),
        ("dilate", &[("radius", "0"), ("shape", "disc")]),
        ("opening", &[("radius", "0")]),
        ("closing", &[("radius", "0")]),
        ("custom_kernel", &[("kernel", "0 0 0 0 2 0 0 0 0")]),
        ("emboss", &[("depth", "0"), ("keep_picture", "true")]),
    ];
    for (id, params) in neutral {
        let pixels = noisy(7, 5, Layout::Rgba, Depth::U16);
        assert!(matches!(operation(id, params, &pixels), Operation::Identity), "{id} {params:?}");
    }
    for id in
        ["saturation", "white_balance", "greyscale", "vibrance", "hue", "hsl", "auto_white_balance", "black_white"]
    {
        let (spec, grey) = (find(id).unwrap(), noisy(7, 5, Layout::GreyAlpha, Depth::U8));
        for params in every_setting(spec) {
            assert_eq!(apply(&params, grey.clone()), Some(grey.clone()), "{params:?}");
        }
    }
}

#[test]
fn area_rows_do_not_depend_on_the_cut() {
    for params in FILTERS.iter().flat_map(|filter| every_setting(filter)) {
        for (layout, depth) in [(Layout::Rgb, Depth::U8), (Layout::Rgba, Depth::U16), (Layout::GreyAlpha, Depth::F32)] {
            let pixels = noisy(130, 31, layout, depth);
            let Ok(Operation::Area(area)) = params.compile(&FilterContext { shape: pixels.shape(), scale: 1.0 }) else {
                continue;
            };
            let whole = cut(&*area, &pixels, 31);
            // each strip computes what is in its reach, so that single rows of a wide one would take long
            let thin = if area.halo() < 10 { 1 } else { 9 };
            for rows in [thin, 20] {
                assert!(cut(&*area, &pixels, rows) == whole, "{params:?} in strips of {rows}");
            }
        }
    }
}

/// The result of an area operation, computed in strips of this number of rows, of which only those within its halo are at
/// hand.
fn cut(area: &dyn Area, pixels: &Pixels, rows: u32) -> Pixels {
    macro_rules! strips {
        ($raster:ident, $method:ident, $zero:expr) => {{
            let mut samples = vec![$zero; $raster.samples().len()];
            for (i, strip) in samples.chunks_mut(rows as usize * $raster.stride()).enumerate() {
                let (size, layout) = (($raster.width(), $raster.height()), $raster.layout());
                let rows = i as u32 * rows..size.1.min((i as u32 + 1) * rows);
                let seen = rows.start.saturating_sub(area.halo())..size.1.min(rows.end + area.halo());
                let seen = seen.start as usize * $raster.stride()..seen.end as usize * $raster.stride();
                let top = (seen.start / $raster.stride()) as u32;
                area.$method(View::new(size, layout, top, &$raster.samples()[seen]), rows, strip);
            }
            Raster::new($raster.width(), $raster.height(), $raster.layout(), samples).into()
        }};
    }
    match pixels {
        Pixels::U8(r) => strips!(r, rows_u8, 0),
        Pixels::U16(r) => strips!(r, rows_u16, 0),
        Pixels::F32(r) => strips!(r, rows_f32, 0.0),
    }
}

#[test]
fn area_rows_depend_on_no_more_than_the_halo() {
    for params in FILTERS.iter().flat_map(|filter| every_setting(filter)) {
        let (width, height) = (5, 90);
        let full = noisy(width, height, Layout::Grey, Depth::F32);
        let Ok(Operation::Area(area)) = params.compile(&FilterContext { shape: full.shape(), scale: 1.0 }) else {
            continue;
        };
        let mut changed = noise(width as usize * height as usize);
        changed[..width as usize].fill(9.0);
        let changed = Pixels::from(Raster::new(width, height, Layout::Grey, changed));
        let first_same = (area.halo() as usize + 1).min(height as usize) * width as usize;
        let samples = [cut(&*area, &full, 90), cut(&*area, &changed, 90)]
            .map(|pixels| with_raster!(pixels, r => r.samples().iter().map(|v| f64::from(*v)).collect::<Vec<_>>()));
        assert!(samples[0][first_same..] == samples[1][first_same..], "{params:?}");
    }
}

#[test]
fn wild_floats_do_not_panic() {
    let wild = [f32::NAN, f32::INFINITY, f32::NEG_INFINITY, 1e30, -1e30, f32::MIN_POSITIVE, -0.0, 0.5];
    for params in FILTERS.iter().flat_map(|filter| every_setting(filter)) {
        for layout in LAYOUTS {
            let samples = wild.iter().copied().cycle().take(9 * layout.channels()).collect();
            let pixels = Raster::new(3, 3, layout, samples).into();
            if !enlarges(&params, &pixels) {
                apply(&params, pixels);
            }
        }
    }
}
