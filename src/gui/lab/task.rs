//! A measurement in the background: a thread that measures, messages about its turns, and a way to stop it.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering::Relaxed};
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

use crossbeam_channel::{Receiver, TryRecvError, unbounded};
use egui::Context;

use super::calm::Calm;
use crate::batch::{Control, Progress, Settings};
use crate::lab::{Findings, LabEvent, Recommendation, Results, RunRecord};

/// What is measured.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Purpose {
    /// Choices of workers against each other.
    Comparison,
    /// What to recommend.
    Recommendation,
    /// The experiment with this id.
    Experiment(&'static str),
}

/// How a measurement ended.
#[derive(Debug)]
pub enum Outcome {
    /// Of a comparison.
    Results(Result<Results, String>),
    /// Of a recommendation.
    Proposal(Result<(Results, Recommendation), String>),
    /// Of an experiment.
    Findings(Result<Findings, String>),
}

impl Outcome {
    /// The end of a measurement whose thread is gone.
    fn lost(purpose: Purpose) -> Self {
        let reason = "The measurement ended by a fault of the program.".to_owned();
        match purpose {
            Purpose::Comparison => Self::Results(Err(reason)),
            Purpose::Recommendation => Self::Proposal(Err(reason)),
            Purpose::Experiment(_) => Self::Findings(Err(reason)),
        }
    }
}

/// A run of the measurement.
#[derive(Debug)]
pub struct Turn {
    /// Who carries it.
    pub settings: Settings,
    /// Runs before it.
    pub done: usize,
    /// All runs.
    pub total: usize,
    /// What it tells and how it is stopped, once it has begun.
    live: Option<(Arc<Progress>, Arc<Control>)>,
}

/// What the thread tells.
#[derive(Debug)]
pub enum News {
    /// A run is about to begin.
    Next(Turn),
    /// It has begun.
    Begun(Arc<Progress>, Arc<Control>),
    /// A run has ended.
    Ended(Box<RunRecord>),
    /// The measurement has ended.
    Over(Box<Outcome>),
}

/// A measurement under way.
#[derive(Debug)]
pub struct Task {
    /// What for.
    pub purpose: Purpose,
    /// The run under way.
    pub turn: Option<Turn>,
    begun: Instant,
    calm: Arc<Calm>,
    stop: Arc<AtomicBool>,
    news: Receiver<News>,
    thread: Option<JoinHandle<()>>,
    over: bool,
}

impl Task {
    /// Has `work` measure on a thread of its own.
    ///
    /// # Errors
    /// If the machine gives no thread.
    pub fn begin(
        ctx: &Context,
        purpose: Purpose,
        work: impl FnOnce(&mut dyn FnMut(LabEvent<'_>)) -> Outcome + Send + 'static,
    ) -> std::io::Result<Self> {
        // Unbounded: three short messages a run, and a measurement must not wait for the window.
        let (sender, news) = unbounded();
        let stop = Arc::new(AtomicBool::new(false));
        let calm = Arc::new(Calm::default());
        let (asked, still, ctx) = (Arc::clone(&stop), Arc::clone(&calm), ctx.clone());
        let measure = move || {
            let outcome = work(&mut |event| match event {
                LabEvent::Next { settings, done, total } => {
                    let _ = sender.send(News::Next(Turn { settings: *settings, done, total, live: None }));
                    still.draw(&ctx);
                }
                LabEvent::Begun(running) => {
                    let (progress, control) = (Arc::clone(running.progress()), Arc::clone(running.control()));
                    if asked.load(Relaxed) {
                        control.stop();
                    }
                    let _ = sender.send(News::Begun(progress, control));
                }
                // drawn with the next run, or with the end
                LabEvent::Ended(record) => {
                    let _ = sender.send(News::Ended(Box::new(record.clone())));
                }
            });
            let _ = sender.send(News::Over(Box::new(outcome)));
            ctx.request_repaint();
        };
        let thread = thread::Builder::new().name("lightloom-lab".to_owned()).spawn(measure)?;
        Ok(Self { purpose, turn: None, begun: Instant::now(), calm, stop, news, thread: Some(thread), over: false })
    }

    /// The next message.
    pub fn next(&mut self) -> Option<News> {
        match self.news.try_recv() {
            Ok(news) => {
                self.over |= matches!(news, News::Over(_));
                Some(news)
            }
            Err(TryRecvError::Disconnected) if !std::mem::replace(&mut self.over, true) => {
                Some(News::Over(Box::new(Outcome::lost(self.purpose))))
            }
            Err(_) => None,
        }
    }

    /// Takes up that the run of this turn has begun.
    pub fn begin_turn(&mut self, progress: Arc<Progress>, control: Arc<Control>) {
        // A stop may have come between two runs.
        if self.is_stopped() {
            control.stop();
        }
        if let Some(turn) = &mut self.turn {
            turn.live = Some((progress, control));
        }
    }

    /// Time until the next look at a run that goes on by itself.
    pub fn tick(&self) -> Duration {
        self.calm.tick()
    }

    /// Stops it; what has been measured is kept.
    pub fn stop(&self) {
        self.stop.store(true, Relaxed);
        if let Some((_, control)) = self.turn.as_ref().and_then(|turn| turn.live.as_ref()) {
            control.stop();
        }
    }

    /// Whether it has been told to stop.
    pub fn is_stopped(&self) -> bool {
        self.stop.load(Relaxed)
    }

    /// Waits until its thread has ended and its folders are removed.
    pub fn wait(mut self) {
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }

    /// How much of it is done, 0 to 1.
    pub fn share(&self) -> f32 {
        let Some(turn) = &self.turn else { return 0.0 };
        let of_turn = turn.live.as_ref().map_or(0.0, |(p, _)| p.finished() as f32 / p.total().max(1) as f32);
        ((turn.done as f32 + of_turn) / turn.total.max(1) as f32).min(1.0)
    }

    /// Time left at the pace so far, once there is one.
    pub fn time_left(&self) -> Option<Duration> {
        let share = f64::from(self.share());
        let elapsed = self.begun.elapsed().as_secs_f64();
        (share > 0.02 && elapsed > 1.0).then(|| Duration::from_secs_f64(elapsed * (1.0 - share) / share))
    }

    /// Which choice, which turn.
    pub fn words(&self) -> String {
        match &self.turn {
            _ if self.is_stopped() => "Stopping…".to_owned(),
            None => "Getting ready…".to_owned(),
            Some(turn) if turn.done == 0 => format!("Warm-up: {}", turn.settings.describe()),
            Some(turn) => format!("Run {} of {}: {}", turn.done, turn.total - 1, turn.settings.describe()),
        }
    }
}
