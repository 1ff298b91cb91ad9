//! Facts of either side's TLS.

use std::fmt;

use dashcam_exchange::{Certificate, TlsFacts};
use rustls::{AlertDescription as Alert, CommonState, Error};

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

/// An error of TLS in words for people: rustls' own name its types and its manual.
#[derive(Debug, Clone)]
pub(crate) struct TlsError(pub(crate) Error);

impl fmt::Display for TlsError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.0 {
            Error::AlertReceived(alert) => {
                write!(f, "the other side sent the TLS alert {}", alert_name(*alert))
            }
            Error::DecryptError => f.write_str("something came that was not encrypted with the right key"),
            Error::PeerSentOversizedRecord => f.write_str("a TLS record came that is larger than may be"),
            Error::EncryptError => f.write_str("something could not be encrypted"),
            Error::InvalidMessage(why) => {
                write!(f, "something came that is not TLS, or is damaged ({why:?})")
            }
            Error::InappropriateMessage { .. } | Error::InappropriateHandshakeMessage { .. } => {
                f.write_str("a TLS message came that was not due")
            }
            Error::PeerMisbehaved(why) => write!(f, "the other side broke the rules of TLS ({why:?})"),
            Error::PeerIncompatible(why) => {
                write!(f, "the other side has nothing in common with dashcam's TLS ({why:?})")
            }
            Error::InvalidCertificate(why) => write!(f, "the certificate is not valid ({why:?})"),
            Error::HandshakeNotComplete => f.write_str("the TLS handshake is not complete"),
            Error::FailedToGetCurrentTime => f.write_str("the system has no time"),
            Error::FailedToGetRandomBytes => f.write_str("the system gives no random bytes"),
            other => write!(f, "TLS failed ({other:?})"),
        }
    }
}

impl std::error::Error for TlsError {}

/// The error of TLS behind an error of a stream, if it is one.
pub(crate) fn of_io(error: &std::io::Error) -> Option<&Error> {
    let source = error.get_ref()?;
    source.downcast_ref::<TlsError>().map(|error| &error.0).or_else(|| source.downcast_ref::<Error>())
}

/// "TLSv1.3" or "TLSv1.2".
pub(crate) fn version_name(version: rustls::ProtocolVersion) -> String {
    version.as_str().map_or_else(|| format!("{version:?}"), |name| name.replace('_', "."))
}

#[cfg(test)]
mod tests {
    use rustls::{CertificateError, InvalidMessage, PeerIncompatible};

    use super::*;

    #[test]
    fn errors_have_words_of_our_own() {
        for error in [
            Error::AlertReceived(Alert::BadRecordMac),
            Error::DecryptError,
            Error::InvalidMessage(InvalidMessage::InvalidContentType),
            Error::PeerIncompatible(PeerIncompatible::NoCipherSuitesInCommon),
            Error::InvalidCertificate(CertificateError::UnknownIssuer),
            Error::General("x".to_owned()),
        ] {
            let (ours, theirs) = (TlsError(error.clone()).to_string(), error.to_string());
            assert!(!ours.contains("rustls") && !ours.contains("://") && ours != theirs, "{ours}");
            assert_eq!(of_io(&std::io::Error::other(TlsError(error.clone()))), Some(&error));
            assert_eq!(of_io(&std::io::Error::other(error.clone())), Some(&error));
        }
        assert_eq!(of_io(&std::io::ErrorKind::BrokenPipe.into()), None);
    }
}
