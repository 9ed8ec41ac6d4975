//! How often the window is drawn during a run: often enough to be live, seldom enough not to take the cores from the
//! work. Where a graphics card draws, a frame costs next to nothing; where a processor stands in for one, it does not.

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

/// Measures what drawing costs beside the run's lanes and spaces the frames accordingly.
#[derive(Debug)]
pub struct Pace {
    begun: Instant,
    process: ProcessTime,
    lanes: Duration,
    frames: u32,
    tick: Arc<Tick>,
}

/// The time between two frames, shared with the threads that ask for one.
#[derive(Debug)]
pub struct Tick(AtomicU64);

impl Tick {
    /// The time between two frames.
    pub fn get(&self) -> Duration {
        Duration::from_millis(self.0.load(Relaxed))
    }
}

impl Pace {
    /// For a run that begins now. Assumes the shortest time until it has measured.
    pub fn new() -> Self {
        Self {
            begun: Instant::now(),
            process: ProcessTime::now(),
            lanes: Duration::ZERO,
            frames: 0,
            tick: Arc::new(Tick(AtomicU64::new(RANGE.0.as_millis() as u64))),
        }
    }

    /// The time between two frames, for other threads.
    pub fn tick(&self) -> &Arc<Tick> {
        &self.tick
    }

    /// Whether the last call of [`Self::frame`] began a new span of a second.
    pub const fn is_new_second(&self) -> bool {
        self.frames == 0
    }

    /// Counts a frame; `lanes` is the processor time that the run's lanes have used so far. Gives the time until the next.
    pub fn frame(&mut self, lanes: Duration) -> Duration {
        self.frames += 1;
        if self.begun.elapsed() >= SPAN {
            let drawing = self.process.elapsed().saturating_sub(lanes.saturating_sub(self.lanes));
            self.tick.0.store(tick(drawing / self.frames).as_millis() as u64, Relaxed);
            let tick = Arc::clone(&self.tick);
            *self = Self { lanes, tick, ..Self::new() };
        }
        self.tick.get()
    }
}

/// The time between two frames of which each costs so much processor time.
fn tick(cost: Duration) -> Duration {
    cost.div_f64(SHARE).clamp(RANGE.0, RANGE.1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cheap_frames_come_often_and_dear_ones_seldom() {
        let millis = |cost| tick(Duration::from_millis(cost)).as_millis();
        assert_eq!([millis(0), millis(8), millis(20), millis(70)], [80, 80, 200, 500]);
    }
}
