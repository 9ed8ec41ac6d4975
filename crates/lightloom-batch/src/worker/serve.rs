//! The worker's side: reads, decodes, filters and encodes on request, and writes no file.

use std::io::{self, BufReader, BufWriter, Read, Write};
use std::time::Duration;

use cpu_time::{ProcessTime, ThreadTime};
use crossbeam_channel::{Receiver, bounded};

use super::fault::Fault;
use super::protocol::{Cost, Finished, FinishedFile, FromWorker, ToWorker, VERSION, receive, receive_bytes, send};
use crate::develop::DevelopedFile;
use crate::file_memory::FileMemory;
use crate::loaded::load;
use crate::memory::resident;
use crate::stage::{self, Beside, Developed, Loaded, ReadProgress, StageError, Stages};
use crate::wanted::Wanted;
use crate::{Job, Priority, Source, Stage, load_files};
use lightloom_codec::{Decoded, Limits};
use lightloom_filter::Work;
use lightloom_picture::Buffers;
use lightloom_recipe::{Overrides, Recipe};

/// Serves the feeder at the other end of standard input and output until that goes away.
///
/// # Errors
/// If the feeder breaks the protocol.
pub fn serve(faults: Vec<Fault>) -> io::Result<()> {
    let requests = listen()?;
    let mut worker = Worker {
        feeder: BufWriter::new(io::stdout()),
        recipe: Recipe::default(),
        limits: Limits::default(),
        buffers: Buffers::default(),
        file_memory: FileMemory::default(),
        resident: 0,
        processor: ProcessTime::now(),
        kept: None,
        faults,
    };
    send(&mut worker.feeder, &FromWorker::Ready { version: VERSION })?;
    loop {
        match requests.recv() {
            Ok(Request::Begin { recipe, priority, limits }) => {
                let unknown = || io::Error::other("the limits on files are not known");
                worker.limits = Limits::from_text(&limits).ok_or_else(unknown)?;
                worker.recipe = Recipe::from_toml(&recipe).map_err(io::Error::other)?;
                load_files(&mut worker.recipe);
                priority.apply();
            }
            Ok(Request::Open { source, number, overrides, wanted }) => {
                // Where the results go is the feeder's business.
                let job = Job { number, overrides: overrides.shared(), ..Job::new(0, source) };
                worker.process(&job, &wanted, &requests)?;
            }
            Ok(Request::Go { .. }) => return Err(io::Error::other("asked to go on without a picture")),
            Ok(Request::Look { source }) => worker.look(&source)?,
            Ok(Request::Decode { divisor, memory_bytes }) => worker.decode(divisor, memory_bytes)?,
            Err(_) => return Ok(()),
        }
    }
}

/// A message of the feeder, with the source's content.
enum Request {
    Begin { recipe: String, priority: Priority, limits: String },
    Open { source: Source, number: usize, overrides: Overrides, wanted: Wanted },
    Go { memory_bytes: u64, split: bool },
    Look { source: Source },
    Decode { divisor: u8, memory_bytes: u64 },
}

impl Request {
    /// The next one; `None` at the end of the stream.
    fn receive(from: &mut impl Read) -> io::Result<Option<Self>> {
        Ok(match receive::<ToWorker>(from)? {
            None => None,
            Some(ToWorker::Begin { recipe, priority, limits }) => Some(Self::Begin { recipe, priority, limits }),
            Some(ToWorker::Open { source, number, overrides, wanted }) => Some(Self::Open {
                source: source.to_source(|length| receive_bytes(from, length))?,
                number,
                overrides,
                wanted,
            }),
            Some(ToWorker::Go { memory_bytes, split }) => Some(Self::Go { memory_bytes, split }),
            Some(ToWorker::Look { source }) => {
                Some(Self::Look { source: source.to_source(|length| receive_bytes(from, length))? })
            }
            Some(ToWorker::Decode { divisor, memory_bytes }) => Some(Self::Decode { divisor, memory_bytes }),
        })
    }
}

