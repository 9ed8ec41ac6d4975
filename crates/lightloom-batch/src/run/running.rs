//! The beginning of a run, and the handle that a front end holds.

use std::sync::atomic::AtomicUsize;
use std::sync::{Arc, Condvar, Mutex, OnceLock};
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

use cpu_time::ProcessTime;
use crossbeam_channel::{Receiver, RecvTimeoutError, bounded};

use super::{Batch, Results, Run, StartError};
use crate::budget::Budget;
use crate::control_group::GroupMemory;
use crate::event::{EventSink, Progress};
use crate::executor::Isolation;
use crate::file_memory::FileMemory;
use crate::memory::{MemoryMeter, address_space_left};
use crate::output::{Outputs, survive_file_size_limit};
use crate::report::Report;
use crate::space::FullDisks;
use crate::throttle::Throttle;
use crate::timeline::Timeline;
use crate::trouble::{Trouble, Troubles};
use crate::watch::Watch;
use crate::{Conflict, Control, ResultSettings, load_files};

/// A run that goes on in the background.
#[derive(Debug)]
pub struct Running {
    control: Arc<Control>,
    progress: Arc<Progress>,
    timeline: Arc<Timeline>,
    troubles: Arc<Troubles>,
    started: Instant,
    coordinator: JoinHandle<Report>,
    /// Loses its other end when the run ends.
    end: Receiver<()>,
}

impl Running {
    /// Pauses, resumes and stops it.
    pub fn control(&self) -> &Arc<Control> {
        &self.control
    }

    /// Its counters.
    pub fn progress(&self) -> &Arc<Progress> {
        &self.progress
    }

    /// What each lane does and did; stays readable after the run.
    pub fn timeline(&self) -> &Arc<Timeline> {
        &self.timeline
    }

    /// What is wrong at this moment, the oldest first. Never waits for a disk.
    pub fn troubles(&self) -> Vec<Trouble> {
        self.troubles.all()
    }

    /// Ends a trouble at the cost of the pictures that it holds back: they fail, and the run goes on with the others.
    pub fn give_up(&self, trouble: &Trouble) {
        self.troubles.give_up(trouble.id);
    }

    /// Time since the start without pauses.
    pub fn elapsed(&self) -> Duration {
        self.started.elapsed().saturating_sub(self.control.paused_for())
    }

    /// Whether [`Self::wait`] would return at once.
    pub fn is_finished(&self) -> bool {
        self.coordinator.is_finished()
    }

    /// Waits for the end, but no longer than this; returns whether it has come.
    pub fn ends_within(&self, time: Duration) -> bool {
        matches!(self.end.recv_timeout(time), Err(RecvTimeoutError::Disconnected))
    }

    /// Waits for the end.
    pub fn wait(self) -> Report {
        match self.coordinator.join() {
            Ok(report) => report,
            Err(panic) => std::panic::resume_unwind(panic),
        }
    }
}

/// Begins a run and returns at once.
///
/// A stop ends it within the time of one strip of a filter or one write; a decoder or encoder that is inside a library
/// call at that moment finishes on its own thread, unseen, and its result is dropped.
///
/// # Errors
/// If the system starts no more threads, or no worker process.
pub fn start(mut batch: Batch, sink: Arc<dyn EventSink>) -> Result<Running, StartError> {
    survive_file_size_limit();
    load_files(&mut batch.recipe);
    let mut results = batch.results.clone();
    if let Some(archive) = &batch.results.archive {
        archive.redirect(&mut batch.jobs);
        // Nobody else has files there.
        results = ResultSettings { conflict: Conflict::Overwrite, ..results };
    }
    let control = Arc::new(Control::default());
    let progress = Arc::new(Progress::new(batch.jobs.len()));
    let timeline = Arc::new(Timeline::new((batch.settings.executor.lanes)(&batch.settings)));
    let left = address_space_left().unwrap_or(u64::MAX);
    let of_group = GroupMemory::of_process().map_or(u64::MAX, GroupMemory::available_bytes);
    let troubles = Arc::new(Troubles::default());
    let file_memory = FileMemory::default();
    let run = Arc::new(Run {
        control: Arc::clone(&control),
        progress: Arc::clone(&progress),
        budget: Budget::new(batch.settings.memory_bytes.min(left / 2).min(of_group / 2), file_memory.clone()),
        largest_bytes: left / 4 * 3,
        timeline: Arc::clone(&timeline),
        throttle: Throttle::new(batch.settings.slow_source),
        isolation: Isolation::new(batch.settings.cores),
        recipe_toml: OnceLock::new(),
        memory: MemoryMeter::new(),
        watch: Watch::new(batch.settings.patience()),
        full_disks: FullDisks::default(),
        troubles: Arc::clone(&troubles),
        lane_work: OnceLock::new(),
        pool: OnceLock::new(),
        outputs: Outputs::begin(&batch.jobs, results),
        sink,
        next: AtomicUsize::new(0),
        developing: AtomicUsize::new(0),
        buffers: Mutex::default(),
        file_memory,
        results: Mutex::new(Results { images: vec![None; batch.jobs.len()], left: batch.jobs.len(), under_way: 0 }),
        ended: Condvar::new(),
        batch,
    });
    let started = Instant::now();
    let processor = ProcessTime::now();
    (run.batch.settings.executor.start)(&run).map_err(|e| {
        control.stop();
        StartError(e)
    })?;
    let (ends, end) = bounded::<()>(0);
    let coordinate = move || {
        let _ends = ends;
        run.coordinate(started, &processor)
    };
    let coordinator = thread::Builder::new()
        .name("lightloom-run".to_owned())
        .spawn(coordinate)
        .map_err(|e| StartError(e.to_string()))?;
    Ok(Running { control, progress, timeline, troubles, started, coordinator, end })
}
