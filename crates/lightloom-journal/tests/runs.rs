//! Runs that are interrupted, resumed, repeated, verified and undone, on real files.
#![allow(clippy::unwrap_used, reason = "tests")]

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::AtomicUsize;

use lightloom_batch::{
    Batch, Conflict, Discovered, EXECUTORS, Event, Outcome, OutputSettings, OutputState, OverridesBySource, Planning,
    Report, Search, Settings, SourceEntry, Template, discover, start,
};
use lightloom_codec::Limits;
use lightloom_journal::record::FileRecord;
use lightloom_journal::{
    Again, Content, History, JournalError, KnownResults, Met, POINTERS, Removal, Rest, Series, Store, Verdict,
    Verification, Watched, begin, only_changed, undo,
};
use lightloom_recipe::{Output, Recipe, Step};

/// A folder with pictures, one for results and one for journals.
struct Place {
    root: tempfile::TempDir,
}

impl Place {
    fn new(pictures: usize) -> Self {
        let place = Self { root: tempfile::tempdir().unwrap() };
        fs::create_dir_all(place.input().join("day")).unwrap();
        for i in 0..pictures {
            let folder = if i % 2 == 0 { place.input() } else { place.input().join("day") };
            fs::write(folder.join(format!("{i:02}.ppm")), picture(i)).unwrap();
        }
        place
    }

    fn input(&self) -> PathBuf {
        self.root.path().join("in")
    }

    fn out(&self) -> PathBuf {
        self.root.path().join("out")
    }

    fn store(&self) -> Store {
        Store::at(self.root.path().join("runs"))
    }

    fn output(&self) -> OutputSettings {
        OutputSettings { folder: Some(self.out()), ..OutputSettings::default() }
    }

    fn sources(&self) -> Vec<SourceEntry> {
        let mut sources = Vec::new();
        let search = Search { output: Some(self.out()), ..Search::default() };
        discover(&[self.input()], &search, |found| {
            if let Discovered::Source(entry) = found {
                sources.push(entry);
            }
            true
        });
        sources
    }

    fn batch(&self, recipe: &Recipe, output: &OutputSettings) -> Batch {
        let planning = Planning {
            sources: &self.sources(),
            recipe,
            output,
            overrides: &OverridesBySource::new(),
            limits: &Limits::default(),
            looks_at_disk: true,
            headers_read: &AtomicUsize::new(0),
        };
        let mut batch = Batch {
            jobs: planning.jobs(),
            recipe: recipe.clone(),
            results: output.conflict.into(),
            settings: Settings { cores: 2, io_threads: 2, ..Settings::default() },
        };
        batch.results.hash = true;
        batch
    }

    /// Runs a batch with its journal.
    fn run(&self, batch: Batch) -> (Report, PathBuf) {
        let recorder = begin(&self.store(), &batch, &self.output(), Arc::new(|_: Event| {})).unwrap();
        let report = start(batch, recorder.clone()).unwrap().wait();
        assert_eq!(recorder.end(&report), None);
        let history = History::read(recorder.path()).unwrap();
        assert_eq!(history.finished.len(), report.images.len(), "nothing is lost at the end");
        (report, recorder.path().to_path_buf())
    }

    /// What is in the folder for results, pointers aside.
    fn results(&self) -> BTreeMap<PathBuf, Vec<u8>> {
        files(&self.out())
    }
}

fn files(folder: &Path) -> BTreeMap<PathBuf, Vec<u8>> {
    let mut files = BTreeMap::new();
    for entry in fs::read_dir(folder).into_iter().flatten() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            files.extend(self::files(&path));
        } else if path.file_name().unwrap() != POINTERS {
            files.insert(path.clone(), fs::read(path).unwrap());
        }
    }
    files
}

fn picture(seed: usize) -> Vec<u8> {
    let samples = (0..12 * 9 * 3).map(|i| (i * 7 + seed * 31) as u8);
    b"P6 12 9 255\n".iter().copied().chain(samples).collect()
}

