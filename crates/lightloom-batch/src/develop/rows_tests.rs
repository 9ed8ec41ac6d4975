//! Files, notes and everything else are the same whether a picture passes row by row or as a whole.

use std::sync::LazyLock;
use std::sync::atomic::{AtomicUsize, Ordering::Relaxed};
use std::time::Duration;

use super::rows::{WAY, Way};
use super::{Beside, Developed, Stages, develop};
use crate::cause::Cause;
use crate::stage::{StageError, open, read};
use crate::{Job, Source, Stage};
use lightloom_codec::{EncodeOptions, Limits, encode, find};
use lightloom_filter::Work;
use lightloom_picture::colour::{Profile, Space};
use lightloom_picture::exif::{Exif, Section};
use lightloom_picture::{Buffers, Layout, Metadata, Picture, Pixels, Raster};
use lightloom_recipe::export::ColourTarget;
use lightloom_recipe::{FormatChoice, Output, Recipe, Step};

/// The ways on which stages took turns.
#[derive(Default)]
struct Turns {
    filtered: bool,
    encoded: bool,
}

impl Stages for Turns {
    fn enter(&mut self, _: Stage) {}

    fn took_turns(&mut self, turns: &[(Stage, Duration)]) {
        let took = |stage: Stage| turns.iter().any(|(of, spent)| *of == stage && !spent.is_zero());
        (self.filtered, self.encoded) = (took(Stage::Filter), took(Stage::Encode));
    }

    fn beside<'a>(&self) -> Beside<'a>
    where
        Self: 'a,
    {
        Box::new(|_| None)
    }
}

/// As much of what has come of a picture as anybody sees.
fn seen(developed: Result<Developed, StageError>) -> String {
    let developed = developed.map(|Developed { files, source_pixels, notes, partial, .. }| {
        let files: Vec<_> = files
            .into_iter()
            .map(|f| (f.name, f.output, f.width, f.height, f.extension, f.is_same, blake3::hash(&f.bytes)))
            .collect();
        (files, source_pixels, notes, partial)
    });
    format!("{developed:?}")
}

/// Develops a file one way, on one core, or on several of a pool.
fn made(file: &[u8], recipe: &Recipe, way: Way, split: bool) -> (String, Turns) {
    let (developed, turns) = developed(file, recipe, way, split);
    (seen(developed), turns)
}

fn developed(file: &[u8], recipe: &Recipe, way: Way, split: bool) -> (Result<Developed, StageError>, Turns) {
    WAY.set(way);
    let job = Job::new(0, Source::memory("a.jpg", file));
    let limits = Limits::default();
    let loaded = read(open(&job, recipe, &limits).unwrap()).unwrap();
    let mut turns = Turns::default();
    let mut work = Work { buffers: &mut Buffers::default(), stop: &|| false, split };
    let developed = develop(&job, loaded, recipe, &[], &mut work, &mut turns);
    WAY.set(Way::default());
    (developed, turns)
}

static POOLS: LazyLock<[rayon::ThreadPool; 3]> =
    LazyLock::new(|| [1, 2, 5].map(|cores| rayon::ThreadPoolBuilder::new().num_threads(cores).build().unwrap()));

/// Returns whether filters and encoder saw rows.
fn check(file: &[u8], recipe: &Recipe) -> (bool, bool) {
    let (whole, no_turns) = made(file, recipe, Way::Whole, false);
    assert!(!no_turns.filtered && !no_turns.encoded);
    let (by_rows, turns) = made(file, recipe, Way::Rows, false);
    assert_eq!(by_rows, whole, "{recipe:?}");
    // They take turns, which is enough for so many cases.
    static TURN: AtomicUsize = AtomicUsize::new(0);
    let pool = &POOLS[TURN.fetch_add(1, Relaxed) % POOLS.len()];
    let (by_several, _) = pool.install(|| made(file, recipe, Way::Rows, true));
    assert_eq!(by_several, whole, "{recipe:?}, {} cores", pool.current_num_threads());
    (turns.filtered, turns.encoded)
}

fn picture(width: u32, height: u32, layout: Layout) -> Pixels {
    let samples = (0..width * height * layout.channels() as u32).map(|i| (i / 9 * 7 % 251 + i * 3 % 17) as u8);
    Raster::new(width, height, layout, samples.collect()).into()
}

