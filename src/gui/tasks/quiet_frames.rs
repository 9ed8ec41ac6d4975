//! Keeps the window's own drawing out of measurements. With a graphics card a frame costs next to nothing; with software
//! rendering a single frame takes as long as a picture.

use std::sync::atomic::{AtomicU64, Ordering::Relaxed};
use std::thread;
use std::time::{Duration, Instant};

use cpu_time::ProcessTime;
use egui::Context;

/// Share of one core that drawing may take while a run is measured.
const SHARE: f64 = 0.02;
/// Shortest and longest time between two frames during a run.
const RANGE: (Duration, Duration) = (Duration::from_millis(500), Duration::from_secs(10));
/// Longest wait for the window before a run.
const MAX_WAIT: Duration = Duration::from_secs(1);
/// The window is at rest once the program has used less than `IDLE` of processor time within `SAMPLE_TIME`.
const SAMPLE_TIME: Duration = Duration::from_millis(40);
const IDLE: Duration = Duration::from_millis(4);

/// What drawing cost when nothing else was done, in milliseconds.
#[derive(Debug, Default)]
pub struct QuietFrames(AtomicU64);

impl QuietFrames {
    /// Lets the window draw what is new, and waits until it has, at most for a second.
    pub fn draw(&self, ctx: &Context) {
        let (begun, all) = (Instant::now(), ProcessTime::now());
        ctx.request_repaint();
        while begun.elapsed() < MAX_WAIT {
            let some = ProcessTime::now();
            thread::sleep(SAMPLE_TIME);
            if some.elapsed() < IDLE {
                break;
            }
        }
        self.0.store(all.elapsed().as_millis() as u64, Relaxed);
    }

    /// The time between two frames during a run.
    pub fn interval(&self) -> Duration {
        Duration::from_millis(self.0.load(Relaxed)).div_f64(SHARE).clamp(RANGE.0, RANGE.1)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn expensive_frames_are_rare() {
        let seconds = |cost| QuietFrames(AtomicU64::new(cost)).interval().as_secs_f64();
        assert_eq!([seconds(0), seconds(5), seconds(50), seconds(400)], [0.5, 0.5, 2.5, 10.0]);
    }
}
