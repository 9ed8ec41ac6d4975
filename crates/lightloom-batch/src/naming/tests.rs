use super::*;
use crate::{Decoders, Source};
use lightloom_recipe::{ExportSettings, FormatChoice};

fn file(path: &str, root: Option<&str>) -> SourceEntry {
    SourceEntry { source: path.into(), root: root.map(Into::into) }
}

fn targets(files: &[SourceEntry], output: &OutputSettings) -> Vec<String> {
    let jpeg = ExportSettings { format: FormatChoice::from_id("jpeg").unwrap(), ..ExportSettings::default() };
    all_targets(files, &Recipe { export: jpeg, ..Recipe::default() }, output)
}

fn all_targets(files: &[SourceEntry], recipe: &Recipe, output: &OutputSettings) -> Vec<String> {
    let jobs = plan_jobs(files, recipe, output);
    jobs.iter().flat_map(|j| &j.targets).map(|t| t.path().to_string_lossy().into_owned()).collect()
}

#[test]
fn each_output_has_a_name_of_its_own() {
    let output = |name: &str, suffix: &str, folder: &str| Output {
        suffix: suffix.into(),
        folder: folder.into(),
        ..Output::named(name)
    };
    let outputs = vec![output("web", "", ""), output("small", "-256", ""), output("thumb", "", "thumbs")];
    let recipe = Recipe { outputs, ..Recipe::default() };
    let flat = OutputSettings { folder: Some("/out".into()), keep_tree: false, ..OutputSettings::default() };
    let files = ["/p/a.jpg", "/q/a.jpg", "/p/a-256.jpg", "/p/b.jpg"].map(|p| file(p, None));
    let expected = [
        ["/out/a", "/out/a-256", "/out/thumbs/a"],
        ["/out/a-2", "/out/a-2-256", "/out/thumbs/a-2"],
        ["/out/a-256-2", "/out/a-256-2-256", "/out/thumbs/a-256-2"],
        ["/out/b", "/out/b-256", "/out/thumbs/b"],
    ];
    assert_eq!(all_targets(&files, &recipe, &flat), expected.concat());
}

#[test]
fn results_go_beside_the_source_and_keep_the_tree() {
    let files =
        [file("/p/trip/a.jpg", Some("/p/trip")), file("/p/trip/day/b.jpg", Some("/p/trip")), file("/q/c.png", None)];
    let beside = targets(&files, &OutputSettings::default());
    assert_eq!(beside, ["/p/lightloom/trip/a", "/p/lightloom/trip/day/b", "/q/lightloom/c"]);
    let chosen =
        targets(&files, &OutputSettings { folder: Some("/out".into()), keep_tree: true, ..OutputSettings::default() });
    assert_eq!(chosen, ["/out/a", "/out/day/b", "/out/c"]);
    let flat =
        targets(&files, &OutputSettings { folder: Some("/out".into()), keep_tree: false, ..OutputSettings::default() });
    assert_eq!(flat, ["/out/a", "/out/b", "/out/c"]);
}

#[test]
fn several_folders_do_not_mix() {
    let files = [file("/p/trip/a.jpg", Some("/p/trip")), file("/q/home/a.jpg", Some("/q/home"))];
    let out = OutputSettings { folder: Some("/out".into()), keep_tree: true, ..OutputSettings::default() };
    assert_eq!(targets(&files, &out), ["/out/trip/a", "/out/home/a"]);
}

#[test]
fn a_source_in_memory_is_named_as_a_file_would_be() {
    let sources = ["/p/a.jpg".into(), SourceEntry::from(Source::memory("a.jpg", *b"x"))];
    let out = OutputSettings { folder: Some("/out".into()), keep_tree: true, ..OutputSettings::default() };
    assert_eq!(targets(&sources, &out), ["/out/a", "/out/a-2"]);
    assert_eq!(targets(&sources[1..], &OutputSettings::default()), ["lightloom/a"]);
}

