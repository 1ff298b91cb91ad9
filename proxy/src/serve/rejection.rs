//! Clients that leave right after the handshake: some look at the certificate only then, and say nothing.

use std::io;
use std::time::Duration;

use rustls::{AlertDescription as Alert, Error};

use crate::net::tls::of_io;

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

    /// Returns whether the client said nothing of our certificate: it closed TLS as usual, TCP only, or by a reset.
    pub(crate) fn is_silent(&self) -> bool {
        self.alert().is_none()
    }

    /// Returns whether the client refused our TLS, or probably did: [`is_silent`](Self::is_silent), and left within
    /// `at_once`. Browsers open connections that they may not need, and always say by an alert what they don't like.
    pub(crate) fn is_refusal(&self, is_browser: bool, at_once: Duration) -> bool {
        match self.alert() {
            Some(alert) => alert != Alert::UserCanceled,
            None => self.after < at_once && !is_browser,
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
        for (millis, error, is_browser, expect) in [
            (10, None, false, true),
            (10, reset(), false, true),
            (499, None, false, true),
            (500, None, false, false),
            (10_000, reset(), false, false),
            (10, None, true, false),
            (10, reset(), true, false),
            (10, alert(Alert::CertificateUnknown), true, true),
            (10, alert(Alert::UserCanceled), false, false),
            (10_000, alert(Alert::UnknownCA), false, true),
        ] {
            let unused = Unused { after: Duration::from_millis(millis), error };
            assert_eq!(
                unused.is_refusal(is_browser, Duration::from_millis(500)),
                expect,
                "{unused:?} {is_browser}"
            );
        }
    }
}
