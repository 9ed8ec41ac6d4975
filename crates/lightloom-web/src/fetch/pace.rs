//! How fast the bytes of an answer have to come: a server that sends a byte now and then is as good as one that sends none.

use std::time::Duration;

/// Compares what came within each window of waiting with a least rate. Time that is not spent waiting for the server does not
/// count.
#[derive(Debug, Clone)]
pub struct Pace {
    /// Bytes per second; none are wanted if 0.
    least: u64,
    window: Duration,
    /// What came in the window that has begun, and how long was waited for it.
    bytes: u64,
    waited: Duration,
}

/// A server sends too slowly.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("it came too slowly, {bytes} bytes in {} s, which is less than {least} a second", waited.as_secs_f64().round())]
pub struct TooSlow {
    bytes: u64,
    waited: Duration,
    least: u64,
}

impl Pace {
    /// At least `least` bytes per second over each `window`; any rate will do if it is 0.
    pub const fn new(least: u64, window: Duration) -> Self {
        Self { least, window, bytes: 0, waited: Duration::ZERO }
    }

    /// Another answer begins.
    pub fn begin(&mut self) {
        (self.bytes, self.waited) = (0, Duration::ZERO);
    }

    /// So many bytes have come after waiting so long for them.
    ///
    /// # Errors
    /// At the end of a window in which too few came.
    pub fn came(&mut self, bytes: u64, waited: Duration) -> Result<(), TooSlow> {
        self.bytes += bytes;
        self.waited += waited;
        if self.least == 0 || self.waited < self.window {
            return Ok(());
        }
        let enough = self.waited.as_secs_f64() * self.least as f64;
        let (bytes, waited) = (self.bytes, self.waited);
        self.begin();
        if (bytes as f64) < enough { Err(TooSlow { bytes, waited, least: self.least }) } else { Ok(()) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_window_needs_its_bytes() {
        let second = Duration::from_secs(1);
        let mut pace = Pace::new(100, 10 * second);
        // A burst, then a drip: the first window is fine, the second is not.
        assert!(pace.came(5000, Duration::ZERO).is_ok());
        for _ in 0..10 {
            assert!(pace.came(1, second).is_ok());
        }
        for _ in 0..9 {
            assert!(pace.came(1, second).is_ok());
        }
        let slow = pace.came(1, second).unwrap_err();
        assert_eq!(slow.to_string(), "it came too slowly, 10 bytes in 10 s, which is less than 100 a second");
        // One wait that is longer than a window counts as what it is.
        assert!(pace.came(1999, 20 * second).is_err());
        assert!(pace.came(2000, 20 * second).is_ok());
        assert!(Pace::new(0, second).came(0, 100 * second).is_ok());
    }
}