/// Listens on a thread of its own, so that a worker in the middle of a picture notices when its feeder is gone: nobody
/// is left to end it otherwise.
fn listen() -> io::Result<Receiver<Request>> {
    let (sender, receiver) = bounded(2);
    std::thread::Builder::new().name("feeder".to_owned()).spawn(move || {
        let mut input = BufReader::new(io::stdin());
        while let Ok(Some(request)) = Request::receive(&mut input) {
            if sender.send(request).is_err() {
                break;
            }
        }
        std::process::exit(0);
    })?;
    Ok(receiver)
}

/// Tells the feeder of the stages of a picture.
struct Told<'a> {
    feeder: &'a mut BufWriter<io::Stdout>,
    /// The most memory that was held.
    resident: &'a mut u64,
    begun: ThreadTime,
    lost: Option<io::Error>,
}

impl Told<'_> {
    fn tell(&mut self, message: &FromWorker) {
        if let Err(error) = send(self.feeder, message) {
            self.lost = Some(error);
        }
    }
}

impl Stages for Told<'_> {
    fn enter(&mut self, stage: Stage) {
        *self.resident = resident().max(*self.resident);
        let cpu_nanos = nanos(&self.begun);
        self.begun = ThreadTime::now();
        self.tell(&FromWorker::Entered { stage, cpu_nanos });
    }

    fn took_turns(&mut self, turns: &[(Stage, Duration)]) {
        self.tell(&FromWorker::TookTurns { turns: turns.to_vec() });
    }

    fn beside<'b>(&self) -> Beside<'b>
    where
        Self: 'b,
    {
        // The feeder has one lane for the whole process.
        Box::new(|_| None)
    }
}

struct Worker {
    feeder: BufWriter<io::Stdout>,
    recipe: Recipe,
    limits: Limits,
    buffers: Buffers,
    file_memory: FileMemory,
    resident: u64,
    processor: ProcessTime,
    /// The picture that is looked at.
    kept: Option<Loaded>,
    faults: Vec<Fault>,
}

impl Worker {
    fn process(&mut self, job: &Job, wanted: &Wanted, requests: &Receiver<Request>) -> io::Result<()> {
        let begun = ThreadTime::now();
        // What its header needs is known to nobody yet: as much as any picture may have decoded, and some room.
        limit_memory(self.limits.decoded_bytes.saturating_add(256 << 20));
        let progress = ReadProgress::with_memory(&self.file_memory);
        let opened = match stage::open_counted(job, &self.recipe, &self.limits, &progress) {
            Ok(opened) => opened,
            Err(error) => return self.failed(error, &begun),
        };
        send(&mut self.feeder, &FromWorker::Opened { length: opened.length(), peak_bytes: opened.peak_bytes })?;
        let Ok(Request::Go { memory_bytes, split }) = requests.recv() else {
            return Err(io::Error::other("asked for something else while a picture was open"));
        };
        let of_threads = if split { rayon::current_num_threads() as u64 * THREAD_BYTES } else { 0 };
        limit_memory(memory_bytes.saturating_add(of_threads));
        self.faults.iter().for_each(|fault| fault.strike(&job.source));
        let loaded = match stage::read(opened) {
            Ok(loaded) => loaded,
            Err(error) => return self.failed(error, &begun),
        };
        let Self { feeder, recipe, buffers, resident, .. } = self;
        let mut work = Work { buffers, stop: &|| false, split };
        let mut told = Told { feeder, resident, begun, lost: None };
        let developed = wanted.develop(job, loaded, recipe, &mut work, &mut told);
        let Told { begun, lost, .. } = told;
        if let Some(error) = lost {
            return Err(error);
        }
        match developed {
            Ok(developed) => self.finished(developed, &begun),
            Err(error) => self.failed(error, &begun),
        }
    }

