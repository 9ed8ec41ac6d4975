//! What the lab knows: the plan, the measurement under way, results that are shown, findings and proposals.

use std::collections::BTreeMap;
use std::path::PathBuf;

use crossbeam_channel::{Receiver, bounded};
use egui::Context;

use super::plan::Plan;
use super::task::{News, Outcome, Purpose, Task};
use crate::batch::{EXECUTORS, Executor, Settings};
use crate::gui::state::Tone;
use crate::lab::{Comparison, Findings, Machine, Recommendation, Results, SavedError, Scaling};

/// What the lab's page shows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Tab {
    /// Choices of workers measured against each other.
    Comparison,
    /// Ready experiments.
    Experiments,
}

/// Results with all that follows from them, so that drawing computes nothing.
#[derive(Debug)]
pub struct Shown {
    /// The results.
    pub results: Results,
    /// Rows by choice.
    pub comparison: Comparison,
    /// How each executor's throughput grows.
    pub scaling: Vec<(&'static Executor, Scaling)>,
    /// What may be said.
    pub verdict: String,
    /// What is recommended.
    pub recommendation: Option<Recommendation>,
    /// Whether they are on disk.
    pub saved: bool,
}

impl Shown {
    /// Works out what follows from `results`.
    pub fn new(results: Results, saved: bool) -> Self {
        let comparison = results.comparison();
        let scaling = EXECUTORS.iter().map(|executor| (*executor, comparison.scaling(executor)));
        Self {
            scaling: scaling.filter(|(_, scaling)| !scaling.points.is_empty()).collect(),
            verdict: results.verdict(),
            recommendation: results.recommendation(),
            comparison,
            results,
            saved,
        }
    }

    /// Pictures a second to which speed-ups refer.
    pub fn baseline_speed(&self) -> f64 {
        let rows = &self.comparison.rows;
        let row = rows.iter().find(|row| row.title == self.comparison.baseline).or(rows.first());
        row.map_or(1.0, |row| row.images_per_sec.max(1e-9))
    }

    /// The name, or the time for lack of one.
    pub fn name(&self) -> String {
        name_of(&self.results)
    }
}

/// The name of results, or the time for lack of one.
pub fn name_of(results: &Results) -> String {
    if results.name.is_empty() { crate::gui::text::date(results.measured_at) } else { results.name.clone() }
}

/// A list of saved results, each of which may be unreadable.
pub type Saved = Vec<Result<Results, SavedError>>;

/// The lab.
#[derive(Debug)]
pub struct LabState {
    /// What the page shows; none while it is closed.
    pub tab: Option<Tab>,
    /// What is to be measured.
    pub plan: Plan,
    /// The measurement under way.
    pub task: Option<Task>,
    /// Results that are shown.
    pub shown: Option<Shown>,
    /// Results beside them.
    pub other: Option<Shown>,
    /// The name under which they are saved.
    pub name: String,
    /// Why the last measurement has no results.
    pub problem: Option<String>,
    /// Saved results, once they have been read.
    pub saved: Option<Saved>,
    /// What experiments found, or why they found nothing.
    pub findings: BTreeMap<&'static str, Result<Findings, String>>,
    /// What was recommended last, or why nothing was.
    pub proposal: Option<Result<Recommendation, String>>,
    /// Whether the first pictures of a session are measured by themselves.
    pub recommend_first: bool,
    /// Whether that has happened.
    pub recommended: bool,
    /// The experiment that is to be scrolled into sight.
    pub reveal: Option<&'static str>,
    /// The present machine.
    pub machine: Machine,
    /// Where results are saved.
    pub folder: Option<PathBuf>,
    reading: Option<Receiver<Saved>>,
}

impl LabState {
    /// With nothing measured; results are saved in `folder`.
    pub fn new(settings: &Settings, folder: Option<PathBuf>) -> Self {
        Self {
            tab: None,
            plan: Plan::new(settings),
            task: None,
            shown: None,
            other: None,
            name: String::new(),
            problem: None,
            saved: None,
            findings: BTreeMap::new(),
            proposal: None,
            recommend_first: false,
            recommended: false,
            reveal: None,
            machine: Machine::here(),
            folder,
            reading: None,
        }
    }

