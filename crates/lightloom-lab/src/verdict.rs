//! What may be said of a comparison, in one sentence.
//!
//! Two choices differ clearly when every run of one was slower than every run of the other. Of the choices whose medians
//! are within 5 % of the fastest, the one with the fewest workers is recommended, if something else is clearly slower.
//! Choices that are neither are said to be undecided.

use super::{Comparison, Machine, Row};

/// Medians whose ratio is less are as good as equal to a person.
const AS_GOOD: f64 = 1.05;

fn fastest(comparison: &Comparison) -> Option<&Row> {
    comparison.rows.iter().min_by(|a, b| a.wall_secs.total_cmp(&b.wall_secs))
}

/// See [`Comparison::best`].
pub(super) fn best(comparison: &Comparison) -> Option<&Row> {
    if comparison.rows.len() < 2 || comparison.rows.iter().any(|row| row.runs < 2) {
        return None;
    }
    let fastest = fastest(comparison)?;
    let as_good = comparison.rows.iter().filter(|row| row.wall_secs <= AS_GOOD * fastest.wall_secs);
    let best =
        as_good.min_by(|a, b| a.workers.cmp(&b.workers).then(a.wall_secs.total_cmp(&b.wall_secs))).unwrap_or(fastest);
    // Without anything that is clearly slower there is nothing to choose.
    comparison.rows.iter().any(|row| is_slower(row, best)).then_some(best)
}

