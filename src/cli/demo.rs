//! `lightloom demo`: the bundled samples and a recipe, ready for Start, or run without a window.

use std::path::Path;

use anyhow::{Context, Result};
use include_dir::{Dir, include_dir};

use super::{Exit, process, progress};
use crate::batch::{Batch, EXECUTORS, OutputSettings, Settings, plan_jobs};
use crate::filter::FilterError;
use crate::lab::{Comparison, LabEvent, Study};
use crate::recipe::{FormatChoice, Recipe, Step};

static SAMPLES: Dir<'_> = include_dir!("$CARGO_MANIFEST_DIR/assets/samples");

/// Writes the bundled sample photos into `folder`.
///
/// # Errors
/// If the disk refuses.
pub fn unpack_samples(folder: &Path) -> Result<()> {
    SAMPLES.extract(folder).with_context(|| format!("the samples cannot be unpacked into {}", folder.display()))
}

/// A recipe that shows something on every sample.
///
/// # Errors
/// Never, as long as its filters exist; a test proves that they do.
pub fn demo_recipe() -> Result<Recipe, FilterError> {
    let steps = ["resize:width=1200,height=1200", "exposure:stops=0.15", "saturation:factor=1.15", "unsharp_mask"];
    let filters = steps.into_iter().map(Step::parse).collect::<Result<_, _>>()?;
    let mut recipe = Recipe { filters, ..Recipe::default() };
    recipe.export.format = FormatChoice::from_id("jpeg").unwrap_or(FormatChoice::Same);
    Ok(recipe)
}

/// The demo without a window: results into `out`, then the comparison of executors on the same pictures, each measured
/// `repeats` times.
///
/// # Errors
/// If the samples cannot be unpacked or `out` cannot be written to.
pub fn headless(samples: &Path, out: &Path, repeats: u8) -> Result<Exit> {
    let recipe = demo_recipe()?;
    let (files, _) = process::find(&[samples.to_path_buf()], out);
    let output = OutputSettings { folder: Some(out.to_path_buf()), keep_tree: true };
    let jobs = plan_jobs(&files, recipe.export.format, &output);
    let settings = Settings::default();
    let report = process::run(Batch { jobs, recipe: recipe.clone(), settings }, "Demo")?;
    progress::summary(&report, out);
    if report.totals.failed + report.totals.skipped > 0 {
        return Ok(Exit::SomeFailed);
    }
    println!("\nThreads or cores? The same {} pictures, {repeats} times each, taking turns:", files.len());
    let choices = EXECUTORS.iter().map(|executor| Settings { executor, ..settings }).collect();
    let study = Study { files, recipe, choices, repeats: usize::from(repeats), place: out.to_path_buf() };
    let results = study.measure(&mut |event| {
        if let LabEvent::Begun { running, .. } = event {
            process::stop_on_interrupt(running.control());
        }
    })?;
    print!("{}", table(&results.comparison()));
    Ok(Exit::Well)
}

/// A comparison as text.
fn table(comparison: &Comparison) -> String {
    let mut out = format!(
        "{:<12} {:>9} {:>9} {:>8} {:>11} {:>10}\n",
        "", "images/s", "seconds", "spread", "cores busy", "vs slowest"
    );
    for row in &comparison.rows {
        out += &format!(
            "{:<12} {:>9.1} {:>9.3} {:>7.0}% {:>11.2} {:>9.2}x\n",
            row.title,
            row.images_per_sec,
            row.wall_secs,
            100.0 * (row.wall_max_secs - row.wall_min_secs) / row.wall_secs.max(1e-9),
            row.cpu_use,
            row.speed_up,
        );
    }
    out + &comparison.verdict() + "\n"
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_recipe_and_the_samples_exist() {
        assert_eq!(demo_recipe().unwrap().filters.len(), 4);
        let folder = tempfile::tempdir().unwrap();
        unpack_samples(folder.path()).unwrap();
        let (files, problems) = process::find(&[folder.path().to_path_buf()], Path::new("nowhere"));
        assert_eq!((files.len(), problems.len()), (12, 0));
    }
}
