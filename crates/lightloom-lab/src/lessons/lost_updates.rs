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
        needs: Needs::Sharing,
        otherwise: "no thread was interrupted between its two steps, which proves nothing: it depends on who runs when",
        simulated: None,
        predict: |model| {
            let (threads, total) = plan(model.cores);
            let lost = model.sharing.lost;
            let how = if model.cores == 1 {
                "on one core another comes in between only because each gives way once in 256 additions"
            } else {
                "each may read what another is about to replace"
            };
            Prediction::value(
                (lost * total as f64).max(1.0).round(),
                format!(
                    "{threads} threads add {EACH} times each, {total} in all: {how}. Of a tenth as many {:.0} % were lost just now; how many it is each time is chance.",
                    100.0 * lost
                ),
            )
        },
        run,
    }),
};

/// Threads, and additions of all of them.
pub(super) fn plan(cores: usize) -> (usize, u64) {
    let threads = cores.clamp(2, 8);
    (threads, threads as u64 * EACH)
}

/// An addition in two steps, each of them safe.
fn add_carelessly(counter: &AtomicU64) {
    let seen = counter.load(Relaxed);
    if seen.is_multiple_of(GIVES_WAY_EVERY) {
        thread::yield_now();
    }
    counter.store(std::hint::black_box(seen) + 1, Relaxed);
}

/// The share of additions that are lost, 0 to 1, where `threads` add `each` times without care.
pub(super) fn careless(threads: usize, each: u64) -> f64 {
    let (counter, timeline) = (AtomicU64::new(0), Timeline::new(Vec::new()));
    time(&timeline, threads, each, &|| add_carelessly(&counter));
    1.0 - counter.into_inner() as f64 / (threads as u64 * each).max(1) as f64
}

fn run(bench: &mut Bench<'_>, model: &Model) -> Result<Found, LessonError> {
    let (threads, total) = plan(model.cores);
    let mut nanos = [Vec::new(), Vec::new(), Vec::new()];
    let mut kept = true;
    let mut drawings = Vec::new();
    let values = bench.rounds("Without care, with a lock, with an atomic addition", |bench| {
        let timeline = bench.timeline(threads);
        let add = |add: &(dyn Fn() + Sync)| time(&timeline, threads, EACH, add);
        let (careless, locked, atomic) = (AtomicU64::new(0), Mutex::new(0_u64), AtomicU64::new(0));
        nanos[0].push(add(&|| add_carelessly(&careless)));
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
fn time(timeline: &Timeline, threads: usize, each: u64, add: &(dyn Fn() + Sync)) -> f64 {
    let start = std::sync::Barrier::new(threads);
    let began = Instant::now();
    thread::scope(|scope| {
        for index in 0..threads {
            let start = &start;
            scope.spawn(move || {
                start.wait();
                let _span = timeline.begin(Lane::Thread(index), Some(index), Activity::Filter);
                (0..each).for_each(|_| add());
            });
        }
    });
    began.elapsed().as_nanos() as f64 / (each * threads as u64) as f64
}
