//! The page's own listener: where it is, under which names, with which limits.
//!
//! In reading order: [`accept`] takes connections as far as [`admission`] has room, serves them over [`progress`],
//! and [`bounds`] limits what calls take for long. The guard stands behind that (`guard.rs`).

pub(crate) mod accept;
pub(crate) mod admission;
pub(crate) mod body;
pub(crate) mod bounds;
mod limits;
mod progress;
mod tls;

use std::io;
use std::net::SocketAddr;
use std::path::PathBuf;

use tokio::net::{TcpListener, UnixListener};

pub use limits::PageLimits;
pub use tls::{PageTls, PageTlsError};

/// The page's listener and how it is served.
#[derive(Debug)]
pub struct Page {
    /// Where connections come from.
    pub listener: PageListener,
    /// The certificate that it shows; `None`: plain HTTP.
    pub tls: Option<PageTls>,
    /// Names besides its addresses under which it may be called, as a `Host` field has them.
    pub names: Vec<String>,
    /// The limits for its callers.
    pub limits: PageLimits,
}

/// A bound listener.
#[derive(Debug)]
pub enum PageListener {
    /// At an address.
    Tcp(TcpListener),
    /// At a path.
    Unix(UnixListener),
}

/// Where the page is, as `/status` says it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct PagePlace {
    /// Its URL without the token, if it has an address.
    pub url: Option<String>,
    /// Its socket, if it is on one.
    pub socket: Option<PathBuf>,
}

impl Page {
    /// The address, unless it is on a Unix socket.
    pub(crate) fn address(&self) -> io::Result<Option<SocketAddr>> {
        match &self.listener {
            PageListener::Tcp(listener) => listener.local_addr().map(Some),
            PageListener::Unix(_) => Ok(None),
        }
    }
}