#[test]
fn no_two_jobs_share_a_target() {
    let files = ["/p/a.jpg", "/p/a.png", "/p/A.gif", "/p/a-2.bmp"].map(|p| file(p, Some("/p")));
    let flat = OutputSettings { folder: Some("/out".into()), keep_tree: false, ..OutputSettings::default() };
    assert_eq!(targets(&files, &flat), ["/out/a", "/out/a-2", "/out/A-3", "/out/a-2-2"]);
}

fn named(template: &str) -> OutputSettings {
    OutputSettings {
        folder: Some("/out".into()),
        keep_tree: false,
        names: Template::parse(template).unwrap(),
        ..OutputSettings::default()
    }
}

#[test]
fn templates_rebuild_the_tree() {
    let files = [file("/p/trip/day 1/a.jpg", Some("/p/trip")), file("/p/trip/b.png", Some("/p/trip"))];
    assert_eq!(targets(&files, &named("{relpath}/{seq:3} {name}")), ["/out/day 1/001 a", "/out/002 b"]);
    let kept = OutputSettings { keep_tree: true, ..named("{ext}/{name}") };
    assert_eq!(targets(&files, &kept), ["/out/day 1/jpg/a", "/out/png/b"]);
    let called = OutputSettings { recipe_name: "Web".into(), ..named("{recipe}-{name}") };
    assert_eq!(targets(&files, &called), ["/out/Web-a", "/out/Web-b"]);
    assert_eq!(targets(&files, &named("all")), ["/out/all", "/out/all-2"]);
}

#[test]
fn names_that_not_every_system_holds_are_changed_and_said() {
    let files = [file("/p/10:30.jpg", Some("/p")), file("/p/10?30.jpg", Some("/p")), file("/p/ok.jpg", Some("/p"))];
    let jobs = plan_jobs(&files, &Recipe::default(), &named("{name}"));
    let names: Vec<_> = jobs.iter().map(|job| job.targets[0].file_name()).collect();
    assert_eq!(names, ["10_30.jpg", "10_30-2.jpg", "ok.jpg"]);
    assert!(jobs[0].notes[0].contains("'10_30'") && jobs[0].notes[0].contains("'10:30'"), "{:?}", jobs[0].notes);
    assert!(jobs[2].notes.is_empty());
    let tree = OutputSettings { folder: Some("/out".into()), ..OutputSettings::default() };
    let jobs = plan_jobs(&[file("/p/a:b/nul/c.jpg", Some("/p"))], &Recipe::default(), &tree);
    assert_eq!(jobs[0].targets[0].folder, Path::new("/out/a_b/nul_"));
    assert_eq!(jobs[0].notes.len(), 1);
}

#[test]
fn names_that_disks_confuse_are_one() {
    let files = ["/p/\u{e9}.jpg", "/p/e\u{301}.jpg", "/p/\u{c9}.jpg"].map(|p| file(p, Some("/p")));
    let names: HashSet<_> = targets(&files, &named("{name}")).into_iter().collect();
    assert_eq!(names.len(), 3);
    let names = targets(&files, &named("{name}"));
    assert_eq!(names, ["/out/\u{e9}", "/out/e\u{301}-2", "/out/\u{c9}-3"]);
}

/// A batch of these files into a real folder, whose files are known.
fn planned(folder: &Path, sources: &[SourceEntry], conflict: Conflict) -> Vec<Target> {
    let output =
        OutputSettings { folder: Some(folder.to_path_buf()), keep_tree: false, conflict, ..OutputSettings::default() };
    let planning = Planning {
        sources,
        recipe: &Recipe::default(),
        output: &output,
        overrides: &OverridesBySource::new(),
        limits: &Limits::default(),
        decoders: &Decoders::default(),
        looks_at_disk: true,
        headers_read: &AtomicUsize::new(0),
    };
    planning.jobs().into_iter().flat_map(|job| job.targets).collect()
}

