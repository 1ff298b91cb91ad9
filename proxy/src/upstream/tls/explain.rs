//! Why a handshake with an upstream failed, for the person who has to mend it.

use std::io::{self, ErrorKind};
use std::path::Path;

use rustls::pki_types::UnixTime;
use rustls::{AlertDescription as Alert, CertificateError, Error, InvalidMessage, PeerIncompatible};

use crate::net::alpn::Alpn;
use crate::net::tls::{TlsError, alert_name, of_io};
use crate::upstream::tls::verifier::SelfSigned;

/// Advice for when dashcam can't talk to an upstream.
const TUNNEL: &str = "Update it, or tunnel it unread with --ignore-hosts";
const INSECURE: &str = "switch verification off with -k if that is all right";

/// The handshake that failed.
pub(super) struct Handshake<'a> {
    pub(super) name: &'a str,
    pub(super) alpn: &'a Alpn,
    /// True if it asked for a certificate of ours.
    pub(super) asked: bool,
    /// Where the one is that it got.
    pub(super) file: Option<&'a Path>,
}

/// A message about `error`, with advice.
pub(super) fn explain(error: &io::Error, handshake: &Handshake<'_>) -> String {
    let name = handshake.name;
    match of_io(error) {
        Some(Error::AlertReceived(alert)) => of_alert(*alert, handshake),
        Some(Error::InvalidCertificate(why)) => of_certificate(why, name),
        Some(Error::PeerIncompatible(why)) => of_incompatibility(why, name),
        Some(Error::InvalidMessage(
            InvalidMessage::InvalidContentType | InvalidMessage::UnknownProtocolVersion,
        )) => format!(
            "{name} does not speak TLS on this port. Use http:// if it speaks HTTP there, or another port."
        ),
        Some(Error::InvalidMessage(why)) => format!(
            "{name} sent something in the TLS handshake that can't be understood ({why:?}): the fault is its own, or something on the way is no TLS server."
        ),
        Some(Error::PeerMisbehaved(why)) => {
            format!("{name} broke the rules of TLS ({why:?}): the fault is its own. {TUNNEL}.")
        }
        Some(error) => format!("The TLS handshake with {name} failed: {}.", TlsError(error.clone())),
        None if is_closed(error) && handshake.asked => format!(
            "{name} asked for a client certificate and then closed the connection{}.",
            shown(handshake)
        ),
        None if is_closed(error) => format!(
            "{name} closed the connection during the TLS handshake. Servers do that when they don't know the name, are overloaded, or don't speak TLS on this port: its own log says more."
        ),
        None => format!("The TLS handshake with {name} failed: {error}."),
    }
}

/// The failure of `name`, which asked for a new handshake inside a connection, was refused, and `then` did that.
pub(crate) fn refused_renegotiation(name: &str, then: &str) -> String {
    format!(
        "{name} asked for a new handshake inside the TLS connection (renegotiation), which dashcam does not do, and {then}. Servers ask for it to get a client certificate for some paths only. Let the server ask when the connection begins, or tunnel it unread with --ignore-hosts."
    )
}

/// Returns whether it was the upstream that refused our TLS: a tunnel would give it the client's. That it does not speak
/// TLS, or does not know the name, is the same for everybody.
pub(super) fn is_refusal(error: &io::Error) -> bool {
    match of_io(error) {
        Some(Error::AlertReceived(alert)) => {
            !matches!(alert, Alert::UnrecognisedName | Alert::NoApplicationProtocol | Alert::InternalError)
        }
        Some(Error::PeerIncompatible(_) | Error::PeerMisbehaved(_)) => true,
        Some(_) => false,
        None => is_closed(error),
    }
}

fn is_closed(error: &io::Error) -> bool {
    matches!(error.kind(), ErrorKind::UnexpectedEof | ErrorKind::ConnectionReset | ErrorKind::BrokenPipe)
}

