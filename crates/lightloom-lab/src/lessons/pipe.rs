//! Between processes everything is copied through a pipe; between threads an address is enough.

use std::io::{Read as _, Write as _};
use std::sync::mpsc;

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
        needs: Needs::Cores,
        otherwise: "this system moves pages instead of copying them",
        simulated: Some("both ends of the pipe are in one process here; the copying is the same"),
        predict: |_| {
            Prediction::value(
                100.0,
                format!("{BLOCKS} blocks of {} MiB: a pipe copies each twice, at some GiB per second; a queue takes about a microsecond for each, with any number of cores.", BLOCK >> 20),
            )
        },
        run,
    }),
};

fn run(bench: &mut Bench<'_>, _: &Model) -> Result<Found, LessonError> {
    let (mut piped, mut queued) = (Vec::new(), Vec::new());
    let mut drawings = Vec::new();
    let values = bench.rounds("Blocks through a pipe, then through a queue", |bench| {
        let timeline = bench.timeline(2);
        piped.push(1e3 * through_pipe(&timeline)?);
        queued.push(1e3 * through_queue());
        drawings = vec![Drawing::of_threads("Through the pipe", &timeline).named(&["sender", "receiver"])];
        Ok(piped.last().copied().unwrap_or(0.0) / queued.last().copied().unwrap_or(1.0).max(1e-6))
    })?;
    let figures =
        vec![Figure::of("through a pipe", &piped, "ms"), Figure::of("through a queue of threads", &queued, "ms")];
    Ok(Found { values, figures, drawings, ..Found::default() })
}

fn through_pipe(timeline: &Timeline) -> Result<f64, LessonError> {
    let (mut reader, mut writer) = std::io::pipe().map_err(LessonError::pipe)?;
    let block = vec![7_u8; BLOCK];
    let began = Instant::now();
    thread::scope(|scope| {
        let sent = scope.spawn(move || {
            (0..BLOCKS).try_for_each(|task| {
                let _span = timeline.begin(Lane::Thread(0), Some(task), Activity::Write);
                writer.write_all(&block)
            })
        });
        let mut received = vec![0_u8; BLOCK];
        let read = (0..BLOCKS).try_for_each(|task| {
            let _span = timeline.begin(Lane::Thread(1), Some(task), Activity::Read);
            reader.read_exact(&mut received)
        });
        drop(reader);
        let written = sent.join().unwrap_or_else(|_| Err(std::io::Error::other("the sender failed")));
        read.and(written).map_err(LessonError::pipe)
    })?;
    Ok(began.elapsed().as_secs_f64())
}

fn through_queue() -> f64 {
    let (sender, receiver) = mpsc::channel::<Vec<u8>>();
    let blocks: Vec<Vec<u8>> = (0..BLOCKS).map(|_| vec![7_u8; BLOCK]).collect();
    thread::scope(|scope| {
        let began = Instant::now();
        scope.spawn(move || blocks.into_iter().try_for_each(|block| sender.send(block)));
        // Kept until the clock has been read: giving the memory back is not part of handing it over.
        let received: Vec<Vec<u8>> = receiver.iter().collect();
        let secs = began.elapsed().as_secs_f64();
        drop(received);
        secs
    })
}
