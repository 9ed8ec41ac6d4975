//! What a run will take: time, memory and disk, measured on a few of its pictures.
//!
//! Pictures that are spread evenly over the batch are processed and dropped, as long as a budget of time lasts. Time and
//! size of the others are taken to grow with the size of their files. What lies in a few pictures is not known of all, so
//! that this is an estimate and says how many pictures it rests on.

use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use cpu_time::ThreadTime;
use serde::Serialize;

use super::stage::{self, Developed, StageError};
use super::{Job, Settings};
use lightloom_filter::Work;
use lightloom_picture::Buffers;
use lightloom_recipe::Recipe;

/// Most pictures that are tried.
const SAMPLE: usize = 12;

/// What a run will take.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Estimate {
    /// Pictures that are to be processed.
    pub pictures: usize,
    /// Pictures that this rests on.
    pub sampled: usize,
    /// Bytes of all sources.
    pub source_bytes: u64,
    /// Bytes of all results, about; `None` if no picture could be tried.
    pub result_bytes: Option<u64>,
    /// Elapsed seconds, about, if every core is busy; `None` if no picture could be tried.
    pub seconds: Option<f64>,
    /// Bytes of memory for pictures in flight, about: never more than the budget but for a picture that needs more alone.
    pub memory_bytes: Option<u64>,
    /// Bytes that are free where results go; `None` where the system does not tell.
    pub free_bytes: Option<u64>,
}

/// One picture that was tried.
struct Tried {
    source_bytes: u64,
    result_bytes: u64,
    processor: Duration,
    peak_bytes: u64,
}

/// Tries pictures of a batch for about `patience`, as long as `stop` does not say otherwise.
pub fn estimate(
    jobs: &[Job],
    recipe: &Recipe,
    settings: &Settings,
    patience: Duration,
    stop: &(dyn Fn() -> bool + Sync),
) -> Estimate {
    let begun = Instant::now();
    let open: Vec<&Job> = jobs.iter().filter(|job| job.skip_reason().is_none()).collect();
    let source_bytes = open.iter().filter_map(|job| job.source.length()).sum();
    let mut buffers = Buffers::default();
    let mut tried: Vec<Tried> = Vec::new();
    let count = SAMPLE.min(open.len());
    for index in 0..count {
        // The middle of each of as many equal parts.
        let job = open[(2 * index + 1) * open.len() / (2 * count)];
        tried.extend(try_one(job, recipe, settings, &mut buffers, stop));
        if begun.elapsed() >= patience || stop() {
            break;
        }
    }
    let of_sources: u64 = tried.iter().map(|one| one.source_bytes).sum();
    let scaled = |of_sample: f64| {
        let whole = of_sample * (source_bytes as f64 / of_sources.max(1) as f64);
        (!tried.is_empty()).then_some(whole)
    };
    let processor: f64 = tried.iter().map(|one| one.processor.as_secs_f64()).sum();
    let largest = tried.iter().map(|one| one.peak_bytes).max();
    let in_flight = settings.queue_slots().min(open.len().max(1)) as u64;
    Estimate {
        pictures: open.len(),
        sampled: tried.len(),
        source_bytes,
        result_bytes: scaled(tried.iter().map(|one| one.result_bytes).sum::<u64>() as f64).map(|bytes| bytes as u64),
        seconds: scaled(processor / settings.busy_cores() as f64),
        memory_bytes: largest.map(|largest| (largest * in_flight).min(settings.memory_bytes).max(largest)),
        free_bytes: open.first().and_then(|job| free_bytes(job.folders().next()?)),
    }
}

fn try_one(
    job: &Job,
    recipe: &Recipe,
    settings: &Settings,
    buffers: &mut Buffers,
    stop: &(dyn Fn() -> bool + Sync),
) -> Option<Tried> {
    let begun = ThreadTime::now();
    let mut run = || -> Result<Tried, StageError> {
        let opened = stage::open(job, recipe, &settings.limits)?;
        let (source_bytes, peak_bytes) = (opened.length(), opened.peak_bytes);
        let loaded = stage::read(opened)?;
        let mut work = Work { buffers, stop, split: false };
        let developed: Developed = stage::develop(job, loaded, recipe, &mut work, &mut |_| {})?;
        Ok(Tried { source_bytes, result_bytes: developed.file_bytes(), processor: begun.elapsed(), peak_bytes })
    };
    run().ok()
}

impl Settings {
    /// Cores that the executor keeps busy at most.
    fn busy_cores(&self) -> usize {
        let at_once = match self.executor.workers {
            super::executor::WorkerCounts { cores: true, .. } => self.cores,
            // One at a time computes.
            _ => 1,
        };
        at_once.clamp(1, super::logical_cores())
    }
}

/// Bytes that are free where a folder is or will be.
pub fn free_bytes(folder: &Path) -> Option<u64> {
    let folder: PathBuf = std::path::absolute(folder).ok()?;
    let existing = folder.ancestors().find(|folder| folder.exists())?;
    available(existing)
}

#[cfg(unix)]
fn available(folder: &Path) -> Option<u64> {
    let stats = rustix::fs::statvfs(folder).ok()?;
    Some(stats.f_bavail * stats.f_frsize)
}

#[cfg(not(unix))]
fn available(_: &Path) -> Option<u64> {
    None
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{OutputSettings, Source, plan_jobs};
    use lightloom_recipe::FormatChoice;

    #[test]
    fn a_run_is_estimated_from_some_of_its_pictures() {
        let header = "P6 64 64 255\n";
        let picture =
            |seed: usize| -> Vec<u8> { header.bytes().chain((0..64 * 64 * 3).map(|i| (i * seed) as u8)).collect() };
        let sources: Vec<_> = (0..40).map(|i| Source::memory(format!("{i}.ppm"), picture(i)).into()).collect();
        let folder = tempfile::tempdir().unwrap();
        let output = OutputSettings { folder: Some(folder.path().join("new")), ..OutputSettings::default() };
        let mut recipe = Recipe::default();
        recipe.export.format = FormatChoice::from_id("bmp").unwrap();
        let mut jobs = plan_jobs(&sources, &recipe, &output);
        jobs[0].skip = Some("nothing to do".into());
        let settings = Settings::default();
        let found = estimate(&jobs, &recipe, &settings, Duration::from_secs(60), &|| false);
        assert_eq!((found.pictures, found.sampled), (39, SAMPLE));
        assert_eq!(found.source_bytes, 39 * picture(0).len() as u64);
        // A bitmap of 64 × 64 pixels has 54 bytes of header and 12,288 of samples.
        let bytes = found.result_bytes.unwrap();
        assert!((39 * 12_288..=39 * 12_700).contains(&bytes), "{bytes}");
        assert!(found.seconds.unwrap() > 0.0 && found.memory_bytes.unwrap() <= settings.memory_bytes);
        assert_eq!(found.free_bytes.is_some(), cfg!(unix));
        let stopped = estimate(&jobs, &recipe, &settings, Duration::ZERO, &|| false);
        assert_eq!(stopped.sampled, 1);
        let broken = plan_jobs(&[Source::memory("a.ppm", *b"no").into()], &recipe, &output);
        assert_eq!(estimate(&broken, &recipe, &settings, Duration::ZERO, &|| false).seconds, None);
    }
}
