//! A request for an upstream, and the answer.

use std::sync::Arc;

use dashcam_exchange::{RequestHead, ResponseHead};
use dashcam_recorder::OpenExchange;

use crate::body::Body;
use crate::http::interim::Interims;
use crate::net::admission::Account;
use crate::net::io::Io;
use crate::net::transit::Room;
use crate::upstream::group::PoolGroup;

/// A request for an upstream, rewritten. Its head stays the caller's, which may have to tell of a failure.
pub(crate) struct Call<'a> {
    pub(crate) place: Arc<PoolGroup>,
    pub(crate) head: &'a mut RequestHead,
    pub(crate) body: Body,
    pub(crate) interim: Option<&'a Interims>,
    pub(crate) open: Option<&'a OpenExchange>,
    /// A connection that is opened for it is recorded at once.
    pub(crate) records: bool,
    /// The source address whose share the connection takes.
    pub(crate) account: Option<&'a Arc<Account>>,
    /// Room for what the client's connection holds.
    pub(crate) room: Option<&'a Arc<Room>>,
}

/// An upstream's answer.
pub(crate) struct Answer {
    pub(crate) head: ResponseHead,
    pub(crate) body: Body,
    /// The connection itself, after a 101.
    pub(crate) upgraded: Option<Io>,
}

/// Returns whether a request with `method` that is sent twice does what it does once (RFC 9110 §9.2.2).
pub(super) fn is_idempotent(method: &str) -> bool {
    matches!(method, "GET" | "HEAD" | "OPTIONS" | "TRACE" | "PUT" | "DELETE")
}
