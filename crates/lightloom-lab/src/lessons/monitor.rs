//! A thread that watches a growing log while the program works.

use std::io::{Read as _, Seek as _, SeekFrom, Write as _};

use super::prelude::*;

const LINES: usize = 12;

pub(super) static LESSON: Lesson = Lesson {
    id: "monitor",
    title: "Watching while working",
    chapter: Chapter::Waiting,
    claim: "A thread of its own sees every line of a growing log while all cores work on something else.",
    python: Python {
        words: "Thread(target=follow, args=(log,), daemon=True).start()",
        page: "https://docs.python.org/3/library/threading.html#threading.Thread.daemon",
    },
    here: Here {
        file: "crates/lightloom-watch/src/watcher.rs",
        idea: "a watched folder is looked at by a thread of its own while pictures of it are processed",
    },
    kind: Kind::Experiment(Experiment {
        quantity: "% of the lines were seen while the work went on",
        holds: (100.0, 100.0),
        needs: Needs::Cores,
        otherwise: "the thread that watches was not given a core before the work had ended",
        simulated: None,
        predict: |_| {
            Prediction::value(
                100.0,
                format!("{LINES} lines are written, one every 10 ms, while every core computes. The thread that watches needs microseconds for each, so the system fits it in, with any number of cores."),
            )
        },
        run,
    }),
};

fn run(bench: &mut Bench<'_>, model: &Model) -> Result<Found, LessonError> {
    let spin = bench.spin();
    let workers = model.cores.min(6);
    let mut drawings = Vec::new();
    let refused = |reason| LessonError::Refused { what: "a temporary file cannot be used".to_owned(), reason };
    let values = bench.rounds("A log grows while cores compute", |bench| {
        let mut log = tempfile::NamedTempFile::new_in(&bench.folder).map_err(refused)?;
        let mut reader = log.reopen().map_err(refused)?;
        let timeline = bench.timeline(2 + workers);
        let (seen, working) = (AtomicUsize::new(0), AtomicUsize::new(workers));
        let written = thread::scope(|scope| {
            for index in 0..workers {
                let (timeline, working) = (&timeline, &working);
                scope.spawn(move || {
                    let span = timeline.begin(Lane::Thread(2 + index), Some(index), Activity::Filter);
                    spin.compute(220);
                    drop(span);
                    working.fetch_sub(1, Relaxed);
                });
            }
            let (timeline, seen, working) = (&timeline, &seen, &working);
            scope.spawn(move || {
                let mut text = String::new();
                while working.load(Relaxed) > 0 && seen.load(Relaxed) < LINES {
                    sleep(timeline, 1, 0, 4);
                    let _looking = timeline.begin(Lane::Thread(1), None, Activity::Filter);
                    let at = text.len() as u64;
                    let _ = reader.seek(SeekFrom::Start(at)).and_then(|_| reader.read_to_string(&mut text));
                    seen.store(text.lines().count(), Relaxed);
                }
            });
            (0..LINES).try_for_each(|line| {
                sleep(timeline, 0, line, 10);
                let _writing = timeline.begin(Lane::Thread(0), Some(line), Activity::Write);
                writeln!(log, "line {line}")
            })
        });
        written.map_err(refused)?;
        drawings = vec![
            Drawing::of_threads("A log that grows, a thread that watches, cores that compute", &timeline)
                .named(&["writes", "watches"]),
        ];
        Ok(100.0 * seen.into_inner() as f64 / LINES as f64)
    })?;
    Ok(Found { values, drawings, ..Found::default() })
}
