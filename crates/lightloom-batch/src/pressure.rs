//! Memory pressure: while the machine is short of memory, fewer pictures are in flight.
//!
//! The estimate by which pictures are admitted knows nothing of other programs. Linux says how long they all wait for
//! memory and how much is to be had, in the machine and in the control groups of this process; other systems say nothing
//! here.

use std::time::{Duration, Instant};

use super::control_group::GroupMemory;
use super::trouble::TroubleKind;

/// How often the system is asked.
const LOOK: Duration = Duration::from_secs(1);
/// Per cent of the last ten seconds in which some program waited for memory: short above, and no longer below.
const WAITED: (f32, f32) = (20.0, 5.0);
/// Share of all memory that is to be had: short below, and no longer above.
const AVAILABLE: (f32, f32) = (0.04, 0.08);

/// What the system says of its memory.
#[derive(Debug, Clone, Copy, PartialEq)]
struct Reading {
    waited_percent: f32,
    available_share: f32,
}

impl Reading {
    fn now() -> Option<Self> {
        let read = |path| std::fs::read_to_string(path).ok().filter(|_| cfg!(target_os = "linux"));
        let of_machine = available_share(&read("/proc/meminfo")?)?;
        let share = |group: GroupMemory| group.available_bytes() as f32 / group.limit_bytes.max(1) as f32;
        let available_share = GroupMemory::of_process().map_or(of_machine, |group| share(group).min(of_machine));
        // Not every kernel measures the waiting.
        let waited_percent = read("/proc/pressure/memory").and_then(|text| waited_percent(&text)).unwrap_or(0.0);
        Some(Self { waited_percent, available_share })
    }

    fn is_short(self) -> bool {
        self.waited_percent >= WAITED.0 || self.available_share <= AVAILABLE.0
    }

    fn is_calm(self) -> bool {
        self.waited_percent <= WAITED.1 && self.available_share >= AVAILABLE.1
    }
}

/// The first number of the first line: see Documentation/accounting/psi.rst of Linux.
fn waited_percent(text: &str) -> Option<f32> {
    text.strip_prefix("some avg10=")?.split(' ').next()?.parse().ok()
}

fn available_share(text: &str) -> Option<f32> {
    let field =
        |name: &str| text.lines().find_map(|line| line.strip_prefix(name)?.split_whitespace().next()?.parse().ok());
    let (all, available): (f32, f32) = (field("MemTotal:")?, field("MemAvailable:")?);
    (all > 0.0).then(|| available / all)
}

/// Decides how much memory pictures in flight may use.
#[derive(Debug)]
pub(super) struct Pressure {
    wanted_bytes: u64,
    allowed_bytes: u64,
    looked: Instant,
}

impl Pressure {
    pub fn new(wanted_bytes: u64) -> Self {
        Self { wanted_bytes, allowed_bytes: wanted_bytes, looked: Instant::now() }
    }

    /// Asks the system, unless it was asked a moment ago. Returns what may be used where that is another amount now.
    pub fn look(&mut self) -> Option<u64> {
        if self.looked.elapsed() < LOOK {
            return None;
        }
        self.looked = Instant::now();
        self.follow(Reading::now()?)
    }

    /// Halves the amount while memory is short, and raises it in eighths when it no longer is.
    fn follow(&mut self, reading: Reading) -> Option<u64> {
        let before = self.allowed_bytes;
        if reading.is_short() {
            self.allowed_bytes = (before / 2).max(self.wanted_bytes / 16);
        } else if reading.is_calm() {
            self.allowed_bytes = before.saturating_add(self.wanted_bytes / 8 + 1).min(self.wanted_bytes);
        }
        (self.allowed_bytes != before).then_some(self.allowed_bytes)
    }

    /// What is wrong, if anything.
    pub fn trouble(&self) -> Option<TroubleKind> {
        let Self { wanted_bytes, allowed_bytes, .. } = *self;
        (allowed_bytes < wanted_bytes).then_some(TroubleKind::MemoryPressure { wanted_bytes, allowed_bytes })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn memory_is_lowered_while_it_is_short_and_raised_afterwards() {
        let mut pressure = Pressure::new(1600);
        let calm = Reading { waited_percent: 0.0, available_share: 0.5 };
        let waits = Reading { waited_percent: 30.0, ..calm };
        let full = Reading { available_share: 0.01, ..calm };
        let between = Reading { waited_percent: 10.0, ..calm };
        assert_eq!((pressure.follow(calm), pressure.trouble()), (None, None));
        assert_eq!(pressure.follow(waits), Some(800));
        assert_eq!(pressure.follow(full), Some(400));
        assert_eq!(pressure.follow(between), None, "neither short nor calm");
        let trouble = TroubleKind::MemoryPressure { wanted_bytes: 1600, allowed_bytes: 400 };
        assert_eq!(pressure.trouble(), Some(trouble));
        (0..20).for_each(|_| _ = pressure.follow(full));
        assert_eq!(pressure.allowed_bytes, 100, "a sixteenth at least");
        (0..20).for_each(|_| _ = pressure.follow(calm));
        assert_eq!((pressure.allowed_bytes, pressure.trouble()), (1600, None));
    }

    #[test]
    fn figures_of_the_system_are_understood() {
        let pressure =
            "some avg10=12.50 avg60=1.00 avg300=0.10 total=5\nfull avg10=3.00 avg60=0.00 avg300=0.00 total=1\n";
        assert_eq!(waited_percent(pressure), Some(12.5));
        assert_eq!(waited_percent("nonsense"), None);
        let memory = "MemTotal:       1000 kB\nMemFree:         10 kB\nMemAvailable:    250 kB\n";
        assert_eq!(available_share(memory), Some(0.25));
        assert_eq!(available_share("MemTotal: 5 kB\n"), None);
        if cfg!(target_os = "linux") {
            let now = Reading::now().unwrap();
            assert!((0.0..=1.0).contains(&now.available_share), "{now:?}");
        }
    }
}