fn jpeg(picture: Picture, options: &[(&str, &str)]) -> Vec<u8> {
    encoded("jpeg", picture, options)
}

fn encoded(format: &str, picture: Picture, options: &[(&str, &str)]) -> Vec<u8> {
    let mut chosen = EncodeOptions::default();
    for (key, text) in options {
        chosen.set_text(key, text).unwrap();
    }
    encode(find(format).unwrap(), picture, &chosen, &mut Buffers::default()).unwrap().bytes
}

fn recipe(filters: &[&str], format: &str) -> Recipe {
    let mut recipe = Recipe { filters: filters.iter().map(|f| Step::parse(f).unwrap()).collect(), ..Recipe::default() };
    recipe.export.format = FormatChoice::from_id(format).unwrap();
    recipe
}

/// A thumbnail, a profile and other metadata, and an orientation.
fn with_metadata(pixels: Pixels, orientation: u16) -> Picture {
    let small = jpeg(Picture::new(picture(160, 120, Layout::Rgb)), &[]);
    let mut exif = Exif::new(false);
    exif.set_text(Section::Picture, 0x010f, "Camera");
    exif.set_short(Section::Picture, 0x0112, orientation);
    exif.set_thumbnail(&small);
    let icc = Some(Profile::named(Space::AdobeRgb).bytes().to_vec());
    Picture { pixels, metadata: Metadata { exif: Some(exif.to_block()), icc, ..Metadata::default() } }
}

#[test]
fn every_sampling_and_size_passes_to_the_same_file() {
    let recipes: [&[&str]; 5] = [
        &["exposure:stops=0.3", "saturation:factor=1.2", "gaussian_blur:sigma=3"],
        &["resize:width=90", "unsharp_mask"],
        &["greyscale", "vignette"],
        &["resize:width=30"],
        &["sharpen", "median:radius=3", "sepia"],
    ];
    for (width, height) in [(333, 257), (16, 16), (641, 480), (7, 700)] {
        for options in
            [[("subsampling", "420")], [("subsampling", "422")], [("subsampling", "444")], [("progressive", "true")]]
        {
            for layout in [Layout::Rgb, Layout::Grey] {
                let file = jpeg(Picture::new(picture(width, height, layout)), &options);
                for filters in recipes {
                    let (_, encoded) = check(&file, &recipe(filters, "jpeg"));
                    assert!(encoded, "{filters:?} of {width} × {height} {options:?}");
                }
            }
        }
    }
}

#[test]
fn png_files_pass_too() {
    for layout in [Layout::Grey, Layout::Rgb, Layout::Rgba, Layout::GreyAlpha] {
        for options in [&[][..], &[("palette", "true")], &[("depth", "16")]] {
            let file = encoded("png", Picture::new(picture(333, 257, layout)), options);
            let is_plain = options.is_empty();
            let to_jpeg = recipe(&["sharpen", "resize:width=90"], "jpeg");
            assert_eq!(check(&file, &to_jpeg), (is_plain, is_plain && !layout.has_alpha()), "{layout:?} {options:?}");
            assert_eq!(check(&file, &recipe(&["sharpen"], "png")), (is_plain, is_plain), "{layout:?} {options:?}");
            check(&file[..file.len() / 2], &to_jpeg);
        }
    }
}

#[test]
fn metadata_are_those_of_the_other_way() {
    let photo = || picture(700, 500, Layout::Rgb);
    for orientation in 1..=8 {
        let file = jpeg(with_metadata(photo(), orientation), &[]);
        for filters in [&["gaussian_blur"][..], &["greyscale"], &[], &["resize:width=400"]] {
            let mut recipe = recipe(filters, "jpeg");
            assert!(check(&file, &recipe).1, "{filters:?} {orientation}");
            recipe.export.metadata.profile = false;
            assert!(check(&file, &recipe).1, "{filters:?} {orientation}");
        }
    }
}

