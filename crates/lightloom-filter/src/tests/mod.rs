//! The registry's tests: what holds for every filter, present and future, without naming one.

use std::collections::HashSet;
use std::fs;
use std::path::Path;
use std::sync::Arc;

use crate::testing::{run_operation, run_params};
use crate::{
    Area, Asset, Colour, FILTERS, FileKind, FileValue, FilterError, FilterSpec, Font, Frame, Lut, Operation, ParamKind,
    ParamSpec, Params, Planes, Sees, Strip, TextForm, Value, Work, find,
};
use lightloom_picture::with_raster;
use lightloom_picture::{Buffers, Depth, Layout, Pixels, Raster, Shape};

pub(crate) const LAYOUTS: [Layout; 4] = [Layout::Grey, Layout::GreyAlpha, Layout::Rgb, Layout::Rgba];
const DEPTHS: [Depth; 3] = [Depth::U8, Depth::U16, Depth::F32];
const SIZES: [(u32, u32); 3] = [(1, 1), (1, 50), (7, 5)];

/// Noise between 0 and 1, the same at every call.
pub(crate) fn noise(count: usize) -> Vec<f32> {
    let mut state = 1_u32;
    let mut next = || {
        state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        (state >> 8) as f32 / (1 << 24) as f32
    };
    (0..count).map(|_| next()).collect()
}

pub(crate) fn noisy(width: u32, height: u32, layout: Layout, depth: Depth) -> Pixels {
    let samples = noise(width as usize * height as usize * layout.channels());
    Pixels::from(Raster::new(width, height, layout, samples)).into_depth(depth)
}

fn every_picture() -> impl Iterator<Item = Pixels> {
    let shapes = LAYOUTS.into_iter().flat_map(|layout| DEPTHS.into_iter().map(move |depth| (layout, depth)));
    shapes.flat_map(|(layout, depth)| SIZES.into_iter().map(move |(w, h)| noisy(w, h, layout, depth)))
}

/// Values of a parameter: the ends of its range, every word, or samples.
pub(crate) fn ends(param: &ParamSpec) -> Vec<Value> {
    match param.kind {
        ParamKind::Number { min, max, .. } => vec![Value::Number(min), Value::Number(max)],
        ParamKind::Integer { min, max, .. } => vec![Value::Integer(min), Value::Integer(max)],
        ParamKind::Choice { options, .. } => options.iter().map(|word| Value::Choice(word)).collect(),
        ParamKind::Toggle { .. } => vec![Value::Toggle(false), Value::Toggle(true)],
        ParamKind::Ratio { min, max, .. } => vec![Value::Ratio(min, 1.0), Value::Ratio(max, 1.0)],
        ParamKind::Text { form, .. } => samples(form).into_iter().map(|text| Value::Text(text.into())).collect(),
        ParamKind::Colour { .. } => vec![Value::Colour(Colour([255, 128, 0, 90])), Value::Colour(Colour::BLACK)],
        ParamKind::File { holds } => vec![Value::File(loaded(holds))],
    }
}

/// Defaults, and defaults with one value at an end of its range or at another word.
fn every_setting(spec: &'static FilterSpec) -> Vec<Params> {
    let mut all = vec![Params::defaults(spec)];
    for param in spec.params {
        // an end may only matter in another mode, so each is tried with every word of the first choice
        let modes = spec.params.iter().find_map(|p| match p.kind {
            ParamKind::Choice { options, .. } => Some((p.key, options)),
            _ => None,
        });
        for end in ends(param) {
            let mut params = Params::defaults(spec);
            params.set(param.key, end.clone()).unwrap();
            all.push(params.clone());
            if let Some((key, options)) = modes.filter(|(key, _)| *key != param.key) {
                all.extend(options.iter().map(|word| {
                    let mut params = params.clone();
                    params.set(key, Value::Choice(word)).unwrap();
                    params
                }));
            }
        }
    }
    all
}

/// Texts of a form: some of these are.
fn samples(form: &TextForm) -> Vec<&'static str> {
    let texts = [
        "",
        "Two\nlines, Ünïcödé 日本",
        "0:0,0.3:0.8,0.5:0.2,1:1",
        "0.5:0.5",
        "10:0,90:3,100:95,0:100",
        "1 2 1 2 4 2 1 2 -1",
    ];
    texts.into_iter().filter(|text| (form.check)(text)).collect()
}

