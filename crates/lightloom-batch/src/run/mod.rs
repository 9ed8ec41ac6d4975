//! A run: what its lanes share, and how they come to their pictures.

mod batch;
mod coordinator;
mod running;
mod spans;

use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicUsize, Ordering::SeqCst};
use std::sync::{Arc, Condvar, Mutex, OnceLock, PoisonError};
use std::thread;
use std::time::Duration;

use super::budget::Budget;
use super::develop::DevelopedFile;
use super::event::{Event, EventSink, Lane, Progress, Stage};
use super::executor::Isolation;
use super::file_memory::FileMemory;
use super::lent::Lent;
use super::memory::MemoryMeter;
use super::output::Outputs;
use super::report::{ImageReport, Outcome};
use super::space::FullDisks;
use super::throttle::Throttle;
use super::timeline::{Activity, Open, Timeline};
use super::trouble::Troubles;
use super::watch::Watch;
use super::{Control, Job, Packing};
use lightloom_picture::Buffers;

pub use batch::{Batch, ResultSettings, StartError};
pub use running::{Running, start};
pub(crate) use spans::Spans;

/// A thread of a lane.
#[derive(Debug, Clone, Copy)]
pub(super) struct LaneThread {
    pub lane: Lane,
    /// Whether it has taken over for one that hangs.
    pub is_spare: bool,
}

/// What each thread of a run does.
pub(super) type LaneWork = Arc<dyn Fn(&Arc<Run>, LaneThread) + Send + Sync>;

/// What a lane may do next.
pub(super) enum Next<'a> {
    Job(&'a Job),
    /// What is left is put off.
    Later,
    /// There is nothing left, or the run is stopped.
    None,
}

/// What all lanes of one run share.
pub(super) struct Run {
    pub batch: Batch,
    pub control: Arc<Control>,
    pub progress: Arc<Progress>,
    pub budget: Budget,
    /// The most that one picture may need; more would end the program where the system limits its address space.
    pub largest_bytes: u64,
    pub timeline: Arc<Timeline>,
    pub throttle: Throttle,
    pub memory: MemoryMeter,
    /// Workers for pictures of formats that are isolated.
    pub isolation: Arc<Isolation>,
    /// The recipe as workers get it, once the first is started.
    recipe_toml: OnceLock<String>,
    pub watch: Watch,
    pub full_disks: FullDisks,
    pub troubles: Arc<Troubles>,
    /// What the threads of the run do, for those that take over where one hangs.
    pub lane_work: OnceLock<LaneWork>,
    /// The pool that its pictures are computed in, if its executor has one.
    pub pool: OnceLock<Arc<rayon::ThreadPool>>,
    pub outputs: Outputs,
    sink: Arc<dyn EventSink>,
    next: AtomicUsize,
    /// Pictures whose pixels are in some core's hands, to decide whether to spread one over several.
    developing: AtomicUsize,
    buffers: Mutex<Vec<Buffers>>,
    pub file_memory: FileMemory,
    results: Mutex<Results>,
    ended: Condvar,
}

/// Finished pictures, and the writes and reports that a stopped run still has to wait for.
struct Results {
    images: Vec<Option<ImageReport>>,
    left: usize,
    under_way: usize,
}

impl Run {
    /// The next picture that nobody has begun, or `None` when there is none or the run is stopped. Waits while the run
    /// is paused, and for pictures that are put off.
    pub fn next_job(&self, thread: LaneThread) -> Option<&Job> {
        loop {
            self.control.wait_while_paused();
            if self.is_surplus(thread) {
                return None;
            }
            match self.next_job_now() {
                Next::Job(job) => return Some(job),
                Next::Later => thread::sleep(Duration::from_millis(20)),
                Next::None => return None,
            }
        }
    }

