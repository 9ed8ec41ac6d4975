//! What every executor does the same way: the stage functions with their events, failures and permits around them.
//!
//! All that waits — for a source, for memory, for space, for a simulated slow source — waits on a thread of its own and
//! never inside the rayon pool.

use std::sync::{Arc, Mutex, PoisonError};
use std::thread;
use std::time::Duration;

use rayon::{ThreadPool, ThreadPoolBuilder};

use super::isolation::{self, Isolated};
use crate::budget::Permit;
use crate::event::{Lane, Stage};
use crate::lent::Lent;
use crate::report::{ImageReport, Outcome, columns_of};
use crate::run::{LaneThread, LaneWork, Run};
use crate::space::{SpaceWait, Waited};
use crate::stage::{self, Cause, Developed, ReadProgress, StageError, Unwritten, Writing, Written};
use crate::throttle::wait_until;
use crate::wanted::Wanted;
use crate::watch::Watched;
use crate::{Activity, Batch, Job, Settings};
use lightloom_filter::Work;

/// A picture with the memory that was admitted for it.
pub(super) struct Admitted<T> {
    pub what: T,
    pub permit: Permit,
}

/// A source whose header has been read, by this process or by a worker.
pub(super) enum Opened {
    Here(stage::Opened),
    Isolated(Isolated),
}

impl Opened {
    /// Estimated bytes of the file and all its pixel buffers at the worst moment.
    pub fn peak_bytes(&self) -> u64 {
        match self {
            Self::Here(opened) => opened.peak_bytes,
            Self::Isolated(isolated) => isolated.need.peak_bytes,
        }
    }

    /// Size of the source in bytes.
    pub fn length(&self) -> u64 {
        match self {
            Self::Here(opened) => opened.length(),
            Self::Isolated(isolated) => isolated.need.length,
        }
    }

    fn progress(&self) -> ReadProgress {
        match self {
            Self::Here(opened) => opened.progress().clone(),
            Self::Isolated(_) => ReadProgress::default(),
        }
    }
}

/// A source that is ready to be developed: in memory, or at a worker that reads it.
pub(super) enum Loaded {
    Here(Box<stage::Loaded>),
    Isolated(Isolated),
}

/// Opens a job's source; `None` if that was its end. What is `lent` goes back to others if the source does not answer.
/// Where the picture is isolated and no worker is free, it does something else `meanwhile`.
pub(super) fn open<T: Send + 'static>(
    run: &Run,
    lane: Lane,
    job: &Job,
    lent: &Lent<T>,
    meanwhile: &mut dyn FnMut(),
) -> Option<Opened> {
    let progress = ReadProgress::of_run(&run.control, &run.progress, &run.file_memory);
    let (recipe, settings) = (&run.batch.recipe, &run.batch.settings);
    // A program without workers does all by itself.
    let opened = run.enter(lane, job, Stage::Read, || {
        while_read(run, lane, job, &progress, lent, || match settings.worker_program {
            Some(_) => stage::open_unless_isolated(job, recipe, &settings.limits, &progress),
            None => stage::open_counted(job, recipe, &settings.limits, &progress).map(Some),
        })
    })?;
    match opened {
        Ok(Some(opened)) if opened.peak_bytes > run.largest_bytes => {
            let (needed, left) = (opened.peak_bytes >> 20, run.largest_bytes >> 20);
            let reason = format!(
                "it would take {needed} MiB of memory, and the system lets this program have {left} MiB for a picture (ulimit -v)"
            );
            fail_at(run, job, Stage::Read, reason);
            None
        }
        Ok(Some(opened)) => Some(Opened::Here(opened)),
        Ok(None) => isolation::open(run, lane, job, meanwhile).map(Opened::Isolated),
        Err(error) => {
            fail(run, job, error);
            None
        }
    }
}

/// As [`read_now`], once a simulated slow source has sent it.
pub(super) fn read<T: Send + 'static>(
    run: &Run,
    lane: Lane,
    job: &Job,
    opened: Opened,
    permit: Permit,
    lent: &Lent<T>,
) -> Option<Admitted<Loaded>> {
    wait_for_source(run, lane, job, opened.length());
    read_now(run, lane, job, opened, permit, lent)
}

/// Waits as long as a simulated slow source takes for so many bytes, or until the run is stopped.
pub(super) fn wait_for_source(run: &Run, lane: Lane, job: &Job, bytes: u64) {
    if let Some(due) = run.throttle.due(bytes) {
        run.enter(lane, job, Stage::Read, || wait_until(due, &run.control));
    }
}