    /// What is being measured.
    pub fn purpose(&self) -> Option<Purpose> {
        self.task.as_ref().map(|task| task.purpose)
    }

    /// Reads the saved results in the background.
    pub fn read_saved(&mut self, ctx: &Context) {
        let Some(folder) = self.folder.clone() else { return };
        let (sender, reading) = bounded(1);
        let ctx = ctx.clone();
        let read = move || {
            let _ = sender.send(Results::saved(&folder));
            ctx.request_repaint();
        };
        if std::thread::Builder::new().name("lightloom-saved".to_owned()).spawn(read).is_ok() {
            self.reading = Some(reading);
        }
    }

    /// Takes in what is new; gives what is to be said about it.
    pub fn take_up(&mut self) -> Option<(Tone, String)> {
        if let Some(saved) = self.reading.as_ref().and_then(|reading| reading.try_recv().ok()) {
            self.saved = Some(saved);
            self.reading = None;
        }
        let mut end = None;
        if let Some(task) = &mut self.task {
            while let Some(news) = task.next() {
                match news {
                    News::Next(turn) => task.turn = Some(turn),
                    News::Begun(progress, control) => task.begin_turn(progress, control),
                    News::Ended(record) => {
                        if task.purpose == Purpose::Comparison
                            && let Some(shown) = self.shown.take()
                        {
                            let mut results = shown.results;
                            results.runs.push(*record);
                            self.shown = Some(Shown::new(results, false));
                        }
                    }
                    News::Over(outcome) => end = Some((task.purpose, task.is_stopped(), *outcome)),
                }
            }
        }
        let (purpose, stopped, outcome) = end?;
        self.task = None;
        match outcome {
            Outcome::Results(Ok(results)) => {
                let sentence = if stopped {
                    "The measurement was stopped; what had been measured is kept."
                } else {
                    "The measurement is done."
                };
                self.shown = Some(Shown::new(results, false));
                Some((Tone::Info, sentence.to_owned()))
            }
            Outcome::Results(Err(reason)) => {
                self.shown = None;
                self.problem = Some(reason);
                None
            }
            Outcome::Proposal(proposal) => {
                self.proposal = Some(proposal.map(|(_, recommendation)| recommendation));
                None
            }
            Outcome::Findings(findings) => {
                if let Purpose::Experiment(id) = purpose {
                    let findings = if stopped { Err("It was stopped before its end.".to_owned()) } else { findings };
                    self.findings.insert(id, findings);
                }
                None
            }
        }
    }
}

/// What `proposed` makes of `present`: what its executor does not use stays, and so do the simulated source and the
/// like.
pub fn applied(present: &Settings, proposed: &Settings) -> Settings {
    let mut settings = Settings { executor: proposed.executor, memory_bytes: proposed.memory_bytes, ..*present };
    if matches!(proposed.executor.id, "threads" | "hybrid") {
        settings.io_threads = proposed.io_threads;
    }
    if matches!(proposed.executor.id, "cores" | "hybrid" | "processes") {
        settings.cores = proposed.cores;
    }
    settings
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::batch::{SlowSource, find_executor};

    #[test]
    fn a_proposal_changes_only_what_it_speaks_of() {
        let slow = Some(SlowSource { latency_ms: 9, mib_per_sec: None });
        let present = Settings { io_threads: 7, cores: 3, slow_source: slow, ..Settings::default() };
        let cores = Settings {
            executor: find_executor("cores").unwrap(),
            io_threads: 1,
            cores: 2,
            memory_bytes: 5,
            ..Settings::default()
        };
        let settings = applied(&present, &cores);
        assert_eq!((settings.executor.id, settings.io_threads, settings.cores), ("cores", 7, 2));
        assert_eq!((settings.memory_bytes, settings.slow_source), (5, slow));
    }
}