    /// Reads a picture, keeps it, and says what its header says.
    fn look(&mut self, source: &Source) -> io::Result<()> {
        let begun = ThreadTime::now();
        self.kept = None;
        limit_memory(self.limits.decoded_bytes.saturating_add(256 << 20));
        self.faults.iter().for_each(|fault| fault.strike(source));
        let loaded = match load(source, &self.limits) {
            Ok(loaded) => self.kept.insert(loaded),
            Err(error) => return self.failed(error, &begun),
        };
        let header = postcard::to_stdvec(&loaded.header).map_err(io::Error::other)?;
        let seen = FromWorker::Seen {
            codec: loaded.codec.id.to_owned(),
            length: loaded.bytes.len() as u64,
            modified: loaded.modified,
            header_bytes: header.len() as u64,
        };
        send(&mut self.feeder, &seen)?;
        self.feeder.write_all(&header)?;
        self.feeder.flush()
    }

    /// Decodes the picture that is kept.
    fn decode(&mut self, divisor: u8, memory_bytes: u64) -> io::Result<()> {
        let begun = ThreadTime::now();
        let Some(loaded) = &self.kept else {
            return Err(io::Error::other("asked to decode a picture that has not been looked at"));
        };
        limit_memory(memory_bytes);
        let mut work = Work { buffers: &mut self.buffers, stop: &|| false, split: false };
        match loaded.decode(divisor, &mut work) {
            Ok(Decoded { pixels, notes, partial }) => {
                send(&mut self.feeder, &FromWorker::Decoded { shape: pixels.shape(), notes, partial })?;
                self.feeder.write_all(pixels.bytes())?;
                pixels.recycle(&mut self.buffers);
                self.feeder.flush()
            }
            Err(error) => self.failed(error, &begun),
        }
    }

    fn finished(&mut self, developed: Developed, begun: &ThreadTime) -> io::Result<()> {
        let Developed { files, source_pixels, notes, partial, modified, source_hash } = developed;
        let cost = self.cost(begun);
        let about = |file: &DevelopedFile| FinishedFile {
            name: file.name.clone(),
            output: file.output,
            page: file.page.clone(),
            length: file.bytes.len() as u64,
            extension: file.extension.clone(),
            width: file.width,
            height: file.height,
            hash: file.hash.clone(),
            is_copied: file.is_copied,
        };
        let files_sent = files.iter().map(about).collect();
        let finished = Finished { files: files_sent, source_pixels, notes, partial, modified, source_hash, cost };
        send(&mut self.feeder, &FromWorker::Developed(Box::new(finished)))?;
        for file in &files {
            self.feeder.write_all(&file.bytes)?;
        }
        self.feeder.flush()
    }

    fn failed(&mut self, error: StageError, begun: &ThreadTime) -> io::Result<()> {
        let cost = self.cost(begun);
        send(&mut self.feeder, &FromWorker::Failed { stage: error.stage, reason: error.to_string(), cost })
    }

    fn cost(&mut self, begun: &ThreadTime) -> Cost {
        self.resident = resident().max(self.resident);
        let cpu_nanos = self.processor.elapsed().as_nanos() as u64;
        self.processor = ProcessTime::now();
        Cost { stage_nanos: nanos(begun), cpu_nanos, resident_bytes: self.resident }
    }
}

/// Address space of a thread: its stack, and what the allocator sets apart for it.
const THREAD_BYTES: u64 = 144 << 20;

fn nanos(begun: &ThreadTime) -> u64 {
    begun.elapsed().as_nanos() as u64
}

/// From now on an allocation fails that would take the process beyond what it holds now and `bytes` more. Rust ends a
/// process whose allocation failed, which costs this picture alone.
#[cfg(unix)]
fn limit_memory(bytes: u64) {
    use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};
    let held = memory_stats::memory_stats().map_or(1 << 30, |stats| stats.virtual_mem as u64);
    let maximum = getrlimit(Resource::As).maximum;
    let current = Some(held.saturating_add(bytes)).min(maximum.or(Some(u64::MAX)));
    let _ = setrlimit(Resource::As, Rlimit { current, maximum });
}

#[cfg(not(unix))]
fn limit_memory(_: u64) {}
