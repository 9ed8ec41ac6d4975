//! Panics as errors: libraries that are fed by strangers panic on what they do not expect.

use std::cell::Cell;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Once;

thread_local! {
    /// Whether a panic on this thread is about to be caught.
    static CAUGHT: Cell<bool> = const { Cell::new(false) };
}

static QUIET_HOOK: Once = Once::new();

/// Runs `work`. A panic in it is not printed but returned as its message; whatever `work` was changing is then in an
/// unspecified state and should be dropped. Fuzzers see the panic itself.
///
/// # Errors
/// The message of the panic.
pub fn catch_panic<T>(work: impl FnOnce() -> T) -> Result<T, String> {
    if cfg!(fuzzing) {
        return Ok(work());
    }
    QUIET_HOOK.call_once(|| {
        let usual = std::panic::take_hook();
        std::panic::set_hook(Box::new(move |info| {
            if !CAUGHT.get() {
                usual(info);
            }
        }));
    });
    let outer = CAUGHT.replace(true);
    let outcome = catch_unwind(AssertUnwindSafe(work));
    CAUGHT.set(outer);
    outcome.map_err(|panic| {
        let text = panic.downcast_ref::<String>().map(String::as_str);
        text.or_else(|| panic.downcast_ref::<&str>().copied()).unwrap_or("no message").to_owned()
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_message_of_a_panic_is_returned_and_the_next_panic_is_the_callers_again() {
        let index = std::hint::black_box(3);
        assert_eq!(catch_panic(|| [1, 2, 3, 4][index]), Ok(4));
        assert_eq!(catch_panic(|| -> u8 { panic!("plain") }), Err("plain".to_owned()));
        let nested = catch_panic(|| catch_panic(|| [1, 2, 3][index]).unwrap_err());
        assert!(nested.unwrap().contains("index is 3"));
        assert!(!CAUGHT.get());
    }
}
