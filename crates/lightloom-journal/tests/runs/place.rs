//! A place for runs, and what is done in it.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::AtomicUsize;

use lightloom_batch::{
    Batch, Decoders, Discovered, Event, OutputSettings, OverridesBySource, Planning, Report, Search, Settings,
    SourceEntry, discover, start,
};
use lightloom_codec::Limits;
use lightloom_journal::{Again, History, JournalError, POINTERS, Rest, Store, begin};
use lightloom_recipe::{Recipe, Step};

/// A folder with pictures, one for results and one for journals.
pub struct Place {
    pub root: tempfile::TempDir,
}

impl Place {
    pub fn new(pictures: usize) -> Self {
        let place = Self { root: tempfile::tempdir().unwrap() };
        fs::create_dir_all(place.input().join("day")).unwrap();
        for i in 0..pictures {
            let folder = if i % 2 == 0 { place.input() } else { place.input().join("day") };
            fs::write(folder.join(format!("{i:02}.ppm")), picture(i)).unwrap();
        }
        place
    }

    pub fn input(&self) -> PathBuf {
        self.root.path().join("in")
    }

    pub fn out(&self) -> PathBuf {
        self.root.path().join("out")
    }

    pub fn store(&self) -> Store {
        Store::at(self.root.path().join("runs"))
    }

    pub fn output(&self) -> OutputSettings {
        OutputSettings { folder: Some(self.out()), ..OutputSettings::default() }
    }

    pub fn sources(&self) -> Vec<SourceEntry> {
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

    pub fn batch(&self, recipe: &Recipe, output: &OutputSettings) -> Batch {
        let planning = Planning {
            sources: &self.sources(),
            recipe,
            output,
            overrides: &OverridesBySource::new(),
            limits: &Limits::default(),
            decoders: &Decoders::default(),
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
    pub fn run(&self, batch: Batch) -> (Report, PathBuf) {
        let recorder = begin(&self.store(), &batch, &self.output(), Arc::new(|_: Event| {})).unwrap();
        let report = start(batch, recorder.clone()).unwrap().wait();
        assert_eq!(recorder.end(&report), None);
        let history = History::read(recorder.path()).unwrap();
        assert_eq!(history.finished.len(), report.images.len(), "nothing is lost at the end");
        (report, recorder.path().to_path_buf())
    }

    /// What is in the folder for results, pointers aside.
    pub fn results(&self) -> BTreeMap<PathBuf, Vec<u8>> {
        files(&self.out())
    }
}

pub fn files(folder: &Path) -> BTreeMap<PathBuf, Vec<u8>> {
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

pub fn picture(seed: usize) -> Vec<u8> {
    let samples = (0..12 * 9 * 3).map(|i| (i * 7 + seed * 31) as u8);
    b"P6 12 9 255\n".iter().copied().chain(samples).collect()
}

pub fn recipe(filters: &[&str]) -> Recipe {
    Recipe { filters: filters.iter().map(|f| Step::parse(f).unwrap()).collect(), ..Recipe::default() }
}

pub fn rest(journal: &Path, again: Again) -> Result<Rest, JournalError> {
    Rest::of(journal, again, Settings { cores: 2, io_threads: 2, ..Settings::default() }, &AtomicUsize::new(0))
}

pub fn go_on(rest: &Rest) -> Report {
    let mut batch = rest.batch.clone();
    let recorder = rest.record(&mut batch, Arc::new(|_: Event| {})).unwrap();
    let report = start(batch, recorder.clone()).unwrap().wait();
    assert_eq!(recorder.end(&report), None);
    report
}

/// Cuts a journal as a program that was killed leaves it: only what was recorded of these pictures, and half a line.
pub fn kill_after(journal: &Path, pictures: &[usize]) {
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
