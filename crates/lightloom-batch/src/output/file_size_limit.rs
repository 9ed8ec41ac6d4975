//! A limit for the size of files (`ulimit -f`) ends a process by a signal unless that is handled; then the write fails.

#[cfg(unix)]
use std::sync::{Arc, OnceLock, atomic::AtomicBool};

/// From now on a write past the limit is an error of that write. A handler instead of ignoring the signal: child
/// processes do not inherit it.
#[cfg(unix)]
pub(crate) fn survive() {
    static REGISTERED: OnceLock<()> = OnceLock::new();
    REGISTERED.get_or_init(|| {
        // Refused only for signals that cannot be handled.
        let _ = signal_hook::flag::register(signal_hook::consts::SIGXFSZ, Arc::new(AtomicBool::new(false)));
    });
}

#[cfg(not(unix))]
pub(crate) fn survive() {}
