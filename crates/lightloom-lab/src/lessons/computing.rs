//! Computing wants cores.

use super::prelude::*;

pub(super) static LESSON: Lesson = Lesson {
    id: "computing",
    title: "Computing wants cores",
    chapter: Chapter::Computing,
    claim: "Where pictures need a lot of computing, a worker on each core is faster than any number of threads behind one lock.",
    python: Python {
        words: "with ProcessPoolExecutor() as pool: list(pool.map(blur, images))",
        page: "https://docs.python.org/3/library/concurrent.futures.html#processpoolexecutor",
    },
    here: Here {
        file: "crates/lightloom-batch/src/executor/cores.rs",
        idea: "a thread on each core processes whole pictures; Rust needs no processes for that",
    },
    kind: Kind::Experiment(Experiment {
        quantity: "times as fast on all cores as with threads behind one lock",
        holds: (1.3, f64::INFINITY),
        needs: Needs::Pictures(Work::Heavy),
        otherwise: "other programs had the other cores, or two of them are one core with two hardware threads",
        simulated: SIMULATED_LOCK,
        predict: |model| {
            if model.cores == 1 {
                return Prediction::cannot("this machine has one core, so computing cannot be spread");
            }
            let (all, few) = plan(model);
            let by_core = all as f64 / model.whole_pictures(all, model.cores, 0.0);
            Prediction::value(
                by_core * model.behind_one_lock(few, few, 0.0) / few as f64,
                format!("A picture computes for {:.0} ms, λ = {:.1} pictures/s on one core. Behind the lock one is computed at a time; on {} so many at once.", 1e3 * model.picture.compute_secs, 1.0 / model.picture.compute_secs, model.cores_text()),
            )
        },
        run: |bench, model| {
            let (all, few) = plan(model);
            let by_core = bench.settings_for(&CORES, 1, model.cores);
            let threads = bench.settings_for(&THREADS, few, 1);
            bench.race(Work::Heavy, &[Entry { settings: by_core, pictures: all }, Entry { settings: threads, pictures: few }])
        },
    }),
};

/// Pictures for all cores, so that each has several, and pictures (and threads) behind the lock.
fn plan(model: &Model) -> (usize, usize) {
    let each = model.pictures_in(0.4, (2, 8));
    (each * model.cores, each.max(4))
}
