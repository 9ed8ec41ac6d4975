//! What predictions need to know of this machine, measured in a fraction of a second.

use std::process::Stdio;
use std::thread;
use std::time::Instant;

use lightloom_batch::executor::sequential::EXECUTOR as SEQUENTIAL;
use lightloom_batch::{Activity, WorkerProgram, logical_cores};

use super::outcome::median;
use super::{Bench, LessonError, Model, Needs, PictureCost, StartCost, Work};

/// Pictures by which the cost of one is measured.
const PICTURES: usize = 6;

/// The model of this machine, with what an experiment needs.
pub(super) fn model(bench: &mut Bench<'_>, needs: Needs) -> Result<Model, LessonError> {
    let model = Model::with_cores(logical_cores());
    Ok(match needs {
        Needs::Cores => model,
        Needs::Pictures(work) => Model { picture: picture(bench, work)?, ..model },
        Needs::Starts => {
            bench.step("Measuring what a start costs", 0, 1)?;
            Model { starts: starts(bench.settings.worker_program.as_ref())?, ..model }
        }
    })
}

/// By one worker, after a run that fills the file cache.
fn picture(bench: &mut Bench<'_>, work: Work) -> Result<PictureCost, LessonError> {
    let one = bench.settings_for(&SEQUENTIAL, 1, 1);
    bench.step("Measuring one picture at a time", 0, 2)?;
    bench.batch("one at a time", work, &one, 2)?;
    bench.step("Measuring one picture at a time", 1, 2)?;
    let totals = bench.batch("one at a time", work, &one, PICTURES)?.totals;
    let done = (totals.done + totals.partial).max(1) as f64;
    // What other programs take from computing is no waiting for the disk.
    let of_disk = [Activity::Read, Activity::Write, Activity::Sync].map(|activity| totals.spent(activity));
    let waited: f64 = of_disk.iter().map(|spent| (spent.wall_secs - spent.cpu_secs).max(0.0)).sum();
    Ok(PictureCost { compute_secs: (totals.lane_cpu_secs / done).max(1e-5), disk_secs: waited / done })
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
