//! Clients that leave right after the handshake: some look at the certificate only then, and say nothing.

use std::io;
use std::time::Duration;

use dashcam_exchange::Runtime;
use rustls::{AlertDescription as Alert, Error};

use crate::net::tls::of_io;

/// How soon after the handshake a client closes that does not like the certificate. One that opened a connection to have
/// it at hand keeps it for longer.
const AT_ONCE: Duration = Duration::from_secs(2);

/// The end of a connection over which nothing came but the handshake.
#[derive(Debug)]
pub(crate) struct Unused {
    /// The time since the handshake.
    pub(crate) after: Duration,
    /// The error that ended it, if that was no proper end.
    pub(crate) error: Option<io::Error>,
}

impl Unused {
    /// The alert that ended it.
    pub(crate) fn alert(&self) -> Option<Alert> {
        match self.error.as_ref().and_then(of_io) {
            Some(Error::AlertReceived(alert)) => Some(*alert),
            _ => None,
        }
    }

    /// Returns whether the client refused our TLS, or probably did. Browsers open connections that they may not need, and
    /// always say by an alert what they don't like.
    pub(crate) fn is_refusal(&self, runtime: Option<Runtime>) -> bool {
        let is_browser = matches!(runtime, Some(Runtime::Chromium | Runtime::Firefox));
        match self.alert() {
            Some(alert) => alert != Alert::UserCanceled,
            None => self.after < AT_ONCE && !is_browser,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::net::tls::TlsError;

    #[test]
    fn a_client_that_leaves_at_once_or_with_an_alert_refuses() {
        let alert = |alert| Some(io::Error::other(TlsError(Error::AlertReceived(alert))));
        let reset = || Some(io::ErrorKind::ConnectionReset.into());
        for (millis, error, runtime, expect) in [
            (10, None, None, true),
            (10, None, Some(Runtime::Gnutls), true),
            (10, reset(), Some(Runtime::Curl), true),
            (10, None, Some(Runtime::Chromium), false),
            (10, alert(Alert::CertificateUnknown), Some(Runtime::Chromium), true),
            (10, alert(Alert::UserCanceled), None, false),
            (10_000, None, None, false),
            (10_000, reset(), None, false),
            (10_000, alert(Alert::UnknownCA), None, true),
        ] {
            let unused = Unused { after: Duration::from_millis(millis), error };
            assert_eq!(unused.is_refusal(runtime), expect, "{unused:?} {runtime:?}");
        }
    }
}