#[test]
fn what_only_some_stages_can_do_by_rows_is_done_by_those() {
    let file = jpeg(Picture::new(picture(640, 480, Layout::Rgb)), &[]);
    let whole_encoder = ["webp", "tiff"].map(|format| recipe(&["resize:width=200", "sharpen"], format));
    assert!(whole_encoder.iter().all(|recipe| check(&file, recipe) == (true, false)));
    assert_eq!(check(&file, &recipe(&["sharpen", "auto_levels", "sharpen"], "jpeg")), (true, false));
    for filter in ["rotate", "rotate:turns=half", "flip", "crop", "resize:mode=fill,width=100,height=100"] {
        assert_eq!(check(&file, &recipe(&[filter, "sharpen"], "jpeg")), (true, true), "{filter}");
    }
    assert_eq!(check(&file, &recipe(&["trim", "sharpen"], "jpeg")), (false, false));
    for (key, value) in [("smallest", "true"), ("progressive", "true"), ("max_kib", "20")] {
        let mut recipe = recipe(&["sharpen"], "jpeg");
        recipe.export.options.set_text(key, value).unwrap();
        assert_eq!(check(&file, &recipe), (true, false), "{key}");
    }
    let mut converted = recipe(&["sharpen"], "jpeg");
    converted.export.colour.target = ColourTarget::Space(Space::DisplayP3);
    assert_eq!(check(&file, &converted), (true, false));
    let mut several = recipe(&["sharpen"], "jpeg");
    for (name, filter) in [("a", "resize:width=100"), ("b", "invert")] {
        several.outputs.push(Output {
            name: name.to_owned(),
            filters: vec![Step::parse(filter).unwrap()],
            ..Output::default()
        });
    }
    assert_eq!(check(&file, &several), (true, false));
}

#[test]
fn a_damaged_file_is_what_it_is_as_a_whole() {
    let file = jpeg(Picture::new(picture(640, 480, Layout::Rgb)), &[]);
    for filters in [&["sharpen"][..], &["resize:width=100"]] {
        for length in [file.len() - 2, file.len() / 2, file.len() / 5] {
            check(&file[..length], &recipe(filters, "jpeg"));
            let [planes, whole] =
                [Way::Planes, Way::Whole].map(|way| made(&file[..length], &recipe(filters, "jpeg"), way, false).0);
            assert_eq!(planes, whole, "{length} bytes");
        }
        let mut wrong = file.clone();
        let middle = wrong.len() / 2;
        wrong[middle..middle + 40].fill(0x5a);
        check(&wrong, &recipe(filters, "jpeg"));
        wrong[middle] = 0xff;
        check(&wrong, &recipe(filters, "jpeg"));
    }
}

#[test]
fn a_stop_ends_it() {
    let file = jpeg(Picture::new(picture(640, 480, Layout::Rgb)), &[]);
    let recipe = recipe(&["sharpen"], "jpeg");
    let job = Job::new(0, Source::memory("a.jpg", file));
    let loaded = read(open(&job, &recipe, &Limits::default()).unwrap()).unwrap();
    let mut work = Work { buffers: &mut Buffers::default(), stop: &|| true, split: false };
    assert!(
        develop(&job, loaded, &recipe, &[], &mut work, &mut |_| {}).is_err_and(|error| error.cause == Cause::Stopped)
    );
}

/// With many strips at once, a worker that waits for some finds itself with other work of the same picture: none of it may
/// wait for what that worker is in the middle of.
#[test]
fn steps_that_spread_their_rows_never_wait_for_each_other() {
    let file = jpeg(Picture::new(picture(9000, 400, Layout::Rgb)), &[]);
    let recipe = recipe(&["gaussian_blur:sigma=3", "exposure:stops=0.3", "sharpen"], "jpeg");
    let results: Vec<_> =
        (0..12).map(|i| POOLS[1 + i % 2].install(|| made(&file, &recipe, Way::default(), true)).0).collect();
    assert!(results.windows(2).all(|pair| pair[0] == pair[1]));
}

/// The pixels of a JPEG or PNG file, 0 to 255.
fn pixels(file: &[u8]) -> (u32, u32, Vec<u8>) {
    let (codec, header) = lightloom_codec::header(file, &Limits::default()).unwrap();
    let decoded =
        lightloom_codec::decode(codec, file, &header, 1, &Limits::default(), &mut Buffers::default()).unwrap();
    let Pixels::U8(raster) = decoded.pixels.into_layout(Layout::Rgb) else { panic!("8 bits") };
    (raster.width(), raster.height(), raster.samples().to_vec())
}

