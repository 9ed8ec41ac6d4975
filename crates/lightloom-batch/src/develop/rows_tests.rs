//! Files, notes and everything else are the same whether a picture passes row by row or as a whole.

use std::sync::LazyLock;
use std::sync::atomic::{AtomicUsize, Ordering::Relaxed};
use std::time::Duration;

use super::rows::IS_WHOLE_WANTED;
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

/// Develops a file, as a whole, on one core, or on several of a pool.
fn made(file: &[u8], recipe: &Recipe, split: bool) -> (String, Turns) {
    let job = Job::new(0, Source::memory("a.jpg", file));
    let limits = Limits::default();
    let loaded = read(open(&job, recipe, &limits).unwrap()).unwrap();
    let mut turns = Turns::default();
    let mut work = Work { buffers: &mut Buffers::default(), stop: &|| false, split };
    (seen(develop(&job, loaded, recipe, &[], &mut work, &mut turns)), turns)
}

static POOLS: LazyLock<[rayon::ThreadPool; 3]> =
    LazyLock::new(|| [1, 2, 5].map(|cores| rayon::ThreadPoolBuilder::new().num_threads(cores).build().unwrap()));

/// Returns whether filters and encoder saw rows.
fn check(file: &[u8], recipe: &Recipe) -> (bool, bool) {
    IS_WHOLE_WANTED.set(true);
    let (whole, no_turns) = made(file, recipe, false);
    assert!(!no_turns.filtered && !no_turns.encoded);
    IS_WHOLE_WANTED.set(false);
    let (by_rows, turns) = made(file, recipe, false);
    assert_eq!(by_rows, whole, "{recipe:?}");
    // They take turns, which is enough for so many cases.
    static TURN: AtomicUsize = AtomicUsize::new(0);
    let pool = &POOLS[TURN.fetch_add(1, Relaxed) % POOLS.len()];
    let (by_several, _) = pool.install(|| made(file, recipe, true));
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
    for orientation in [1, 6] {
        let file = jpeg(with_metadata(photo(), orientation), &[]);
        for filters in [&["gaussian_blur"][..], &["greyscale"], &[], &["resize:width=400"]] {
            let mut recipe = recipe(filters, "jpeg");
            assert_eq!(check(&file, &recipe).1, orientation == 1, "{filters:?}");
            recipe.export.metadata.profile = false;
            assert_eq!(check(&file, &recipe).1, orientation == 1, "{filters:?}");
        }
    }
}

#[test]
fn what_only_some_stages_can_do_by_rows_is_done_by_those() {
    let file = jpeg(Picture::new(picture(640, 480, Layout::Rgb)), &[]);
    let whole_encoder = ["webp", "tiff"].map(|format| recipe(&["resize:width=200", "sharpen"], format));
    assert!(whole_encoder.iter().all(|recipe| check(&file, recipe) == (true, false)));
    assert_eq!(check(&file, &recipe(&["sharpen", "auto_levels", "sharpen"], "jpeg")), (true, false));
    assert_eq!(check(&file, &recipe(&["rotate", "sharpen"], "jpeg")), (false, false));
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
    let results: Vec<_> = (0..12).map(|i| POOLS[1 + i % 2].install(|| made(&file, &recipe, true)).0).collect();
    assert!(results.windows(2).all(|pair| pair[0] == pair[1]));
}
