//! Worker processes: memory of their own, so that a crash, a hang or a memory blow-up costs one picture.
//!
//! A worker is this program again, started with the hidden command `worker`. It reads and computes; its feeder, a
//! thread of the parent, writes the result, so that a worker that is killed leaves nothing half-written.

mod fault;
mod process;
mod protocol;
mod serve;

pub use fault::Fault;
pub(super) use process::{Lost, WorkerProcess};
#[doc(hidden)]
pub use protocol::read_frames;
pub(super) use protocol::{Cost, Finished, FinishedFile, FromWorker, ToWorker};
pub use serve::serve;

use std::ffi::OsString;
use std::path::PathBuf;
use std::process::Command;
use std::sync::{Mutex, PoisonError};

/// The environment variable by which a worker is told the limits on files.
const LIMITS: &str = "LIGHTLOOM_LIMITS";

static PROGRAM: Mutex<Option<(PathBuf, Vec<OsString>)>> = Mutex::new(None);

/// Names the program that worker processes are started from: one that calls [`serve`] when it gets these arguments.
/// Until then the executor `processes` refuses to start.
pub fn set_worker_program(program: PathBuf, arguments: Vec<OsString>) {
    *PROGRAM.lock().unwrap_or_else(PoisonError::into_inner) = Some((program, arguments));
}

/// Starts workers from the running program itself, with the argument `worker`.
///
/// # Errors
/// If the system does not tell where the program lies.
pub fn use_this_program() -> std::io::Result<()> {
    // On Linux this name stays good when the file is replaced or removed meanwhile.
    let itself = PathBuf::from("/proc/self/exe");
    let program = if itself.exists() { itself } else { std::env::current_exe()? };
    set_worker_program(program, vec!["worker".into()]);
    Ok(())
}

fn command() -> Option<Command> {
    let program = PROGRAM.lock().unwrap_or_else(PoisonError::into_inner).clone();
    let (program, arguments) = program?;
    let mut command = Command::new(program);
    command.args(arguments);
    // Ctrl-C in a terminal is the parent's business, which ends its workers when it stops.
    #[cfg(unix)]
    std::os::unix::process::CommandExt::process_group(&mut command, 0);
    Some(command)
}
