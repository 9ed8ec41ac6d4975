//! High-level pools rather than threads by hand.

use super::prelude::*;

pub(super) static LESSON: Lesson = Lesson {
    id: "best-pools",
    title: "Pools rather than threads by hand",
    chapter: Chapter::BestPractices,
    claim: "A pool starts its workers once, limits how many there are, and hands errors back; threads by hand do none of that.",
    python: Python {
        words: "with ThreadPoolExecutor() as pool: future = pool.submit(f, x); future.result()",
        page: "https://docs.python.org/3/library/concurrent.futures.html#concurrent.futures.Future.result",
    },
    here: Here {
        file: "crates/lightloom-batch/src/executor/mod.rs",
        idea: "executors are pools; a panic in one picture is the error of that picture",
    },
    kind: Kind::Advice(&["pool-map", "starting-cost", "semaphore"]),
};
