//! Facts of either side's TLS.

use dashcam_exchange::{Certificate, TlsFacts};
use rustls::{AlertDescription as Alert, CommonState};

/// Certificates of one handshake that are recorded: a chain has three or four.
const MOST_CERTIFICATES: usize = 16;

/// The outcome of a handshake.
pub(crate) fn facts(state: &CommonState, sni: Option<String>) -> TlsFacts {
    TlsFacts {
        version: state.protocol_version().map(version_name).unwrap_or_default(),
        cipher: state
            .negotiated_cipher_suite()
            .map(|suite| format!("{:?}", suite.suite()))
            .unwrap_or_default(),
        sni,
        alpn: state.alpn_protocol().map(|name| String::from_utf8_lossy(name).into_owned()),
        certificates: state
            .peer_certificates()
            .into_iter()
            .flatten()
            .take(MOST_CERTIFICATES)
            .map(|one| Certificate::new(one))
            .collect(),
    }
}

/// As the RFCs write it: `unknown_ca`.
pub(crate) fn alert_name(alert: Alert) -> String {
    let (debug, mut name) = (format!("{alert:?}"), String::new());
    let mut before = '_';
    for char in debug.chars() {
        if char.is_ascii_uppercase() && before.is_ascii_lowercase() {
            name.push('_');
        }
        name.push(char.to_ascii_lowercase());
        before = char;
    }
    name
}

/// "TLSv1.3" or "TLSv1.2".
pub(crate) fn version_name(version: rustls::ProtocolVersion) -> String {
    version.as_str().map_or_else(|| format!("{version:?}"), |name| name.replace('_', "."))
}