fn of_alert(alert: Alert, handshake: &Handshake<'_>) -> String {
    let (name, alert_name) = (handshake.name, alert_name(alert));
    match alert {
        Alert::CertificateRequired => {
            format!("{name} demands a client certificate ({alert_name}){}.", shown(handshake))
        }
        Alert::HandshakeFailure if handshake.asked && handshake.file.is_none() => {
            format!(
                "{name} asked for a client certificate and ended the handshake ({alert_name}){}.",
                shown(handshake)
            )
        }
        Alert::BadCertificate
        | Alert::UnsupportedCertificate
        | Alert::CertificateRevoked
        | Alert::CertificateExpired
        | Alert::CertificateUnknown
        | Alert::UnknownCA
        | Alert::AccessDenied
        | Alert::DecryptError
            if handshake.asked =>
        {
            format!("{name} refused the client certificate ({alert_name}){}.", shown(handshake))
        }
        Alert::ProtocolVersion => too_old(name),
        Alert::HandshakeFailure | Alert::InsufficientSecurity => format!(
            "{name} found nothing in common with dashcam ({alert_name}): dashcam speaks TLS 1.2 and 1.3 with ECDHE and AES-GCM or ChaCha20-Poly1305; servers that have only RSA key exchange or CBC ciphers are out of date. {TUNNEL}."
        ),
        Alert::UnrecognisedName => format!(
            "{name} does not know this name ({alert_name}): the request, or its CONNECT, asks the wrong server, or the server's configuration lacks the name."
        ),
        Alert::NoApplicationProtocol => {
            let offered = handshake.alpn.names();
            let offered = offered.iter().map(|name| String::from_utf8_lossy(name)).collect::<Vec<_>>();
            format!(
                "{name} speaks none of the protocols that it was offered, as the client's are: {} ({alert_name}).",
                offered.join(", ")
            )
        }
        Alert::InternalError => {
            format!("{name} could not go on with the TLS handshake ({alert_name}): its own log says why.")
        }
        _ => format!("{name} ended the TLS handshake with the alert {alert_name}: its own log may say why."),
    }
}

/// Advice about our certificate.
fn shown(Handshake { name, file, .. }: &Handshake<'_>) -> String {
    match file {
        None => format!(", and none is configured for it: name one with --client-cert {name}=FILE"),
        Some(file) => format!(
            "; it was shown the one in {}: name the right one with --client-cert {name}=FILE",
            file.display()
        ),
    }
}

fn too_old(name: &str) -> String {
    format!("{name} speaks neither TLS 1.2 nor 1.3, only versions that are not safe any more. {TUNNEL}.")
}

fn of_incompatibility(why: &PeerIncompatible, name: &str) -> String {
    match why {
        PeerIncompatible::ServerDoesNotSupportTls12Or13
        | PeerIncompatible::ServerTlsVersionIsDisabledByOurConfig => too_old(name),
        other => format!("{name} has nothing in common with dashcam's TLS ({other:?}). {TUNNEL}."),
    }
}

