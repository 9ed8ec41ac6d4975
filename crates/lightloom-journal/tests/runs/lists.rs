//! Runs in lists, and journals that are removed.

use std::fs::{self, OpenOptions};
use std::io::Write;
use std::path::Path;
use std::time::{Duration, SystemTime};

use lightloom_batch::OutputSettings;
use lightloom_journal::{Again, History, Outline, POINTERS, Removal, forget, undo};

use crate::place::{Place, go_on, kill_after, recipe, rest};

/// Whether the outline of a run is what all of its journal says.
fn is_true(journal: &Path) -> Outline {
    let outline = Outline::read(journal).unwrap();
    assert_eq!(outline, History::read(journal).unwrap().outline());
    outline
}

/// Replaces every line but the first and the last few, so that only those can be read.
fn spoil_the_middle(journal: &Path) {
    let text = fs::read_to_string(journal).unwrap();
    let lines: Vec<&str> = text.lines().collect();
    let (first, last) = (lines[0], &lines[lines.len() - 3..]);
    let ended = last.iter().position(|line| line.contains("\"ended\"")).unwrap();
    fs::write(journal, format!("{first}\nspoilt\n{}\n", last[ended..].join("\n"))).unwrap();
}

#[test]
fn a_run_in_outline_is_the_run() {
    let place = Place::new(6);
    fs::write(place.input().join("broken.png"), "no picture").unwrap();
    fs::write(place.input().join("wrong.png"), "no picture either").unwrap();
    let (_, journal) = place.run(place.batch(&recipe(&["invert"]), &place.output()));
    let whole = is_true(&journal);
    assert_eq!((whole.sums.pictures, whole.sums.done, whole.sums.failed, whole.sums.left()), (8, 6, 2, 0));
    assert_eq!((whole.sums.failures.len(), whole.sums.failures[0].pictures), (1, 2));
    assert_eq!((whole.folder(), whole.state()), (place.out(), "complete"));

    kill_after(&journal, &[1, 2, 3]);
    let killed = is_true(&journal);
    assert!(killed.is_interrupted() && killed.sums.left() == 5, "{killed:?}");
    go_on(&rest(&journal, Again::Unfinished).unwrap());
    assert_eq!((is_true(&journal).sums.resumed, is_true(&journal).sums.done), (1, 6));
    go_on(&rest(&journal, Again::Failed).unwrap());
    assert_eq!((is_true(&journal).sums.failed, is_true(&journal).sums.resumed), (2, 2));

    undo(&journal, Removal::Delete, &Default::default()).unwrap();
    let undone = is_true(&journal);
    assert_eq!((undone.undone.is_some(), undone.state()), (true, "undone"));
    spoil_the_middle(&journal);
    assert_eq!(Outline::read(&journal).unwrap(), undone, "only the beginning and the end are read");
}

/// Has the file be as if it had been written so long ago.
fn age(journal: &Path, days: u64) {
    let time = SystemTime::now() - Duration::from_secs(days * 86_400);
    OpenOptions::new().append(true).open(journal).unwrap().set_modified(time).unwrap();
}

#[test]
fn old_journals_are_removed_but_for_those_that_are_needed() {
    let place = Place::new(3);
    let run = |folder: &str| {
        let output = OutputSettings { folder: Some(place.root.path().join(folder)), ..OutputSettings::default() };
        let batch = place.batch(&recipe(&["invert"]), &output);
        let recorder = lightloom_journal::begin(
            &place.store(),
            &batch,
            &output,
            std::sync::Arc::new(|_: lightloom_batch::Event| {}),
        )
        .unwrap();
        let report = lightloom_batch::start(batch, recorder.clone()).unwrap().wait();
        recorder.end(&report);
        recorder.path().to_path_buf()
    };
    let old = run("out");
    let interrupted = run("out");
    kill_after(&interrupted, &[1]);
    let elsewhere = run("other");
    let newest_there = run("out");
    let young = run("out");
    let newest = run("out");
    let mut foreign = fs::File::create(place.store().path("20200101-000000-000-0000")).unwrap();
    foreign.write_all(b"of a later version\n").unwrap();
    let all = [&old, &interrupted, &elsewhere, &newest_there, &young, &newest];
    for journal in [&old, &interrupted, &elsewhere, &newest_there, &newest] {
        age(journal, 40);
    }
    age(&place.store().path("20200101-000000-000-0000"), 400);
    let pruned = place.store().prune(Duration::from_secs(30 * 86_400));
    let there: Vec<bool> = all.iter().map(|journal| journal.exists()).collect();
    assert_eq!(there, [false, true, true, false, true, true], "{pruned:?}");
    assert_eq!((pruned.runs.len(), pruned.left.len()), (2, 0));
    assert!(pruned.bytes > 0 && place.store().runs().len() == 5);
    let pointers = fs::read_to_string(place.out().join(POINTERS)).unwrap();
    assert_eq!(pointers.lines().count(), 3, "nothing points to what is gone");
    assert_eq!(place.results().len(), 15, "results stay");
    forget(&elsewhere).unwrap();
    assert!(!elsewhere.exists() && !place.root.path().join("other").join(POINTERS).exists());
}
