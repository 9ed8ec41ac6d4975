//! What several tests need: pictures made on the spot, and a run of them by this program.
#![allow(dead_code, unused_imports, reason = "each test file uses its own part")]

mod runs;

use lightloom::batch::{Settings, WorkerProgram};
pub use runs::*;

/// Settings with this executor and `workers` threads and cores.
pub fn settings(executor: &str, workers: usize) -> Settings {
    Settings { worker_program: Some(worker_program(&[])), ..settings_in_process(executor, workers) }
}

/// Worker processes of this program, which go wrong with certain pictures: `KIND=NAME`.
pub fn worker_program(faults: &[&str]) -> WorkerProgram {
    let faults = faults.iter().flat_map(|fault| ["--fault".into(), fault.into()]);
    let arguments = std::iter::once("worker".into()).chain(faults).collect();
    WorkerProgram { path: env!("CARGO_BIN_EXE_lightloom").into(), arguments }
}
