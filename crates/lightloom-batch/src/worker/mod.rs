//! Worker processes: memory of their own, so that a crash, a hang or a memory blow-up costs one picture.
//!
//! A worker is this program again, started with the hidden command `worker`. It reads and computes; its feeder, a
//! thread of the parent, writes the result, so that a worker that is killed leaves nothing half-written.
//!
//! Its feeder also admits the picture to memory, keeps its time limit and records its stages on its own lane. Before a
//! picture, the worker limits its address space to what it holds plus what the feeder allows (on Unix). It listens to
//! the feeder on a thread of its own and ends with it, so that no worker outlives the program. A program that embeds
//! this crate names the worker's program in [`Settings::worker_program`](crate::Settings::worker_program).

mod decoders;
mod fault;
mod process;
mod protocol;
mod serve;

pub use decoders::Decoders;
pub(super) use decoders::{RemotePicture, Seen};
pub use fault::Fault;
pub(super) use process::{Lost, WorkerProcess};
#[doc(hidden)]
pub use protocol::read_frames;
pub(super) use protocol::{Cost, Finished, FinishedFile, FromWorker, ToWorker};
pub use serve::serve;

use std::ffi::OsString;
use std::path::PathBuf;
use std::process::Command;

/// The program that worker processes are started from: one that calls [`serve`] when it gets these arguments.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WorkerProgram {
    /// The executable.
    pub path: PathBuf,
    /// Its arguments.
    pub arguments: Vec<OsString>,
}

impl WorkerProgram {
    /// The running program itself, with the argument `worker`.
    ///
    /// # Errors
    /// If the system does not tell where the program lies.
    pub fn this_program() -> std::io::Result<Self> {
        // On Linux this name stays good when the file is replaced or removed meanwhile.
        let itself = PathBuf::from("/proc/self/exe");
        let path = if itself.exists() { itself } else { std::env::current_exe()? };
        Ok(Self { path, arguments: vec!["worker".into()] })
    }

    fn command(&self) -> Command {
        let mut command = Command::new(&self.path);
        command.args(&self.arguments);
        // Ctrl-C in a terminal is the parent's business, which ends its workers when it stops.
        #[cfg(unix)]
        std::os::unix::process::CommandExt::process_group(&mut command, 0);
        command
    }
}
