//! Pictures on their way through a recipe that is run again after each change: what comes before the first filter that
//! changed is kept.

use super::Step;
use super::chain::Chain;
use super::plan::Processed;

/// What [`Plan::run_again`](super::Plan::run_again) keeps of one picture, decoded at one scale for one purpose.
#[derive(Debug, Default)]
pub struct Checkpoints {
    /// As it was decoded.
    pub(super) decoded: Option<Processed>,
    /// After some filters.
    pub(super) later: Option<Checkpoint>,
    /// The filters of the last run.
    pub(super) last: Vec<Step>,
}

/// A picture after some filters.
#[derive(Debug)]
pub(super) struct Checkpoint {
    pub steps: Vec<Step>,
    pub picture: Processed,
}

impl Checkpoints {
    /// Bytes of the pictures that are kept.
    pub fn bytes(&self) -> u64 {
        let later = self.later.as_ref().map(|later| &later.picture);
        self.decoded.iter().chain(later).map(|picture| picture.pixels.shape().bytes()).sum()
    }

    /// Keeps at most so many bytes; what is further on its way saves more work and goes last.
    pub fn shrink_to(&mut self, most_bytes: u64) {
        if self.bytes() > most_bytes && self.later.is_some() {
            self.decoded = None;
        }
        if self.bytes() > most_bytes {
            *self = Self { last: std::mem::take(&mut self.last), ..Self::default() };
        }
    }

    /// How many of these filters are at the head of those of the last run, unless nothing has changed since.
    pub(super) fn unchanged(&self, steps: &[Step]) -> Option<usize> {
        let same = steps.iter().zip(&self.last).take_while(|(a, b)| a == b).count();
        (same < steps.len().max(self.last.len())).then_some(same)
    }

    /// How many passes of this chain the picture that is kept has behind it. Forgets it if its filters are others.
    pub(super) fn passes_done(&mut self, chain: &Chain, steps: &[Step]) -> usize {
        let done = self.later.as_ref().and_then(|later| {
            let is_head = steps.starts_with(&later.steps);
            chain.passes_of(later.steps.len()).filter(|_| is_head)
        });
        if done.is_none() {
            self.later = None;
        }
        done.unwrap_or(0)
    }

    /// The picture to go on from.
    pub(super) fn newest(&self) -> Option<&Processed> {
        self.later.as_ref().map(|later| &later.picture).or(self.decoded.as_ref())
    }
}
