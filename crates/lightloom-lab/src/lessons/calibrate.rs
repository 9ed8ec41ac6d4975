//! What predictions need to know of this machine, measured in a fraction of a second, and once for all lessons of a bench.

use std::process::Stdio;
use std::thread;
use std::time::Instant;

use lightloom_batch::executor::sequential::EXECUTOR as SEQUENTIAL;
use lightloom_batch::{Activity, WorkerProgram, logical_cores};

use super::model::{MemoryCost, SharingCost};
use super::outcome::median;
use super::served::Content;
use super::{Bench, LessonError, Model, Needs, PictureCost, StartCost, Work};
use super::{lost_updates, manager, pipe, processes};

/// Pictures by which the cost of one is measured.
const PICTURES: usize = 6;
/// Requests by which the cost of one is measured.
const REQUESTS: usize = 12;

/// What has been measured of a machine so far.
#[derive(Debug, Clone, Default)]
pub struct Known {
    /// By the kind of work.
    pictures: [Option<PictureCost>; Work::ALL.len()],
    /// By what is fetched.
    fetched: [Option<PictureCost>; Content::ALL.len()],
    starts: Option<StartCost>,
    memory: Option<MemoryCost>,
    sharing: Option<SharingCost>,
}

/// The model of this machine, with what an experiment needs.
pub(super) fn model(bench: &mut Bench<'_>, needs: Needs) -> Result<Model, LessonError> {
    let mut model = Model::with_cores(logical_cores());
    match needs {
        Needs::Cores => {}
        Needs::Pictures(work) => {
            model.picture =
                known(bench, |known| &mut known.pictures[work as usize], |bench| picture(bench, work, PICTURES))?;
        }
        Needs::Fetched(content) => {
            model.picture =
                known(bench, |known| &mut known.fetched[content as usize], |bench| fetched(bench, content))?;
        }
        Needs::Starts => {
            model.starts = known(
                bench,
                |known| &mut known.starts,
                |bench| {
                    bench.step("Measuring what a start costs", 0, 1)?;
                    starts(bench.settings.worker_program.as_ref())
                },
            )?;
        }
        Needs::Memory => model.memory = known(bench, |known| &mut known.memory, memory)?,
        Needs::Sharing => {
            model.sharing = known(bench, |known| &mut known.sharing, |bench| sharing(bench, model.cores))?
        }
    }
    Ok(model)
}

/// What a slot has, or what is measured now and kept there.
fn known<T: Copy>(
    bench: &mut Bench<'_>,
    slot: impl Fn(&mut Known) -> &mut Option<T>,
    measure: impl FnOnce(&mut Bench<'_>) -> Result<T, LessonError>,
) -> Result<T, LessonError> {
    bench.check()?;
    if let Some(value) = *slot(&mut bench.known) {
        return Ok(value);
    }
    let value = measure(bench)?;
    *slot(&mut bench.known) = Some(value);
    Ok(value)
}

/// By one worker, after a run that fills the file cache.
fn picture(bench: &mut Bench<'_>, work: Work, pictures: usize) -> Result<PictureCost, LessonError> {
    let one = bench.settings_for(&SEQUENTIAL, 1, 1);
    bench.step("Measuring one picture at a time", 0, 2)?;
    bench.batch("one at a time", work, &one, 2)?;
    bench.step("Measuring one picture at a time", 1, 2)?;
    let totals = bench.batch("one at a time", work, &one, pictures)?.totals;
    let done = (totals.done + totals.partial).max(1) as f64;
    // What other programs take from computing is no waiting for the disk.
    let of_disk = [Activity::Read, Activity::Write, Activity::Sync].map(|activity| totals.spent(activity));
    let waited: f64 = of_disk.iter().map(|spent| (spent.wall_secs - spent.cpu_secs).max(0.0)).sum();
    Ok(PictureCost { compute_secs: (totals.lane_cpu_secs / done).max(1e-5), disk_secs: waited / done })
}

/// The same from a server that answers at once: what requests cost is part of it.
fn fetched(bench: &mut Bench<'_>, content: Content) -> Result<PictureCost, LessonError> {
    let served = bench.serve(content, REQUESTS, 0)?;
    bench.on(served, |bench| picture(bench, Work::Light, REQUESTS))
}

/// Medians of a few starts.
pub(super) fn starts(program: Option<&WorkerProgram>) -> Result<StartCost, LessonError> {
    let threads: Vec<f64> = (0..20).map(|_| start_thread()).collect::<Result<_, _>>()?;
    let processes = program.map(|program| (0..5).map(|_| start_process(program)).collect::<Result<Vec<f64>, _>>());
    Ok(StartCost {
        thread_secs: median(&threads),
        process_secs: processes.transpose()?.map(|processes| median(&processes)),
    })
}

/// Seconds from the start to the end of a thread that has nothing to do.
pub(super) fn start_thread() -> Result<f64, LessonError> {
    let began = Instant::now();
    let thread = thread::Builder::new().spawn(|| {}).map_err(LessonError::thread)?;
    let _ = thread.join();
    Ok(began.elapsed().as_secs_f64())
}

/// Seconds from the start to the end of a worker process that has nothing to do: what it reads ends at once.
pub(super) fn start_process(program: &WorkerProgram) -> Result<f64, LessonError> {
    let began = Instant::now();
    let mut command = std::process::Command::new(&program.path);
    command.args(&program.arguments).stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
    command.status().map_err(LessonError::process)?;
    Ok(began.elapsed().as_secs_f64())
}

/// What this program, once it was loaded, has for itself, and a thread of it.
fn memory(bench: &mut Bench<'_>) -> Result<MemoryCost, LessonError> {
    bench.step("Measuring the memory of a thread", 0, 1)?;
    // Whatever else goes on in this program only takes more.
    let attempts = (0..5).map(|_| processes::memory_of_threads(2));
    let thread_kib = attempts.collect::<Result<Vec<f64>, _>>()?.into_iter().fold(f64::INFINITY, f64::min);
    Ok(MemoryCost { thread_kib, loaded_kib: processes::loaded_kib() })
}

/// Between threads, the median of a few attempts.
fn sharing(bench: &mut Bench<'_>, cores: usize) -> Result<SharingCost, LessonError> {
    bench.step("Measuring what sharing costs", 0, 1)?;
    let usual = |attempt: &dyn Fn() -> Result<f64, LessonError>| -> Result<f64, LessonError> {
        Ok(median(&(0..9).map(|_| attempt()).collect::<Result<Vec<f64>, _>>()?))
    };
    let (threads, total) = lost_updates::plan(cores);
    Ok(SharingCost {
        copy_secs: usual(&|| Ok(copying_a_mib()))?,
        pipe_secs: usual(&|| manager::between_threads(50).map_err(LessonError::pipe))?,
        queue_secs: usual(&|| Ok(pipe::through_queue(0)))?,
        lock_secs: usual(&|| Ok(manager::by_lock(20_000)))?,
        lost: lost_updates::careless(threads, total / 10 / threads as u64),
    })
}

/// Seconds for copying a MiB from one place in memory to another.
fn copying_a_mib() -> f64 {
    let (from, mut to) = (vec![7_u8; 1 << 20], vec![1_u8; 1 << 20]);
    let began = Instant::now();
    to.copy_from_slice(std::hint::black_box(&from));
    std::hint::black_box(&to);
    began.elapsed().as_secs_f64()
}
