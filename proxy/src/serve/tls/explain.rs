//! Why a client's handshake failed, for the person who has to mend it.

use crate::net::tls::alert_name;
use std::io::{self, ErrorKind};

use rustls::{AlertDescription as Alert, CertificateError, Error, PeerIncompatible};

/// A message about `error` in the handshake for `name`, with advice; `issued` says that the leaf was ours.
pub(super) fn explain(error: &io::Error, name: &str, issued: bool) -> String {
    let tls = error.get_ref().and_then(|source| source.downcast_ref::<Error>());
    match tls {
        Some(Error::AlertReceived(alert)) => of_alert(*alert, name, issued),
        Some(Error::PeerIncompatible(why)) => of_incompatibility(why, name),
        Some(Error::NoApplicationProtocol) => format!(
            "The client offers by ALPN none of the protocols that are spoken for {name}: HTTP/2 and HTTP/1.1, as far as the upstream speaks them. {TUNNEL}."
        ),
        Some(Error::NoCertificatesPresented) => {
            "The client showed no certificate, and this listener demands one (--client-ca): give the client a certificate of that CA, and its key.".to_owned()
        }
        Some(Error::InvalidCertificate(why)) => of_client_certificate(why),
        Some(Error::InvalidMessage(_) | Error::InappropriateMessage { .. }) => format!(
            "The client began the TLS handshake for {name} and then sent something that is not TLS ({error}): it is broken, or something on the way is."
        ),
        Some(error) => format!("The TLS handshake with the client for {name} failed: {error}."),
        None if matches!(
            error.kind(),
            ErrorKind::UnexpectedEof | ErrorKind::ConnectionReset | ErrorKind::BrokenPipe
        ) =>
        {
            format!(
                "The client closed the connection during the TLS handshake for {name}; most clients do that when they don't trust the certificate. {}.",
                trust(issued)
            )
        }
        None => format!("The TLS handshake with the client for {name} failed: {error}."),
    }
}

/// Advice that helps in any case.
const TUNNEL: &str = "In forward mode --ignore-hosts tunnels the host unread";

fn trust(issued: bool) -> &'static str {
    if issued {
        "Let it trust dashcam's certificate (`dashcam ca` says how); a client that trusts only one certificate (pinning) can't be read: tunnel the host unread with --ignore-hosts"
    } else {
        "Let it trust the issuer of the certificate that --cert names"
    }
}

fn of_alert(alert: Alert, name: &str, issued: bool) -> String {
    let whose = if issued { "dashcam's" } else { "the configured (--cert)" };
    match alert {
        Alert::UnknownCA
        | Alert::BadCertificate
        | Alert::CertificateUnknown
        | Alert::UnsupportedCertificate
        | Alert::CertificateRevoked
        | Alert::AccessDenied
        | Alert::DecryptError => {
            format!(
                "The client rejected {whose} certificate for {name} ({}). {}.",
                alert_name(alert),
                trust(issued)
            )
        }
        Alert::CertificateExpired => format!(
            "For the client, {whose} certificate for {name} is not valid at this time: compare its clock with this machine's."
        ),
        Alert::ProtocolVersion
        | Alert::HandshakeFailure
        | Alert::InsufficientSecurity
        | Alert::IllegalParameter => {
            format!(
                "The client ended the TLS handshake for {name} ({}): it found nothing acceptable in what dashcam speaks, TLS 1.2 and 1.3. {TUNNEL}.",
                alert_name(alert)
            )
        }
        Alert::UserCanceled => {
            format!("The client gave up during the TLS handshake for {name} (user_canceled).")
        }
        _ => format!("The client ended the TLS handshake for {name} with the alert {}.", alert_name(alert)),
    }
}

fn of_incompatibility(why: &PeerIncompatible, name: &str) -> String {
    let what = match why {
        PeerIncompatible::Tls12NotOffered
        | PeerIncompatible::Tls12NotOfferedOrEnabled
        | PeerIncompatible::SupportedVersionsExtensionRequired => {
            "speaks only TLS 1.1 or older, and dashcam speaks TLS 1.2 and 1.3".to_owned()
        }
        PeerIncompatible::NoCipherSuitesInCommon => {
            "has no cipher suite in common with dashcam, which speaks those with AES-GCM or ChaCha20-Poly1305 and ECDHE, or does not accept the kind of certificate (dashcam's are ECDSA)".to_owned()
        }
        PeerIncompatible::NoKxGroupsInCommon | PeerIncompatible::NamedGroupsExtensionRequired => {
            "has no key exchange in common with dashcam, which speaks X25519, P-256, P-384 and X25519MLKEM768".to_owned()
        }
        PeerIncompatible::NoSignatureSchemesInCommon
        | PeerIncompatible::SignatureAlgorithmsExtensionRequired => {
            "accepts no signature that the certificate's key can make".to_owned()
        }
        other => format!("can't be talked to ({other:?})"),
    };
    format!("The client that asks for {name} {what}. Update the client; {}.", TUNNEL.replacen("In", "in", 1))
}

fn of_client_certificate(why: &CertificateError) -> String {
    let what = match why {
        CertificateError::UnknownIssuer => {
            "comes from an issuer that is not in the file of --client-ca, or the client leaves out an intermediate certificate".to_owned()
        }
        CertificateError::Expired | CertificateError::ExpiredContext { .. } => "has expired".to_owned(),
        CertificateError::NotValidYet | CertificateError::NotValidYetContext { .. } => {
            "is not valid yet".to_owned()
        }
        CertificateError::InvalidPurpose | CertificateError::InvalidPurposeContext { .. } => {
            "is not made for clients (its extended key usage lacks clientAuth)".to_owned()
        }
        other => format!("is not valid: {other}"),
    };
    format!("The client's certificate was refused: it {what}.")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn alerts_have_their_names() {
        assert_eq!(alert_name(Alert::UnknownCA), "unknown_ca");
        assert_eq!(alert_name(Alert::CertificateRequired), "certificate_required");
        assert_eq!(alert_name(Alert::HandshakeFailure), "handshake_failure");
    }

    /// Every message says whose fault it is and what to do.
    #[test]
    fn messages() {
        let check = |error: Error, expect: &str| {
            let message = explain(&io::Error::new(ErrorKind::InvalidData, error), "a.test", true);
            assert!(message.contains(expect) && message.ends_with('.'), "{message}");
        };
        check(Error::AlertReceived(Alert::UnknownCA), "`dashcam ca`");
        check(Error::AlertReceived(Alert::CertificateExpired), "clock");
        check(Error::PeerIncompatible(PeerIncompatible::Tls12NotOfferedOrEnabled), "TLS 1.1 or older");
        check(
            Error::PeerIncompatible(PeerIncompatible::NoCipherSuitesInCommon),
            "in forward mode --ignore-hosts",
        );
        check(Error::NoCertificatesPresented, "--client-ca");
        check(Error::InvalidCertificate(CertificateError::UnknownIssuer), "--client-ca");
        check(Error::NoApplicationProtocol, "ALPN");
    }
}
