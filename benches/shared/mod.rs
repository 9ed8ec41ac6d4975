//! Pictures that benchmarks are about: generated and somewhat like photographs, or given as a folder.
//!
//! How much is measured is chosen by variables: `LIGHTLOOM_BENCH_MEGAPIXELS` is the size of a generated picture,
//! `LIGHTLOOM_BENCH_PICTURES` how many a job has, `LIGHTLOOM_BENCH_PHOTOS` a folder of JPEG files in their place.
#![allow(clippy::expect_used, reason = "a benchmark that cannot begin should say so and end")]

use std::env;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::{LazyLock, Mutex, PoisonError};

use lightloom::codec::{self, Codec, EncodeOptions};
use lightloom::picture::{Buffers, Layout, Picture, Pixels, Raster};

/// The number in an environment variable, or what is usual.
pub fn number(variable: &str, usual: usize) -> usize {
    env::var(variable).ok().and_then(|text| text.parse().ok()).unwrap_or(usual)
}

/// Megapixels of a generated picture.
pub fn megapixels(usual: usize) -> usize {
    number("LIGHTLOOM_BENCH_MEGAPIXELS", usual)
}

/// JPEG files that the person wants measured in place of generated ones.
pub fn given_photos() -> Vec<PathBuf> {
    let Some(folder) = env::var_os("LIGHTLOOM_BENCH_PHOTOS") else { return Vec::new() };
    let files = fs::read_dir(folder).expect("LIGHTLOOM_BENCH_PHOTOS is a folder").flatten().map(|entry| entry.path());
    let is_jpeg = |path: &PathBuf| codec::from_extension(path).is_some_and(|format| format.id == "jpeg");
    let mut photos: Vec<PathBuf> = files.filter(is_jpeg).collect();
    photos.sort();
    photos
}

/// A picture of so many megapixels, 3:2: slopes, edges at several scales, and noise that is stronger in the shadows.
pub fn picture(megapixels: f64, seed: u32) -> Pixels {
    let height = ((megapixels * 1e6 / 1.5).sqrt() as u32).max(2);
    let width = height * 3 / 2;
    let mut state = seed.wrapping_mul(2_654_435_761) | 1;
    let mut samples = Vec::with_capacity(width as usize * height as usize * 3);
    for y in 0..height {
        for x in 0..width {
            // Patches of some hundred pixels, and a finer texture in every third of them.
            let patch = (x / 211).wrapping_mul(73) ^ (y / 157).wrapping_mul(151) ^ seed;
            let texture = if patch.is_multiple_of(3) { (x / 5 + y / 7) % 2 * 14 } else { 0 };
            let base = patch.wrapping_mul(37) % 150 + x * 40 / width + y * 30 / height + texture;
            let strength = if base < 90 { 29 } else { 30 };
            for channel in 0..3_u32 {
                state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
                samples.push((base + patch.wrapping_mul(channel + 1) % 29 + (state >> strength)).min(255) as u8);
            }
        }
    }
    Raster::new(width, height, Layout::Rgb, samples).into()
}

/// The file of a picture in a format.
pub fn file(format: &'static Codec, pixels: &Pixels, options: &EncodeOptions) -> Vec<u8> {
    let encoded = codec::encode(format, Picture::new(pixels.clone()), options, &mut Buffers::default());
    encoded.expect("every format that is written takes RGB").bytes
}

/// A folder for the time of the benchmark; [`remove_folders`] removes it.
pub fn folder() -> PathBuf {
    let folder = tempfile::tempdir().expect("there is room for temporary files");
    let path = folder.path().to_path_buf();
    FOLDERS.lock().unwrap_or_else(PoisonError::into_inner).push(folder);
    path
}

static FOLDERS: LazyLock<Mutex<Vec<tempfile::TempDir>>> = LazyLock::new(Mutex::default);

/// Removes what was written meanwhile.
pub fn remove_folders() {
    FOLDERS.lock().unwrap_or_else(PoisonError::into_inner).clear();
}

/// Fills a new folder with `count` files of an extension: `file` returns the bytes of one of `kinds`, and others are links
/// to it.
pub fn folder_of(count: usize, kinds: usize, extension: &str, file: impl Fn(u32) -> Vec<u8>) -> PathBuf {
    let folder = folder();
    let name = |number: usize| folder.join(format!("{number:05}.{extension}"));
    for number in 0..count {
        if number < kinds {
            fs::write(name(number), file(number as u32)).expect("there is room");
        } else {
            link(&name(number % kinds), &name(number));
        }
    }
    folder
}

/// As a link, or as a copy where that cannot be.
pub fn link(from: &Path, to: &Path) {
    if fs::hard_link(from, to).is_err() {
        fs::copy(from, to).expect("there is room");
    }
}
