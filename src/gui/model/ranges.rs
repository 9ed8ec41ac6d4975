//! The ranges of the numbers that can be set.

use std::ops::RangeInclusive;

pub const IO_THREADS: RangeInclusive<usize> = 1..=64;
/// Pictures between reading and writing.
pub const QUEUE: RangeInclusive<usize> = 1..=256;
/// Seconds that a worker process may take per picture.
pub const TIME_LIMIT_SECS: RangeInclusive<u32> = 1..=3600;
/// Memory for pictures in flight, in MiB.
pub const MEMORY_MIB: RangeInclusive<u64> = 128..=262_144;
/// Latency of a simulated source, in milliseconds.
pub const LATENCY_MS: RangeInclusive<usize> = 0..=2000;
/// Bandwidth of a simulated source, in MiB/s; 0 for unlimited.
pub const MIB_PER_SEC: RangeInclusive<usize> = 0..=1000;
/// Rounds that the lab makes in any case.
pub const REPEATS: RangeInclusive<usize> = 4..=48;
/// Seconds for which the lab may add rounds.
pub const BUDGET_SECS: RangeInclusive<usize> = 0..=3600;
