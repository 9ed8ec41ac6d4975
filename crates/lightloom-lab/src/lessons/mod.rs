//! Lessons: what textbooks teach of threads and processes, each as a claim that is predicted for this machine, tried on
//! it, and then said to hold or not.
//!
//! A lesson is one file beside and one word in [`LESSONS`]. An experiment says in [`Experiment::predict`] what a machine
//! should show, as a function of a [`Model`] alone, and in `Experiment::run` how it is measured; how large it is made
//! follows from the same model, so that it can be seen with one core as with sixty-four. `judge` compares the two.

mod bench;
mod calibrate;
mod drawing;
mod load;
mod model;
mod outcome;
mod partner;
mod prelude;
mod served;
mod table;
mod work;

use serde::Serialize;

pub use bench::{Bench, LessonError, LessonEvent};
pub use calibrate::Known;
pub use drawing::{Drawing, DrawnLane, Part};
pub use model::{MemoryCost, Model, PictureCost, SharingCost, StartCost};
pub use outcome::{Conclusion, Figure, Measured, Outcome, Prediction, number};
pub use partner::Partner;
pub use served::Content;
pub use table::{Cell, MeasuredTable, TableRow, measure_table};
pub use work::Work;

use load::Ticks;
use outcome::Found;

macro_rules! lessons {
    ($($name:ident),* $(,)?) => {
        $(mod $name;)*

        /// Every lesson, in the order in which they build on each other.
        pub static LESSONS: &[&Lesson] = &[$(&$name::LESSON),*];
    };
}

lessons![
    // threads and processes
    start_join,
    interleaved,
    own_stack,
    one_core,
    processes,
    starting_cost,
    main_guard,
    // one lock
    one_lock,
    lock_io,
    native,
    // sharing
    lost_updates,
    shared_results,
    semaphore,
    queue,
    pipe,
    manager,
    // pools and waiting
    pool_map,
    sequential_threaded,
    waiting,
    fetch_many,
    three_sources,
    asyncio,
    monitor,
    responsive,
    // computing
    computing,
    both,
    too_many,
    memory,
    measure_first,
    // best practices
    best_threads,
    best_processes,
    best_protect,
    best_pools,
    best_async,
    // common mistakes
    mistake_computing,
    mistake_too_many,
    mistake_lock,
    mistake_mixing,
];

/// A part of the lessons.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Chapter {
    Threads,
    OneLock,
    Sharing,
    Waiting,
    Computing,
    BestPractices,
    CommonMistakes,
}

impl Chapter {
    /// The name that a person reads.
    pub const fn title(self) -> &'static str {
        match self {
            Self::Threads => "Threads and processes",
            Self::OneLock => "One lock for all",
            Self::Sharing => "Sharing",
            Self::Waiting => "Waiting",
            Self::Computing => "Computing",
            Self::BestPractices => "Best practices",
            Self::CommonMistakes => "Common mistakes",
        }
    }
}

/// A lesson as data.
pub struct Lesson {
    /// Name on the command line.
    pub id: &'static str,
    /// Name that a person reads.
    pub title: &'static str,
    pub chapter: Chapter,
    /// What is claimed, in one sentence.
    pub claim: &'static str,
    /// The same thing in the textbook's language.
    pub python: Python,
    /// What Lightloom uses for it.
    pub here: Here,
    pub kind: Kind,
}

/// How Python calls it.
#[derive(Debug, Clone, Copy, Serialize)]
pub struct Python {
    /// As it is written in a program.
    pub words: &'static str,
    /// Its page in Python's documentation.
    pub page: &'static str,
}

/// Where Lightloom does it.
#[derive(Debug, Clone, Copy, Serialize)]
pub struct Here {
    /// The file, from the root of the repository.
    pub file: &'static str,
    /// How, in a sentence.
    pub idea: &'static str,
}

/// What kind of lesson it is.
pub enum Kind {
    /// Something that is measured.
    Experiment(Experiment),
    /// Advice, with the ids of the lessons that show why.
    Advice(&'static [&'static str]),
}

