//! Over which way a call came.

/// The caller, as the settings' history tells it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Principal {
    /// A browser, with a session.
    Page,
    /// A program, with the token as bearer.
    Api,
    /// A program of the same user, over the control socket.
    Cli,
}

impl Principal {
    pub(crate) fn as_str(self) -> &'static str {
        match self {
            Self::Page => "page",
            Self::Api => "api",
            Self::Cli => "cli",
        }
    }
}