fn psnr(a: &[u8], b: &[u8]) -> f64 {
    let sum: f64 = a.iter().zip(b).map(|(a, b)| (f64::from(*a) - f64::from(*b)).powi(2)).sum();
    10.0 * (65_025.0 * a.len() as f64 / sum.max(1e-9)).log10()
}

/// Like a photo: colours that change slowly, edges, and a little noise.
fn photo(width: u32, height: u32) -> Pixels {
    let sample = |i: u32| {
        let (x, y, channel) = (i / 3 % width, i / 3 / width, i % 3);
        let waves = ((x + 40 * channel) as f32 / 23.0).sin() + (y as f32 / (17.0 + 9.0 * channel as f32)).cos();
        let edge = if (x / 60 + y / 45) % 3 == channel { 60.0 } else { 0.0 };
        (90.0 + 35.0 * waves + edge + (i.wrapping_mul(2_654_435_761) >> 29) as f32) as u8
    };
    Raster::new(width, height, Layout::Rgb, (0..3 * width * height).map(sample).collect()).into()
}

#[test]
fn a_picture_that_stays_in_planes_is_nearer_to_the_original() {
    let (mut as_planes, mut gains) = (0, Vec::new());
    for (width, height) in [(640, 480), (333, 257), (16, 16), (801, 300)] {
        for (sampling, option) in [("420", "auto"), ("420", "420"), ("422", "422"), ("444", "420"), ("444", "444")] {
            let file = jpeg(with_metadata(photo(width, height), 1), &[("subsampling", sampling), ("quality", "95")]);
            let original = encoded("png", Picture::new(photo(width, height)), &[]);
            for filters in [
                &[][..],
                &["resize:width=310"],
                &["resize:width=171"],
                &["resize:width=171", "unsharp_mask"],
                &["resize:width=40"],
                &["gaussian_blur:sigma=3"],
            ] {
                let mut to_jpeg = recipe(filters, "jpeg");
                to_jpeg.export.options.set_text("subsampling", option).unwrap();
                let case = format!("{width} × {height}, {sampling} to {option}, {filters:?}");
                let made_of = |file: &[u8], recipe: &Recipe, way, split| {
                    let developed = developed(file, recipe, way, split).0.unwrap();
                    let Developed { mut files, notes, partial, source_pixels, .. } = developed;
                    let facts = (notes, partial, source_pixels, files[0].width, files[0].height);
                    (files.remove(0).bytes, facts)
                };
                let file_of = |recipe: &Recipe, way, split| made_of(&file, recipe, way, split);
                let (planes, facts) = file_of(&to_jpeg, Way::Planes, false);
                let (rows, facts_of_rows) = file_of(&to_jpeg, Way::Rows, false);
                assert_eq!(facts, facts_of_rows, "{case}");
                for pool in POOLS.iter() {
                    let (split, _) = pool.install(|| file_of(&to_jpeg, Way::Planes, true));
                    assert!(split == planes, "{case}, {} cores", pool.current_num_threads());
                }
                as_planes += u32::from(planes != rows);
                let (exact, _) = made_of(&original, &recipe(filters, "png"), Way::Whole, false);
                let [planes, rows, exact] = [planes, rows, exact].map(|file| pixels(&file));
                assert_eq!((planes.0, planes.1), (exact.0, exact.1), "{case}");
                let (ours, theirs) = (psnr(&planes.2, &exact.2), psnr(&rows.2, &exact.2));
                // Worse where edges happen to lie between pairs of pixels, which a mean of two tells apart best.
                assert!(ours > theirs - 1.5, "{case}: {ours:.2} and {theirs:.2} dB");
                gains.push(ours - theirs);
            }
        }
    }
    let mean = gains.iter().sum::<f64>() / gains.len() as f64;
    assert!(as_planes > 60 && mean > 0.1, "{as_planes} of {}: {mean:.2} dB", gains.len());
}

