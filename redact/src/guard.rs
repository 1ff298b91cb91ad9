//! Redaction that may panic: the message may have a secret in it, and is not to be shown.

use std::cell::Cell;
use std::panic::{AssertUnwindSafe, catch_unwind};

thread_local! {
    static REDACTS: Cell<bool> = const { Cell::new(false) };
}

/// Returns whether this thread redacts something now: a panic's message may have a secret in it then, and is not to be
/// shown.
#[must_use]
pub fn is_redacting() -> bool {
    REDACTS.get()
}

/// Does `work`, with [`is_redacting`] set. `None` if it panicked: then nothing of what it worked on may be used.
pub fn guarded<T>(work: impl FnOnce() -> T) -> Option<T> {
    let was_redacting = REDACTS.replace(true);
    let done = catch_unwind(AssertUnwindSafe(work));
    REDACTS.set(was_redacting);
    done.ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_panic_ends_at_the_guard() {
        assert_eq!(guarded(is_redacting), Some(true));
        assert_eq!(guarded(|| -> u8 { panic!("injected") }), None);
        assert!(!is_redacting());
        assert_eq!(guarded(|| guarded(|| 1).is_some() && is_redacting()), Some(true));
    }
}
