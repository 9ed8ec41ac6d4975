//! The lab as its users meet it: measured choices, results that are saved, experiments, trouble.
#![allow(clippy::unwrap_used, reason = "tests")]

mod common;

use std::fs;
use std::path::Path;
use std::process::{Command, Output};
use std::time::Duration;

use common::{batch, folder, recipe, run, settings, sources};
use lightloom::batch::SlowSource;
use lightloom::lab::{LabEvent, Standing, Study, recommend};
use serde_json::Value;

fn lightloom(folder: &Path, args: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_lightloom"))
        .args(args)
        .current_dir(folder)
        .env("HOME", folder)
        .env("XDG_DATA_HOME", folder.join("data"))
        .output()
        .unwrap()
}

fn stdout(output: &Output) -> String {
    String::from_utf8(output.stdout.clone()).unwrap()
}

fn stderr(output: &Output) -> String {
    String::from_utf8_lossy(&output.stderr).into_owned()
}

fn study(input: &Path, folder: &Path, executors: &[&str]) -> Study {
    Study {
        sources: sources(input),
        recipe: recipe(&["invert"], "png"),
        choices: executors.iter().map(|id| settings(id, 2)).collect(),
        repeats: 3,
        folder: folder.to_path_buf(),
        ..Study::default()
    }
}

#[test]
fn every_executor_is_measured_in_turn_and_writes_equal_bytes() {
    let dir = tempfile::tempdir().unwrap();
    let input = folder(dir.path(), 3, 120, 90);
    let ids = ["sequential", "threads", "cores", "hybrid", "processes"];
    let measure = || {
        let mut order = Vec::new();
        let study = Study { seed: Some(7), ..study(&input, dir.path(), &ids) };
        let results = study.measure(&mut |event| {
            if let LabEvent::Next { settings, total, .. } = event {
                order.push(settings.executor.id);
                assert_eq!(total, 16);
            }
        });
        (results.unwrap(), order)
    };
    let (results, order) = measure();
    assert_eq!(order[0], ids[0], "a warm-up");
    let rounds: Vec<&[&str]> = order[1..].chunks(5).collect();
    for round in &rounds {
        let mut round = round.to_vec();
        round.sort_unstable();
        assert_eq!(round, ["cores", "hybrid", "processes", "sequential", "threads"], "every choice once a round");
    }
    assert!(rounds[0] != rounds[1] || rounds[1] != rounds[2], "in random order: {rounds:?}");
    assert_eq!(measure().1, order, "which the seed decides");
    assert_eq!(results.seed, 7);
    assert!(results.runs.iter().enumerate().all(|(index, run)| run.round == Some(index / 5)));
    let comparison = results.comparison();
    assert_eq!(comparison.rows.len(), 5);
    for row in &comparison.rows {
        assert_eq!((row.runs, row.same_bytes), (3, Some(true)), "{row:?}");
        assert!(row.wall_min_secs <= row.wall_secs && row.wall_secs <= row.wall_max_secs);
        assert!(row.resident_bytes > 1 << 20, "{row:?}");
    }
    assert_eq!(fs::read_dir(dir.path()).unwrap().count(), 1, "the results of the runs are removed");
}

#[test]
fn a_stopped_measurement_keeps_its_runs_and_is_marked() {
    let dir = tempfile::tempdir().unwrap();
    let input = folder(dir.path(), 3, 120, 90);
    let mut turn = 0;
    let results = study(&input, dir.path(), &["cores", "threads"])
        .measure(&mut |event| match event {
            LabEvent::Next { done, .. } => turn = done,
            LabEvent::Begun(running) if turn == 3 => running.control().stop(),
            _ => {}
        })
        .unwrap();
    assert!(results.interrupted);
    assert_eq!(results.runs.len(), 2);
    assert!(results.verdict().contains("stopped before its end"), "{}", results.verdict());
    assert!(results.recommendation().is_none());
}

#[test]
fn there_is_no_verdict_when_all_pictures_fail() {
    let dir = tempfile::tempdir().unwrap();
    let input = dir.path().join("photos");
    fs::create_dir(&input).unwrap();
    fs::write(input.join("bad.jpg"), "no picture").unwrap();
    let results = study(&input, dir.path(), &["cores", "threads"]).measure(&mut |_| {}).unwrap();
    assert!(results.comparison().rows.is_empty());
    assert!(results.verdict().contains("nothing to compare"), "{}", results.verdict());
    let work = study(&input, dir.path(), &[]);
    let patience = Duration::from_millis(10);
    let (_, recommendation) = recommend(&work, &settings("hybrid", 3), patience, &mut |_| {}).unwrap();
    assert_eq!(recommendation.settings, settings("hybrid", 3));
    assert!(recommendation.reason.contains("failed"), "{}", recommendation.reason);
}

