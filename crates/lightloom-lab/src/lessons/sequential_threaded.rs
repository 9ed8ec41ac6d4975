//! The first exercise of every tutorial: the same work one after another and with threads, and "done in … s" below it.

use super::prelude::*;

const THREADS_COUNT: usize = 8;

pub(super) static LESSON: Lesson = Lesson {
    id: "sequential-threaded",
    title: "One after another, or together",
    chapter: Chapter::Waiting,
    claim: "Where most of the time is waiting, the same pictures are done several times as fast by threads as one after another.",
    python: Python {
        words: "print(f\"done in {perf_counter() - began:.2f} s\")",
        page: "https://docs.python.org/3/library/time.html#time.perf_counter",
    },
    here: Here {
        file: "crates/lightloom-batch/src/executor/sequential.rs",
        idea: "the executor “Sequential” is the baseline that every comparison refers to",
    },
    kind: Kind::Experiment(Experiment {
        quantity: "times as fast together as one after another",
        holds: (1.5, f64::INFINITY),
        needs: Needs::Pictures(Work::Light),
        otherwise: "computing took more of the time than it should have; other programs may have had the cores",
        simulated: SIMULATED_SOURCE,
        predict: |model| {
            let wait = model.wait_ms(6.0, 30);
            let secs = f64::from(wait) / 1e3;
            let together = 16.0 / model.both(16, THREADS_COUNT, model.cores, secs);
            let value = together * model.whole_pictures(4, 1, secs) / 4.0;
            Prediction::value(
                value,
                format!("Each picture arrives {wait} ms late and computes for {:.1} ms. One after another the waits add up; eight threads wait at once.", 1e3 * model.picture.compute_secs),
            )
        },
        run: |bench, model| {
            let wait = model.wait_ms(6.0, 30);
            let together = slow(bench.settings_for(&HYBRID, THREADS_COUNT, model.cores), wait);
            let one = slow(bench.settings_for(&SEQUENTIAL, 1, 1), wait);
            let entries = [Entry { settings: together, pictures: 16 }, Entry { settings: one, pictures: 4 }];
            let mut found = bench.race(Work::Light, &entries)?;
            let secs: Vec<f64> = found.figures.iter().map(|figure| 16.0 / figure.value.max(1e-9)).collect();
            found.note = format!("Sixteen pictures: done in {:.2} s together, in {:.2} s one after another.", secs[0], secs[1]);
            Ok(found)
        },
    }),
};
