//! Worker processes that decode pictures of isolated formats ([`Codec::isolates`]) for whoever only looks at them:
//! previews, thumbnails, names that say what stands in a header.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, SystemTime};

use super::protocol::{FromWorker, ToWorker};
use super::{Lost, WorkerProcess, WorkerProgram};
use crate::cause::{Cause, StageError};
use crate::{Priority, Source, Stage};
use lightloom_codec::{self as codec, Codec, Decoded, Header, Limits};
use lightloom_picture::Pixels;
use lightloom_recipe::Recipe;

/// Starts such processes when they are needed, and keeps those that nobody has use for, until the last clone is dropped.
#[derive(Debug, Clone, Default)]
pub struct Decoders(Arc<Shared>);

#[derive(Debug, Default)]
struct Shared {
    program: Option<WorkerProgram>,
    idle: Mutex<Vec<Process>>,
}

/// A process with the limits that it has been told.
#[derive(Debug)]
struct Process {
    worker: WorkerProcess,
    limits: Limits,
}

/// As many processes wait for another picture at most.
const MOST_IDLE: usize = 2;

impl Decoders {
    /// Processes of this program. Without one, pictures of every format are decoded by the program itself.
    pub fn new(program: Option<WorkerProgram>) -> Self {
        Self(Arc::new(Shared { program, idle: Mutex::default() }))
    }

    /// Whether a codec's pictures are decoded by a process.
    pub(crate) fn isolate(&self, codec: &Codec) -> bool {
        self.0.program.is_some() && codec.isolates
    }

    /// A process that is ready.
    fn process(&self, limits: &Limits, stop: &dyn Fn() -> bool) -> Result<WorkerProcess, Cause> {
        let mut idle = self.0.idle.lock().unwrap_or_else(PoisonError::into_inner);
        // Those with other limits will not be needed again.
        idle.retain(|process| process.limits == *limits);
        if let Some(Process { worker, .. }) = idle.pop() {
            return Ok(worker);
        }
        drop(idle);
        let unavailable = |reason| Cause::Worker(format!("no worker process could be started: {reason}"));
        let program = self.0.program.as_ref().ok_or_else(|| unavailable("its program is not known".to_owned()))?;
        let mut worker = WorkerProcess::start(program).map_err(unavailable)?;
        let first = ToWorker::Begin {
            recipe: Recipe::default().to_toml(),
            priority: Priority::Normal,
            limits: limits.to_text(),
        };
        worker.begin(&first, stop).map_err(|lost| match lost {
            Lost::Ended(reason) => unavailable(reason),
            Lost::Late => unavailable("it does not answer".to_owned()),
            Lost::Stopped | Lost::GivenUp => Cause::Stopped,
        })?;
        Ok(worker)
    }

    fn keep(&self, worker: WorkerProcess, limits: Limits) {
        let mut idle = self.0.idle.lock().unwrap_or_else(PoisonError::into_inner);
        if idle.len() < MOST_IDLE {
            idle.push(Process { worker, limits });
        }
    }

    /// Has a process read a picture, and keep it until what is returned is dropped.
    ///
    /// # Errors
    /// If it cannot be read, is over a limit, or ends the process.
    pub(crate) fn look(
        &self,
        source: &Source,
        limits: &Limits,
        stop: &dyn Fn() -> bool,
    ) -> Result<RemotePicture, StageError> {
        let mut picture =
            RemotePicture { decoders: self.clone(), source: source.clone(), limits: *limits, kept_by: None };
        picture.look(stop)?;
        Ok(picture)
    }
}

/// A picture that a process holds.
#[derive(Debug)]
pub(crate) struct RemotePicture {
    decoders: Decoders,
    source: Source,
    limits: Limits,
    kept_by: Option<Keeper>,
}

#[derive(Debug)]
struct Keeper {
    worker: WorkerProcess,
    seen: Seen,
}

