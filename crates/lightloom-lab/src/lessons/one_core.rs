//! Concurrency is not parallelism: more threads than cores all get on, and none of it is sooner done.
//!
//! A thread computes in pieces of a millisecond and looks at the clock between them. A piece that took far
//! longer was interrupted: the core was given to another thread meanwhile.

use super::prelude::*;

/// Computing for each core, in milliseconds.
const WORK_MS: u64 = 120;
/// A gap from which a thread was not running.
const GAP: Duration = Duration::from_millis(2);

pub(super) static LESSON: Lesson = Lesson {
    id: "one-core",
    title: "Concurrency is not parallelism",
    chapter: Chapter::Threads,
    claim: "Two threads on each core take turns: both get on at once, and together they are done no sooner than one would be.",
    python: Python {
        words: "# concurrency: one cook, two pots; parallelism: two cooks",
        page: "https://docs.python.org/3/library/concurrency.html",
    },
    here: Here {
        file: "crates/lightloom-batch/src/settings.rs",
        idea: "a run has as many computing workers as there are cores, and not more",
    },
    kind: Kind::Experiment(Experiment {
        quantity: "times as fast with two threads on each core as with one",
        holds: (0.7, 1.25),
        needs: Needs::Cores,
        otherwise: "other programs had the cores in one of the two attempts, or a core's two hardware threads count as one here",
        simulated: None,
        predict: |model| {
            let cores = model.cores;
            Prediction::value(
                1.0,
                format!("{} threads share {cores} {}: the system lets each compute for some milliseconds and then switches to another. The sum of the work stays the same.", 2 * cores, if cores == 1 { "core" } else { "cores" }),
            )
        },
        run,
    }),
};

fn run(bench: &mut Bench<'_>, model: &Model) -> Result<Found, LessonError> {
    let spin = bench.spin();
    let cores = model.cores;
    let mut drawings = Vec::new();
    let mut switches = Vec::new();
    let values = bench.rounds("One thread on each core, then two", |bench| {
        let one = bench.timeline(cores);
        let (alone, _) = compute(&one, cores, WORK_MS, spin);
        let two = bench.timeline(2 * cores);
        let (shared, switched) = compute(&two, 2 * cores, WORK_MS / 2, spin);
        switches.push(switched as f64);
        drawings = vec![
            Drawing::of_threads("One thread on each core", &one),
            Drawing::of_threads("Two threads on each core, half as much for each", &two),
        ];
        Ok(alone / shared.max(1e-9))
    })?;
    let figures = vec![Figure::of("interruptions seen with two on each core", &switches, "switches")];
    Ok(Found { values, figures, drawings, ..Found::default() })
}

/// Lets `threads` compute `ms` each; seconds until all are done, and how often one was interrupted.
fn compute(timeline: &Timeline, threads: usize, ms: u64, spin: super::work::Spin) -> (f64, usize) {
    let switches = AtomicUsize::new(0);
    let began = Instant::now();
    thread::scope(|scope| {
        for index in 0..threads {
            let switches = &switches;
            scope.spawn(move || {
                for piece in 0..ms as usize {
                    let before = Instant::now();
                    let span = timeline.begin(Lane::Thread(index), Some(piece), Activity::Filter);
                    spin.compute(1);
                    drop(span);
                    switches.fetch_add(usize::from(before.elapsed() > GAP), Relaxed);
                }
            });
        }
    });
    (began.elapsed().as_secs_f64(), switches.into_inner())
}
