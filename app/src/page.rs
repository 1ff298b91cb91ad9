//! Where the page is to be, and what is open to whom there.

use std::net::SocketAddr;
use std::os::unix::fs::FileTypeExt as _;
use std::path::{Path, PathBuf};
use std::{fs, io};

use anyhow::{Context as _, Result, anyhow, bail};
use dashcam_web_ui::{Page, PageLimits, PageListener, PagePlace, PageTls};
use tokio::net::{TcpListener, UnixListener, UnixStream};

use crate::control_socket::{self, SocketFile};
use crate::environment::reachable;

/// Where the page is to be, and how it is served.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct PageOptions {
    pub(crate) place: Place,
    /// A certificate chain and its key.
    pub(crate) certificate: Option<(PathBuf, PathBuf)>,
    /// Names besides its addresses.
    pub(crate) names: Vec<String>,
    pub(crate) limits: PageLimits,
}

/// Where the page is to be.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Place {
    /// At an address.
    Address(SocketAddr),
    /// On a Unix socket.
    Socket(PathBuf),
    /// There is none.
    Nowhere,
}

/// The page's listener, bound.
#[derive(Debug)]
pub(crate) struct BoundPage {
    /// `None`: there is no page.
    pub(crate) page: Option<Page>,
    pub(crate) place: PagePlace,
    /// Its address; `None` on a socket.
    pub(crate) address: Option<SocketAddr>,
    pub(crate) socket_file: Option<SocketFile>,
}

/// Binds the page's listener, and warns if strangers reach it.
pub(crate) async fn bind(options: &PageOptions) -> Result<BoundPage> {
    let PageOptions { place, certificate, names, limits } = options;
    let tls = certificate.as_ref().map(|(certificate, key)| PageTls::load(certificate, key)).transpose()?;
    let is_secure = tls.is_some();
    let page = |listener| Page { listener, tls, names: names.clone(), limits: limits.clone() };
    match place {
        Place::Nowhere => {
            Ok(BoundPage { page: None, place: PagePlace::default(), address: None, socket_file: None })
        }
        Place::Socket(path) => {
            let (listener, file) = bind_socket(path).await?;
            let place = PagePlace { url: None, socket: Some(path.clone()) };
            let page = Some(page(PageListener::Unix(listener)));
            Ok(BoundPage { page, place, address: None, socket_file: Some(file) })
        }
        Place::Address(address) => {
            let listener = bind_address(*address).await?;
            let address = listener.local_addr()?;
            if let Some(warning) = exposure(address, is_secure) {
                tracing::warn!("{warning}");
            }
            let place = PagePlace { url: Some(url(address, is_secure, names)), socket: None };
            let page = Some(page(PageListener::Tcp(listener)));
            Ok(BoundPage { page, place, address: Some(address), socket_file: None })
        }
    }
}

async fn bind_address(address: SocketAddr) -> Result<TcpListener> {
    TcpListener::bind(address).await.map_err(|error| match error.kind() {
        io::ErrorKind::AddrInUse => anyhow!(
            "the page's address {address} is in use: choose another with --web-port PORT, or 0 for a free one"
        ),
        _ => anyhow!("the page can't listen on {address} ({error}): choose --web-host and --web-port"),
    })
}

/// A socket that only its owner can open, in place of one that nobody listens on any more. A file is never replaced.
async fn bind_socket(path: &Path) -> Result<(UnixListener, SocketFile)> {
    if fs::symlink_metadata(path).is_ok_and(|there| !there.file_type().is_socket()) {
        bail!("{} exists and is not a socket: choose another --web-socket", path.display());
    }
    if UnixStream::connect(path).await.is_ok() {
        bail!("{} is in use by another program: choose another --web-socket", path.display());
    }
    let wrong = || format!("the page can't listen on {}: choose another --web-socket", path.display());
    control_socket::bind(path).await.with_context(wrong)
}

