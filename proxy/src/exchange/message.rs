//! Requests and responses on their way through [`crate::exchange::service`].

use dashcam_exchange::{Destination, RequestHead, ResponseHead};

use crate::body::Body;
use crate::exchange::observed::Observed;
use crate::http::interim::Interims;
use crate::net::io::Io;

/// A request as a client sent it.
pub(crate) struct Request<'a> {
    pub(crate) head: RequestHead,
    pub(crate) body: Body,
    /// Where it goes.
    pub(crate) destination: Destination,
    /// Takes interim responses for the client; `None` where they can't be sent.
    pub(crate) interim: Option<&'a Interims>,
}

/// An answer for the client.
pub(crate) struct Response {
    pub(crate) head: ResponseHead,
    pub(crate) body: Body,
    /// Its exchange, which is to be told of the head as it is written.
    pub(crate) observed: Observed,
    /// The upstream's side of an upgraded connection (101).
    pub(crate) upgrade: Option<Box<Upgrade>>,
    /// The client's connection can't be used after this response.
    pub(crate) close: bool,
    /// A client that speaks HTTP/2 gets this error in place of the response, as it would from the upstream.
    pub(crate) reset: Option<h2::Reason>,
}

/// An upgraded connection to the upstream.
pub(crate) struct Upgrade {
    pub(crate) io: Io,
    pub(crate) websocket: Option<crate::websocket::Extensions>,
    /// True if nothing of it is to be recorded, because the level kept no records when it began.
    pub(crate) unread: bool,
}
