//! One thread has many requests under way and waits for all of them at once, as programs with `async` and `await` do,
//! while every core computes. A request that waits costs some memory and no thread.
//!
//! What can be awaited is: servers, slow sources, memory, cores. Systems offer no waiting of that kind for files, so each reading
//! and writing of a file is lent a thread for as long as it takes, which is also what the file functions of asynchronous
//! libraries do. A lane is the right to have one more request under way. As with [`hybrid`](super::hybrid), slots bound
//! the pictures between reading and writing.

use std::sync::{Arc, Mutex, PoisonError};
use std::thread;
use std::time::Duration;

use rayon::ThreadPool;
use tokio::runtime::{Builder, Runtime};
use tokio::sync::{OwnedSemaphorePermit, Semaphore, oneshot};
use tokio::task::{JoinSet, LocalSet, spawn_blocking};
use tokio::time::{Instant, sleep, sleep_until, timeout};

use super::{Executor, Role, WorkerCounts, run_job};
use crate::budget::Permit;
use crate::cause::Cause;
use crate::lent::Lent;
use crate::run::{LaneThread, Next, Run};
use crate::stage::{Developed, ReadProgress};
use crate::watch::Watched;
use crate::{Job, Lane, Source, Stage, Web};
use lightloom_web::AsyncClient;
use run_job::Admitted;

pub static EXECUTOR: Executor = Executor {
    id: "async",
    title: "Async",
    help: "A single thread waits for many sources at once while every core computes; files are read by threads that it lends",
    brief: None,
    role: Role::Alternative,
    workers: WorkerCounts { io_threads: true, cores: true },
    simulates: None,
    isolates: false,
    lanes: |settings| requests(settings.io_threads).chain(run_job::cores(settings)).collect(),
    start,
};

/// How often something that waits looks whether the run is stopped or goes on.
const LOOK: Duration = Duration::from_millis(20);
/// How often memory is asked for again.
const LOOK_MEMORY: Duration = Duration::from_millis(2);

fn requests(count: usize) -> impl Iterator<Item = Lane> {
    (0..count.max(1)).map(Lane::Request)
}

/// A slot that is taken; free again when dropped.
type Slot = OwnedSemaphorePermit;

/// The right to have one more request under way, with the lane that shows it.
struct Lanes {
    free: Mutex<Vec<Lane>>,
    count: Arc<Semaphore>,
}

/// A lane that is taken; free again when dropped.
struct HeldLane {
    lane: Lane,
    lanes: Arc<Lanes>,
    _place: OwnedSemaphorePermit,
}

impl Drop for HeldLane {
    fn drop(&mut self) {
        self.lanes.free().push(self.lane);
    }
}

impl Lanes {
    fn new(lanes: impl Iterator<Item = Lane>) -> Arc<Self> {
        let mut free: Vec<Lane> = lanes.collect();
        free.reverse();
        Arc::new(Self { count: Arc::new(Semaphore::new(free.len())), free: Mutex::new(free) })
    }

    fn free(&self) -> std::sync::MutexGuard<'_, Vec<Lane>> {
        self.free.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The next lane that is free; `None` when the run is stopped.
    async fn take(self: &Arc<Self>, run: &Run) -> Option<HeldLane> {
        let place = unless_stopped(run, Arc::clone(&self.count).acquire_owned()).await?.ok()?;
        let lane = self.free().pop()?;
        Some(HeldLane { lane, lanes: Arc::clone(self), _place: place })
    }

    /// Has one lane more, in place of one that hangs, until that goes on.
    fn lend(&self, run: &Run, spare: LaneThread) {
        self.free().push(spare.lane);
        self.count.add_permits(1);
        let ended = || run.control.is_stopped() || run.progress.finished() >= run.progress.total();
        while !ended() && !run.is_surplus(spare) {
            thread::sleep(LOOK);
        }
        while !ended() {
            if let Ok(place) = self.count.try_acquire() {
                place.forget();
                self.free().pop();
                return;
            }
            thread::sleep(LOOK);
        }
    }
}

