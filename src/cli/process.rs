//! `lightloom process`: the whole job without a window.

use std::ops::ControlFlow;
use std::path::{Path, PathBuf};
use std::sync::atomic::AtomicUsize;
use std::sync::{Arc, Mutex, PoisonError};

use anyhow::{Result, bail};

use lightloom_param::shown;

use super::console::{self, Reader};
use super::destination::Destination;
use super::{Exit, ProcessArgs, overrides, pipe, plan, progress, then, unanswered, web};
use crate::batch::{
    Batch, Control, Decoders, Discovered, EarlierResults, Ended, EventSink, ImageReport, Job, Outcome, OutputSettings,
    Packing, Planning, Report, ResultSettings, Search, SourceEntry, Stage, common_folder, discover, stage, start,
};
use crate::codec::Limits;
use crate::journal::{JournalError, KnownResults, Recorder, Rest, Store, begin};
use crate::lab::Trace;
use crate::recipe::Recipe;

/// Runs the job and prints its report.
///
/// # Errors
/// On a bad recipe, filter or input, before anything is written.
pub fn process(args: &ProcessArgs) -> Result<Exit> {
    args.web.configure();
    if args.web.list_only {
        return web::list(args);
    }
    let recipe = args.recipe.recipe()?;
    // Nothing is written where nothing but the plan is asked for.
    let destination = Destination::of(args)?;
    let out = destination.folder();
    let patterns = args.inputs.patterns()?;
    let search = Search { output: Some(out.clone()), all_files: args.names.all_files, patterns, ..Search::default() };
    let limits = args.limits.limits();
    let Inputs { sources, problems } = find_named(args, &web::search_with(&args.web, search), &limits)?;
    problems.iter().for_each(progress::complain);
    destination.check(sources.len())?;
    if sources.is_empty() && !args.json {
        if problems.is_empty() {
            bail!("there is nothing to process; name a folder or files with pictures");
        }
        return Ok(Exit::BadUsage);
    }
    let output =
        OutputSettings { shard_bytes: destination.shard_bytes(), ..args.names.output(out.clone(), &args.recipe) };
    let settings = args.settings();
    let decoders = Decoders::new(settings.worker_program.clone());
    let planning = Planning {
        sources: &sources,
        recipe: &recipe,
        output: &output,
        overrides: &overrides::by_source(&args.overrides, &sources)?,
        limits: &limits,
        decoders: &decoders,
        looks_at_disk: true,
        headers_read: &AtomicUsize::new(0),
    };
    let mut jobs = planning.jobs();
    let earlier =
        if args.changed { destination.only_changed(&mut jobs, &output, &recipe)? } else { EarlierResults::default() };
    if args.explain {
        return explain(&jobs, &recipe, &limits, &decoders, args.json);
    }
    if args.dry_run {
        return plan::show(&jobs, &recipe, &settings, args.json);
    }
    let mut folder = if destination.keeps_journal() { common_folder(&jobs) } else { None };
    let archive = Packing::begin(&output, &jobs, earlier)?;
    let results = ResultSettings { archive, ..args.names.conflict.into() };
    let batch = Batch { jobs, recipe, results, settings };
    let journaled =
        if args.no_journal || !destination.keeps_journal() { Journaled::No } else { Journaled::New(&output) };
    let options = RunOptions { title: "Processing", trace: args.trace.as_deref(), journaled };
    let mut report = run(batch, &options)?;
    add_problems(&mut report, problems);
    if let Some(archive) = report.archives.first() {
        folder = Some(archive.path.clone());
    }
    let out = match destination.take(&mut report)? {
        ControlFlow::Continue(place) => place,
        ControlFlow::Break(exit) => return Ok(exit),
    };
    if args.json {
        console::print_json(&report)?;
    } else {
        progress::summary(&report, &out)?;
    }
    then::perform(&args.then, &Ended { folder, totals: report.totals.clone() });
    let unwritten = report.totals.failed + report.totals.stopped + usize::from(report.unpacked.is_some());
    Ok(match (sources.is_empty(), unwritten) {
        (true, _) => Exit::BadUsage,
        (false, 0) => Exit::Well,
        (false, _) => Exit::SomeFailed,
    })
}

/// What the arguments name, in lists or not.
fn find_named(args: &ProcessArgs, search: &Search, limits: &Limits) -> Result<Inputs> {
    let mut named = args.inputs.named()?;
    let before = named.inputs.len();
    named.inputs.retain(|input| !pipe::is_stream(input));
    let mut found = find(&named.inputs, search);
    named.locate(&mut found.problems);
    if named.inputs.len() < before {
        found.sources.insert(0, pipe::picture(limits)?);
    }
    args.web.report_list(|discovered| {
        match discovered {
            Discovered::Source(entry) => found.sources.push(entry),
            Discovered::Problem { path, reason } => found.problems.push(unread(path, reason)),
            Discovered::LeftOut(_) | Discovered::Note(_) => {}
        }
        true
    })?;
    Ok(found)
}

/// Prints what the recipe would do to each picture.
fn explain(jobs: &[Job], recipe: &Recipe, limits: &Limits, decoders: &Decoders, json: bool) -> Result<Exit> {
    let mut exit = Exit::Well;
    let mut plans = serde_json::Map::new();
    for job in jobs {
        let file = &job.source;
        match stage::explain(job, recipe, limits, decoders) {
            Ok(plan) if json => {
                plans.insert(file.exact_name(), serde_json::to_value(&plan)?);
            }
            Ok(plan) => {
                if console::print(&format!("{file}: {plan}"))? == Reader::IsGone {
                    return Ok(exit);
                }
            }
            Err(error) => {
                console::say(&format!("failed ({}): {file}: {error}", error.stage.title()));
                exit = Exit::SomeFailed;
            }
        }
    }
    if json {
        console::print_json(&plans)?;
    }
    Ok(exit)
}

