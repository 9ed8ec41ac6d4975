//! A manager: one owner of a value, whom others ask by message.

use std::io::{Read as _, Write as _};

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
        needs: Needs::Cores,
        otherwise: "questions are answered unusually fast here",
        simulated: Some("the manager is a thread behind two pipes here; between processes the way is the same"),
        predict: |_| {
            Prediction::value(
                200.0,
                "A question and its answer are four system calls and two switches of threads, ten microseconds or more; a lock that is free takes some tens of nanoseconds.".to_owned(),
            )
        },
        run,
    }),
};

fn run(bench: &mut Bench<'_>, _: &Model) -> Result<Found, LessonError> {
    let (mut asked, mut shared) = (Vec::new(), Vec::new());
    let mut drawings = Vec::new();
    let values = bench.rounds("Asking a manager, then a lock", |bench| {
        let timeline = bench.timeline(2);
        asked.push(by_asking(&timeline)?);
        shared.push(by_lock());
        drawings = vec![Drawing::of_threads("Questions and answers", &timeline).named(&["asks", "manager"])];
        Ok(asked.last().copied().unwrap_or(0.0) / shared.last().copied().unwrap_or(1.0).max(1e-3))
    })?;
    let figures = vec![Figure::of("a manager", &asked, "ns each"), Figure::of("a lock of threads", &shared, "ns each")];
    Ok(Found { values, figures, drawings, ..Found::default() })
}

/// Nanoseconds for a question and its answer.
fn by_asking(timeline: &Timeline) -> Result<f64, LessonError> {
    let (mut questions, mut ask) = std::io::pipe().map_err(LessonError::pipe)?;
    let (mut answers, mut answer) = std::io::pipe().map_err(LessonError::pipe)?;
    let nanos = thread::scope(|scope| {
        scope.spawn(move || {
            let (mut count, mut one) = (0_u64, [0_u8]);
            // Ends once the other end of the pipe is closed.
            while questions.read_exact(&mut one).is_ok() {
                let _span = timeline.begin(Lane::Thread(1), None, Activity::Filter);
                count += 1;
                if answer.write_all(&count.to_le_bytes()).is_err() {
                    break;
                }
            }
        });
        let began = Instant::now();
        let mut value = [0_u8; 8];
        let result = (0..ASKED).try_for_each(|task| {
            let _span = timeline.begin(Lane::Thread(0), Some(task), Activity::WaitQueue);
            ask.write_all(&[1])?;
            answers.read_exact(&mut value)
        });
        drop(ask);
        result.map(|()| began.elapsed().as_nanos() as f64 / ASKED as f64)
    });
    nanos.map_err(LessonError::pipe)
}

/// Nanoseconds for adding behind a lock that is free.
fn by_lock() -> f64 {
    let count = Mutex::new(0_u64);
    let began = Instant::now();
    (0..100 * ASKED).for_each(|_| *lock(&count) += 1);
    began.elapsed().as_nanos() as f64 / (100 * ASKED) as f64
}
