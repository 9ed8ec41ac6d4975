//! How often the window is drawn during a run: often enough to look live, rarely enough not to take cores from the work.
//! With a graphics card a frame costs next to nothing; with software rendering it does not.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering::Relaxed};
use std::time::{Duration, Instant};

use cpu_time::ProcessTime;

/// Share of one core that drawing may take.
const SHARE: f64 = 0.1;
/// Shortest and longest time between two frames.
const RANGE: (Duration, Duration) = (Duration::from_millis(80), Duration::from_millis(500));
/// Time over which the cost of a frame is averaged.
const SPAN: Duration = Duration::from_secs(1);

/// Measures what drawing costs apart from the lanes of the run, and spaces the frames accordingly.
#[derive(Debug)]
pub struct FramePacer {
    began: Instant,
    process: ProcessTime,
    lanes: Duration,
    frames: u32,
    interval: Arc<FrameInterval>,
}

/// The time between two frames, shared with the threads that ask for one.
#[derive(Debug)]
pub struct FrameInterval(AtomicU64);

impl FrameInterval {
    /// The time between two frames.
    pub fn get(&self) -> Duration {
        Duration::from_millis(self.0.load(Relaxed))
    }
}

impl FramePacer {
    /// For a run that begins now. Assumes the shortest time until it has measured.
    pub fn new() -> Self {
        Self {
            began: Instant::now(),
            process: ProcessTime::now(),
            lanes: Duration::ZERO,
            frames: 0,
            interval: Arc::new(FrameInterval(AtomicU64::new(RANGE.0.as_millis() as u64))),
        }
    }

    /// The time between two frames, for other threads.
    pub fn interval(&self) -> &Arc<FrameInterval> {
        &self.interval
    }

    /// Whether the last call of [`Self::frame`] began a new span of a second.
    pub const fn is_new_second(&self) -> bool {
        self.frames == 0
    }

    /// Counts a frame; `lanes` is the processor time that the run's lanes have used so far. Returns the time until the next.
    pub fn frame(&mut self, lanes: Duration) -> Duration {
        self.frames += 1;
        if self.began.elapsed() >= SPAN {
            let drawing = self.process.elapsed().saturating_sub(lanes.saturating_sub(self.lanes));
            self.interval.0.store(interval(drawing / self.frames).as_millis() as u64, Relaxed);
            let interval = Arc::clone(&self.interval);
            *self = Self { lanes, interval, ..Self::new() };
        }
        self.interval.get()
    }
}

/// The time between two frames of which each costs so much processor time.
fn interval(cost: Duration) -> Duration {
    cost.div_f64(SHARE).clamp(RANGE.0, RANGE.1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cheap_frames_are_frequent_and_expensive_ones_rare() {
        let millis = |cost| interval(Duration::from_millis(cost)).as_millis();
        assert_eq!([millis(0), millis(8), millis(20), millis(70)], [80, 80, 200, 500]);
    }
}