/// Reads what was opened; `None` if that was the job's end. Memory and what else is `lent` go back to others if the
/// source does not answer; memory is waited for again when it does.
pub(super) fn read_now<T: Send + 'static>(
    run: &Run,
    lane: Lane,
    job: &Job,
    opened: Opened,
    permit: Permit,
    lent: &Lent<T>,
) -> Option<Admitted<Loaded>> {
    let (progress, peak_bytes) = (opened.progress(), opened.peak_bytes());
    let held: Lent<(Permit, Option<T>)> = Arc::new(Mutex::new(Some((permit, take(lent)))));
    let read = run.enter(lane, job, Stage::Read, || match opened {
        Opened::Here(opened) => {
            while_read(run, lane, job, &progress, &held, || stage::read(opened).map(Box::new).map(Loaded::Here))
        }
        Opened::Isolated(isolated) => Some(Ok(Loaded::Isolated(isolated))),
    })?;
    let permit = take(&held).map(|(permit, own)| {
        *lent.lock().unwrap_or_else(PoisonError::into_inner) = own;
        permit
    });
    match read {
        Ok(what) => {
            let permit = permit.or_else(|| wait_for_memory(run, lane, job, peak_bytes))?;
            Some(Admitted { what, permit })
        }
        Err(error) => {
            fail(run, job, error);
            None
        }
    }
}

/// Something that is lent for the time of a read.
pub(super) fn lend<T>(what: T) -> Lent<T> {
    Arc::new(Mutex::new(Some(what)))
}

/// What was lent, unless it went back to others.
pub(super) fn take<T>(lent: &Lent<T>) -> Option<T> {
    lent.lock().unwrap_or_else(PoisonError::into_inner).take()
}

/// Runs `read` under the eyes of those who look for sources that do not answer; `None` if the picture was given up.
fn while_read<R, T: Send + 'static>(
    run: &Run,
    lane: Lane,
    job: &Job,
    progress: &ReadProgress,
    lent: &Lent<T>,
    read: impl FnOnce() -> R,
) -> Option<R> {
    let watched = run.watch.reading(lane, job, progress, lent);
    let result = read();
    let given_up = watched.is_some_and(Watched::end);
    (!given_up).then_some(result)
}

/// Decodes, filters and encodes; `None` if that was the job's end.
pub(super) fn develop(run: &Run, lane: Lane, job: &Job, loaded: Admitted<Loaded>) -> Option<Admitted<Developed>> {
    let Admitted { what, mut permit } = loaded;
    let what = match what {
        Loaded::Here(loaded) => develop_here(run, lane, job, *loaded),
        Loaded::Isolated(isolated) => isolated.develop(run, lane, job),
    }?;
    permit.shrink(what.file_bytes());
    Some(Admitted { what, permit })
}

fn develop_here(run: &Run, lane: Lane, job: &Job, loaded: stage::Loaded) -> Option<Developed> {
    let stop = || run.control.is_stopped();
    let result = run.with_buffers(|buffers, split| {
        let mut work = Work { buffers, stop: &stop, split };
        let mut spans = run.spans(lane, job);
        let Batch { recipe, results, .. } = &run.batch;
        Wanted::of(results, job).develop(job, loaded, recipe, &mut work, &mut spans)
    });
    result.map_err(|error| fail(run, job, error)).ok()
}

/// Writes the results, the job's end.
pub(super) fn write(run: &Run, lane: Lane, job: &Job, developed: Admitted<Developed>) {
    let Admitted { what, permit } = developed;
    let permit = lend(permit);
    let mut waiting: Option<SpaceWait<'_>> = None;
    // A run that is stopped meanwhile ends once the end of the picture is reported, not between.
    let mut under_way;
    let written = loop {
        if let Some(given_up) = run.watch.output_given_up(job) {
            run.give_up(job, &given_up);
            break None;
        }
        under_way = run.begin_write();
        let tried =
            under_way.as_ref().map(|_| run.while_writing(lane, job, &permit, || write_once(run, lane, job, &what)));
        let Some(no_space) = tried.as_ref().and_then(|tried| tried.as_ref().err()?.no_space()) else { break tried };
        drop(under_way.take());
        let waiting = waiting.get_or_insert_with(|| {
            run.full_disks.wait(&no_space, job.index, what.file_bytes(), &run.troubles, &run.control)
        });
        match waiting.until_worth_trying(&run.control) {
            Waited::TryAgain => {}
            Waited::GivenUp => break tried,
            Waited::Stopped => break None,
        }
    };
    drop(waiting);
    // Given back before the end is reported, so that a finished run holds no memory.
    drop(take(&permit));
    match written {
        Some(Ok(written)) => run.finish(succeeded(job, what, written)),
        Some(Err(Unwritten { error, written })) => {
            let failed = ImageReport::without_result(job, Outcome::Failed, Some(error.stage), error.to_string());
            run.finish(ImageReport { outputs: written.outputs, warnings: written.notes, ..failed });
        }
        None => {}
    }
}