/// The page's URL: by the first name if a certificate has to be for it, else by an address of this machine.
fn url(address: SocketAddr, is_secure: bool, names: &[String]) -> String {
    match (is_secure, names.first()) {
        (true, Some(name)) => format!("https://{name}:{}/", address.port()),
        (true, None) => format!("https://{}/", reachable(address)),
        (false, _) => format!("http://{}/", reachable(address)),
    }
}

/// A warning of what is open to whom, if others than this machine reach the page.
fn exposure(address: SocketAddr, is_secure: bool) -> Option<String> {
    if address.ip().to_canonical().is_loopback() {
        return None;
    }
    let reach = match address.ip() {
        ip if ip.is_unspecified() => "every machine that reaches this one".to_owned(),
        ip => format!("every machine that reaches {ip}"),
    };
    let open = format!(
        "the page is open to {reach}, on port {}: anyone with its token can read the whole recording, secrets \
         included, delete it or switch it off",
        address.port()
    );
    let clear = "; the token and the page travel unencrypted: add --web-cert and --web-key, or leave out \
                 --web-host and reach the page through `ssh -L`";
    Some(if is_secure { open } else { open + clear })
}

/// Where the page is, in a sentence for the log.
pub(crate) fn sentence(place: &PagePlace, token: &Path) -> String {
    let token = token.display();
    match (&place.url, &place.socket) {
        (Some(url), _) => format!("the page is on {url} (its token is in {token})"),
        (None, Some(socket)) => {
            format!("the page is on the socket {} (its token is in {token})", socket.display())
        }
        (None, None) => {
            "there is no page (--no-web): the command line reaches this dashcam over its control socket"
                .to_owned()
        }
    }
}

/// The page's address that signs a browser in; its socket if it has none.
pub(crate) fn signing_in(place: &PagePlace, token: &str) -> Option<String> {
    match (&place.url, &place.socket) {
        (Some(url), _) => Some(format!("{url}?token={token}")),
        (None, Some(socket)) => Some(format!("{}  /?token={token}", socket.display())),
        (None, None) => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn strangers_are_warned_of_and_loopback_is_not() {
        for address in ["127.0.0.1:1", "[::1]:1", "127.8.8.8:1", "[::ffff:127.0.0.1]:1"] {
            assert_eq!(exposure(address.parse().unwrap(), false), None, "{address}");
        }
        let plain = exposure("0.0.0.0:8081".parse().unwrap(), false).unwrap();
        assert!(plain.contains("every machine that reaches this one, on port 8081"), "{plain}");
        assert!(plain.contains("unencrypted: add --web-cert"), "{plain}");
        let secure = exposure("192.0.2.1:8081".parse().unwrap(), true).unwrap();
        assert!(secure.contains("reaches 192.0.2.1") && !secure.contains("unencrypted"), "{secure}");
    }

    #[test]
    fn urls_can_be_opened() {
        let names = ["dashcam.example".to_owned()];
        for (address, is_secure, names, expect) in [
            ("127.0.0.1:8081", false, &[][..], "http://127.0.0.1:8081/"),
            ("0.0.0.0:8081", false, &names[..], "http://127.0.0.1:8081/"),
            ("[::]:8081", true, &[][..], "https://[::1]:8081/"),
            ("0.0.0.0:443", true, &names[..], "https://dashcam.example:443/"),
        ] {
            assert_eq!(url(address.parse().unwrap(), is_secure, names), expect);
        }
    }

    #[tokio::test]
    async fn a_file_is_never_replaced_by_the_socket() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("page.sock");
        fs::write(&path, "mine").unwrap();
        assert!(bind_socket(&path).await.unwrap_err().to_string().contains("is not a socket"));
        assert_eq!(fs::read_to_string(&path).unwrap(), "mine");
        fs::remove_file(&path).unwrap();
        let bound = bind_socket(&path).await.unwrap();
        assert!(bind_socket(&path).await.unwrap_err().to_string().contains("in use"));
        drop(bound);
        assert!(!path.exists());
    }
}