fn recipe(filters: &[&str]) -> Recipe {
    Recipe { filters: filters.iter().map(|f| Step::parse(f).unwrap()).collect(), ..Recipe::default() }
}

fn rest(journal: &Path, again: Again) -> Result<Rest, JournalError> {
    Rest::of(journal, again, Settings { cores: 2, io_threads: 2, ..Settings::default() }, &AtomicUsize::new(0))
}

fn go_on(rest: &Rest) -> Report {
    let recorder = rest.record(Arc::new(|_: Event| {})).unwrap();
    let report = start(rest.batch.clone(), recorder.clone()).unwrap().wait();
    assert_eq!(recorder.end(&report), None);
    report
}

/// Cuts a journal as a program that was killed leaves it: only what was recorded of these pictures, and half a line.
fn kill_after(journal: &Path, pictures: &[usize]) {
    let text = fs::read_to_string(journal).unwrap();
    let keeps = |line: &&str| {
        let record: serde_json::Value = serde_json::from_str(line).unwrap();
        match record["record"].as_str().unwrap() {
            "finished" => pictures.contains(&(record["job"].as_u64().unwrap() as usize)),
            "ended" => false,
            _ => true,
        }
    };
    let mut left: Vec<&str> = text.lines().filter(keeps).collect();
    let torn = "{\"record\":\"finished\",\"job\":3,\"outc";
    left.push(torn);
    fs::write(journal, left.join("\n")).unwrap();
}

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
    let history = place.store().interrupted().unwrap();
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

/// What somebody who watches the folder with pictures does.
struct Watcher<'a> {
    place: &'a Place,
    recipe: Recipe,
    series: Series,
}

impl<'a> Watcher<'a> {
    fn of(place: &'a Place, recipe: Recipe) -> Result<Self, JournalError> {
        let (folders, output) = ([place.input()], place.output());
        let settings = Settings::default();
        let watched = Watched { folders: &folders, recipe: &recipe, output: &output, settings: &settings };
        Ok(Self { place, series: Series::open(&place.store(), &watched)?, recipe })
    }

    /// Processes what is new.
    fn process(&mut self) -> Report {
        let is_new = |entry: &SourceEntry| {
            let path = entry.source.path().unwrap();
            let file = FileRecord::of(&fs::metadata(path).unwrap());
            self.series.meets(path, &file) == Met::New && !self.series.wrote(path, file.bytes)
        };
        let sources: Vec<SourceEntry> = self.place.sources().into_iter().filter(is_new).collect();
        let output = self.place.output();
        let planning = Planning {
            sources: &sources,
            recipe: &self.recipe,
            output: &output,
            overrides: &OverridesBySource::new(),
            limits: &Limits::default(),
            looks_at_disk: true,
            headers_read: &AtomicUsize::new(0),
        };
        let mut jobs = planning.jobs_after(self.series.last_number(), false);
        self.series.only_changed(&mut jobs, &self.recipe);
        self.run(jobs)
    }

    fn run(&mut self, jobs: Vec<lightloom_batch::Job>) -> Report {
        let mut batch = Batch {
            jobs,
            recipe: self.recipe.clone(),
            results: Conflict::Unique.into(),
            settings: Settings::default(),
        };
        (batch.results.hash, batch.results.adopt) = (true, true);
        let recorder = self.series.begin_batch(&batch, Arc::new(|_: Event| {})).unwrap();
        let report = start(batch, recorder.clone()).unwrap().wait();
        assert_eq!(self.series.end_batch(&recorder, &report), None);
        report
    }
}

