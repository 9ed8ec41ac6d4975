//! The simulated slow source at work: how long a reading has to be held back.

use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use super::{Control, SlowSource};

/// Shared by all lanes of a run, since they share the bandwidth.
#[derive(Debug)]
pub(super) struct Throttle {
    source: Option<SlowSource>,
    /// When the line has sent everything that was asked for so far.
    line_free: Mutex<Instant>,
}

impl Throttle {
    pub fn new(source: Option<SlowSource>) -> Self {
        Self { source, line_free: Mutex::new(Instant::now()) }
    }

    /// Whether there is a simulated source.
    pub const fn is_slow(&self) -> bool {
        self.source.is_some()
    }

    /// When the simulated source will have sent a file of `bytes` that is asked for now; `None` if there is none.
    pub fn due(&self, bytes: u64) -> Option<Instant> {
        let source = self.source?;
        let answered = Instant::now() + Duration::from_millis(u64::from(source.latency_ms));
        let done = {
            let mut line_free = self.line_free.lock().unwrap_or_else(PoisonError::into_inner);
            *line_free = answered.max(*line_free) + source.transfer(bytes);
            *line_free
        };
        Some(if source.mib_per_sec.is_some() { done } else { answered })
    }
}

/// Waits until then, or until the run is stopped.
pub(super) fn wait_until(due: Instant, control: &Control) {
    // Short sleeps, so that a stop is noticed.
    while let Some(left) = due.checked_duration_since(Instant::now()).filter(|_| !control.is_stopped()) {
        std::thread::sleep(left.min(Duration::from_millis(20)));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn secs(source: SlowSource, readers: usize, bytes: u64) -> f64 {
        let throttle = Throttle::new(Some(source));
        let control = Control::default();
        let began = Instant::now();
        std::thread::scope(|scope| {
            for _ in 0..readers {
                scope.spawn(|| wait_until(throttle.due(bytes).unwrap(), &control));
            }
        });
        began.elapsed().as_secs_f64()
    }

    #[test]
    fn latencies_overlap_and_bandwidth_is_shared() {
        // Lower bounds alone hold on a busy machine, so the upper ones are far away.
        let latency = SlowSource { latency_ms: 50, mib_per_sec: None };
        assert!((0.05..0.35).contains(&secs(latency, 8, 1 << 30)));
        let narrow = SlowSource { latency_ms: 0, mib_per_sec: Some(10) };
        assert!(secs(narrow, 4, 1 << 20) >= 0.4);
    }

    #[test]
    fn a_stop_ends_the_wait() {
        let control = Control::default();
        control.stop();
        let began = Instant::now();
        let slow = SlowSource { latency_ms: 60_000, mib_per_sec: None };
        wait_until(Throttle::new(Some(slow)).due(1).unwrap(), &control);
        assert!(began.elapsed() < Duration::from_secs(30));
    }
}
