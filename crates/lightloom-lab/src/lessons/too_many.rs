//! More workers than cores hold more pictures in memory and finish none of them sooner.

use super::prelude::*;

pub(super) static LESSON: Lesson = Lesson {
    id: "too-many",
    title: "Too many workers",
    chapter: Chapter::Computing,
    claim: "Four times as many computing workers as cores take several times the memory, and are not faster for it.",
    python: Python {
        words: "ProcessPoolExecutor(max_workers=os.cpu_count())   # and not 100",
        page: "https://docs.python.org/3/library/os.html#os.process_cpu_count",
    },
    here: Here {
        file: "crates/lightloom-batch/src/pressure.rs",
        idea: "fewer pictures are in flight where memory is short, whatever the number of workers",
    },
    kind: Kind::Experiment(Experiment {
        quantity: "times the memory for pictures in progress with too many workers",
        holds: (1.5, f64::INFINITY),
        needs: Needs::Pictures(Work::Medium),
        otherwise: "so few pictures were under way at once that the number of workers did not matter",
        simulated: None,
        predict: |model| {
            let Plan { enough, many, .. } = plan(model);
            Prediction::value(
                many as f64 / enough as f64,
                format!("A worker for each core holds a picture, {enough} at once; {many} workers hold {many}; computing for {:.0} ms each, they share {} in either case.", 1e3 * model.picture.compute_secs, model.cores_text()),
            )
        },
        run,
    }),
};

struct Plan {
    enough: usize,
    many: usize,
    pictures: usize,
}

fn plan(model: &Model) -> Plan {
    let enough = model.cores;
    let many = (4 * enough).max(8);
    Plan { enough, many, pictures: 2 * many }
}

fn run(bench: &mut Bench<'_>, model: &Model) -> Result<Found, LessonError> {
    let Plan { enough, many, pictures } = plan(model);
    let choices = [many, enough].map(|n| bench.settings_for(&CORES, 1, n));
    let (mut memory, mut speeds) = ([Vec::new(), Vec::new()], [Vec::new(), Vec::new()]);
    let mut drawings = Vec::new();
    let values = bench.rounds("Too many workers, then enough", |bench| {
        drawings.clear();
        for (index, settings) in choices.iter().enumerate() {
            let ran = bench.batch(&settings.describe(), Work::Medium, settings, pictures)?;
            memory[index].push(ran.totals.peak_bytes as f64 / 1_048_576.0);
            speeds[index].push(ran.images_per_sec());
            drawings.push(ran.drawing);
        }
        let last = |of: &[Vec<f64>; 2], index: usize| of[index].last().copied().unwrap_or(0.0);
        Ok(last(&memory, 0) / last(&memory, 1).max(1e-6))
    })?;
    let figure = |of: &[Vec<f64>; 2], unit| [0, 1].map(|i| Figure::of(choices[i].describe(), &of[i], unit));
    let speed = figure(&speeds, "pictures/s");
    let note = if speed[0].low > speed[1].high {
        format!("Here the many were faster all the same, {} times.", number(speed[0].value / speed[1].value.max(1e-9)))
    } else if speed[0].high < speed[1].low {
        format!("They were slower as well: {} times the speed of enough workers.", number(speed[0].value / speed[1].value.max(1e-9)))
    } else {
        "Their speeds do not differ by more than the rounds do.".to_owned()
    };
    let figures = figure(&memory, "MiB for pictures").into_iter().chain(speed).collect();
    Ok(Found { values, figures, drawings, note })
}