/// Of a picture in planes and of the same picture as pixels, how near the results are (dB); `None` if both are one.
fn likeness(file: &[u8], recipe: &Recipe) -> Option<f64> {
    let facts = |developed: Developed| {
        let Developed { mut files, notes, partial, source_pixels, .. } = developed;
        let file = files.remove(0);
        (file.bytes, (notes, partial, source_pixels, file.width, file.height, file.extension, file.is_same))
    };
    let of = |way, split| facts(developed(file, recipe, way, split).0.unwrap());
    let ((planes, about), (rows, about_rows)) = (of(Way::Planes, false), of(Way::Rows, false));
    assert_eq!(about, about_rows, "{recipe:?}");
    for pool in POOLS.iter() {
        assert!(pool.install(|| of(Way::Planes, true)).0 == planes, "{recipe:?}");
    }
    (planes != rows).then(|| psnr(&pixels(&planes).2, &pixels(&rows).2))
}

#[test]
fn what_moves_pixels_or_changes_luma_or_makes_grey_is_done_in_planes() {
    let filters: [&[&str]; 13] = [
        &["flip"],
        &["flip:axis=vertical", "resize:width=150"],
        &["rotate"],
        &["rotate:turns=left", "rotate:turns=half"],
        &["crop:ratio=1"],
        &["crop:mode=pixels,anchor=top_left,width=151,height=99,left=10,top=20", "resize:width=60"],
        &["resize:mode=fill,width=81,height=80"],
        &["unsharp_mask:luma=true,amount=0.5"],
        &["resize:width=171", "sharpen:luma=true,amount=30", "levels:channel=luma,gamma=1.2"],
        &["curves:luma=0:0,0.5:0.55,1:1", "greyscale", "exposure:stops=0.2"],
        &["greyscale:method=average", "vignette", "gaussian_blur"],
        &["gaussian_blur", "sharpen:amount=30"],
        &["resize:width=171", "greyscale:method=luma_601"],
    ];
    let mut as_planes = 0;
    for (width, height) in [(240, 180), (333, 257)] {
        for sampling in ["420", "422", "444"] {
            for orientation in [1, 6] {
                let options = [("subsampling", sampling), ("quality", "95")];
                let file = jpeg(with_metadata(photo(width, height), orientation), &options);
                for filters in filters {
                    let mut to_jpeg = recipe(filters, "jpeg");
                    to_jpeg.export.options.set_text("quality", "95").unwrap();
                    let subsampling =
                        if filters[0].starts_with("rotate") && sampling == "422" { "444" } else { sampling };
                    to_jpeg.export.options.set_text("subsampling", subsampling).unwrap();
                    let case = format!("{width} × {height}, {sampling}, {orientation}, {filters:?}");
                    let like = likeness(&file, &to_jpeg);
                    assert!(like.is_none_or(|like| like > 38.0), "{case}: {like:?} dB");
                    // Chroma as fine as luma comes out the same, turned 4:2:2 is not written, and pixels that share chroma may
                    // not do so from the other side.
                    let is_excused = width == 333 || sampling != "420" || filters[0].starts_with("crop");
                    assert!(like.is_some() || is_excused, "{case}");
                    as_planes += u32::from(like.is_some());
                }
            }
        }
    }
    assert!(as_planes > 80, "{as_planes}");
}

#[test]
fn what_needs_colours_gets_them() {
    let file = jpeg(Picture::new(photo(640, 480)), &[]);
    for filters in [
        &["resize:width=200", "unsharp_mask:threshold=1"][..],
        &["resize:width=200,linear=true"],
        &["gaussian_blur:linear=true"],
        &["resize:mode=pad,width=90,height=90"],
        &["curves:red=0:0,0.5:0.55,1:1,luma=0:0,0.5:0.55,1:1"],
        &["greyscale:method=lightness"],
        &["sepia", "greyscale"],
    ] {
        assert_eq!(likeness(&file, &recipe(filters, "jpeg")), None, "{filters:?}");
    }
    assert_eq!(likeness(&file, &recipe(&["resize:width=200"], "png")), None);
    assert!(likeness(&file, &recipe(&["greyscale"], "png")).is_some_and(|like| like > 45.0));
    let mut lossless = recipe(&["resize:width=200"], "webp");
    lossless.export.options.set_text("lossless", "true").unwrap();
    assert_eq!(likeness(&file, &lossless), None);
    assert!(likeness(&file, &recipe(&["resize:width=200"], "webp")).is_some_and(|like| like > 35.0));
    let mut converted = recipe(&["flip"], "jpeg");
    converted.export.colour.target = ColourTarget::Space(Space::DisplayP3);
    assert_eq!(likeness(&file, &converted), None);
}
