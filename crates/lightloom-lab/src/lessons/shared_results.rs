//! Workers report into one list.

use super::prelude::*;
use lightloom_batch::Event;

pub(super) static LESSON: Lesson = Lesson {
    id: "shared-results",
    title: "A shared list of results",
    chapter: Chapter::Sharing,
    claim: "Workers that report into one list behind a lock report everything exactly once, in the order in which they finish.",
    python: Python {
        words: "results = []; lock = Lock(); with lock: results.append(r)   # or Manager().list()",
        page: "https://docs.python.org/3/library/multiprocessing.html#managers",
    },
    here: Here {
        file: "crates/lightloom-batch/src/report.rs",
        idea: "each picture is reported once, and the report is put into the order of the list at the end",
    },
    kind: Kind::Experiment(Experiment {
        quantity: "% of the pictures are in the list, each once",
        holds: (100.0, 100.0),
        needs: Needs::Pictures(Work::Light),
        otherwise: "reports were lost or doubled, which must not happen on any machine",
        simulated: None,
        predict: |model| {
            Prediction::value(
                100.0,
                format!("{} workers report {} pictures: each once, whatever the order.", workers(model), pictures(model)),
            )
        },
        run,
    }),
};

fn workers(model: &Model) -> usize {
    model.cores.max(2)
}

fn pictures(model: &Model) -> usize {
    (4 * workers(model)).min(64)
}

fn run(bench: &mut Bench<'_>, model: &Model) -> Result<Found, LessonError> {
    let settings = bench.settings_for(&HYBRID, 4, workers(model));
    let pictures = pictures(model);
    let mut drawings = Vec::new();
    let mut swapped = 0;
    let values = bench.rounds("Workers report into one list", |bench| {
        let list = Arc::new(Mutex::new(Vec::new()));
        let reported = Arc::clone(&list);
        let sink = move |event: Event| {
            if let Event::Finished(report) = event {
                lock(&reported).push(report.job);
            }
        };
        let ran = bench.batch_with("Workers that report", Work::Light, &settings, pictures, Arc::new(sink))?;
        let order = lock(&list).clone();
        swapped = order.windows(2).filter(|pair| pair[0] > pair[1]).count();
        drawings = vec![
            Drawing::Order { title: "Pictures in the order of their reports".to_owned(), threads: order.clone() },
            ran.drawing,
        ];
        let distinct = order.iter().collect::<std::collections::BTreeSet<_>>().len();
        let doubled = order.len() - distinct;
        // What is doubled is as wrong as what is missing.
        Ok(100.0 * (distinct as f64 - doubled as f64) / pictures as f64)
    })?;
    let note = format!("In the last round {swapped} of {pictures} reports came before one of an earlier picture.");
    Ok(Found { values, drawings, note, ..Found::default() })
}
