//! WebSocket messages (RFC 6455, RFC 7692) read from bytes that pass. They are only looked at: the relay
//! neither waits nor changes anything, and what can't be understood is marked and not looked at any further.

mod inflate;
mod reader;
#[cfg(test)]
mod tests;

use dashcam_exchange::Headers;

pub(crate) use reader::Reader;

/// The extensions to RFC 6455 that client and server agreed on.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Extensions {
    deflate: bool,
    /// Each message of the client (of the server) is deflated for itself.
    client_no_context: bool,
    server_no_context: bool,
    /// Something else that may change what frames mean.
    unknown: bool,
}

impl Extensions {
    /// The extensions that a server's answer names.
    pub(crate) fn negotiated(headers: &Headers) -> Self {
        let mut found = Self::default();
        for extension in headers.tokens("sec-websocket-extensions") {
            let mut parts = extension.split(|byte| *byte == b';').map(<[u8]>::trim_ascii);
            if !parts.next().is_some_and(|name| name.eq_ignore_ascii_case(b"permessage-deflate")) {
                found.unknown = true;
                continue;
            }
            found.deflate = true;
            for parameter in parts {
                found.client_no_context |= parameter.eq_ignore_ascii_case(b"client_no_context_takeover");
                found.server_no_context |= parameter.eq_ignore_ascii_case(b"server_no_context_takeover");
            }
        }
        found
    }
}
