//! Says on standard error which folder does not answer before a run.

use std::thread;
use std::time::Duration;

use crossbeam_channel::{RecvTimeoutError, Sender, bounded};
use lightloom_param::shown;

use super::console;
use crate::batch::Asking;

/// Looks at a search from another thread until the result is dropped. Each folder is named once.
pub(super) fn say(asking: &Asking) -> Sender<()> {
    let (watch, over) = bounded(0);
    let asking = asking.clone();
    let look = move || {
        let mut said = None;
        while over.recv_timeout(Duration::from_millis(200)) == Err(RecvTimeoutError::Timeout) {
            let folder = asking.unanswered(Asking::PATIENCE);
            if folder.is_some() && folder != said {
                if let Some(folder) = &folder {
                    console::say(&format!("trouble: {} does not answer; Ctrl-C ends the search", shown(folder)));
                }
                said = folder;
            }
        }
    };
    // Without the thread nothing is said, which is no reason not to search.
    let _ = thread::Builder::new().name("lightloom-unanswered".to_owned()).spawn(look);
    watch
}
