//! Mixing threads and processes without measuring.

use super::prelude::*;

pub(super) static LESSON: Lesson = Lesson {
    id: "mistake-mixing",
    title: "Mixing both without measuring",
    chapter: Chapter::CommonMistakes,
    claim: "Threads and processes together are more to get wrong; they pay where both waiting and computing take long, which a measurement tells.",
    python: Python {
        words: "run_in_executor(ProcessPoolExecutor(), ...)   # after a profile, not before",
        page: "https://docs.python.org/3/library/profile.html",
    },
    here: Here {
        file: "crates/lightloom-lab/src/recommend.rs",
        idea: "a few seconds of measuring on your pictures recommend an executor and its numbers",
    },
    kind: Kind::Advice(&["measure-first", "both"]),
};
