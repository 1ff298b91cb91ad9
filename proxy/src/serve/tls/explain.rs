//! Why a client's handshake failed, for the person who has to mend it.

use std::io::{self, ErrorKind};
use std::path::Path;

use dashcam_ca::trust;
use dashcam_exchange::Runtime;
use rustls::{AlertDescription as Alert, CertificateError, Error, PeerIncompatible};

use crate::net::tls::{TlsError, alert_name, of_io};

/// Advice that helps in any case.
const TUNNEL: &str = "In forward mode --ignore-hosts tunnels the host unread";

/// The handshake that failed.
pub(crate) struct Handshake<'a> {
    /// The name in the certificate.
    pub(crate) name: &'a str,
    /// The file of our root, if the certificate was one that we issued.
    pub(crate) root: Option<&'a Path>,
    /// The client's software, if it is known.
    pub(crate) runtime: Option<Runtime>,
    /// True if such a client can be tunnelled.
    pub(crate) is_forward: bool,
}

impl Handshake<'_> {
    /// A message about `error`, with advice.
    pub(super) fn explain(&self, error: &io::Error) -> String {
        let name = self.name;
        match of_io(error) {
            Some(Error::AlertReceived(alert)) => self.of_alert(*alert),
            Some(Error::PeerIncompatible(why)) => of_incompatibility(why, name),
            Some(Error::NoApplicationProtocol) => format!(
                "The client offers by ALPN none of the protocols that are spoken for {name}: HTTP/2 and HTTP/1.1, as far as the upstream speaks them. {TUNNEL}."
            ),
            Some(Error::NoCertificatesPresented) => {
                "The client showed no certificate, and this listener demands one (--client-ca): give the client a certificate of that CA, and its key.".to_owned()
            }
            Some(Error::InvalidCertificate(why)) => of_client_certificate(why),
            Some(Error::InvalidMessage(_) | Error::InappropriateMessage { .. }) => format!(
                "The client began the TLS handshake for {name} and then sent something that is not TLS: it is broken, or something on the way is."
            ),
            Some(error) => {
                format!("The TLS handshake with the client for {name} failed: {}.", TlsError(error.clone()))
            }
            None if is_closed(error) => format!(
                "The client closed the connection during the TLS handshake for {name}; most clients do that when they don't trust the certificate. {}.",
                self.advice()
            ),
            None => format!("The TLS handshake with the client for {name} failed: {error}."),
        }
    }

    /// A message about a client that ended the connection after the handshake, without a request; `alert` is what it said
    /// in TLS.
    pub(super) fn explain_unused(&self, alert: Option<Alert>) -> String {
        match alert {
            Some(alert) => self.of_alert(alert),
            None => format!(
                "The client closed the connection right after the TLS handshake for {}, without a request: it probably does not trust the certificate. {}.",
                self.name,
                self.advice()
            ),
        }
    }

    /// The way to trust, for this client.
    fn advice(&self) -> String {
        let Some(root) = self.root else {
            return "Let it trust the issuer of the certificate that --cert names".to_owned();
        };
        let cure = trust::cure(self.runtime.map(Runtime::as_str), root);
        let probably = match self.runtime {
            Some(runtime) => format!("It is probably {}: {cure}", runtime.title()),
            None => format!("The cure: {cure}"),
        };
        if !self.is_forward {
            return probably;
        }
        format!(
            "{probably}. A client that trusts only one certificate (pinning) can't be read: dashcam tunnels it unread for a while when it has refused several times (--tunnel-rejected), and always with --ignore-hosts"
        )
    }

    fn of_alert(&self, alert: Alert) -> String {
        let (name, alert_name) = (self.name, alert_name(alert));
        let whose = if self.root.is_some() { "dashcam's" } else { "the configured (--cert)" };
        match alert {
            Alert::UnknownCA
            | Alert::BadCertificate
            | Alert::CertificateUnknown
            | Alert::UnsupportedCertificate
            | Alert::CertificateRevoked
            | Alert::AccessDenied
            | Alert::DecryptError => {
                format!(
                    "The client rejected {whose} certificate for {name} ({alert_name}). {}.",
                    self.advice()
                )
            }
            Alert::CertificateExpired => format!(
                "For the client, {whose} certificate for {name} is not valid at this time: compare its clock with this machine's."
            ),
            Alert::ProtocolVersion
            | Alert::HandshakeFailure
            | Alert::InsufficientSecurity
            | Alert::IllegalParameter => format!(
                "The client ended the TLS handshake for {name} ({alert_name}): it found nothing acceptable in what dashcam speaks, TLS 1.2 and 1.3. {TUNNEL}."
            ),
            Alert::UserCanceled => {
                format!("The client gave up during the TLS handshake for {name} (user_canceled).")
            }
            _ => format!("The client ended the TLS handshake for {name} with the alert {alert_name}."),
        }
    }
}

/// Returns whether it was the client that refused our TLS: a tunnel would give it the upstream's.
pub(super) fn is_refusal(error: &io::Error) -> bool {
    match of_io(error) {
        Some(Error::AlertReceived(alert)) => *alert != Alert::UserCanceled,
        Some(Error::PeerIncompatible(_) | Error::NoApplicationProtocol) => true,
        Some(_) => false,
        None => is_closed(error),
    }
}

fn is_closed(error: &io::Error) -> bool {
    matches!(error.kind(), ErrorKind::UnexpectedEof | ErrorKind::ConnectionReset | ErrorKind::BrokenPipe)
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
        other => format!("is not valid ({other:?})"),
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

    fn handshake(runtime: Option<Runtime>) -> Handshake<'static> {
        let root = Some(Path::new("/h/ca.pem"));
        Handshake { name: "a.test", root, runtime, is_forward: true }
    }

    #[test]
    fn the_cure_is_the_clients_own() {
        let message = handshake(Some(Runtime::Node)).explain_unused(None);
        assert!(
            message.contains("It is probably Node.js: set NODE_EXTRA_CA_CERTS to '/h/ca.pem'. "),
            "{message}"
        );
        let message = handshake(None).explain_unused(Some(Alert::UnknownCA));
        assert!(message.contains("(unknown_ca). The cure: let it trust '/h/ca.pem'"), "{message}");
        let own = Handshake { root: None, ..handshake(Some(Runtime::Node)) }.explain_unused(None);
        assert!(own.contains("--cert names") && !own.contains("NODE"), "{own}");
        let reverse = Handshake { is_forward: false, ..handshake(None) }.explain_unused(None);
        assert!(!reverse.contains("--tunnel-rejected"), "{reverse}");
    }

    #[test]
    fn only_the_clients_own_refusals_count() {
        for (error, expect) in [
            (Error::AlertReceived(Alert::UnknownCA), true),
            (Error::AlertReceived(Alert::CertificateUnknown), true),
            (Error::AlertReceived(Alert::UserCanceled), false),
            (Error::PeerIncompatible(PeerIncompatible::NoCipherSuitesInCommon), true),
            (Error::NoCertificatesPresented, false),
            (Error::DecryptError, false),
        ] {
            assert_eq!(
                is_refusal(&io::Error::new(ErrorKind::InvalidData, error.clone())),
                expect,
                "{error:?}"
            );
        }
        assert!(is_refusal(&ErrorKind::ConnectionReset.into()) && !is_refusal(&ErrorKind::TimedOut.into()));
    }

    /// Every message says whose fault it is and what to do.
    #[test]
    fn messages() {
        let check = |error: Error, expect: &str| {
            let message = handshake(None).explain(&io::Error::new(ErrorKind::InvalidData, error));
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
