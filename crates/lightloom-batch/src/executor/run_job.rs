//! What every executor does the same way: the stage functions with their events, failures and permits around them.
//!
//! A simulated slow source holds back the reading, whatever thread that is: under `cores` it blocks a worker of the
//! pool on purpose, as a slow disk would.

use std::sync::Arc;
use std::thread;
use std::time::Duration;

use rayon::{ThreadPool, ThreadPoolBuilder};

use crate::budget::Permit;
use crate::event::{Lane, Stage};
use crate::report::{ImageReport, Outcome};
use crate::run::Run;
use crate::stage::{self, Cause, Developed, Loaded, Opened, StageError, Unwritten, Writing, Written};
use crate::{Activity, Batch, Job, Settings, hash};
use lightloom_filter::Work;

/// A picture with the memory that was admitted for it.
pub(super) struct Admitted<T> {
    pub what: T,
    pub permit: Permit,
}

/// Opens a job's source; `None` if that was its end.
pub(super) fn open(run: &Run, lane: Lane, job: &Job) -> Option<Opened> {
    let opened = run.enter(lane, job, Stage::Read, || stage::open(job, &run.batch.recipe, &run.batch.settings.limits));
    opened.map_err(|error| fail(run, job, error)).ok()
}

/// Reads what was opened; `None` if that was the job's end.
pub(super) fn read(run: &Run, lane: Lane, job: &Job, opened: Opened, permit: Permit) -> Option<Admitted<Loaded>> {
    let read = run.enter(lane, job, Stage::Read, || {
        run.throttle.wait(opened.length(), &run.control);
        stage::read(opened)
    });
    match read {
        Ok(what) => Some(Admitted { what, permit }),
        Err(error) => {
            fail(run, job, error);
            None
        }
    }
}

/// Decodes, filters and encodes; `None` if that was the job's end.
pub(super) fn develop(run: &Run, lane: Lane, job: &Job, loaded: Admitted<Loaded>) -> Option<Admitted<Developed>> {
    let Admitted { what, mut permit } = loaded;
    let stop = || run.control.is_stopped();
    let result = run.with_buffers(|buffers, split| {
        let mut work = Work { buffers, stop: &stop, split };
        let mut spans = run.spans(lane, job);
        let Batch { recipe, results, .. } = &run.batch;
        hash::develop(job, what, recipe, results.hash, &mut work, &mut |stage| spans.enter(stage))
    });
    match result {
        Ok(what) => {
            permit.shrink(what.file_bytes());
            Some(Admitted { what, permit })
        }
        Err(error) => {
            fail(run, job, error);
            None
        }
    }
}

/// Writes the results, the job's end.
pub(super) fn write(run: &Run, lane: Lane, job: &Job, developed: Admitted<Developed>) {
    let Admitted { what, permit } = developed;
    let written = run.while_writing(|| {
        if run.batch.results.discard {
            return Ok(what.discarded(job));
        }
        let mut spans = run.spans(lane, job);
        spans.enter(Stage::Write);
        let writing = Writing {
            outputs: &run.outputs,
            adopt: run.batch.results.adopt,
            before: &mut |path, file| run.publishing(job, path, file),
            syncing: &mut || spans.switch_to(Activity::Sync),
        };
        stage::write(job, &what, &run.batch.recipe, writing)
    });
    // Given back before the end is reported, so that a finished run holds no memory.
    drop(permit);
    match written {
        Some(Ok(written)) => run.finish(succeeded(job, what, written)),
        Some(Err(Unwritten { error, written })) => {
            let failed = ImageReport::without_result(job, Outcome::Failed, Some(error.stage), error.to_string());
            run.finish(ImageReport { outputs: written.outputs, warnings: written.notes, ..failed });
        }
        None => {}
    }
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
    let developed = open(run, lane, job).and_then(|opened| {
        let permit = wait_for_memory(run, lane, job, opened.peak_bytes)?;
        develop(read(run, lane, job, opened, permit)?)
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
        source: job.source.clone(),
        outcome: if developed.partial.is_some() { Outcome::Partial } else { Outcome::Done },
        stage: None,
        reason: developed.partial,
        warnings: job.notes.iter().cloned().chain(of_sizes).chain(developed.notes).chain(written.notes).collect(),
        outputs: written.outputs,
        source_pixels: developed.source_pixels,
        source_hash: developed.source_hash,
    }
}

fn fail(run: &Run, job: &Job, error: StageError) {
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

/// Starts a named thread that holds the run as long as it lives.
pub(super) fn spawn(name: String, run: &Arc<Run>, work: impl FnOnce(&Arc<Run>) + Send + 'static) -> Result<(), String> {
    let run = Arc::clone(run);
    let begin = move || {
        run.batch.settings.priority.apply();
        work(&run);
    };
    thread::Builder::new().name(name).spawn(begin).map(drop).map_err(|e| e.to_string())
}

/// The rayon pool of a run.
pub(super) fn pool(run: &Run) -> Result<ThreadPool, String> {
    let priority = run.batch.settings.priority;
    ThreadPoolBuilder::new()
        .start_handler(move |_| priority.apply())
        .num_threads(run.batch.settings.cores.max(1))
        .thread_name(|i| format!("core-{i}"))
        .build()
        .map_err(|e| e.to_string())
}

/// The lanes of the threads of a run.
pub(super) fn threads(count: usize) -> impl Iterator<Item = Lane> {
    (0..count.max(1)).map(Lane::Thread)
}

/// The lanes of its rayon workers.
pub(super) fn cores(settings: &Settings) -> impl Iterator<Item = Lane> {
    (0..settings.cores.max(1)).map(Lane::Core)
}

/// The lane of the pool's worker that asks.
pub(super) fn core_lane() -> Lane {
    Lane::Core(rayon::current_thread_index().unwrap_or(0))
}
