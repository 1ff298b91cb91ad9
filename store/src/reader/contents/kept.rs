//! Things that a search keeps from one step to the next.

use std::sync::{Mutex, PoisonError};
use std::time::Instant;

/// Things that were made at some time, each for one who uses it alone.
#[derive(Debug)]
pub(super) struct Kept<T>(Mutex<Vec<(Instant, T)>>);

impl<T> Kept<T> {
    pub(super) fn new() -> Self {
        Self(Mutex::new(Vec::new()))
    }

    /// One that was made after `since`, if there is one; those that were made before are dropped.
    pub(super) fn take(&self, since: Option<Instant>) -> Option<(Instant, T)> {
        let mut kept = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        kept.retain(|(made, _)| since.is_some_and(|since| *made > since));
        kept.pop()
    }

    /// Keeps one for the next, if one may be kept.
    pub(super) fn put(&self, since: Option<Instant>, one: (Instant, T)) {
        if since.is_some() {
            self.0.lock().unwrap_or_else(PoisonError::into_inner).push(one);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn those_of_an_earlier_file_are_dropped() {
        let (kept, before) = (Kept::new(), Instant::now());
        let made = before + std::time::Duration::from_secs(1);
        let after = made + std::time::Duration::from_secs(1);
        assert_eq!(kept.take(Some(before)), None);
        kept.put(Some(before), (made, 1));
        assert_eq!(kept.take(Some(before)), Some((made, 1)));
        kept.put(Some(before), (made, 2));
        assert_eq!(kept.take(Some(after)), None, "the file was replaced");
        kept.put(None, (made, 3));
        assert_eq!(kept.take(Some(before)), None, "it may not be kept");
    }
}
