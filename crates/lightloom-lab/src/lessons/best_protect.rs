//! Protect what is shared.

use super::prelude::*;

pub(super) static LESSON: Lesson = Lesson {
    id: "best-protect",
    title: "Protect what is shared",
    chapter: Chapter::BestPractices,
    claim: "What several threads change needs a lock, an atomic, a queue, or a single owner.",
    python: Python {
        words: "with lock: ...   # or queue.Queue, which has its own",
        page: "https://docs.python.org/3/library/threading.html#using-locks-conditions-and-semaphores-in-the-with-statement",
    },
    here: Here {
        file: "crates/lightloom-batch/src/event.rs",
        idea: "progress is atomic, pictures pass through queues, and the compiler refuses what is shared without either",
    },
    kind: Kind::Advice(&["lost-updates", "shared-results", "queue"]),
};