/// A file whose content is known.
pub(crate) fn loaded(holds: FileKind) -> FileValue {
    let mut file = FileValue::new("test");
    file.set_loaded(Ok(Arc::new(match holds {
        FileKind::Picture => Asset::Picture(noisy(5, 3, Layout::Rgba, Depth::U8)),
        FileKind::Font => Asset::Font(Font::from_bytes(crate::kernel::text_layer::BUNDLED.to_vec()).unwrap()),
        FileKind::Lut => Asset::Lut(Lut::from_hald(&noisy(8, 8, Layout::Rgb, Depth::U8)).unwrap()),
    })));
    file
}

/// Compiles and runs as an export does; `None` where the filter says that it does not fit.
pub(crate) fn apply(params: &Params, pixels: Pixels) -> Option<Pixels> {
    let frame = Frame { shape: pixels.shape(), scale: 1.0 };
    if let Err(FilterError::Unfit { filter, reason }) = params.compile(&frame) {
        assert!(filter == params.spec().id && !reason.is_empty());
        return None;
    }
    if is_huge(params, &pixels) {
        return None;
    }
    Some(run_params(params, pixels))
}

/// Pixels of a result that takes too long to compute hundreds of times.
const HUGE: u64 = 500_000;

/// Whether the result would be huge.
fn is_huge(params: &Params, pixels: &Pixels) -> bool {
    match params.compile(&Frame { shape: pixels.shape(), scale: 1.0 }) {
        Ok(Operation::Whole(whole)) => whole.shape(pixels.shape()).pixels() > HUGE,
        _ => false,
    }
}

fn enlarges(params: &Params, pixels: &Pixels) -> bool {
    match params.compile(&Frame { shape: pixels.shape(), scale: 1.0 }) {
        Ok(Operation::Whole(whole)) => whole.shape(pixels.shape()).pixels() > 100_000,
        _ => false,
    }
}

fn operation(id: &str, params: &[(&str, &str)], pixels: &Pixels) -> Operation {
    let mut values = Params::defaults(find(id).unwrap());
    params.iter().for_each(|(key, text)| values.set_text(key, text).unwrap());
    values.compile(&Frame { shape: pixels.shape(), scale: 1.0 }).unwrap()
}

#[test]
fn every_file_with_a_spec_is_in_the_list() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let mut files: Vec<String> = Vec::new();
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        let source = fs::read_to_string(&path).unwrap();
        if source.lines().any(|line| line.starts_with("pub static SPEC")) {
            files.push(path.file_stem().unwrap().to_str().unwrap().to_owned());
        }
    }
    files.sort();
    let mut ids: Vec<&str> = FILTERS.iter().map(|f| f.id).collect();
    ids.sort_unstable();
    assert_eq!(files, ids);
}

#[test]
fn names_are_unique_and_well_formed() {
    let snake = |name: &str| {
        name.starts_with(|c: char| c.is_ascii_lowercase())
            && name.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_')
    };
    let sentence = |text: &str| !text.trim().is_empty() && !text.ends_with('.') && text.trim() == text;
    let mut ids = HashSet::new();
    for filter in FILTERS {
        assert!(snake(filter.id) && ids.insert(filter.id), "{}", filter.id);
        assert!(sentence(filter.title) && sentence(filter.help) && filter.version >= 1, "{}", filter.id);
        assert_eq!(find(filter.id), Ok(*filter));
        let mut keys = HashSet::new();
        for param in filter.params {
            assert!(snake(param.key) && keys.insert(param.key), "{}: {}", filter.id, param.key);
            assert!(sentence(param.label) && sentence(param.help), "{}: {}", filter.id, param.key);
            if let ParamKind::Choice { options, .. } = param.kind {
                assert!(options.iter().all(|word| snake(word)), "{}: {options:?}", filter.id);
            }
        }
    }
}

#[test]
fn defaults_are_allowed_and_survive_text() {
    for filter in FILTERS {
        for (param, value) in Params::defaults(filter).iter() {
            assert!(param.kind.accepts(value), "{}: {} = {value}", filter.id, param.key);
            assert_eq!(param.kind.parse(&value.to_string()).as_ref(), Some(value), "{}: {}", filter.id, param.key);
        }
    }
}

