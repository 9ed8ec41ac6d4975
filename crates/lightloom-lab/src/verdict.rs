//! What may be said of a comparison, in a sentence or two.
//!
//! `inference` decides what is certain; this file puts it into words. Of the choices that are equal as far as anybody can
//! tell, the simplest is recommended: the one with the fewest workers. Nothing is said without grounds: too few runs,
//! runs that did not take turns, and machines that did something else meanwhile are named instead.

use super::inference::{LEAST_ROUNDS, MARGIN, Ratio};
use super::{Comparison, Machine, Row};

/// Choices that may differ by more are not called equal.
const EQUAL_AT_MOST: f64 = 0.1;

/// See [`Comparison::best`].
pub(super) fn best<'a>(comparison: &'a Comparison, machine: &Machine) -> Option<&'a Row> {
    if comparison.circumstances.refusal().is_some() {
        return None;
    }
    let Finding { fastest, open, .. } = Finding::of(comparison)?;
    let as_good: Vec<&Row> = match fastest {
        Some(fastest) => comparison.rows.iter().filter(|row| is_within_margin(comparison, row, fastest)).collect(),
        None if open.len() < comparison.rows.len() || comparison.equal_within <= Some(EQUAL_AT_MOST) => open,
        None => return None,
    };
    let with_reason = as_good.iter().copied().filter(|row| !has_needless_workers(row, machine));
    let real = with_reason.clone().filter(|row| row.settings.executor.simulates.is_none());
    simplest(real).or_else(|| simplest(with_reason))
}

/// Whether `row` takes at most 3 % longer than `fastest`, beyond doubt.
fn is_within_margin(comparison: &Comparison, row: &Row, fastest: &Row) -> bool {
    let ratio = comparison.ratio(fastest, row);
    row.settings == fastest.settings || ratio.interval.is_some_and(|interval| interval.high <= 1.0 + MARGIN)
}

/// The row with the fewest workers; of those, the first.
fn simplest<'a>(rows: impl Iterator<Item = &'a Row>) -> Option<&'a Row> {
    rows.min_by_key(|row| row.workers)
}

/// Whether more workers compute than there are cores, and do not even wait in between: only workers that read and write
/// themselves leave their cores to others meanwhile.
fn has_needless_workers(row: &Row, machine: &Machine) -> bool {
    let workers = row.settings.executor.workers;
    if !workers.cores {
        return false;
    }
    let waiting = if workers.io_threads { 0.0 } else { row.waiting.clamp(0.0, 0.95) };
    let useful = machine.logical_cores as f64 / (1.0 - waiting);
    row.settings.cores > machine.logical_cores && row.settings.cores as f64 > useful.ceil()
}

/// What is certain, as rows.
struct Finding<'a> {
    fastest: Option<&'a Row>,
    /// Rows that are not known to be slower than another.
    open: Vec<&'a Row>,
    slower: Vec<&'a Row>,
}

