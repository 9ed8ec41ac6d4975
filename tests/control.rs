//! A run is stopped and paused under every executor.
#![allow(clippy::unwrap_used, reason = "tests")]

mod common;

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering::SeqCst};
use std::thread::sleep;
use std::time::{Duration, Instant};

use common::{batch, content, folder, recipe, settings};
use lightloom::batch::{Control, EXECUTORS, Event, ImageState, Outcome, Running, start};

#[test]
fn a_stop_ends_the_run_and_leaves_nothing_half_written() {
    let dir = tempfile::tempdir().unwrap();
    let input = folder(dir.path(), 8, 1500, 1000);
    for executor in EXECUTORS {
        let out = dir.path().join(executor.id);
        let running = {
            let whole = batch(
                &input,
                &out,
                &recipe(&["gaussian_blur:sigma=20", "gaussian_blur:sigma=20"], "png"),
                settings(executor.id, 2),
            );
            start(whole, Arc::new(|_: Event| {})).unwrap()
        };
        let began = Instant::now();
        while running.progress().finished() < 1 && began.elapsed() < Duration::from_secs(60) {
            sleep(Duration::from_millis(1));
        }
        running.control().stop();
        let report = running.wait();
        let totals = &report.totals;
        assert!(totals.stopped > 0, "{}: {totals:?}", executor.id);
        assert_eq!(totals.done + totals.stopped, 8, "a stop is no failure: {report:?}");
        assert_eq!(content(&out).len(), totals.done, "{}: only whole results", executor.id);
        let reason = report.images.iter().find_map(|i| (i.outcome == Outcome::Stopped).then_some(i.reason.as_deref()));
        assert!(reason.flatten().unwrap().contains("stopped"));
    }
}

#[test]
fn a_paused_run_starts_nothing_until_it_is_resumed() {
    let dir = tempfile::tempdir().unwrap();
    let input = folder(dir.path(), 12, 400, 300);
    for executor in EXECUTORS {
        let whole =
            batch(&input, &dir.path().join(executor.id), &recipe(&["gaussian_blur"], "jpeg"), settings(executor.id, 2));
        let running = start(whole, Arc::new(|_: Event| {})).unwrap();
        running.control().pause();
        // What was in work, or was about to be, finishes; then nothing moves.
        let in_work = |r: &Running| (0..12).filter(|i| matches!(r.progress().state(*i), ImageState::In(_))).count();
        let began = Instant::now();
        let mut before = usize::MAX;
        while (in_work(&running) > 0 || running.progress().finished() != before)
            && began.elapsed() < Duration::from_secs(30)
        {
            before = running.progress().finished();
            sleep(Duration::from_millis(400));
        }
        sleep(Duration::from_millis(60));
        assert_eq!(running.progress().finished(), before, "{} went on while paused", executor.id);
        running.control().resume();
        assert_eq!(running.wait().totals.done, 12);
    }
}

#[test]
fn a_run_ends_when_everyone_has_heard_of_its_last_picture() {
    let dir = tempfile::tempdir().unwrap();
    let input = folder(dir.path(), 3, 40, 30);
    for executor in EXECUTORS {
        let whole = batch(&input, &dir.path().join(executor.id), &recipe(&[], "jpeg"), settings(executor.id, 2));
        let heard = Arc::new(AtomicUsize::new(0));
        let count = Arc::clone(&heard);
        let slow = move |event| {
            if let Event::Finished(_) = event {
                sleep(Duration::from_millis(30));
                count.fetch_add(1, SeqCst);
            }
        };
        start(whole, Arc::new(slow)).unwrap().wait();
        assert_eq!(heard.load(SeqCst), 3, "{}", executor.id);
    }
}

/// What has got its name when a stop comes is reported as done: the run does not end between the two.
#[test]
fn what_is_published_while_a_stop_comes_is_reported() {
    let dir = tempfile::tempdir().unwrap();
    let input = folder(dir.path(), 4, 40, 30);
    for executor in EXECUTORS {
        for round in 0..25 {
            let out = dir.path().join(format!("{} {round}", executor.id));
            let mut whole = batch(&input, &out, &recipe(&["invert"], "png"), settings(executor.id, 2));
            whole.results.hash = true;
            let (send, control) = crossbeam_channel::bounded::<Arc<Control>>(1);
            let sink = move |event: Event| {
                if let Event::Publishing { .. } = event
                    && let Ok(control) = control.recv()
                {
                    control.stop();
                }
            };
            let running = start(whole, Arc::new(sink)).unwrap();
            send.send(Arc::clone(running.control())).unwrap();
            drop(send);
            let report = running.wait();
            assert_eq!(content(&out).len(), report.totals.done, "{}: {:?}", executor.id, report.totals);
            assert!(report.totals.done > 0);
        }
    }
}
