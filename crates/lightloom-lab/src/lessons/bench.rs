//! What experiments work with: pictures, runs of batches, timelines of their own, rounds, and a way to be stopped.

use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering::Relaxed};

use thiserror::Error;

use super::calibrate::Known;
use super::outcome::{Figure, Found};
use super::work::Spin;
use super::{Drawing, Prediction, Work};
use lightloom_batch::{
    Batch, Control, Event, EventSink, Executor, Lane, OutputSettings, ResultSettings, Settings, SourceEntry,
    StartError, Timeline, Totals, plan_jobs, start,
};
use lightloom_param::shown;

/// Why a lesson has no outcome.
#[derive(Debug, Error)]
pub enum LessonError {
    /// It was told to stop.
    #[error("stopped before it finished")]
    Stopped,
    /// A run could not begin.
    #[error(transparent)]
    Start(#[from] StartError),
    /// There is nothing to work on.
    #[error("there are no pictures to work on; add some first")]
    NoPictures,
    /// No picture came through.
    #[error("none of the pictures could be processed; try it with others, or with the samples")]
    AllFailed,
    /// Worker processes need a program.
    #[error("no program is known from which worker processes can be started")]
    NoProgram,
    /// What is served cannot be asked for.
    #[error("the sample server cannot be asked: {0}")]
    Served(String),
    /// There is no experiment.
    #[error("this lesson is advice, and has no experiment of its own")]
    NothingToRun,
    /// The recipe of an experiment is not understood.
    #[error("the recipe of the lesson is not understood: {0}")]
    Recipe(String),
    /// The system refuses something.
    #[error("{what}: {reason}")]
    Refused {
        /// What could not be had.
        what: String,
        /// Why not.
        reason: std::io::Error,
    },
}

impl LessonError {
    pub(super) fn thread(reason: std::io::Error) -> Self {
        Self::Refused { what: "the system starts no thread".to_owned(), reason }
    }

    pub(super) fn process(reason: std::io::Error) -> Self {
        Self::Refused { what: "the system starts no process".to_owned(), reason }
    }

    pub(super) fn pipe(reason: std::io::Error) -> Self {
        Self::Refused { what: "a pipe cannot be used".to_owned(), reason }
    }

    fn folder(folder: &std::path::Path, reason: std::io::Error) -> Self {
        Self::Refused { what: format!("no temporary folder could be made in {}", shown(folder)), reason }
    }
}

/// What happens while a lesson runs.
pub enum LessonEvent<'a> {
    /// It begins a part of its work once the watcher returns.
    Step {
        what: &'a str,
        /// Parts before this one.
        done: usize,
        /// All parts of what goes on at the moment.
        total: usize,
    },
    /// This is what should be seen.
    Predicted(&'a Prediction),
    /// This is what lanes do from now on.
    Live {
        timeline: Arc<Timeline>,
        /// Stops the run; `None` where there is none.
        control: Option<Arc<Control>>,
    },
}

/// What a lesson works with.
pub struct Bench<'a> {
    /// Pictures; the same ones are used again where more are needed.
    pub sources: Vec<SourceEntry>,
    /// Results are written into a folder in here, which is removed afterwards.
    pub folder: PathBuf,
    /// How often each experiment is repeated; 3 or more for a conclusion.
    pub rounds: usize,
    /// Limits and worker program of the runs; everything else is the lesson's.
    pub settings: Settings,
    /// Sides of the pictures that are computed, against the usual ones: 1, or less where it is enough that a lesson runs.
    pub scale: f64,
    /// What has been measured of this machine; nothing at first.
    pub known: Known,
    /// Set from outside to stop.
    pub stop: Arc<AtomicBool>,
    /// Told what happens.
    pub watch: &'a mut dyn FnMut(LessonEvent<'_>),
}

/// A batch that has come to its end.
pub(super) struct Ran {
    pub totals: Totals,
    pub timeline: Arc<Timeline>,
    pub drawing: Drawing,
}

impl Ran {
    pub fn images_per_sec(&self) -> f64 {
        self.pictures() / self.totals.wall_secs.max(1e-9)
    }

    fn pictures(&self) -> f64 {
        (self.totals.done + self.totals.partial) as f64
    }
}

/// A choice of workers in a comparison.
pub(super) struct Entry {
    pub settings: Settings,
    pub pictures: usize,
}

/// What came of choices of workers; each list has an item for each choice.
pub(super) struct Race {
    names: Vec<String>,
    /// Pictures per second, by round.
    speeds: Vec<Vec<f64>>,
    /// Processor milliseconds of the program for each picture, by round.
    cpu_ms: Vec<Vec<f64>>,
    /// The last round.
    pub last: Vec<Ran>,
}

impl Race {
    /// The pictures per second of the first against those of others, which `rival` finds among them, in each round.
    pub fn found(self, rival: fn(&[f64]) -> f64) -> Found {
        let rounds = self.speeds.first().map_or(0, Vec::len);
        let of_round = |round: usize| self.speeds.iter().map(|of| of[round]).collect::<Vec<f64>>();
        let values = (0..rounds).map(of_round).map(|of| of[0] / rival(&of[1..]).max(1e-9)).collect();
        let figures = self.names.iter().zip(&self.speeds);
        let figures = figures.map(|(name, speeds)| Figure::of(name.clone(), speeds, "pictures/s")).collect();
        let drawings = self.last.into_iter().map(|ran| ran.drawing).collect();
        Found { values, figures, drawings, note: String::new() }
    }

    /// The processor time that each picture took.
    pub fn processor(&self) -> impl Iterator<Item = Figure> + '_ {
        let of = self.names.iter().zip(&self.cpu_ms);
        of.map(|(name, cpu_ms)| Figure::of(name.clone(), cpu_ms, "ms of CPU each"))
    }
}

