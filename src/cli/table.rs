//! A comparison as text.

use indicatif::HumanBytes;

use lightloom_param::shown;

use crate::lab::{Circumstances, Comparison, Results, Standing};

/// Columns of text under their heads; numbers stand to the right.
pub(super) fn aligned(header: &[&str], rows: &[Vec<String>]) -> String {
    let width = |column: usize| {
        let cells =
            rows.iter().filter_map(|row| row.get(column)).map(String::as_str).chain(header.get(column).copied());
        cells.map(|cell| cell.chars().count()).max().unwrap_or(0)
    };
    let widths: Vec<usize> = (0..header.len()).map(width).collect();
    let line = |cells: &mut dyn Iterator<Item = &str>| {
        let padded = cells.zip(&widths).map(|(cell, wide)| match cell.parse::<u64>() {
            Ok(_) => format!("{cell:>wide$}"),
            Err(_) => format!("{cell:<wide$}"),
        });
        padded.collect::<Vec<_>>().join("  ").trim_end().to_owned()
    };
    let head = line(&mut header.iter().copied());
    let rows = rows.iter().map(|row| line(&mut row.iter().map(String::as_str)));
    std::iter::once(head).chain(rows).collect::<Vec<_>>().join("\n")
}

/// The rows and the verdict.
pub(super) fn comparison(comparison: &Comparison) -> String {
    let wide = comparison.rows.iter().map(|row| row.title.chars().count()).max().unwrap_or(0).max(12);
    let mut out = format!(
        "{:<wide$} {:>9} {:>9} {:>7} {:>9} {:>12} {:>8} {:>11} {:>10} {:>6}\n",
        "", "images/s", "seconds", "spread", "speed-up", "95 %", "", "cores busy", "memory", "bytes"
    );
    for row in &comparison.rows {
        out += &format!(
            "{:<wide$} {:>9.1} {:>9.3} {:>6.0}% {:>8.2}x {:>12} {:>8} {:>11.2} {:>10} {:>6}\n",
            row.title,
            row.images_per_sec,
            row.wall_secs,
            100.0 * row.spread(),
            row.speed_up,
            row.speed_up_interval.map_or(String::new(), |range| format!("{:.2}–{:.2}", range.low, range.high)),
            row.standing.map_or("", Standing::title),
            row.cpu_use,
            HumanBytes(row.resident_bytes).to_string(),
            match row.same_bytes {
                Some(true) => "equal",
                Some(false) => "OTHER",
                None => "",
            },
        );
    }
    out
}

/// A measurement from its head line to its verdict.
pub(super) fn results(results: &Results) -> String {
    let all = results.comparison();
    if all.rows.is_empty() {
        return results.verdict() + "\n";
    }
    let mut out = format!(
        "{} {}, {}; {} in random order (seed {}) after a warm-up; {}\n{}\n",
        results.images,
        if results.images == 1 { "picture" } else { "pictures" },
        HumanBytes(results.input_bytes),
        match all.rounds {
            1 => "1 round".to_owned(),
            rounds => format!("{rounds} rounds"),
        },
        results.seed,
        results.cache(),
        results.machine,
    );
    if !results.target.is_empty() {
        out += &format!("written to {} and synced, as by a run\n", shown(&results.target));
    }
    out += &circumstances(&all.circumstances);
    if let Some(slow) = results.runs.iter().find_map(|run| run.settings.slow_source) {
        out += &format!("{slow}\n");
    }
    out += "\n";
    out += &comparison(&all);
    for entry in results.scaling(&all) {
        if let Some(laws) = entry.scaling.describe() {
            out += &format!("\n{}: {laws}", entry.executor.title);
        }
    }
    if let Some(row) = all.rows.iter().find(|row| row.failed > 0) {
        out += &format!("\n{} of {} pictures failed and are not part of the figures.", row.failed, results.images);
    }
    out + "\n\n" + &results.verdict() + "\n"
}

/// What the machine did besides, as far as it was seen.
fn circumstances(seen: &Circumstances) -> String {
    let percent = |share: f64| 100.0 * share;
    let own = seen
        .disturbance
        .map(|share| format!("{:.1} % of the time went into the program's other threads", percent(share)));
    let foreign = seen.foreign.map(|share| format!("other programs took {:.0} % of the machine", percent(share)));
    let clock = seen.slowest_clock.map(|share| format!("the lowest clock was {:.0} % of the highest", percent(share)));
    let seen: Vec<String> = [own, foreign, clock].into_iter().flatten().collect();
    if seen.is_empty() { String::new() } else { seen.join("; ") + "\n" }
}
