//! How fast a run was in the course of time: samples of its counters, thinned out so that a long run has as many as a short
//! one.

/// Most samples that are kept.
const MOST: usize = 120;
/// Shortest time between two samples, in seconds.
const INTERVAL: f64 = 0.25;

/// The counters of a run at a time.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub struct Sample {
    /// Seconds since the run began, without pauses.
    pub secs: f64,
    /// Pictures that were finished.
    pub pictures: usize,
    /// Pixels of the sources of these.
    pub pixels: u64,
}

/// Speed between two samples.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Speed {
    /// Seconds that it was kept up.
    pub secs: f64,
    pub images_per_sec: f64,
    pub megapixels_per_sec: f64,
}

/// The samples of a run.
#[derive(Debug, Clone, PartialEq)]
pub struct Pace {
    samples: Vec<Sample>,
    interval: f64,
}

impl Default for Pace {
    fn default() -> Self {
        Self { samples: vec![Sample::default()], interval: INTERVAL }
    }
}

impl Pace {
    /// Adds a sample if the last one is long enough ago.
    pub fn sample(&mut self, now: Sample) {
        if self.samples.last().is_some_and(|last| now.secs < last.secs + self.interval) {
            return;
        }
        self.samples.push(now);
        if self.samples.len() > MOST {
            let mut is_kept = false;
            // The first one stays.
            self.samples.retain(|_| {
                is_kept = !is_kept;
                is_kept
            });
            self.interval *= 2.0;
        }
    }

    /// The speeds between the samples, in their order.
    pub fn speeds(&self) -> impl ExactSizeIterator<Item = Speed> + Clone {
        self.samples.windows(2).map(|pair| {
            let secs = (pair[1].secs - pair[0].secs).max(1e-9);
            Speed {
                secs,
                images_per_sec: pair[1].pictures.saturating_sub(pair[0].pictures) as f64 / secs,
                megapixels_per_sec: pair[1].pixels.saturating_sub(pair[0].pixels) as f64 / 1e6 / secs,
            }
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_long_run_has_as_many_samples_as_a_short_one_and_nothing_is_lost() {
        let mut pace = Pace::default();
        assert_eq!(pace.speeds().len(), 0);
        for tenth in 1..=20_000_u32 {
            let secs = f64::from(tenth) / 10.0;
            pace.sample(Sample { secs, pictures: tenth as usize, pixels: 2_000_000 * u64::from(tenth) });
        }
        let speeds: Vec<Speed> = pace.speeds().collect();
        assert!((MOST / 2 - 2..MOST).contains(&speeds.len()), "{}", speeds.len());
        assert!(speeds.iter().all(|s| (s.images_per_sec - 10.0).abs() < 1e-6));
        assert!(speeds.iter().all(|s| (s.megapixels_per_sec - 20.0).abs() < 1e-6));
        assert!(speeds.iter().map(|s| s.secs).sum::<f64>() > 1900.0, "to the end");
    }
}