#[test]
fn one_picture_is_enough_for_a_recommendation() {
    let dir = tempfile::tempdir().unwrap();
    let input = folder(dir.path(), 1, 300, 200);
    let usual = settings("hybrid", 3);
    let patience = Duration::from_millis(10);
    let work = study(&input, dir.path(), &[]);
    let (results, recommendation) = recommend(&work, &usual, patience, &mut |_| {}).unwrap();
    assert!(results.runs.len() >= 12);
    assert!(!recommendation.reason.is_empty());
    assert!(recommendation.settings.memory_bytes <= usual.memory_bytes.max(512 << 20));
}

#[test]
fn a_sample_is_numbered_as_in_an_export() {
    let dir = tempfile::tempdir().unwrap();
    let input = folder(dir.path(), 6, 64, 48);
    let numbered = recipe(&["text_watermark:text={seq},size=60,anchor=centre"], "png");
    let work = Study { recipe: numbered.clone(), sample: Some(2), ..study(&input, dir.path(), &[]) };
    let (results, _) = recommend(&work, &settings("cores", 2), Duration::from_millis(10), &mut |_| {}).unwrap();
    assert!(results.runs.iter().all(|run| run.totals.done == 2));

    // what an export of all six makes of these two, hashed as a measurement hashes its results
    let out = dir.path().join("out");
    run(batch(&input, &out, &numbered, settings("cores", 2)));
    let mut all = blake3::Hasher::new();
    for name in ["photo 00.png", "photo 03.png"] {
        all.update(blake3::hash(name.as_bytes()).as_bytes());
        all.update(blake3::hash(&fs::read(out.join(name)).unwrap()).as_bytes());
    }
    let expected = all.finalize().to_hex().to_string();
    assert!(results.runs.iter().all(|run| run.output_hash.as_ref() == Some(&expected)));
}

#[test]
fn waiting_is_recognised_as_waiting() {
    let dir = tempfile::tempdir().unwrap();
    let input = folder(dir.path(), 4, 64, 48);
    let mut study = study(&input, dir.path(), &["sequential", "threads"]);
    for choice in &mut study.choices {
        choice.slow_source = Some(SlowSource { latency_ms: 60, mib_per_sec: None });
        choice.io_threads = 4;
    }
    study.repeats = 4;
    let mut results = study.measure(&mut |_| {}).unwrap();
    // What other tests of this process take meanwhile counts as a disturbance.
    results.runs.iter_mut().for_each(|run| run.conditions = None);
    let said = results.verdict();
    // Four waits of 60 ms one after the other against all at once: certain on the slowest machine.
    assert!(said.starts_with("Reading and writing wait"), "{said}");
    assert!(said.contains("“Threads: 4 threads (simulated lock)” is fastest"), "{said}");
    assert!(said.contains("simulated source: 60 ms"), "{said}");
    let recommendation = results.recommendation().unwrap();
    assert_eq!(recommendation.settings.slow_source, None, "a simulation is never recommended");
}

#[test]
fn rounds_are_added_until_the_answer_is_clear_or_the_time_is_spent() {
    let dir = tempfile::tempdir().unwrap();
    let input = folder(dir.path(), 4, 64, 48);
    let mut work = study(&input, dir.path(), &["sequential", "threads"]);
    for choice in &mut work.choices {
        (choice.slow_source, choice.io_threads) = (Some(SlowSource { latency_ms: 30, mib_per_sec: None }), 4);
    }
    // One is three times as fast as the other, so that a few rounds are enough of the hour.
    let clear = Study { patience: Duration::from_secs(3600), ..work.clone() }.measure(&mut |_| {}).unwrap();
    let comparison = clear.comparison();
    assert!(comparison.rows.iter().any(|row| row.standing == Some(Standing::Fastest)), "{comparison:?}");
    assert!(comparison.rounds < 48, "{} rounds", comparison.rounds);
    // The same choice twice over is never clear, but no time is left after the first rounds.
    let spent = Study { patience: Duration::from_millis(1), repeats: 2, ..work }.measure(&mut |_| {}).unwrap();
    assert_eq!(spent.runs.len(), 4);
}

