//! Has the system tell of changes in folders.

use std::path::Path;
use std::sync::Arc;

use notify::event::{AccessKind, AccessMode, ModifyKind};
use notify::{Config, Error, ErrorKind, Event, EventKind, RecommendedWatcher, RecursiveMode, Watcher};

use super::inbox::{Inbox, Sound};

/// Has the system tell of changes in folders and all folders below them.
#[derive(Debug)]
pub(crate) struct Listener(RecommendedWatcher);

impl Listener {
    /// Begins to listen, to nothing yet.
    ///
    /// # Errors
    /// If the system has no means for it left, in words.
    pub fn new(inbox: &Arc<Inbox>) -> Result<Self, String> {
        let inbox = Arc::clone(inbox);
        let watcher = RecommendedWatcher::new(move |event| hear(&inbox, event), Config::default());
        watcher.map(Self).map_err(|error| words(&error))
    }

    /// Listens to a folder too.
    ///
    /// # Errors
    /// If it cannot, in words.
    pub fn listen(&mut self, folder: &Path) -> Result<(), String> {
        self.0.watch(folder, RecursiveMode::Recursive).map_err(|error| {
            // A part of the tree may be listened to by now, at the cost of other programs.
            self.ignore(folder);
            words(&error)
        })
    }

    /// Listens to a folder no more, if it did.
    pub fn ignore(&mut self, folder: &Path) {
        let _ = self.0.unwatch(folder);
    }
}

fn hear(inbox: &Inbox, event: Result<Event, Error>) {
    match event {
        Err(error) if matches!(error.kind, ErrorKind::MaxFilesWatch) => {
            inbox.put(|news| news.deaf = Some(words(&error)));
        }
        Err(_) => inbox.put(|news| news.everywhere = true),
        Ok(event) if event.need_rescan() => inbox.put(|news| news.everywhere = true),
        Ok(event) => {
            let sound = match event.kind {
                EventKind::Access(AccessKind::Close(AccessMode::Write)) => Sound::Closed,
                // Somebody reads: we, as a rule.
                EventKind::Access(_) => return,
                EventKind::Modify(ModifyKind::Data(_)) => Sound::Written,
                _ => Sound::Changed,
            };
            inbox.put(|news| event.paths.into_iter().for_each(|path| news.hear(path, sound)));
        }
    }
}

/// Why the system does not tell of changes.
fn words(error: &Error) -> String {
    match &error.kind {
        ErrorKind::MaxFilesWatch => {
            "all of the system's watches are in use (fs.inotify.max_user_watches sets how many there are)".to_owned()
        }
        ErrorKind::Io(error) => lightloom_param::shown_text(&error.to_string()).into_owned(),
        ErrorKind::PathNotFound => "it is not there".to_owned(),
        _ => lightloom_param::shown_text(&error.to_string()).into_owned(),
    }
}