/// What all requests of a run share.
struct Requests {
    run: Arc<Run>,
    pool: Arc<ThreadPool>,
    lanes: Arc<Lanes>,
    /// What fetches pictures of the web, for each client that is asked for.
    clients: Mutex<Vec<Arc<AsyncClient>>>,
}

impl Requests {
    fn client_of(&self, web: &Web) -> Result<Arc<AsyncClient>, Cause> {
        let mut clients = self.clients.lock().unwrap_or_else(PoisonError::into_inner);
        let wanted = web.client();
        if let Some(known) = clients.iter().find(|known| Arc::ptr_eq(known.client(), wanted)) {
            return Ok(Arc::clone(known));
        }
        let client = Arc::new(AsyncClient::new(wanted).map_err(Cause::Unfetched)?);
        clients.push(Arc::clone(&client));
        Ok(client)
    }
}

fn start(run: &Arc<Run>) -> Result<(), String> {
    let pool = run_job::pool(run)?;
    let priority = run.batch.settings.priority;
    let runtime = Builder::new_current_thread()
        .enable_all()
        .on_thread_start(move || priority.apply())
        .thread_name("file")
        .build()
        .map_err(|e| e.to_string())?;
    let lanes = Lanes::new(requests(run.batch.settings.io_threads));
    let spares = Arc::clone(&lanes);
    let _ = run.lane_work.set(Arc::new(move |run, spare| spares.lend(run, spare)));
    let requests = Arc::new(Requests { run: Arc::clone(run), pool, lanes, clients: Mutex::default() });
    let serve = move || {
        priority.apply();
        serve(&runtime, &requests);
        // A file that hangs is waited for by nobody.
        runtime.shutdown_background();
    };
    thread::Builder::new().name("async".to_owned()).spawn(serve).map_err(|e| e.to_string())?;
    Ok(())
}

/// Begins pictures as long as there are any, and ends when the last one has.
fn serve(runtime: &Runtime, requests: &Arc<Requests>) {
    let run = &requests.run;
    LocalSet::new().block_on(runtime, async {
        let slots = Arc::new(Semaphore::new(run.batch.settings.queue_slots()));
        let mut under_way = JoinSet::new();
        while let Some(Ok(slot)) = unless_stopped(run, Arc::clone(&slots).acquire_owned()).await {
            match if run.control.begins_nothing() { Next::Later } else { run.next_job_now() } {
                Next::Job(job) => drop(under_way.spawn_local(picture(Arc::clone(requests), job.index, slot))),
                Next::Later => {
                    drop(slot);
                    sleep(LOOK).await;
                }
                Next::None => break,
            }
            while under_way.try_join_next().is_some() {}
        }
        while let Some(Some(_)) = unless_stopped(run, under_way.join_next()).await {}
    });
}

/// Takes a picture from its source to its result.
async fn picture(requests: Arc<Requests>, index: usize, slot: Slot) {
    let lent = run_job::lend(slot);
    if let Some(developed) = developed(&requests, index, &lent).await {
        // The slot is held until then, so that what is developed does not pile up.
        let slot = run_job::take(&lent);
        with_lane(&requests, index, move |run, lane, job| run_job::write(run, lane, job, developed)).await;
        drop(slot);
    }
}