#[test]
fn files_that_are_there_are_met_as_the_policy_says() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("A.jpg"), "x").unwrap();
    let sources = [file("/p/a.jpg", None), file("/p/b.jpg", None)];
    let targets = planned(folder.path(), &sources, Conflict::Unique);
    assert_eq!(targets[0].file_name(), "a-2.jpg");
    for (conflict, action) in [
        (Conflict::Overwrite, Action::Replace),
        (Conflict::OverwriteIfChanged, Action::ReplaceIfChanged),
        (Conflict::OnlyIfSmaller, Action::ReplaceIfSmaller),
        (Conflict::Skip, Action::Skip("a file of this name is there".into())),
    ] {
        let targets = planned(folder.path(), &sources, conflict);
        assert_eq!((targets[0].file_name(), &targets[0].action), ("a.jpg".into(), &action));
        assert_eq!((targets[1].file_name(), &targets[1].action), ("b.jpg".into(), &Action::Create));
    }
}

#[test]
fn an_original_is_no_target_under_any_policy() {
    let folder = tempfile::tempdir().unwrap();
    let names = ["a.jpg", "b.jpg", "a-2.jpg"];
    let sources = names.map(|name| {
        let path = folder.path().join(name);
        std::fs::write(&path, "x").unwrap();
        SourceEntry::from(path)
    });
    for conflict in Conflict::ALL {
        let targets = planned(folder.path(), &sources, conflict);
        let written: HashSet<_> = targets.iter().map(Target::file_name).collect();
        assert_eq!(written.len(), 3, "{conflict:?}");
        assert!(names.iter().all(|name| !written.contains(OsStr::new(name))), "{conflict:?}: {written:?}");
        assert!(targets.iter().all(|target| target.action == Action::Create), "{conflict:?}");
    }
}

#[test]
fn equal_names_take_linear_time() {
    let files: Vec<_> = (0..20_000).map(|i| file(&format!("/p/{i}/a.jpg"), Some("/p"))).collect();
    let names = targets(&files, &named("{name}"));
    assert_eq!((names[1].as_str(), names[19_999].as_str()), ("/out/a-2", "/out/a-20000"));
}

#[test]
fn what_pictures_say_is_read_from_their_headers() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("two.ppm");
    std::fs::write(&path, b"P6 2 1 255\n\xff\0\0\0\0\0").unwrap();
    let broken = folder.path().join("broken.ppm");
    std::fs::write(&broken, "no picture").unwrap();
    let sources = [SourceEntry::from(path), SourceEntry::from(broken)];
    let recipe =
        Recipe { filters: vec![lightloom_recipe::Step::parse("rotate:turns=right").unwrap()], ..Recipe::default() };
    let jobs = plan_jobs(&sources, &recipe, &named("{name}-{width}x{height}"));
    let stems: Vec<_> = jobs.iter().map(|job| job.targets[0].stem.clone()).collect();
    assert_eq!(stems, ["two-1x2", "broken-unknownxunknown"]);
    assert_eq!(jobs[0].targets[0].size, Some((1, 2)), "to be compared with the result");
    let date = &targets(&sources, &named("{date:%Y}"))[0];
    assert!(date.starts_with("/out/20"), "{date}");
}

#[test]
fn numbers_and_folders_go_on_in_a_later_batch() {
    let sources = [file("/p/a.jpg", Some("/p")), file("/p/day/b.jpg", Some("/p"))];
    let output = OutputSettings { keep_tree: true, ..named("{seq:3}-{name}") };
    let planning = Planning {
        sources: &sources,
        recipe: &Recipe::default(),
        output: &output,
        overrides: &OverridesBySource::new(),
        limits: &Limits::default(),
        decoders: &Decoders::default(),
        looks_at_disk: false,
        headers_read: &AtomicUsize::new(0),
    };
    let paths = |jobs: &[Job]| jobs.iter().map(|job| job.targets[0].path()).collect::<Vec<_>>();
    let later = planning.jobs_after(40, true);
    assert_eq!(later.iter().map(|job| (job.index, job.number)).collect::<Vec<_>>(), [(0, 41), (1, 42)]);
    assert_eq!(paths(&later)[0].file_name().unwrap(), "041-a");
    assert_ne!(paths(&later)[0].parent(), paths(&planning.jobs())[0].parent(), "the folder's own name comes first");
}

