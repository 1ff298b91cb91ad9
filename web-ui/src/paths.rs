//! The places of the API that more than its routes know.

/// Where the API lives.
pub(crate) const BASE: &str = "/api/v1";

/// Where the metrics are: where those who gather metrics look for them.
pub(crate) const METRICS: &str = "/metrics";

/// The end of sessions, below [`BASE`].
pub(crate) const SIGN_OUT: &str = "/sign-out";

/// A new token, below [`BASE`].
pub(crate) const ROTATE: &str = "/token/rotate";

/// Returns whether `path` ends sessions or the token: that changes nothing of the recording.
pub(crate) fn is_of_access(path: &str) -> bool {
    path.strip_prefix(BASE).is_some_and(|path| path == SIGN_OUT || path == ROTATE)
}
