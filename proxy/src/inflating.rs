//! Inflating on the threads that carry traffic, within bounds: a few bytes of deflate may become a thousand times as
//! many, and all connections of a thread wait meanwhile.
//!
//! A direction may inflate [`allowance::FREE`] times what came on the wire, which costs about what passing it on does. What goes
//! beyond is drawn from an allowance of the direction's own and from one that all of a thread share; both come back
//! with time. A message for which they don't suffice is kept as it passed, compressed. docs/decisions/0009 says why.

mod allowance;
mod message;
#[cfg(test)]
mod tests;

pub(crate) use allowance::Allowance;
pub(crate) use message::Compressed;

/// The rough cost of an empty window, in inflated bytes: 32 KiB are cleared, however few bytes follow.
pub(crate) const RESTART: usize = 512;
