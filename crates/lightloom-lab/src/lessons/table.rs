//! The tutorials' comparison of threads and processes, with figures of this machine in its cells.

use serde::Serialize;

use super::calibrate::starts;
use super::lost_updates::LESSON as LOST_UPDATES;
use super::number;
use super::prelude::*;
use super::processes::{memory_of_threads, private_memory_kib};
use super::{StartCost, outcome::median};
use lightloom_batch::executor::processes::EXECUTOR as PROCESSES;
use lightloom_batch::{Executor, logical_cores};

/// The table.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct MeasuredTable {
    pub columns: [&'static str; 3],
    pub rows: Vec<TableRow>,
    /// What of it was simulated.
    pub simulated: &'static str,
}

/// A property of all columns.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct TableRow {
    pub name: &'static str,
    /// How the figures came about.
    pub how: String,
    /// One for each column.
    pub cells: [Cell; 3],
}

/// A cell of the table.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Cell {
    /// What stands in it.
    pub text: String,
    /// Its figure, where it was measured.
    pub value: Option<f64>,
    /// Unit of the figure.
    pub unit: &'static str,
}

impl Cell {
    fn measured(value: f64, unit: &'static str) -> Self {
        Self { text: format!("{} {unit}", number(value)), value: Some(value), unit }
    }

    fn known(text: &str) -> Self {
        Self { text: text.to_owned(), value: None, unit: "" }
    }
}

/// Who works in a column.
const COLUMNS: [&str; 3] = ["Threads, one lock", "Threads, all cores", "Processes"];
const EXECUTORS: [&Executor; 3] = [&THREADS, &CORES, &PROCESSES];
const LATENCY_MS: u32 = 60;
const STEPS: usize = 12;

/// Measures every cell; it takes some seconds.
///
/// # Errors
/// As [`Lesson::run`].
pub fn measure_table(bench: &mut Bench<'_>) -> Result<MeasuredTable, LessonError> {
    let program = bench.settings.worker_program.clone().ok_or(LessonError::NoProgram)?;
    let cores = logical_cores();
    bench.step("Memory of threads and processes", 0, STEPS)?;
    let thread_kib = median(&(0..3).map(|_| memory_of_threads(8)).collect::<Result<Vec<_>, _>>()?);
    let process_kib = private_memory_kib(&program)?;
    bench.step("Starts of threads and processes", 1, STEPS)?;
    let StartCost { thread_secs, process_secs } = starts(Some(&program))?;
    let process_secs = process_secs.unwrap_or(0.0);
    let waiting = speeds(bench, 2, Work::Light, LATENCY_MS)?;
    let computing = speeds(bench, 6, Work::Heavy, 0)?;
    bench.step("Additions without a lock", 10, STEPS)?;
    let lost = lost_additions(bench)?;
    bench.step("A crash of a worker process", 11, STEPS)?;
    let survives = survives_a_killed_worker(&program)?;

    let start = [thread_secs, thread_secs, process_secs].map(|secs| Cell::measured(1e6 * secs, "µs"));
    let memory = if process_kib > 0.0 {
        [thread_kib, thread_kib, process_kib].map(|kib| Cell::measured(kib, "KiB"))
    } else {
        [(); 3].map(|()| Cell::known("this system does not say"))
    };
    let times = |of: &Speeds| [0, 1, 2].map(|i| of.by_executor[i].0 / of.alone.max(1e-9));
    let (waits, computes) = (times(&waiting), times(&computing));
    let best = [0, 1, 2].map(|i| best_for(waits[i], computes[i]));
    let risk = Cell { text: format!("{:.0} % of additions lost", 100.0 * lost), value: Some(lost), unit: "" };
    let rows = vec![
        TableRow { name: "Memory", how: "what one more worker keeps for itself".into(), cells: memory },
        TableRow { name: "Overhead", how: "from start to end with nothing to do".into(), cells: start },
        TableRow {
            name: "Speed, waiting",
            how: format!("pictures that arrive {LATENCY_MS} ms late, against one after another"),
            cells: waits.map(|value| Cell::measured(value, "times")),
        },
        TableRow {
            name: "Speed, computing",
            how: "pictures that need computing, against one after another".into(),
            cells: computes.map(|value| Cell::measured(value, "times")),
        },
        TableRow {
            name: "Truly parallel",
            how: format!("cores busy while computing, of {cores}"),
            cells: [0, 1, 2].map(|i| Cell::measured(computing.by_executor[i].1, "cores")),
        },
        TableRow { name: "Best for", how: "from the two rows of speed".into(), cells: best.map(Cell::known) },
        TableRow {
            name: "Safety",
            how: "a worker process was killed; threads live and die with their program".into(),
            cells: [
                Cell::known("a crash ends the program"),
                Cell::known("a crash ends the program"),
                Cell::known(if survives { "killed one: the program went on" } else { "killed one: not noticed" }),
            ],
        },
        TableRow {
            name: "Risk",
            how: "threads that add to one counter without a lock; processes share none".into(),
            cells: [risk.clone(), risk, Cell::known("nothing is shared")],
        },
    ];
    Ok(MeasuredTable {
        columns: COLUMNS,
        rows,
        simulated: "simulated: the one lock stands for Python's global interpreter lock, and late pictures for a slow network",
    })
}

