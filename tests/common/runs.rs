//! What the tests of several crates need: pictures made on the spot, and a run of them.
#![allow(dead_code, reason = "each test file uses its own part")]
#![allow(clippy::unwrap_used, reason = "tests")]

use std::path::{Path, PathBuf};
use std::sync::Arc;

use lightloom_batch::{
    Batch, Discovered, Event, OutputSettings, Report, Search, Settings, SourceEntry, discover, find_executor,
    plan_jobs, start,
};
use lightloom_codec as codec;
use lightloom_codec::EncodeOptions;
use lightloom_picture::{Buffers, Layout, Picture, Pixels, Raster};
use lightloom_recipe::{FormatChoice, Recipe, Step};

/// A smooth picture with some texture, different for each seed.
pub fn photo(width: u32, height: u32, seed: u32) -> Pixels {
    let mut samples = Vec::with_capacity(width as usize * height as usize * 3);
    let mut noise = seed.wrapping_mul(2_654_435_761) | 1;
    for y in 0..height {
        for x in 0..width {
            noise ^= noise << 13;
            noise ^= noise >> 17;
            noise ^= noise << 5;
            let n = noise >> 28;
            samples.push((x * 255 / width + n) as u8);
            samples.push((y * 255 / height).min(239) as u8 + n as u8);
            samples.push(((x + y + seed * 40) % 256) as u8);
        }
    }
    Raster::new(width, height, Layout::Rgb, samples).into()
}

/// Writes a picture in the format that the path's extension names.
pub fn save(path: &Path, pixels: Pixels) {
    let codec = codec::from_extension(path).unwrap();
    let encoded =
        codec::encode(codec, Picture::new(pixels), &EncodeOptions::default(), &mut Buffers::default()).unwrap();
    std::fs::create_dir_all(path.parent().unwrap()).unwrap();
    std::fs::write(path, encoded.bytes).unwrap();
}

/// A folder with `count` JPEGs.
pub fn folder(root: &Path, count: u32, width: u32, height: u32) -> PathBuf {
    let folder = root.join("photos");
    for i in 0..count {
        save(&folder.join(format!("photo {i:02}.jpg")), photo(width, height, i));
    }
    folder
}

/// All pictures under a folder.
pub fn sources(input: &Path) -> Vec<SourceEntry> {
    let mut sources = Vec::new();
    discover(&[input.to_path_buf()], &Search::default(), |discovered| {
        if let Discovered::Source(entry) = discovered {
            sources.push(entry);
        }
        true
    });
    sources
}

/// A recipe from command-line forms.
pub fn recipe(filters: &[&str], format: &str) -> Recipe {
    let mut recipe = Recipe { filters: filters.iter().map(|f| Step::parse(f).unwrap()).collect(), ..Recipe::default() };
    recipe.export.format = FormatChoice::from_id(format).unwrap();
    recipe
}

/// Settings with this executor and `workers` threads and cores, without a program for worker processes.
pub fn settings_in_process(executor: &str, workers: usize) -> Settings {
    Settings { executor: find_executor(executor).unwrap(), io_threads: workers, cores: workers, ..Settings::default() }
}

/// A batch of all pictures under `input`, results in `out`.
pub fn batch(input: &Path, out: &Path, recipe: &Recipe, settings: Settings) -> Batch {
    let output = OutputSettings { folder: Some(out.to_path_buf()), ..OutputSettings::default() };
    let jobs = plan_jobs(&sources(input), recipe, &output);
    Batch { jobs, recipe: recipe.clone(), results: output.conflict.into(), settings }
}

/// Runs a batch to its end without listening.
pub fn run(batch: Batch) -> Report {
    start(batch, Arc::new(|_: Event| {})).unwrap().wait()
}

/// Every file below a folder, but for pointers to journals, with its content, sorted by path.
///
/// Nothing may be at work there meanwhile: a file that is renamed between the look and the reading is an error.
pub fn content(root: &Path) -> Vec<(PathBuf, Vec<u8>)> {
    let read = |path: PathBuf| (path.clone(), std::fs::read(root.join(path)).unwrap());
    files(root).into_iter().map(read).collect()
}

/// The paths below a folder of every file but pointers to journals, sorted; for folders in which a run is at work, too.
pub fn files(root: &Path) -> Vec<PathBuf> {
    let mut out = Vec::new();
    let mut open = vec![root.to_path_buf()];
    while let Some(folder) = open.pop() {
        for entry in std::fs::read_dir(&folder).into_iter().flatten() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                open.push(path);
            } else if path.file_name().unwrap() != ".lightloom-runs" {
                out.push(path.strip_prefix(root).unwrap().to_path_buf());
            }
        }
    }
    out.sort();
    out
}