/// What was found under the inputs.
pub(super) struct Inputs {
    /// The pictures.
    pub sources: Vec<SourceEntry>,
    /// What cannot be read.
    pub problems: Vec<ImageReport>,
}

/// All files under `inputs`. What is left out is reported on standard error.
pub(super) fn find(inputs: &[PathBuf], search: &Search) -> Inputs {
    let mut sources = Vec::new();
    let mut problems = Vec::new();
    let mut known = KnownResults::default();
    let mut results = 0;
    let _watch = unanswered::say(&search.asking);
    discover(inputs, search, |discovered| {
        match discovered {
            // A file that was named itself is meant.
            Discovered::Source(entry) if entry.root.is_some() && known.contains(entry.source.name()) => results += 1,
            Discovered::Source(entry) => sources.push(entry),
            Discovered::Problem { path, reason } => problems.push(unread(path, reason)),
            Discovered::LeftOut(left_out) if left_out.looked_into => {
                console::say(&format!("note: {left_out}; they are no pictures"));
            }
            Discovered::LeftOut(left_out) => console::say(&format!("note: {left_out}; --all-files looks into them")),
            Discovered::Note(note) => console::say(&format!("note: {note}")),
        }
        true
    });
    if results > 0 {
        console::say(&format!("note: {results} results of earlier runs were left out"));
    }
    Inputs { sources, problems }
}

fn unread(path: PathBuf, reason: String) -> ImageReport {
    ImageReport::unread(path.into(), Outcome::Failed, Some(Stage::Read), reason)
}

/// What remembers a run.
pub(super) enum Journaled<'a> {
    /// Nothing.
    No,
    /// A journal of its own.
    New(&'a OutputSettings),
    /// The journal of the run that it is the rest of.
    Rest(&'a Rest),
}

/// How a batch is run.
pub(super) struct RunOptions<'a> {
    /// What is said to be going on.
    pub title: &'a str,
    /// Where its timeline goes.
    pub trace: Option<&'a Path>,
    pub journaled: Journaled<'a>,
}

/// Runs a batch with progress on standard error; Ctrl-C stops it cleanly.
pub(super) fn run(mut batch: Batch, options: &RunOptions<'_>) -> Result<Report> {
    let bar = progress::Bar::new(options.title, batch.jobs.len());
    let mut timeline = Trace::new(&batch);
    let sink: Arc<dyn EventSink> = Arc::new(bar.sink());
    let recorder = record(&mut batch, &options.journaled, &sink)?;
    let running = start(batch, recorder.clone().map_or(sink, |recorder| recorder))?;
    stop_on_interrupt(running.control());
    bar.follow(&running);
    let spans = Arc::clone(running.timeline());
    let report = running.wait();
    if let Some(recorder) = recorder {
        if let Some(note) = recorder.end(&report) {
            console::say(&format!("note: {note}"));
        }
        if report.totals.stopped > 0 || report.unpacked.is_some() {
            console::say(&format!("Go on with: lightloom resume {}", recorder.run()));
        }
    }
    if let Some(path) = options.trace {
        timeline.finish(&spans);
        // Not worth losing the report of a whole run.
        if let Err(error) = std::fs::write(path, timeline.to_chrome_json()) {
            console::say(&format!("note: the timeline cannot be written to {}: {error}", shown(path)));
        }
    }
    Ok(report)
}

/// What listens to the run in place of `sink` and keeps its journal. A run that cannot have one goes on without, and says
/// so; one that is to go on with its journal does not.
fn record(batch: &mut Batch, journaled: &Journaled<'_>, sink: &Arc<dyn EventSink>) -> Result<Option<Arc<Recorder>>> {
    match journaled {
        Journaled::No => Ok(None),
        Journaled::Rest(rest) => Ok(Some(rest.record(batch, Arc::clone(sink))?)),
        Journaled::New(output) => {
            batch.results.hash = true;
            let begun = Store::of_user().and_then(|store| begin(&store, batch, output, Arc::clone(sink)));
            let say = |error: &JournalError| {
                console::say(&format!("note: {error}; this run can be neither resumed nor undone"));
            };
            Ok(begun.inspect_err(say).ok())
        }
    }
}

/// From now on Ctrl-C stops this run, cleanly; where none is left to stop, it ends the program.
pub(super) fn stop_on_interrupt(control: &Arc<Control>) {
    static CURRENT: Mutex<Option<Arc<Control>>> = Mutex::new(None);
    let before = CURRENT.lock().unwrap_or_else(PoisonError::into_inner).replace(Arc::clone(control));
    if before.is_none() {
        // Without a handler Ctrl-C ends the program at once, which loses nothing but the tidying up.
        let _ = ctrlc::set_handler(|| match &*CURRENT.lock().unwrap_or_else(PoisonError::into_inner) {
            Some(control) if !control.is_stopped() => control.stop(),
            _ => std::process::exit(Exit::SomeFailed as i32),
        });
    }
}

fn add_problems(report: &mut Report, problems: Vec<ImageReport>) {
    report.totals.images += problems.len();
    report.totals.failed += problems.len();
    report.images.extend(problems);
}
