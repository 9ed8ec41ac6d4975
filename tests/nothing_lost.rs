//! Random trees, names, suffixes, places and policies: no source is ever touched, every picture is accounted for, and what
//! is reported as written is there with its own bytes.
#![allow(clippy::unwrap_used, reason = "tests")]

mod common;

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

use common::{content, recipe, run, settings_in_process, sources};
use lightloom::batch::{Batch, Conflict, ImageReport, Outcome, OutputSettings, OutputState, Report, plan_jobs};
use lightloom::recipe::{Output, Recipe};

/// A generator of numbers that are the same in each run (xorshift).
struct Random(u64);

impl Random {
    fn below(&mut self, bound: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        (self.0 % bound as u64) as usize
    }

    fn of<T: Clone>(&mut self, choices: &[T]) -> T {
        choices[self.below(choices.len())].clone()
    }
}

/// Names that are easily taken for each other.
fn name(random: &mut Random) -> String {
    let stem = random.of(&["a", "A", "a-2", "a-2-2", "b", "ä", "a\u{308}", "a b", "a.b", "-x", "漢字"]).to_owned();
    if random.below(8) == 0 { format!("{stem}{}", "n".repeat(240)) } else { stem }
}

fn folder(random: &mut Random) -> PathBuf {
    (0..random.below(3)).map(|_| random.of(&["x", "X", "y", "lightloom", "out"])).collect()
}

/// A picture of three pixels that no other is like.
fn put_picture(root: &Path, random: &mut Random) {
    let folder = root.join(folder(random));
    // A file may stand where a folder would.
    if fs::create_dir_all(&folder).is_err() {
        return;
    }
    let pixels: Vec<u8> = (0..9).map(|_| random.below(256) as u8).collect();
    let path = folder.join(name(random)).with_extension(random.of(&["ppm", "pnm", "PPM"]));
    let _ = fs::write(path, [b"P6 3 1 255\n".as_slice(), &pixels].concat());
}

/// What stands in the way of results: files, links to originals, folders.
fn obstruct(out: &Path, originals: &[PathBuf], random: &mut Random) {
    for _ in 0..random.below(16) {
        let folder = out.join(folder(random));
        if fs::create_dir_all(&folder).is_err() {
            continue;
        }
        // Half of them under the name of a result.
        let stem = match random.below(2) {
            0 => name(random),
            _ => random.of(originals).file_stem().unwrap().to_str().unwrap().to_owned(),
        };
        let path = folder.join(format!("{stem}{}.ppm", random.of(&["", "", "-s", "-2"])));
        match random.below(4) {
            0 => drop(fs::create_dir(&path)),
            1 => drop(fs::hard_link(random.of(originals), &path)),
            #[cfg(unix)]
            2 => drop(std::os::unix::fs::symlink(random.of(originals), &path)),
            _ if path.exists() => {}
            // A name may be too long with its suffix.
            _ => drop(fs::write(&path, vec![b'f'; random.below(40)])),
        }
    }
}

struct Case {
    conflict: Conflict,
    output: OutputSettings,
    recipe: Recipe,
}

impl Case {
    fn random(input: &Path, root: &Path, random: &mut Random) -> Self {
        let conflict = random.of(&Conflict::ALL);
        let folders = [None, Some(root.join("out")), Some(input.to_path_buf()), Some(input.join("x"))];
        let output = OutputSettings {
            folder: random.of(&folders),
            keep_tree: random.below(3) > 0,
            conflict,
            ..OutputSettings::default()
        };
        let output_of = |suffix: &str, folder: &str| Output {
            suffix: suffix.into(),
            folder: folder.into(),
            ..Output { export: recipe(&[], "same").export, ..Output::named(&format!("o{suffix}{folder}")) }
        };
        let outputs = match random.below(3) {
            0 => Vec::new(),
            1 => vec![output_of("-s", "")],
            _ => vec![output_of("", ""), output_of("-2", ""), output_of("", "x")],
        };
        Self { conflict, output, recipe: Recipe { outputs, ..recipe(&["invert"], "same") } }
    }

    fn batch(&self, input: &Path, output: &OutputSettings, random: &mut Random) -> Batch {
        let settings = settings_in_process(random.of(&["hybrid", "sequential", "cores"]), 3);
        let jobs = plan_jobs(&sources(input), &self.recipe, output);
        Batch { jobs, recipe: self.recipe.clone(), results: output.conflict.into(), settings }
    }
}

