//! Counting together: what is lost without care, and what care costs. No memory is shared unsafely: the careless counter
//! reads and writes in two steps, each of them safe.

use super::prelude::*;

/// What each thread adds, one by one.
const EACH: u64 = 300_000;
/// Threads that never run at the same moment, as on one core or a busy machine, are hardly ever interrupted between the
/// two steps; so each gives way there once in so many additions.
const GIVES_WAY_EVERY: u64 = 256;

pub(super) static LESSON: Lesson = Lesson {
    id: "lost-updates",
    title: "Lost updates",
    chapter: Chapter::Sharing,
    claim: "Threads that add to one counter without care lose additions; with a lock, or with an atomic addition, none is lost.",
    python: Python {
        words: "lock = Lock(); with lock: counter += 1",
        page: "https://docs.python.org/3/library/threading.html#lock-objects",
    },
    here: Here {
        file: "crates/lightloom-batch/src/event.rs",
        idea: "the counters of a run are atomic: exact at any moment, and read without a lock",
    },
    kind: Kind::Experiment(Experiment {
        quantity: "additions lost without care, and none with it",
        holds: (1.0, f64::INFINITY),
        needs: Needs::Cores,
        otherwise: "no thread was interrupted between its two steps, which proves nothing: it depends on who runs when",
        simulated: None,
        predict: |model| {
            let threads = plan(model);
            let total = threads as u64 * EACH;
            let how = if model.cores == 1 {
                "on one core another comes in between only because each gives way once in 256 additions"
            } else {
                "each may read what another is about to replace"
            };
            Prediction::value(
                0.2 * total as f64,
                format!("{threads} threads add {EACH} times each, {total} in all: {how}. Some are lost, how many is chance."),
            )
        },
        run,
    }),
};

fn plan(model: &Model) -> usize {
    model.cores.clamp(2, 8)
}

fn run(bench: &mut Bench<'_>, model: &Model) -> Result<Found, LessonError> {
    let threads = plan(model);
    let total = threads as u64 * EACH;
    let mut nanos = [Vec::new(), Vec::new(), Vec::new()];
    let mut kept = true;
    let mut drawings = Vec::new();
    let values = bench.rounds("Without care, with a lock, with an atomic addition", |bench| {
        let timeline = bench.timeline(threads);
        let add = |add: &(dyn Fn() + Sync)| time(&timeline, threads, add);
        let (careless, locked, atomic) = (AtomicU64::new(0), Mutex::new(0_u64), AtomicU64::new(0));
        nanos[0].push(add(&|| {
            let seen = careless.load(Relaxed);
            if seen.is_multiple_of(GIVES_WAY_EVERY) {
                thread::yield_now();
            }
            careless.store(std::hint::black_box(seen) + 1, Relaxed);
        }));
        nanos[1].push(add(&|| *lock(&locked) += 1));
        nanos[2].push(add(&|| {
            atomic.fetch_add(1, Relaxed);
        }));
        kept &= *lock(&locked) == total && atomic.into_inner() == total;
        let counted = careless.into_inner().min(total);
        drawings = vec![
            Drawing::Parts {
                title: format!("{total} additions without care"),
                parts: vec![
                    Part { label: "counted", value: counted as f64, good: true },
                    Part { label: "lost", value: (total - counted) as f64, good: false },
                ],
            },
            Drawing::of_threads("Without care, with a lock, atomic", &timeline),
        ];
        Ok((total - counted) as f64)
    })?;
    let note = if kept {
        "The lock and the atomic addition lost none.".to_owned()
    } else {
        "The lock or the atomic addition lost something, which must not happen on any machine.".to_owned()
    };
    let labels = ["without care", "with a lock", "atomic"];
    let figures = labels.into_iter().zip(&nanos).map(|(label, nanos)| Figure::of(label, nanos, "ns per addition"));
    Ok(Found { values, figures: figures.collect(), drawings, note })
}

/// Nanoseconds per addition while all threads add.
fn time(timeline: &Timeline, threads: usize, add: &(dyn Fn() + Sync)) -> f64 {
    let start = std::sync::Barrier::new(threads);
    let began = Instant::now();
    thread::scope(|scope| {
        for index in 0..threads {
            let start = &start;
            scope.spawn(move || {
                start.wait();
                let _span = timeline.begin(Lane::Thread(index), Some(index), Activity::Filter);
                (0..EACH).for_each(|_| add());
            });
        }
    });
    began.elapsed().as_nanos() as f64 / (EACH * threads as u64) as f64
}
