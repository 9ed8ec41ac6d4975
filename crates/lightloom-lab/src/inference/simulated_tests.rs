//! Thousands of simulated studies: how often a fastest choice is named among equal ones, and how often it is found.

use super::*;

/// SplitMix64 (G. Steele, D. Lea and C. Flood, 2014), so that every study can be made again.
struct Random(u64);

impl Random {
    fn next(&mut self) -> u64 {
        crate::order::split_mix(&mut self.0)
    }

    /// From 0 to 1.
    fn uniform(&mut self) -> f64 {
        (self.next() >> 11) as f64 / (1u64 << 53) as f64
    }

    /// Of the standard normal distribution, by Box and Muller's method.
    fn normal(&mut self) -> f64 {
        let radius = (-2.0 * (1.0 - self.uniform()).ln()).sqrt();
        radius * (std::f64::consts::TAU * self.uniform()).cos()
    }
}

/// What disturbs the times of a simulated machine.
#[derive(Debug, Clone, Copy)]
struct Machine {
    /// Standard deviation of the logarithm of a time.
    noise: f64,
    /// By how much a time grows, as a share, from the first run of the study to its last.
    drift: f64,
    /// Share of the runs that take 1.5 to 3 times as long.
    outliers: f64,
}

/// The end of a simulated study.
#[derive(Debug)]
struct Study {
    judgement: Judgement,
    rounds: usize,
}

/// Adds rounds of choices that take `secs` until the answer is clear, at most `most`.
fn study(random: &mut Random, secs: &[f64], machine: Machine, most: usize) -> Study {
    let (mut rounds, choices) = (Rounds::default(), secs.len());
    loop {
        let round = rounds.len();
        let mut logs = vec![0.0; choices];
        let order = crate::order::shuffled(choices, random.next(), 0);
        for (place, choice) in order.into_iter().enumerate() {
            let passed = (round * choices + place) as f64 / (most * choices) as f64;
            let outlier = if random.uniform() < machine.outliers { (1.5 + 1.5 * random.uniform()).ln() } else { 0.0 };
            logs[choice] =
                secs[choice].ln() + machine.noise * random.normal() + (machine.drift * passed).ln_1p() + outlier;
        }
        rounds.logs.push(logs);
        let round = round + 1;
        if next_look(round) == Some(round) || round == most {
            let judgement = rounds.judge().unwrap();
            if judgement.is_clear() || round == most {
                return Study { judgement, rounds: round };
            }
        }
    }
}

const CALM: Machine = Machine { noise: 0.05, drift: 0.0, outliers: 0.0 };

/// Every number of choices, noise from 2 to 20 %, with and without drift and outliers; and two choices, the worst case.
#[test]
fn equal_choices_have_no_winner() {
    const STUDIES: usize = 2000;
    let machine = |turn: usize| Machine {
        noise: [0.02, 0.05, 0.1, 0.2][turn % 4],
        drift: [0.0, 0.3, -0.2][turn / 4 % 3],
        outliers: [0.0, 0.03][turn / 12 % 2],
    };
    for choices in [Some(2), None] {
        let mut random = Random(1);
        let (mut won, mut slower) = (0, 0);
        for turn in 0..STUDIES {
            let choices = choices.unwrap_or(2 + turn % 11);
            let most = if turn % 5 == 0 { 24 } else { 12 };
            let Study { judgement, .. } = study(&mut random, &vec![1.0; choices], machine(turn), most);
            won += usize::from(judgement.fastest.is_some());
            slower += usize::from(judgement.fastest.is_some() || judgement.contenders.len() < choices);
        }
        println!("{choices:?} choices: a winner in {won}, a difference in {slower} of {STUDIES} studies");
        assert!(won <= STUDIES / 20 && slower <= STUDIES / 20, "{choices:?}: {won} and {slower} of {STUDIES}");
    }
}

