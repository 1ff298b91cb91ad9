//! The records that travel from traffic to the store.

use std::sync::Arc;

use crate::{
    Certificate, Connection, ConnectionId, Direction, Exchange, ExchangeId, Gap, Message, Program, Seal,
    Stretch, Timestamp, UpstreamConnection,
};

/// One thing to store. Records of one exchange are handed over in the order: `Opened` (if at all), its
/// `BodyPart`s, `Arrivals` and `Message`s, `Finished` or `Interrupted`.
#[derive(Debug)]
pub enum Record {
    /// A connection whose verdict is known, or that closed: replaces what was stored of it.
    Connection(Box<Connection>),
    /// The program that opened a connection of which a `Connection` was handed over before.
    Program {
        /// The connection.
        connection: ConnectionId,
        /// The program.
        program: Box<Program>,
    },
    /// A connection to an upstream, once it is there.
    UpstreamConnection(Box<UpstreamConnection>),
    /// A certificate that a connection names and that the store may not know yet.
    Certificate {
        /// The certificate.
        certificate: Certificate,
        /// When it was shown.
        at: Timestamp,
    },
    /// An exchange that is still open, so that it can be seen; replaced by its `Finished`.
    Opened(Box<Exchange>),
    /// A piece of a body that is stored while it passes.
    BodyPart {
        /// The exchange.
        exchange: ExchangeId,
        /// Which of its bodies.
        direction: Direction,
        /// The piece's number in its body, from 0.
        seq: u32,
        /// The bytes.
        data: Vec<u8>,
    },
    /// When bytes of a body came, of those that consist of messages.
    Arrivals {
        /// The exchange.
        exchange: ExchangeId,
        /// Which of its bodies.
        direction: Direction,
        /// The stretch's number in its body, from 0.
        seq: u32,
        /// The stretch.
        stretch: Arc<Stretch>,
    },
    /// A message inside an exchange that is still open.
    Message(Box<Message>),
    /// An exchange with its outcome. The `rest` of its bodies that no `BodyPart` carried is in it. The recorder shows it
    /// until it is stored.
    Finished(Arc<Exchange>),
    /// An exchange that was `Opened` and goes on, and of which nothing more is stored.
    Interrupted(ExchangeId),
    /// Something of an exchange went ahead, and turned out not to be wanted: it is taken back.
    Discarded {
        /// The exchange.
        exchange: ExchangeId,
        /// True if its heads and its outcome stay, or follow: only bodies and messages are taken back.
        bodies_only: bool,
    },
    /// A secret that was taken out of records, encrypted; before those that name it.
    Seal(Box<Seal>),
    /// A hole.
    Gap(Gap),
}

impl Record {
    /// The bytes of bodies, messages and certificates that the record carries.
    #[must_use]
    pub fn payload(&self) -> usize {
        match self {
            Self::BodyPart { data, .. } => data.len(),
            Self::Message(message) => message.data.len(),
            Self::Finished(exchange) => exchange.request_body.rest.len() + exchange.response_body.rest.len(),
            Self::Certificate { certificate, .. } => certificate.der.len(),
            Self::Arrivals { .. }
            | Self::Connection(_)
            | Self::Program { .. }
            | Self::UpstreamConnection(_)
            | Self::Opened(_)
            | Self::Interrupted(_)
            | Self::Discarded { .. }
            | Self::Seal(_)
            | Self::Gap(_) => 0,
        }
    }
}
