//! Reads the headers of the pictures of the list, for an order or a search that needs them, on threads of its own.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering::Relaxed};
use std::thread;
use std::time::{Duration, Instant};

use crossbeam_channel::{Receiver, TryRecvError, unbounded};
use egui::Context;

use crate::batch::{Decoders, PictureFacts, Source};
use crate::codec::Limits;

/// Threads that read headers; they wait for the disk.
const THREADS: usize = 2;
/// How often a thread says what it has found.
const INTERVAL: Duration = Duration::from_millis(200);

/// What a header says, by the id of its picture.
type Found = Vec<(u64, PictureFacts)>;

/// Headers that are being read. Dropping it ends that.
#[derive(Debug)]
pub struct Headers {
    /// The revision of the list that they are of.
    pub revision: u64,
    found: Receiver<Found>,
    stop: Arc<AtomicBool>,
}

impl Headers {
    /// Reads the headers of these files. What cannot be read has none.
    pub fn spawn(ctx: &Context, revision: u64, files: Vec<(u64, Source)>, limits: Limits, decoders: &Decoders) -> Self {
        let (sender, found) = unbounded();
        let (files, next, stop) = (Arc::new(files), Arc::new(AtomicUsize::new(0)), Arc::new(AtomicBool::new(false)));
        for index in 0..THREADS {
            let (files, next, stop) = (Arc::clone(&files), Arc::clone(&next), Arc::clone(&stop));
            let (sender, ctx, decoders) = (sender.clone(), ctx.clone(), decoders.clone());
            let read = move || {
                let (mut found, mut said) = (Found::new(), Instant::now());
                while let Some((id, source)) = files.get(next.fetch_add(1, Relaxed)).filter(|_| !stop.load(Relaxed)) {
                    found.extend(PictureFacts::read(source, &limits, &decoders).ok().map(|facts| (*id, facts)));
                    if said.elapsed() >= INTERVAL {
                        let _ = sender.send(std::mem::take(&mut found));
                        said = Instant::now();
                        ctx.request_repaint();
                    }
                }
                let _ = sender.send(found);
                drop(sender);
                ctx.request_repaint();
            };
            // Without a thread nothing is known, and the pictures stay where they are.
            let _ = thread::Builder::new().name(format!("lightloom-header-{index}")).spawn(read);
        }
        Self { revision, found, stop }
    }

    /// What has been found since; `None` once all has been taken.
    pub fn take(&self) -> Option<Found> {
        match self.found.try_recv() {
            Ok(found) => Some(found),
            Err(TryRecvError::Empty) => Some(Found::new()),
            Err(TryRecvError::Disconnected) => None,
        }
    }
}

impl Drop for Headers {
    fn drop(&mut self) {
        self.stop.store(true, Relaxed);
    }
}
