//! The one who changes something.

/// The one who changes something, as the history names them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Author {
    /// The user: `page` (a session), `api` (the token), `alice (uid 1000)` (the command line), or a part of dashcam:
    /// `signal`, `config.toml`, `start`, `lease`.
    pub who: String,
    /// The address of a caller of the page.
    pub address: Option<String>,
    /// The beginning of its session's name, which is a hash of the session's secret.
    pub session: Option<String>,
}

impl Author {
    /// One without an address.
    #[must_use]
    pub fn named(who: impl Into<String>) -> Self {
        Self { who: who.into(), address: None, session: None }
    }
}
