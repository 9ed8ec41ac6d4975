//! A machine as far as predictions know it: its cores and a few measured times.
//!
//! The times of a batch follow from the slowest of what limits it: computing on so many cores or behind one lock, and
//! waiting in so many threads, plus the time until the first picture has come through.

use serde::Serialize;

/// What predictions are made from.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Model {
    /// Cores as programs see them.
    pub cores: usize,
    /// Of the work that the lesson does; zeros where it uses no pictures.
    pub picture: PictureCost,
    /// Zeros where the lesson does not need them, as all that follows.
    pub starts: StartCost,
    pub memory: MemoryCost,
    pub sharing: SharingCost,
}

/// What one picture costs a single worker.
#[derive(Debug, Clone, Copy, Default, PartialEq, Serialize)]
pub struct PictureCost {
    /// Processor seconds: 1/λ, where λ is the pictures that one core computes per second.
    pub compute_secs: f64,
    /// Seconds in which the worker waits for the disk.
    pub disk_secs: f64,
}

/// What it costs to start a worker.
#[derive(Debug, Clone, Copy, Default, PartialEq, Serialize)]
pub struct StartCost {
    pub thread_secs: f64,
    /// `None` where no worker process can be started.
    pub process_secs: Option<f64>,
}

/// What a worker keeps in memory for itself.
#[derive(Debug, Clone, Copy, Default, PartialEq, Serialize)]
pub struct MemoryCost {
    /// A thread that waits.
    pub thread_kib: f64,
    /// This program, once it was loaded, in what its file is mapped to: addresses that were relocated, and variables.
    pub loaded_kib: f64,
}

/// What it costs to hand something to another thread, and to share it.
#[derive(Debug, Clone, Copy, Default, PartialEq, Serialize)]
pub struct SharingCost {
    /// Seconds for copying a MiB in memory.
    pub copy_secs: f64,
    /// Seconds for a byte through a pipe to another thread, and its answer through another.
    pub pipe_secs: f64,
    /// Seconds for what a queue hands over, whatever its size.
    pub queue_secs: f64,
    /// Seconds for taking a lock that is free, and giving it back.
    pub lock_secs: f64,
    /// Share of additions to one counter that threads lose without care, 0 to 1.
    pub lost: f64,
}

impl Model {
    /// Of a machine with so many cores on which nothing has been measured.
    pub fn with_cores(cores: usize) -> Self {
        Self {
            cores: cores.max(1),
            picture: PictureCost::default(),
            starts: StartCost::default(),
            memory: MemoryCost::default(),
            sharing: SharingCost::default(),
        }
    }

    /// The number of cores in words.
    pub fn cores_text(&self) -> String {
        format!("{} {}", self.cores, if self.cores == 1 { "core" } else { "cores" })
    }

    /// Seconds that `pictures` take where `workers` threads or processes do everything for a picture, on their own cores;
    /// `wait_secs` pass for each before it can be read.
    pub fn whole_pictures(&self, pictures: usize, workers: usize, wait_secs: f64) -> f64 {
        let PictureCost { compute_secs, disk_secs } = self.picture;
        let turns = pictures.div_ceil(workers.max(1)) as f64;
        let by_workers = turns * (wait_secs + disk_secs + compute_secs);
        let by_cores = pictures as f64 * compute_secs / workers.min(self.cores).max(1) as f64;
        by_workers.max(by_cores)
    }

    /// As [`Self::whole_pictures`], with one lock that every thread needs to compute.
    pub fn behind_one_lock(&self, pictures: usize, threads: usize, wait_secs: f64) -> f64 {
        let PictureCost { compute_secs, disk_secs } = self.picture;
        let turns = pictures.div_ceil(threads.max(1)) as f64;
        let by_threads = turns * (wait_secs + disk_secs + compute_secs);
        let by_lock = wait_secs + pictures as f64 * compute_secs;
        by_threads.max(by_lock)
    }

    /// Seconds where `threads` wait and `cores` compute, with queues between them.
    pub fn both(&self, pictures: usize, threads: usize, cores: usize, wait_secs: f64) -> f64 {
        let PictureCost { compute_secs, disk_secs } = self.picture;
        let n = pictures as f64;
        let waiting = pictures.div_ceil(threads.max(1)) as f64 * (wait_secs + disk_secs);
        let computing = n * compute_secs / cores.min(self.cores).max(1) as f64;
        // The first has to be read before anything is computed, and the last to be computed before it is written.
        waiting.max(computing + wait_secs + disk_secs) + compute_secs
    }

    /// A wait of `times` what one picture computes, in whole milliseconds, and at least `least_ms`.
    pub fn wait_ms(&self, times: f64, least_ms: u32) -> u32 {
        ((1e3 * times * self.picture.compute_secs).ceil() as u32).max(least_ms)
    }

    /// So many pictures as one core computes in `secs`, within `range`.
    pub fn pictures_in(&self, secs: f64, range: (usize, usize)) -> usize {
        let each = (self.picture.compute_secs + self.picture.disk_secs).max(1e-6);
        ((secs / each) as usize).clamp(range.0, range.1)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_slowest_part_decides() {
        let picture = PictureCost { compute_secs: 0.01, disk_secs: 0.0 };
        let model = Model { picture, ..Model::with_cores(4) };
        let near = |a: f64, b: f64| assert!((a - b).abs() < 1e-9, "{a} against {b}");
        near(model.whole_pictures(8, 1, 0.09), 0.8);
        near(model.whole_pictures(8, 4, 0.09), 0.2);
        // Sixteen workers on four cores compute as four do.
        near(model.whole_pictures(32, 16, 0.0), 0.08);
        near(model.behind_one_lock(8, 8, 0.09), 0.17);
        near(model.behind_one_lock(8, 1, 0.09), 0.8);
        near(model.both(40, 40, 4, 0.05), 0.16);
    }
}
