//! Waiting wants threads: many more of them than cores.

use super::prelude::*;

pub(super) static LESSON: Lesson = Lesson {
    id: "waiting",
    title: "Waiting wants threads",
    chapter: Chapter::Waiting,
    claim: "Where pictures arrive late, many threads that wait at once finish long before one worker for each core.",
    python: Python {
        words: "ThreadPoolExecutor()   # min(32, cores + 4) threads by default",
        page: "https://docs.python.org/3/library/concurrent.futures.html#concurrent.futures.ThreadPoolExecutor",
    },
    here: Here {
        file: "crates/lightloom-batch/src/settings.rs",
        idea: "a run has twice as many I/O threads as cores, from 4 to 16, unless you choose otherwise",
    },
    kind: Kind::Experiment(Experiment {
        quantity: "times as fast with many threads as with one worker for each core",
        holds: (1.4, f64::INFINITY),
        needs: Needs::Pictures(Work::Light),
        otherwise: "computing took more of the time than it should have; other programs may have had the cores",
        simulated: SIMULATED_BOTH,
        predict: |model| {
            let Plan { threads, wait_ms, has_lock } = plan(model);
            let secs = f64::from(wait_ms) / 1e3;
            let many = if has_lock {
                model.behind_one_lock(threads, threads, secs)
            } else {
                model.both(threads, threads, model.cores, secs)
            };
            let by_core = model.whole_pictures(2 * model.cores, model.cores, secs) / (2 * model.cores) as f64;
            let lock = if has_lock {
                "behind their one lock their computing fits into the waits"
            } else {
                "behind one lock their computing would take longer than the waits, so it is done on all cores"
            };
            Prediction::value(
                threads as f64 * by_core / many,
                format!("This machine has {}, so {threads} threads are set against one worker for each. Each picture arrives {wait_ms} ms late and computes for {:.1} ms; {lock}.", model.cores_text(), 1e3 * model.picture.compute_secs),
            )
        },
        run: |bench, model| {
            let Plan { threads, wait_ms, has_lock } = plan(model);
            let many = if has_lock {
                bench.settings_for(&THREADS, threads, 1)
            } else {
                bench.settings_for(&HYBRID, threads, model.cores)
            };
            let by_core = bench.settings_for(&CORES, 1, model.cores);
            bench.race(
                Work::Light,
                &[
                    Entry { settings: slow(many, wait_ms), pictures: threads },
                    Entry { settings: slow(by_core, wait_ms), pictures: 2 * model.cores },
                ],
            )
        },
    }),
};

/// How it is made large enough to be seen.
struct Plan {
    threads: usize,
    wait_ms: u32,
    /// Whether the threads compute behind one lock.
    has_lock: bool,
}

/// Four threads for each core, one picture for each thread. The wait is as long as all computing behind one lock, unless
/// that would take too long.
fn plan(model: &Model) -> Plan {
    let threads = (4 * model.cores).max(8);
    let wait_ms = model.wait_ms(threads as f64, 40);
    if wait_ms <= 300 {
        Plan { threads, wait_ms, has_lock: true }
    } else {
        Plan { threads, wait_ms: model.wait_ms(8.0, 40), has_lock: false }
    }
}
