//! One thread that waits for many servers at once, against a thread for each request.

use super::prelude::*;

const REQUESTS: usize = 200;
const LATENCY_MS: u32 = 250;

pub(super) static LESSON: Lesson = Lesson {
    id: "asyncio",
    title: "One thread, many waits",
    chapter: Chapter::Waiting,
    claim: "Where there is only waiting, a single thread with an event loop waits for hundreds of things at once.",
    python: Python {
        words: "async with asyncio.TaskGroup() as group: [group.create_task(fetch(u)) for u in urls]",
        page: "https://docs.python.org/3/library/asyncio-task.html#task-groups",
    },
    here: Here {
        file: "crates/lightloom-batch/src/executor/asynchronous.rs",
        idea: "the executor async has one thread wait for many servers; files are read by threads that it lends",
    },
    kind: Kind::Experiment(Experiment {
        quantity: "times as fast with all requests under way on one thread as one after another",
        holds: (10.0, f64::INFINITY),
        needs: Needs::Fetched(Content::Pixel),
        otherwise: "the requests themselves took more of the processor than they should have; other programs may have had the cores",
        simulated: LATE_SERVER,
        predict: |model| {
            let wait = f64::from(LATENCY_MS) / 1e3;
            let apart = model.whole_pictures(REQUESTS, 1, wait);
            // All that is computed for a request may have to be done by the one thread.
            let at_once = wait + REQUESTS as f64 * model.picture.compute_secs;
            Prediction::value(
                apart / at_once,
                format!(
                    "{REQUESTS} answers that take {LATENCY_MS} ms each are {apart:.0} s one after another. A request with its picture of one pixel takes {:.2} ms of a core, so one thread should be through with all of them after {at_once:.2} s, with any number of cores.",
                    1e3 * model.picture.compute_secs
                ),
            )
        },
        run,
    }),
};

fn run(bench: &mut Bench<'_>, model: &Model) -> Result<Found, LessonError> {
    let served = bench.serve(Content::Pixel, REQUESTS, LATENCY_MS)?;
    let [awaited, threads] = [&ASYNC, &HYBRID].map(|executor| bench.settings_for(executor, REQUESTS, model.cores));
    let one = bench.settings_for(&SEQUENTIAL, 1, 1);
    let entries = [
        Entry { settings: awaited, pictures: REQUESTS },
        Entry { settings: one, pictures: 3 },
        Entry { settings: threads, pictures: REQUESTS },
    ];
    let race = bench.on(served, |bench| bench.take_turns(Work::Light, &entries))?;
    let processor: Vec<Figure> = race.processor().collect();
    let at_once = race.last.first().map(|ran| {
        let steps = Drawing::at_once(&ran.timeline, Activity::Read);
        let end = steps.last().map_or(0, |(at, _)| *at);
        Drawing::Steps { title: "Requests under way, all on one thread".to_owned(), steps, limit: None, end }
    });
    let mut found = race.found(|others| others[0]);
    found.drawings = at_once.into_iter().chain(found.drawings.into_iter().take(1)).collect();
    if let ([awaited, _, threads], [awaited_cpu, _, threads_cpu]) = (found.figures.as_slice(), processor.as_slice()) {
        let (speed, cost) = (awaited.value / threads.value.max(1e-9), awaited_cpu.value / threads_cpu.value.max(1e-9));
        found.note = format!(
            "{REQUESTS} threads that wait for one request each: the one thread was {} times as fast as they, with {} times their processor time.",
            number(speed),
            number(cost),
        );
    }
    found.figures.extend(processor);
    Ok(found)
}
