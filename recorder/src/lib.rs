//! The hand-off from traffic that must not wait to a disk that may.
//!
//! [`Recorder::begin`] reserves a place in the queue for an exchange before it takes any memory for it:
//! an exchange is recorded with its outcome, or not at all and counted. Heads, bodies and messages draw on
//! one budget ([`Limits::memory`]), of which each client connection and each address has a share ([`Budget`]). Nothing
//! is held beyond it: when it is spent no exchange begins; of those under way a body is cut and marked so, and the
//! exchange stays; one whose heads do not fit is not recorded, and counted. The [`Writer`] takes what is handed over in
//! batches to a closure that stores them. Nothing here waits for it, but for
//! exchanges that a rule guarantees to record (`guarantee.rs`). A batch that the disk refuses is tried again, and recording is paused until it is
//! stored; so it is from the start where the store can't be opened ([`waiting_recorder`], [`Writer::open`]).

mod announcing;
mod arrivals;
mod aside;
mod batch;
mod begin;
mod begin_waiting;
mod budget;
mod by_number;
mod client;
mod client_connection;
mod connections;
mod counting_parts;
mod deferred_open;
mod ending;
mod event;
mod eviction;
mod fate;
mod forwarded_heads;
mod gaps;
mod guarantee;
mod guaranteed_body;
mod guaranteed_head;
mod guaranteed_messages;
mod health;
mod heaviest;
mod ids;
mod intake;
mod ledger;
mod lock;
mod message;
mod open;
mod open_for_long;
mod outcome;
mod pause;
mod recorder;
mod recording;
mod redaction;
mod serving;
mod shareable;
mod shared;
mod stored;
mod taking_back;
mod tap;
mod wait;
mod waiting;
mod watchers;
mod way;
mod writer;

use std::time::{SystemTime, UNIX_EPOCH};

use dashcam_exchange::Timestamp;

pub use aside::Aside;
pub use begin::Begin;
pub use begin_waiting::Begun;
pub use budget::{Bounds, Budget, Full, Held, Share, Source};
pub use client::Client;
pub use connections::HandOver;
pub use event::Event;
pub use guarantee::{GuaranteeCounts, NotKept};
pub use guaranteed_messages::MESSAGE_SLICE;
pub use health::Health;
pub use ledger::Ledger;
pub use message::{MessageBuffer, MessageTap};
pub use open::{Moment, OpenExchange};
pub use pause::Pause;
pub use recorder::{recorder, waiting_recorder};
pub use redaction::counts::RedactionCounts;
pub use redaction::in_force::Redaction;
pub use serving::Serving;
pub use shared::{Limits, Recorder};
pub use stored::End;
pub use tap::BodyTap;
pub use wait::{Offered, Wait};
pub use waiting::Tail;
pub use writer::{Refusal, Writer};

/// The present moment.
#[must_use]
pub fn now() -> Timestamp {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    Timestamp(i64::try_from(since.as_micros()).unwrap_or(i64::MAX))
}
