//! Threads for what waits.

use super::prelude::*;

pub(super) static LESSON: Lesson = Lesson {
    id: "best-threads",
    title: "Threads for what waits",
    chapter: Chapter::BestPractices,
    claim: "Where a program waits for disks, networks or users, threads are enough, and cheap.",
    python: Python {
        words: "ThreadPoolExecutor(max_workers=16)",
        page: "https://docs.python.org/3/library/concurrent.futures.html#threadpoolexecutor",
    },
    here: Here {
        file: "crates/lightloom-batch/src/executor/hybrid.rs",
        idea: "I/O threads do nothing but read and write",
    },
    kind: Kind::Advice(&["waiting", "fetch-many", "lock-io"]),
};
