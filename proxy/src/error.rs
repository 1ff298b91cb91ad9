//! Why the proxy can't start.

use std::fmt::Display;
use std::io;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};

/// Why the proxy can't start.
#[derive(Debug, thiserror::Error)]
pub enum BindError {
    /// Somebody else has the address.
    #[error(
        "{address} is in use already: stop what listens there, or choose another port with -p PORT or -m {mode}@PORT"
    )]
    InUse {
        /// The address.
        address: SocketAddr,
        /// The listener's mode.
        mode: String,
    },
    /// The address can't be listened on.
    #[error("can't listen on {address}: {source}")]
    Listen {
        /// The address.
        address: SocketAddr,
        /// The system's reason.
        source: io::Error,
    },
    /// A certificate or key file can't be used.
    #[error("{}: {why}", file.display())]
    Certificate {
        /// The file.
        file: PathBuf,
        /// The fault in it.
        why: String,
    },
    /// An expression for hosts can't be compiled.
    #[error("--ignore-hosts or --allow-hosts: invalid regular expression {}", in_one_line(.0))]
    Hosts(regex::Error),
    /// A parent proxy is one of our own listeners, or the page.
    #[error(
        "the parent proxy {0} is this dashcam itself: everything would go round for ever; name another one, or listen elsewhere"
    )]
    OwnParent(String),
    /// The system gives no thread.
    #[error("the threads that carry traffic can't be started: {0}")]
    Threads(io::Error),
    /// TLS can't be set up.
    #[error("TLS can't be set up: {0}")]
    Tls(String),
}

/// The expression and the fault in it, of an error that points into the expression on lines of its own.
fn in_one_line(error: &regex::Error) -> String {
    let text = error.to_string();
    match (text.lines().nth(1), text.rsplit_once("error: ")) {
        (Some(expression), Some((_, why))) if !expression.starts_with('~') => {
            format!("\u{201c}{}\u{201d}: {why}", expression.trim())
        }
        _ => text,
    }
}

impl BindError {
    pub(crate) fn tls(error: impl Display) -> Self {
        Self::Tls(error.to_string())
    }

    pub(crate) fn certificate(file: &Path, why: &impl Display) -> Self {
        Self::Certificate { file: file.to_owned(), why: why.to_string() }
    }
}
