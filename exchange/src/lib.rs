//! The facts about one request and its outcome: no I/O, no clock, no async.
//!
//! Every other crate speaks in these words. A head is kept exactly as it stood on the wire
//! ([`Headers`] keeps order, case and duplicates); a body's bytes travel apart from it.

mod arrival;
mod body_format;
mod certificate;
mod connection;
mod connection_end;
mod destination;
mod exchange;
mod failure;
mod footprint;
mod gap;
pub mod grammar;
mod head;
mod headers;
mod ids;
mod level;
mod live;
mod message;
mod path_shape;
mod program;
mod record;
mod redaction;
mod runtime;
pub mod sample;
mod shorten;
mod showing;
mod summary;
mod upstream_connection;

pub use arrival::{Arrival, Stretch};
pub use body_format::{BodyFormat, JSON_DOCUMENTS};
pub use certificate::{Certificate, Fingerprint};
pub use connection::{Connection, Detected, TlsFacts, TunnelReason, Verdict};
pub use connection_end::ConnectionEnd;
pub use destination::{Destination, InvalidDestination, Scheme};
pub use exchange::{BodyRecord, Direction, Exchange, State, Timings, Upstream, write_url};
pub use failure::{Failure, Side, Stage};
pub use gap::{Gap, GapReason};
pub use head::{IllegalHead, RequestHead, ResponseHead, Version};
pub use headers::parted::LineLengths;
pub use headers::{Headers, Mark, Names};
pub use ids::{ConnectionId, ExchangeId, LastIds, Timestamp, UpstreamConnectionId};
pub use level::{Level, UnknownLevel};
pub use live::Live;
pub use message::{Message, MessageCoding, MessageKind};
pub use path_shape::path_shape;
pub use program::Program;
pub use record::Record;
pub use redaction::{Redaction, Seal, SealId, StoredAs};
pub use runtime::Runtime;
pub use showing::is_unsafe_to_show;
pub use summary::{Summary, grpc_status};
pub use upstream_connection::UpstreamConnection;
