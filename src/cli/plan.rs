//! `--dry-run`: what a run would do to each picture and why, and what it would take.

use std::time::Duration;

use anyhow::Result;
use indicatif::{HumanBytes, HumanDuration};
use lightloom_param::shown;
use serde::Serialize;

use super::Exit;
use super::console::{self, Reader};
use crate::batch::{Action, Estimate, Job, Settings, Target, estimate};
use crate::recipe::Recipe;

/// How long pictures are tried for the estimate.
const PATIENCE: Duration = Duration::from_secs(3);

/// A plan as JSON.
#[derive(Serialize)]
struct Plan<'a> {
    pictures: Vec<Row<'a>>,
    estimate: Estimate,
}

/// One picture.
#[derive(Serialize)]
struct Row<'a> {
    source: String,
    targets: Vec<TargetRow<'a>>,
    #[serde(skip_serializing_if = "<[String]>::is_empty")]
    notes: &'a [String],
    /// Why nothing is done for it.
    #[serde(skip_serializing_if = "Option::is_none")]
    skip: Option<&'a str>,
}

/// One result.
#[derive(Serialize)]
struct TargetRow<'a> {
    path: String,
    action: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    why: Option<&'a str>,
}

/// What is to happen where a result goes, in a word for programs and in some for people.
fn words(target: &Target) -> (&'static str, &'static str) {
    match target.action {
        Action::Create => ("create", ""),
        Action::Replace => ("replace", "replaces the file that is there"),
        Action::ReplaceIfChanged => ("replace_if_changed", "replaces the file that is there if it differs"),
        Action::ReplaceIfSmaller => ("replace_if_smaller", "replaces the file that is there if it is smaller"),
        Action::Skip(_) => ("skip", "skipped"),
    }
}

/// Prints what would be done.
///
/// # Errors
/// If it cannot be printed.
pub(super) fn show(jobs: &[Job], recipe: &Recipe, settings: &Settings, json: bool) -> Result<Exit> {
    let found = estimate(jobs, recipe, settings, PATIENCE, &|| false);
    if json {
        let pictures = jobs.iter().map(row).collect();
        console::print_json(&Plan { pictures, estimate: found })?;
        return Ok(Exit::Well);
    }
    for job in jobs {
        for line in lines(job) {
            if console::print(&line)? == Reader::IsGone {
                return Ok(Exit::Well);
            }
        }
    }
    for line in totals(jobs, &found) {
        console::print(&line)?;
    }
    Ok(Exit::Well)
}

fn row(job: &Job) -> Row<'_> {
    let path = |target: &Target| target.folder.join(target.file_name()).to_string_lossy().into_owned();
    let rows = job.targets.iter().map(|target| TargetRow {
        path: path(target),
        action: words(target).0,
        why: target.skip_reason(),
    });
    Row { source: job.source.exact_name(), targets: rows.collect(), notes: &job.notes, skip: job.skip_reason() }
}

/// A picture in a line for each result.
fn lines(job: &Job) -> Vec<String> {
    let source = &job.source;
    if let Some(reason) = job.skip_reason() {
        return vec![format!("{source}: skipped: {reason}")];
    }
    let line = |target: &Target| {
        let path = target.folder.join(target.file_name());
        let why = match (words(target).1, target.skip_reason()) {
            ("", _) => String::new(),
            (word, Some(reason)) => format!(" ({word}: {reason})"),
            (word, None) => format!(" ({word})"),
        };
        format!("{source} → {}{why}", shown(&path))
    };
    let notes = job.notes.iter().map(|note| format!("  {note}"));
    job.targets.iter().map(line).chain(notes).collect()
}

fn totals(jobs: &[Job], found: &Estimate) -> Vec<String> {
    let count = |wanted: &str| {
        let open = jobs.iter().filter(|job| job.skip_reason().is_none());
        open.flat_map(|job| &job.targets).filter(|target| words(target).0.starts_with(wanted)).count()
    };
    let skipped = jobs.len() - found.pictures;
    let mut lines = vec![format!(
        "{} pictures to process, {skipped} skipped; {} new files, {} that may replace others",
        found.pictures,
        count("create"),
        count("replace")
    )];
    if let (Some(bytes), Some(seconds), Some(memory)) = (found.result_bytes, found.seconds, found.memory_bytes) {
        let free = found.free_bytes.map_or(String::new(), |free| format!(", {} free", HumanBytes(free)));
        lines.push(format!(
            "about {} to write{free}; about {}, {} of memory (estimated from {} of them)",
            HumanBytes(bytes),
            HumanDuration(Duration::from_secs_f64(seconds.max(1.0))),
            HumanBytes(memory),
            found.sampled
        ));
        if found.free_bytes.is_some_and(|free| free < bytes) {
            lines.push("the disk has not enough room for all results".to_owned());
        }
    }
    lines
}
