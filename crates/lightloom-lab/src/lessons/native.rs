//! Native code that touches no Python object gives the lock away while it computes.

use super::prelude::*;

const WORK_MS: u64 = 60;

pub(super) static LESSON: Lesson = Lesson {
    id: "native",
    title: "Native code releases the lock",
    chapter: Chapter::OneLock,
    claim: "Libraries that give the one lock away while they compute, as NumPy and Pillow do, use every core from within threads.",
    python: Python {
        words: "Py_BEGIN_ALLOW_THREADS … Py_END_ALLOW_THREADS   /* in C, around the computing */",
        page: "https://docs.python.org/3/c-api/threads.html",
    },
    here: Here {
        file: "crates/lightloom-batch/src/executor/cores.rs",
        idea: "Rust has no such lock: threads of the executor “Cores” compute at once",
    },
    kind: Kind::Experiment(Experiment {
        quantity: "times as fast if the lock is given away while computing as if it is kept",
        holds: (1.3, f64::INFINITY),
        needs: Needs::Cores,
        otherwise: "other programs had the other cores",
        simulated: SIMULATED_LOCK,
        predict: |model| {
            if model.cores == 1 {
                return Prediction::cannot("with one core, one thread computes at a time whether there is a lock or not");
            }
            let threads = plan(model);
            Prediction::value(
                threads as f64,
                format!("{threads} threads compute {WORK_MS} ms each: behind the lock one after another, {} ms; without it at once on {}.", threads as u64 * WORK_MS, model.cores_text()),
            )
        },
        run,
    }),
};

/// A thread for each core; not so many that those behind the lock take long.
fn plan(model: &Model) -> usize {
    model.cores.min(8)
}

fn run(bench: &mut Bench<'_>, model: &Model) -> Result<Found, LessonError> {
    let spin = bench.spin();
    let threads = plan(model);
    let mut drawings = Vec::new();
    let (mut kept, mut released) = (Vec::new(), Vec::new());
    let values = bench.rounds("With the lock kept, then given away", |bench| {
        let turn = Mutex::new(0_u64);
        let with = bench.timeline(threads);
        kept.push(time(threads, |index| {
            let wants = with.begin(Lane::Thread(index), None, Activity::WaitTurn);
            let mut done = lock(&turn);
            drop(wants);
            let _span = with.begin(Lane::Thread(index), Some(index), Activity::Filter);
            spin.compute(WORK_MS);
            *done += 1;
        }));
        let without = bench.timeline(threads);
        released.push(time(threads, |index| {
            let span = without.begin(Lane::Thread(index), Some(index), Activity::Filter);
            spin.compute(WORK_MS);
            drop(span);
            *lock(&turn) += 1;
        }));
        drawings = vec![
            Drawing::of_threads("The lock is kept while computing", &with),
            Drawing::of_threads("The lock is given away while computing", &without),
        ];
        Ok(kept.last().copied().unwrap_or(0.0) / released.last().copied().unwrap_or(1.0).max(1e-9))
    })?;
    let figures =
        vec![Figure::of("lock kept", &kept, "ms"), Figure::of("lock given away", &released, "ms")];
    Ok(Found { values, figures, drawings, ..Found::default() })
}

/// Milliseconds until every thread has done its part.
fn time(threads: usize, part: impl Fn(usize) + Sync) -> f64 {
    let began = Instant::now();
    thread::scope(|scope| {
        for index in 0..threads {
            let part = &part;
            scope.spawn(move || part(index));
        }
    });
    1e3 * began.elapsed().as_secs_f64()
}
