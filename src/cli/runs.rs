//! Runs of the past: listed and shown, resumed, tried again, verified and undone.

use std::path::{Path, PathBuf};
use std::sync::atomic::AtomicUsize;
use std::time::Duration;

use anyhow::{Result, bail};
use clap::Args;
use indicatif::HumanBytes;
use lightloom_param::shown;
use serde::Serialize;

use super::args::WorkerArgs;
use super::console::{self, Reader};
use super::destination::say_of_archives;
use super::process::{self, Journaled, RunOptions};
use super::{Exit, progress, table};
use crate::batch::{Outcome, Report};
use crate::journal::record::{JobRecord, Seconds};
use crate::journal::{
    Again, Content, History, JournalError, Outline, Pruned, Removal, Rest, Store, Sums, Verdict, Verification, forget,
    undo as undo_run,
};

/// Arguments of `resume` and `retry`.
#[derive(Debug, Args)]
pub struct ResumeArgs {
    /// The run: its name or the beginning of it, its journal, a folder with its results, or 'last' [default: the newest
    /// run that was interrupted]
    pub run: Option<String>,
    /// Who does the work.
    #[command(flatten)]
    pub workers: WorkerArgs,
    /// Print one JSON object on standard output
    #[arg(long)]
    pub json: bool,
}

/// Arguments of `verify`.
#[derive(Debug, Args)]
pub struct VerifyArgs {
    /// The run: its name or the beginning of it, its journal, a folder with its results, or 'last'
    pub run: String,
    /// Who does the work.
    #[command(flatten)]
    pub workers: WorkerArgs,
    /// Print one JSON object on standard output
    #[arg(long)]
    pub json: bool,
}

/// Arguments of `undo`.
#[derive(Debug, Args)]
pub struct UndoArgs {
    /// The run: its name or the beginning of it, its journal, a folder with its results, or 'last'
    pub run: String,
    /// Delete the files instead of moving them to the trash
    #[arg(long)]
    pub delete: bool,
}

/// Arguments of `runs`.
#[derive(Debug, Args)]
pub struct RunsArgs {
    /// Show this run instead of a list: its name or the beginning of it, its journal, a folder with its results, or
    /// 'last'
    pub run: Option<String>,
    /// Print JSON
    #[arg(long, conflicts_with = "csv")]
    pub json: bool,
    /// Print one line of comma-separated values per picture, or per run
    #[arg(long)]
    pub csv: bool,
    /// Write a page with the run's figures, failures and timeline
    #[arg(long, value_name = "FILE.html", requires = "run")]
    pub html: Option<PathBuf>,
    /// Remove this run from the history; its results stay
    #[arg(long, requires = "run", conflicts_with_all = ["json", "csv", "html"])]
    pub forget: bool,
    /// Remove runs that ended this many days ago from the history; their results stay. Kept are runs that were
    /// interrupted, those of watched folders, the newest of all and the newest for each folder with results
    #[arg(long, value_name = "DAYS", conflicts_with_all = ["run", "json", "csv", "html"])]
    pub prune: Option<u32>,
}

/// Goes on with an interrupted run.
///
/// # Errors
/// If there is none, or it cannot be resumed.
pub fn resume(args: &ResumeArgs) -> Result<Exit> {
    let store = Store::of_user()?;
    let journal = match &args.run {
        Some(run) => store.find(run)?,
        None => match store.interrupted() {
            Some(outline) => outline.path,
            None => bail!("no run was interrupted; 'lightloom runs' lists all"),
        },
    };
    go_on(&journal, Again::Unfinished, args)
}

/// Tries the pictures of a run again that failed, and what it had not finished.
///
/// # Errors
/// If there is none, or it cannot be resumed.
pub fn retry(args: &ResumeArgs) -> Result<Exit> {
    let journal = Store::of_user()?.find(args.run.as_deref().unwrap_or("last"))?;
    go_on(&journal, Again::Failed, args)
}

