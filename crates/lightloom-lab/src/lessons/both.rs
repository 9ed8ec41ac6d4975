//! Threads that wait feed cores that compute.

use super::prelude::*;

pub(super) static LESSON: Lesson = Lesson {
    id: "both",
    title: "Both at once",
    chapter: Chapter::Computing,
    claim: "Where pictures arrive late and need computing, threads that wait and cores that compute together beat either alone.",
    python: Python {
        words: "await loop.run_in_executor(process_pool, blur, image)   # threads fetch, processes compute",
        page: "https://docs.python.org/3/library/asyncio-eventloop.html#asyncio.loop.run_in_executor",
    },
    here: Here {
        file: "crates/lightloom-batch/src/executor/hybrid.rs",
        idea: "the executor “Both”, which is the usual one",
    },
    kind: Kind::Experiment(Experiment {
        quantity: "times as fast as the better of threads alone and cores alone",
        holds: (1.15, f64::INFINITY),
        needs: Needs::Pictures(Work::Medium),
        otherwise: "waiting and computing did not balance as they should have; other programs may have had the cores",
        simulated: SIMULATED_BOTH,
        predict: |model| {
            if model.cores == 1 {
                return Prediction::cannot("with one core, threads that wait leave it as busy as it can be");
            }
            let Plan { threads, pictures, wait_ms, few } = plan(model);
            let secs = f64::from(wait_ms) / 1e3;
            let hybrid = pictures as f64 / model.both(pictures, threads, model.cores, secs);
            let by_core = pictures as f64 / model.whole_pictures(pictures, model.cores, secs);
            let locked = few as f64 / model.behind_one_lock(few, few, secs);
            Prediction::value(
                hybrid / by_core.max(locked),
                format!("Each picture arrives {wait_ms} ms late and computes for {:.0} ms. Cores alone are idle while they wait, threads alone compute one at a time; {threads} threads keep {} fed.", 1e3 * model.picture.compute_secs, model.cores_text()),
            )
        },
        run: |bench, model| {
            let Plan { threads, pictures, wait_ms, few } = plan(model);
            let hybrid = bench.settings_for(&HYBRID, threads, model.cores);
            let locked = bench.settings_for(&THREADS, few, 1);
            let by_core = bench.settings_for(&CORES, 1, model.cores);
            bench.race(
                Work::Medium,
                &[
                    Entry { settings: slow(hybrid, wait_ms), pictures },
                    Entry { settings: slow(locked, wait_ms), pictures: few },
                    Entry { settings: slow(by_core, wait_ms), pictures },
                ],
            )
        },
    }),
};

struct Plan {
    threads: usize,
    pictures: usize,
    wait_ms: u32,
    /// Threads behind the lock, and their pictures: more would only take longer.
    few: usize,
}

/// Waits of three times the computing, and enough threads to keep every core fed; for each core so many pictures that
/// the begin, in which all wait, does not count.
fn plan(model: &Model) -> Plan {
    let wait_ms = model.wait_ms(3.0, 20);
    let per_core = 1e-3 * f64::from(wait_ms) / model.picture.compute_secs.max(1e-6);
    let threads = ((1.5 * per_core + 2.0) * model.cores as f64).ceil().clamp(4.0, 256.0) as usize;
    let pictures = model.pictures_in(0.4, (12, 40)) * model.cores;
    Plan { threads, pictures, wait_ms, few: 16 }
}
