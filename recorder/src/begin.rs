//! Facts with which an exchange begins.

use dashcam_control::CaptureDecision;
use dashcam_exchange::{ConnectionId, Destination, ExchangeId, RequestHead};

use crate::client::Client;

/// Facts with which an exchange begins.
#[derive(Debug)]
pub struct Begin {
    /// The client connection, by [`Recorder::connection_id`]; `None` for a replay.
    pub connection: Option<ConnectionId>,
    /// That connection's account, by [`Recorder::client`]; `None` for a replay.
    pub client: Option<Client>,
    /// The exchange that this one repeats.
    pub replay_of: Option<ExchangeId>,
    /// How much is to be recorded, and whether that is certain.
    pub decision: CaptureDecision,
    /// Where it goes; the address at which it came in, if it is refused and names no destination.
    pub destination: Destination,
    /// The request's head as received; of one that is refused, as much as could be read.
    pub request: RequestHead,
}
