//! Runs one hot kernel once, so that its instructions can be counted: `lightloom-instructions KERNEL`; without a kernel,
//! names them all. `benches/instructions.py` counts.

use std::hint::black_box;

use lightloom_filter::{FilterContext, Operation, Params, Planes, Strip, Work, find};
use lightloom_jpeg::decode::{Jpeg, Scale};
use lightloom_jpeg::encode::{self, Format, Options, Sampling};
use lightloom_picture::{Buffers, Chroma, Depth, Extent, Layout, Pixels, Planar, Raster, Shape, View};

const WIDTH: u32 = 768;
const HEIGHT: u32 = 512;

/// A name, and what makes the work ready.
type Kernel = (&'static str, fn() -> Box<dyn FnMut()>);

const KERNELS: &[Kernel] = &[
    ("jpeg-decode", || decode(Sampling::S420, Scale::Full)),
    ("jpeg-decode-444", || decode(Sampling::S444, Scale::Full)),
    ("jpeg-decode-half", || decode(Sampling::S420, Scale::Half)),
    ("jpeg-decode-eighth", || decode(Sampling::S420, Scale::Eighth)),
    ("jpeg-decode-planes", || decode_planes(Sampling::S420)),
    ("jpeg-encode", || encode(Sampling::S420)),
    ("jpeg-encode-444", || encode(Sampling::S444)),
    ("points-exposure-saturation", || {
        points(&[("exposure", &[("stops", "0.3")]), ("saturation", &[("factor", "1.2")])])
    }),
    ("gaussian-3", || filter("gaussian_blur", &[("sigma", "3")])),
    ("gaussian-20", || filter("gaussian_blur", &[("sigma", "20")])),
    ("unsharp", || filter("unsharp_mask", &[("sigma", "1"), ("amount", "0.8")])),
    ("gaussian-3-linear", || filter("gaussian_blur", &[("sigma", "3"), ("linear", "true")])),
    ("non-local-means", || filter("non_local_means", &[("strength", "26")])),
    ("surface-blur", || filter("surface_blur", &[("threshold", "45")])),
    ("text", || filter("text_watermark", &[("text", "© Lightloom"), ("size", "12")])),
    ("median-2", || filter("median", &[("radius", "2")])),
    ("resize-half", || filter("resize", &[("mode", "percent"), ("percent", "50")])),
    ("resize-half-planes", resize_planes),
    ("resize-linear", || filter("resize", &[("mode", "percent"), ("percent", "50"), ("linear", "true")])),
    ("rotate", || filter("rotate", &[("turns", "right")])),
    ("straighten", || filter("straighten", &[("angle", "3")])),
];

fn main() {
    let wanted = std::env::args().nth(1);
    let Some(wanted) = wanted else {
        KERNELS.iter().for_each(|(name, _)| println!("{name}"));
        return;
    };
    let (_, prepare) = KERNELS.iter().find(|(name, _)| *name == wanted).unwrap_or_else(|| panic!("no {wanted}"));
    let mut work = prepare();
    // Tables that are made at first use do not count.
    work();
    counted(&mut *work);
}

/// The counter is on within this function alone.
#[inline(never)]
fn counted(work: &mut dyn FnMut()) {
    work();
}

/// Smooth areas, edges and some noise.
fn samples() -> Vec<u8> {
    let sample = |i: u32| {
        let (x, y, channel) = (i / 3 % WIDTH, i / 3 / WIDTH, i % 3);
        let noise = i.wrapping_mul(2_654_435_761) >> 28;
        let tile = [210, 30, 90, 130, 180][((x / 37 + y / 23 * 2 + channel) % 5) as usize];
        (tile + x / 19 + y / 31 + noise).min(255) as u8
    };
    (0..WIDTH * HEIGHT * 3).map(sample).collect()
}

fn file(samples: &[u8], sampling: Sampling) -> Vec<u8> {
    let shape = encode::Shape { width: WIDTH as usize, height: HEIGHT as usize, format: Format::Rgb };
    let options = Options { quality: 90, sampling, best_codes: false };
    encode::encode(samples, shape, &options).expect("the picture fits")
}

fn decode(sampling: Sampling, scale: Scale) -> Box<dyn FnMut()> {
    let file = file(&samples(), sampling);
    Box::new(move || {
        let jpeg = Jpeg::new(&file).expect("it was just written");
        jpeg.decode_rows(scale, false, &mut || true, &mut |rows| !black_box(rows).is_empty())
            .expect("it was just written");
    })
}

fn decode_planes(sampling: Sampling) -> Box<dyn FnMut()> {
    let file = file(&samples(), sampling);
    Box::new(move || {
        let jpeg = Jpeg::new(&file).expect("it was just written");
        let show = &mut |bands: &mut [u8]| !black_box(bands).is_empty();
        jpeg.decode_bands((Scale::Full, (2, 2)), false, &mut || true, show).expect("it was just written");
    })
}

/// From 4:2:0 to the same.
fn resize_planes() -> Box<dyn FnMut()> {
    let operation = compiled("resize", &[("mode", "percent"), ("percent", "50")]);
    let source = Planar { width: WIDTH, height: HEIGHT, chroma: Chroma { columns: 2, rows: 2 } };
    let bands = samples()[..source.band_samples() * source.bands() as usize].to_vec();
    Box::new(move || {
        let Operation::Whole(whole) = &operation else { panic!("it is no operation on the whole picture") };
        let resized = whole.by_bands(source, Extent::whole(WIDTH, HEIGHT), source.chroma);
        let (mut rows, result) = resized.expect("it can be resized so");
        let view = View::new((source.band_samples() as u32, source.bands()), Layout::Grey, 0, &bands);
        let mut target = vec![0; rows.step() as usize * result.band_samples()];
        for first in (0..result.bands()).step_by(rows.step() as usize) {
            let wanted = first..result.bands().min(first + rows.step());
            let samples = wanted.len() * result.band_samples();
            rows.rows(view, wanted, &mut target[..samples]);
            black_box(&target);
        }
    })
}

fn encode(sampling: Sampling) -> Box<dyn FnMut()> {
    let samples = samples();
    Box::new(move || drop(black_box(file(&samples, sampling))))
}

fn compiled(id: &str, values: &[(&str, &str)]) -> Operation {
    let mut params = Params::defaults(find(id).expect("there is one"));
    values.iter().for_each(|(key, text)| params.set_text(key, text).expect("it is allowed"));
    let shape = Shape { width: WIDTH, height: HEIGHT, layout: Layout::Rgb, depth: Depth::U8 };
    params.compile(&FilterContext { shape, scale: 1.0 }).expect("it fits")
}

fn points(filters: &[(&str, &[(&str, &str)])]) -> Box<dyn FnMut()> {
    let mut all = Vec::new();
    for (id, values) in filters {
        let Operation::Points(points) = compiled(id, values) else { panic!("{id} is no point operation") };
        all.extend(points);
    }
    let (mut samples, mut planes) = (samples(), Planes::default());
    Box::new(move || {
        for strip in samples.chunks_mut(8 * 1024 / 3 / 64 * 64 * 3) {
            planes.load(strip, Layout::Rgb);
            let mut rows = Strip::anywhere(&mut planes);
            all.iter().for_each(|point| point.apply(&mut rows));
            planes.store(strip, Layout::Rgb);
        }
    })
}

fn filter(id: &str, values: &[(&str, &str)]) -> Box<dyn FnMut()> {
    let operation = compiled(id, values);
    let source = Raster::new(WIDTH, HEIGHT, Layout::Rgb, samples());
    let mut target = vec![0; source.samples().len()];
    let pixels = Pixels::from(source.clone());
    let mut buffers = Buffers::default();
    Box::new(move || match &operation {
        Operation::Area(area) => {
            area.rows_u8(source.view(), 0..HEIGHT, &mut target);
            black_box(&target);
        }
        Operation::Whole(whole) => {
            let mut work = Work { buffers: &mut buffers, stop: &|| false, split: false };
            let result = whole.apply_to(&pixels, &mut work).expect("nobody stops it");
            black_box(result).recycle(&mut buffers);
        }
        _ => panic!("neither an area nor the whole"),
    })
}
