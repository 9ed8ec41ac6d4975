//! What limits do: the length of a queue, the memory for pictures in flight.

use super::{Experiment, SLOW, SOME, cores};
use lightloom_batch::executor::hybrid::EXECUTOR as HYBRID;
use lightloom_batch::{Settings, default_memory_bytes};

pub(super) static QUEUE: Experiment = Experiment {
    id: "queue",
    title: "A queue of 1 or of 64",
    text: "Pictures pass from threads that wait to cores that work through a queue of one place, then of 64. With one place every thread waits until the picture before has been written.",
    needs_pictures: true,
    run: |bench, watch| {
        let usual = bench.choice(&HYBRID, 8, cores());
        let with = |places| Settings { queue: Some(places), slow_source: Some(SLOW), ..usual.clone() };
        let choices = [1, 64].map(with);
        let outcome = bench.measure(24, SOME, &choices, watch)?;
        let [short, long] = choices;
        let name = |settings: &Settings| match settings.queue {
            Some(1) => "1 place".to_owned(),
            places => format!("{} places", places.unwrap_or(0)),
        };
        let sentence = match (outcome.row(&short), outcome.row(&long)) {
            (Some(one), Some(many)) if outcome.comparison.is_slower(one, many) => {
                let ratio = one.wall_secs / many.wall_secs.max(1e-9);
                format!("64 places are {ratio:.1} times as fast as one.")
            }
            _ => "The two do not differ by more than their runs do.".to_owned(),
        };
        Ok(super::Findings {
            bars: outcome.speeds(|row| name(&row.settings)),
            sentence,
            simulated: Some(SLOW.to_string()),
        })
    },
};

pub(super) static MEMORY: Experiment = Experiment {
    id: "memory",
    title: "Memory against speed",
    text: "Pictures are admitted one at a time, then a few, then as many as the usual limit allows. More memory helps until every core is busy, and not beyond.",
    needs_pictures: true,
    run: |bench, watch| {
        let usual = bench.choice(&HYBRID, 4, cores());
        let with = |memory_bytes| Settings { memory_bytes, ..usual.clone() };
        let choices = [1, 48 << 20, default_memory_bytes()].map(with);
        let outcome = bench.measure(24, SOME, &choices, watch)?;
        let name = |row: &super::Row| match row.settings.memory_bytes {
            1 => "one at a time".to_owned(),
            bytes => format!("up to {} MiB", bytes >> 20),
        };
        let [one, few, usual] = choices.map(|choice| outcome.row(&choice));
        let sentence = match (one, few, usual) {
            (Some(one), Some(few), Some(usual)) if outcome.comparison.is_slower(one, usual) => {
                let gain = |slow: &super::Row, fast: &super::Row| slow.wall_secs / fast.wall_secs.max(1e-9);
                let more = if outcome.comparison.is_slower(few, usual) {
                    format!("the usual limit is {:.1} times as fast as 48 MiB", gain(few, usual))
                } else {
                    "beyond 48 MiB more memory gains nothing that could be told from chance".to_owned()
                };
                format!("The usual limit is {:.1} times as fast as one picture at a time; {more}.", gain(one, usual))
            }
            _ => "The limits do not differ by more than their runs do.".to_owned(),
        };
        let mut bars = outcome.speeds(name);
        bars.extend(outcome.memory(name, |row| row.peak_bytes));
        Ok(super::Findings { bars, sentence, simulated: None })
    },
};
