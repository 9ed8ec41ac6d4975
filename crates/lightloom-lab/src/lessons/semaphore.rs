//! A semaphore: so many at once, and the others wait.

use super::prelude::*;

const PERMITS: usize = 5;
const THREADS_COUNT: usize = 15;

pub(super) static LESSON: Lesson = Lesson {
    id: "semaphore",
    title: "At most five at once",
    chapter: Chapter::Sharing,
    claim: "A semaphore with five permits lets five threads in at once, however many there are.",
    python: Python {
        words: "gate = Semaphore(5); with gate: download(url)",
        page: "https://docs.python.org/3/library/threading.html#semaphore-objects",
    },
    here: Here {
        file: "crates/lightloom-batch/src/budget.rs",
        idea: "memory is admitted by permits: a picture waits until what it needs has been given back",
    },
    kind: Kind::Experiment(Experiment {
        quantity: "threads at once behind the semaphore",
        holds: (PERMITS as f64, PERMITS as f64),
        needs: Needs::Cores,
        otherwise: "the threads were started so slowly that fewer met, or the semaphore let too many in",
        simulated: SIMULATED_WAITS,
        predict: |_| {
            Prediction::value(
                PERMITS as f64,
                format!("{THREADS_COUNT} threads want in for 15 ms each: five at once behind the semaphore, all {THREADS_COUNT} without it, with any number of cores."),
            )
        },
        run,
    }),
};

/// A counting semaphore.
struct Semaphore {
    free: Mutex<usize>,
    released: Condvar,
}

impl Semaphore {
    fn acquire(&self) {
        let mut free = lock(&self.free);
        while *free == 0 {
            free = self.released.wait(free).unwrap_or_else(PoisonError::into_inner);
        }
        *free -= 1;
    }

    fn release(&self) {
        *lock(&self.free) += 1;
        self.released.notify_one();
    }
}

fn run(bench: &mut Bench<'_>, _: &Model) -> Result<Found, LessonError> {
    let mut drawings = Vec::new();
    let mut without = Vec::new();
    let values = bench.rounds("Fifteen threads, five permits", |bench| {
        let gate = Semaphore { free: Mutex::new(PERMITS), released: Condvar::new() };
        let (limited, limited_most) = visits(bench, &|| gate.acquire(), &|| gate.release());
        let (open, open_most) = visits(bench, &|| {}, &|| {});
        without.push(open_most as f64);
        let steps = |title: &str, timeline: &Timeline, limit| {
            let steps = Drawing::at_once(timeline, Activity::Read);
            let end = steps.last().map_or(0, |(at, _)| *at);
            Drawing::Steps { title: title.to_owned(), steps, limit, end }
        };
        let limit = u32::try_from(PERMITS).ok();
        drawings = vec![
            steps("Inside at once, with the semaphore", &limited, limit),
            steps("Inside at once, without it", &open, None),
            Drawing::of_threads("Threads at the semaphore", &limited),
        ];
        Ok(limited_most as f64)
    })?;
    let figures = vec![
        Figure::of("with the semaphore", &values, "threads at once"),
        Figure::of("without", &without, "threads at once"),
    ];
    Ok(Found { values, figures, drawings, ..Found::default() })
}

/// Lets every thread in once; the most that were inside at once.
fn visits(
    bench: &mut Bench<'_>,
    enter: &(dyn Fn() + Sync),
    leave: &(dyn Fn() + Sync),
) -> (Arc<Timeline>, usize) {
    let timeline = bench.timeline(THREADS_COUNT);
    let (inside, most) = (AtomicUsize::new(0), AtomicUsize::new(0));
    thread::scope(|scope| {
        for index in 0..THREADS_COUNT {
            let (timeline, inside, most) = (&timeline, &inside, &most);
            scope.spawn(move || {
                let waiting = timeline.begin(Lane::Thread(index), None, Activity::WaitQueue);
                enter();
                drop(waiting);
                most.fetch_max(1 + inside.fetch_add(1, Relaxed), Relaxed);
                sleep(timeline, index, index, 15);
                inside.fetch_sub(1, Relaxed);
                leave();
            });
        }
    });
    (timeline, most.into_inner())
}