/// Whether it is worth saying that `row` is slower than `best`, and certain.
fn is_slower(row: &Row, best: &Row) -> bool {
    row.is_clearly_slower_than(best) && row.wall_secs > AS_GOOD * best.wall_secs
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
    if rows.iter().any(|row| row.runs < 2) {
        return "Measured once each; run each choice again for a verdict.".to_owned();
    }
    let (Some(best), Some(fastest)) = (best(comparison), fastest(comparison)) else {
        return "No clear difference: the runs of one choice differ as much as the choices.".to_owned();
    };
    let mut sentence = format!("{}: {}", cause(rows), standing(best, fastest, comparison));
    if let Some(outlook) = outlook(best, comparison, machine) {
        sentence += "; ";
        sentence += outlook;
    }
    sentence + "."
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

fn standing(best: &Row, fastest: &Row, comparison: &Comparison) -> String {
    let slower = || comparison.rows.iter().filter(|row| is_slower(row, best));
    let nearest = slower().min_by(|a, b| a.wall_secs.total_cmp(&b.wall_secs));
    let against = slower().find(|row| row.title == comparison.baseline).or(nearest).map_or(String::new(), |row| {
        format!(", {:.2} times as fast as “{}”", row.wall_secs / best.wall_secs.max(1e-9), row.title)
    });
    let undecided: Vec<&Row> = comparison
        .rows
        .iter()
        .filter(|row| row.wall_secs > AS_GOOD * fastest.wall_secs && !is_slower(row, best))
        .collect();
    let apart = match undecided[..] {
        [] => String::new(),
        [one] => format!("; “{}” varies too much to be told apart from it", one.title),
        _ => format!("; {} other choices vary too much to be told apart from it", undecided.len()),
    };
    if best.settings == fastest.settings {
        format!("“{}” is fastest{against}{apart}", best.title)
    } else {
        let behind = (100.0 * (best.wall_secs / fastest.wall_secs.max(1e-9) - 1.0)).ceil().max(1.0);
        format!("“{}” is within {behind} % of the best{against}{apart}", best.title)
    }
}

/// Whether more cores would help, where the measurements tell.
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
    let no_gain = if more.peek().is_some() {
        more.all(|row| AS_GOOD * row.wall_secs >= best.wall_secs)
    } else {
        let law = comparison.scaling(best.settings.executor).usl?;
        law.at(2.0 * own as f64) < AS_GOOD * law.at(own as f64)
    };
    no_gain.then_some("more workers would not help")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::RunRecord;
    use crate::comparison::tests::record;

    fn runs(of: &[(&str, usize, &[f64])]) -> Vec<RunRecord> {
        let each = |(executor, workers, walls): &(&str, usize, &[f64])| -> Vec<RunRecord> {
            let with = |wall: &f64| {
                let mut record = record(executor, *wall, 0);
                (record.settings.io_threads, record.settings.cores) = (*workers, *workers);
                record.totals.lane_cpu_secs = 1.0;
                record
            };
            walls.iter().map(with).collect()
        };
        of.iter().flat_map(each).collect()
    }

    /// Runs, what is said of them, and what is recommended.
    type Case<'a> = (&'a [(&'a str, usize, &'a [f64])], &'a str, Option<(&'a str, usize)>);

    #[test]
    fn the_verdict_says_no_more_than_the_runs_show() {
        let machine = Machine { physical_cores: 2, logical_cores: 2, platform: String::new() };
        let clear: &[f64] = &[2.0, 2.1, 2.2];
        let slow: &[f64] = &[4.0, 4.2, 4.1];
        #[rustfmt::skip]
        let cases: &[Case<'_>] = &[
            (&[], "No run came to its end", None),
            (&[("threads", 2, slow)], "another choice", None),
            (&[("threads", 2, &[4.0]), ("cores", 2, &[2.0])], "Measured once", None),
            (&[("threads", 2, slow), ("cores", 2, clear)], "“Cores: 2 cores” is fastest, 1.95 times as fast as “Threads: 2 threads”", Some(("cores", 2))),
            // A spread that reaches into the other choice silences the verdict, whatever the medians.
            (&[("threads", 2, &[2.15, 4.2, 4.1]), ("cores", 2, clear)], "No clear difference", None),
            // One choice that varies takes nothing from what is certain of the others.
            (&[("sequential", 1, slow), ("threads", 2, &[2.15, 2.4, 9.0]), ("cores", 2, clear)], "“Cores: 2 cores” is fastest, 1.95 times as fast as “Sequential: 1 thread”; “Threads: 2 threads” varies too much to be told apart", Some(("cores", 2))),
            // Equally fast within the spread: the one with fewer workers is enough.
            (&[("sequential", 1, slow), ("cores", 2, &[2.05, 2.15, 2.2]), ("cores", 4, clear)], "“Cores: 2 cores” is within 3 % of the best", Some(("cores", 2))),
            (&[("cores", 1, slow), ("cores", 2, &[2.3, 2.3]), ("cores", 4, &[2.2, 2.25]), ("cores", 8, &[2.3, 2.35])], "more workers would not help", Some(("cores", 2))),
        ];
        for (given, expected, recommended) in cases {
            let comparison = Comparison::of(&runs(given));
            let said = sentence(&comparison, &machine);
            assert!(said.contains(expected), "{given:?}\nsaid {said}\nexpected {expected}");
            let best = best(&comparison).map(|row| (row.settings.executor.id, row.settings.cores));
            assert_eq!(best, *recommended, "{given:?}");
        }
    }

    #[test]
    fn the_cause_is_stated_with_its_share() {
        use lightloom_batch::{Activity, Spent};
        let mut runs = runs(&[("sequential", 1, &[4.0, 4.1]), ("hybrid", 2, &[1.0, 1.1])]);
        for run in &mut runs {
            run.totals.lane_cpu_secs = 1.0;
            run.totals.spent.insert(Activity::Read, Spent { wall_secs: 3.1, cpu_secs: 0.1 });
        }
        let said = Comparison::of(&runs).verdict();
        assert!(said.starts_with("Reading and writing wait 75 % of the time: “Both: 2 threads, 2 cores”"), "{said}");
        runs.iter_mut().for_each(|run| run.totals.spent.clear());
        let said = Comparison::of(&runs).verdict();
        assert!(said.starts_with("Computing takes 100 % of the time"), "{said}");
    }

    #[test]
    fn busy_cores_are_named_as_the_limit() {
        let machine = Machine { physical_cores: 2, logical_cores: 2, platform: String::new() };
        let mut runs = runs(&[("sequential", 1, &[4.0, 4.1]), ("cores", 2, &[2.0, 2.1])]);
        runs.iter_mut().for_each(|run| run.totals.lane_cpu_secs = 3.9);
        assert!(sentence(&Comparison::of(&runs), &machine).contains("every core is busy"));
    }
}
