//! A manager: one owner of a value, whom others ask by message.

use std::io::{Read, Write};

use super::partner::{Partner, PartnerProcess, manage};
use super::prelude::*;

const ASKED: usize = 400;

pub(super) static LESSON: Lesson = Lesson {
    id: "manager",
    title: "Sharing by asking",
    chapter: Chapter::Sharing,
    claim: "Processes share nothing by themselves: what they share belongs to a manager, and each look at it is a question and an answer.",
    python: Python {
        words: "with Manager() as m: counts = m.dict()   # or Value(\"i\", 0), shared_memory",
        page: "https://docs.python.org/3/library/multiprocessing.html#sharing-state-between-processes",
    },
    here: Here {
        file: "crates/lightloom-batch/src/executor/remote.rs",
        idea: "nothing is shared with worker processes: what a picture needs is sent with it, and its result is sent back",
    },
    kind: Kind::Experiment(Experiment {
        quantity: "times as long to ask a manager as to use what threads share",
        holds: (5.0, f64::INFINITY),
        needs: Needs::Sharing,
        otherwise: "questions are answered unusually fast here",
        simulated: None,
        predict: |model| {
            let sharing = model.sharing;
            Prediction::value(
                sharing.pipe_secs / sharing.lock_secs.max(1e-10),
                format!(
                    "Through pipes a question and its answer take {:.0} µs between two threads, and should take as long between processes: four system calls and two switches. A lock that is free takes {:.0} ns.",
                    1e6 * sharing.pipe_secs,
                    1e9 * sharing.lock_secs
                ),
            )
        },
        run,
    }),
};

fn run(bench: &mut Bench<'_>, _: &Model) -> Result<Found, LessonError> {
    let mut manager = PartnerProcess::start(bench.settings.worker_program.as_ref(), Partner::Manager)?;
    // The first question waits until the process has started.
    ask(&mut manager.to, &mut manager.from, 1, None).map_err(LessonError::pipe)?;
    let (mut asked, mut shared) = (Vec::new(), Vec::new());
    let mut drawings = Vec::new();
    let values = bench.rounds("Asking a manager, then a lock", |bench| {
        let timeline = bench.timeline(1);
        let by_asking = ask(&mut manager.to, &mut manager.from, ASKED, Some(&timeline));
        let (by_asking, by_lock) = (by_asking.map_err(LessonError::pipe)?, by_lock(100 * ASKED));
        asked.push(1e9 * by_asking);
        shared.push(1e9 * by_lock);
        drawings = vec![Drawing::of_threads("Questions to another process", &timeline).named(&["asks"])];
        Ok(by_asking / by_lock.max(1e-10))
    })?;
    let figures = vec![Figure::of("a manager", &asked, "ns each"), Figure::of("a lock of threads", &shared, "ns each")];
    Ok(Found { values, figures, drawings, ..Found::default() })
}

/// Seconds for a question and its answer.
fn ask(to: &mut impl Write, from: &mut impl Read, times: usize, timeline: Option<&Timeline>) -> std::io::Result<f64> {
    let mut value = [0_u8; 8];
    let began = Instant::now();
    for task in 0..times {
        let _span = timeline.map(|timeline| timeline.begin(Lane::Thread(0), Some(task), Activity::WaitQueue));
        to.write_all(&[1])?;
        to.flush()?;
        from.read_exact(&mut value)?;
    }
    Ok(began.elapsed().as_secs_f64() / times as f64)
}

/// The same with a manager that is a thread.
pub(super) fn between_threads(times: usize) -> std::io::Result<f64> {
    let (mut questions, mut to) = std::io::pipe()?;
    let (mut from, mut answers) = std::io::pipe()?;
    thread::scope(|scope| {
        scope.spawn(move || manage(&mut questions, &mut answers));
        let secs = ask(&mut to, &mut from, 1, None).and_then(|_| ask(&mut to, &mut from, times, None));
        drop(to);
        secs
    })
}

/// Seconds for adding behind a lock that is free.
pub(super) fn by_lock(times: usize) -> f64 {
    let count = Mutex::new(0_u64);
    let began = Instant::now();
    (0..times).for_each(|_| *lock(&count) += 1);
    began.elapsed().as_secs_f64() / times as f64
}