fn go_on(journal: &Path, again: Again, args: &ResumeArgs) -> Result<Exit> {
    // As the run was, but for what is asked for.
    let settings = args.workers.over(History::run_of(journal)?.settings);
    let rest = match Rest::of(journal, again, settings, &AtomicUsize::new(0)) {
        // Whoever resumes a run wants it complete.
        Err(JournalError::Complete(run)) => {
            console::say(&format!("The run {run} is complete."));
            return Ok(Exit::Well);
        }
        rest => rest?,
    };
    let Rest { history, batch, before, lost, .. } = &rest;
    console::say(&format!(
        "Resuming {} of {}: {} pictures are done, {} are left",
        history.id(),
        time(history.run.started),
        before.len(),
        batch.jobs.len()
    ));
    for path in lost.iter().take(10) {
        console::say(&format!("note: made again, since it is not what the run wrote: {}", shown(path)));
    }
    let options = RunOptions { title: "Processing", trace: None, journaled: Journaled::Rest(&rest) };
    let report = process::run(batch.clone(), &options)?;
    say_of_archives(&report);
    let out = report.archives.first().map_or_else(|| history.outline().folder(), |archive| archive.path.clone());
    let unwritten = report.totals.failed + report.totals.stopped + usize::from(report.unpacked.is_some());
    let exit = if unwritten > 0 { Exit::SomeFailed } else { Exit::Well };
    if args.json {
        console::print_json(&together(&rest.before_in(&report.archives), report))?;
    } else {
        progress::summary(&report, &out)?;
    }
    Ok(exit)
}

/// The report of a run as if it had not been interrupted.
fn together(before: &[crate::batch::ImageReport], mut report: Report) -> Report {
    let count = |outcome| before.iter().filter(|image| image.outcome == outcome).count();
    let totals = &mut report.totals;
    totals.images += before.len();
    totals.done += count(Outcome::Done);
    totals.partial += count(Outcome::Partial);
    totals.failed += count(Outcome::Failed);
    totals.skipped += count(Outcome::Skipped);
    let images = std::mem::take(&mut report.images);
    report.images = before.iter().cloned().chain(images).collect();
    report.images.sort_by(|a, b| a.source.cmp(&b.source));
    report
}

/// Makes every result of a run again and compares.
///
/// # Errors
/// If the journal or its recipe cannot be used.
pub fn verify(args: &VerifyArgs) -> Result<Exit> {
    let journal = Store::of_user()?.find(&args.run)?;
    let verification = Verification::of(&journal, args.workers.settings())?;
    let options = RunOptions { title: "Verifying", trace: None, journaled: Journaled::No };
    let report = process::run(verification.batch.clone(), &options)?;
    if report.totals.stopped > 0 {
        bail!("the verification was stopped");
    }
    let checked = verification.compare(&report);
    let same = checked.iter().filter(|one| one.verdict == Verdict::Same).count();
    if args.json {
        let row = |one: &crate::journal::Checked| VerifiedRow {
            source: shown(&one.source).into_owned(),
            path: shown(&one.path).into_owned(),
            same: one.verdict == Verdict::Same,
            verdict: verdict(&one.verdict),
        };
        console::print_json(&checked.iter().map(row).collect::<Vec<_>>())?;
    } else {
        for one in checked.iter().filter(|one| one.verdict != Verdict::Same) {
            console::print(&format!("{}: {}", shown(&one.path), verdict(&one.verdict)))?;
        }
        console::print(&format!(
            "{same} of {} results are what the run {} says",
            checked.len(),
            verification.history.id()
        ))?;
    }
    Ok(if same == checked.len() { Exit::Well } else { Exit::SomeFailed })
}

#[derive(Serialize)]
struct VerifiedRow {
    source: String,
    path: String,
    same: bool,
    verdict: String,
}

fn verdict(verdict: &Verdict) -> String {
    match verdict {
        Verdict::Same => "the same".to_owned(),
        Verdict::File(Content::Missing) => "the file is not there; made again it would be the same".to_owned(),
        Verdict::File(Content::Unreadable) => "the file cannot be read; made again it would be the same".to_owned(),
        Verdict::File(_) => "the file has been changed; made again it would be what the run wrote".to_owned(),
        Verdict::Different => "made again it has other bytes: another version of the program, or a fault".to_owned(),
        Verdict::SourceChanged => "its source has changed since".to_owned(),
        Verdict::NotMade(reason) => format!("it cannot be made again: {reason}"),
    }
}

/// Removes what a run wrote.
///
/// # Errors
/// If the journal cannot be read or written.
pub fn undo(args: &UndoArgs) -> Result<Exit> {
    let journal = Store::of_user()?.find(&args.run)?;
    let removal = if args.delete { Removal::Delete } else { Removal::Trash };
    let undone = undo_run(&journal, removal, &AtomicUsize::new(0))?;
    let place = if args.delete { "removed" } else { "moved to the trash" };
    console::print(&format!("{} files {place}, {} folders removed", undone.removed.len(), undone.folders.len()))?;
    if undone.missing > 0 {
        console::print(&format!("{} files were not there any more", undone.missing))?;
    }
    if undone.replacing > 0 {
        console::print(&format!("{} of them had replaced files, which cannot be brought back", undone.replacing))?;
    }
    for left in &undone.left {
        console::say(&format!("left: {}: {}", shown(&left.path), left.reason));
    }
    Ok(if undone.left.is_empty() { Exit::Well } else { Exit::SomeFailed })
}

