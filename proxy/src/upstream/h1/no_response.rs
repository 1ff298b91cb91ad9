//! Connections that ended in place of a response.

use std::io;

use dashcam_exchange::Destination;

use crate::h1::reader::Reader;
use crate::upstream::tls;

/// A connection that ended before a response's head was whole.
pub(super) struct NoResponse {
    pub(super) message: String,
    /// True if it may have ended before the request reached the upstream.
    pub(super) stale: bool,
}

impl NoResponse {
    /// Of `destination`; a read from `reader` gave `ended`.
    pub(super) fn new(destination: &Destination, ended: io::Result<usize>, reader: &Reader) -> Self {
        if reader.half.has_refused_renegotiation() {
            let message = tls::refused_renegotiation(&destination.to_string(), "then ended the connection");
            return Self { message, stale: false };
        }
        let why = match ended {
            Err(error) => format!("{error}"),
            Ok(_) => "it closed the connection".to_owned(),
        };
        let stale = reader.buffer.is_empty();
        let what = if stale { "did not answer" } else { "broke off inside the response's head" };
        Self { message: format!("{destination} {what}: {why}."), stale }
    }
}
