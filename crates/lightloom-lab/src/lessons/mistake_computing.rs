//! Computing in threads behind one lock.

use super::prelude::*;

pub(super) static LESSON: Lesson = Lesson {
    id: "mistake-computing",
    title: "Computing in threads",
    chapter: Chapter::CommonMistakes,
    claim: "Threads behind one lock do not make computing faster: with eight of them the program is as slow as with one, and harder to read.",
    python: Python {
        words: "Thread(target=compute).start()   # eight times, and not faster",
        page: "https://docs.python.org/3/glossary.html#term-global-interpreter-lock",
    },
    here: Here {
        file: "crates/lightloom-batch/src/executor/threads.rs",
        idea: "the executor that shows it is never recommended",
    },
    kind: Kind::Advice(&["one-lock", "computing"]),
};