/// Pictures per second one after another, and for each executor with the cores that were busy.
struct Speeds {
    alone: f64,
    by_executor: [(f64, f64); 3],
}

/// One run each: the differences between columns are far larger than those between runs.
fn speeds(bench: &mut Bench<'_>, done: usize, work: Work, latency_ms: u32) -> Result<Speeds, LessonError> {
    let cores = logical_cores();
    let with = |settings: Settings| if latency_ms == 0 { settings } else { slow(settings, latency_ms) };
    let alone = with(bench.settings_for(&SEQUENTIAL, 1, 1));
    bench.step(&alone.describe(), done, STEPS)?;
    let one = bench.batch(&alone.describe(), work, &alone, 4)?.images_per_sec();
    let mut by_executor = [(0.0, 0.0); 3];
    for (index, executor) in EXECUTORS.into_iter().enumerate() {
        let settings = with(bench.settings_for(executor, 8, cores));
        bench.step(&settings.describe(), done + 1 + index, STEPS)?;
        let pictures = if work == Work::Heavy { 6 * cores } else { 16.max(4 * cores) };
        let ran = bench.batch(&settings.describe(), work, &settings, pictures.min(128))?;
        by_executor[index] = (ran.images_per_sec(), ran.totals.cpu_use());
    }
    Ok(Speeds { alone: one, by_executor })
}

fn best_for(waiting: f64, computing: f64) -> &'static str {
    match (waiting >= 1.5, computing >= 1.3) {
        (true, true) if waiting > 2.0 * computing => "waiting, and computing",
        (true, true) => "computing, and waiting",
        (true, false) => "waiting",
        (false, true) => "computing",
        (false, false) => "neither here",
    }
}

/// The share of additions that are lost without care, 0 to 1.
fn lost_additions(bench: &mut Bench<'_>) -> Result<f64, LessonError> {
    let rounds = std::mem::replace(&mut bench.rounds, 1);
    let outcome = LOST_UPDATES.run(bench);
    bench.rounds = rounds;
    let parts = outcome?.drawings.into_iter().find_map(|drawing| match drawing {
        Drawing::Parts { parts, .. } => Some(parts),
        _ => None,
    });
    let sum = |lost_only: bool| {
        let counted = parts.iter().flatten().filter(|part| !(lost_only && part.good));
        counted.map(|part| part.value).sum::<f64>()
    };
    Ok(sum(true) / sum(false).max(1.0))
}

/// Kills a worker process; whether this program, which is still here, learns of it.
fn survives_a_killed_worker(program: &lightloom_batch::WorkerProgram) -> Result<bool, LessonError> {
    let mut command = std::process::Command::new(&program.path);
    command.args(&program.arguments).stdin(std::process::Stdio::piped());
    command.stdout(std::process::Stdio::null()).stderr(std::process::Stdio::null());
    let mut child = command.spawn().map_err(LessonError::process)?;
    child.kill().map_err(LessonError::process)?;
    let status = child.wait().map_err(LessonError::process)?;
    Ok(!status.success())
}
