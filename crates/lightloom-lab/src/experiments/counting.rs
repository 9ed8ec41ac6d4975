//! Counting together: what is lost without care, and what care costs. No memory is shared unsafely: the careless
//! counter reads and writes in two steps, each of them safe.

use std::sync::atomic::{AtomicU64, Ordering::Relaxed};
use std::sync::{Barrier, Mutex, PoisonError};
use std::thread;
use std::time::Instant;

use super::{Bar, Experiment, Findings, cores};

/// What each thread adds, one by one.
const EACH: u64 = 3_000_000;

pub(super) static LOST_UPDATES: Experiment = Experiment {
    id: "lost-updates",
    title: "Lost updates",
    text: "Threads add to one counter: carelessly in two steps, with a lock, and with an atomic addition. Without care some additions are lost; the lock and the atomic lose none and cost time.",
    needs_pictures: false,
    run: |bench, _| {
        let careless = AtomicU64::new(0);
        let locked = Mutex::new(0_u64);
        let atomic = AtomicU64::new(0);
        let mut lost = Vec::new();
        let mut nanos = [Vec::new(), Vec::new(), Vec::new()];
        let total = EACH * cores() as u64;
        for _ in 0..bench.repeats.max(1) {
            careless.store(0, Relaxed);
            nanos[0].push(time(&|| {
                let seen = careless.load(Relaxed);
                careless.store(std::hint::black_box(seen) + 1, Relaxed);
            }));
            lost.push((total - careless.load(Relaxed).min(total)) as f64);
            nanos[1].push(time(&|| *locked.lock().unwrap_or_else(PoisonError::into_inner) += 1));
            nanos[2].push(time(&|| {
                atomic.fetch_add(1, Relaxed);
            }));
        }
        let right = total * bench.repeats.max(1) as u64;
        let kept = *locked.lock().unwrap_or_else(PoisonError::into_inner) == right && atomic.load(Relaxed) == right;
        let lost = bar("in two steps", lost, "lost additions");
        let sentence = match (lost.value, kept) {
            (_, false) => {
                "The lock or the atomic addition lost something, which must not happen on any machine.".to_owned()
            }
            (0.0, true) => format!(
                "This time none of {total} additions was lost, which proves nothing: it depends on who runs when."
            ),
            (value, true) => format!(
                "Of {total} additions in two steps {value:.0} were lost; the lock and the atomic addition lost none."
            ),
        };
        let labels = ["in two steps", "with a lock", "atomic"];
        let times = labels.into_iter().zip(nanos).map(|(label, nanos)| bar(label, nanos, "ns per addition"));
        Ok(Findings { bars: std::iter::once(lost).chain(times).collect(), sentence, simulated: None })
    },
};

/// Nanoseconds per addition while one thread per core adds.
fn time(add: &(dyn Fn() + Sync)) -> f64 {
    let threads = cores();
    let start = Barrier::new(threads + 1);
    thread::scope(|scope| {
        let adders: Vec<_> = (0..threads)
            .map(|_| {
                scope.spawn(|| {
                    start.wait();
                    (0..EACH).for_each(|_| add());
                })
            })
            .collect();
        start.wait();
        let began = Instant::now();
        adders.into_iter().for_each(|adder| drop(adder.join()));
        began.elapsed().as_nanos() as f64 / (EACH * threads as u64) as f64
    })
}

fn bar(label: &str, values: Vec<f64>, unit: &'static str) -> Bar {
    let range = values.iter().fold((f64::INFINITY, 0.0_f64), |(low, high), v| (low.min(*v), high.max(*v)));
    Bar { label: label.to_owned(), value: crate::comparison::median(values), range, unit }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Bench;

    #[test]
    fn care_loses_nothing() {
        let bench = Bench { repeats: 2, ..Bench::default() };
        let findings = LOST_UPDATES.run(&bench, &mut |_| {}).unwrap();
        assert_eq!(findings.bars.len(), 4);
        assert!(!findings.sentence.contains("must not happen"), "{}", findings.sentence);
    }
}