/// A claim that can be measured.
pub struct Experiment {
    /// What its number counts, such as "times as fast with threads as without".
    pub quantity: &'static str,
    /// From which to which value the claim holds.
    pub holds: (f64, f64),
    /// What has to be known of the machine before.
    pub needs: Needs,
    /// The usual reason why it does not hold, without a final stop.
    pub otherwise: &'static str,
    /// What is simulated, in a few words.
    pub simulated: Option<&'static str>,
    predict: fn(&Model) -> Prediction,
    run: fn(&mut Bench<'_>, &Model) -> Result<Found, LessonError>,
}

/// What an experiment has to know of the machine.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Needs {
    /// The number of cores.
    Cores,
    /// How long such work on one picture takes.
    Pictures(Work),
    /// How long fetching takes, and light work on what was fetched.
    Fetched(Content),
    /// How long threads and processes take to start.
    Starts,
    /// What threads and processes keep in memory.
    Memory,
    /// What it costs to hand something over, and to share it.
    Sharing,
}

impl std::fmt::Debug for Lesson {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Lesson({})", self.id)
    }
}

impl Lesson {
    /// The experiment, where there is one.
    pub const fn experiment(&self) -> Option<&Experiment> {
        match &self.kind {
            Kind::Experiment(experiment) => Some(experiment),
            Kind::Advice(_) => None,
        }
    }

    /// The lessons that show why, for advice.
    pub fn shown_by(&self) -> impl Iterator<Item = &'static Self> {
        let ids = match self.kind {
            Kind::Experiment(_) => &[],
            Kind::Advice(ids) => ids,
        };
        ids.iter().filter_map(|id| find_lesson(id))
    }

    /// Measures what has to be known of this machine, predicts, and tries it. Advice is measured by the first of the
    /// lessons that show why.
    ///
    /// # Errors
    /// If it was stopped, there are no pictures that can be read, or threads, processes or files are refused.
    pub fn run(&'static self, bench: &mut Bench<'_>) -> Result<Outcome, LessonError> {
        let Some(experiment) = self.experiment() else {
            let first = self.shown_by().find(|lesson| lesson.experiment().is_some());
            return first.map_or(Err(LessonError::NothingToRun), |lesson| lesson.run(bench));
        };
        crate::measure::remove_leftovers(&bench.folder);
        let model = calibrate::model(bench, experiment.needs)?;
        let prediction = experiment.predict(&model);
        if matches!(prediction, Prediction::CannotBeShown { .. }) {
            return Ok(outcome::not_shown(self, experiment, prediction));
        }
        (bench.watch)(LessonEvent::Predicted(&prediction));
        let before = Ticks::now();
        let found = (experiment.run)(bench, &model)?;
        let others = before.zip(Ticks::now()).map_or(0.0, |(before, after)| after.others_since(before));
        Ok(outcome::judge(self, experiment, prediction, found, others))
    }
}

impl Experiment {
    /// What a machine should show. A value by which the claim would not hold cannot be shown.
    pub fn predict(&self, model: &Model) -> Prediction {
        match (self.predict)(model) {
            Prediction::Value { value, .. } if !self.covers(value) => Prediction::CannotBeShown {
                because: format!(
                    "it should be {} {} here, and {} would be needed to see it",
                    number(value),
                    self.quantity,
                    self.range(),
                ),
            },
            prediction => prediction,
        }
    }

    /// Whether the claim holds with this value.
    pub fn covers(&self, value: f64) -> bool {
        (self.holds.0..=self.holds.1).contains(&value)
    }

    /// The values with which it holds, in words.
    pub fn range(&self) -> String {
        match self.holds {
            (low, high) if low == high => format!("exactly {}", number(low)),
            (low, f64::INFINITY) => format!("at least {}", number(low)),
            (low, high) => format!("{} to {}", number(low), number(high)),
        }
    }
}

/// The lesson with this id.
pub fn find_lesson(id: &str) -> Option<&'static Lesson> {
    LESSONS.iter().copied().find(|lesson| lesson.id == id)
}

#[cfg(test)]
mod tests;
