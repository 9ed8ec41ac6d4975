//! The order in which threads report is nobody's plan.

use super::prelude::*;

const THREADS_COUNT: usize = 3;
const EACH: usize = 10;

pub(super) static LESSON: Lesson = Lesson {
    id: "interleaved",
    title: "Interleaved output",
    chapter: Chapter::Threads,
    claim: "What several threads put out arrives interleaved, in an order that no line of the program states.",
    python: Python {
        words: "for n in range(1, 11): print(name, n)   # in each of three threads",
        page: "https://docs.python.org/3/library/threading.html#thread-objects",
    },
    here: Here {
        file: "crates/lightloom-batch/src/naming/mod.rs",
        idea: "names and numbers of results are decided before a run begins, so that they depend on no order",
    },
    kind: Kind::Experiment(Experiment {
        quantity: "times the output changed from one thread to another",
        holds: (THREADS_COUNT as f64, f64::INFINITY),
        needs: Needs::Cores,
        otherwise: "each thread happened to finish before the next began",
        simulated: SIMULATED_WAITS,
        predict: |_| {
            let most = THREADS_COUNT * EACH - 1;
            Prediction::value(
                most as f64 / 2.0,
                format!("Three threads count to ten with a short wait after each number: one after another the output changes threads twice, interleaved up to {most} times. How often exactly nobody can say."),
            )
        },
        run,
    }),
};

fn run(bench: &mut Bench<'_>, _: &Model) -> Result<Found, LessonError> {
    let mut drawings = Vec::new();
    let values = bench.rounds("Three threads count to ten", |bench| {
        let timeline = bench.timeline(THREADS_COUNT);
        let arrived = Mutex::new(Vec::new());
        thread::scope(|scope| {
            for index in 0..THREADS_COUNT {
                let (timeline, arrived) = (&timeline, &arrived);
                scope.spawn(move || {
                    for number in 0..EACH {
                        lock(arrived).push(index);
                        sleep(timeline, index, number, 1);
                    }
                });
            }
        });
        let threads = arrived.into_inner().unwrap_or_else(PoisonError::into_inner);
        let changes = threads.windows(2).filter(|pair| pair[0] != pair[1]).count();
        drawings = vec![
            Drawing::Order { title: "Order of arrival, by thread".to_owned(), threads },
            Drawing::of_threads("Three threads", &timeline),
        ];
        Ok(changes as f64)
    })?;
    Ok(Found { values, drawings, ..Found::default() })
}
