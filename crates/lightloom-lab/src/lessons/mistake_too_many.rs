//! Too many workers.

use super::prelude::*;

pub(super) static LESSON: Lesson = Lesson {
    id: "mistake-too-many",
    title: "A hundred workers for two cores",
    chapter: Chapter::CommonMistakes,
    claim: "More computing workers than cores only take turns, and each needs its memory.",
    python: Python {
        words: "ProcessPoolExecutor(max_workers=100)",
        page: "https://docs.python.org/3/library/concurrent.futures.html#concurrent.futures.ProcessPoolExecutor",
    },
    here: Here {
        file: "crates/lightloom-batch/src/settings.rs",
        idea: "as many computing workers as cores by default, and a limit on memory whatever you choose",
    },
    kind: Kind::Advice(&["too-many", "one-core", "memory"]),
};
