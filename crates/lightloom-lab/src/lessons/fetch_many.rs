//! Fetching many addresses: nearly all of it is waiting for answers.

use super::prelude::*;

const LATENCY_MS: u32 = 100;
const THREADS_COUNT: usize = 16;

pub(super) static LESSON: Lesson = Lesson {
    id: "fetch-many",
    title: "Fetching many addresses",
    chapter: Chapter::Waiting,
    claim: "Many addresses are fetched by many threads in little more than the time of one.",
    python: Python {
        words: "with ThreadPoolExecutor(16) as pool: pages = list(pool.map(fetch, urls))",
        page: "https://docs.python.org/3/library/concurrent.futures.html#threadpoolexecutor-example",
    },
    here: Here {
        file: "crates/lightloom-web/src/client.rs",
        idea: "addresses are fetched by threads that wait, bounded for each server and altogether",
    },
    kind: Kind::Experiment(Experiment {
        quantity: "times as fast with sixteen threads as with one",
        holds: (3.0, f64::INFINITY),
        needs: Needs::Pictures(Work::Light),
        otherwise: "computing took more of the time than it should have; other programs may have had the cores",
        simulated: Some("simulated: each picture answers after 100 ms, as an address on the network does"),
        predict: |model| {
            let wait = f64::from(LATENCY_MS) / 1e3;
            let many = 32.0 / model.both(32, THREADS_COUNT, model.cores, wait);
            Prediction::value(
                many * model.whole_pictures(3, 1, wait) / 3.0,
                format!("Each answer takes {LATENCY_MS} ms, of which {:.1} ms are computing. Sixteen threads wait for sixteen answers at once.", 1e3 * model.picture.compute_secs),
            )
        },
        run: |bench, model| {
            let many = slow(bench.settings_for(&HYBRID, THREADS_COUNT, model.cores), LATENCY_MS);
            let one = slow(bench.settings_for(&SEQUENTIAL, 1, 1), LATENCY_MS);
            bench.race(Work::Light, &[Entry { settings: many, pictures: 32 }, Entry { settings: one, pictures: 3 }])
        },
    }),
};
