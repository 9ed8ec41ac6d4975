//! The feeder's handle of one worker process.

use std::io::{self, BufRead, BufReader, Read, Write as _};
use std::process::{Child, ChildStdin, ExitStatus, Stdio};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use crossbeam_channel::{Receiver, RecvTimeoutError, bounded};

use super::WorkerProgram;
use super::protocol::{FromWorker, ToWorker, VERSION, receive, receive_bytes, send};
use crate::wanted::Wanted;
use crate::{Job, Source};
use lightloom_param::shown;

/// How long a worker may take to start.
const START_TIMEOUT: Duration = Duration::from_secs(20);

/// A message, with what follows it.
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
    /// Its picture was given up meanwhile.
    GivenUp,
}

/// A running worker; ended when dropped.
#[derive(Debug)]
pub struct WorkerProcess {
    child: Child,
    requests: ChildStdin,
    messages: Receiver<io::Result<Message>>,
    /// The first line that it wrote to standard error.
    error_line: Arc<Mutex<String>>,
    started: Instant,
}

impl WorkerProcess {
    /// Starts a process and returns at once.
    pub fn start(program: &WorkerProgram) -> Result<Self, String> {
        let started = Instant::now();
        let mut command = program.command();
        let spawned = command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn();
        let mut child = spawned.map_err(|e| format!("{}: {e}", shown(command.get_program())))?;
        let pipes = (child.stdin.take(), child.stdout.take(), child.stderr.take());
        let (Some(requests), Some(output), Some(errors)) = pipes else {
            return Err("the worker has no pipes".to_owned());
        };
        let error_line = Arc::new(Mutex::new(String::new()));
        let (sender, messages) = bounded(4);
        let spawn = |name: &str, work: Box<dyn FnOnce() + Send>| {
            std::thread::Builder::new().name(name.to_owned()).spawn(work).map_err(|e| e.to_string())
        };
        let kept = Arc::clone(&error_line);
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
        Ok(Self { child, requests, messages, error_line, started })
    }

    /// When [`Self::start`] was called.
    pub fn started(&self) -> Instant {
        self.started
    }

    /// Waits until the worker is there and sends it the first message, [`ToWorker::Begin`].
    pub fn begin(&mut self, first: &ToWorker, stop: &dyn Fn() -> bool) -> Result<(), Lost> {
        match self.receive(START_TIMEOUT, stop)? {
            (FromWorker::Ready { version: VERSION }, _) => self.send(first),
            (FromWorker::Ready { version }, _) => Err(Lost::Ended(format!(
                "the worker process speaks version {version} of the protocol and this program {VERSION}; start the program again"
            ))),
            _ => Err(Lost::Ended("the worker process did not say what it should".to_owned())),
        }
    }

    /// Sends a message.
    pub fn send(&mut self, message: &ToWorker) -> Result<(), Lost> {
        send(&mut self.requests, message).map_err(|_| Lost::Ended(self.end()))
    }

    /// Sends a job's source and what is wanted of it, with its content if only this program holds it.
    pub fn open(&mut self, job: &Job, wanted: Wanted) -> Result<(), Lost> {
        let overrides = job.overrides.as_deref().cloned().unwrap_or_default();
        self.send(&ToWorker::Open { source: job.source.saved(), number: job.number, overrides, wanted })?;
        self.send_content(&job.source)
    }

    /// Sends a source to be looked at, with its content if only this program holds it.
    pub fn look(&mut self, source: &Source) -> Result<(), Lost> {
        self.send(&ToWorker::Look { source: source.saved() })?;
        self.send_content(source)
    }

    fn send_content(&mut self, source: &Source) -> Result<(), Lost> {
        let Some(content) = source.held() else { return Ok(()) };
        let sent = self.requests.write_all(content).and_then(|()| self.requests.flush());
        sent.map_err(|_| Lost::Ended(self.end()))
    }

    /// Waits for the next message, for at most `timeout` and until `stop` says so.
    pub fn receive(&mut self, timeout: Duration, stop: &dyn Fn() -> bool) -> Result<Message, Lost> {
        let deadline = Instant::now() + timeout;
        loop {
            if stop() {
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
        let said = self.error_line.lock().unwrap_or_else(PoisonError::into_inner).clone();
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

/// The next message with what follows it.
fn next(output: &mut impl Read) -> io::Result<Option<Message>> {
    let Some(message) = receive::<FromWorker>(output)? else { return Ok(None) };
    let lengths = message.lengths_that_follow().into_iter();
    let contents = lengths.map(|length| receive_bytes(output, length)).collect::<io::Result<_>>()?;
    Ok(Some((message, contents)))
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
