//! Entries of the ring.

use std::sync::Arc;

use dashcam_exchange::{
    Certificate, Connection, Direction, Exchange, ExchangeId, Message, Timestamp, UpstreamConnection,
};

use super::cursor::{Cursor, Malformed};
use super::values::{Code, write_bytes};

/// One thing in the ring. The entries of one exchange come in the order: `Opened` (if at all), its `BodyPart`s and
/// `Message`s, `Finished`, `Interrupted` or `Discarded`. The connections that they name and those connections' certificates are in
/// the same segment, or an earlier one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Entry {
    /// A client connection as it stands: replaces what came before of it.
    Connection(Box<Connection>),
    /// A connection to an upstream.
    UpstreamConnection(Box<UpstreamConnection>),
    /// A certificate that a connection names.
    Certificate {
        /// The certificate, with its bytes.
        certificate: Certificate,
        /// When it was shown.
        at: Timestamp,
    },
    /// An exchange that is open, of which pieces follow.
    Opened(Box<Exchange>),
    /// A piece of a body.
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
    /// A message inside an exchange.
    Message(Box<Message>),
    /// An exchange with its outcome; the `rest` of its bodies that no `BodyPart` carried is in it.
    Finished(Arc<Exchange>),
    /// An exchange that goes on, and of which nothing more comes.
    Interrupted(ExchangeId),
    /// An exchange that ended and is in the store, with all that it has.
    Kept(ExchangeId),
    /// An exchange of which nothing is to be kept: its pieces are forgotten.
    Discarded(ExchangeId),
}

/// The kind of an entry, before its content.
#[derive(Clone, Copy)]
enum Kind {
    Connection = 1,
    UpstreamConnection,
    Certificate,
    Opened,
    BodyPart,
    Message,
    Finished,
    Interrupted,
    Kept,
    Discarded,
}

impl Kind {
    const ALL: [Self; 10] = [
        Self::Connection,
        Self::UpstreamConnection,
        Self::Certificate,
        Self::Opened,
        Self::BodyPart,
        Self::Message,
        Self::Finished,
        Self::Interrupted,
        Self::Kept,
        Self::Discarded,
    ];

    fn read(cursor: &mut Cursor<'_>) -> Result<Self, Malformed> {
        let number = usize::from(cursor.byte()?);
        let kind = number.checked_sub(1).and_then(|at| Self::ALL.get(at));
        kind.copied().ok_or(Malformed::UnknownKind)
    }
}

pub(crate) fn write_connection(connection: &Connection, bytes: &mut Vec<u8>) {
    bytes.push(Kind::Connection as u8);
    connection.write(bytes);
}

pub(crate) fn write_upstream_connection(connection: &UpstreamConnection, bytes: &mut Vec<u8>) {
    bytes.push(Kind::UpstreamConnection as u8);
    connection.write(bytes);
}

pub(crate) fn write_certificate(der: &[u8], at: Timestamp, bytes: &mut Vec<u8>) {
    bytes.push(Kind::Certificate as u8);
    at.write(bytes);
    write_bytes(der, bytes);
}

pub(crate) fn write_opened(exchange: &Exchange, bytes: &mut Vec<u8>) {
    bytes.push(Kind::Opened as u8);
    exchange.write(bytes);
}

pub(crate) fn write_part(part: (ExchangeId, Direction, u32), data: &[u8], bytes: &mut Vec<u8>) {
    let (exchange, direction, seq) = part;
    bytes.push(Kind::BodyPart as u8);
    exchange.write(bytes);
    direction.write(bytes);
    seq.write(bytes);
    write_bytes(data, bytes);
}

pub(crate) fn write_message(message: &Message, bytes: &mut Vec<u8>) {
    bytes.push(Kind::Message as u8);
    message.write(bytes);
}

pub(crate) fn write_finished(exchange: &Exchange, bytes: &mut Vec<u8>) {
    bytes.push(Kind::Finished as u8);
    exchange.write(bytes);
}

pub(crate) fn write_interrupted(id: ExchangeId, bytes: &mut Vec<u8>) {
    bytes.push(Kind::Interrupted as u8);
    id.write(bytes);
}

pub(crate) fn write_kept(id: ExchangeId, bytes: &mut Vec<u8>) {
    bytes.push(Kind::Kept as u8);
    id.write(bytes);
}

pub(crate) fn write_discarded(id: ExchangeId, bytes: &mut Vec<u8>) {
    bytes.push(Kind::Discarded as u8);
    id.write(bytes);
}

impl Entry {
    /// The entries in `bytes`; after the first that is none there are no others.
    pub fn read_all(bytes: &[u8]) -> impl Iterator<Item = Result<Self, Malformed>> {
        let mut cursor = Cursor::new(bytes);
        std::iter::from_fn(move || {
            if cursor.is_empty() {
                return None;
            }
            let entry = Self::read(&mut cursor);
            if entry.is_err() {
                cursor = Cursor::new(&[]);
            }
            Some(entry)
        })
    }

    fn read(cursor: &mut Cursor<'_>) -> Result<Self, Malformed> {
        Ok(match Kind::read(cursor)? {
            Kind::Connection => Self::Connection(Box::new(Code::read(cursor)?)),
            Kind::UpstreamConnection => Self::UpstreamConnection(Box::new(Code::read(cursor)?)),
            Kind::Certificate => {
                let at = Code::read(cursor)?;
                // The fingerprint is made again: nobody has to be believed.
                Self::Certificate { certificate: Certificate::new(cursor.bytes()?), at }
            }
            Kind::Opened => Self::Opened(Box::new(Code::read(cursor)?)),
            Kind::BodyPart => Self::BodyPart {
                exchange: Code::read(cursor)?,
                direction: Code::read(cursor)?,
                seq: Code::read(cursor)?,
                data: Code::read(cursor)?,
            },
            Kind::Message => Self::Message(Box::new(Code::read(cursor)?)),
            Kind::Finished => Self::Finished(Arc::new(Code::read(cursor)?)),
            Kind::Interrupted => Self::Interrupted(Code::read(cursor)?),
            Kind::Kept => Self::Kept(Code::read(cursor)?),
            Kind::Discarded => Self::Discarded(Code::read(cursor)?),
        })
    }
}
