//! Asynchronous I/O where it fits.

use super::prelude::*;

pub(super) static LESSON: Lesson = Lesson {
    id: "best-async",
    title: "Asynchronous I/O where it fits",
    chapter: Chapter::BestPractices,
    claim: "For thousands of connections that mostly wait, an event loop needs less than thousands of threads; for files and computing it gains nothing.",
    python: Python {
        words: "asyncio.run(main())",
        page: "https://docs.python.org/3/library/asyncio.html",
    },
    here: Here {
        file: "crates/lightloom-batch/src/executor/asynchronous.rs",
        idea: "servers are awaited on one thread; files are read by threads, since systems offer little else for files",
    },
    kind: Kind::Advice(&["asyncio", "waiting"]),
};