/// What a process says of a picture that it has read.
#[derive(Debug, Clone)]
pub(crate) struct Seen {
    pub codec: &'static Codec,
    pub header: Header,
    /// Size of the source in bytes.
    pub length: u64,
    pub modified: Option<SystemTime>,
}

impl RemotePicture {
    /// What its header says; it is read again if the process was lost.
    pub fn look(&mut self, stop: &dyn Fn() -> bool) -> Result<&Seen, StageError> {
        let keeper = match self.kept_by.take() {
            Some(keeper) => keeper,
            None => {
                let read = |cause: Cause| cause.at(Stage::Read);
                let mut worker = self.decoders.process(&self.limits, stop).map_err(read)?;
                let asked = worker.look(&self.source);
                let answer = asked.and_then(|()| worker.receive(time_limit(&self.limits), stop));
                match answer.map_err(|lost| self.ended(lost, Stage::Read))? {
                    (FromWorker::Seen { codec, length, modified, .. }, mut contents) => {
                        let (codec, header) = codec::find(&codec)
                            .zip(contents.pop().and_then(|header| postcard::from_bytes(&header).ok()))
                            .ok_or_else(|| out_of_turn(Stage::Read))?;
                        Keeper { worker, seen: Seen { codec, header, length, modified } }
                    }
                    (FromWorker::Failed { stage, reason, .. }, _) => {
                        self.decoders.keep(worker, self.limits);
                        return Err(Cause::Worker(reason).at(stage));
                    }
                    _ => return Err(out_of_turn(Stage::Read)),
                }
            }
        };
        Ok(&self.kept_by.insert(keeper).seen)
    }

    /// Has it decoded, its sides divided by one of its codec's divisors.
    ///
    /// # Errors
    /// If that fails, takes too long, or ends the process, and when `stop` says so.
    pub fn decode(&mut self, divisor: u8, stop: &dyn Fn() -> bool) -> Result<Decoded, StageError> {
        let Seen { header, length, .. } = self.look(stop)?;
        // Twice what is known and some room for what is not: libraries' own tables, fragmentation.
        let known = header.stored.bytes() + header.decoder_bytes + length;
        let request = ToWorker::Decode { divisor, memory_bytes: 2 * known + (256 << 20) };
        let Some(mut keeper) = self.kept_by.take() else { return Err(out_of_turn(Stage::Decode)) };
        let asked = keeper.worker.send(&request);
        let answer = asked.and_then(|()| keeper.worker.receive(time_limit(&self.limits), stop));
        let answer = answer.map_err(|lost| self.ended(lost, Stage::Decode))?;
        self.kept_by = Some(keeper);
        match answer {
            (FromWorker::Decoded { shape, notes, partial }, mut contents) => {
                let pixels = contents.pop().and_then(|bytes| Pixels::from_bytes(shape, bytes));
                Ok(Decoded { pixels: pixels.ok_or_else(|| out_of_turn(Stage::Decode))?, notes, partial })
            }
            (FromWorker::Failed { stage, reason, .. }, _) => Err(Cause::Worker(reason).at(stage)),
            _ => Err(out_of_turn(Stage::Decode)),
        }
    }

    fn ended(&self, lost: Lost, stage: Stage) -> StageError {
        let cause = match lost {
            Lost::Stopped | Lost::GivenUp => Cause::Stopped,
            Lost::Ended(reason) => Cause::Worker(reason),
            Lost::Late => Cause::Worker(format!(
                "it took longer than {} s, so its worker process was ended",
                time_limit(&self.limits).as_secs()
            )),
        };
        cause.at(stage)
    }
}

impl Drop for RemotePicture {
    fn drop(&mut self) {
        if let Some(Keeper { worker, .. }) = self.kept_by.take() {
            self.decoders.keep(worker, self.limits);
        }
    }
}

/// How long a process may take to answer.
fn time_limit(limits: &Limits) -> Duration {
    Duration::from_secs(u64::from(limits.seconds.max(1)))
}

fn out_of_turn(stage: Stage) -> StageError {
    Cause::Worker("the worker process spoke out of turn".to_owned()).at(stage)
}
