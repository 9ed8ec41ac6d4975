//! Measure before combining: which choice is fastest depends on the machine and on the pictures.

use super::prelude::*;

pub(super) static LESSON: Lesson = Lesson {
    id: "measure-first",
    title: "Measure before combining",
    chapter: Chapter::Computing,
    claim: "On the same pictures one choice of workers is far faster than another, and only a measurement says which.",
    python: Python {
        words: "python -m timeit, time.perf_counter(), cProfile",
        page: "https://docs.python.org/3/library/profile.html",
    },
    here: Here {
        file: "crates/lightloom-lab/src/measure.rs",
        idea: "the lab runs your pictures with each choice in turn and says what differs by more than chance",
    },
    kind: Kind::Experiment(Experiment {
        quantity: "times as fast with the fastest of three choices as with the slowest",
        holds: (1.2, f64::INFINITY),
        needs: Needs::Pictures(Work::Medium),
        otherwise: "the choices make little difference for these pictures on this machine",
        simulated: SIMULATED_LOCK,
        predict: |model| {
            let pictures = pictures(model);
            let threads = model.behind_one_lock(pictures, 4, 0.0);
            let by_core = model.whole_pictures(pictures, model.cores, 0.0);
            let hybrid = model.both(pictures, 4, model.cores, 0.0);
            let (least, most) = (threads.min(by_core).min(hybrid), threads.max(by_core).max(hybrid));
            Prediction::value(
                most / least,
                format!("With {:.0} ms of computing and {:.1} ms of disk for a picture on {}, that much should lie between them. Which of the two that use every core is faster, the model does not know.", 1e3 * model.picture.compute_secs, 1e3 * model.picture.disk_secs, model.cores_text()),
            )
        },
        run,
    }),
};

fn pictures(model: &Model) -> usize {
    model.pictures_in(0.4, (8, 24)).max(model.cores)
}

fn run(bench: &mut Bench<'_>, model: &Model) -> Result<Found, LessonError> {
    let pictures = pictures(model);
    let choices = [
        bench.settings_for(&THREADS, 4, 1),
        bench.settings_for(&CORES, 1, model.cores),
        bench.settings_for(&HYBRID, 4, model.cores),
    ];
    let mut speeds = [Vec::new(), Vec::new(), Vec::new()];
    let mut drawings = Vec::new();
    let values = bench.rounds("Three choices on the same pictures", |bench| {
        drawings.clear();
        for (settings, speeds) in choices.iter().zip(&mut speeds) {
            let ran = bench.batch(&settings.describe(), Work::Medium, settings, pictures)?;
            speeds.push(ran.images_per_sec());
            drawings.push(ran.drawing);
        }
        let last = speeds.iter().filter_map(|speeds| speeds.last().copied());
        let (low, high) = last.fold((f64::INFINITY, 0.0_f64), |(low, high), v| (low.min(v), high.max(v)));
        Ok(high / low.max(1e-9))
    })?;
    let figures: Vec<Figure> = choices
        .iter()
        .zip(&speeds)
        .map(|(settings, speeds)| Figure::of(settings.describe(), speeds, "pictures/s"))
        .collect();
    let best = figures.iter().max_by(|a, b| a.value.total_cmp(&b.value));
    let others = |best: &Figure| figures.iter().filter(|f| f.label != best.label).map(|f| f.high).fold(0.0, f64::max);
    let note = match best {
        Some(best) if best.low > others(best) => format!("“{}” was fastest in every round.", best.label),
        Some(_) => "The two fastest do not differ by more than the rounds do; the lab can measure longer.".to_owned(),
        None => String::new(),
    };
    Ok(Found { values, figures, drawings, note })
}
