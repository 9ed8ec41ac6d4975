//! Answering the user while work runs.

use super::prelude::*;

/// How often the user asks for something, in milliseconds.
const TICK_MS: u64 = 5;

pub(super) static LESSON: Lesson = Lesson {
    id: "responsive",
    title: "Answering while working",
    chapter: Chapter::Waiting,
    claim: "A program that works in another thread answers at once; one that works where it listens answers when it is done.",
    python: Python {
        words: "Thread(target=work).start(); root.mainloop()   # never work() in the loop itself",
        page: "https://docs.python.org/3/library/tkinter.html#threading-model",
    },
    here: Here {
        file: "src/gui/mod.rs",
        idea: "the window waits for no thread of the engine while drawing; runs, previews and measurements have threads of their own",
    },
    kind: Kind::Experiment(Experiment {
        quantity: "times as long until an answer if the work is done where it listens",
        holds: (2.5, f64::INFINITY),
        needs: Needs::Pictures(Work::Medium),
        otherwise: "the thread that listens was not given a core in time; other programs may have had them all",
        simulated: None,
        predict: |model| {
            let secs = pictures(model) as f64 * (model.picture.compute_secs + model.picture.disk_secs);
            Prediction::value(
                secs / 0.02,
                format!("The work takes about {:.0} ms. Where it is done in the loop, the user waits that long; in a thread of its own the loop comes round every {TICK_MS} ms, or within some 20 ms where all cores are taken.", 1e3 * secs),
            )
        },
        run,
    }),
};

fn pictures(model: &Model) -> usize {
    model.pictures_in(0.3, (2, 40))
}

fn run(bench: &mut Bench<'_>, model: &Model) -> Result<Found, LessonError> {
    let one = bench.settings_for(&SEQUENTIAL, 1, 1);
    let count = pictures(model);
    let (mut blocked, mut free) = (Vec::new(), Vec::new());
    let mut drawings = Vec::new();
    let values = bench.rounds("Work in the loop, then beside it", |bench| {
        let began = Instant::now();
        bench.batch("In the loop", Work::Medium, &one, count)?;
        let in_loop = 1e3 * began.elapsed().as_secs_f64();
        let listening = Arc::new(Timeline::new(vec![Lane::Thread(0)]));
        let stop = AtomicUsize::new(0);
        let (beside, longest) = thread::scope(|scope| {
            let ticking = scope.spawn(|| longest_gap_ms(&listening, &stop));
            let beside = bench.batch("The work", Work::Medium, &one, count);
            stop.store(1, Relaxed);
            (beside, ticking.join().unwrap_or(f64::INFINITY))
        });
        drawings = vec![
            beside?.drawing,
            Drawing::of_threads("Answers meanwhile", &listening).named(&["listens"]),
        ];
        blocked.push(in_loop);
        free.push(longest);
        Ok(in_loop / longest.max(1e-6))
    })?;
    let figures = vec![
        Figure::of("longest wait, work in the loop", &blocked, "ms"),
        Figure::of("longest wait, work beside it", &free, "ms"),
    ];
    Ok(Found { values, figures, drawings, ..Found::default() })
}

/// Answers every few milliseconds until told to stop; the longest time between two answers.
fn longest_gap_ms(timeline: &Timeline, stop: &AtomicUsize) -> f64 {
    let mut longest = Duration::ZERO;
    let mut before = Instant::now();
    let mut answer = 0;
    while stop.load(Relaxed) == 0 {
        sleep(timeline, 0, answer, TICK_MS);
        longest = longest.max(before.elapsed());
        before = Instant::now();
        answer += 1;
    }
    1e3 * longest.as_secs_f64()
}
