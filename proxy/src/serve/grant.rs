//! The moment at which a client that asks for a tunnel is granted it.

use dashcam_exchange::Headers;

/// The field of a CONNECT that says it. `dashcam run --deep` sends it for programs that know nothing of a proxy: to them
/// the grant is the connection.
const FIELD: &str = "Dashcam-Grant";

/// When a tunnel is granted.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) enum Grant {
    /// At once if we are to look at what the client sends; otherwise once the upstream is connected.
    #[default]
    Looking,
    /// At once; the upstream is connected to before we look, as it may be its turn to speak.
    AtOnce,
    /// Once the upstream is connected.
    Connected,
}

impl Grant {
    /// The client's wish.
    pub(crate) fn wanted(headers: &Headers) -> Self {
        match headers.first(FIELD) {
            Some(b"at-once") => Self::AtOnce,
            Some(b"connected") => Self::Connected,
            _ => Self::Looking,
        }
    }
}
