use super::*;
use crate::testing::{bytes, float, floats, grey8, run};
use crate::{Params, find};
use lightloom_picture::{Buffers, Layout};

fn frame(width: u32, height: u32, scale: f32) -> FilterContext {
    FilterContext { shape: Shape { width, height, layout: Layout::Rgb, depth: Depth::U8 }, scale }
}

fn compiled(params: &[(&str, &str)], frame: &FilterContext) -> Option<Box<dyn Whole>> {
    let mut values = Params::defaults(find("resize").unwrap());
    params.iter().for_each(|(key, text)| values.set_text(key, text).unwrap());
    match values.compile(frame).unwrap() {
        Operation::Whole(whole) => Some(whole),
        Operation::Identity => None,
        _ => unreachable!(),
    }
}

fn size(params: &[(&str, &str)], width: u32, height: u32) -> (u32, u32) {
    let frame = frame(width, height, 1.0);
    let shape = compiled(params, &frame).map_or(frame.shape, |g| g.shape(frame.shape));
    (shape.width, shape.height)
}

/// As earlier versions fitted pictures without being told how.
const SQUARE: [(&str, &str); 2] = [("width", "1920"), ("height", "1920")];

#[test]
fn sizes_of_each_mode() {
    assert_eq!(size(&SQUARE, 6000, 4000), (1920, 1280));
    assert_eq!(size(&SQUARE, 1000, 800), (1000, 800));
    assert_eq!(size(&[&SQUARE[..], &[("enlarge", "true")]].concat(), 1000, 800), (1920, 1536));
    assert_eq!(size(&[("mode", "percent")], 101, 1), (51, 1));
    assert_eq!(size(&[("mode", "percent"), ("percent", "200")], 100, 50), (100, 50));
    assert_eq!(size(&[("mode", "percent"), ("percent", "200"), ("enlarge", "true")], 100, 50), (200, 100));
    let exact = [("mode", "exact"), ("width", "300"), ("height", "200")];
    assert_eq!(size(&exact, 1000, 100), (300, 100));
    assert_eq!(size(&[&exact[..], &[("enlarge", "true")]].concat(), 1000, 100), (300, 200));
    assert_eq!(size(&[("mode", "long_edge"), ("edge", "800")], 1000, 4000), (200, 800));
    assert_eq!(size(&[("mode", "short_edge"), ("edge", "800")], 1000, 4000), (800, 3200));
    assert_eq!(size(&[("mode", "short_edge"), ("edge", "1001")], 1000, 4000), (1000, 4000));
    assert_eq!(size(&[("mode", "megapixels"), ("megapixels", "6")], 6000, 4000), (3000, 2000));
    assert_eq!(size(&[("mode", "megapixels"), ("megapixels", "25")], 6000, 4000), (6000, 4000));
}

#[test]
fn a_side_that_is_not_given_follows_from_the_other() {
    for mode in ["fit", "fill", "pad", "exact"] {
        assert_eq!(size(&[("mode", mode), ("width", "800")], 1000, 4000), (800, 3200), "{mode}");
        assert_eq!(size(&[("mode", mode), ("height", "800")], 4000, 1000), (3200, 800), "{mode}");
        assert_eq!(size(&[("mode", mode), ("width", "800")], 500, 4000), (500, 4000), "{mode}");
        let params = [("mode", mode), ("width", "800"), ("enlarge", "true")];
        assert_eq!(size(&params, 400, 100), (800, 200), "{mode}");
        let mut neither = Params::defaults(find("resize").unwrap());
        neither.set_text("mode", mode).unwrap();
        let error = neither.compile(&frame(9, 9, 1.0)).err().unwrap().to_string();
        assert!(error.contains("needs a width or a height"), "{error}");
    }
}

#[test]
fn fill_and_pad_have_the_size_of_the_box() {
    for (width, height) in [(6000, 4000), (400, 4000), (400, 300), (500, 900), (400, 9000)] {
        let sides = [("width", "400"), ("height", "300")];
        for mode in ["fill", "pad"] {
            assert_eq!(size(&[&sides[..], &[("mode", mode)]].concat(), width, height), (400, 300));
        }
    }
    // what is smaller is not enlarged: filling cuts it, padding surrounds it
    let of = |mode, enlarge| size(&[("mode", mode), ("width", "400"), ("height", "300"), enlarge], 1000, 200);
    assert_eq!((of("fill", ("enlarge", "false")), of("fill", ("enlarge", "true"))), ((400, 200), (400, 300)));
    assert_eq!((of("pad", ("enlarge", "false")), of("pad", ("enlarge", "true"))), ((400, 300), (400, 300)));
}