impl<'a> Finding<'a> {
    fn of(comparison: &'a Comparison) -> Option<Self> {
        let judgement = comparison.judgement()?;
        let rows = comparison.rows.iter().enumerate();
        let (open, slower): (Vec<_>, Vec<_>) = rows.partition(|(index, _)| match judgement.fastest {
            Some(fastest) => fastest == *index,
            None => judgement.contenders.contains(index),
        });
        let rows = |part: Vec<(usize, &'a Row)>| part.into_iter().map(|(_, row)| row).collect();
        Some(Self {
            fastest: judgement.fastest.map(|index| &comparison.rows[index]),
            open: rows(open),
            slower: rows(slower),
        })
    }
}

/// See [`Comparison::verdict`].
pub(super) fn sentence(comparison: &Comparison, machine: &Machine) -> String {
    let rows = &comparison.rows;
    if rows.is_empty() {
        return "No run came to its end with a picture, so there is nothing to compare.".to_owned();
    }
    if rows.len() == 1 {
        return "Run the same pictures with another choice to compare.".to_owned();
    }
    if let Some(missing) = missing(comparison) {
        return missing;
    }
    if let Some(refusal) = comparison.circumstances.refusal() {
        return refusal;
    }
    let Some(finding) = Finding::of(comparison) else {
        return "There are too few complete rounds for a verdict.".to_owned();
    };
    let best = best(comparison, machine);
    let said = match finding.fastest {
        Some(fastest) => of_fastest(comparison, fastest, best),
        None => of_equals(comparison, &finding, best),
    };
    let mut sentence = format!("{}: {said}", cause(rows));
    if let Some(outlook) = best.and_then(|best| outlook(best, comparison, machine)) {
        sentence += "; ";
        sentence += outlook;
    }
    let notes = comparison.circumstances.notes();
    std::iter::once(sentence + ".").chain(notes).collect::<Vec<_>>().join(" ")
}

/// What has to be measured before anything can be said.
fn missing(comparison: &Comparison) -> Option<String> {
    let rows = &comparison.rows;
    let least = rows.iter().map(|row| row.runs).min().unwrap_or(0);
    let by_speed = |a: &&Row, b: &&Row| a.wall_secs.total_cmp(&b.wall_secs);
    if least < LEAST_ROUNDS {
        let (quickest, slowest) = (rows.iter().min_by(by_speed)?, rows.iter().max_by(by_speed)?);
        let runs = match least {
            1 => "One run each".to_owned(),
            n => format!("{n} runs each"),
        };
        return Some(format!(
            "{runs}, from {:.2} s (“{}”) to {:.2} s (“{}”); so few runs cannot tell a difference from chance. The lab measures in rounds until they can.",
            quickest.wall_secs, quickest.title, slowest.wall_secs, slowest.title
        ));
    }
    if !comparison.in_turns {
        return Some(
            "No verdict: the choices did not take turns, so a change of the machine would pass for a difference between them. The lab lets them take turns."
                .to_owned(),
        );
    }
    (comparison.rounds < LEAST_ROUNDS).then(|| {
        format!("No verdict: there are {} complete rounds; at least {LEAST_ROUNDS} are needed.", comparison.rounds)
    })
}

/// What most of a picture's time goes into, taken where the fewest workers disturb each other.
fn cause(rows: &[Row]) -> String {
    let waiting = rows.iter().min_by_key(|row| row.workers).map_or(0.0, |row| row.waiting);
    let percent = |share: f64| (100.0 * share).round();
    if waiting >= 0.5 {
        format!("Reading and writing wait {} % of the time", percent(waiting))
    } else {
        format!("Computing takes {} % of the time", percent(1.0 - waiting))
    }
}

/// A ratio with its interval: "1.95 (1.90–2.01) times as fast as “Sequential: 1 thread”".
fn times_as_fast(comparison: &Comparison, row: &Row, than: &Row) -> String {
    let Ratio { value, interval } = comparison.ratio(row, than);
    let range = interval.map_or(String::new(), |range| format!(" ({:.2}–{:.2})", range.low, range.high));
    format!("{value:.2}{range} times as fast as “{}”", than.title)
}

fn of_fastest(comparison: &Comparison, fastest: &Row, best: Option<&Row>) -> String {
    let others = || comparison.rows.iter().filter(|row| row.settings != fastest.settings);
    let nearest = others().min_by(|a, b| a.wall_secs.total_cmp(&b.wall_secs));
    let against = others().find(|row| row.title == comparison.baseline).or(nearest);
    let against = against.map_or(String::new(), |row| format!(", {}", times_as_fast(comparison, fastest, row)));
    let said = format!("“{}” is fastest{against}", fastest.title);
    match best {
        Some(best) if best.settings == fastest.settings => said,
        Some(best) => format!("{said}; “{}” is within {:.0} % of it and simpler", best.title, 100.0 * MARGIN),
        None => format!("{said}; more workers compute than there are cores, for which nothing here is a reason"),
    }
}

fn of_equals(comparison: &Comparison, finding: &Finding<'_>, best: Option<&Row>) -> String {
    let Finding { open, slower, .. } = finding;
    let within = comparison.equal_within.unwrap_or(f64::INFINITY);
    let percent = (100.0 * within).ceil().max(1.0);
    let rounds = comparison.rounds;
    let simplest = best.map_or(String::new(), |best| format!("; the simplest is “{}”", best.title));
    let said = if within <= EQUAL_AT_MOST {
        format!("{} are equal within {percent} %{simplest}", list(open, comparison.rows.len()))
    } else if slower.is_empty() {
        let range = if within < 1.0 { format!(" by up to {percent} %") } else { " by much".to_owned() };
        return format!(
            "No clear difference after {rounds} rounds: any two choices may differ{range}; measure more pictures or for longer"
        );
    } else {
        let names = list(open, comparison.rows.len());
        format!("{names} cannot be told apart after {rounds} rounds (they may differ by {percent} %){simplest}")
    };
    let baseline = slower.iter().find(|row| row.title == comparison.baseline);
    match (best, baseline) {
        (Some(best), Some(baseline)) => format!("{said}, {}", times_as_fast(comparison, best, baseline)),
        _ => said,
    }
}

/// Some of `all` rows by name, or by number where they are many.
fn list(rows: &[&Row], all: usize) -> String {
    match rows {
        [one, other] => format!("“{}” and “{}”", one.title, other.title),
        [one, other, third] => format!("“{}”, “{}” and “{}”", one.title, other.title, third.title),
        _ if rows.len() == all => format!("All {all} choices"),
        [first, ..] => format!("“{}” and {} others", first.title, rows.len() - 1),
        [] => "The choices".to_owned(),
    }
}

/// Whether more workers would help, where the measurements tell.
fn outlook(best: &Row, comparison: &Comparison, machine: &Machine) -> Option<&'static str> {
    let cores = best.settings.cores.max(1) as f64;
    if best.settings.executor.workers.cores
        && best.cpu_use >= 0.9 * cores
        && best.settings.cores >= machine.logical_cores
    {
        return Some("every core is busy, so only more or faster cores would help");
    }
    let own = best.settings.varied_workers();
    let same = comparison.rows.iter().filter(|row| row.settings.executor == best.settings.executor);
    let mut more = same.filter(|row| row.settings.varied_workers() > own).peekable();
    let gains_nothing = |row: &Row| is_gain_below_margin(comparison, row, best);
    (more.peek().is_some() && more.all(gains_nothing)).then_some("more workers would not help")
}

