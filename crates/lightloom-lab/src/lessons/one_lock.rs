//! One lock for all who compute, as under Python's global interpreter lock.

use super::prelude::*;

pub(super) static LESSON: Lesson = Lesson {
    id: "one-lock",
    title: "One thread computes at a time",
    chapter: Chapter::OneLock,
    claim: "Where each thread needs one lock to compute, as under Python's global interpreter lock, many threads compute no faster than one.",
    python: Python {
        words: "# CPython: only the thread that holds the GIL executes bytecode",
        page: "https://docs.python.org/3/glossary.html#term-global-interpreter-lock",
    },
    here: Here {
        file: "crates/lightloom-batch/src/executor/threads.rs",
        idea: "the executor “Threads” simulates the lock; real threads that compute at once are what “Cores” has",
    },
    kind: Kind::Experiment(Experiment {
        quantity: "times as fast with many threads as with one",
        holds: (0.7, 1.3),
        needs: Needs::Pictures(Work::Heavy),
        otherwise: "reading and writing took so much of the time that their overlap counts, or other programs took a core",
        simulated: SIMULATED_LOCK,
        predict: |model| {
            let (threads, pictures) = plan(model);
            let many = model.behind_one_lock(pictures, threads, 0.0);
            let value = model.behind_one_lock(pictures, 1, 0.0) / many;
            Prediction::value(
                value,
                format!("A picture computes for {:.0} ms and waits {:.1} ms for the disk. {threads} threads overlap the waiting; computing they do one at a time, whatever is free of {}.", 1e3 * model.picture.compute_secs, 1e3 * model.picture.disk_secs, model.cores_text()),
            )
        },
        run: |bench, model| {
            let (threads, pictures) = plan(model);
            let [many, one] = [threads, 1].map(|n| bench.settings_for(&THREADS, n, 1));
            let mut found =
                bench.race(Work::Heavy, &[Entry { settings: many, pictures }, Entry { settings: one, pictures }])?;
            found.figures.reverse();
            Ok(found)
        },
    }),
};

/// Threads, and pictures for about half a second of computing.
fn plan(model: &Model) -> (usize, usize) {
    let threads = (2 * model.cores).clamp(4, 16);
    (threads, model.pictures_in(0.5, (threads, 4 * threads)))
}
