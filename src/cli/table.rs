//! A comparison as text.

use indicatif::HumanBytes;

use crate::lab::{Comparison, Law, Results};

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
        "{:<wide$} {:>9} {:>9} {:>7} {:>9} {:>11} {:>10} {:>6}\n",
        "", "images/s", "seconds", "spread", "speed-up", "cores busy", "memory", "bytes"
    );
    for row in &comparison.rows {
        out += &format!(
            "{:<wide$} {:>9.1} {:>9.3} {:>6.0}% {:>8.2}x {:>11.2} {:>10} {:>6}\n",
            row.title,
            row.images_per_sec,
            row.wall_secs,
            100.0 * row.spread(),
            row.speed_up,
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
    let runs = all.rows.iter().map(|row| row.runs).max().unwrap_or(0);
    let cache = if results.warm_cache { "warm file cache" } else { "cold file cache" };
    if all.rows.is_empty() {
        return results.verdict() + "\n";
    }
    let mut out = format!(
        "{} {}, {}; {runs} runs of each choice after a warm-up, taking turns; {cache}\n{}\n",
        results.images,
        if results.images == 1 { "picture" } else { "pictures" },
        HumanBytes(results.input_bytes),
        results.machine,
    );
    if let Some(slow) = results.runs.iter().find_map(|run| run.settings.slow_source) {
        out += &format!("{slow}\n");
    }
    out += "\n";
    out += &comparison(&all);
    let mut executors: Vec<_> = all.rows.iter().map(|row| row.settings.executor).collect();
    executors.dedup();
    for executor in executors {
        let scaling = all.scaling(executor);
        let laws = [("Amdahl", scaling.amdahl), ("USL", scaling.usl)];
        let laws: Vec<String> = laws.into_iter().filter_map(|(name, law)| Some(describe(name, &law?))).collect();
        if !laws.is_empty() {
            out += &format!("\n{}: {}", executor.title, laws.join("; "));
        }
    }
    if let Some(row) = all.rows.iter().find(|row| row.failed > 0) {
        out += &format!("\n{} of {} pictures failed and are not part of the figures.", row.failed, results.images);
    }
    out + "\n\n" + &results.verdict() + "\n"
}

fn describe(name: &str, law: &Law) -> String {
    let contention = 100.0 * law.sigma;
    match law.peak() {
        Some(peak) => format!(
            "{name}: {contention:.1} % contention, {:.2} % coherency, peak at {peak:.1} workers",
            100.0 * law.kappa
        ),
        None if law.sigma < 1e-6 => format!("{name}: scales ideally as far as it was measured"),
        None => format!("{name}: {contention:.1} % contention, at most {:.1} times one worker", law.limit()),
    }
}
