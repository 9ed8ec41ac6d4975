//! Whole jobs within one process, by every executor: `cargo bench --bench workloads -- [NAME …]`.
//!
//! The five jobs of `docs/speed.md`, and one of many tiny files; results go to a folder for temporary files (`TMPDIR`). The
//! time is that of all pictures of a job: eight of 4 megapixels, 500 of the tiny ones. A case takes about two seconds, or one
//! measurement where that is longer; `--max-time` and `--sample-count` (10) say how much is measured, and a name such as
//! `web` or `hybrid` leaves out the others. `LIGHTLOOM_BENCH_MEGAPIXELS` and `LIGHTLOOM_BENCH_PICTURES` choose other sizes,
//! `LIGHTLOOM_BENCH_PHOTOS` a folder of JPEG files in place of generated ones.
#![allow(clippy::expect_used, reason = "a benchmark that cannot begin should say so and end")]

#[allow(dead_code, reason = "other benchmarks need more of it")]
mod shared;

use std::collections::HashMap;
use std::fmt;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::{Arc, LazyLock, Mutex, PoisonError};

use divan::Bencher;
use divan::counter::ItemsCount;
use lightloom::batch::{
    Batch, EXECUTORS, Event, Executor, OutputSettings, ResultSettings, Search, Settings, SourceEntry, WorkerProgram,
    discover, plan_jobs, start,
};
use lightloom::codec::{self, EncodeOptions};
use lightloom::recipe::{FormatChoice, Recipe, Step};

#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() {
    divan::main();
    shared::remove_folders();
}

/// What is done to which pictures.
#[derive(Debug)]
struct Workload {
    name: &'static str,
    sources: Sources,
    filters: &'static [&'static str],
    format: &'static str,
    quality: u8,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
enum Sources {
    Photos,
    Pngs,
    Tiny,
}

/// The jobs of `benches/peers`, and many tiny files.
const WORKLOADS: &[Workload] = &[
    Workload {
        name: "web",
        sources: Sources::Photos,
        filters: &["resize:mode=fit,width=1920,height=1920", "unsharp_mask:sigma=1,amount=0.8"],
        format: "jpeg",
        quality: 85,
    },
    Workload {
        name: "thumbnail",
        sources: Sources::Photos,
        filters: &["resize:mode=fit,width=256,height=256"],
        format: "jpeg",
        quality: 80,
    },
    Workload {
        name: "edit",
        sources: Sources::Photos,
        filters: &["brightness_contrast:brightness=10,contrast=15", "saturation:factor=1.2", "gaussian_blur:sigma=3"],
        format: "jpeg",
        quality: 90,
    },
    Workload {
        name: "png",
        sources: Sources::Pngs,
        filters: &["greyscale", "resize:mode=percent,percent=50"],
        format: "png",
        quality: 90,
    },
    Workload {
        name: "webp",
        sources: Sources::Photos,
        filters: &["resize:mode=fit,width=1600,height=1600"],
        format: "webp",
        quality: 80,
    },
    Workload {
        name: "tiny",
        sources: Sources::Tiny,
        filters: &["resize:mode=fit,width=64,height=64"],
        format: "jpeg",
        quality: 80,
    },
];

/// A job done by an executor.
struct Case(&'static Workload, &'static Executor);

impl fmt::Display for Case {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} by {}", self.0.name, self.1.id)
    }
}

fn cases() -> impl Iterator<Item = Case> {
    WORKLOADS.iter().flat_map(|workload| EXECUTORS.iter().map(move |executor| Case(workload, executor)))
}

#[divan::bench(args = cases(), max_time = 2, sample_count = 10, sample_size = 1)]
fn job(bencher: Bencher, Case(workload, executor): &Case) {
    let sources = sources(workload.sources);
    let recipe = workload.recipe();
    bencher.counter(ItemsCount::new(sources.len())).with_inputs(shared::folder).bench_local_values(|folder| {
        run(&sources, &recipe, executor, &folder);
        fs::remove_dir_all(folder).expect("it is ours");
    });
}

impl Workload {
    fn recipe(&self) -> Recipe {
        let filters = self.filters.iter().map(|text| Step::parse(text).expect("the filter is allowed")).collect();
        let mut recipe = Recipe { filters, ..Recipe::default() };
        recipe.export.format = FormatChoice::from_id(self.format).expect("there is such a format");
        recipe.export.options.set_quality(self.quality);
        recipe
    }
}

fn run(sources: &[SourceEntry], recipe: &Recipe, executor: &'static Executor, folder: &Path) {
    let output = OutputSettings { folder: Some(folder.to_path_buf()), ..OutputSettings::default() };
    let worker = WorkerProgram { path: env!("CARGO_BIN_EXE_lightloom").into(), arguments: vec!["worker".into()] };
    let settings = Settings { executor, worker_program: Some(worker), ..Settings::default() };
    let jobs = plan_jobs(sources, recipe, &output);
    // With hashes, as a run has them that keeps a journal.
    let results = ResultSettings { hash: true, ..ResultSettings::default() };
    let batch = Batch { jobs, recipe: recipe.clone(), results, settings };
    let report = start(batch, Arc::new(|_: Event| {})).expect("threads can be started").wait();
    assert_eq!(report.totals.done, sources.len(), "{:?}", report.images.iter().find(|image| image.reason.is_some()));
}

/// The pictures of a job, made once.
fn sources(of: Sources) -> Vec<SourceEntry> {
    static MADE: LazyLock<Mutex<HashMap<Sources, PathBuf>>> = LazyLock::new(Mutex::default);
    let folder = MADE.lock().unwrap_or_else(PoisonError::into_inner).entry(of).or_insert_with(|| make(of)).clone();
    let mut found = Vec::new();
    discover(&[folder], &Search::default(), |discovered| {
        if let lightloom::batch::Discovered::Source(entry) = discovered {
            found.push(entry);
        }
        true
    });
    found
}

fn make(of: Sources) -> PathBuf {
    let count = |usual| shared::number("LIGHTLOOM_BENCH_PICTURES", usual);
    let file = |format: &str, megapixels: f64, seed| {
        let format = codec::find(format).expect("it is built in");
        shared::file(format, &shared::picture(megapixels, seed), &EncodeOptions::default())
    };
    match of {
        Sources::Photos => {
            let given = shared::given_photos();
            if given.is_empty() {
                return shared::folder_of(count(8), 4, "jpg", |seed| file("jpeg", shared::megapixels(4) as f64, seed));
            }
            let folder = shared::folder();
            for (number, path) in given.iter().cycle().take(count(given.len())).enumerate() {
                shared::link(path, &folder.join(format!("{number:05}.jpg")));
            }
            folder
        }
        Sources::Pngs => shared::folder_of(count(8), 4, "png", |seed| file("png", shared::megapixels(4) as f64, seed)),
        Sources::Tiny => shared::folder_of(500, 4, "jpg", |seed| file("jpeg", 0.02, seed)),
    }
}