#[test]
fn the_journal_of_a_watched_folder_goes_on_across_restarts() {
    let place = Place::new(3);
    let recipe = || recipe(&["invert"]);
    let mut watcher = Watcher::of(&place, recipe()).unwrap();
    assert!(matches!(Watcher::of(&place, recipe()), Err(JournalError::Watched(_))), "one at a time");
    assert_eq!(watcher.process().totals.done, 3);
    assert_eq!(watcher.process().totals.images, 0, "each once");
    fs::write(place.input().join("10.ppm"), picture(10)).unwrap();
    assert_eq!(watcher.process().totals.done, 1);
    let run = watcher.series.run().to_owned();
    watcher.series.end().unwrap();
    let history = History::read(&place.store().path(&run)).unwrap();
    assert_eq!((history.jobs.len(), history.finished.len(), history.is_planned), (4, 4, true));
    assert_eq!((history.end.as_ref().unwrap().totals.done, history.is_interrupted()), (4, false));
    // Again, though a result was taken away, a source changed and another was renamed.
    let results = place.results();
    fs::remove_file(place.out().join("02.ppm")).unwrap();
    fs::write(place.input().join("00.ppm"), picture(50)).unwrap();
    fs::rename(place.input().join("10.ppm"), place.input().join("11.ppm")).unwrap();
    let mut watcher = Watcher::of(&place, recipe()).unwrap();
    assert_eq!(watcher.series.run(), run, "the same journal");
    let file = FileRecord::of(&fs::metadata(place.input().join("11.ppm")).unwrap());
    let met = watcher.series.meets(&place.input().join("11.ppm"), &file);
    assert_eq!(met, Met::Renamed(place.input().join("10.ppm")));
    let report = watcher.process();
    assert_eq!((report.totals.done, report.totals.images), (1, 1), "{report:?}");
    assert_eq!(report.images[0].outputs[0].state, OutputState::Replaced);
    assert_eq!(place.results().len(), results.len() - 1, "no copies");
    drop(watcher);
    // Another recipe is another run, which replaces the results of the first.
    let mut other = Watcher::of(&place, self::recipe(&["sepia"])).unwrap();
    assert_ne!(other.series.run(), run);
    assert_eq!(other.process().totals.done, 4);
    assert_eq!(place.results().len(), results.len() + 1, "that of the renamed one is new");
}

#[test]
fn what_a_killed_watcher_had_begun_is_done_once() {
    let place = Place::new(4);
    let recipe = || recipe(&["invert"]);
    let mut watcher = Watcher::of(&place, recipe()).unwrap();
    watcher.process();
    let journal = place.store().path(watcher.series.run());
    drop(watcher);
    let whole = place.results();
    // Pictures 2 to 4 have their results but no record; the source of 3 has changed since, and that of 4 is gone.
    kill_after(&journal, &[1]);
    let sources: Vec<PathBuf> =
        place.sources().iter().map(|entry| entry.source.path().unwrap().to_path_buf()).collect();
    fs::write(&sources[2], picture(60)).unwrap();
    fs::remove_file(&sources[3]).unwrap();
    let mut watcher = Watcher::of(&place, recipe()).unwrap();
    let left = watcher.series.take_left();
    assert_eq!(left.iter().map(|job| job.number).collect::<Vec<_>>(), [2]);
    let report = watcher.run(left);
    assert_eq!((report.totals.done, place.results() == whole), (1, true), "adopted");
    assert_eq!(watcher.process().totals.done, 1, "the one that changed");
    assert_eq!(place.results().keys().collect::<Vec<_>>(), whole.keys().collect::<Vec<_>>(), "no copies");
    assert_ne!(place.results(), whole);
    watcher.series.end().unwrap();
    let history = History::read(&journal).unwrap();
    assert_eq!((history.jobs.len(), history.unfinished().count()), (5, 0));
    // What is there is verified, and all of it is undone.
    let verification = Verification::of(&journal, Settings { cores: 1, ..Settings::default() }).unwrap();
    let made = start(verification.batch.clone(), Arc::new(|_: Event| {})).unwrap().wait();
    let verdicts: Vec<Verdict> = verification.compare(&made).into_iter().map(|checked| checked.verdict).collect();
    assert_eq!(verdicts, vec![Verdict::Same; 3]);
    let undone = undo(&journal, Removal::Delete, &AtomicUsize::new(0)).unwrap();
    assert_eq!((undone.removed.len(), undone.replacing), (4, 0), "{undone:?}");
    assert!(place.results().is_empty());
    // Undone work is not taken for done.
    assert_eq!(Watcher::of(&place, recipe()).unwrap().process().totals.done, 3);
}
