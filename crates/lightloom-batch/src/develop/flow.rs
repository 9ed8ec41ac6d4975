//! Rows that flow from a decoder through steps: on one core in turns, or on several at once.

use std::time::{Duration, Instant};

use super::Stages;
use super::pipeline::Pipeline;
use crate::Stage;
use crate::cause::StageError;
use lightloom_filter::Stopped;
use lightloom_recipe::RowSink;

/// What is done to rows between their decoder and their end.
pub(super) struct Step<'s, E> {
    /// What it counts as.
    pub stage: Stage,
    /// Takes the next rows, which it may change, and hands on what has become of them; the last step hands on nothing.
    pub push: Push<'s, E>,
}

type Push<'s, E> = Box<dyn FnMut(&mut [u8], RowSink<'_, E>) -> Result<(), E> + Send + 's>;

/// Takes the decoder's rows.
pub(super) type Take<'a> = &'a mut (dyn FnMut(&mut [u8]) -> Result<(), Stopped> + Send);

/// Has `decode` push its rows through the steps, on every core of the rayon pool that it runs in if `split`. Returns what
/// `decode` returned (`false` too if a step panicked), or the error of a step.
///
/// # Errors
/// That of a step.
pub(super) fn flow<'s, E: Send + 's>(
    mut steps: Vec<Step<'s, E>>,
    split: bool,
    stages: &mut dyn Stages,
    decode: impl FnOnce(Take<'_>) -> Result<bool, StageError>,
) -> Result<Result<bool, StageError>, E> {
    if split {
        return Pipeline::new(steps, stages.beside()).run(decode);
    }
    let (mut turns, mut failed) = (Turns::new(), None);
    let is_whole = decode(&mut |rows| {
        push(&mut steps, rows, &mut turns).map_err(|error| {
            failed = Some(error);
            Stopped
        })
    });
    stages.took_turns(&turns.end());
    failed.map_or(Ok(is_whole), Err)
}

fn push<E>(steps: &mut [Step<'_, E>], rows: &mut [u8], turns: &mut Turns) -> Result<(), E> {
    let Some((first, rest)) = steps.split_first_mut() else { return Ok(()) };
    let before = turns.next(first.stage);
    let done = (first.push)(rows, &mut |rows| push(rest, rows, turns));
    turns.next(before);
    done
}

/// How long each stage has taken in all.
struct Turns {
    now: Stage,
    since: Instant,
    spent: [(Stage, Duration); 3],
}

impl Turns {
    fn new() -> Self {
        let spent = [Stage::Decode, Stage::Filter, Stage::Encode].map(|stage| (stage, Duration::ZERO));
        Self { now: Stage::Decode, since: Instant::now(), spent }
    }

    /// Begins a stage; returns the one before it.
    fn next(&mut self, stage: Stage) -> Stage {
        let now = Instant::now();
        if let Some((_, spent)) = self.spent.iter_mut().find(|(of, _)| *of == self.now) {
            *spent += now - self.since;
        }
        self.since = now;
        std::mem::replace(&mut self.now, stage)
    }

    fn end(mut self) -> [(Stage, Duration); 3] {
        self.next(Stage::Decode);
        self.spent
    }
}
