//! An API, a database and a file, asked at once.

use super::prelude::*;

const SOURCES: [(&str, u64); 3] = [("API", 120), ("database", 80), ("file", 40)];

pub(super) static LESSON: Lesson = Lesson {
    id: "three-sources",
    title: "Three slow sources",
    chapter: Chapter::Waiting,
    claim: "Three slow sources that are asked at once answer together when the slowest does.",
    python: Python {
        words: "futures = [pool.submit(ask) for ask in (api, database, file)]; [f.result() for f in futures]",
        page: "https://docs.python.org/3/library/concurrent.futures.html#concurrent.futures.Executor.submit",
    },
    here: Here {
        file: "crates/lightloom-batch/src/trouble.rs",
        idea: "a source that does not answer holds back its own pictures, and the others go on",
    },
    kind: Kind::Experiment(Experiment {
        quantity: "times as long one after another as at once",
        holds: (1.5, f64::INFINITY),
        needs: Needs::Cores,
        otherwise: "the threads were started too slowly, as on a machine that is busy with something else",
        simulated: SIMULATED_WAITS,
        predict: |_| {
            Prediction::value(
                2.0,
                "120, 80 and 40 ms are 240 ms one after another; at once they are 120 ms, with any number of cores.".to_owned(),
            )
        },
        run,
    }),
};

fn run(bench: &mut Bench<'_>, _: &Model) -> Result<Found, LessonError> {
    let (mut apart, mut together) = (Vec::new(), Vec::new());
    let mut drawings = Vec::new();
    let values = bench.rounds("Three sources, one after another and at once", |bench| {
        let names = SOURCES.map(|(name, _)| name);
        let one = bench.timeline(SOURCES.len());
        let began = Instant::now();
        SOURCES.iter().enumerate().for_each(|(index, (_, ms))| sleep(&one, index, index, *ms));
        let alone = 1e3 * began.elapsed().as_secs_f64();
        let all = bench.timeline(SOURCES.len());
        let began = Instant::now();
        thread::scope(|scope| {
            for (index, (_, ms)) in SOURCES.iter().enumerate() {
                let all = &all;
                scope.spawn(move || sleep(all, index, index, *ms));
            }
        });
        let at_once = 1e3 * began.elapsed().as_secs_f64();
        apart.push(alone);
        together.push(at_once);
        drawings = vec![
            Drawing::of_threads("One after another", &one).named(&names),
            Drawing::of_threads("At once", &all).named(&names),
        ];
        Ok(alone / at_once.max(1e-6))
    })?;
    let figures = vec![Figure::of("one after another", &apart, "ms"), Figure::of("at once", &together, "ms")];
    Ok(Found { values, figures, drawings, ..Found::default() })
}
