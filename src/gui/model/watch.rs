//! The folder that is watched, and the log of what happened there.

use std::collections::VecDeque;
use std::path::PathBuf;
use std::time::{SystemTime, UNIX_EPOCH};

use crate::batch::{ImageReport, Outcome};
use crate::gui::text;
use crate::watch::{WatchCounts, WatchEvent};

/// Lines of the log that are kept.
const LINES: usize = 5000;

/// Something to do with the watched folder.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum WatchAction {
    /// Opens a dialog for the folder to watch.
    Ask,
    Stop,
    /// Shows the log, or hides it.
    ToggleLog,
    /// Forgets the folder that was watched, and the log.
    Close,
}

/// How far a watch is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum WatchPhase {
    /// Nothing is watched, or no more.
    #[default]
    Idle,
    Starting,
    Watching,
    Stopping,
}

/// The folder that is watched.
#[derive(Debug, Default)]
pub struct Watch {
    pub phase: WatchPhase,
    /// The folder that is watched, or was the last one.
    pub folder: Option<PathBuf>,
    pub counts: WatchCounts,
    /// What happened, the newest last.
    pub log: VecDeque<LogLine>,
    pub shows_log: bool,
}

/// Something that happened.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LogLine {
    /// Seconds since 1970.
    pub at: u64,
    /// What became of a picture; `None` where this is about no picture.
    pub outcome: Option<Outcome>,
    /// Whether something went wrong.
    pub is_bad: bool,
    /// The picture's name, if it is about one.
    pub file: String,
    /// Its path, or what is said.
    pub text: String,
}

impl Watch {
    /// Whether a folder is watched, or is about to be.
    pub fn is_on(&self) -> bool {
        self.phase != WatchPhase::Idle
    }

    /// A folder is to be watched.
    pub fn begin(&mut self, folder: PathBuf) {
        *self =
            Self { phase: WatchPhase::Starting, folder: Some(folder), shows_log: self.shows_log, ..Self::default() };
    }

    /// Adds something to the log.
    pub fn add(&mut self, event: WatchEvent) {
        let at = SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |since| since.as_secs());
        if self.log.len() >= LINES {
            self.log.pop_front();
        }
        self.log.push_back(match event {
            WatchEvent::Picture(report) => LogLine {
                at,
                outcome: Some(report.outcome),
                is_bad: matches!(report.outcome, Outcome::Partial | Outcome::Failed),
                file: report.source.file_name(),
                text: said_of(&report),
            },
            WatchEvent::Note(text) => {
                LogLine { at, outcome: None, is_bad: false, file: String::new(), text: text::sentence(&text) }
            }
            WatchEvent::Problem(text) => {
                LogLine { at, outcome: None, is_bad: true, file: String::new(), text: text::sentence(&text) }
            }
        });
    }
}

/// Why a picture has its outcome, or where its results are.
fn said_of(report: &ImageReport) -> String {
    let reason = report.reason.iter().cloned();
    let results = report.outputs.iter().map(|output| text::short_path(&output.path));
    let all: Vec<String> = reason.chain(results).chain(report.warnings.iter().cloned()).collect();
    text::sentence(&all.join("; "))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_log_keeps_the_newest_lines() {
        let mut watch = Watch::default();
        (0..LINES + 3).for_each(|i| watch.add(WatchEvent::Note(format!("line {i}"))));
        let failed = ImageReport::unread("a.png".into(), Outcome::Failed, None, "it is no picture".to_owned());
        watch.add(WatchEvent::Picture(Box::new(failed)));
        assert_eq!((watch.log.len(), watch.log[0].text.as_str()), (LINES, "Line 4"));
        let last = &watch.log[LINES - 1];
        assert_eq!((last.file.as_str(), last.text.as_str(), last.is_bad), ("a.png", "It is no picture", true));
        watch.begin("/in".into());
        assert!(watch.is_on() && watch.log.is_empty());
    }
}