impl Bench<'_> {
    /// Stops here if that is wanted; otherwise says what comes.
    pub(super) fn step(&mut self, what: &str, done: usize, total: usize) -> Result<(), LessonError> {
        self.check()?;
        (self.watch)(LessonEvent::Step { what, done, total });
        self.check()
    }

    pub(super) fn check(&self) -> Result<(), LessonError> {
        if self.stop.load(Relaxed) { Err(LessonError::Stopped) } else { Ok(()) }
    }

    /// The settings of a run; what they do not name is as usual.
    pub(super) fn settings_for(&self, executor: &'static Executor, io_threads: usize, cores: usize) -> Settings {
        let Settings { limits, worker_program, .. } = self.settings.clone();
        Settings { executor, io_threads, cores, limits, worker_program, ..Settings::default() }
    }

    /// A timeline of `count` threads for an experiment without a batch.
    pub(super) fn timeline(&mut self, count: usize) -> Arc<Timeline> {
        let timeline = Arc::new(Timeline::new((0..count).map(Lane::Thread).collect()));
        (self.watch)(LessonEvent::Live { timeline: Arc::clone(&timeline), control: None });
        timeline
    }

    /// Measures one round after the other.
    pub(super) fn rounds(
        &mut self,
        what: &str,
        mut round: impl FnMut(&mut Self) -> Result<f64, LessonError>,
    ) -> Result<Vec<f64>, LessonError> {
        let total = self.rounds.max(1);
        let mut values = Vec::with_capacity(total);
        for done in 0..total {
            self.step(what, done, total)?;
            values.push(round(self)?);
        }
        Ok(values)
    }

    /// Runs `count` pictures, the same ones again where there are fewer.
    pub(super) fn batch(
        &mut self,
        title: &str,
        work: Work,
        settings: &Settings,
        count: usize,
    ) -> Result<Ran, LessonError> {
        self.batch_with(title, work, settings, count, Arc::new(|_: Event| {}))
    }

    /// As [`Self::batch`], with a receiver of events.
    pub(super) fn batch_with(
        &mut self,
        title: &str,
        work: Work,
        settings: &Settings,
        count: usize,
        sink: Arc<dyn EventSink>,
    ) -> Result<Ran, LessonError> {
        self.check()?;
        let folder = tempfile::Builder::new()
            .prefix(crate::measure::TEMPORARY)
            .tempdir_in(&self.folder)
            .map_err(|reason| LessonError::folder(&self.folder, reason))?;
        let batch = self.plan(folder.path(), work, settings, count)?;
        let running = start(batch, sink)?;
        let control = Arc::clone(running.control());
        let timeline = Arc::clone(running.timeline());
        (self.watch)(LessonEvent::Live { timeline: Arc::clone(&timeline), control: Some(Arc::clone(&control)) });
        if self.stop.load(Relaxed) {
            control.stop();
        }
        let totals = running.wait().totals;
        if control.is_stopped() || self.stop.load(Relaxed) {
            return Err(LessonError::Stopped);
        }
        if totals.done + totals.partial == 0 {
            return Err(LessonError::AllFailed);
        }
        let drawing = Drawing::of(title, &timeline, true);
        Ok(Ran { totals, timeline, drawing })
    }

    /// A batch of `count` pictures whose results go into `folder`.
    pub(super) fn plan(
        &self,
        folder: &std::path::Path,
        work: Work,
        settings: &Settings,
        count: usize,
    ) -> Result<Batch, LessonError> {
        if self.sources.is_empty() {
            return Err(LessonError::NoPictures);
        }
        let recipe = work.recipe(self.scale).map_err(|error| LessonError::Recipe(error.to_string()))?;
        let sources: Vec<SourceEntry> = self.sources.iter().cycle().take(count).cloned().collect();
        let output = OutputSettings { folder: Some(folder.to_path_buf()), ..OutputSettings::default() };
        let jobs = plan_jobs(&sources, &recipe, &output);
        Ok(Batch { jobs, recipe, results: ResultSettings::default(), settings: settings.clone() })
    }

    /// Runs each choice in every round, taking turns, and compares the pictures per second of the first with those of the
    /// fastest of the others.
    pub(super) fn race(&mut self, work: Work, entries: &[Entry]) -> Result<Found, LessonError> {
        Ok(self.take_turns(work, entries)?.found(|others| others.iter().copied().fold(0.0, f64::max)))
    }

    /// Runs each choice in every round, taking turns.
    pub(super) fn take_turns(&mut self, work: Work, entries: &[Entry]) -> Result<Race, LessonError> {
        let rounds = self.rounds.max(1);
        let names = entries.iter().map(|entry| entry.settings.describe()).collect();
        let none = vec![Vec::new(); entries.len()];
        let mut race = Race { names, speeds: none.clone(), cpu_ms: none, last: Vec::new() };
        for round in 0..rounds {
            race.last.clear();
            for (index, entry) in entries.iter().enumerate() {
                let title = race.names[index].clone();
                self.step(&title, round * entries.len() + index, rounds * entries.len())?;
                let ran = self.batch(&title, work, &entry.settings, entry.pictures)?;
                race.speeds[index].push(ran.images_per_sec());
                race.cpu_ms[index].push(1e3 * ran.totals.cpu_secs / ran.pictures().max(1.0));
                race.last.push(ran);
            }
        }
        Ok(race)
    }

    /// Computing by the millisecond.
    pub(super) fn spin(&self) -> Spin {
        Spin::calibrated()
    }
}
