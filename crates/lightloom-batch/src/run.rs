//! A run: the batch, what its lanes share, and the handle that a front end holds.

use std::collections::HashSet;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicUsize, Ordering::SeqCst};
use std::sync::{Arc, Condvar, Mutex, OnceLock, PoisonError};
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

use cpu_time::ProcessTime;
use thiserror::Error;

use super::budget::Budget;
use super::event::{Event, EventSink, ImageState, Lane, Progress, Stage};
use super::executor::Isolation;
use super::memory::{MemoryMeter, address_space_left};
use super::output::{Outputs, survive_file_size_limit};
use super::pressure::Pressure;
use super::report::{ImageReport, Outcome, OutputReport, Report, Totals};
use super::space::FullDisks;
use super::stage::DevelopedFile;
use super::throttle::Throttle;
use super::timeline::{Activity, Open, Timeline};
use super::trouble::{Finder, Trouble, TroubleKind, Troubles};
use super::watch::{Begin, Watch};
use super::{Conflict, Control, Job, Settings, load_files};
use lightloom_param::shown;
use lightloom_picture::Buffers;
use lightloom_recipe::Recipe;

/// Everything that a run is.
#[derive(Debug, Clone)]
pub struct Batch {
    /// The pictures.
    pub jobs: Vec<Job>,
    /// What is done to each.
    pub recipe: Recipe,
    /// What becomes of results.
    pub results: ResultSettings,
    /// How, and by whom.
    pub settings: Settings,
}

/// What becomes of the results of a run.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct ResultSettings {
    /// What happens where a result's name is taken.
    pub conflict: Conflict,
    /// Whether a file with exactly the same bytes under a result's name counts as that result.
    pub adopt: bool,
    /// Whether reports have the hashes of sources and results.
    pub hash: bool,
    /// Whether results are made and dropped, to be compared by their hashes.
    pub discard: bool,
}

impl From<Conflict> for ResultSettings {
    fn from(conflict: Conflict) -> Self {
        Self { conflict, ..Self::default() }
    }
}

/// Why a run could not begin; the machine is to blame.
#[derive(Debug, Error)]
#[error("the run could not start its workers: {0}; try fewer I/O threads or cores")]
pub struct StartError(pub(super) String);

/// How often the thread that waits for a run looks at what it does.
const LOOK: Duration = Duration::from_millis(20);
/// How long the end of a run that was stopped waits for folders to be synced.
const SYNC_AFTER_STOP: Duration = Duration::from_secs(1);

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
    pub outputs: Outputs,
    sink: Arc<dyn EventSink>,
    next: AtomicUsize,
    /// Pictures whose pixels are in some core's hands, to decide whether to spread one over several.
    developing: AtomicUsize,
    buffers: Mutex<Vec<Buffers>>,
    results: Mutex<Results>,
    ended: Condvar,
}

/// The stages of a picture on one lane, one at a time.
pub(super) struct Spans<'a> {
    run: &'a Run,
    lane: Lane,
    job: usize,
    /// The activity under way; a sync is one without being a stage of its own.
    open: Option<(Option<Stage>, Open<'a>)>,
}

impl Spans<'_> {
    /// Ends the stage before, if any, and begins this one.
    pub fn enter(&mut self, stage: Stage) {
        self.leave();
        self.run.progress.set(self.job, ImageState::In(stage));
        self.run.sink.event(Event::Entered { lane: self.lane, job: self.job, stage });
        self.open = Some((Some(stage), self.run.timeline.begin(self.lane, Some(self.job), stage.into())));
    }

    /// Sets the processor time of the stage under way, which another process used.
    pub fn set_cpu_nanos(&mut self, nanos: u64) {
        if let Some((_, open)) = &mut self.open {
            open.set_cpu_nanos(nanos);
        }
    }

    /// Ends the stage under way and begins an activity that is none, until the next stage begins.
    pub fn switch_to(&mut self, activity: Activity) {
        self.leave();
        self.open = Some((None, self.run.timeline.begin(self.lane, Some(self.job), activity)));
    }

    fn leave(&mut self) {
        let Some((stage, open)) = self.open.take() else { return };
        drop(open);
        if let Some(stage) = stage {
            self.run.sink.event(Event::Left { lane: self.lane, job: self.job, stage });
        }
    }
}

