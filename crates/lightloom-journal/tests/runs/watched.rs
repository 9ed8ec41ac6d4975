//! The journal of watched folders.

use std::fs;
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::AtomicUsize;

use lightloom_batch::{
    Batch, Conflict, Decoders, Event, OutputState, OverridesBySource, Planning, Report, Settings, SourceEntry, start,
};
use lightloom_codec::Limits;
use lightloom_journal::record::FileRecord;
use lightloom_journal::{History, JournalError, Met, Removal, Series, Verdict, Verification, Watched, undo};
use lightloom_recipe::Recipe;

use crate::place::{Place, kill_after, picture, recipe};

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
            decoders: &Decoders::default(),
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
