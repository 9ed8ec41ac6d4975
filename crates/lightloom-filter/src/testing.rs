//! Runs one filter on a small picture, without strips or threads, for closed-form tests.

use crate::{FilterContext, Operation, Params, Planes, Stopped, Strip, Work, find};
use lightloom_picture::with_raster;
use lightloom_picture::{Buffers, Layout, Pixels, Raster, Sample, Shape};

/// DejaVu Sans with the characters of ASCII alone (see `tests/fonts`).
pub const LATIN_FONT: &[u8] = include_bytes!("../tests/fonts/latin.ttf");

/// Applies the filter `id` with these parameters, as an export does.
///
/// # Panics
/// If the filter, a key or a value does not exist.
pub fn run(id: &str, params: &[(&str, &str)], pixels: impl Into<Pixels>) -> Pixels {
    let mut values = Params::defaults(find(id).unwrap());
    for (key, text) in params {
        values.set_text(key, text).unwrap();
    }
    run_params(&values, pixels)
}

/// Applies a filter with these values, as an export does.
pub fn run_params(values: &Params, pixels: impl Into<Pixels>) -> Pixels {
    let pixels = pixels.into();
    let context = FilterContext { shape: pixels.shape(), scale: 1.0 };
    let mut work = Work { buffers: &mut Buffers::default(), stop: &|| false, split: false };
    run_operation(&values.compile(&context).unwrap(), pixels, &mut work).unwrap()
}

/// Applies a compiled filter.
///
/// # Errors
/// If `work.stop` says so.
pub fn run_operation(operation: &Operation, pixels: Pixels, work: &mut Work<'_>) -> Result<Pixels, Stopped> {
    Ok(match operation {
        Operation::Identity => pixels,
        Operation::Points(points) => with_raster!(&pixels, r => apply_points(points, r)),
        Operation::Measured(measure) => {
            let point = measure.measure(&pixels, work)?;
            assert_eq!(
                point.layout(pixels.shape().layout),
                pixels.shape().layout,
                "measured operations keep the layout"
            );
            with_raster!(&pixels, r => apply_points(&[point], r))
        }
        Operation::Area(area) => match &pixels {
            Pixels::U8(r) => area_result(r, |out| area.rows_u8(r.view(), 0..r.height(), out)),
            Pixels::U16(r) => area_result(r, |out| area.rows_u16(r.view(), 0..r.height(), out)),
            Pixels::F32(r) => area_result(r, |out| area.rows_f32(r.view(), 0..r.height(), out)),
        },
        Operation::Whole(whole) => {
            let expected = whole.shape(pixels.shape());
            let result = whole.apply(pixels, work)?;
            let Shape { width, height, .. } = result.shape();
            let announced = if whole.finds_shape() { Shape { width, height, ..expected } } else { expected };
            assert_eq!(result.shape(), announced, "the operation announced another shape than it made");
            assert!(width <= expected.width && height <= expected.height, "it announced less than it made");
            result
        }
    })
}

fn apply_points<S: Sample>(points: &[Box<dyn crate::Point>], raster: &Raster<S>) -> Pixels
where
    Pixels: From<Raster<S>>,
{
    let before = raster.layout();
    let after = points.iter().fold(before, |layout, point| point.layout(layout));
    let mut planes = Planes::default();
    planes.load(raster.samples(), before);
    let mut strip = Strip::new(&mut planes, raster.width(), 0);
    points.iter().for_each(|point| point.apply(&mut strip));
    assert_eq!(planes.all().len(), after.colours(), "the point operation announced another layout than it made");
    let mut samples = vec![S::WHITE; raster.samples().len() / before.channels() * after.channels()];
    planes.store(&mut samples, after);
    if before.has_alpha() {
        let alphas = raster.samples().iter().skip(before.channels() - 1).step_by(before.channels());
        samples.iter_mut().skip(after.channels() - 1).step_by(after.channels()).zip(alphas).for_each(|(a, b)| *a = *b);
    }
    Raster::new(raster.width(), raster.height(), after, samples).into()
}

fn area_result<S: Sample>(raster: &Raster<S>, rows: impl FnOnce(&mut [S])) -> Pixels
where
    Pixels: From<Raster<S>>,
{
    let mut samples = vec![S::default(); raster.samples().len()];
    rows(&mut samples);
    Raster::new(raster.width(), raster.height(), raster.layout(), samples).into()
}

/// A grey 8-bit picture.
pub fn grey8(width: u32, samples: &[u8]) -> Pixels {
    Raster::new(width, samples.len() as u32 / width, Layout::Grey, samples.to_vec()).into()
}

/// An RGB 8-bit picture one row high.
pub fn rgb8(pixels: &[[u8; 3]]) -> Pixels {
    Raster::new(pixels.len() as u32, 1, Layout::Rgb, pixels.concat()).into()
}

/// A float picture one row high.
pub fn float(layout: Layout, samples: &[f32]) -> Pixels {
    Raster::new((samples.len() / layout.channels()) as u32, 1, layout, samples.to_vec()).into()
}

/// The samples of an 8-bit picture.
pub fn bytes(pixels: &Pixels) -> &[u8] {
    match pixels {
        Pixels::U8(r) => r.samples(),
        other => panic!("expected 8-bit, got {:?}", other.shape()),
    }
}

/// The samples of a float picture.
pub fn floats(pixels: &Pixels) -> &[f32] {
    match pixels {
        Pixels::F32(r) => r.samples(),
        other => panic!("expected float, got {:?}", other.shape()),
    }
}

/// Peak signal-to-noise ratio in dB, white being 1.
pub fn psnr(a: &[f32], b: &[f32]) -> f64 {
    assert_eq!(a.len(), b.len(), "pictures of the same size");
    let squares: f64 = a.iter().zip(b).map(|(a, b)| (f64::from(*a) - f64::from(*b)).powi(2)).sum();
    -10.0 * (squares / a.len() as f64).max(1e-20).log10()
}
