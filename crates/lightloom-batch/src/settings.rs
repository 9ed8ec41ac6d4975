//! How a run uses the machine, and what it refuses.
//!
//! Limits and the worker's program are settings too, so that two runs of one program may differ in them.

use std::sync::LazyLock;
use std::thread;
use std::time::Duration;

use serde::{Deserialize, Deserializer, Serialize, Serializer};

use super::executor::{self, Executor, Role};
use super::{Lane, WorkerProgram};
use lightloom_codec::Limits;

/// How a run uses the machine, and which files it refuses.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Settings {
    /// Who does the work.
    #[serde(serialize_with = "executor_id", deserialize_with = "executor_of_id")]
    pub executor: &'static Executor,
    /// Threads that read and write, or process whole pictures; where [`WorkerCounts`](executor::WorkerCounts) say so.
    pub io_threads: usize,
    /// Rayon workers or worker processes; where [`WorkerCounts`](executor::WorkerCounts) say so.
    pub cores: usize,
    /// Memory for pictures in flight; a picture that needs more is processed alone.
    pub memory_bytes: u64,
    /// Pictures between their reading and their writing (`hybrid`). Default: enough to keep all I/O threads and cores
    /// busy.
    #[serde(default)]
    pub queue: Option<usize>,
    /// Whether the run gives way to other programs.
    #[serde(default)]
    pub priority: Priority,
    /// Seconds that a worker process may spend on a stage of one picture before it is killed: with `processes` any picture,
    /// otherwise one of a format that is isolated ([`Codec::isolates`](lightloom_codec::Codec::isolates)).
    #[serde(default = "default_time_limit_secs")]
    pub time_limit_secs: u32,
    /// Seconds after which pictures that a trouble holds back are given up. Default: never.
    #[serde(default)]
    pub give_up_after_secs: Option<u32>,
    /// Simulates a slow disk or network. Default: none.
    #[serde(default)]
    pub slow_source: Option<SlowSource>,
    /// Which files are refused. Not saved.
    #[serde(skip)]
    pub limits: Limits,
    /// What worker processes are started from. Default: nothing, so that executors that need it refuse to start. Not
    /// saved.
    #[serde(skip)]
    pub worker_program: Option<WorkerProgram>,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            executor: executor::executor_of(Role::Default),
            io_threads: default_io_threads(),
            cores: logical_cores(),
            memory_bytes: default_memory_bytes(),
            queue: None,
            priority: Priority::Normal,
            time_limit_secs: default_time_limit_secs(),
            give_up_after_secs: None,
            slow_source: None,
            limits: Limits::default(),
            worker_program: None,
        }
    }
}

impl Settings {
    /// How long a file may not answer before that is a trouble.
    pub const fn patience(&self) -> Duration {
        Duration::from_secs(5)
    }

    /// Pictures that may be between their reading and their writing under `hybrid`.
    pub fn queue_slots(&self) -> usize {
        self.queue.unwrap_or(self.io_threads.max(1) + 2 * self.cores.max(1)).max(1)
    }

    /// Threads, cores or processes that this choice of executor really uses.
    pub fn workers(&self) -> usize {
        (self.executor.lanes)(self).len()
    }

    /// The number that is varied when this executor's scaling is measured.
    pub fn varied_workers(&self) -> usize {
        match self.executor.workers {
            executor::WorkerCounts { cores: true, .. } => self.cores,
            executor::WorkerCounts { io_threads: true, .. } => self.io_threads,
            _ => 1,
        }
    }

    /// The choice in a few words, such as "Both: 4 threads, 2 cores"; what it simulates is part of them.
    pub fn describe(&self) -> String {
        let lanes = (self.executor.lanes)(self);
        let count = |kind: fn(&Lane) -> bool, one: &str, many: &str| match lanes.iter().filter(|l| kind(l)).count() {
            0 => None,
            1 => Some(format!("1 {one}")),
            n => Some(format!("{n} {many}")),
        };
        let parts = [
            count(|l| matches!(l, Lane::Request(_)), "request", "requests"),
            count(|l| matches!(l, Lane::Thread(_)), "thread", "threads"),
            count(|l| matches!(l, Lane::Core(_)), "core", "cores"),
            count(|l| matches!(l, Lane::Process(_)), "process", "processes"),
        ];
        let simulated = self.executor.simulates.map_or(String::new(), |what| format!(" ({what})"));
        format!("{}: {}{simulated}", self.executor.title, parts.into_iter().flatten().collect::<Vec<_>>().join(", "))
    }
}

