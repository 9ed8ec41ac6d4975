//! What a thread has of its own: its stack and registers. Everything else it shares.

use super::prelude::*;

const COUNT: usize = 4;

pub(super) static LESSON: Lesson = Lesson {
    id: "own-stack",
    title: "A stack of one's own",
    chapter: Chapter::Threads,
    claim: "A thread has only its registers and its stack for itself; code, data and open files belong to the process and are shared.",
    python: Python {
        words: "local = 0   # inside the function of each thread; shared = []   # outside",
        page: "https://docs.python.org/3/library/threading.html#thread-local-data",
    },
    here: Here {
        file: "crates/lightloom-picture/src/buffers.rs",
        idea: "buffers of pixels are shared by all threads and given back, so that none allocates its own",
    },
    kind: Kind::Experiment(Experiment {
        quantity: "places in memory for the same local variable, and one for what is shared",
        holds: (COUNT as f64, COUNT as f64),
        needs: Needs::Cores,
        otherwise: "threads shared a stack, which no system should allow",
        simulated: None,
        predict: |_| {
            Prediction::value(
                COUNT as f64,
                "Four threads that are alive at once look up where a local and a shared variable lie: four places for the one, one for the other, with any number of cores.".to_owned(),
            )
        },
        run,
    }),
};

fn run(bench: &mut Bench<'_>, _: &Model) -> Result<Found, LessonError> {
    let mut drawings = Vec::new();
    let mut shared_places = 1;
    let values = bench.rounds("Four threads look where their variables lie", |bench| {
        let timeline = bench.timeline(COUNT);
        let shared = AtomicU64::new(0);
        let places = Mutex::new(Vec::new());
        let together = std::sync::Barrier::new(COUNT);
        thread::scope(|scope| {
            for index in 0..COUNT {
                let (timeline, shared, places, together) = (&timeline, &shared, &places, &together);
                scope.spawn(move || {
                    let local = index;
                    lock(places).push((std::ptr::from_ref(&local).addr(), std::ptr::from_ref(shared).addr()));
                    sleep(timeline, index, index, 5);
                    together.wait();
                });
            }
        });
        let places = places.into_inner().unwrap_or_else(PoisonError::into_inner);
        let distinct = |of: fn(&(usize, usize)) -> usize| {
            places.iter().map(of).collect::<std::collections::BTreeSet<_>>().len()
        };
        shared_places = shared_places.max(distinct(|(_, shared)| *shared));
        drawings = vec![Drawing::of_threads("Four threads of one process", &timeline)];
        Ok(distinct(|(local, _)| *local) as f64)
    })?;
    let figures = vec![
        Figure::of("local variable", &values, "places"),
        Figure::of("shared variable", &[shared_places as f64], "places"),
    ];
    Ok(Found { values, figures, drawings, ..Found::default() })
}
