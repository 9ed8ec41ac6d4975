//! The feeder's handle of one worker process.

use std::io::{self, BufRead, BufReader, Read};
use std::process::{Child, ChildStdin, ExitStatus, Stdio};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use crossbeam_channel::{Receiver, RecvTimeoutError, bounded};

use super::protocol::{FromWorker, ToWorker, VERSION, receive, send};
use crate::Control;
use lightloom_codec::Limits;

/// How long a worker may take to start.
const START: Duration = Duration::from_secs(20);

/// A message, with the files that follow it if it brings any.
type Message = (FromWorker, Vec<Vec<u8>>);

/// Why nothing more comes from a worker. It is to be dropped, which ends it.
#[derive(Debug, PartialEq, Eq)]
pub enum Lost {
    /// It ended by itself or was killed.
    Ended(String),
    /// It did not answer in time.
    Late,
    /// The run was stopped meanwhile.
    Stopped,
}

/// A running worker; ended when dropped.
#[derive(Debug)]
pub struct WorkerProcess {
    child: Child,
    orders: ChildStdin,
    messages: Receiver<io::Result<Message>>,
    complaints: Arc<Mutex<String>>,
    started: Instant,
}

impl WorkerProcess {
    /// Starts a process and returns at once.
    pub fn start() -> Result<Self, String> {
        let started = Instant::now();
        let mut command = super::command().ok_or("no program for worker processes is known")?;
        command.env(super::LIMITS, Limits::current().to_text());
        let spawned = command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn();
        let mut child = spawned.map_err(|e| format!("{}: {e}", command.get_program().display()))?;
        let pipes = (child.stdin.take(), child.stdout.take(), child.stderr.take());
        let (Some(orders), Some(output), Some(errors)) = pipes else {
            return Err("the worker has no pipes".to_owned());
        };
        let complaints = Arc::new(Mutex::new(String::new()));
        let (sender, messages) = bounded(4);
        let spawn = |name: &str, work: Box<dyn FnOnce() + Send>| {
            std::thread::Builder::new().name(name.to_owned()).spawn(work).map_err(|e| e.to_string())
        };
        let kept = Arc::clone(&complaints);
        spawn("worker-errors", Box::new(move || keep_first_line(errors, &kept)))?;
        spawn(
            "worker-results",
            Box::new(move || {
                let mut output = BufReader::with_capacity(64 << 10, output);
                while let Some(message) = next(&mut output).transpose() {
                    let last = message.is_err();
                    if sender.send(message).is_err() || last {
                        break;
                    }
                }
            }),
        )?;
        Ok(Self { child, orders, messages, complaints, started })
    }

    /// When [`Self::start`] was called.
    pub fn started(&self) -> Instant {
        self.started
    }

    /// Waits until the worker is there and tells it what [`ToWorker::Begin`] holds.
    pub fn begin(&mut self, order: &ToWorker, control: &Control) -> Result<(), Lost> {
        match self.receive(START, control)? {
            (FromWorker::Ready { version: VERSION }, _) => self.send(order),
            (FromWorker::Ready { version }, _) => Err(Lost::Ended(format!(
                "the worker process speaks version {version} of the protocol and this program {VERSION}; start the program again"
            ))),
            _ => Err(Lost::Ended("the worker process did not say what it should".to_owned())),
        }
    }

    /// Gives an order.
    pub fn send(&mut self, order: &ToWorker) -> Result<(), Lost> {
        send(&mut self.orders, order).map_err(|_| Lost::Ended(self.end()))
    }

