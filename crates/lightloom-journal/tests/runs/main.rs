//! Runs that are interrupted, resumed, repeated, verified and undone, on real files.
#![allow(clippy::unwrap_used, reason = "tests")]

mod lists;
mod place;
mod watched;

use std::fs;
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::AtomicUsize;

use lightloom_batch::{Conflict, EXECUTORS, Event, Outcome, OutputSettings, OutputState, Settings, Template, start};
use lightloom_journal::{
    Again, Content, History, JournalError, KnownResults, POINTERS, Removal, Rest, Verdict, Verification, only_changed,
    undo,
};
use lightloom_recipe::{Output, Recipe, Step};

use place::{Place, files, go_on, kill_after, picture, recipe, rest};

#[test]
fn a_killed_run_goes_on_to_the_same_bytes() {
    let place = Place::new(8);
    let batch = place.batch(&recipe(&["invert"]), &place.output());
    let (report, journal) = place.run(batch);
    assert_eq!(report.totals.done, 8);
    let whole = place.results();
    assert_eq!(whole.len(), 8);
    kill_after(&journal, &[1, 2, 5]);
    // Of picture 3 the result has its name but no record, 4 is not there, 5 was lost, and 6 never had a record.
    let paths: Vec<PathBuf> = report.images.iter().map(|image| image.outputs[0].path.clone()).collect();
    fs::remove_file(&paths[3]).unwrap();
    fs::remove_file(&paths[4]).unwrap();
    let history = History::read(&place.store().interrupted().unwrap().path).unwrap();
    assert_eq!((history.finished.len(), history.unfinished().count(), history.bad_lines), (3, 5, 1));
    let rest = rest(&journal, Again::Unfinished).unwrap();
    assert_eq!((rest.before.len(), rest.batch.jobs.len(), rest.lost.as_slice()), (2, 6, &paths[4..5]));
    let report = go_on(&rest);
    assert_eq!(report.totals.done, 6, "{report:?}");
    assert_eq!(place.results(), whole, "no name and no byte differs");
    let history = History::read(&journal).unwrap();
    assert_eq!((history.unfinished().count(), history.resumed.len()), (0, 1));
    assert!(place.store().interrupted().is_none());
    assert!(matches!(self::rest(&journal, Again::Unfinished), Err(JournalError::Complete(_))));
}

#[test]
fn every_executor_resumes_to_the_same_bytes() {
    for executor in EXECUTORS.iter().filter(|executor| !executor.isolates) {
        let place = Place::new(6);
        let (_, journal) = place.run(place.batch(&recipe(&["sepia"]), &place.output()));
        let whole = place.results();
        kill_after(&journal, &[2]);
        let some = whole.keys().next().unwrap();
        fs::remove_file(some).unwrap();
        let settings = Settings { executor, cores: 2, io_threads: 2, ..Settings::default() };
        let rest = Rest::of(&journal, Again::Unfinished, settings, &AtomicUsize::new(0)).unwrap();
        go_on(&rest);
        assert_eq!(place.results(), whole, "{}", executor.id);
    }
}

#[test]
fn what_failed_is_tried_again_on_request() {
    let place = Place::new(3);
    fs::write(place.input().join("broken.ppm"), "P6 12 9").unwrap();
    fs::write(place.input().join("none.ppm"), "no picture").unwrap();
    let (report, journal) = place.run(place.batch(&recipe(&[]), &place.output()));
    assert_eq!(report.totals.failed, 2, "{:?}", report.images);
    let history = History::read(&journal).unwrap();
    let groups: Vec<usize> = history.failures().iter().map(|group| group.pictures.len()).collect();
    assert_eq!((history.count(Outcome::Failed), groups), (2, vec![1, 1]), "two causes");
    fs::write(place.input().join("none.ppm"), picture(9)).unwrap();
    let rest = rest(&journal, Again::Failed).unwrap();
    assert!(rest.batch.jobs.iter().any(|job| job.notes.iter().any(|note| note.contains("changed"))));
    let report = go_on(&rest);
    assert!(report.images.iter().any(|image| image.source.file_name() == "none.ppm" && image.outcome == Outcome::Done));
    assert_eq!(History::read(&journal).unwrap().count(Outcome::Failed), history.count(Outcome::Failed) - 1);
}

