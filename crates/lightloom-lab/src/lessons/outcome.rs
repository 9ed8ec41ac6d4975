//! What was predicted, what was found, and whether the claim held.
//!
//! A claim holds if it does in every round, and does not if it fails in every round; rounds that disagree are no ground
//! for either, which counts as not shown here; nor is what failed while other programs took the processors.

use serde::Serialize;

use super::{Drawing, Experiment, Lesson};

/// What a machine should show.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(untagged)]
pub enum Prediction {
    Value {
        /// In the unit of [`Experiment::quantity`].
        value: f64,
        /// Why, with the figures that it is made from; a sentence.
        sentence: String,
    },
    CannotBeShown {
        /// Why, without a final stop.
        because: String,
    },
}

impl Prediction {
    pub(super) fn value(value: f64, sentence: String) -> Self {
        Self::Value { value, sentence }
    }

    pub(super) fn cannot(because: &str) -> Self {
        Self::CannotBeShown { because: because.to_owned() }
    }
}

/// A measured figure.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Figure {
    /// What it belongs to.
    pub label: String,
    /// The median.
    pub value: f64,
    /// The smallest of the rounds.
    pub low: f64,
    /// The largest of the rounds.
    pub high: f64,
    /// Unit; figures of one unit are drawn on one scale.
    pub unit: &'static str,
}

impl Figure {
    /// The median of some rounds and their range.
    pub(super) fn of(label: impl Into<String>, values: &[f64], unit: &'static str) -> Self {
        let (low, high) = range(values);
        Self { label: label.into(), value: median(values), low, high, unit }
    }
}

/// What an experiment brought to light.
#[derive(Debug, Default)]
pub(super) struct Found {
    /// The number of each round.
    pub values: Vec<f64>,
    pub figures: Vec<Figure>,
    pub drawings: Vec<Drawing>,
    /// What else is to be said, as sentences.
    pub note: String,
}

/// The number that a claim is about.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Measured {
    /// The median of the rounds.
    pub value: f64,
    pub low: f64,
    pub high: f64,
    pub rounds: usize,
    /// What it counts.
    pub quantity: &'static str,
}

/// What became of a claim.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Conclusion {
    Held,
    DidNotHold,
    CannotBeShown,
}

impl Conclusion {
    /// In a word or two.
    pub const fn title(self) -> &'static str {
        match self {
            Self::Held => "held",
            Self::DidNotHold => "did not hold here",
            Self::CannotBeShown => "cannot be shown here",
        }
    }
}

/// What a lesson showed on this machine.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Outcome {
    /// The lesson that was run.
    pub lesson: &'static str,
    pub prediction: Prediction,
    pub conclusion: Conclusion,
    /// `None` where nothing was measured.
    pub measured: Option<Measured>,
    /// The conclusion with its number, or its reason.
    pub sentence: String,
    /// What else is to be said; may be empty.
    pub note: String,
    pub figures: Vec<Figure>,
    /// What of it was simulated.
    pub simulated: Option<&'static str>,
    /// The idea, drawn from the run.
    #[serde(skip)]
    pub drawings: Vec<Drawing>,
}

pub(super) fn not_shown(lesson: &Lesson, experiment: &Experiment, prediction: Prediction) -> Outcome {
    let because = match &prediction {
        Prediction::CannotBeShown { because } => because.clone(),
        Prediction::Value { sentence, .. } => sentence.clone(),
    };
    Outcome {
        lesson: lesson.id,
        conclusion: Conclusion::CannotBeShown,
        measured: None,
        sentence: format!("Cannot be shown here: {because}."),
        note: String::new(),
        figures: Vec::new(),
        simulated: experiment.simulated,
        drawings: Vec::new(),
        prediction,
    }
}

/// Share of the processors from which what others take is said.
pub(super) const DISTURBED: f64 = 0.15;

/// Compares what was found with the claim; `others` is the share of the processors that other programs took meanwhile.
pub(super) fn judge(
    lesson: &Lesson,
    experiment: &Experiment,
    prediction: Prediction,
    found: Found,
    others: f64,
) -> Outcome {
    let (low, high) = range(&found.values);
    let value = median(&found.values);
    let rounds = found.values.len();
    let measured = Measured { value, low, high, rounds, quantity: experiment.quantity };
    let holding = found.values.iter().filter(|value| experiment.covers(**value)).count();
    let text = format!("{} {}", number(value), experiment.quantity);
    let needed = experiment.range();
    let (conclusion, sentence) = if rounds == 0 {
        (Conclusion::CannotBeShown, "Cannot be shown here: no round came to its end.".to_owned())
    } else if holding == rounds {
        (Conclusion::Held, format!("Held: {text}{}.", certainty(&measured)))
    } else if others >= DISTURBED {
        let sentence = format!(
            "Cannot be shown here now: it was {text}{}, and other programs took {:.0} % of the processors meanwhile. Run it again when the machine is quiet.",
            certainty(&measured),
            100.0 * others,
        );
        (Conclusion::CannotBeShown, sentence)
    } else if holding == 0 {
        let why = experiment.otherwise;
        (
            Conclusion::DidNotHold,
            format!("Did not hold here, because it was {text}{}, not {needed}: {why}.", certainty(&measured)),
        )
    } else {
        let sentence = format!(
            "Cannot be shown here for certain: it held in {holding} of {rounds} rounds ({} to {}, where {needed} would show it). Other programs may disturb; run it again.",
            number(low),
            number(high),
        );
        (Conclusion::CannotBeShown, sentence)
    };
    let mut note = found.note;
    if conclusion == Conclusion::Held && others >= DISTURBED {
        note += &format!(" Other programs took {:.0} % of the processors meanwhile.", 100.0 * others);
    }
    Outcome {
        lesson: lesson.id,
        prediction,
        conclusion,
        measured: (rounds > 0).then_some(measured),
        sentence,
        note: note.trim_start().to_owned(),
        figures: found.figures,
        simulated: experiment.simulated,
        drawings: found.drawings,
    }
}

/// How far the rounds lay apart, in brackets.
fn certainty(measured: &Measured) -> String {
    match measured {
        Measured { rounds: 1, .. } => " (a single round, which is no certainty)".to_owned(),
        Measured { low, high, rounds, .. } if low == high => format!(" (in each of {rounds} rounds)"),
        Measured { low, high, rounds, .. } => {
            format!(" ({} to {} in {rounds} rounds)", number(*low), number(*high))
        }
    }
}

/// A number with as many digits as say something.
pub fn number(value: f64) -> String {
    match value.abs() {
        v if v.fract() == 0.0 || v >= 100.0 => format!("{value:.0}"),
        v if v >= 10.0 => format!("{value:.1}"),
        _ => format!("{value:.2}"),
    }
}

/// The middle of some values, 0 for none.
pub(super) fn median(values: &[f64]) -> f64 {
    let mut sorted = values.to_vec();
    sorted.sort_by(f64::total_cmp);
    let middle = sorted.len() / 2;
    match sorted.len() {
        0 => 0.0,
        n if n % 2 == 1 => sorted[middle],
        _ => f64::midpoint(sorted[middle - 1], sorted[middle]),
    }
}

fn range(values: &[f64]) -> (f64, f64) {
    let ends = |(low, high): (f64, f64), value: &f64| (low.min(*value), high.max(*value));
    if values.is_empty() { (0.0, 0.0) } else { values.iter().fold((f64::INFINITY, f64::NEG_INFINITY), ends) }
}
