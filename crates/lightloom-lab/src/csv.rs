//! Results as comma-separated values: a line per run, with the figures of its choice and the laws of its executor beside.

use super::inference::Interval;
use super::{ExecutorScaling, LawIntervals, Results, Row, RunRecord};

const COLUMNS: &str = "run,round,executor,io_threads,cores,workers,queue,memory_mib,simulated,images,done,failed,wall_secs,cpu_secs,lane_cpu_secs,images_per_sec,cpu_use,peak_mib,resident_mib,output_bytes,output_hash,foreign_cpu_secs,clock_mhz,cached,speed_up,speed_up_low,speed_up_high,standing,amdahl_sigma,amdahl_sigma_low,amdahl_sigma_high,usl_sigma,usl_sigma_low,usl_sigma_high,usl_kappa,usl_kappa_low,usl_kappa_high";

/// See [`Results::to_csv`].
pub(crate) fn table(results: &Results) -> String {
    let comparison = results.comparison();
    let scaling = results.scaling(&comparison);
    let lines = results.runs.iter().enumerate().map(|(index, run)| {
        let row = comparison.rows.iter().find(|row| row.settings == run.settings);
        let scaling = scaling.iter().find(|entry| entry.executor == run.settings.executor);
        let cells = [of_run(index, run), of_conditions(run), of_choice(row), of_laws(scaling)].concat();
        cells.join(",") + "\n"
    });
    format!("{COLUMNS}\n{}", lines.collect::<String>())
}

fn of_run(index: usize, run: &RunRecord) -> Vec<String> {
    let (settings, totals) = (&run.settings, &run.totals);
    let mib = |bytes: u64| bytes as f64 / 1_048_576.0;
    let simulated = [settings.executor.simulates.map(str::to_owned), settings.slow_source.map(|slow| slow.to_string())];
    let simulated: Vec<String> = simulated.into_iter().flatten().collect();
    vec![
        (index + 1).to_string(),
        run.round.map_or(String::new(), |round| (round + 1).to_string()),
        settings.executor.id.to_owned(),
        settings.io_threads.to_string(),
        settings.cores.to_string(),
        settings.workers().to_string(),
        settings.queue_slots().to_string(),
        format!("{:.0}", mib(settings.memory_bytes)),
        if simulated.is_empty() { String::new() } else { format!("\"{}\"", simulated.join("; ")) },
        totals.images.to_string(),
        totals.done.to_string(),
        totals.failed.to_string(),
        format!("{:.6}", totals.wall_secs),
        format!("{:.6}", totals.cpu_secs),
        format!("{:.6}", totals.lane_cpu_secs),
        format!("{:.4}", totals.images_per_sec()),
        format!("{:.4}", totals.cpu_use()),
        format!("{:.1}", mib(totals.peak_bytes)),
        format!("{:.1}", mib(totals.resident_bytes)),
        totals.output_bytes.to_string(),
        run.output_hash.clone().unwrap_or_default(),
    ]
}

/// A figure, or nothing where it is not known.
fn figure(value: Option<f64>, decimals: usize) -> String {
    value.map_or(String::new(), |value| format!("{value:.decimals$}"))
}

fn of_conditions(run: &RunRecord) -> Vec<String> {
    let of = |figure: fn(super::Conditions) -> Option<f64>| run.conditions.and_then(figure);
    vec![figure(of(|c| c.foreign_cpu_secs), 3), figure(of(|c| c.clock_mhz), 0), figure(of(|c| c.cached), 3)]
}

/// A figure and its interval.
fn with_interval(value: Option<f64>, interval: Option<Interval>, decimals: usize) -> [String; 3] {
    [value, interval.map(|range| range.low), interval.map(|range| range.high)].map(|value| figure(value, decimals))
}

fn of_choice(row: Option<&Row>) -> Vec<String> {
    let [speed_up, low, high] =
        with_interval(row.map(|row| row.speed_up), row.and_then(|row| row.speed_up_interval), 4);
    let standing = row.and_then(|row| row.standing).map_or("", super::Standing::title);
    vec![speed_up, low, high, standing.to_owned()]
}

fn of_laws(scaling: Option<&ExecutorScaling>) -> Vec<String> {
    let (amdahl, usl) = (scaling.and_then(|s| s.scaling.amdahl), scaling.and_then(|s| s.scaling.usl));
    let amdahl_intervals = scaling.and_then(|s| s.scaling.amdahl_intervals);
    let usl_intervals = scaling.and_then(|s| s.scaling.usl_intervals);
    let sigma = |intervals: Option<LawIntervals>| intervals.map(|intervals| intervals.sigma);
    [
        with_interval(amdahl.map(|law| law.sigma), sigma(amdahl_intervals), 6),
        with_interval(usl.map(|law| law.sigma), sigma(usl_intervals), 6),
        with_interval(usl.map(|law| law.kappa), usl_intervals.map(|intervals| intervals.kappa), 6),
    ]
    .concat()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::comparison::tests::record;

    #[test]
    fn the_table_has_one_line_per_run() {
        let mut results = Results::new(10, 1000, "version = 1\n".to_owned());
        results.runs = vec![record("threads", 4.0, 0), record("threads", 4.1, 0), record("cores", 2.0, 0)];
        let csv = results.to_csv();
        let lines: Vec<Vec<&str>> = csv.lines().map(|line| line.split(',').collect()).collect();
        assert_eq!(lines.len(), 4);
        assert!(lines.iter().all(|cells| cells.len() == lines[0].len()));
        let column = |name: &str| lines[0].iter().position(|cell| *cell == name).unwrap();
        assert_eq!((lines[1][column("executor")], lines[3][column("executor")]), ("threads", "cores"));
        assert_eq!(lines[1][column("wall_secs")], "4.000000");
        assert_eq!((lines[1][column("simulated")], lines[3][column("simulated")]), ("\"simulated lock\"", ""));
        assert_eq!(lines[3][column("speed_up")], "2.0250");
    }

    #[test]
    fn intervals_and_laws_stand_beside_the_runs() {
        let mut results = Results::new(10, 1000, String::new());
        for round in 0..4 {
            for cores in 1..=4 {
                let mut run = record("cores", (1.0 + 0.01 * f64::from(round)) * 4.0 / f64::from(cores), 0);
                run.settings.cores = cores as usize;
                results.runs.push(run);
            }
        }
        let csv = results.to_csv();
        let lines: Vec<Vec<&str>> = csv.lines().map(|line| line.split(',').collect()).collect();
        for name in ["speed_up_low", "speed_up_high", "amdahl_sigma_low", "usl_kappa", "usl_kappa_high"] {
            let column = lines[0].iter().position(|cell| *cell == name).unwrap();
            assert!(lines[4][column].parse::<f64>().is_ok(), "{name}: {csv}");
        }
    }
}
