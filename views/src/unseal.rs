//! Sealed secrets, put back into what is shown, exported or sent again.
//!
//! A record has placeholders in the places of secrets. An [`Unsealer`] finds those that are sealed, reads their seals from
//! the recording, opens them with the home's keys, and counts: each use is for the audit log.

mod lost;
mod pieces;
mod request;
mod unsealer;

pub use lost::{Lost, LostValue};
pub(crate) use pieces::Pieces;
pub use request::{lost_in_request, sealed_pieces_differ};
pub use unsealer::{Counts, Unsealer};

#[cfg(test)]
mod tests;