#[test]
fn only_what_changed_is_done_again() {
    let place = Place::new(4);
    let recipe = recipe(&["invert"]);
    let again = |recipe: &Recipe| {
        let mut batch = place.batch(recipe, &place.output());
        only_changed(&mut batch.jobs, recipe, &AtomicUsize::new(0));
        place.run(batch).0.totals
    };
    assert_eq!(again(&recipe).done, 4);
    let whole = place.results();
    let totals = again(&recipe);
    assert_eq!((totals.done, totals.skipped), (0, 4));
    assert_eq!(place.results(), whole);
    // A source that changed, a result that is gone, a result that somebody edited.
    fs::write(place.input().join("00.ppm"), picture(50)).unwrap();
    fs::remove_file(place.out().join("day/01.ppm")).unwrap();
    fs::write(place.out().join("02.ppm"), "edited").unwrap();
    let totals = again(&recipe);
    assert_eq!((totals.done, totals.skipped), (3, 1));
    let now = place.results();
    assert_ne!(now[&place.out().join("00.ppm")], whole[&place.out().join("00.ppm")]);
    assert_eq!(now[&place.out().join("day/01.ppm")], whole[&place.out().join("day/01.ppm")]);
    assert_eq!(now[&place.out().join("02.ppm")], b"edited", "it is somebody's work");
    assert_eq!(now[&place.out().join("02-2.ppm")], whole[&place.out().join("02.ppm")]);
    assert_eq!(now.len(), 5);
    // Another recipe makes all again, in its place.
    let totals = again(&self::recipe(&["sepia"]));
    assert_eq!((totals.done, totals.skipped), (4, 0));
    assert_eq!(place.results().len(), 5);
}

#[test]
fn another_output_leaves_the_others_as_they_are() {
    let place = Place::new(2);
    let mut recipe = recipe(&["invert"]);
    recipe.outputs = vec![Output::named("web")];
    place.run(place.batch(&recipe, &place.output()));
    recipe.outputs.push(Output { filters: vec![Step::parse("sepia").unwrap()], ..Output::named("brown") });
    let mut batch = place.batch(&recipe, &place.output());
    only_changed(&mut batch.jobs, &recipe, &AtomicUsize::new(0));
    assert!(
        batch.jobs.iter().all(|job| job.targets[0].skip_reason().is_some() && job.targets[1].skip_reason().is_none())
    );
    let (report, _) = place.run(batch);
    assert_eq!((report.totals.done, place.results().len()), (2, 4));
    assert!(report.images.iter().all(|image| image.outputs.len() == 1));
}

#[test]
fn a_run_is_undone_exactly() {
    let place = Place::new(5);
    fs::create_dir_all(place.out()).unwrap();
    fs::write(place.out().join("mine.txt"), "mine").unwrap();
    let (report, journal) = place.run(place.batch(&recipe(&[]), &place.output()));
    fs::write(&report.images[0].outputs[0].path, "edited").unwrap();
    fs::remove_file(&report.images[1].outputs[0].path).unwrap();
    // Of the last picture the journal has only the intent.
    kill_after(&journal, &[1, 2, 3, 4]);
    let undone = undo(&journal, Removal::Delete, &AtomicUsize::new(0)).unwrap();
    assert_eq!((undone.removed.len(), undone.missing, undone.left.len()), (3, 1, 1), "{undone:?}");
    let left: Vec<PathBuf> = place.results().into_keys().collect();
    assert_eq!(left, [report.images[0].outputs[0].path.clone(), place.out().join("mine.txt")]);
    assert_eq!(undone.folders, [place.out().join("day")], "made by the run and empty");
    assert!(!place.out().join(POINTERS).exists());
    assert_eq!(files(&place.input()).len(), 5, "sources are there");
    assert!(matches!(undo(&journal, Removal::Delete, &AtomicUsize::new(0)), Err(JournalError::Undone(_))));
    assert!(matches!(rest(&journal, Again::Failed), Err(JournalError::Undone(_))));
}

