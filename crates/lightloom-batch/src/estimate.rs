//! What a run will take: time, memory and disk, measured on a few of its pictures.
//!
//! Pictures that are spread evenly over the batch are processed one after the other as a run of their own, whose results
//! are dropped, as long as a budget of time lasts. Time and size of the others are taken to grow with the size of their
//! files. What lies in a few pictures is not known of all, so that this is an estimate and says how many pictures it rests
//! on.

use std::collections::HashMap;
use std::sync::Arc;
use std::thread;
use std::time::{Duration, Instant};

use serde::Serialize;

use super::event::{Event, EventSink};
use super::executor::{Role, WorkerCounts, executor_of};
use super::report::{ImageReport, Outcome};
use super::room::Room;
use super::run::{Batch, ResultSettings, start};
use super::{Job, Settings};
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

/// Tries pictures of a batch for about `patience`, as long as `stop` does not say otherwise.
pub fn estimate(
    jobs: &[Job],
    recipe: &Recipe,
    settings: &Settings,
    patience: Duration,
    stop: &(dyn Fn() -> bool + Sync),
) -> Estimate {
    let open: Vec<&Job> = jobs.iter().filter(|job| job.skip_reason().is_none()).collect();
    let source_bytes = open.iter().filter_map(|job| job.source.length()).sum();
    let Tried { pictures, source_bytes: of_sources, result_bytes, processor_secs, peak_bytes } =
        try_some(&open, recipe, settings, patience, stop);
    let scaled = |of_sample: f64| {
        let whole = of_sample * (source_bytes as f64 / of_sources.max(1) as f64);
        (pictures > 0).then_some(whole)
    };
    let in_flight = settings.queue_slots().min(open.len().max(1)) as u64;
    let memory = (peak_bytes * in_flight).min(settings.memory_bytes).max(peak_bytes);
    Estimate {
        pictures: open.len(),
        sampled: pictures,
        source_bytes,
        result_bytes: scaled(result_bytes as f64).map(|bytes| bytes as u64),
        seconds: scaled(processor_secs / settings.busy_cores() as f64),
        memory_bytes: (pictures > 0).then_some(memory),
        free_bytes: open.first().and_then(|job| Some(Room::of(job.folders().next()?)?.bytes)),
    }
}

/// Pictures that were tried.
#[derive(Debug, Default)]
struct Tried {
    pictures: usize,
    source_bytes: u64,
    result_bytes: u64,
    processor_secs: f64,
    /// Memory that was admitted for one of them at most.
    peak_bytes: u64,
}

/// Nobody listens.
struct Unheard;

impl EventSink for Unheard {
    fn event(&self, _: Event) {}
}

fn try_some(
    open: &[&Job],
    recipe: &Recipe,
    settings: &Settings,
    patience: Duration,
    stop: &(dyn Fn() -> bool + Sync),
) -> Tried {
    let count = SAMPLE.min(open.len());
    // The middle of each of as many equal parts.
    let picked = (0..count).map(|index| open[(2 * index + 1) * open.len() / (2 * count)]);
    let jobs: Vec<Job> = picked.enumerate().map(|(index, job)| Job { index, ..job.clone() }).collect();
    let lengths: HashMap<usize, u64> = jobs.iter().filter_map(|job| Some((job.index, job.source.length()?))).collect();
    let batch = Batch {
        jobs,
        recipe: recipe.clone(),
        results: ResultSettings { discard: true, ..ResultSettings::default() },
        settings: Settings { executor: executor_of(Role::Baseline), slow_source: None, ..settings.clone() },
    };
    let begun = Instant::now();
    let Ok(running) = start(batch, Arc::new(Unheard)) else { return Tried::default() };
    while !running.is_finished() {
        // One at least, however long it takes.
        if stop() || (begun.elapsed() >= patience && running.progress().finished() > 0) {
            running.control().stop();
        }
        thread::sleep(Duration::from_millis(5));
    }
    let report = running.wait();
    let is_good = |image: &&ImageReport| matches!(image.outcome, Outcome::Done | Outcome::Partial);
    let good: Vec<&ImageReport> = report.images.iter().filter(is_good).collect();
    Tried {
        pictures: good.len(),
        source_bytes: good.iter().filter_map(|image| lengths.get(&image.job)).sum(),
        result_bytes: good.iter().flat_map(|image| &image.outputs).map(|output| output.bytes).sum(),
        processor_secs: report.totals.lane_cpu_secs,
        peak_bytes: report.totals.peak_bytes,
    }
}

impl Settings {
    /// Cores that the executor keeps busy at most.
    fn busy_cores(&self) -> usize {
        let at_once = match self.executor.workers {
            WorkerCounts { cores: true, .. } => self.cores,
            // One at a time computes.
            _ => 1,
        };
        at_once.clamp(1, super::logical_cores())
    }
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
        assert!((1..=SAMPLE).contains(&stopped.sampled), "at least one: {stopped:?}");
        let broken = plan_jobs(&[Source::memory("a.ppm", *b"no").into()], &recipe, &output);
        assert_eq!(estimate(&broken, &recipe, &settings, Duration::ZERO, &|| false).seconds, None);
    }
}
