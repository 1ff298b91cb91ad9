//! An entry of the table of modes.

use std::fmt;
use std::pin::Pin;
use std::sync::Arc;

use crate::config::Mode;
use crate::net::io::Io;
use crate::serve::client_record::ClientRecord;
use crate::serve::server::Server;

/// A mode: how it is written, and how it serves.
#[derive(Debug, Clone, Copy)]
pub struct ModeSpec {
    /// The word that its texts begin with.
    pub name: &'static str,
    /// An example of its upstream's URL, which stands behind the name and a colon; `None` if clients name their
    /// destinations.
    pub upstream: Option<&'static str>,
    /// An example of its parent proxy's URL, which stands there instead; `None` if it has none.
    pub parent: Option<&'static str>,
    /// True if it takes connections that were meant for other addresses, whose clients know nothing of dashcam.
    pub(crate) foreign: bool,
    /// Serves a client's connection.
    pub(crate) run: Run,
}

/// A client's connection that a listener took.
pub(crate) struct Accepted<'a> {
    pub(crate) io: Io,
    pub(crate) mode: &'a Mode,
    pub(crate) server: &'a Arc<Server>,
    pub(crate) log: &'a mut ClientRecord,
}

/// Serves a connection to its end.
pub(crate) type Run = for<'a> fn(Accepted<'a>) -> Pin<Box<dyn Future<Output = ()> + Send + 'a>>;

impl ModeSpec {
    /// An example of the URL behind its name; `None` if none stands there.
    #[must_use]
    pub fn url(&self) -> Option<&'static str> {
        self.upstream.or(self.parent)
    }
}

/// The grammar: the name, and `:URL` if one stands there.
impl fmt::Display for ModeSpec {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let url = if self.url().is_some() { ":URL" } else { "" };
        write!(f, "{}{url}", self.name)
    }
}
