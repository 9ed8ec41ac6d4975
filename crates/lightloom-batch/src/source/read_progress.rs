//! What goes with the reading of a source: how far it is, for which run, and into whose memory.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering::Relaxed};

use crate::Control;
use crate::event::Progress;
use crate::file_memory::FileMemory;

/// How much has been read of a file so far; another thread may look at it.
#[derive(Debug, Clone, Default)]
pub struct ReadProgress {
    answers: Arc<AtomicU64>,
    run: Option<OfRun>,
    /// For what is read.
    pub(super) memory: FileMemory,
}

/// The run for which something is read.
#[derive(Debug, Clone)]
struct OfRun {
    control: Arc<Control>,
    progress: Arc<Progress>,
}

impl ReadProgress {
    /// A number that grows whenever the file answers.
    pub(crate) fn count(&self) -> u64 {
        self.answers.load(Relaxed)
    }

    /// Notes an answer.
    pub(super) fn add(&self, bytes: usize) {
        self.answers.fetch_add(bytes as u64 + 1, Relaxed);
    }

    /// For a run, which counts what is fetched, and in which nothing is fetched any more once it is stopped.
    pub(crate) fn of_run(control: &Arc<Control>, progress: &Arc<Progress>, memory: &FileMemory) -> Self {
        let run = OfRun { control: Arc::clone(control), progress: Arc::clone(progress) };
        Self { run: Some(run), memory: memory.clone(), ..Self::default() }
    }

    /// For files that are read into the same memory, one after the other.
    pub(crate) fn with_memory(memory: &FileMemory) -> Self {
        Self { memory: memory.clone(), ..Self::default() }
    }
}

impl lightloom_web::Follow for ReadProgress {
    fn received(&self, bytes: u64) {
        self.add(bytes as usize);
        if let Some(run) = &self.run {
            run.progress.add_fetched(bytes);
        }
    }

    fn queued(&self) {
        self.add(0);
    }

    fn is_stopped(&self) -> bool {
        self.run.as_ref().is_some_and(|run| run.control.is_stopped())
    }
}