#[test]
fn a_run_into_a_new_folder_leaves_nothing_when_undone() {
    let place = Place::new(3);
    let output = OutputSettings {
        folder: Some(place.out().join("deep/er")),
        names: Template::parse("{ext}/{name}").unwrap(),
        ..OutputSettings::default()
    };
    let (_, journal) = place.run(place.batch(&recipe(&[]), &output));
    assert_eq!(place.results().len(), 3);
    undo(&journal, Removal::Delete, &AtomicUsize::new(0)).unwrap();
    assert!(!place.out().exists());
}

#[test]
fn results_are_verified_by_making_them_again() {
    let place = Place::new(5);
    let (report, journal) = place.run(place.batch(&recipe(&["invert"]), &place.output()));
    let verify = || {
        let verification = Verification::of(&journal, Settings { cores: 1, ..Settings::default() }).unwrap();
        let made = start(verification.batch.clone(), Arc::new(|_: Event| {})).unwrap().wait();
        verification.compare(&made).into_iter().map(|checked| checked.verdict).collect::<Vec<_>>()
    };
    let before = place.results();
    assert_eq!(verify(), vec![Verdict::Same; 5]);
    assert_eq!(place.results(), before, "nothing is written");
    fs::write(&report.images[0].outputs[0].path, "edited").unwrap();
    fs::remove_file(&report.images[1].outputs[0].path).unwrap();
    fs::write(report.images[2].source.name(), picture(77)).unwrap();
    fs::remove_file(report.images[3].source.name()).unwrap();
    let verdicts = verify();
    assert_eq!(
        verdicts[..3],
        [Verdict::File(Content::Changed), Verdict::File(Content::Missing), Verdict::SourceChanged]
    );
    assert!(matches!(&verdicts[3], Verdict::NotMade(reason) if reason.contains("no such file")), "{verdicts:?}");
    assert_eq!(verdicts[4], Verdict::Same);
}

#[test]
fn results_are_no_pictures_to_process() {
    let place = Place::new(4);
    let beside = OutputSettings { folder: Some(place.input()), ..OutputSettings::default() };
    let (report, _) = place.run(place.batch(&recipe(&[]), &beside));
    assert_eq!((report.totals.done, files(&place.input()).len()), (4, 8), "beside the originals");
    let mut known = KnownResults::default();
    let found = place.sources();
    let new: Vec<_> = found.iter().filter(|entry| !known.contains(entry.source.name())).collect();
    assert_eq!((found.len(), new.len()), (8, 4));
    assert!(new.iter().all(|entry| !entry.source.file_name().contains("-2")));
    // What somebody has edited since is a picture like any other.
    fs::write(&report.images[0].outputs[0].path, "edited").unwrap();
    assert!(!KnownResults::default().contains(&report.images[0].outputs[0].path));
    // A folder that was moved is known as well.
    let moved = place.root.path().join("moved");
    fs::rename(place.input(), &moved).unwrap();
    let path = moved.join(report.images[1].outputs[0].path.strip_prefix(place.input()).unwrap());
    assert!(KnownResults::default().contains(&path));
}

#[test]
fn policies_are_kept_when_resumed() {
    let place = Place::new(3);
    fs::create_dir_all(place.out()).unwrap();
    fs::write(place.out().join("00.ppm"), "there").unwrap();
    let output = OutputSettings { conflict: Conflict::Skip, ..place.output() };
    let (report, journal) = place.run(place.batch(&recipe(&[]), &output));
    assert_eq!((report.totals.done, report.totals.skipped), (2, 1));
    kill_after(&journal, &[]);
    let report = go_on(&rest(&journal, Again::Unfinished).unwrap());
    assert_eq!((report.totals.done, report.totals.skipped), (2, 1));
    assert!(report.images.iter().flat_map(|image| &image.outputs).all(|output| output.state == OutputState::Written));
    assert_eq!(place.results()[&place.out().join("00.ppm")], b"there");
    assert_eq!(place.results().len(), 3);
}
