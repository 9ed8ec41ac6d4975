//! Threads share the memory of their process; a process has its own.

use std::process::Stdio;

use super::prelude::*;
use lightloom_batch::WorkerProgram;

const COUNT: usize = 8;
/// The least memory that can belong to anyone.
const PAGE_KIB: f64 = 4.0;

pub(super) static LESSON: Lesson = Lesson {
    id: "processes",
    title: "Processes against threads",
    chapter: Chapter::Threads,
    claim: "A process keeps memory for itself where a thread keeps next to none: it costs more, and a crash in it costs nobody else anything.",
    python: Python {
        words: "from multiprocessing import Process; p = Process(target=work); p.start()",
        page: "https://docs.python.org/3/library/multiprocessing.html#multiprocessing.Process",
    },
    here: Here {
        file: "crates/lightloom-batch/src/executor/processes.rs",
        idea: "the executor “Processes” decodes pictures in worker processes, so that a crash costs one picture",
    },
    kind: Kind::Experiment(Experiment {
        quantity: "times the memory that a thread takes",
        holds: (3.0, f64::INFINITY),
        needs: Needs::Memory,
        otherwise: "worker processes share nearly all of their memory with the program on this system",
        simulated: None,
        predict: |model| {
            if !cfg!(target_os = "linux") {
                return Prediction::cannot("only Linux tells which memory is a process's own");
            }
            let memory = model.memory;
            Prediction::value(
                memory.loaded_kib / memory.thread_kib.max(PAGE_KIB),
                format!(
                    "A thread that waits has {:.0} KiB of its own here, pages of its stack. Of what was loaded of this program {:.0} KiB belong to it alone, relocated addresses and variables; another process of it has as much. The number of cores does not matter.",
                    memory.thread_kib, memory.loaded_kib
                ),
            )
        },
        run,
    }),
};

fn run(bench: &mut Bench<'_>, _: &Model) -> Result<Found, LessonError> {
    let program = bench.settings.worker_program.clone().ok_or(LessonError::NoProgram)?;
    let (mut threads, mut processes) = (Vec::new(), Vec::new());
    let values = bench.rounds("Eight idle threads, then an idle process", |_| {
        let thread_kib = memory_of_threads(COUNT)?;
        let kib = private_memory_kib(&program)?;
        threads.push(thread_kib);
        processes.push(kib);
        Ok(kib / thread_kib)
    })?;
    let figures =
        vec![Figure::of("a thread", &threads, "KiB of its own"), Figure::of("a process", &processes, "KiB of its own")];
    Ok(Found { values, figures, ..Found::default() })
}

/// What one of several idle threads adds to the memory of this process; at least a page.
pub(super) fn memory_of_threads(count: usize) -> Result<f64, LessonError> {
    let before = private_kib(std::process::id());
    let (ready, done) = (std::sync::Barrier::new(count + 1), std::sync::Barrier::new(count + 1));
    let with = thread::scope(|scope| {
        for _ in 0..count {
            scope.spawn(|| {
                ready.wait();
                done.wait();
            });
        }
        ready.wait();
        let with = private_kib(std::process::id());
        done.wait();
        with
    });
    Ok(((with - before) / count as f64).max(PAGE_KIB))
}

/// What a worker process that has nothing to do keeps for itself; 0 where the system does not say.
pub(super) fn private_memory_kib(program: &WorkerProgram) -> Result<f64, LessonError> {
    let mut command = std::process::Command::new(&program.path);
    command.args(&program.arguments).stdin(Stdio::piped()).stdout(Stdio::null()).stderr(Stdio::null());
    let mut child = command.spawn().map_err(LessonError::process)?;
    let kib = settled_kib(child.id());
    // Without its pipe it ends by itself.
    drop(child.stdin.take());
    let _ = child.wait();
    Ok(kib)
}

/// Private memory of a process that has just been started, once it no longer grows.
fn settled_kib(pid: u32) -> f64 {
    let mut before = 0.0;
    for _ in 0..50 {
        thread::sleep(Duration::from_millis(10));
        let now = private_kib(pid);
        if now > 0.0 && now == before {
            break;
        }
        before = now;
    }
    before
}

/// Memory of this process in place of what its files hold, such as relocated addresses and variables; 0 where the system
/// does not say.
pub(super) fn loaded_kib() -> f64 {
    changed_of_files(&std::fs::read_to_string("/proc/self/smaps").unwrap_or_default())
}

/// From the content of `smaps` (`man 5 proc_pid_smaps`): a mapping begins with its addresses, and its path comes last.
fn changed_of_files(smaps: &str) -> f64 {
    let mut of_file = false;
    let mut kib = 0.0;
    for line in smaps.lines() {
        let mut words = line.split_ascii_whitespace();
        match words.next() {
            Some("Anonymous:") if of_file => kib += words.next().and_then(|n| n.parse().ok()).unwrap_or(0.0),
            Some(first) if !first.ends_with(':') => of_file = words.nth(4).is_some_and(|path| path.starts_with('/')),
            _ => {}
        }
    }
    kib
}

/// Memory that belongs to a process alone, whatever it maps of files that others may map too; 0 where the system does not
/// say.
fn private_kib(pid: u32) -> f64 {
    let text = std::fs::read_to_string(format!("/proc/{pid}/smaps_rollup")).unwrap_or_default();
    let own = text.lines().find_map(|line| line.strip_prefix("Anonymous:"));
    own.and_then(|rest| rest.split_whitespace().next()?.parse().ok()).unwrap_or(0.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_changed_of_files_is_read_as_the_manual_describes_it() {
        let smaps = "00400000-0048a000 r-xp 00000000 fd:03 960637 /bin/a b\nSize: 552 kB\nAnonymous: 8 kB\nVmFlags: rd\n\
            7f00-7f01 rw-p 00000000 00:00 0 [stack]\nAnonymous: 100 kB\n7f02-7f03 rw-p 00000000 00:00 0\n\
            Anonymous: 50 kB\n7f04-7f05 rw-p 00001000 fd:03 7 /lib/c.so\nPrivate_Clean: 3 kB\nAnonymous: 4 kB\n";
        assert_eq!(changed_of_files(smaps), 12.0);
        assert_eq!(changed_of_files(""), 0.0);
    }
}