    /// As [`Self::next_job`], but never waits.
    pub fn next_job_now(&self) -> Next<'_> {
        if self.control.is_stopped() {
            return Next::None;
        }
        if self.watch.is_alert() {
            return self.next_job_in_trouble();
        }
        self.next_of_list().map_or(Next::None, Next::Job)
    }

    fn next_of_list(&self) -> Option<&Job> {
        loop {
            let job = self.batch.jobs.get(self.next.fetch_add(1, SeqCst))?;
            if let Some(reason) = job.skip_reason() {
                let report = ImageReport::without_result(job, Outcome::Skipped, None, reason.to_owned());
                self.finish(match self.archive() {
                    Some(archive) => archive.with_kept(report, job),
                    None => report,
                });
            } else if let Some(lost) = self.outputs.lost_for(job) {
                // It would be computed for nothing.
                self.finish(ImageReport::without_result(job, Outcome::Failed, Some(Stage::Write), lost.advice()));
            } else {
                return Some(job);
            }
            if self.control.is_stopped() {
                return None;
            }
        }
    }

    /// The archive that results go into.
    pub fn archive(&self) -> Option<&Packing> {
        self.batch.results.archive.as_deref()
    }

    /// What a result is called that is at this path.
    fn name_of(&self, path: &Path) -> PathBuf {
        self.archive().map_or_else(|| path.to_path_buf(), |archive| archive.name_of(path))
    }

    /// The recipe as TOML.
    pub fn recipe_toml(&self) -> &str {
        self.recipe_toml.get_or_init(|| self.batch.recipe.to_toml())
    }

    /// The lane of the pool's worker that asks; `None` if the lanes are those of threads that compute in the pool.
    pub fn lane_of_pool_worker(&self) -> Option<Lane> {
        self.has_lanes_beside_pool().then(Lane::of_pool_worker)
    }

    /// Whether the workers of the pool have lanes of their own, beside those of threads; else the lanes named after cores
    /// are those of threads.
    pub fn has_lanes_beside_pool(&self) -> bool {
        self.timeline.lanes().any(|lane| !matches!(lane, Lane::Core(_)))
    }

    /// Runs `work` as `stage` of a picture on `lane`, with its events.
    pub fn enter<T>(&self, lane: Lane, job: &Job, stage: Stage, work: impl FnOnce() -> T) -> T {
        let mut span = self.spans(lane, job);
        span.enter(stage);
        work()
    }

    /// Has `lane` wait for something, for a picture or for any.
    pub fn waiting(&self, lane: Lane, job: Option<&Job>, activity: Activity) -> Open<'_> {
        self.timeline.begin(lane, job.map(|j| j.index), activity)
    }

    /// For a stretch of several stages, each of which ends where the next begins.
    pub fn spans<'a>(&'a self, lane: Lane, job: &'a Job) -> Spans<'a> {
        Spans { run: self, lane, job: job.index, open: None }
    }

    /// Lends buffers to `work` and says whether to spread its strips.
    pub fn with_buffers<T>(&self, work: impl FnOnce(&mut Buffers, bool) -> T) -> T {
        let mut buffers = lock(&self.buffers).pop().unwrap_or_default();
        let result = self.developing(|split| work(&mut buffers, split));
        lock(&self.buffers).push(buffers);
        result
    }

    /// Runs `work` on a picture's pixels and says whether to spread its strips: only inside a pool, and only when there are
    /// fewer pictures left than cores.
    pub fn developing<T>(&self, work: impl FnOnce(bool) -> T) -> T {
        let busy = self.developing.fetch_add(1, SeqCst) + 1;
        let begun = self.next.load(SeqCst).min(self.batch.jobs.len());
        let put_off = if self.watch.is_alert() { self.watch.put_off() } else { 0 };
        let coming = self.batch.jobs.len() - begun + put_off;
        let split = rayon::current_thread_index().is_some() && busy + coming < self.batch.settings.cores;
        let result = work(split);
        self.developing.fetch_sub(1, SeqCst);
        result
    }

    /// Begins a write, unless the run is stopped: a stop waits for it, so that it can clean up, and for the report of it.
    pub fn begin_write(&self) -> Option<UnderWay<'_>> {
        let mut results = lock(&self.results);
        if self.control.is_stopped() {
            return None;
        }
        results.under_way += 1;
        Some(UnderWay(self))
    }

    /// Runs `write`. What is `lent` goes back to others if the picture is given up.
    pub fn while_writing<L: Send + 'static, T>(
        &self,
        lane: Lane,
        job: &Job,
        lent: &Lent<L>,
        write: impl FnOnce() -> T,
    ) -> T {
        let watched = self.watch.writing(lane, job, lent);
        let result = write();
        watched.end();
        result
    }

    /// Reports that a result is about to get its name.
    pub fn publishing(&self, job: &Job, path: &Path, file: &DevelopedFile) {
        if let Some(hash) = &file.hash {
            let (path, bytes) = (self.name_of(path), file.bytes.len() as u64);
            self.sink.event(Event::Publishing { job: job.index, path, bytes, hash: hash.clone() });
        }
    }

    /// Records the end of a picture, once. The run does not end before everyone who listens has heard of it.
    pub fn finish(&self, mut report: ImageReport) {
        for output in &mut report.outputs {
            output.path = self.name_of(&output.path);
        }
        {
            let mut results = lock(&self.results);
            if results.images[report.job].is_some() {
                return;
            }
            self.progress.finish(&report);
            results.images[report.job] = Some(report.clone());
            results.under_way += 1;
        }
        self.sink.event(Event::Finished(Box::new(report)));
        let mut results = lock(&self.results);
        results.under_way -= 1;
        results.left -= 1;
        let last = results.left == 0;
        drop(results);
        if last {
            self.ended.notify_all();
        }
    }
}

/// A write that a stop waits for.
pub struct UnderWay<'a>(&'a Run);

impl Drop for UnderWay<'_> {
    fn drop(&mut self) {
        lock(&self.0.results).under_way -= 1;
        // Nobody else waits for a write. Waking the coordinator for each would have it measure the memory each time.
        if self.0.control.is_stopped() {
            self.0.ended.notify_all();
        }
    }
}

fn lock<T>(mutex: &Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
