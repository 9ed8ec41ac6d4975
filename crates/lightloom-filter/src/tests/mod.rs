//! What holds for every filter, present and future, without naming one; here what these tests share.

mod catalogue;
mod conditions;
mod execution;
mod figures;
mod geometry;
mod layering;
mod reference;
mod registry;

use std::sync::Arc;

use crate::testing::run_params;
use crate::{
    Asset, Colour, FileKind, FileValue, FilterContext, FilterError, FilterSpec, Font, Lut, Operation, ParamKind,
    ParamSpec, Params, TextForm, Value, find,
};
use lightloom_picture::{Depth, Layout, Pixels, Raster};

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
        FileKind::Font => Asset::Font(Font::from_bytes(crate::testing::LATIN_FONT.to_vec()).unwrap().into()),
        FileKind::Lut => Asset::Lut(Lut::from_hald(&noisy(8, 8, Layout::Rgb, Depth::U8)).unwrap()),
    })));
    file
}

/// Compiles and runs as an export does; `None` where the filter says that it does not fit.
pub(crate) fn apply(params: &Params, pixels: Pixels) -> Option<Pixels> {
    let context = FilterContext { shape: pixels.shape(), scale: 1.0 };
    if let Err(FilterError::Unfit { filter, reason }) = params.compile(&context) {
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
    match params.compile(&FilterContext { shape: pixels.shape(), scale: 1.0 }) {
        Ok(Operation::Whole(whole)) => whole.shape(pixels.shape()).pixels() > HUGE,
        _ => false,
    }
}

fn enlarges(params: &Params, pixels: &Pixels) -> bool {
    match params.compile(&FilterContext { shape: pixels.shape(), scale: 1.0 }) {
        Ok(Operation::Whole(whole)) => whole.shape(pixels.shape()).pixels() > 100_000,
        _ => false,
    }
}

fn operation(id: &str, params: &[(&str, &str)], pixels: &Pixels) -> Operation {
    let mut values = Params::defaults(find(id).unwrap());
    params.iter().for_each(|(key, text)| values.set_text(key, text).unwrap());
    values.compile(&FilterContext { shape: pixels.shape(), scale: 1.0 }).unwrap()
}
