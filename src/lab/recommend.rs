//! Measures a person's own pictures for a few seconds and proposes settings.

use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use super::{LabEvent, MeasureError, Recommendation, Results, Study};
use crate::batch::{OverridesByFile, Settings, SourceFile, find_executor, logical_cores};
use crate::recipe::Recipe;

/// Runs of each choice.
const REPEATS: usize = 3;

/// Proposes settings for these files from a measurement of a sample of them that takes about `patience`. Whatever else
/// `settings` holds (priority, time limit, simulated source) stays as it is.
///
/// A first run of a few pictures, one after the other, tells how much of their time is waiting; from that follow the
/// choices that are then measured against each other.
///
/// # Errors
/// As [`Study::measure`].
pub fn recommend(
    files: &[SourceFile],
    recipe: &Recipe,
    overrides: &Arc<OverridesByFile>,
    settings: &Settings,
    place: &Path,
    patience: Duration,
    watch: &mut dyn FnMut(LabEvent<'_>),
) -> Result<(Results, Recommendation), MeasureError> {
    let executor = |id: &str| find_executor(id).unwrap_or(settings.executor);
    let study = |sample, choices, repeats| Study {
        files: files.to_vec(),
        sample: Some(sample),
        recipe: recipe.clone(),
        overrides: Arc::clone(overrides),
        choices,
        repeats,
        place: place.to_path_buf(),
    };
    let sequential = Settings { executor: executor("sequential"), ..*settings };
    let probe = study(4, vec![sequential], 1).measure(watch)?;
    let Some(run) = probe.runs.first().filter(|run| run.totals.done + run.totals.partial > 0) else {
        let unchanged =
            "The pictures that were tried all failed, or the measurement was stopped; the settings stay as they are.";
        return Ok((probe, Recommendation { settings: *settings, reason: unchanged.to_owned() }));
    };
    let row = probe.comparison().rows.first().map_or(0.0, |row| row.waiting);
    let secs_each = run.totals.wall_secs / (run.totals.done + run.totals.partial) as f64;

    let cores = logical_cores();
    let choices = choices(settings, row, cores);
    // The warm-up and every repeat of every choice; the first run is the slowest by far only where cores matter.
    let runs = (1 + REPEATS * choices.len()) as f64;
    let affordable = patience.as_secs_f64() / runs / (secs_each / cores as f64).max(1e-6);
    let count = (affordable as usize).clamp(2 * cores, 64);
    let results = study(count, choices, REPEATS).measure(watch)?;

    let recommendation = match results.recommendation() {
        Some(found) if !results.interrupted => {
            let memory_bytes = memory(&results, &found.settings, settings.memory_bytes);
            Recommendation {
                settings: Settings { memory_bytes, slow_source: settings.slow_source, ..found.settings },
                reason: found.reason,
            }
        }
        _ => Recommendation { settings: *settings, reason: results.verdict() + " The settings stay as they are." },
    };
    Ok((results, recommendation))
}

/// What is worth measuring where `waiting` of a picture's time is waiting.
fn choices(settings: &Settings, waiting: f64, cores: usize) -> Vec<Settings> {
    let find = |id: &str| find_executor(id).unwrap_or(settings.executor);
    // While a core computes one picture, so many others have to be waited for.
    let overlap = waiting / (1.0 - waiting).max(0.02);
    let io_threads = ((cores as f64 * overlap).ceil() as usize).clamp(1, 32);
    let hybrid = |io_threads| Settings { executor: find("hybrid"), io_threads, cores, ..*settings };
    let mut choices = vec![
        Settings { executor: find("sequential"), ..*settings },
        Settings { executor: find("cores"), cores, ..*settings },
        hybrid(io_threads),
        hybrid((2 * io_threads).min(64)),
    ];
    if io_threads > 2 {
        choices.push(hybrid(io_threads / 2));
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
    use super::*;

    #[test]
    fn more_waiting_asks_for_more_threads() {
        let threads = |waiting| choices(&Settings::default(), waiting, 2)[2].io_threads;
        assert_eq!((threads(0.0), threads(0.5), threads(0.75), threads(1.0)), (1, 2, 6, 32));
        let all = choices(&Settings::default(), 0.75, 2);
        assert!(all.iter().all(|choice| all.iter().filter(|other| *other == choice).count() == 1), "{all:?}");
    }
}
