//! Measures a person's own pictures for a few seconds and proposes settings.

use std::time::Duration;

use super::{LabEvent, MeasureError, Recommendation, Results, Study};
use lightloom_batch::executor::{EXECUTORS, Role, executor_of};
use lightloom_batch::{Settings, logical_cores};

/// Rounds that are made in any case.
const REPEATS: usize = 4;

/// Proposes settings for the pictures of `work` from measurements of a sample of them, no larger than its own, that take
/// about `duration`. Its choices and repeats are ignored. Whatever else `settings` holds (priority, time limit,
/// simulated source) stays as it is.
///
/// A first run of a few pictures, one after the other, tells how much of their time is waiting; from that follow the
/// choices that are then measured against each other.
///
/// # Errors
/// As [`Study::measure`].
pub fn recommend(
    work: &Study,
    settings: &Settings,
    duration: Duration,
    watch: &mut dyn FnMut(LabEvent<'_>),
) -> Result<(Results, Recommendation), MeasureError> {
    let baseline = Settings { executor: executor_of(Role::Baseline), ..settings.clone() };
    let probe = part(work, 4, vec![baseline], 1).measure(watch)?;
    let Some(run) = probe.runs.first().filter(|run| run.totals.done + run.totals.partial > 0) else {
        let unchanged =
            "The pictures that were tried all failed, or the measurement was stopped; the settings stay as they are.";
        return Ok((probe, Recommendation { settings: settings.clone(), reason: unchanged.to_owned() }));
    };
    let row = probe.comparison().rows.first().map_or(0.0, |row| row.waiting);
    let secs_each = run.totals.wall_secs / (run.totals.done + run.totals.partial) as f64;

    let cores = logical_cores();
    let choices = choices(settings, row, cores);
    // The warm-up and the least rounds take the first half of the time; the other half is for more rounds.
    let runs = (1 + REPEATS * choices.len()) as f64;
    let affordable = duration.as_secs_f64() / 2.0 / runs / (secs_each / cores as f64).max(1e-6);
    let count = (affordable as usize).clamp(2 * cores, 64);
    let results = Study { patience: duration, ..part(work, count, choices, REPEATS) }.measure(watch)?;

    let recommendation = match results.recommendation() {
        Some(found) if !results.interrupted => {
            let memory_bytes = memory(&results, &found.settings, settings.memory_bytes);
            Recommendation {
                settings: Settings { memory_bytes, slow_source: settings.slow_source, ..found.settings },
                reason: found.reason,
            }
        }
        _ => {
            Recommendation { settings: settings.clone(), reason: results.verdict() + " The settings stay as they are." }
        }
    };
    Ok((results, recommendation))
}

/// A study of at most `count` pictures of `work`. They are taken from its whole list, so that they are named and numbered
/// as in an export.
fn part(work: &Study, count: usize, choices: Vec<Settings>, repeats: usize) -> Study {
    let sample = Some(work.sample.map_or(count, |most| count.min(most)));
    Study { sample, choices, repeats, ..work.clone() }
}

/// What is worth measuring where `waiting` of a picture's time is waiting.
fn choices(settings: &Settings, waiting: f64, cores: usize) -> Vec<Settings> {
    // While a core computes one picture, so many others have to be waited for.
    let overlap = waiting / (1.0 - waiting).max(0.02);
    let io_threads = ((cores as f64 * overlap).ceil() as usize).clamp(1, 32);
    let mut thread_counts = vec![io_threads, (2 * io_threads).min(64)];
    if io_threads > 2 {
        thread_counts.push(io_threads / 2);
    }
    let mut choices = Vec::new();
    for executor in EXECUTORS.iter().filter(|executor| executor.may_be_recommended()) {
        let cores = if executor.workers.cores { cores } else { settings.cores };
        let choice = |io_threads| Settings { executor, io_threads, cores, ..settings.clone() };
        if executor.workers.io_threads {
            choices.extend(thread_counts.iter().copied().map(choice));
        } else {
            choices.push(choice(settings.io_threads));
        }
    }
    choices
}

/// Half as much again as the chosen run had in flight, in steps of 256 MiB; the present setting where that is what held
/// it back.
fn memory(results: &Results, chosen: &Settings, present: u64) -> u64 {
    const STEP: u64 = 256 << 20;
    let rows = results.comparison().rows;
    let peak = rows.iter().find(|row| row.settings == *chosen).map_or(0, |row| row.peak_bytes);
    let wanted = (peak + peak / 2).div_ceil(STEP) * STEP;
    if peak >= present / 10 * 9 { present } else { wanted.clamp(2 * STEP, present.max(2 * STEP)) }
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::*;

    #[test]
    fn a_part_has_the_numbers_of_the_whole() {
        let sources = (0..10).map(|i| format!("/p/{i}").as_str().into()).collect();
        let work = Study { sources, sample: Some(5), ..Study::default() };
        let numbers = |work: &Study, count| {
            let jobs = part(work, count, Vec::new(), 1).jobs(Path::new("/out"));
            jobs.iter().map(|job| job.number).collect::<Vec<_>>()
        };
        assert_eq!(numbers(&work, 64), [1, 3, 5, 7, 9], "no more than its sample, as the whole list numbers them");
        assert_eq!(numbers(&work, 2), [1, 6]);
        assert_eq!(numbers(&Study { sample: None, ..work }, 64), [1, 2, 3, 4, 5, 6, 7, 8, 9, 10]);
    }

    #[test]
    fn more_waiting_asks_for_more_threads() {
        let threads = |waiting| choices(&Settings::default(), waiting, 2)[2].io_threads;
        assert_eq!((threads(0.0), threads(0.5), threads(0.75), threads(1.0)), (1, 2, 6, 32));
        let all = choices(&Settings::default(), 0.75, 2);
        assert!(all.iter().all(|choice| all.iter().filter(|other| *other == choice).count() == 1), "{all:?}");
    }
}
