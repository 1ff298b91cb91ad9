//! The targets of a program's environment.

use std::net::SocketAddr;
use std::path::Path;

use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};

/// The targets of the variables.
#[derive(Debug)]
pub(crate) struct Pointers<'a> {
    /// The forward listener.
    pub(crate) proxy: SocketAddr,
    /// The user name and the password that it asks for.
    pub(crate) credential: Option<(&'a str, &'a str)>,
    /// Our root alone, for programs that add it to theirs.
    pub(crate) root: &'a Path,
    /// The system's roots and ours, for programs that take it in place of theirs.
    pub(crate) bundle: &'a Path,
    /// The same as a Java trust store, if one could be made.
    pub(crate) java_store: Option<&'a Path>,
    /// The folder of files that stay when the program has ended, for what it leaves behind.
    pub(crate) lasting: &'a Path,
    /// The folder of files that go with the program: they may hold a copy of what is the user's own.
    pub(crate) passing: &'a Path,
}

/// The proxy's URL, with the password that it asks for.
pub(super) fn proxy_url(pointers: &Pointers<'_>) -> String {
    let user = pointers.credential.map(|(user, password)| format!("{}:{}@", in_url(user), in_url(password)));
    format!("http://{}{}", user.unwrap_or_default(), reachable(pointers.proxy))
}

/// An address that a client on this machine can connect to.
pub(crate) fn reachable(proxy: SocketAddr) -> SocketAddr {
    let ip = match proxy {
        SocketAddr::V4(address) if address.ip().is_unspecified() => [127, 0, 0, 1].into(),
        SocketAddr::V6(address) if address.ip().is_unspecified() => std::net::Ipv6Addr::LOCALHOST.into(),
        other => other.ip(),
    };
    SocketAddr::new(ip, proxy.port())
}

/// A text as a URL has it before the host.
fn in_url(text: &str) -> impl std::fmt::Display {
    utf8_percent_encode(text, NON_ALPHANUMERIC)
}