#[test]
fn a_choice_that_is_clearly_faster_is_named_within_eight_rounds() {
    const STUDIES: usize = 200;
    for (choices, machine, least) in [
        (2, CALM, 0.95),
        (5, CALM, 0.95),
        (12, CALM, 0.95),
        (9, Machine { drift: 0.3, ..CALM }, 0.95),
        (3, Machine { outliers: 0.02, ..CALM }, 0.9),
    ] {
        let mut random = Random(2);
        let secs: Vec<f64> = (0..choices).map(|choice| if choice == 1 { 1.0 } else { 1.3 }).collect();
        let found = (0..STUDIES).filter(|_| {
            let Study { judgement, .. } = study(&mut random, &secs, machine, 8);
            judgement.fastest == Some(1)
        });
        let found = found.count();
        println!("{choices} choices, {machine:?}: found in {found} of {STUDIES}");
        assert!(found as f64 >= least * STUDIES as f64, "{choices} choices, {machine:?}: {found} of {STUDIES}");
    }
}

#[test]
fn a_tie_is_told_with_the_margin_that_was_reached() {
    const STUDIES: usize = 200;
    let mut random = Random(3);
    let (mut within, mut told) = (0, 0);
    for _ in 0..STUDIES {
        // two that differ by 1 %, and one that takes twice as long
        let quiet = Machine { noise: 0.01, ..CALM };
        let Study { judgement, rounds } = study(&mut random, &[1.0, 1.01, 2.0], quiet, 12);
        within += usize::from(judgement.fastest.is_some() || judgement.equal_within >= 0.01);
        told += usize::from(judgement.is_clear() && judgement.contenders.len() == 2 && rounds <= 12);
    }
    assert!(within >= STUDIES * 19 / 20, "a margin holds the difference in {within} of {STUDIES}");
    assert!(told >= STUDIES / 2, "{told} of {STUDIES}");
}

#[test]
fn intervals_hold_the_ratio_in_most_studies() {
    const STUDIES: usize = 500;
    let mut random = Random(4);
    let disturbed = Machine { noise: 0.1, drift: 0.3, outliers: 0.02 };
    let held = (0..STUDIES).filter(|turn| {
        let mut rounds = Rounds::default();
        for _ in 0..[4, 8, 16][turn % 3] {
            let mut time = |secs: f64| secs.ln() + disturbed.noise * random.normal();
            rounds.logs.push(vec![time(1.0), time(1.5)]);
        }
        let interval = rounds.ratio(1, 0).interval.unwrap();
        interval.low <= 1.5 && 1.5 <= interval.high
    });
    let held = held.count();
    assert!(held >= STUDIES * 95 / 100, "{held} of {STUDIES}");
}

#[test]
fn drift_is_seen_and_chance_is_not() {
    let mut random = Random(5);
    let mut seen = |drift: f64| {
        let study = |random: &mut Random| {
            let logs = (0..12).map(|round| {
                vec![(1.0 + drift * f64::from(round) / 11.0).ln() + 0.02 * random.normal(), 0.02 * random.normal()]
            });
            Rounds { logs: logs.collect() }.drift()
        };
        (0..200).filter(|_| study(&mut random).is_some()).count()
    };
    assert!(seen(0.0) <= 10);
    assert!(seen(0.5) >= 190);
}

#[test]
fn too_few_rounds_and_single_choices_say_nothing() {
    let rounds = |count: usize, choices: usize| Rounds::new(&vec![vec![1.0; choices]; count]);
    assert_eq!(rounds(2, 2).judge(), None);
    assert_eq!(rounds(9, 1).judge(), None);
    assert_eq!(Rounds::default().judge(), None);
    assert_eq!(rounds(2, 2).ratio(0, 1), Ratio { value: 1.0, interval: None });
    let same = rounds(3, 2).judge().unwrap();
    assert!(same.is_clear() && same.fastest.is_none() && same.equal_within == 0.0);
}
