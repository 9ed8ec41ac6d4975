//! How many requests are under way at once: of one server and altogether, and how far apart those of one server begin.

use std::collections::HashMap;
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

/// How often a waiting thread looks whether it is still wanted.
const LOOK: Duration = Duration::from_millis(50);

/// Requests that are under way.
#[derive(Debug)]
pub struct HostLimits {
    per_host: usize,
    in_total: usize,
    state: Mutex<State>,
    changed: Condvar,
}

#[derive(Debug, Default)]
struct State {
    all: usize,
    hosts: HashMap<String, Host>,
}

#[derive(Debug, Default)]
struct Host {
    under_way: usize,
    /// The time between the beginnings of two requests, and when the next may begin.
    interval: Duration,
    next: Option<Instant>,
}

/// The right to have a request under way; given back when dropped.
#[derive(Debug)]
pub struct Pass {
    limits: Arc<HostLimits>,
    host: String,
}

impl HostLimits {
    /// At most `per_host` requests of one server and `in_total` altogether, but one at least.
    pub fn new(per_host: usize, in_total: usize) -> Arc<Self> {
        let (per_host, in_total) = (per_host.max(1), in_total.max(1));
        Arc::new(Self { per_host, in_total, state: Mutex::default(), changed: Condvar::new() })
    }

    /// From now on requests of this server begin so far apart.
    pub fn set_interval(&self, host: &str, interval: Duration) {
        self.lock().hosts.entry(host.to_owned()).or_default().interval = interval;
    }

    /// The right to begin a request, if it may begin now.
    pub fn try_enter(self: &Arc<Self>, host: &str) -> Option<Pass> {
        self.admit(&mut self.lock(), host)
    }

    /// Waits for the right to begin a request; `None` if that is not wanted any more.
    pub fn enter(self: &Arc<Self>, host: &str, is_wanted: &dyn Fn() -> bool) -> Option<Pass> {
        let mut state = self.lock();
        while is_wanted() {
            if let Some(pass) = self.admit(&mut state, host) {
                return Some(pass);
            }
            state = self.changed.wait_timeout(state, LOOK).unwrap_or_else(PoisonError::into_inner).0;
        }
        None
    }

    fn admit(self: &Arc<Self>, state: &mut State, host: &str) -> Option<Pass> {
        if state.all >= self.in_total {
            return None;
        }
        let one = state.hosts.entry(host.to_owned()).or_default();
        let now = Instant::now();
        if one.under_way >= self.per_host || one.next.is_some_and(|next| next > now) {
            return None;
        }
        one.under_way += 1;
        one.next = Some(now + one.interval);
        state.all += 1;
        Some(Pass { limits: Arc::clone(self), host: host.to_owned() })
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for Pass {
    fn drop(&mut self) {
        let mut state = self.limits.lock();
        state.all -= 1;
        if let Some(host) = state.hosts.get_mut(&self.host) {
            host.under_way -= 1;
        }
        self.limits.changed.notify_all();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_server_and_all_of_them_are_bounded() {
        let limits = HostLimits::new(2, 3);
        let a = [limits.try_enter("a").unwrap(), limits.try_enter("a").unwrap()];
        assert!(limits.try_enter("a").is_none());
        let b = limits.try_enter("b").unwrap();
        assert!(limits.try_enter("c").is_none());
        assert!(limits.enter("c", &|| false).is_none(), "not wanted any more");
        drop(b);
        assert!(limits.try_enter("c").is_some());
        drop(a);
        assert!(limits.enter("a", &|| true).is_some());
    }

    #[test]
    fn requests_of_one_server_begin_apart() {
        let limits = HostLimits::new(5, 5);
        limits.set_interval("a", Duration::from_secs(3600));
        let first = limits.try_enter("a");
        assert!(first.is_some());
        drop(first);
        assert!(limits.try_enter("a").is_none());
        assert!(limits.try_enter("b").is_some());
    }
}