/// Lists runs, or shows one.
///
/// # Errors
/// If there is none of the name, or the page cannot be written.
pub fn runs(args: &RunsArgs) -> Result<Exit> {
    let store = Store::of_user()?;
    if let Some(days) = args.prune {
        return prune(&store, days);
    }
    let Some(name) = &args.run else { return list(&store, args) };
    let journal = store.find(name)?;
    let history = History::read(&journal)?;
    if args.forget {
        forget(&journal)?;
        console::print(&format!("The run {} is forgotten; its results stay.", history.id()))?;
    } else if let Some(page) = &args.html {
        std::fs::write(page, history.to_html())?;
        console::print(&shown(page))?;
    } else if args.json {
        console::print_json(&history.summary())?;
    } else if args.csv {
        console::print(&history.to_csv())?;
    } else {
        show(&history)?;
    }
    Ok(Exit::Well)
}

fn list(store: &Store, args: &RunsArgs) -> Result<Exit> {
    let journals = store.runs().into_iter().map(|run| store.path(&run));
    if args.json {
        let histories: Vec<History> = journals.filter_map(|path| History::read(&path).ok()).collect();
        console::print_json(&histories.iter().map(History::summary).collect::<Vec<_>>())?;
        return Ok(Exit::Well);
    }
    let header = ["run", "started", "state", "done", "partial", "failed", "skipped", "left", "results"];
    let rows: Vec<Vec<String>> = journals.filter_map(|path| Outline::read(&path).ok()).map(|run| row(&run)).collect();
    if args.csv {
        let lines = std::iter::once(header.map(str::to_owned).to_vec()).chain(rows);
        for line in lines {
            if console::print(&crate::journal::csv_line(&line))? == Reader::IsGone {
                break;
            }
        }
    } else if rows.is_empty() {
        console::print("No run has been recorded yet.")?;
    } else {
        console::print(&table::aligned(&header, &rows))?;
    }
    Ok(Exit::Well)
}

fn row(outline: &Outline) -> Vec<String> {
    let Sums { done, partial, failed, skipped, .. } = outline.sums;
    let counts = [done, partial, failed, skipped, outline.sums.left()].map(|count| count.to_string());
    let cells = [outline.id().to_owned(), time(outline.run.started), outline.state().to_owned()];
    cells.into_iter().chain(counts).chain([shown(&outline.folder()).into_owned()]).collect()
}

/// Removes the journals of old runs.
fn prune(store: &Store, days: u32) -> Result<Exit> {
    let Pruned { runs, bytes, left } = store.prune(Duration::from_secs(u64::from(days) * 86_400));
    for (path, reason) in &left {
        console::say(&format!("left: {}: {reason}", shown(path)));
    }
    console::print(&format!("{} runs are forgotten, {}; their results stay.", runs.len(), HumanBytes(bytes)))?;
    Ok(if left.is_empty() { Exit::Well } else { Exit::SomeFailed })
}

/// One run in some lines.
fn show(history: &History) -> Result<()> {
    let (run, outline) = (&history.run, history.outline());
    let mut lines = vec![
        format!("Run {}: {}, started {} by Lightloom {}", run.id, outline.state(), time(run.started), run.program),
        format!("Recipe: {}", if run.recipe_name.is_empty() { "unnamed" } else { &run.recipe_name }),
        format!("Results: {}", shown(&outline.folder())),
        format!("Journal: {}", shown(&history.path)),
    ];
    let counts = [Outcome::Done, Outcome::Partial, Outcome::Failed, Outcome::Skipped].map(|o| history.count(o));
    let [done, partial, failed, skipped] = counts;
    lines.push(format!(
        "{} pictures: {done} done, {partial} partial, {failed} failed, {skipped} skipped, {} left",
        history.jobs.len(),
        history.unfinished().count()
    ));
    for group in history.failures() {
        lines.push(format!("{} × {}", group.pictures.len(), group.cause));
        for finished in group.pictures.iter().take(5) {
            let source = history.jobs.get(&finished.job).map(JobRecord::source_path).unwrap_or_default();
            lines.push(format!("    {}", shown(&source)));
        }
    }
    if history.is_interrupted() {
        lines.push(format!("Go on with: lightloom resume {}", run.id));
    } else if failed > 0 {
        lines.push(format!("Try what failed again with: lightloom retry {}", run.id));
    }
    console::print(&lines.join("\n"))?;
    Ok(())
}

/// A moment for people, in local time.
fn time(seconds: Seconds) -> String {
    seconds.local("%Y-%m-%d %H:%M:%S")
}
