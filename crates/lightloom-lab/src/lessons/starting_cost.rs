//! What it costs to start a worker.

use super::calibrate::{start_process, start_thread};
use super::prelude::*;

/// Threads that are started for each process, so that both take about as long to measure.
const PER_PROCESS: usize = 20;

pub(super) static LESSON: Lesson = Lesson {
    id: "starting-cost",
    title: "What a start costs",
    chapter: Chapter::Threads,
    claim: "Starting a process takes many times as long as starting a thread.",
    python: Python {
        words: "multiprocessing.get_context(\"spawn\")   # or \"fork\", \"forkserver\"",
        page: "https://docs.python.org/3/library/multiprocessing.html#contexts-and-start-methods",
    },
    here: Here {
        file: "crates/lightloom-batch/src/worker/mod.rs",
        idea: "worker processes are started once for a run and are given one picture after another",
    },
    kind: Kind::Experiment(Experiment {
        quantity: "times as long for a process as for a thread",
        holds: (5.0, f64::INFINITY),
        needs: Needs::Starts,
        otherwise: "threads are slow to start here, as on a machine that is busy with something else",
        simulated: None,
        predict: |model| match model.starts.process_secs {
            None => Prediction::cannot("no program is known from which processes can be started"),
            Some(process) => {
                let thread = model.starts.thread_secs.max(1e-7);
                Prediction::value(
                    process / thread,
                    format!("One start of each was tried: {:.0} µs for a thread, {:.1} ms for a process, from its start to its end with nothing to do.", 1e6 * thread, 1e3 * process),
                )
            }
        },
        run,
    }),
};

fn run(bench: &mut Bench<'_>, _: &Model) -> Result<Found, LessonError> {
    let program = bench.settings.worker_program.clone().ok_or(LessonError::NoProgram)?;
    let (mut threads, mut processes) = (Vec::new(), Vec::new());
    let mut drawings = Vec::new();
    let values = bench.rounds("Threads, then processes, with nothing to do", |bench| {
        let timeline = bench.timeline(2);
        let mut secs = [Vec::new(), Vec::new()];
        for turn in 0..4 {
            for task in 0..PER_PROCESS {
                let _span = timeline.begin(Lane::Thread(0), Some(task), Activity::Start);
                secs[0].push(start_thread()?);
            }
            let _span = timeline.begin(Lane::Thread(1), Some(turn), Activity::Start);
            secs[1].push(start_process(&program)?);
        }
        let [thread, process] = secs.map(|secs| super::outcome::median(&secs));
        threads.push(1e6 * thread);
        processes.push(1e6 * process);
        let title = format!("{PER_PROCESS} threads, then one process, four times");
        drawings = vec![Drawing::of_threads(title, &timeline).named(&["threads", "processes"])];
        Ok(process / thread.max(1e-9))
    })?;
    let figures = vec![Figure::of("a thread", &threads, "µs"), Figure::of("a process", &processes, "µs")];
    Ok(Found { values, figures, drawings, ..Found::default() })
}
