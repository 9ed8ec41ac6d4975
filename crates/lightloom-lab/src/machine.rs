//! The machine that a measurement was made on.

use serde::{Deserialize, Serialize};

/// What of a machine decides how fast it is with how many workers.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Machine {
    /// Cores as the processor has them.
    pub physical_cores: usize,
    /// Cores as programs see them.
    pub logical_cores: usize,
    /// Operating system and processor family, such as `linux x86_64`.
    pub platform: String,
}

impl Machine {
    /// The present machine.
    pub fn here() -> Self {
        let logical_cores = lightloom_batch::logical_cores();
        Self {
            // A container may be given fewer cores than the processor has.
            physical_cores: num_cpus::get_physical().clamp(1, logical_cores),
            logical_cores,
            platform: format!("{} {}", std::env::consts::OS, std::env::consts::ARCH),
        }
    }

    /// Threads of Python's `ThreadPoolExecutor` by default.
    pub fn python_threads(&self) -> usize {
        (self.logical_cores + 4).min(32)
    }

    /// Processes of Python's `ProcessPoolExecutor` by default.
    pub fn python_processes(&self) -> usize {
        self.logical_cores
    }
}

impl std::fmt::Display for Machine {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let Self { physical_cores, logical_cores, platform } = self;
        write!(f, "{physical_cores} physical and {logical_cores} logical cores, {platform}")
    }
}
