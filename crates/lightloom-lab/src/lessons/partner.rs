//! The other end of an experiment in a process of its own: the program of worker processes, told which part to play.
//!
//! It reads standard input, answers on standard output, and ends when its input does.

use std::collections::BTreeMap;
use std::io::{self, BufRead, BufReader, Read, Write};
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};
use std::str::FromStr;
use std::time::Duration;

use serde::{Deserialize, Serialize};

use super::LessonError;
use lightloom_batch::WorkerProgram;
use lightloom_web::{SampleServer, ServerSettings};

/// A part in an experiment.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Partner {
    /// Takes blocks, of which each begins with its length, and acknowledges each with a byte.
    Receiver,
    /// Keeps a count; each byte is a question, which raises it by one.
    Manager,
    /// Serves files over HTTP at 127.0.0.1.
    Server,
}

/// Every part by its name.
const PARTS: [(&str, Partner); 3] =
    [("receiver", Partner::Receiver), ("manager", Partner::Manager), ("server", Partner::Server)];

impl FromStr for Partner {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let found = PARTS.iter().find(|(name, _)| *name == text);
        found.map(|(_, part)| *part).ok_or_else(|| format!("no lesson has a part '{text}'"))
    }
}

/// What a server is to do; the bytes of its files follow.
#[derive(Serialize, Deserialize)]
pub(super) struct Serving {
    pub latency_ms: u32,
    /// Names and lengths.
    pub files: Vec<(String, u64)>,
}

impl Partner {
    const fn name(self) -> &'static str {
        PARTS[self as usize].0
    }

    /// Plays the part between standard input and output until the input ends.
    ///
    /// # Errors
    /// If the other end breaks off, or the system refuses what the part needs.
    pub fn play(self) -> io::Result<()> {
        let (mut from, mut to) = (io::stdin().lock(), io::stdout().lock());
        match self {
            Self::Receiver => receive(&mut from, &mut to),
            Self::Manager => manage(&mut from, &mut to),
            Self::Server => serve(&mut from, &mut to),
        }
    }
}

fn receive(from: &mut impl Read, to: &mut impl Write) -> io::Result<()> {
    let (mut length, mut block) = ([0; 8], Vec::new());
    while from.read_exact(&mut length).is_ok() {
        block.resize(usize::try_from(u64::from_le_bytes(length)).map_err(io::Error::other)?, 0);
        from.read_exact(&mut block)?;
        to.write_all(&[1])?;
        to.flush()?;
    }
    Ok(())
}

pub(super) fn manage(from: &mut impl Read, to: &mut impl Write) -> io::Result<()> {
    let (mut question, mut count) = ([0], 0_u64);
    while from.read_exact(&mut question).is_ok() {
        count += 1;
        to.write_all(&count.to_le_bytes())?;
        to.flush()?;
    }
    Ok(())
}

fn serve(from: &mut impl BufRead, to: &mut impl Write) -> io::Result<()> {
    let mut line = String::new();
    from.read_line(&mut line)?;
    let Serving { latency_ms, files } = serde_json::from_str(&line)?;
    let content = |(name, length): (String, u64)| -> io::Result<(String, Vec<u8>)> {
        let mut bytes = Vec::new();
        from.take(length).read_to_end(&mut bytes)?;
        Ok((name, bytes))
    };
    let files: BTreeMap<String, Vec<u8>> = files.into_iter().map(content).collect::<io::Result<_>>()?;
    let latency = Duration::from_millis(u64::from(latency_ms));
    let server = SampleServer::start(files, ServerSettings { latency, ..ServerSettings::default() })?;
    writeln!(to, "{}", server.page())?;
    to.flush()?;
    io::copy(from, &mut io::sink())?;
    Ok(())
}

/// A process that plays a part; it ends when dropped.
#[derive(Debug)]
pub(super) struct PartnerProcess {
    child: Child,
    pub to: ChildStdin,
    pub from: BufReader<ChildStdout>,
}

impl PartnerProcess {
    /// Starts it and returns at once.
    pub fn start(program: Option<&WorkerProgram>, part: Partner) -> Result<Self, LessonError> {
        let program = program.ok_or(LessonError::NoProgram)?;
        let mut command = Command::new(&program.path);
        command.args(&program.arguments).args(["--partner", part.name()]);
        // Ctrl-C in a terminal is the parent's business.
        #[cfg(unix)]
        std::os::unix::process::CommandExt::process_group(&mut command, 0);
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::null());
        let mut child = command.spawn().map_err(LessonError::process)?;
        let (Some(to), Some(from)) = (child.stdin.take(), child.stdout.take()) else {
            return Err(LessonError::process(io::Error::other("it has no pipes")));
        };
        Ok(Self { child, to, from: BufReader::new(from) })
    }

    /// A server of `files` that answers so late, and the address of its page.
    pub fn serve(
        program: Option<&WorkerProgram>,
        latency_ms: u32,
        files: &[(String, Vec<u8>)],
    ) -> Result<(Self, String), LessonError> {
        let mut server = Self::start(program, Partner::Server)?;
        let about = files.iter().map(|(name, bytes)| (name.clone(), bytes.len() as u64)).collect();
        let served = server.say(&Serving { latency_ms, files: about }, files);
        let page =
            served.map_err(|reason| LessonError::Refused { what: "the sample server did not start".into(), reason })?;
        Ok((server, page))
    }

    fn say(&mut self, serving: &Serving, files: &[(String, Vec<u8>)]) -> io::Result<String> {
        writeln!(self.to, "{}", serde_json::to_string(serving)?)?;
        files.iter().try_for_each(|(_, bytes)| self.to.write_all(bytes))?;
        self.to.flush()?;
        let mut page = String::new();
        self.from.read_line(&mut page)?;
        if page.is_empty() { Err(io::ErrorKind::UnexpectedEof.into()) } else { Ok(page.trim_end().to_owned()) }
    }
}

impl Drop for PartnerProcess {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_part_is_known_by_its_name() {
        for (name, part) in PARTS {
            assert_eq!((name.parse(), part.name()), (Ok(part), name));
        }
        assert!("nobody".parse::<Partner>().unwrap_err().contains("'nobody'"));
    }

    #[test]
    fn a_receiver_acknowledges_each_block_and_a_manager_counts() {
        let mut acknowledged = Vec::new();
        let sent = [3_u64.to_le_bytes().as_slice(), b"abc", 0_u64.to_le_bytes().as_slice()].concat();
        receive(&mut sent.as_slice(), &mut acknowledged).unwrap();
        assert_eq!(acknowledged, [1, 1]);
        assert!(receive(&mut &sent[..10], &mut acknowledged).is_err(), "a block that breaks off is no block");
        let mut answers = Vec::new();
        manage(&mut [7, 7, 7].as_slice(), &mut answers).unwrap();
        assert_eq!(answers, [1_u64, 2, 3].map(u64::to_le_bytes).concat());
    }
}
