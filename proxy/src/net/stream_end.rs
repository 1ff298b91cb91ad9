//! The ways in which a stream ends.

use std::io;

use dashcam_exchange::ConnectionEnd;

/// The end of a stream that was not broken.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum StreamEnd {
    /// TCP's, without TLS.
    Plain,
    /// TLS's, which was announced (close_notify).
    Announced,
    /// TCP's under TLS, whose end was not announced: it may be a truncation.
    Unannounced,
}

/// The error of a read from TLS at an end that was not announced.
#[derive(Debug, thiserror::Error)]
#[error("the other side closed the TLS connection without announcing its end (close_notify)")]
pub(crate) struct Unannounced;

impl Unannounced {
    /// Returns whether `error` is such an end.
    pub(crate) fn is(error: &io::Error) -> bool {
        error.kind() == io::ErrorKind::UnexpectedEof
            && error.get_ref().is_some_and(<dyn std::error::Error + Send + Sync>::is::<Self>)
    }
}

impl From<Unannounced> for io::Error {
    fn from(end: Unannounced) -> Self {
        Self::new(io::ErrorKind::UnexpectedEof, end)
    }
}

impl From<StreamEnd> for ConnectionEnd {
    fn from(end: StreamEnd) -> Self {
        match end {
            StreamEnd::Announced => Self::CloseNotify,
            StreamEnd::Plain | StreamEnd::Unannounced => Self::TcpClose,
        }
    }
}
