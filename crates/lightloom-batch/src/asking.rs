//! What a search asks of the disk at this moment, for whoever wants to say that there is no answer.

use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

/// The folder that is being read; clones share it.
#[derive(Debug, Clone, Default)]
pub struct Asking(Arc<Mutex<Option<Question>>>);

#[derive(Debug)]
struct Question {
    folder: PathBuf,
    since: Instant,
}

impl Asking {
    /// How long a disk may take before it is said that it does not answer.
    pub const PATIENCE: Duration = Duration::from_secs(5);

    /// The folder that has not answered for at least `patience`, if there is one.
    pub fn unanswered(&self, patience: Duration) -> Option<PathBuf> {
        let question = self.lock();
        let question = question.as_ref().filter(|question| question.since.elapsed() >= patience)?;
        Some(question.folder.clone())
    }

    pub(super) fn ask(&self, folder: &Path) {
        *self.lock() = Some(Question { folder: folder.to_path_buf(), since: Instant::now() });
    }

    /// The folder has answered and is asked on.
    pub(super) fn answered(&self) {
        if let Some(question) = &mut *self.lock() {
            question.since = Instant::now();
        }
    }

    pub(super) fn end(&self) {
        *self.lock() = None;
    }

    fn lock(&self) -> MutexGuard<'_, Option<Question>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_question_is_open_until_it_is_answered() {
        let asking = Asking::default();
        assert_eq!(asking.unanswered(Duration::ZERO), None);
        let elsewhere = asking.clone();
        asking.ask(Path::new("/share"));
        assert_eq!(elsewhere.unanswered(Duration::ZERO), Some("/share".into()));
        assert_eq!(elsewhere.unanswered(Asking::PATIENCE), None);
        asking.answered();
        asking.end();
        assert_eq!(elsewhere.unanswered(Duration::ZERO), None);
    }
}
