//! Starting threads and waiting for all of them: the longest decides, not the sum.

use super::prelude::*;

const WAITS_MS: [u64; 4] = [20, 40, 60, 80];

pub(super) static LESSON: Lesson = Lesson {
    id: "start-join",
    title: "Start and join",
    chapter: Chapter::Threads,
    claim: "Threads that are started together and then joined take as long as the longest of them, not as their sum.",
    python: Python {
        words: "t = Thread(target=greet, args=(\"Anna\",)); t.start(); t.join()",
        page: "https://docs.python.org/3/library/threading.html#threading.Thread.join",
    },
    here: Here {
        file: "crates/lightloom-batch/src/run/running.rs",
        idea: "a run is a handle: start returns at once, and its wait joins all lanes",
    },
    kind: Kind::Experiment(Experiment {
        quantity: "times as long one after another as together",
        holds: (1.5, f64::INFINITY),
        needs: Needs::Cores,
        otherwise: "the threads were started too slowly, as on a machine that is busy with something else",
        simulated: SIMULATED_WAITS,
        predict: |_| {
            let (sum, longest) = (WAITS_MS.iter().sum::<u64>(), 80);
            Prediction::value(
                sum as f64 / longest as f64,
                format!("Waits of 20, 40, 60 and 80 ms are {sum} ms one after another; started together they end with the longest, after {longest} ms, with any number of cores."),
            )
        },
        run,
    }),
};

fn run(bench: &mut Bench<'_>, _: &Model) -> Result<Found, LessonError> {
    let mut drawings = Vec::new();
    let values = bench.rounds("Four threads wait", |bench| {
        let timeline = bench.timeline(1 + WAITS_MS.len());
        let began = Instant::now();
        thread::scope(|scope| {
            let start = |(task, ms): (usize, u64)| {
                let timeline = &timeline;
                scope.spawn(move || sleep(timeline, 1 + task, task, ms))
            };
            let threads: Vec<_> = WAITS_MS.into_iter().enumerate().map(start).collect();
            let _joining = timeline.begin(Lane::Thread(0), None, Activity::WaitQueue);
            threads.into_iter().for_each(|thread| drop(thread.join()));
        });
        let secs = began.elapsed().as_secs_f64();
        let drawing = Drawing::of_threads("Started together, then joined", &timeline);
        drawings = vec![drawing.named(&["main: join", "“Hello”", "“Guten Tag”", "“Bonjour”", "“Ciao”"])];
        Ok(WAITS_MS.iter().sum::<u64>() as f64 / 1e3 / secs.max(1e-9))
    })?;
    Ok(Found { values, drawings, ..Found::default() })
}