impl Drop for Spans<'_> {
    fn drop(&mut self) {
        self.leave();
    }
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
            let Some(reason) = job.skip_reason() else { return Some(job) };
            self.finish(ImageReport::without_result(job, Outcome::Skipped, None, reason.to_owned()));
            if self.control.is_stopped() {
                return None;
            }
        }
    }

    /// The next picture while some place does not answer.
    fn next_job_in_trouble(&self) -> Next<'_> {
        let jobs = &self.batch.jobs;
        let put_off_before = std::iter::from_fn(|| self.watch.put_off_before().map(|job| &jobs[job]));
        for job in put_off_before.chain(std::iter::from_fn(|| self.next_of_list())) {
            match self.watch.may_begin(job) {
                Begin::Now => return Next::Job(job),
                Begin::Later => {}
                Begin::Never(place, after) => self.give_up(job, &place, after),
            }
        }
        match self.watch.try_one() {
            Some(job) => Next::Job(&jobs[job]),
            None if self.watch.put_off() > 0 => Next::Later,
            None => Next::None,
        }
    }

    /// Whether this thread took over for another that goes on by itself now.
    pub fn is_surplus(&self, thread: LaneThread) -> bool {
        thread.is_spare && self.watch.is_surplus()
    }

    /// Ends a picture whose file does not answer.
    fn give_up(&self, job: &Job, place: &Path, after: Duration) {
        let reason = format!("{} did not answer for {} s; given up", shown(place), after.as_secs());
        self.finish(ImageReport::without_result(job, Outcome::Failed, Some(Stage::Read), reason));
    }

    /// The recipe as TOML.
    pub fn recipe_toml(&self) -> &str {
        self.recipe_toml.get_or_init(|| self.batch.recipe.to_toml())
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

    /// Runs `write` unless the run is stopped; a stop waits for it, so that it can clean up.
    pub fn while_writing<T>(&self, lane: Lane, job: &Job, write: impl FnOnce() -> T) -> Option<T> {
        {
            let mut results = lock(&self.results);
            if self.control.is_stopped() {
                return None;
            }
            results.under_way += 1;
        }
        let watched = self.watch.writing(lane, job);
        let result = write();
        watched.end();
        lock(&self.results).under_way -= 1;
        // Nobody else waits for a write. Waking the coordinator for each would have it measure the memory each time.
        if self.control.is_stopped() {
            self.ended.notify_all();
        }
        Some(result)
    }

    /// Reports that a result is about to get its name.
    pub fn publishing(&self, job: &Job, path: &Path, file: &DevelopedFile) {
        if let Some(hash) = &file.hash {
            let (path, bytes) = (path.to_path_buf(), file.bytes.len() as u64);
            self.sink.event(Event::Publishing { job: job.index, path, bytes, hash: hash.clone() });
        }
    }

    /// Records the end of a picture, once. The run does not end before everyone who listens has heard of it.
    pub fn finish(&self, report: ImageReport) {
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

    /// Waits until every picture is finished, or until a stop is asked for and no write is under way that may still
    /// end. Looks meanwhile at memory and at what goes wrong.
    fn wait(self: &Arc<Self>) {
        let mut results = lock(&self.results);
        let mut looked = Instant::now();
        let mut pressure = Pressure::new(self.batch.settings.memory_bytes);
        while results.left > 0 && !self.may_end(&results) {
            results = self.ended.wait_timeout(results, LOOK).unwrap_or_else(PoisonError::into_inner).0;
            if looked.elapsed() < LOOK {
                continue;
            }
            looked = Instant::now();
            drop(results);
            self.memory.sample();
            if let Some(bytes) = pressure.look() {
                self.budget.set_capacity(bytes);
                self.troubles.set(Finder::Memory, pressure.trouble().into_iter().collect());
            }
            self.look_for_trouble();
            results = lock(&self.results);
        }
    }

    fn may_end(&self, results: &Results) -> bool {
        self.control.is_stopped() && results.under_way <= self.watch.overdue_writes()
    }

    /// Syncs the folders of the results on a thread of its own, since a stop cannot wait for a disk that does not answer.
    /// Returns whether it came to an end.
    fn sync_folders(self: &Arc<Self>) -> bool {
        let run = Arc::clone(self);
        let sync = move || run.outputs.sync_folders();
        let Ok(syncing) = thread::Builder::new().name("lightloom-sync".to_owned()).spawn(sync) else {
            self.outputs.sync_folders();
            return true;
        };
        let begun = Instant::now();
        while !syncing.is_finished() {
            if self.control.is_stopped() && begun.elapsed() >= SYNC_AFTER_STOP {
                return false;
            }
            thread::sleep(Duration::from_millis(1));
        }
        true
    }

    /// Has other threads take over where reads hang, and gives up what is to be given up.
    fn look_for_trouble(self: &Arc<Self>) {
        for hanging in self.watch.look().hanging {
            if let (Some(number), Some(work)) = (self.watch.new_spare(), self.lane_work.get()) {
                let lane = hanging.spare(self.timeline.lanes().len() + number);
                let (run, work) = (Arc::clone(self), Arc::clone(work));
                let take_over = move || {
                    run.batch.settings.priority.apply();
                    work(&run, LaneThread { lane, is_spare: true });
                };
                // Without another thread the lane's pictures wait until it answers, as the trouble says.
                let _ = thread::Builder::new().name(format!("spare-{number}")).spawn(take_over);
            }
        }
        self.troubles.set(Finder::Watch, self.watch.troubles());
        let limit = self.batch.settings.give_up_after_secs.map(|secs| Duration::from_secs(secs.into()));
        for trouble in self.troubles.take_given_up(limit) {
            self.full_disks.give_up(&trouble);
            if let TroubleKind::StalledSource { place, .. } = &trouble.kind {
                let after = self.batch.settings.patience() + trouble.since.elapsed();
                for job in self.watch.give_up(place, after) {
                    self.give_up(&self.batch.jobs[job], place, after);
                }
            }
        }
    }

    /// Marks what nobody finished as stopped.
    fn stop_the_rest(&self) {
        let open: Vec<usize> = {
            let results = lock(&self.results);
            (0..results.images.len()).filter(|&i| results.images[i].is_none()).collect()
        };
        for job in open {
            let reason = "the run was stopped before this picture was finished".to_owned();
            self.finish(ImageReport::without_result(&self.batch.jobs[job], Outcome::Stopped, None, reason));
        }
    }
}

impl Run {
    /// Makes failures of pictures whose results are not where they were written.
    fn find_lost(&self, images: &mut [ImageReport]) {
        if self.batch.results.discard {
            return;
        }
        let is_good = |image: &&ImageReport| matches!(image.outcome, Outcome::Done | Outcome::Partial);
        let reported = images.iter().filter(is_good).flat_map(|image| &image.outputs);
        let missing = self.outputs.missing(reported.map(|output| output.path.as_path()));
        if missing.is_empty() {
            return;
        }
        let missing: HashSet<PathBuf> = missing.into_iter().map(Path::to_path_buf).collect();
        let is_gone = |output: &OutputReport| missing.contains(&output.path);
        for image in images.iter_mut().filter(|image| image.outputs.iter().any(is_gone)) {
            image.lose(is_gone);
            self.progress.lose(image.job);
            self.sink.event(Event::Lost(Box::new(image.clone())));
        }
    }

    /// Sums over a run that has ended.
    fn totals(&self, images: &[ImageReport], wall: Duration, cpu: Duration) -> Totals {
        let count = |outcome| images.iter().filter(|i| i.outcome == outcome).count();
        Totals {
            images: images.len(),
            done: count(Outcome::Done),
            partial: count(Outcome::Partial),
            failed: count(Outcome::Failed),
            skipped: count(Outcome::Skipped),
            stopped: count(Outcome::Stopped),
            wall_secs: wall.as_secs_f64(),
            cpu_secs: cpu.as_secs_f64() + self.memory.other_cpu_secs(),
            lane_cpu_secs: self.timeline.cpu().as_secs_f64(),
            megapixels: images.iter().map(|i| i.source_pixels).sum::<u64>() as f64 / 1e6,
            output_bytes: images.iter().flat_map(|i| &i.outputs).map(OutputReport::written_bytes).sum(),
            peak_bytes: self.budget.peak(),
            resident_bytes: self.memory.peak(),
            spent: Activity::ALL.into_iter().map(|a| (a, self.timeline.spent(a))).collect(),
        }
    }
}

fn lock<T>(mutex: &Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// A run that goes on in the background.
#[derive(Debug)]
pub struct Running {
    control: Arc<Control>,
    progress: Arc<Progress>,
    timeline: Arc<Timeline>,
    troubles: Arc<Troubles>,
    started: Instant,
    coordinator: JoinHandle<Report>,
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
    let control = Arc::new(Control::default());
    let progress = Arc::new(Progress::new(batch.jobs.len()));
    let timeline = Arc::new(Timeline::new((batch.settings.executor.lanes)(&batch.settings)));
    let left = address_space_left().unwrap_or(u64::MAX);
    let troubles = Arc::new(Troubles::default());
    let run = Arc::new(Run {
        control: Arc::clone(&control),
        progress: Arc::clone(&progress),
        budget: Budget::new(batch.settings.memory_bytes.min(left / 2)),
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
        outputs: Outputs::begin(&batch.jobs, batch.results),
        sink,
        next: AtomicUsize::new(0),
        developing: AtomicUsize::new(0),
        buffers: Mutex::default(),
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
    let coordinate = move || {
        run.wait();
        run.stop_the_rest();
        let synced = run.sync_folders();
        let wall = started.elapsed().saturating_sub(run.control.paused_for());
        let mut images: Vec<ImageReport> =
            std::mem::take(&mut lock(&run.results).images).into_iter().flatten().collect();
        if synced {
            run.find_lost(&mut images);
        }
        let totals = run.totals(&images, wall, processor.elapsed());
        Report { images, totals, notes: run.outputs.notes(), made_folders: run.outputs.made_folders() }
    };
    let coordinator = thread::Builder::new()
        .name("lightloom-run".to_owned())
        .spawn(coordinate)
        .map_err(|e| StartError(e.to_string()))?;
    Ok(Running { control, progress, timeline, troubles, started, coordinator })
}
