//! Forgetting the lock.

use super::prelude::*;

pub(super) static LESSON: Lesson = Lesson {
    id: "mistake-lock",
    title: "Forgetting the lock",
    chapter: Chapter::CommonMistakes,
    claim: "A counter without a lock is right in every test and wrong in the field: how much is lost depends on who runs when.",
    python: Python {
        words: "counter += 1   # three steps, and a switch may come between them",
        page: "https://docs.python.org/3/faq/library.html#what-kinds-of-global-value-mutation-are-thread-safe",
    },
    here: Here {
        file: "crates/lightloom-batch/src/event.rs",
        idea: "counters are atomic; the compiler refuses to share a plain one",
    },
    kind: Kind::Advice(&["lost-updates", "interleaved"]),
};