fn executor_id<S: Serializer>(executor: &&'static Executor, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_str(executor.id)
}

fn executor_of_id<'de, D: Deserializer<'de>>(deserializer: D) -> Result<&'static Executor, D::Error> {
    let id = String::deserialize(deserializer)?;
    executor::find_executor(&id).ok_or_else(|| serde::de::Error::custom(format!("there is no executor '{id}'")))
}

/// Logical cores of this machine that this process may use, as they were when it first asked: on Linux an answer takes a
/// dozen reads of files.
pub fn logical_cores() -> usize {
    static CORES: LazyLock<usize> = LazyLock::new(|| thread::available_parallelism().map_or(1, usize::from));
    *CORES
}

/// I/O threads of a new run: enough to hide a slow disk behind the cores, few enough for a fast one.
pub fn default_io_threads() -> usize {
    (logical_cores() * 2).clamp(4, 16)
}

/// Memory for pictures in flight of a new run: 1.5 GiB, and 256 MiB per core.
pub fn default_memory_bytes() -> u64 {
    (1536 + 256 * logical_cores() as u64) << 20
}

fn default_time_limit_secs() -> u32 {
    120
}

/// Whether a run gives way to other programs.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Priority {
    /// As any other program.
    #[default]
    Normal,
    /// Computes only when other programs leave the processor free; the window stays as quick as before.
    Low,
}

impl Priority {
    /// Every choice, in menu order.
    pub const ALL: [Self; 2] = [Self::Normal, Self::Low];

    /// The name that a person reads.
    pub const fn title(self) -> &'static str {
        match self {
            Self::Normal => "Normal",
            Self::Low => "Low",
        }
    }

    /// Applies it to the calling thread, before it works for a run.
    pub(super) fn apply(self) {
        if self == Self::Low {
            lower();
        }
    }
}

/// Linux keeps a niceness for each thread; elsewhere on Unix the whole process becomes nicer. A refusal changes nothing
/// but the speed of other programs.
#[cfg(unix)]
fn lower() {
    let _ = rustix::process::setpriority_process(None, 10);
}

#[cfg(not(unix))]
fn lower() {}

/// A slow disk or network, simulated: reading each picture takes so much longer, under any executor.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct SlowSource {
    /// Milliseconds that pass before a file's first byte; they overlap where several files are read at once.
    pub latency_ms: u32,
    /// Mebibytes per second that all readers share; `None` for as fast as the disk is.
    pub mib_per_sec: Option<u32>,
}

impl SlowSource {
    /// How long `bytes` take at the bandwidth.
    pub(super) fn transfer(self, bytes: u64) -> Duration {
        let rate = self.mib_per_sec.map_or(f64::INFINITY, |rate| f64::from(rate.max(1)) * 1_048_576.0);
        Duration::from_secs_f64(bytes as f64 / rate)
    }
}

impl std::fmt::Display for SlowSource {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "simulated source: {} ms latency", self.latency_ms)?;
        match self.mib_per_sec {
            Some(rate) => write!(f, ", {rate} MiB/s"),
            None => Ok(()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn settings_survive_json_and_older_files_get_defaults() {
        let settings = Settings {
            queue: Some(3),
            slow_source: Some(SlowSource { latency_ms: 5, mib_per_sec: None }),
            ..Settings::default()
        };
        let json = serde_json::to_string(&settings).unwrap();
        assert_eq!(serde_json::from_str::<Settings>(&json).unwrap(), settings);
        let old = r#"{"executor":"cores","io_threads":2,"cores":3,"memory_bytes":4}"#;
        assert_eq!(serde_json::from_str::<Settings>(old).unwrap().time_limit_secs, 120);
        let error = serde_json::from_str::<Settings>(&old.replace("cores\",\"io", "gpu\",\"io")).unwrap_err();
        assert!(error.to_string().contains("no executor 'gpu'"), "{error}");
    }

    #[test]
    fn bandwidth_turns_bytes_into_time() {
        let slow = SlowSource { latency_ms: 50, mib_per_sec: Some(2) };
        assert_eq!(slow.transfer(3 << 20), Duration::from_millis(1500));
        assert_eq!(SlowSource { mib_per_sec: None, ..slow }.transfer(u64::MAX), Duration::ZERO);
    }
}