#[test]
fn a_proxy_is_scaled_in_proportion_and_not_enlarged() {
    let resize = compiled(&SQUARE, &frame(6000, 4000, 0.25)).unwrap();
    assert_eq!(resize.shrinks_to(), Some((480, 320)));
    let shape = |w, h| {
        let shape = resize.shape(frame(w, h, 1.0).shape);
        (shape.width, shape.height)
    };
    assert_eq!(shape(1500, 1000), (480, 320));
    assert_eq!(shape(400, 300), (400, 300));
    let enlarging = [&SQUARE[..], &[("enlarge", "true")]].concat();
    let enlarging = compiled(&enlarging, &frame(600, 400, 0.5)).unwrap();
    assert_eq!(enlarging.shrinks_to(), None);
    assert_eq!(enlarging.shape(frame(300, 200, 1.0).shape), frame(960, 640, 1.0).shape);
}

#[test]
fn a_flat_picture_stays_flat() {
    for kernel in ["lanczos3", "catmull_rom", "mitchell", "bilinear", "box", "nearest"] {
        for percent in ["37", "50", "170"] {
            let params = [("mode", "percent"), ("percent", percent), ("kernel", kernel), ("enlarge", "true")];
            let result = run("resize", &params, grey8(30, &[201; 900]));
            assert!(bytes(&result).iter().all(|v| *v == 201), "{kernel} {percent} %");
        }
    }
}

#[test]
fn box_halves_by_averaging_four() {
    let source: Vec<f32> = (0..48).map(|i| ((i * 29) % 47) as f32 / 47.0).collect();
    let params = [("mode", "percent"), ("kernel", "box")];
    let result = run("resize", &params, Raster::new(8, 6, Layout::Grey, source.clone()));
    for (i, v) in floats(&result).iter().enumerate() {
        let at = i / 4 * 16 + i % 4 * 2;
        let mean = (source[at] + source[at + 1] + source[at + 8] + source[at + 9]) / 4.0;
        assert!((v - mean).abs() < 1e-6);
    }
}

#[test]
fn lanczos_halves_with_its_closed_form() {
    let source: Vec<f32> = (0..40).map(|i| ((i * 29) % 47) as f32 / 47.0).collect();
    let params = [("mode", "exact"), ("width", "20"), ("height", "1")];
    let result = run("resize", &params, float(Layout::Grey, &source));
    let sinc = |x: f64| if x == 0.0 { 1.0 } else { (std::f64::consts::PI * x).sin() / (std::f64::consts::PI * x) };
    let lanczos = |x: f64| if x.abs() < 3.0 { sinc(x) * sinc(x / 3.0) } else { 0.0 };
    for (i, v) in floats(&result).iter().enumerate() {
        let weight = |j: usize| lanczos((j as f64 + 0.5 - (2 * i + 1) as f64) / 2.0);
        let total: f64 = (0..40).map(weight).sum();
        let expected = (0..40).map(|j| weight(j) * f64::from(source[j])).sum::<f64>() / total;
        assert!((f64::from(*v) - expected).abs() < 1e-5, "{i}: {v}, not {expected}");
    }
}

#[test]
fn transparent_colours_do_not_bleed() {
    let pixels = [1.0, 0.0, 0.0, 1.0, 0.0, 1.0, 0.0, 0.0];
    let params = [("mode", "exact"), ("width", "1"), ("height", "1"), ("kernel", "box")];
    assert_eq!(floats(&run("resize", &params, float(Layout::Rgba, &pixels))), [1.0, 0.0, 0.0, 0.5]);
}

#[test]
fn a_stop_is_noticed() {
    let resize = compiled(&SQUARE, &frame(4000, 10, 1.0)).unwrap();
    let source = Raster::new(4000, 10, Layout::Rgb, vec![7_u8; 120_000]);
    let mut work = Work { buffers: &mut Buffers::default(), stop: &|| true, split: false };
    assert_eq!(resize.apply(source.into(), &mut work), Err(Stopped));
}
