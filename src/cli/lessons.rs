//! `lightloom lessons`: lists the lessons, tries one or all of them, measures the comparison table.

use std::path::PathBuf;
use std::sync::atomic::AtomicBool;
use std::sync::atomic::Ordering::Relaxed;
use std::sync::{Arc, Mutex, PoisonError};

use anyhow::{Context, Result};
use clap::Args;
use lightloom_param::shown;
use serde::Serialize;

use super::console::{self, Reader};
use super::lab::sources;
use super::{Exit, args::worker_program, table::aligned};
use crate::batch::{Control, Settings};
use crate::lab::lessons::{
    Bench, Chapter, Here, Known, LESSONS, Lesson, LessonError, LessonEvent, MeasuredTable, Outcome, Prediction, Python,
    find_lesson, measure_table,
};

/// Arguments of `lessons`.
#[derive(Debug, Args)]
pub struct LessonsArgs {
    /// The lesson to try, 'all' of them, or 'table' for the comparison of threads and processes; none lists the lessons
    #[arg(value_name = "ID|all|table")]
    pub id: Option<String>,
    /// Folders and files with pictures to try it on; the sample photos if none is given
    pub inputs: Vec<PathBuf>,
    /// How often each is repeated before something is said of it
    #[arg(long, default_value_t = 3, value_parser = clap::value_parser!(u8).range(1..=20))]
    pub rounds: u8,
    /// Folder for the results of the runs, which are deleted afterwards [default: the system's temporary folder]
    #[arg(long, value_name = "DIR")]
    pub scratch: Option<PathBuf>,
    /// Print JSON
    #[arg(long)]
    pub json: bool,
}

/// A lesson as JSON: the same keys whether it was tried or not.
#[derive(Serialize)]
struct Printed {
    id: &'static str,
    title: &'static str,
    chapter: Chapter,
    claim: &'static str,
    python: Python,
    lightloom: Here,
    /// What shows why, for advice.
    shown_by: Vec<&'static str>,
    outcome: Option<Outcome>,
}

impl Printed {
    fn new(lesson: &'static Lesson, outcome: Option<Outcome>) -> Self {
        let Lesson { id, title, chapter, claim, python, here, .. } = *lesson;
        let shown_by = lesson.shown_by().map(|other| other.id).collect();
        Self { id, title, chapter, claim, python, lightloom: here, shown_by, outcome }
    }
}

/// Lists lessons, or tries them.
///
/// # Errors
/// If there is no such lesson, no picture to try it on, or the system refuses what it needs.
pub fn lessons(args: &LessonsArgs) -> Result<Exit> {
    let Some(id) = args.id.as_deref() else { return list(args.json) };
    let chosen: Vec<&'static Lesson> = match id {
        "table" => Vec::new(),
        // Advice is shown by lessons that are tried anyway.
        "all" => LESSONS.iter().copied().filter(|lesson| lesson.experiment().is_some()).collect(),
        id => vec![find_lesson(id).with_context(|| {
            format!("there is no lesson '{id}'; 'lightloom lessons' lists them, and there are 'all' and 'table'")
        })?],
    };
    let folder = args.scratch.clone().unwrap_or_else(std::env::temp_dir);
    std::fs::create_dir_all(&folder).with_context(|| format!("the folder {} cannot be created", shown(&folder)))?;
    let samples = tempfile::Builder::new().prefix("lightloom-samples-").tempdir()?;
    let mut follow = Follow::default();
    let stop = Arc::clone(&follow.interrupt.stop);
    let mut watch = |event: LessonEvent<'_>| follow.event(&event);
    let mut bench = Bench {
        sources: sources(&args.inputs, samples.path())?,
        folder,
        rounds: usize::from(args.rounds),
        settings: Settings { worker_program: worker_program(), ..Settings::default() },
        scale: 1.0,
        known: Known::default(),
        stop,
        watch: &mut watch,
    };
    let tried = if id == "table" { table(&mut bench, args.json) } else { try_all(&chosen, &mut bench, args.json) };
    follow.end();
    match tried {
        Err(error) if matches!(error.downcast_ref(), Some(LessonError::Stopped)) => {
            console::say("stopped");
            Ok(Exit::SomeFailed)
        }
        tried => tried.map(|()| Exit::Well),
    }
}

fn list(json: bool) -> Result<Exit> {
    if json {
        let all: Vec<Printed> = LESSONS.iter().map(|lesson| Printed::new(lesson, None)).collect();
        console::print_pretty_json(&all)?;
        return Ok(Exit::Well);
    }
    let mut out = String::new();
    let mut chapter = None;
    for lesson in LESSONS {
        if chapter.replace(lesson.chapter) != Some(lesson.chapter) {
            out += &format!("\n{}\n", lesson.chapter.title());
        }
        out += &format!("  {:<20} {}\n", lesson.id, lesson.claim);
    }
    out += "\n'lightloom lessons ID' tries one on this machine, 'all' every one; 'table' compares threads and processes.\n";
    console::print(out.trim_start())?;
    Ok(Exit::Well)
}

