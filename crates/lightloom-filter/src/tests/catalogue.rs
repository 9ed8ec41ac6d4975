//! What the catalogue promises of every filter: an example that shows something, and a text that says what becomes of
//! the picture.

use crate::testing::{psnr, run_params};
use crate::tests::loaded;
use crate::{FILTERS, FilterSpec, Params, Scene, find};
use lightloom_picture::{Depth, Layout, Pixels, Raster};

/// Slopes of all colours, edges, and dots.
fn photo() -> Pixels {
    let samples = (0..96 * 64_u32).flat_map(|i| {
        let (x, y) = (i % 96, i / 96);
        let disc = if (x as i32 - 40).pow(2) + (y as i32 - 30).pow(2) < 300 { 90 } else { 0 };
        let dot = match (x % 17, y % 13) {
            (5, 4) => 60,
            (11, 9) => -70,
            _ => 0,
        };
        let (x, y) = (x as i32, y as i32);
        [40 + x + disc + dot, 30 + 2 * y + dot, 170 - x - disc + dot].map(|v| v.clamp(0, 255) as u8)
    });
    Raster::new(96, 64, Layout::Rgb, samples.collect()).into()
}

fn with(spec: &'static FilterSpec, values: &[(&str, &str)]) -> Params {
    let mut params = Params::defaults(spec);
    values.iter().for_each(|(key, text)| params.set_text(key, text).unwrap());
    for (kind, file) in params.files_mut().filter(|(_, file)| !file.path().is_empty()) {
        assert_eq!(file.path(), "sample", "{}", spec.id);
        *file = loaded(kind);
    }
    params
}

fn before(scene: Scene) -> Pixels {
    scene.steps().iter().fold(photo(), |pixels, step| {
        let (id, values) = step.split_once(':').unwrap();
        let mut pairs: Vec<(&str, &str)> = Vec::new();
        for part in values.split(',') {
            pairs.push(part.split_once('=').unwrap());
        }
        run_params(&with(find(id).unwrap(), &pairs), pixels)
    })
}

#[test]
fn every_example_changes_its_picture() {
    for filter in FILTERS {
        let before = before(filter.example.scene);
        let after = run_params(&with(filter, filter.example.values), before.clone());
        let [a, b] =
            [&before, &after].map(|pixels| match pixels.clone().into_layout(Layout::Rgb).into_depth(Depth::F32) {
                Pixels::F32(raster) => raster.into_samples(),
                other => unreachable!("{:?}", other.shape()),
            });
        let is_seen = (before.width(), before.height()) != (after.width(), after.height()) || psnr(&a, &b) < 40.0;
        assert!(is_seen, "{} hardly changes anything: {:.1} dB", filter.id, psnr(&a, &b));
    }
}

#[test]
fn every_file_documents_alpha_depth_and_edges() {
    for filter in FILTERS {
        let doc = filter.doc();
        assert!(doc.summary.len() > 4, "{}: {doc:?}", filter.id);
        for label in ["algorithm", "alpha", "depth", "edges"] {
            let text = doc.part(label).unwrap_or_else(|| panic!("{}: nothing is said of {label}: {doc:?}", filter.id));
            assert!(text.len() > 3 && !text.contains('`'), "{}: {label}: {text}", filter.id);
        }
    }
}
