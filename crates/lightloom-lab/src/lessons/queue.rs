//! A queue between those who read and those who compute.

use super::prelude::*;

const READERS: usize = 8;

pub(super) static LESSON: Lesson = Lesson {
    id: "queue",
    title: "A queue of one or of many",
    chapter: Chapter::Sharing,
    claim: "A queue with room lets readers work ahead; with a single place everybody waits until the picture before has been written.",
    python: Python {
        words: "q = Queue(maxsize=16); q.put(item); q.get()",
        page: "https://docs.python.org/3/library/queue.html",
    },
    here: Here {
        file: "crates/lightloom-batch/src/executor/hybrid.rs",
        idea: "bounded queues lie between I/O threads and cores, so that memory stays bounded",
    },
    kind: Kind::Experiment(Experiment {
        quantity: "times as fast with room in the queue as with one place",
        holds: (1.5, f64::INFINITY),
        needs: Needs::Pictures(Work::Light),
        otherwise: "computing took more of the time than it should have; other programs may have had the cores",
        simulated: SIMULATED_SOURCE,
        predict: |model| {
            let wait = model.wait_ms(4.0, 30);
            let secs = f64::from(wait) / 1e3;
            let many = 2.0 * READERS as f64 / model.both(2 * READERS, READERS, model.cores, secs);
            let one = 4.0 / model.whole_pictures(4, 1, secs);
            Prediction::value(
                many / one,
                format!("Each picture arrives {wait} ms late. With one place one picture is under way at a time; with room eight readers wait at once."),
            )
        },
        run: |bench, model| {
            let wait = model.wait_ms(4.0, 30);
            let usual = slow(bench.settings_for(&HYBRID, READERS, model.cores), wait);
            let with = |places| Settings { queue: Some(places), ..usual.clone() };
            let many = Entry { settings: with(4 * READERS), pictures: 2 * READERS };
            let mut found = bench.race(Work::Light, &[many, Entry { settings: with(1), pictures: 4 }])?;
            for (figure, label) in found.figures.iter_mut().zip(["32 places", "1 place"]) {
                label.clone_into(&mut figure.label);
            }
            for (drawing, name) in found.drawings.iter_mut().zip(["32 places", "1 place"]) {
                if let Drawing::Lanes { title, .. } = drawing {
                    name.clone_into(title);
                }
            }
            Ok(found)
        },
    }),
};
