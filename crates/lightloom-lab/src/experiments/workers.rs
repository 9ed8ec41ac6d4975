//! Who should do the work: waiting wants threads, computing wants cores, and too many of either help nobody.

use super::{Experiment, LITTLE, MUCH, SLOW, SOME, cores};
use lightloom_batch::executor::cores::EXECUTOR as CORES;
use lightloom_batch::executor::hybrid::EXECUTOR as HYBRID;
use lightloom_batch::executor::processes::EXECUTOR as PROCESSES_EXECUTOR;
use lightloom_batch::executor::sequential::EXECUTOR as SEQUENTIAL;
use lightloom_batch::executor::threads::EXECUTOR as THREADS;
use lightloom_batch::{Activity, Settings};

pub(super) static WAITING: Experiment = Experiment {
    id: "waiting",
    title: "Waiting wants threads",
    text: "Every picture arrives 40 ms late, as from a network drive, and needs little computing. Threads wait for many pictures at once, so they finish long before one worker per core.",
    needs_pictures: true,
    run: |bench, watch| {
        let slow = |settings| Settings { slow_source: Some(SLOW), ..settings };
        let [one, threads, by_core] =
            [bench.choice(&SEQUENTIAL, 1, 1), bench.choice(&THREADS, 8, 1), bench.choice(&CORES, 1, cores())].map(slow);
        let outcome = bench.measure(24, LITTLE, &[one, threads.clone(), by_core.clone()], watch)?;
        Ok(outcome.findings(outcome.contrast(&threads, &by_core), Some(SLOW.to_string())))
    },
};

pub(super) static COMPUTING: Experiment = Experiment {
    id: "computing",
    title: "Computing wants cores",
    text: "The pictures are in memory and each needs a lot of computing. Threads behind one lock are no faster than a single one; a worker on each core is.",
    needs_pictures: true,
    run: |bench, watch| {
        let [one, threads, by_core] =
            [bench.choice(&SEQUENTIAL, 1, 1), bench.choice(&THREADS, 8, 1), bench.choice(&CORES, 1, cores())];
        let outcome = bench.measure(24, MUCH, &[one, threads.clone(), by_core.clone()], watch)?;
        Ok(outcome.findings(outcome.contrast(&by_core, &threads), None))
    },
};

pub(super) static BOTH: Experiment = Experiment {
    id: "both",
    title: "Both at once",
    text: "Every picture arrives 40 ms late and then needs computing. Threads that wait feed cores that work, so neither waits for the other.",
    needs_pictures: true,
    run: |bench, watch| {
        let slow = |settings| Settings { slow_source: Some(SLOW), ..settings };
        let [threads, by_core, both] =
            [bench.choice(&THREADS, 8, 1), bench.choice(&CORES, 1, cores()), bench.choice(&HYBRID, 8, cores())]
                .map(slow);
        let outcome = bench.measure(24, SOME, &[threads.clone(), by_core.clone(), both.clone()], watch)?;
        let sentence = format!("{} {}", outcome.contrast(&both, &threads), outcome.contrast(&both, &by_core));
        Ok(outcome.findings(sentence, Some(SLOW.to_string())))
    },
};

pub(super) static ONE_LOCK: Experiment = Experiment {
    id: "one-lock",
    title: "One lock for all",
    text: "Eight threads compute, but each needs the one lock to do so, as under Python's global interpreter lock. See how little eight gain over one.",
    needs_pictures: true,
    run: |bench, watch| {
        let [one, two, eight] = [1, 2, 8].map(|threads| bench.choice(&THREADS, threads, 1));
        let outcome = bench.measure(24, MUCH, &[one.clone(), two, eight.clone()], watch)?;
        let waited = outcome.results.runs.iter().filter(|run| run.settings == eight);
        let totals: Vec<(f64, f64)> =
            waited.map(|run| (run.totals.spent(Activity::WaitTurn).wall_secs, run.totals.wall_secs * 8.0)).collect();
        let share = totals.iter().map(|(waited, _)| waited).sum::<f64>()
            / totals.iter().map(|(_, all)| all).sum::<f64>().max(1e-9);
        let sentence = format!(
            "{} The eight spent {:.0} % of their time waiting for the lock.",
            outcome.contrast(&eight, &one),
            100.0 * share
        );
        Ok(outcome.findings(sentence, THREADS.simulates.map(str::to_owned)))
    },
};

pub(super) static TOO_MANY: Experiment = Experiment {
    id: "too-many",
    title: "Too many workers",
    text: "Eight times as many workers as there are cores share the computing. More pictures are in memory at once; see whether they are finished sooner.",
    needs_pictures: true,
    run: |bench, watch| {
        let [enough, many] = [cores(), 8 * cores()].map(|n| bench.choice(&HYBRID, 4, n));
        let outcome = bench.measure(16 * cores(), SOME, &[enough.clone(), many.clone()], watch)?;
        let mut sentence = outcome.contrast(&enough, &many);
        if let (Some(few), Some(lots)) = (outcome.row(&enough), outcome.row(&many)) {
            let ratio = lots.peak_bytes as f64 / few.peak_bytes.max(1) as f64;
            sentence += &format!(" With many workers, pictures in progress took {ratio:.1} times the memory.");
        }
        let mut findings = outcome.findings(sentence, None);
        findings.bars.extend(outcome.memory(|row| row.title.clone(), |row| row.peak_bytes));
        Ok(findings)
    },
};

pub(super) static PROCESSES: Experiment = Experiment {
    id: "processes",
    title: "Processes against threads",
    text: "The same work by threads that share their memory and by processes that each have their own. Processes cost start-up time and memory, and buy safety: a crash costs one picture.",
    needs_pictures: true,
    run: |bench, watch| {
        let [by_core, processes] = [&CORES, &PROCESSES_EXECUTOR].map(|executor| bench.choice(executor, 1, cores()));
        let outcome = bench.measure(24, SOME, &[by_core.clone(), processes.clone()], watch)?;
        let mut sentence = outcome.contrast(&by_core, &processes);
        let starts: Vec<f64> = outcome
            .results
            .runs
            .iter()
            .filter(|run| run.settings == processes)
            .map(|run| 1e3 * run.totals.spent(Activity::Start).wall_secs / cores() as f64)
            .collect();
        if !starts.is_empty() {
            let start = crate::comparison::median(starts);
            sentence += &format!(" A process took {start:.0} ms to start.");
        }
        let mut findings = outcome.findings(sentence, None);
        findings.bars.extend(outcome.memory(|row| row.title.clone(), |row| row.resident_bytes));
        Ok(findings)
    },
};
