//! Children that never ran: a program that does not wait for them is "finished" at once, and has done nothing.

use super::prelude::*;

const CHILDREN: usize = 4;
const WORK_MS: u64 = 60;

pub(super) static LESSON: Lesson = Lesson {
    id: "main-guard",
    title: "The child that never ran",
    chapter: Chapter::Threads,
    claim: "A program that starts children and does not look whether they ran is finished in no time, with nothing done.",
    python: Python {
        words: "if __name__ == \"__main__\":   # without it, spawned children fail before they begin",
        page: "https://docs.python.org/3/library/multiprocessing.html#the-spawn-and-forkserver-start-methods",
    },
    here: Here {
        file: "crates/lightloom-batch/src/worker/mod.rs",
        idea: "a worker is this program with the argument “worker”; its first answer is waited for, and a silent end is an error",
    },
    kind: Kind::Experiment(Experiment {
        quantity: "% of the work was done when the program that did not wait said “finished”",
        holds: (0.0, 50.0),
        needs: Needs::Cores,
        otherwise: "the children were done before the program could say so",
        simulated: SIMULATED_WAITS,
        predict: |_| {
            Prediction::value(
                0.0,
                format!("Four children need {WORK_MS} ms each. Who does not wait says “finished” after less than a millisecond, with none of them done; who waits says it later, and it is true."),
            )
        },
        run,
    }),
};

fn run(bench: &mut Bench<'_>, _: &Model) -> Result<Found, LessonError> {
    let mut drawings = Vec::new();
    let (mut hasty, mut honest) = (Vec::new(), Vec::new());
    let values = bench.rounds("Four children, not waited for and waited for", |bench| {
        let timeline = bench.timeline(1 + CHILDREN);
        let done = AtomicUsize::new(0);
        let began = Instant::now();
        let (when_finished, at_the_end) = thread::scope(|scope| {
            let start = |child: usize| {
                let (timeline, done) = (&timeline, &done);
                scope.spawn(move || {
                    sleep(timeline, 1 + child, child, WORK_MS);
                    done.fetch_add(1, Relaxed);
                })
            };
            let starting = timeline.begin(Lane::Thread(0), None, Activity::Start);
            let children: Vec<_> = (0..CHILDREN).map(start).collect();
            drop(starting);
            hasty.push(1e3 * began.elapsed().as_secs_f64());
            let when_finished = done.load(Relaxed);
            children.into_iter().for_each(|child| drop(child.join()));
            honest.push(1e3 * began.elapsed().as_secs_f64());
            (when_finished, done.load(Relaxed))
        });
        drawings = vec![
            Drawing::Parts {
                title: "When the hasty program said “finished”".to_owned(),
                parts: vec![
                    Part { label: "children done", value: when_finished as f64, good: true },
                    Part { label: "not done", value: (at_the_end - when_finished) as f64, good: false },
                ],
            },
            Drawing::of_threads("What the children did", &timeline).named(&["main"]),
        ];
        Ok(100.0 * when_finished as f64 / CHILDREN as f64)
    })?;
    let figures = vec![
        Figure::of("“finished” without waiting", &hasty, "ms"),
        Figure::of("finished, after waiting", &honest, "ms"),
    ];
    let note = child_that_fails(bench)?;
    Ok(Found { values, figures, drawings, note })
}

/// A real process with a mistake in its arguments, as a sentence.
fn child_that_fails(bench: &Bench<'_>) -> Result<String, LessonError> {
    let Some(program) = &bench.settings.worker_program else { return Ok(String::new()) };
    let mut command = std::process::Command::new(&program.path);
    command.args(&program.arguments).arg("--no-such-argument").stdin(std::process::Stdio::null());
    command.stdout(std::process::Stdio::null()).stderr(std::process::Stdio::null());
    let began = Instant::now();
    let status = command.status().map_err(LessonError::process)?;
    let took = 1e3 * began.elapsed().as_secs_f64();
    Ok(if status.success() {
        String::new()
    } else {
        format!("A worker process with a wrong argument ended after {took:.0} ms with exit code {}: quick, since it did nothing. Only its exit code says so.", status.code().unwrap_or(-1))
    })
}