fn write_once(run: &Run, lane: Lane, job: &Job, developed: &Developed) -> Result<Written, Unwritten> {
    if run.batch.results.discard {
        return Ok(developed.discarded(job));
    }
    let mut spans = run.spans(lane, job);
    spans.enter(Stage::Write);
    let writing = Writing {
        outputs: &run.outputs,
        adopt: run.batch.results.adopt,
        before: &mut |path, file| run.publishing(job, path, file),
        syncing: &mut || spans.switch_to(Activity::Sync),
        is_given_up: &|| run.watch.is_given_up(job),
    };
    stage::write(job, developed, &run.batch.recipe, writing)
}

/// Waits for `bytes` of memory, or until the run is stopped.
pub(super) fn wait_for_memory(run: &Run, lane: Lane, job: &Job, bytes: u64) -> Option<Permit> {
    run.budget.try_acquire(bytes).or_else(|| {
        let _waiting = run.waiting(lane, Some(job), Activity::WaitMemory);
        run.budget.acquire(bytes, &run.control, Duration::MAX)
    })
}

/// Takes one job from its source to its result on the calling thread, waiting for memory where it must.
pub(super) fn run_job(
    run: &Run,
    lane: Lane,
    job: &Job,
    develop: impl FnOnce(Admitted<Loaded>) -> Option<Admitted<Developed>>,
) {
    let nothing = lend(());
    let developed = open(run, lane, job, &nothing, &mut || {}).and_then(|opened| {
        let permit = wait_for_memory(run, lane, job, opened.peak_bytes())?;
        develop(read(run, lane, job, opened, permit, &nothing)?)
    });
    if let Some(developed) = developed {
        write(run, lane, job, developed);
    }
}

fn succeeded(job: &Job, developed: Developed, written: Written) -> ImageReport {
    let of_sizes =
        developed.files.iter().filter_map(|file| job.targets.get(file.output)?.size_note(file.width, file.height));
    ImageReport {
        job: job.index,
        columns: columns_of(&job.source),
        source: job.source.without_content(),
        outcome: if developed.partial.is_some() { Outcome::Partial } else { Outcome::Done },
        stage: None,
        reason: developed.partial,
        warnings: job.notes.iter().cloned().chain(of_sizes).chain(developed.notes).chain(written.notes).collect(),
        outputs: written.outputs,
        source_pixels: developed.source_pixels,
        source_hash: developed.source_hash,
    }
}

pub(super) fn fail(run: &Run, job: &Job, error: StageError) {
    // What a stop interrupted is no failure: the end of the run records it as stopped.
    if error.cause == Cause::Stopped {
        return;
    }
    fail_at(run, job, error.stage, error.to_string());
}

/// The end of a job that has no result.
pub(super) fn fail_at(run: &Run, job: &Job, stage: Stage, reason: String) {
    run.finish(ImageReport::without_result(job, Outcome::Failed, Some(stage), reason));
}

/// Starts a thread for each lane of the run that is no worker of a pool beside it, but no more than there are pictures; each
/// holds the run as long as it lives. Other threads do the same `work` in place of those that hang.
pub(super) fn spawn_lanes(run: &Arc<Run>, work: LaneWork) -> Result<(), String> {
    let work = run.lane_work.get_or_init(|| work);
    let of_threads = |lane: &Lane| !run.has_lanes_beside_pool() || !matches!(lane, Lane::Core(_));
    for lane in run.timeline.lanes().filter(of_threads).take(run.batch.jobs.len().max(1)) {
        let (run, work) = (Arc::clone(run), Arc::clone(work));
        let begin = move || {
            run.batch.settings.priority.apply();
            work(&run, LaneThread { lane, is_spare: false });
        };
        let name = lane.to_string().to_lowercase().replace(' ', "-");
        thread::Builder::new().name(name).spawn(begin).map_err(|e| e.to_string())?;
    }
    Ok(())
}

/// The rayon pool of a run.
pub(super) fn pool(run: &Run) -> Result<Arc<ThreadPool>, String> {
    let priority = run.batch.settings.priority;
    let pool = ThreadPoolBuilder::new()
        .start_handler(move |_| priority.apply())
        .num_threads(run.batch.settings.cores.max(1))
        .thread_name(|i| format!("core-{i}"))
        .build()
        .map_err(|e| e.to_string())?;
    Ok(Arc::clone(run.pool.get_or_init(|| Arc::new(pool))))
}

/// The lanes of the threads of a run.
pub(super) fn threads(count: usize) -> impl Iterator<Item = Lane> {
    (0..count.max(1)).map(Lane::Thread)
}

/// The lanes of its rayon workers.
pub(super) fn cores(settings: &Settings) -> impl Iterator<Item = Lane> {
    (0..settings.cores.max(1)).map(Lane::Core)
}