async fn developed(requests: &Arc<Requests>, index: usize, lent: &Lent<Slot>) -> Option<Admitted<Developed>> {
    let run = &requests.run;
    let fetched = match &run.batch.jobs[index].source {
        Source::Web(web) => Some(fetched(requests, index, web, lent).await?),
        _ => None,
    };
    let held = Arc::clone(lent);
    let open = move |run: &Run, lane: Lane, job: &Job| {
        run_job::open(run, lane, fetched.as_ref().unwrap_or(job), &held, &mut || {})
    };
    let opened = with_lane(requests, index, open).await??;
    let permit = memory(run, opened.peak_bytes()).await?;
    answered(requests, index, opened.length()).await?;
    let held = Arc::clone(lent);
    let read = move |run: &Run, lane: Lane, job: &Job| run_job::read_now(run, lane, job, opened, permit, &held);
    let loaded = with_lane(requests, index, read).await??;
    let (send, developed) = oneshot::channel();
    let on_core = Arc::clone(requests);
    requests.pool.spawn_fifo(move || {
        let run = &on_core.run;
        // Nobody listens where the run was stopped.
        let _ = send.send(run_job::develop(run, Lane::of_pool_worker(), &run.batch.jobs[index], loaded));
    });
    unless_stopped(run, developed).await?.ok()?
}

/// Lends a thread and a lane to something that cannot be awaited; `None` when the run is stopped before.
async fn with_lane<T: Send + 'static>(
    requests: &Arc<Requests>,
    index: usize,
    work: impl FnOnce(&Run, Lane, &Job) -> T + Send + 'static,
) -> Option<T> {
    let lane = requests.lanes.take(&requests.run).await?;
    let run = Arc::clone(&requests.run);
    spawn_blocking(move || work(&run, lane.lane, &run.batch.jobs[index])).await.ok()
}

/// Fetches a picture of the web; `None` if that was its end.
async fn fetched(requests: &Requests, index: usize, web: &Web, lent: &Lent<Slot>) -> Option<Job> {
    let run = &requests.run;
    let job = &run.batch.jobs[index];
    let lane = requests.lanes.take(run).await?;
    let mut spans = run.spans(lane.lane, job);
    spans.enter(Stage::Read);
    // Others use the thread meanwhile.
    spans.set_cpu_nanos(0);
    let progress = ReadProgress::of_run(&run.control, &run.progress, &run.file_memory);
    let watched = run.watch.reading(lane.lane, job, &progress, lent);
    let client = requests.client_of(web);
    let fetch = async { web.awaited(&*client?, &run.batch.settings.limits, &progress).await };
    let fetched = unless_stopped(run, fetch).await?;
    if watched.is_some_and(Watched::end) {
        return None;
    }
    match fetched {
        Ok(web) => Some(Job { source: Source::Web(web), ..job.clone() }),
        Err(cause) => {
            run_job::fail(run, job, cause.at(Stage::Read));
            None
        }
    }
}

/// Waits until a simulated slow source has sent a file of so many bytes; `None` when the run is stopped.
async fn answered(requests: &Requests, index: usize, bytes: u64) -> Option<()> {
    let run = &requests.run;
    if !run.throttle.is_slow() {
        return Some(());
    }
    let lane = requests.lanes.take(run).await?;
    let Some(due) = run.throttle.due(bytes) else { return Some(()) };
    let mut spans = run.spans(lane.lane, &run.batch.jobs[index]);
    spans.enter(Stage::Read);
    // Others use the thread meanwhile.
    spans.set_cpu_nanos(0);
    unless_stopped(run, sleep_until(Instant::from_std(due))).await
}

/// Room in memory; `None` when the run is stopped.
async fn memory(run: &Run, bytes: u64) -> Option<Permit> {
    while !run.control.is_stopped() {
        if let Some(permit) = run.budget.try_acquire(bytes) {
            return Some(permit);
        }
        sleep(LOOK_MEMORY).await;
    }
    None
}

/// What a future returns, or `None` when the run is stopped before.
async fn unless_stopped<T>(run: &Run, future: impl Future<Output = T>) -> Option<T> {
    let mut future = std::pin::pin!(future);
    loop {
        match timeout(LOOK, &mut future).await {
            Ok(result) => return Some(result),
            Err(_) if run.control.is_stopped() => return None,
            Err(_) => {}
        }
    }
}
