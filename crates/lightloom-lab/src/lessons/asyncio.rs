//! One thread that waits for many things at once: an event loop over the times at which they are due.

use std::cmp::Reverse;
use std::collections::BinaryHeap;

use super::prelude::*;

const TASKS: usize = 200;
const LANES: usize = 8;

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
        quantity: "times as long one after another as at once on one thread",
        holds: (20.0, f64::INFINITY),
        needs: Needs::Cores,
        otherwise: "the thread that waits was not given a core in time",
        simulated: Some("simulated: an event loop over timers; no data comes from a network"),
        predict: |_| {
            let sum: u64 = (0..TASKS).map(wait_ms).sum();
            Prediction::value(
                sum as f64 / 100.0,
                format!("{TASKS} waits of 40 to 99 ms are {:.1} s one after another; an event loop on one thread is through with them after about 100 ms, with any number of cores.", sum as f64 / 1e3),
            )
        },
        run,
    }),
};

/// The wait of a task in milliseconds.
fn wait_ms(task: usize) -> u64 {
    40 + (task as u64 * 37) % 60
}

fn run(bench: &mut Bench<'_>, _: &Model) -> Result<Found, LessonError> {
    let mut drawings = Vec::new();
    let mut elapsed = Vec::new();
    let values = bench.rounds("Two hundred waits on one thread", |bench| {
        let timeline = bench.timeline(LANES);
        let began = Instant::now();
        let mut due: BinaryHeap<Reverse<(Instant, usize)>> =
            (0..TASKS).map(|task| Reverse((began + Duration::from_millis(wait_ms(task)), task))).collect();
        // The first waits are drawn, a lane for each.
        let mut open: Vec<_> = (0..LANES)
            .map(|task| Some(timeline.begin(Lane::Thread(task), Some(task), Activity::Read)))
            .collect();
        let mut under_way = vec![(0, TASKS as u32)];
        while let Some(Reverse((at, task))) = due.pop() {
            thread::sleep(at.saturating_duration_since(Instant::now()));
            if let Some(span) = open.get_mut(task) {
                drop(span.take());
            }
            under_way.push((timeline.now(), due.len() as u32));
        }
        let secs = began.elapsed().as_secs_f64();
        elapsed.push(1e3 * secs);
        let end = timeline.now();
        let names: Vec<String> = (1..=LANES).map(|task| format!("Wait {task}")).collect();
        let names: Vec<&str> = names.iter().map(String::as_str).collect();
        drawings = vec![
            Drawing::Steps {
                title: "Waits under way, all on one thread".to_owned(),
                steps: under_way,
                limit: None,
                end,
            },
            Drawing::of_threads("The first eight of them", &timeline).named(&names),
        ];
        Ok((0..TASKS).map(wait_ms).sum::<u64>() as f64 / 1e3 / secs.max(1e-9))
    })?;
    let figures = vec![Figure::of("all waits on one thread", &elapsed, "ms")];
    Ok(Found { values, figures, drawings, ..Found::default() })
}
