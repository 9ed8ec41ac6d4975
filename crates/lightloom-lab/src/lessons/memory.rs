//! Memory against speed.

use super::prelude::*;

const READERS: usize = 8;

pub(super) static LESSON: Lesson = Lesson {
    id: "memory",
    title: "Memory against speed",
    chapter: Chapter::Computing,
    claim: "A program that may hold only one picture at a time cannot overlap anything; with memory for several it is much faster.",
    python: Python {
        words: "BoundedSemaphore(8)   # around what is loaded and not yet saved",
        page: "https://docs.python.org/3/library/threading.html#threading.BoundedSemaphore",
    },
    here: Here {
        file: "crates/lightloom-batch/src/budget.rs",
        idea: "each picture is admitted by an estimate of what it needs before its bytes are read",
    },
    kind: Kind::Experiment(Experiment {
        quantity: "times as fast with the usual memory as with one picture at a time",
        holds: (1.4, f64::INFINITY),
        needs: Needs::Pictures(Work::Light),
        otherwise: "computing took more of the time than it should have; other programs may have had the cores",
        simulated: SIMULATED_SOURCE,
        predict: |model| {
            let wait = model.wait_ms(4.0, 25);
            let secs = f64::from(wait) / 1e3;
            let many = 2.0 * READERS as f64 / model.both(2 * READERS, READERS, model.cores, secs);
            Prediction::value(
                many * model.whole_pictures(4, 1, secs) / 4.0,
                format!("Each picture arrives {wait} ms late. With memory for one, nothing overlaps; with more, {READERS} readers wait at once."),
            )
        },
        run: |bench, model| {
            let wait = model.wait_ms(4.0, 25);
            let usual = slow(bench.settings_for(&HYBRID, READERS, model.cores), wait);
            let one = Settings { memory_bytes: 1, ..usual.clone() };
            let entries = [Entry { settings: usual, pictures: 2 * READERS }, Entry { settings: one, pictures: 4 }];
            let mut found = bench.race(Work::Light, &entries)?;
            let names = ["the usual memory", "one picture at a time"];
            for (figure, name) in found.figures.iter_mut().zip(names) {
                name.clone_into(&mut figure.label);
            }
            for (drawing, name) in found.drawings.iter_mut().zip(names) {
                if let Drawing::Lanes { title, .. } = drawing {
                    name.clone_into(title);
                }
            }
            Ok(found)
        },
    }),
};
