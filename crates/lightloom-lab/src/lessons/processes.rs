//! Threads share the memory of their process; a process has its own.

use std::process::Stdio;

use super::prelude::*;
use lightloom_batch::WorkerProgram;

const COUNT: usize = 8;

pub(super) static LESSON: Lesson = Lesson {
    id: "processes",
    title: "Processes against threads",
    chapter: Chapter::Threads,
    claim: "A process keeps memory for itself where a thread keeps next to none: it costs more, and a crash in it costs nobody else anything.",
    python: Python {
        words: "from multiprocessing import Process; p = Process(target=work); p.start()",
        page: "https://docs.python.org/3/library/multiprocessing.html#multiprocessing.Process",
    },
    here: Here {
        file: "crates/lightloom-batch/src/executor/processes.rs",
        idea: "the executor “Processes” decodes pictures in worker processes, so that a crash costs one picture",
    },
    kind: Kind::Experiment(Experiment {
        quantity: "times the memory that a thread takes",
        holds: (3.0, f64::INFINITY),
        needs: Needs::Cores,
        otherwise: "worker processes share nearly all of their memory with the program on this system",
        simulated: None,
        predict: |_| {
            if !cfg!(target_os = "linux") {
                return Prediction::cannot("only Linux tells which memory is a process's own");
            }
            Prediction::value(
                20.0,
                "A thread that waits has touched a few pages of its stack, some tens of KiB; a worker process has loaded and initialised a program, a MiB or more. The number of cores does not matter.".to_owned(),
            )
        },
        run,
    }),
};

fn run(bench: &mut Bench<'_>, _: &Model) -> Result<Found, LessonError> {
    let program = bench.settings.worker_program.clone().ok_or(LessonError::NoProgram)?;
    let (mut threads, mut processes) = (Vec::new(), Vec::new());
    let values = bench.rounds("Eight idle threads, then an idle process", |_| {
        let thread_kib = memory_of_threads()?;
        let kib = private_memory_kib(&program)?;
        threads.push(thread_kib);
        processes.push(kib);
        Ok(kib / thread_kib)
    })?;
    let figures =
        vec![Figure::of("a thread", &threads, "KiB of its own"), Figure::of("a process", &processes, "KiB of its own")];
    Ok(Found { values, figures, ..Found::default() })
}

/// What one of several idle threads adds to the memory of this process; at least a page.
pub(super) fn memory_of_threads() -> Result<f64, LessonError> {
    let before = private_kib(std::process::id());
    let (ready, done) = (std::sync::Barrier::new(COUNT + 1), std::sync::Barrier::new(COUNT + 1));
    let with = thread::scope(|scope| {
        for _ in 0..COUNT {
            scope.spawn(|| {
                ready.wait();
                done.wait();
            });
        }
        ready.wait();
        let with = private_kib(std::process::id());
        done.wait();
        with
    });
    Ok(((with - before) / COUNT as f64).max(4.0))
}

/// What a worker process that has nothing to do keeps for itself; 0 where the system does not say.
pub(super) fn private_memory_kib(program: &WorkerProgram) -> Result<f64, LessonError> {
    let mut command = std::process::Command::new(&program.path);
    command.args(&program.arguments).stdin(Stdio::piped()).stdout(Stdio::null()).stderr(Stdio::null());
    let mut child = command.spawn().map_err(LessonError::process)?;
    let kib = settled_kib(child.id());
    // Without its pipe it ends by itself.
    drop(child.stdin.take());
    let _ = child.wait();
    Ok(kib)
}

/// Private memory of a process that has just been started, once it no longer grows.
fn settled_kib(pid: u32) -> f64 {
    let mut before = 0.0;
    for _ in 0..50 {
        thread::sleep(Duration::from_millis(10));
        let now = private_kib(pid);
        if now > 0.0 && now == before {
            break;
        }
        before = now;
    }
    before
}

/// Memory that a process shares with no other; 0 where the system does not say.
fn private_kib(pid: u32) -> f64 {
    let text = std::fs::read_to_string(format!("/proc/{pid}/smaps_rollup")).unwrap_or_default();
    let private = text.lines().filter(|line| line.starts_with("Private_"));
    private.filter_map(|line| line.split_whitespace().nth(1)?.parse::<f64>().ok()).sum()
}
