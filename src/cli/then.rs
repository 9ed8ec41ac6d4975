//! What is done once a run has ended. A failure is said and is none of the run.

use std::sync::Arc;
use std::thread;
use std::time::{Duration, Instant};

use super::console;
use super::process::stop_on_interrupt;
use crate::batch::{AfterRun, Control, Ended};

/// How long a suspension can still be prevented.
const COUNTDOWN: Duration = Duration::from_secs(10);

/// Does it. A run that was stopped is followed by nothing: whoever stopped it is there.
pub(super) fn perform(action: &AfterRun, ended: &Ended) {
    if ended.totals.stopped > 0 || (action.needs_countdown() && !count_down()) {
        return;
    }
    if let Err(reason) = action.perform(ended) {
        console::say(&format!("note: what was to follow the run failed: {reason}"));
    }
}

/// Whether nobody prevented what follows.
fn count_down() -> bool {
    let control = Arc::new(Control::default());
    stop_on_interrupt(&control);
    console::say(&format!("The machine is suspended in {} s; Ctrl-C prevents it.", COUNTDOWN.as_secs()));
    let begun = Instant::now();
    while begun.elapsed() < COUNTDOWN && !control.is_stopped() {
        thread::sleep(Duration::from_millis(20));
    }
    !control.is_stopped()
}
