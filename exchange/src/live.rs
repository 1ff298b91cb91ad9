//! What live watchers are told.

use crate::{Connection, Gap, Message, Summary};

/// An event for those who watch the recording as it grows.
#[derive(Debug, Clone)]
pub enum Live {
    /// An exchange began.
    Started(Summary),
    /// Its response's head came.
    Responded(Summary),
    /// It ended and is stored, or is about to be.
    Finished(Summary),
    /// A message passed inside an open exchange.
    Message(Box<Message>),
    /// A connection failed or closed.
    Connection(Box<Connection>),
    /// Exchanges were not stored.
    Gap(Gap),
}
