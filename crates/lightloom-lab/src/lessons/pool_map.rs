//! Two ways of asking a pool for results: in order, or as they come.

use std::sync::mpsc;

use super::prelude::*;

/// What each task takes; the first is the longest.
const TASKS_MS: [u64; 8] = [80, 10, 20, 10, 30, 10, 20, 10];
const WORKERS: usize = 4;

pub(super) static LESSON: Lesson = Lesson {
    id: "pool-map",
    title: "In order, or as they come",
    chapter: Chapter::Waiting,
    claim: "A pool's map gives results in the order of the tasks, so a slow first one holds all others back; as_completed gives each when it is there.",
    python: Python {
        words: "pool.map(square, numbers)   # or as_completed(pool.submit(square, n) for n in numbers)",
        page: "https://docs.python.org/3/library/concurrent.futures.html#concurrent.futures.as_completed",
    },
    here: Here {
        file: "crates/lightloom-batch/src/event.rs",
        idea: "each picture is reported when it is done; the list and the final report keep the order of the list",
    },
    kind: Kind::Experiment(Experiment {
        quantity: "times as long until the first result in order as until the first that is there",
        holds: (1.5, f64::INFINITY),
        needs: Needs::Cores,
        otherwise: "the threads were started too slowly, as on a machine that is busy with something else",
        simulated: SIMULATED_WAITS,
        predict: |_| {
            Prediction::value(
                8.0,
                "Four workers square eight numbers; the first takes 80 ms, the quickest 10 ms. In order nothing is there before 80 ms; as they come the first is there after 10, with any number of cores.".to_owned(),
            )
        },
        run,
    }),
};

fn run(bench: &mut Bench<'_>, _: &Model) -> Result<Found, LessonError> {
    let (mut ordered, mut completed) = (Vec::new(), Vec::new());
    let mut drawings = Vec::new();
    let mut squares = Vec::new();
    let values = bench.rounds("Eight tasks, four workers", |bench| {
        let timeline = bench.timeline(WORKERS);
        let arrivals = arrivals(&timeline);
        squares = arrivals.iter().map(|(task, _)| (task + 1) * (task + 1)).collect();
        // In order, the first result can be had when task 0 is done.
        let in_order = arrivals.iter().find(|(task, _)| *task == 0).map_or(0.0, |(_, ms)| *ms);
        let first = arrivals.first().map_or(0.0, |(_, ms)| *ms);
        ordered.push(in_order);
        completed.push(first);
        let tasks = arrivals.iter().map(|(task, _)| *task).collect();
        drawings = vec![
            Drawing::Order { title: "Tasks as they are completed".to_owned(), threads: tasks },
            Drawing::of_threads("The pool", &timeline),
        ];
        Ok(in_order / first.max(1e-6))
    })?;
    let figures = vec![
        Figure::of("first result of map", &ordered, "ms"),
        Figure::of("first result as completed", &completed, "ms"),
    ];
    let note = format!("Squares as they were completed: {}.", words(&squares));
    Ok(Found { values, figures, drawings, note })
}

fn words(numbers: &[usize]) -> String {
    numbers.iter().map(usize::to_string).collect::<Vec<_>>().join(", ")
}

/// Tasks with the milliseconds after which they were done, in that order.
fn arrivals(timeline: &Timeline) -> Vec<(usize, f64)> {
    let next = AtomicUsize::new(0);
    let (done, results) = mpsc::channel();
    let began = Instant::now();
    thread::scope(|scope| {
        for worker in 0..WORKERS {
            let (next, done) = (&next, done.clone());
            scope.spawn(move || {
                loop {
                    let task = next.fetch_add(1, Relaxed);
                    let Some(ms) = TASKS_MS.get(task) else { break };
                    sleep(timeline, worker, task, *ms);
                    let _ = done.send((task, 1e3 * began.elapsed().as_secs_f64()));
                }
            });
        }
    });
    drop(done);
    results.iter().collect()
}
