//! Waiting needs no lock, so it overlaps all the same.

use super::prelude::*;

const COUNT: usize = 8;

pub(super) static LESSON: Lesson = Lesson {
    id: "lock-io",
    title: "Waiting overlaps under the lock",
    chapter: Chapter::OneLock,
    claim: "A thread that waits for data gives the one lock away, so waiting overlaps even where computing cannot.",
    python: Python {
        words: "with ThreadPoolExecutor(max_workers=8) as pool: pool.map(download, urls)",
        page: "https://docs.python.org/3/library/concurrent.futures.html#threadpoolexecutor",
    },
    here: Here {
        file: "crates/lightloom-batch/src/executor/threads.rs",
        idea: "the lock is taken for decoding, filtering and encoding, and never while a file is read or written",
    },
    kind: Kind::Experiment(Experiment {
        quantity: "times as fast with eight threads behind the lock as with one",
        holds: (1.5, f64::INFINITY),
        needs: Needs::Pictures(Work::Light),
        otherwise: "computing took more of the time than it should have; other programs may have had the cores",
        simulated: SIMULATED_BOTH,
        predict: |model| {
            let wait = model.wait_ms(8.0, 40);
            let secs = f64::from(wait) / 1e3;
            let rate = |threads, pictures| pictures as f64 / model.behind_one_lock(pictures, threads, secs);
            Prediction::value(
                rate(COUNT, 2 * COUNT) / rate(1, 3),
                format!("Each picture arrives {wait} ms late and computes for {:.1} ms. Eight threads wait at once; their computing, one at a time, fits into the waits.", 1e3 * model.picture.compute_secs),
            )
        },
        run: |bench, model| {
            let wait = model.wait_ms(8.0, 40);
            let [many, one] = [COUNT, 1].map(|n| slow(bench.settings_for(&THREADS, n, 1), wait));
            bench.race(Work::Light, &[Entry { settings: many, pictures: 2 * COUNT }, Entry { settings: one, pictures: 3 }])
        },
    }),
};