#[test]
fn errors_name_the_key_the_value_and_the_range() {
    let unknown = find("sharpness").unwrap_err().to_string();
    assert!(unknown.contains("sharpness") && FILTERS.iter().all(|f| unknown.contains(f.id)), "{unknown}");
    for filter in FILTERS {
        let mut params = Params::defaults(filter);
        let error = params.set_text("no_such_key", "1").unwrap_err().to_string();
        assert!(error.contains("no_such_key") && error.contains(filter.id), "{error}");
        assert!(filter.params.iter().all(|p| error.contains(p.key)), "{error}");
        for param in filter.params {
            let (far, wrong) = match param.kind {
                ParamKind::Number { max, .. } => (format!("{}", max + 1.0), Value::Toggle(true)),
                ParamKind::Integer { max, .. } => (format!("{}", max + 1), Value::Number(1.5)),
                ParamKind::Choice { .. } => ("no_such_word".to_owned(), Value::Integer(1)),
                ParamKind::Toggle { .. } => ("perhaps".to_owned(), Value::Number(0.5)),
                ParamKind::Ratio { max, .. } => (format!("{}:1", max + 1.0), Value::Integer(1)),
                ParamKind::Colour { .. } => ("#12345".to_owned(), Value::Integer(1)),
                ParamKind::Text { form, .. } if !(form.check)("?!") => ("1:2:3".to_owned(), Value::Integer(1)),
                // every text is allowed
                ParamKind::Text { .. } | ParamKind::File { .. } => continue,
            };
            for (error, value) in [
                (params.set_text(param.key, &far), far.clone()),
                (params.set_text(param.key, "?!"), "?!".to_owned()),
                (params.set(param.key, wrong.clone()), wrong.to_string()),
            ] {
                let error = error.unwrap_err().to_string();
                for part in [filter.id, param.key, &value, &param.kind.allowed()] {
                    assert!(error.contains(part), "{error}: no {part}");
                }
            }
        }
        assert_eq!(params, Params::defaults(filter), "a refused value changed something");
    }
    for text in ["NaN", "inf", "-inf"] {
        assert!(Params::defaults(find("exposure").unwrap()).set_text("stops", text).is_err(), "{text}");
    }
}

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
            let Ok(Operation::Whole(whole)) = params.compile(&Frame { shape: full, scale }) else { continue };
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
        let operation = params.compile(&Frame { shape: pixels.shape(), scale: 1.0 });
        let Ok(operation @ (Operation::Whole(_) | Operation::Measured(_))) = operation else { continue };
        let result = [false, true].map(|split| {
            let mut work = Work { buffers: &mut Buffers::default(), stop: &|| false, split };
            run_operation(&operation, pixels.clone(), &mut work).unwrap()
        });
        assert!(result[0] == result[1], "{params:?}");
    }
}

#[test]
fn a_stopped_look_at_the_whole_gives_no_result() {
    for filter in FILTERS {
        let pixels = noisy(4000, 3, Layout::Grey, Depth::U8);
        let frame = Frame { shape: pixels.shape(), scale: 1.0 };
        for split in [false, true] {
            let operation = Params::defaults(filter).compile(&frame);
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
            let points = match params.compile(&Frame { shape: pixels.shape(), scale: 1.0 }) {
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
            if points.iter().all(|point| point.sees() < Sees::Place) {
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
        ("resize", &[]),
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
            let Ok(Operation::Area(area)) = params.compile(&Frame { shape: pixels.shape(), scale: 1.0 }) else {
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

/// The result of an area operation, computed in strips of so many rows.
fn cut(area: &dyn Area, pixels: &Pixels, rows: u32) -> Pixels {
    macro_rules! strips {
        ($raster:ident, $method:ident, $zero:expr) => {{
            let mut samples = vec![$zero; $raster.samples().len()];
            for (i, strip) in samples.chunks_mut(rows as usize * $raster.stride()).enumerate() {
                let top = i as u32 * rows;
                area.$method($raster, top..$raster.height().min(top + rows), strip);
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
        let Ok(Operation::Area(area)) = params.compile(&Frame { shape: full.shape(), scale: 1.0 }) else { continue };
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