/// The bytes of each result of each source, by the source's path and the place of the output.
fn wanted(report: &Report) -> BTreeMap<(PathBuf, usize), Vec<u8>> {
    let results = |image: &ImageReport| {
        let source = image.source.path().unwrap().to_path_buf();
        let bytes = image.outputs.iter().map(|output| fs::read(&output.path).unwrap());
        bytes.enumerate().map(move |(index, bytes)| ((source.clone(), index), bytes)).collect::<Vec<_>>()
    };
    report.images.iter().flat_map(results).collect()
}

fn check(report: &Report, wanted: &BTreeMap<(PathBuf, usize), Vec<u8>>, case: &Case) {
    let mut written = BTreeSet::new();
    for image in &report.images {
        let reason = image.reason.as_deref().unwrap_or_default();
        match image.outcome {
            Outcome::Done => assert_eq!(reason, ""),
            Outcome::Failed => {
                let known = ["original of this batch", "no regular file", "a file stands where a folder is needed"];
                assert!(known.iter().any(|known| reason.contains(known)), "{:?}: {reason}", case.conflict);
            }
            other => panic!("{other:?}: {reason}"),
        }
        for (index, output) in image.outputs.iter().enumerate() {
            if output.state == OutputState::Kept {
                assert!(image.warnings.iter().any(|warning| warning.contains("kept")), "{image:?}");
                continue;
            }
            assert!(written.insert(&output.path), "two results at {}", output.path.display());
            let own = &wanted[&(image.source.path().unwrap().to_path_buf(), index)];
            assert!(fs::read(&output.path).unwrap() == *own, "{} has other bytes", output.path.display());
            assert!(case.conflict.replaces() || output.state == OutputState::Written);
        }
    }
}

#[test]
fn no_source_is_touched_and_no_result_lost() {
    let mut random = Random(0x2545_f491_4f6c_dd1d);
    let mut states = BTreeSet::new();
    for _ in 0..120 {
        let dir = tempfile::tempdir().unwrap();
        let input = dir.path().join("in");
        fs::create_dir(&input).unwrap();
        for _ in 0..=random.below(12) {
            put_picture(&input, &mut random);
        }
        let originals: Vec<PathBuf> =
            sources(&input).into_iter().map(|entry| entry.source.path().unwrap().to_path_buf()).collect();
        if originals.is_empty() {
            continue;
        }
        let case = Case::random(&input, dir.path(), &mut random);
        let apart = OutputSettings { folder: Some(dir.path().join("apart")), ..OutputSettings::default() };
        let undisturbed = run(case.batch(&input, &apart, &mut random));
        assert_eq!(undisturbed.totals.done, originals.len(), "{undisturbed:?}");
        let wanted = wanted(&undisturbed);
        let out = case.output.folder.clone().unwrap_or_else(|| dir.path().join("lightloom"));
        obstruct(&out, &originals, &mut random);
        let mut batch = case.batch(&input, &case.output, &mut random);
        // What stands in the way below the input is no source.
        batch.jobs.retain(|job| originals.iter().any(|path| job.source.path() == Some(path)));
        (0..).zip(&mut batch.jobs).for_each(|(index, job)| job.index = index);
        let originals: BTreeSet<PathBuf> =
            batch.jobs.iter().map(|job| job.source.path().unwrap().to_path_buf()).collect();
        let before: BTreeMap<_, _> = content(dir.path()).into_iter().collect();
        let report = run(batch);
        check(&report, &wanted, &case);
        states.extend(report.images.iter().flat_map(|image| &image.outputs).map(|o| format!("{:?}", o.state)));
        let after: BTreeMap<_, _> = content(dir.path()).into_iter().collect();
        for (path, bytes) in &before {
            let is_source = originals.contains(&dir.path().join(path));
            if is_source || !case.conflict.replaces() {
                assert!(after.get(path) == Some(bytes), "{:?} changed {}", case.conflict, path.display());
            }
            assert!(after.contains_key(path), "{} is gone", path.display());
        }
        assert!(!after.keys().any(|path| path.to_string_lossy().contains(".lightloom-")), "no temporary file stays");
    }
    assert_eq!(states.into_iter().collect::<Vec<_>>(), ["Kept", "Replaced", "Written"], "all of it was tried");
}
