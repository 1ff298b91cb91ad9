//! The outcomes that the rules may have for the record of an exchange.

use dashcam_control::Pending;

/// The fate of an exchange.
#[derive(Debug)]
pub(crate) enum Fate {
    /// The rules wait for more of it.
    Undecided(Box<Pending>),
    /// It is stored.
    Stored,
    /// It has ended, is not stored, and goes aside.
    Aside,
    /// It is not kept: nothing of it is held or seen any more.
    LetGo,
}

/// Pieces of an exchange that are taken back from the store.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum TakeBack {
    /// Parts of its bodies, and messages.
    Bodies,
    /// All that it has.
    All,
}