/// A generator of numbers (xorshift), so that each case can be made again.
struct Random(u64);

impl Random {
    fn below(&mut self, end: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        (self.0 % end as u64) as usize
    }

    fn pick<'a>(&mut self, all: &[&'a str]) -> &'a str {
        all[self.below(all.len())]
    }
}

#[test]
fn no_tree_template_or_policy_maps_two_sources_to_one_target_or_to_a_source() {
    const PARTS: [&str; 14] =
        ["a", "A", "a-2", "\u{e9}", "e\u{301}", "x:y", "x?y", "con", "..b", "c.", " d", "\u{202e}f", "Ⅷ", "straße"];
    const EXTENSIONS: [&str; 5] = ["jpg", "JPG", "png", "ppm", "tif"];
    const TEMPLATES: [&str; 9] = [
        "{name}",
        "{parent}",
        "all",
        "{relpath}/{name}",
        "{seq}",
        "{name}-{ext}",
        "{parent}/{name}{{}}",
        "lightloom/{name}",
        "{recipe}/{copyright}",
    ];
    for seed in 1..=400_u64 {
        let mut random = Random(seed.wrapping_mul(0x9e37_79b9_7f4a_7c15));
        let mut sources: Vec<SourceEntry> = Vec::new();
        for _ in 0..random.below(40) {
            let root = format!("/p/{}", random.pick(&["r", "R", "s"]));
            let mut path = root.clone();
            for _ in 0..random.below(3) {
                path = format!("{path}/{}", random.pick(&PARTS));
            }
            path = format!("{path}/{}.{}", random.pick(&PARTS), random.pick(&EXTENSIONS));
            if sources.iter().all(|entry| entry.source.name() != Path::new(&path)) {
                let named = random.below(4) == 0;
                sources.push(file(&path, (!named).then_some(root.as_str())));
            }
        }
        let outputs = (0..random.below(3)).map(|i| Output {
            suffix: random.pick(&["", "-2", "-web"]).into(),
            folder: random.pick(&["", "small"]).into(),
            ..Output::named(&format!("o{i}"))
        });
        let recipe = Recipe { outputs: outputs.collect(), ..Recipe::default() };
        let output = OutputSettings {
            folder: [None, Some("/p/r".into()), Some("/p/r/a".into()), Some("/out".into())][random.below(4)].clone(),
            keep_tree: random.below(2) == 0,
            names: Template::parse(random.pick(&TEMPLATES)).unwrap(),
            recipe_name: random.pick(&["", "Web", "../x"]).into(),
            conflict: Conflict::ALL[random.below(5)],
            ..OutputSettings::default()
        };
        let jobs = plan_jobs(&sources, &recipe, &output);
        let full = |target: &Target| taken::folded(target.folder.join(target.file_name()).as_os_str());
        let targets: Vec<_> = jobs.iter().flat_map(|job| &job.targets).collect();
        let distinct: HashSet<_> = targets.iter().map(|target| full(target)).collect();
        assert_eq!(distinct.len(), targets.len(), "seed {seed}: {output:?}");
        assert_eq!(targets.len(), sources.len() * recipe.all_outputs().len());
        for entry in &sources {
            assert!(!distinct.contains(&taken::folded(entry.source.name().as_os_str())), "seed {seed}: {entry:?}");
        }
        for target in targets {
            let below = target.folder.strip_prefix(&*target.root).unwrap();
            let plain = |part| matches!(part, std::path::Component::Normal(_));
            assert!(below.components().all(plain), "seed {seed}: {target:?} stays below its folder");
        }
    }
}