fn try_all(chosen: &[&'static Lesson], bench: &mut Bench<'_>, json: bool) -> Result<()> {
    let mut printed = Vec::new();
    for lesson in chosen {
        let outcome = lesson.run(bench)?;
        if json {
            printed.push(Printed::new(lesson, Some(outcome)));
        } else if console::print(&text(lesson, &outcome))? == Reader::IsGone {
            return Ok(());
        }
    }
    if json {
        console::print_pretty_json(&printed)?;
    }
    Ok(())
}

fn table(bench: &mut Bench<'_>, json: bool) -> Result<()> {
    let table = measure_table(bench)?;
    if json {
        console::print_pretty_json(&table)?;
    } else {
        console::print(&table_text(&table))?;
    }
    Ok(())
}

fn table_text(table: &MeasuredTable) -> String {
    let mut header = vec![""];
    header.extend(table.columns);
    header.push("how it was found");
    let row = |row: &crate::lab::lessons::TableRow| {
        let cells = row.cells.iter().map(|cell| cell.text.clone());
        std::iter::once(row.name.to_owned()).chain(cells).chain([row.how.clone()]).collect()
    };
    let rows: Vec<Vec<String>> = table.rows.iter().map(row).collect();
    format!("{}\n\n({})\n", aligned(&header, &rows), table.simulated)
}

/// A lesson that was tried, as text.
fn text(lesson: &Lesson, outcome: &Outcome) -> String {
    let mut out = format!("{}\n  {}\n", lesson.title, lesson.claim);
    if outcome.lesson != lesson.id
        && let Some(other) = find_lesson(outcome.lesson)
    {
        out += &format!("  Shown by “{}”: {}\n", other.title, other.claim);
    }
    if let Prediction::Value { value, sentence } = &outcome.prediction {
        let experiment = find_lesson(outcome.lesson).and_then(Lesson::experiment);
        let quantity = experiment.map_or("", |experiment| experiment.quantity);
        out += &format!("  Predicted: about {} {quantity}. {sentence}\n", crate::lab::lessons::number(*value));
    }
    let wide = outcome.figures.iter().map(|figure| figure.label.chars().count()).max().unwrap_or(0);
    for figure in &outcome.figures {
        let peers = outcome.figures.iter().filter(|other| other.unit == figure.unit);
        let most = peers.map(|other| other.value).fold(0.0, f64::max).max(1e-9);
        let blocks = "█".repeat((24.0 * figure.value / most).round() as usize);
        let value = crate::lab::lessons::number(figure.value);
        out += &format!("  {:<wide$} {blocks:<24} {value:>9} {}\n", figure.label, figure.unit);
    }
    for drawing in &outcome.drawings {
        out += &format!("  {}\n", drawing.description());
    }
    if let Some(simulated) = outcome.simulated {
        out += &format!("  ({simulated})\n");
    }
    out += &format!("  {}", outcome.sentence);
    if !outcome.note.is_empty() {
        out += &format!(" {}", outcome.note);
    }
    out + &format!(
        "\n  Python: {}\n          {}\n  Lightloom: {} ({})\n\n",
        lesson.python.words, lesson.python.page, lesson.here.idea, lesson.here.file
    )
}

/// What Ctrl-C stops: the lesson, and the run that it may have in progress.
#[derive(Default)]
struct Interrupt {
    stop: Arc<AtomicBool>,
    run: Mutex<Option<Arc<Control>>>,
}

/// Reports on standard error what is being tried; Ctrl-C stops it, and pressed again ends the program.
struct Follow {
    bar: Option<indicatif::ProgressBar>,
    interrupt: Arc<Interrupt>,
}

impl Default for Follow {
    fn default() -> Self {
        let interrupt = Arc::new(Interrupt::default());
        let pressed = Arc::clone(&interrupt);
        // Without a handler Ctrl-C ends the program at once, which loses nothing but the tidying up.
        let _ = ctrlc::set_handler(move || {
            if pressed.stop.swap(true, Relaxed) {
                std::process::exit(Exit::SomeFailed as i32);
            }
            if let Some(control) = &*pressed.run.lock().unwrap_or_else(PoisonError::into_inner) {
                control.stop();
            }
        });
        Self { bar: None, interrupt }
    }
}

impl Follow {
    fn event(&mut self, event: &LessonEvent<'_>) {
        match event {
            LessonEvent::Step { what, done, total } => {
                let bar = self.bar.get_or_insert_with(|| {
                    let style = indicatif::ProgressStyle::with_template("Trying {bar:32} {pos}/{len}  {msg}");
                    indicatif::ProgressBar::new(0)
                        .with_style(style.unwrap_or_else(|_| indicatif::ProgressStyle::default_bar()))
                });
                bar.set_length(*total as u64);
                bar.set_position(*done as u64);
                bar.set_message((*what).to_owned());
            }
            LessonEvent::Predicted(_) => {}
            LessonEvent::Live { control, .. } => {
                self.interrupt.run.lock().unwrap_or_else(PoisonError::into_inner).clone_from(control);
            }
        }
    }

    fn end(&mut self) {
        if let Some(bar) = self.bar.take() {
            bar.finish_and_clear();
        }
    }
}
