//! `lightloom demo`: the bundled samples and a recipe, ready for Start, or run without a window.

use std::path::Path;

use anyhow::Result;

use super::args::worker_program;
use super::process::{self, Journaled, RunOptions};
use super::{Exit, console, progress, table};
use crate::batch::{Batch, EXECUTORS, OutputSettings, Search, Settings, plan_jobs};
use crate::filter::FilterError;
use crate::lab::{LabEvent, Study};
use crate::recipe::{FormatChoice, Recipe, Step};

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
    let search = Search { output: Some(out.to_path_buf()), ..Search::default() };
    let process::Inputs { sources, .. } = process::find(&[samples.to_path_buf()], &search);
    let output = OutputSettings { folder: Some(out.to_path_buf()), ..OutputSettings::default() };
    let jobs = plan_jobs(&sources, &recipe, &output);
    let settings = Settings { worker_program: worker_program(), ..Settings::default() };
    let batch = Batch { jobs, recipe: recipe.clone(), results: output.conflict.into(), settings: settings.clone() };
    let report = process::run(batch, &RunOptions { title: "Demo", trace: None, journaled: Journaled::No })?;
    progress::summary(&report, out)?;
    if report.totals.failed + report.totals.stopped > 0 {
        return Ok(Exit::SomeFailed);
    }
    let heading =
        format!("\nThreads or cores? The same {} pictures, {repeats} times each, taking turns:", sources.len());
    console::print(&heading)?;
    let choices = EXECUTORS.iter().map(|executor| Settings { executor, ..settings.clone() }).collect();
    let (repeats, folder) = (usize::from(repeats), out.to_path_buf());
    let study = Study { sources, recipe, choices, repeats, folder, ..Study::default() };
    let results = study.measure(&mut |event| {
        if let LabEvent::Begun(running) = event {
            process::stop_on_interrupt(running.control());
        }
    })?;
    console::print(&format!("{}{}", table::comparison(&results.comparison()), results.verdict()))?;
    Ok(if results.interrupted { Exit::SomeFailed } else { Exit::Well })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_filters_of_the_recipe_exist() {
        assert_eq!(demo_recipe().unwrap().filters.len(), 4);
    }
}