    /// Waits for the next message, for at most `patience` and until the run is stopped.
    pub fn receive(&mut self, patience: Duration, control: &Control) -> Result<Message, Lost> {
        let deadline = Instant::now() + patience;
        loop {
            if control.is_stopped() {
                return Err(Lost::Stopped);
            }
            let left = deadline.saturating_duration_since(Instant::now());
            if left.is_zero() {
                return Err(Lost::Late);
            }
            // Short waits, so that a stop is noticed.
            match self.messages.recv_timeout(left.min(Duration::from_millis(20))) {
                Ok(Ok(message)) => return Ok(message),
                Ok(Err(garbage)) => return Err(Lost::Ended(format!("the worker process sent nonsense ({garbage})"))),
                Err(RecvTimeoutError::Timeout) => {}
                Err(RecvTimeoutError::Disconnected) => return Err(Lost::Ended(self.end())),
            }
        }
    }

    /// How the process ended, once its pipes are closed.
    fn end(&mut self) -> String {
        // It has closed its pipes, so it is about to end; a worker that does not is made to.
        let deadline = Instant::now() + Duration::from_secs(1);
        let status = loop {
            match self.child.try_wait() {
                Ok(Some(status)) => break Some(status),
                Ok(None) if Instant::now() < deadline => std::thread::sleep(Duration::from_millis(2)),
                _ => break None,
            }
        };
        let said = self.complaints.lock().unwrap_or_else(PoisonError::into_inner).clone();
        match status {
            _ if said.contains("memory allocation of") => {
                format!("the worker process ran out of the memory that this picture may take ({said})")
            }
            Some(status) if said.is_empty() => how(status),
            Some(status) => format!("{} ({said})", how(status)),
            None => "the worker process closed its pipes".to_owned(),
        }
    }
}

impl Drop for WorkerProcess {
    fn drop(&mut self) {
        // It holds nothing that is not to be lost: results are written by the feeder.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// The next message with its files.
fn next(output: &mut impl Read) -> io::Result<Option<Message>> {
    let Some(message) = receive::<FromWorker>(output)? else { return Ok(None) };
    let mut files = Vec::new();
    if let FromWorker::Developed(finished) = &message {
        for file in &finished.files {
            let mut bytes = Vec::new();
            // Grows as the bytes come, so that a wrong length asks for no memory.
            let read = output.take(file.length).read_to_end(&mut bytes)?;
            if read as u64 != file.length {
                return Err(io::ErrorKind::UnexpectedEof.into());
            }
            files.push(bytes);
        }
    }
    Ok(Some((message, files)))
}

/// The first line says what went wrong; what follows are details of where.
fn keep_first_line(errors: impl Read, kept: &Mutex<String>) {
    for line in BufReader::new(errors).lines().map_while(Result::ok) {
        let mut kept = kept.lock().unwrap_or_else(PoisonError::into_inner);
        if kept.is_empty() {
            *kept = line.trim().chars().take(200).collect();
        }
    }
}

#[cfg(unix)]
fn how(status: ExitStatus) -> String {
    use std::os::unix::process::ExitStatusExt;
    match (status.signal(), status.code()) {
        (Some(signal), _) => format!("the worker process was ended by signal {signal}{}", signal_name(signal)),
        (None, Some(code)) => format!("the worker process ended with exit code {code}"),
        (None, None) => "the worker process ended".to_owned(),
    }
}

#[cfg(not(unix))]
fn how(status: ExitStatus) -> String {
    format!("the worker process ended: {status}")
}

#[cfg(unix)]
fn signal_name(signal: i32) -> String {
    use rustix::process::Signal;
    let names = [
        (Signal::ABORT, "SIGABRT"),
        (Signal::BUS, "SIGBUS"),
        (Signal::FPE, "SIGFPE"),
        (Signal::ILL, "SIGILL"),
        (Signal::INT, "SIGINT"),
        (Signal::KILL, "SIGKILL"),
        (Signal::SEGV, "SIGSEGV"),
        (Signal::SYS, "SIGSYS"),
        (Signal::TERM, "SIGTERM"),
        (Signal::XCPU, "SIGXCPU"),
    ];
    let name = names.into_iter().find(|(known, _)| known.as_raw() == signal);
    name.map_or(String::new(), |(_, name)| format!(" ({name})"))
}
