//! Between processes everything is copied through a pipe; between threads an address is enough.

use std::io::{Read as _, Write as _};
use std::sync::mpsc;

use super::partner::{Partner, PartnerProcess};
use super::prelude::*;

const BLOCKS: usize = 24;
const BLOCK: usize = 2 << 20;

pub(super) static LESSON: Lesson = Lesson {
    id: "pipe",
    title: "Pipes between processes",
    chapter: Chapter::Sharing,
    claim: "What goes from one process to another is copied through a pipe; threads hand over an address, whatever the size.",
    python: Python {
        words: "parent, child = Pipe(); child.send(image); parent.recv()   # or multiprocessing.Queue()",
        page: "https://docs.python.org/3/library/multiprocessing.html#pipes-and-queues",
    },
    here: Here {
        file: "crates/lightloom-batch/src/worker/mod.rs",
        idea: "worker processes get the bytes of a file through a pipe and send the bytes of the result back",
    },
    kind: Kind::Experiment(Experiment {
        quantity: "times as long through a pipe as through a queue of threads",
        holds: (3.0, f64::INFINITY),
        needs: Needs::Sharing,
        otherwise: "this system moves pages instead of copying them",
        simulated: None,
        predict: |model| {
            let sharing = model.sharing;
            // A pipe holds 64 KiB by default (man 7 pipe): so often its reader has to be woken.
            let (mib, switches) = ((BLOCK >> 20) as f64, (BLOCK >> 16) as f64);
            let block_secs = 2.0 * mib * sharing.copy_secs + 0.5 * switches * sharing.pipe_secs;
            Prediction::value(
                block_secs / sharing.queue_secs.max(1e-9),
                format!(
                    "Copying a MiB takes {:.0} µs here, and going from one end of a pipe to the other {:.0} µs. A block of {mib} MiB is copied twice and wakes its reader {switches} times: {:.1} ms. A queue hands over an address in {:.1} µs, with any number of cores.",
                    1e6 * sharing.copy_secs,
                    5e5 * sharing.pipe_secs,
                    1e3 * block_secs,
                    1e6 * sharing.queue_secs
                ),
            )
        },
        run,
    }),
};

fn run(bench: &mut Bench<'_>, _: &Model) -> Result<Found, LessonError> {
    let mut receiver = PartnerProcess::start(bench.settings.worker_program.as_ref(), Partner::Receiver)?;
    // The first block waits until the process has started.
    send(&mut receiver, &[0; 8]).map_err(LessonError::pipe)?;
    let (mut piped, mut queued) = (Vec::new(), Vec::new());
    let mut drawings = Vec::new();
    let values = bench.rounds("Blocks to another process, then to another thread", |bench| {
        let timeline = bench.timeline(1);
        let by_pipe = through_pipe(&mut receiver, &timeline).map_err(LessonError::pipe)?;
        let by_queue = through_queue(BLOCK);
        piped.push(1e6 * by_pipe);
        queued.push(1e6 * by_queue);
        drawings = vec![Drawing::of_threads("To another process", &timeline).named(&["sender"])];
        Ok(by_pipe / by_queue.max(1e-9))
    })?;
    let figures = vec![
        Figure::of("to a process, through a pipe", &piped, "µs a block"),
        Figure::of("to a thread, through a queue", &queued, "µs a block"),
    ];
    Ok(Found { values, figures, drawings, ..Found::default() })
}

/// Seconds until another process has a block.
fn through_pipe(receiver: &mut PartnerProcess, timeline: &Timeline) -> std::io::Result<f64> {
    let block = vec![7_u8; BLOCK];
    let began = Instant::now();
    for task in 0..BLOCKS {
        let _span = timeline.begin(Lane::Thread(0), Some(task), Activity::Write);
        receiver.to.write_all(&(BLOCK as u64).to_le_bytes())?;
        send(receiver, &block)?;
    }
    Ok(began.elapsed().as_secs_f64() / BLOCKS as f64)
}

/// Sends what is left of a block, and waits for its receipt.
fn send(receiver: &mut PartnerProcess, bytes: &[u8]) -> std::io::Result<()> {
    receiver.to.write_all(bytes)?;
    receiver.from.read_exact(&mut [0])
}

/// Seconds until another thread has a block of so many bytes.
pub(super) fn through_queue(bytes: usize) -> f64 {
    let (sender, receiver) = mpsc::channel::<Vec<u8>>();
    let blocks: Vec<Vec<u8>> = (0..BLOCKS).map(|_| vec![7_u8; bytes]).collect();
    let ready = std::sync::Barrier::new(2);
    thread::scope(|scope| {
        scope.spawn(|| {
            let sender = sender;
            ready.wait();
            blocks.into_iter().try_for_each(|block| sender.send(block))
        });
        ready.wait();
        let began = Instant::now();
        // Kept until the clock has been read: giving the memory back is not part of handing it over.
        let received: Vec<Vec<u8>> = receiver.iter().collect();
        let secs = began.elapsed().as_secs_f64();
        drop(received);
        secs / BLOCKS as f64
    })
}
