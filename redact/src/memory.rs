//! Memory of the thread that redacts, from one exchange to the next.

use crate::names::Seen;
use crate::replacer::SealedLately;

/// The memory of one thread between exchanges, so that names are not looked up, and secrets not encrypted, again and
/// again. It is bounded, and holds no secrets.
#[derive(Debug, Default)]
pub struct Memory {
    pub(crate) seen: Seen,
    pub(crate) sealed: SealedLately,
}

impl Memory {
    /// Forgets which secrets were sealed, so that the next exchanges hand over their seals again: for every quarter of
    /// the time that seals are kept, which begins again with each, and for seals that could not be stored.
    pub fn forget_seals(&mut self) {
        self.sealed.forget();
    }
}