/// Whether `row` is at most 3 % faster than `best`, beyond doubt.
fn is_gain_below_margin(comparison: &Comparison, row: &Row, best: &Row) -> bool {
    comparison.ratio(row, best).interval.is_some_and(|interval| interval.high <= 1.0 + MARGIN)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::comparison::tests::record;
    use crate::{Conditions, RunRecord};

    const TWO_CORES: Machine = Machine { physical_cores: 2, logical_cores: 2, platform: String::new() };

    /// Runs that take turns.
    fn runs(of: &[(&str, usize, &[f64])]) -> Vec<RunRecord> {
        let rounds = of.iter().map(|(_, _, walls)| walls.len()).max().unwrap_or(0);
        let run = |(executor, workers, walls): &(&str, usize, &[f64]), round: usize| {
            let mut record = record(executor, *walls.get(round)?, 0);
            (record.settings.io_threads, record.settings.cores) = (*workers, *workers);
            record.totals.lane_cpu_secs = 1.0;
            Some(record)
        };
        (0..rounds).flat_map(|round| of.iter().filter_map(move |choice| run(choice, round))).collect()
    }

    /// Runs, what is said of them, and what is recommended.
    type Case<'a> = (&'a [(&'a str, usize, &'a [f64])], &'a str, Option<(&'a str, usize)>);

    #[test]
    fn the_verdict_says_no_more_than_the_runs_show() {
        let clear: &[f64] = &[2.0, 2.02, 2.04, 2.01];
        let slow: &[f64] = &[4.0, 4.08, 4.0, 4.1];
        let like_clear: &[f64] = &[2.01, 2.02, 2.03, 2.02];
        #[rustfmt::skip]
        let cases: &[Case<'_>] = &[
            (&[], "No run came to its end", None),
            (&[("threads", 2, slow)], "another choice", None),
            (&[("sequential", 2, &[4.0]), ("cores", 2, &[2.0])], "One run each, from 2.00 s (“Cores: 2 cores”) to 4.00 s (“Sequential: 1 thread”)", None),
            (&[("sequential", 2, &[4.0, 4.1]), ("cores", 2, &[2.0, 2.0])], "2 runs each", None),
            (&[("sequential", 1, slow), ("cores", 2, clear)], "“Cores: 2 cores” is fastest, 2.00 (", Some(("cores", 2))),
            // A spread that reaches into the other choice silences the verdict, whatever the medians.
            (&[("hybrid", 2, &[1.9, 4.2, 4.1, 2.2]), ("cores", 2, clear)], "No clear difference after 4 rounds", None),
            // Equal within a margin: the one with fewer workers is enough.
            (&[("cores", 2, like_clear), ("cores", 4, clear)], "“Cores: 2 cores” and “Cores: 4 cores” are equal within 2 %; the simplest is “Cores: 2 cores”; more workers would not help", Some(("cores", 2))),
            (&[("sequential", 1, &[4.0, 4.02, 4.01, 4.0]), ("cores", 2, like_clear), ("cores", 4, clear)], "are equal within 2 %; the simplest is “Cores: 2 cores”, 1.9", Some(("cores", 2))),
            // More workers than cores that compute without waiting are not recommended, even if they were faster.
            (&[("hybrid", 2, slow), ("hybrid", 4, clear)], "is fastest, 2.00", None),
        ];
        for (given, expected, recommended) in cases {
            let comparison = Comparison::of(&runs(given));
            let said = sentence(&comparison, &TWO_CORES);
            assert!(said.contains(expected), "{given:?}\nsaid {said}\nexpected {expected}");
            let best = best(&comparison, &TWO_CORES).map(|row| (row.settings.executor.id, row.settings.cores));
            assert_eq!(best, *recommended, "{given:?}\n{said}");
        }
    }

    /// Nine equal choices and noise, as saved results: three rounds, which is the least.
    #[test]
    fn noise_has_no_winner() {
        let mut state = 11;
        let mut uniform = || (crate::order::split_mix(&mut state) >> 11) as f64 / (1u64 << 53) as f64;
        let mut won = 0;
        for study in 0..300 {
            let noise = [0.02, 0.05, 0.15][study % 3];
            // the sum of twelve numbers between 0 and 1 is nearly normal, with a deviation of 1
            let mut secs = || (noise * ((0..12).map(|_| uniform()).sum::<f64>() - 6.0)).exp();
            let walls: Vec<[f64; 3]> = (0..9).map(|_| [secs(), secs(), secs()]).collect();
            let choices: Vec<_> = walls.iter().enumerate().map(|(n, walls)| ("cores", n + 1, &walls[..])).collect();
            let comparison = Comparison::of(&runs(&choices));
            won += usize::from(sentence(&comparison, &TWO_CORES).contains("is fastest"));
        }
        assert!(won <= 15, "{won} of 300");
    }

    #[test]
    fn a_winner_with_more_workers_than_cores_needs_a_reason() {
        use lightloom_batch::{Activity, Spent};
        let given: &[(&str, usize, &[f64])] =
            &[("cores", 2, &[4.0, 4.1, 4.0, 4.1]), ("cores", 4, &[2.0, 2.0, 2.1, 2.1])];
        let mut runs = runs(given);
        assert!(best(&Comparison::of(&runs), &TWO_CORES).is_none());
        let said = sentence(&Comparison::of(&runs), &TWO_CORES);
        assert!(said.contains("more workers compute than there are cores"), "{said}");
        // Where three quarters of the time are waiting, two cores keep eight workers busy.
        for run in &mut runs {
            run.totals.spent.insert(Activity::Read, Spent { wall_secs: 3.1, cpu_secs: 0.1 });
        }
        assert_eq!(best(&Comparison::of(&runs), &TWO_CORES).unwrap().settings.cores, 4);
    }

    #[test]
    fn the_cause_is_stated_with_its_share() {
        use lightloom_batch::{Activity, Spent};
        let mut runs = runs(&[("sequential", 1, &[4.0, 4.1, 4.0, 4.1]), ("hybrid", 2, &[1.0, 1.02, 1.01, 1.03])]);
        for run in &mut runs {
            run.totals.lane_cpu_secs = 1.0;
            run.totals.spent.insert(Activity::Read, Spent { wall_secs: 3.1, cpu_secs: 0.1 });
        }
        let said = sentence(&Comparison::of(&runs), &TWO_CORES);
        assert!(said.starts_with("Reading and writing wait 75 % of the time: “Both: 2 threads, 2 cores”"), "{said}");
        runs.iter_mut().for_each(|run| run.totals.spent.clear());
        let said = sentence(&Comparison::of(&runs), &TWO_CORES);
        assert!(said.starts_with("Computing takes 100 % of the time"), "{said}");
    }

    #[test]
    fn busy_cores_are_named_as_the_limit() {
        let mut runs = runs(&[("sequential", 1, &[4.0, 4.1, 4.0, 4.1]), ("cores", 2, &[2.0, 2.1, 2.0, 2.0])]);
        runs.iter_mut().for_each(|run| run.totals.lane_cpu_secs = 3.9);
        assert!(sentence(&Comparison::of(&runs), &TWO_CORES).contains("every core is busy"));
    }

    #[test]
    fn what_is_simulated_is_named() {
        let runs = runs(&[("sequential", 1, &[4.0, 4.1, 4.0, 4.1]), ("threads", 2, &[2.0, 2.1, 2.0, 2.0])]);
        let said = sentence(&Comparison::of(&runs), &TWO_CORES);
        assert!(said.contains("“Threads: 2 threads (simulated lock)” is fastest"), "{said}");
    }

    #[test]
    fn a_machine_that_does_something_else_gets_no_verdict() {
        let mut runs = runs(&[("sequential", 1, &[4.0, 4.1, 4.0, 4.1]), ("cores", 2, &[2.0, 2.1, 2.0, 2.0])]);
        for run in &mut runs {
            run.totals.lane_cpu_secs = run.totals.cpu_secs;
            run.conditions = Some(Conditions {
                foreign_cpu_secs: Some(run.totals.wall_secs),
                processors: 2,
                ..Conditions::default()
            });
        }
        let comparison = Comparison::of(&runs);
        let said = sentence(&comparison, &TWO_CORES);
        assert!(said.starts_with("No verdict: other programs took 50 %"), "{said}");
        assert!(best(&comparison, &TWO_CORES).is_none());
    }

    #[test]
    fn choices_that_did_not_take_turns_get_no_verdict() {
        let mut runs = runs(&[("sequential", 1, &[4.0, 4.1, 4.0, 4.1]), ("cores", 2, &[2.0, 2.1, 2.0, 2.0])]);
        runs.sort_by_key(|run| run.settings.executor.id);
        let said = sentence(&Comparison::of(&runs), &TWO_CORES);
        assert!(said.contains("did not take turns"), "{said}");
    }
}
