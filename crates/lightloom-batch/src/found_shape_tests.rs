//! Filters behind one whose result's size only the picture shows see that size, in an export and in a preview.

use super::stage;
use lightloom_codec as codec;
use lightloom_codec::Limits;
use lightloom_filter::Work;
use lightloom_picture::{Buffers, Layout, Metadata, Picture, Pixels, Raster};
use lightloom_recipe::{Purpose, Recipe, Step};

/// A PNG of 300 × 200, white but for a dark block of 60 × 120.
fn scan() -> Vec<u8> {
    let is_dark = |x: u32, y: u32| (100..160).contains(&x) && (40..160).contains(&y);
    let samples: Vec<u8> = (0..300 * 200_u32).map(|i| if is_dark(i % 300, i / 300) { 30 } else { 255 }).collect();
    let pixels = Raster::new(300, 200, Layout::Grey, samples).into();
    let picture = Picture { pixels, metadata: Metadata::default() };
    codec::encode(codec::find("png").unwrap(), picture, &codec::EncodeOptions::default(), &mut Buffers::default())
        .unwrap()
        .bytes
}

fn rendered(steps: &[&str], purpose: Purpose) -> Pixels {
    let recipe = Recipe { filters: steps.iter().map(|s| Step::parse(s).unwrap()).collect(), ..Recipe::default() };
    let mut work = Work { buffers: &mut Buffers::default(), stop: &|| false, split: false };
    stage::render(&scan(), &recipe, purpose, &Limits::default(), &mut work).unwrap().picture.pixels
}

#[test]
fn what_follows_a_trim_sees_the_trimmed_size() {
    for purpose in [Purpose::Export, Purpose::Proxy(2000)] {
        let size = |steps: &[&str]| {
            let pixels = rendered(steps, purpose);
            (pixels.width(), pixels.height())
        };
        assert_eq!(size(&["trim"]), (60, 120));
        assert_eq!(size(&["trim", "resize:width=60,height=60"]), (30, 60), "proportions stay");
        assert_eq!(size(&["trim", "resize:mode=percent,percent=200,enlarge=true"]), (120, 240));
        // of the whole picture this ratio would change nothing
        assert_eq!(size(&["trim", "crop:ratio=3:2"]), (60, 40));
        assert_eq!(size(&["trim", "border:mode=pixels,pixels=5,colour=#fff", "trim:margin=2"]), (64, 124));
    }
}

#[test]
fn what_a_trim_cuts_off_is_known_afterwards() {
    let steps =
        ["resize:width=150,height=100,kernel=box", "trim", "rotate:turns=right"].map(|s| Step::parse(s).unwrap());
    let recipe = Recipe { filters: steps.to_vec(), ..Recipe::default() };
    let mut work = Work { buffers: &mut Buffers::default(), stop: &|| false, split: false };
    let rendered = stage::render(&scan(), &recipe, Purpose::Export, &Limits::default(), &mut work).unwrap();
    let geometry = rendered.effect.geometry;
    assert_eq!((geometry.source(), geometry.size()), ((300, 200), (60, 30)));
    // The block's upper left corner becomes the upper right one.
    assert_eq!(geometry.point(100.0, 40.0), Some((60.0, 0.0)));
    assert!(!rendered.effect.retouched);
}

#[test]
fn a_filter_that_does_not_fit_the_trimmed_picture_fails() {
    let recipe = ["trim", "crop:mode=pixels,left=200,anchor=left"].map(|s| Step::parse(s).unwrap());
    let recipe = Recipe { filters: recipe.to_vec(), ..Recipe::default() };
    let mut work = Work { buffers: &mut Buffers::default(), stop: &|| false, split: false };
    let error =
        stage::render(&scan(), &recipe, Purpose::Export, &Limits::default(), &mut work).unwrap_err().to_string();
    assert!(error.contains("crop") && error.contains("60 px wide"), "{error}");
}
