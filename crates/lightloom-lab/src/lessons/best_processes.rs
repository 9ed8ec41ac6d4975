//! Processes, or cores, for what computes.

use super::prelude::*;

pub(super) static LESSON: Lesson = Lesson {
    id: "best-processes",
    title: "Cores for what computes",
    chapter: Chapter::BestPractices,
    claim: "Where a program computes, it needs as many workers as there are cores: processes in Python, threads in a language without one lock.",
    python: Python {
        words: "ProcessPoolExecutor(max_workers=os.process_cpu_count())",
        page: "https://docs.python.org/3/library/concurrent.futures.html#processpoolexecutor",
    },
    here: Here {
        file: "crates/lightloom-batch/src/executor/cores.rs",
        idea: "as many computing workers as cores; worker processes are kept for pictures that may crash a decoder",
    },
    kind: Kind::Advice(&["computing", "processes", "native"]),
};
