//! How often something is tried again, and how long is waited before: exponential back-off with jitter, so that many
//! fetches that failed together do not come back together.

use std::hash::{DefaultHasher, Hash, Hasher};
use std::time::Duration;

use super::Rules;

/// Bytes after which a broken transfer counts as one that works: its tries begin anew.
const PROGRESS: u64 = 256 << 10;
/// No fetch is tried more often than this, however much comes each time.
const MOST: u32 = 40;

#[derive(Debug)]
pub(super) struct Tries {
    /// Failures since there was progress, and altogether.
    failures: u32,
    all: u32,
    /// Bytes since the last failure.
    bytes: u64,
    retries: u32,
    first_wait: Duration,
    longest_wait: Duration,
    /// Differs from fetch to fetch.
    seed: u64,
}

impl Tries {
    pub fn new(address: &str, rules: &Rules) -> Self {
        let mut hasher = DefaultHasher::new();
        address.hash(&mut hasher);
        let Rules { retries, first_wait, longest_wait, .. } = *rules;
        Self { failures: 0, all: 0, bytes: 0, retries, first_wait, longest_wait, seed: hasher.finish() }
    }

    pub fn progressed(&mut self, bytes: u64) {
        self.bytes += bytes;
    }

    /// Tries that were made.
    pub fn made(&self) -> u32 {
        self.all
    }

    /// Notes a failure. Returns how long to wait before the next try, or `None` if there is none.
    pub fn next_wait(&mut self) -> Option<Duration> {
        if std::mem::take(&mut self.bytes) >= PROGRESS {
            self.failures = 0;
        }
        self.failures += 1;
        self.all += 1;
        if self.failures > self.retries || self.all >= MOST {
            return None;
        }
        let full = self.first_wait.saturating_mul(1 << (self.failures - 1).min(16)).min(self.longest_wait);
        // Between half and all of it.
        let mut hasher = DefaultHasher::new();
        (self.seed, self.all).hash(&mut hasher);
        let share = 0.5 + 0.5 * (hasher.finish() >> 11) as f64 / (1u64 << 53) as f64;
        Some(full.mul_f64(share))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn waits_double_within_their_jitter_and_end() {
        let rules = Rules { retries: 3, ..Rules::default() };
        let waits = |address: &str| {
            let mut tries = Tries::new(address, &rules);
            std::iter::from_fn(move || tries.next_wait()).collect::<Vec<_>>()
        };
        let found = waits("https://e.org/a");
        assert_eq!(found.len(), 3);
        for (wait, full) in found.iter().zip([500, 1000, 2000]) {
            assert!((full / 2..=full).contains(&(wait.as_millis() as u64)), "{wait:?}");
        }
        assert_ne!(found, waits("https://e.org/b"), "two addresses do not come back together");
        assert_eq!(found, waits("https://e.org/a"));
    }

    #[test]
    fn a_transfer_that_gets_on_has_more_tries_but_not_without_end() {
        let mut tries = Tries::new("a", &Rules { retries: 1, ..Rules::default() });
        let mut made = 0;
        loop {
            tries.progressed(PROGRESS);
            if tries.next_wait().is_none() {
                break;
            }
            made += 1;
        }
        assert_eq!(made, MOST - 1);
        assert_eq!(tries.made(), MOST);
    }
}
