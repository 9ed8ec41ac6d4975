//! Fetching many addresses: nearly all of it is waiting for answers.

use super::prelude::*;

const LATENCY_MS: u32 = 100;
const AT_ONCE: usize = 16;
const PICTURES: usize = 32;

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
        needs: Needs::Fetched(Content::Pictures),
        otherwise: "computing took more of the time than it should have; other programs may have had the cores",
        simulated: LATE_SERVER,
        predict: |model| {
            let wait = f64::from(LATENCY_MS) / 1e3;
            let many = PICTURES as f64 / model.both(PICTURES, AT_ONCE, model.cores, wait);
            Prediction::value(
                many * model.whole_pictures(3, 1, wait) / 3.0,
                format!(
                    "Each answer takes {LATENCY_MS} ms and {:.1} ms more; fetching and computing take {:.1} ms of a core. Sixteen threads wait for sixteen answers at once.",
                    1e3 * model.picture.disk_secs,
                    1e3 * model.picture.compute_secs
                ),
            )
        },
        run: |bench, model| {
            let served = bench.serve(Content::Pictures, PICTURES, LATENCY_MS)?;
            let [threads, awaited] =
                [&HYBRID, &ASYNC].map(|executor| bench.settings_for(executor, AT_ONCE, model.cores));
            let one = bench.settings_for(&SEQUENTIAL, 1, 1);
            let entries = [
                Entry { settings: threads, pictures: PICTURES },
                Entry { settings: one, pictures: 3 },
                Entry { settings: awaited, pictures: PICTURES },
            ];
            let mut found =
                bench.on(served, |bench| bench.take_turns(Work::Light, &entries))?.found(|others| others[0]);
            found.note = threads_or_async(&found.figures);
            Ok(found)
        },
    }),
};

/// Whether sixteen requests of one thread are as fast as sixteen threads, as a sentence.
fn threads_or_async(figures: &[Figure]) -> String {
    let [threads, _, awaited] = figures else { return String::new() };
    let times = number(awaited.value / threads.value.max(1e-9));
    if awaited.low > threads.high || awaited.high < threads.low {
        format!("One thread with sixteen requests under way (async) was {times} times as fast as sixteen threads.")
    } else {
        "One thread with sixteen requests under way (async) was as fast as sixteen threads, as far as the rounds can tell.".to_owned()
    }
}