#[test]
fn a_cold_start_is_measured_or_refused() {
    let dir = tempfile::tempdir().unwrap();
    let input = folder(dir.path(), 2, 64, 48);
    let cold = Study { cold: true, ..study(&input, dir.path(), &["sequential", "cores"]) };
    match cold.measure(&mut |_| {}) {
        Ok(results) => assert!(results.cold && results.cache().contains("taken out"), "{}", results.cache()),
        Err(error) => assert!(error.to_string().contains("file cache"), "{error}"),
    }
}

#[test]
fn the_command_prints_saves_and_reopens() {
    let dir = tempfile::tempdir().unwrap();
    folder(dir.path(), 2, 64, 48);
    let measure =
        ["lab", "photos", "--executors", "threads,cores", "--workers", "1,2", "--repeats", "2", "--budget", "0"];
    let output = lightloom(dir.path(), &[&measure[..], &["--json", "--save", "first try"]].concat());
    assert!(output.status.success(), "{}", stderr(&output));
    let json: Value = serde_json::from_str(&stdout(&output)).unwrap();
    assert_eq!(json["comparison"]["rows"].as_array().unwrap().len(), 4);
    assert_eq!(json["runs"].as_array().unwrap().len(), 8);
    assert!(json["verdict"].is_string() && json["machine"]["logical_cores"].is_u64());
    assert!(json["scaling"].is_array() && json["seed"].is_u64() && json["comparison"]["circumstances"].is_object());
    assert_eq!(json["target"], dir.path().join("photos").display().to_string(), "the disk of the pictures");
    assert_eq!(fs::read_dir(dir.path().join("photos")).unwrap().count(), 2, "nothing stays there");
    assert!(stderr(&output).contains("first try.json"));

    let list = stdout(&lightloom(dir.path(), &["lab", "--saved"]));
    assert!(list.contains("first try") && list.contains("8 runs"), "{list}");
    let shown = stdout(&lightloom(dir.path(), &["lab", "--saved", "first try"]));
    assert!(
        shown.contains("Threads: 2 threads (simulated lock)") && shown.contains(json["verdict"].as_str().unwrap()),
        "{shown}"
    );
    let csv = stdout(&lightloom(dir.path(), &["lab", "--saved", "first try", "--csv"]));
    assert_eq!(csv.lines().count(), 9);

    // A newer program's results are named and do no harm.
    fs::write(dir.path().join("data/lightloom/lab/later.json"), "{\"format\": 99}").unwrap();
    let output = lightloom(dir.path(), &["lab", "--saved"]);
    assert!(output.status.success() && stderr(&output).contains("another version"), "{}", stderr(&output));
    let output = lightloom(dir.path(), &["lab", "--saved", "nobody"]);
    assert!(stderr(&output).contains("nothing is saved as 'nobody'"));
}

#[test]
fn nothing_to_measure_is_bad_usage() {
    let dir = tempfile::tempdir().unwrap();
    fs::create_dir(dir.path().join("empty")).unwrap();
    let output = lightloom(dir.path(), &["lab", "empty"]);
    assert_eq!(output.status.code(), Some(2));
    assert!(stderr(&output).contains("no pictures"), "{}", stderr(&output));
}

#[test]
fn a_run_exports_its_timeline() {
    let dir = tempfile::tempdir().unwrap();
    folder(dir.path(), 3, 64, 48);
    for executor in ["hybrid", "processes"] {
        let args = ["--filter", "invert", "--io-threads", "2", "--trace", "t.json", "--executor", executor];
        let output = lightloom(dir.path(), &[&["process", "photos", "--out", "out"][..], &args].concat());
        assert!(output.status.success(), "{}", stderr(&output));
        let json: Value = serde_json::from_str(&fs::read_to_string(dir.path().join("t.json")).unwrap()).unwrap();
        let events = json["traceEvents"].as_array().unwrap();
        for stage in ["read", "decode", "filter", "encode", "write", "sync"] {
            let of_stage = events.iter().filter(|e| e["ph"] == "X" && e["name"] == stage);
            let files: std::collections::BTreeSet<&str> = of_stage.filter_map(|e| e["args"]["file"].as_str()).collect();
            assert_eq!(files.len(), 3, "{executor}: {stage}");
        }
    }
}