fn of_certificate(why: &CertificateError, name: &str) -> String {
    let trust = format!("trust the right one with --upstream-ca FILE, or {INSECURE}");
    match why {
        CertificateError::UnknownIssuer => format!(
            "The certificate of {name} comes from an issuer that is not trusted here, or {name} leaves out an intermediate certificate. Mend its chain, trust its root with --upstream-ca FILE, or {INSECURE}."
        ),
        CertificateError::Other(why) if why.0.downcast_ref::<SelfSigned>().is_some() => {
            format!("The certificate of {name} is self-signed and not trusted here: {trust}.")
        }
        CertificateError::Other(why) if format!("{why:?}").contains("CaUsedAsEndEntity") => format!(
            "The certificate of {name} is that of a certificate authority, and not trusted here as a server's: {trust}."
        ),
        CertificateError::ExpiredContext { time, not_after } => format!(
            "The certificate of {name} expired {} ago. Renew it, or {INSECURE}.",
            apart(*not_after, *time)
        ),
        CertificateError::NotValidYetContext { time, not_before } => format!(
            "The certificate of {name} is valid only in {} from now: this machine's clock is wrong, or the certificate is. Correct it, or {INSECURE}.",
            apart(*time, *not_before)
        ),
        CertificateError::NotValidForNameContext { presented, .. } if presented.is_empty() => format!(
            "The certificate of {name} names no host at all (subjectAltName is missing). Renew it, or {INSECURE}."
        ),
        CertificateError::NotValidForNameContext { presented, .. } => format!(
            "The certificate of {name} is for {}, not for {name}. Ask for one of these names, or {INSECURE}.",
            names(presented)
        ),
        CertificateError::BadSignature => format!(
            "A signature of {name} is wrong: it does not fit the key of the certificate, or of the trusted issuer with that name, or was made with an RSA key of less than 2048 bits, which is not safe any more. Renew the certificate, or tunnel {name} unread with --ignore-hosts."
        ),
        CertificateError::UnsupportedSignatureAlgorithmForPublicKeyContext { .. } => format!(
            "The certificate of {name} comes from an issuer that has the name of one that is trusted here, but not its key: {trust}."
        ),
        CertificateError::UnsupportedSignatureAlgorithmContext { .. } => format!(
            "The certificate of {name}, or an issuer's, is signed in a way that is not safe any more (SHA-1) or not known. Renew it, or {INSECURE}."
        ),
        CertificateError::InvalidPurpose | CertificateError::InvalidPurposeContext { .. } => format!(
            "The certificate of {name} is not made for servers (its extended key usage lacks serverAuth). Renew it, or {INSECURE}."
        ),
        CertificateError::BadEncoding => {
            format!("The certificate of {name} can't be read. Renew it, or {INSECURE}.")
        }
        why => format!("The certificate of {name} is not valid ({why:?}). Renew it, or {INSECURE}."),
    }
}

/// `DnsName("a")`, … as `a, …`; the first of them.
fn names(presented: &[String]) -> String {
    const SHOWN: usize = 5;
    let plain = |name: &String| {
        let inner = name.split_once('(').map_or(name.as_str(), |(_, inner)| inner.trim_end_matches(')'));
        inner.trim_matches('"').to_owned()
    };
    let mut shown = presented.iter().take(SHOWN).map(plain).collect::<Vec<_>>().join(", ");
    if presented.len() > SHOWN {
        shown.push_str(&format!(" and {} more", presented.len() - SHOWN));
    }
    shown
}

fn apart(before: UnixTime, after: UnixTime) -> String {
    let seconds = after.as_secs().saturating_sub(before.as_secs());
    let (count, unit) = match seconds {
        0..120 => (seconds, "second"),
        120..7200 => (seconds / 60, "minute"),
        7200..172_800 => (seconds / 3600, "hour"),
        _ => (seconds / 86_400, "day"),
    };
    format!("{count} {unit}{}", if count == 1 { "" } else { "s" })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_a_tunnel_would_mend_is_a_refusal() {
        for (error, expect) in [
            (Error::AlertReceived(Alert::HandshakeFailure), true),
            (Error::AlertReceived(Alert::CertificateRequired), true),
            (Error::AlertReceived(Alert::ProtocolVersion), true),
            (Error::AlertReceived(Alert::UnrecognisedName), false),
            (Error::PeerIncompatible(PeerIncompatible::ServerDoesNotSupportTls12Or13), true),
            (Error::InvalidCertificate(CertificateError::UnknownIssuer), false),
            (Error::InvalidMessage(InvalidMessage::InvalidContentType), false),
        ] {
            assert_eq!(is_refusal(&io::Error::other(error.clone())), expect, "{error:?}");
        }
        assert!(is_refusal(&ErrorKind::ConnectionReset.into()) && !is_refusal(&ErrorKind::TimedOut.into()));
    }
}
