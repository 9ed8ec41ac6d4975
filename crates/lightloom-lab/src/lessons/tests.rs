use std::collections::BTreeSet;
use std::path::Path;

use super::outcome::judge;
use super::*;

#[test]
fn ids_are_distinct_and_texts_are_whole() {
    let ids: BTreeSet<&str> = LESSONS.iter().map(|lesson| lesson.id).collect();
    assert_eq!(ids.len(), LESSONS.len());
    let titles: BTreeSet<&str> = LESSONS.iter().map(|lesson| lesson.title).collect();
    assert_eq!(titles.len(), LESSONS.len());
    for lesson in LESSONS {
        assert!(std::ptr::eq(find_lesson(lesson.id).unwrap(), *lesson));
        assert!(lesson.claim.ends_with('.') && lesson.claim.matches(". ").count() == 0, "{}: one sentence", lesson.id);
        assert!(lesson.python.page.starts_with("https://docs.python.org/3/"), "{}", lesson.id);
        assert!(!lesson.python.words.is_empty() && !lesson.here.idea.ends_with('.'), "{}", lesson.id);
        let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..").join(lesson.here.file);
        assert!(file.is_file(), "{}: {} is gone", lesson.id, lesson.here.file);
        if let Kind::Advice(shown_by) = &lesson.kind {
            assert!(!shown_by.is_empty(), "{}", lesson.id);
            assert_eq!(lesson.shown_by().filter(|other| other.experiment().is_some()).count(), shown_by.len());
        }
    }
    for work in Work::ALL {
        let sides = |scale: f64| work.recipe(scale).unwrap().filters[0].params.get("width").cloned();
        assert_ne!(sides(1.0), sides(0.5), "{work:?}");
    }
    // The list stands together by chapter.
    let mut chapters: Vec<&str> = LESSONS.iter().map(|lesson| lesson.chapter.title()).collect();
    chapters.dedup();
    assert_eq!(chapters.len(), chapters.iter().collect::<BTreeSet<_>>().len());
}

#[test]
fn a_conclusion_says_no_more_than_the_rounds_show() {
    let lesson = find_lesson("computing").unwrap();
    let experiment = lesson.experiment().unwrap();
    let conclusion = |values: &[f64], others: f64| {
        let prediction = Prediction::value(2.0, "It should.".to_owned());
        let outcome =
            judge(lesson, experiment, prediction, Found { values: values.to_vec(), ..Found::default() }, others);
        (outcome.conclusion, outcome.sentence + &outcome.note)
    };
    for (values, others, expected, part) in [
        (&[1.9, 1.8, 2.0][..], 0.0, Conclusion::Held, "Held: 1.90 times as fast"),
        (&[1.9, 1.8, 2.0], 0.5, Conclusion::Held, "Other programs took 50 % of the processors"),
        (&[1.9], 0.0, Conclusion::Held, "a single round, which is no certainty"),
        (&[1.0, 1.1, 0.9], 0.1, Conclusion::DidNotHold, "because it was 1 times as fast"),
        (&[1.0, 1.1, 0.9], 0.0, Conclusion::DidNotHold, "not at least 1.30: other programs"),
        (&[1.0, 1.1, 0.9], 0.5, Conclusion::CannotBeShown, "other programs took 50 % of the processors"),
        (&[1.9, 1.1, 2.0], 0.0, Conclusion::CannotBeShown, "it held in 2 of 3 rounds (1.10 to 2"),
        (&[], 0.0, Conclusion::CannotBeShown, "no round came to its end"),
    ] {
        let (found, sentence) = conclusion(values, others);
        assert_eq!(found, expected, "{values:?}");
        assert!(sentence.contains(part), "{values:?}: {sentence}");
    }
    assert_eq!([0.5, 2.0, 12.34, 1234.5].map(number), ["0.50", "2", "12.3", "1234"]);
}

fn bench(watch: &mut dyn FnMut(LessonEvent<'_>)) -> Bench<'_> {
    Bench {
        sources: Vec::new(),
        folder: std::env::temp_dir(),
        rounds: 1,
        settings: lightloom_batch::Settings::default(),
        scale: 1.0,
        known: Known::default(),
        stop: std::sync::Arc::default(),
        watch,
    }
}

#[test]
fn without_pictures_or_a_program_a_lesson_says_so() {
    for lesson in LESSONS.iter().filter(|lesson| lesson.experiment().is_some()) {
        let needs = lesson.experiment().unwrap().needs;
        let mut watch = |_: LessonEvent<'_>| {};
        if matches!(needs, Needs::Pictures(_)) {
            let error = lesson.run(&mut bench(&mut watch)).unwrap_err();
            assert!(error.to_string().contains("no pictures"), "{}: {error}", lesson.id);
        }
    }
    let outcome = find_lesson("starting-cost").unwrap().run(&mut bench(&mut |_| {})).unwrap();
    assert_eq!(outcome.conclusion, Conclusion::CannotBeShown);
    assert!(outcome.sentence.contains("no program is known"), "{}", outcome.sentence);
}

#[test]
fn a_lesson_that_is_told_to_stop_does() {
    for lesson in LESSONS {
        let mut watch = |_: LessonEvent<'_>| {};
        let mut bench = bench(&mut watch);
        bench.sources = vec!["/nowhere/a.png".into()];
        bench.settings.worker_program =
            lightloom_batch::WorkerProgram { path: "/bin/true".into(), arguments: vec![] }.into();
        bench.stop.store(true, std::sync::atomic::Ordering::Relaxed);
        assert!(matches!(lesson.run(&mut bench), Err(LessonError::Stopped)), "{}", lesson.id);
    }
}
