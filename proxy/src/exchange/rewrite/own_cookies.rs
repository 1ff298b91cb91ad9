//! The page's own cookies. Browsers send them to every port of the page's host; no upstream gets them.

use std::net::SocketAddr;

use dashcam_exchange::Headers;
use memchr::memchr_iter;
use sha2::{Digest as _, Sha256};

/// The name of the cookie in which the page at `port`, or on a socket, keeps a browser's session.
///
/// Browsers keep cookies by host and not by port, and behind `ssh -L` or a container's ports several machines have one host
/// and one port each. So the name has the page's port in it, and a digest of the root, which every home has for itself.
#[must_use]
pub fn session_cookie(port: Option<u16>, root_pem: &str) -> String {
    let [a, b, c, d, ..]: [u8; 32] = Sha256::digest(root_pem).into();
    let digest = u32::from_be_bytes([a, b, c, d]);
    let port = port.map(|port| format!("{port}_")).unwrap_or_default();
    format!("dashcam_session_{port}{digest:08x}")
}

/// Their names.
pub(crate) struct OwnCookies {
    names: Vec<String>,
}

impl OwnCookies {
    /// Those of the pages at `addresses`, of a dashcam with this root.
    pub(crate) fn new(addresses: &[SocketAddr], root_pem: &str) -> Self {
        let sessions = addresses.iter().map(|address| session_cookie(Some(address.port()), root_pem));
        // Those of a page on a socket, and of older dashcams.
        let others = [session_cookie(None, root_pem), "dashcam_token".to_owned()];
        let names = sessions.chain(others).collect();
        Self { names }
    }

    /// Takes them out of a request's fields; a field in which nothing is left goes.
    pub(crate) fn strip(&self, fields: &mut Headers) {
        if !fields.all("cookie").any(may_be_own) {
            return;
        }
        let is_cookie = |name: &[u8]| name.eq_ignore_ascii_case(b"cookie");
        *fields = fields.with_values(|name, value| is_cookie(name).then(|| self.without(value)));
        fields.retain(|name, value| !is_cookie(name) || !value.is_empty());
    }

    fn without(&self, cookies: &[u8]) -> Vec<u8> {
        let is_own = |pair: &[u8]| {
            let name = pair.split(|byte| *byte == b'=').next().unwrap_or_default().trim_ascii();
            self.names.iter().any(|own| own.as_bytes() == name)
        };
        let kept: Vec<_> = cookies.split(|byte| *byte == b';').filter(|pair| !is_own(pair)).collect();
        kept.join(&b';').trim_ascii().to_vec()
    }
}

/// Returns whether one of the page's cookies may be among those in `value`: all of them begin alike.
fn may_be_own(value: &[u8]) -> bool {
    memchr_iter(b'_', value).any(|at| value[..at].ends_with(b"dashcam"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(cookies: &[&str], expect: &[&str]) {
        let fields = |cookies: &[&str]| -> Headers {
            [("Host", "a")].into_iter().chain(cookies.iter().map(|cookie| ("Cookie", *cookie))).collect()
        };
        let mut found = fields(cookies);
        OwnCookies::new(&["127.0.0.1:8081".parse().unwrap()], "a root").strip(&mut found);
        assert_eq!(found, fields(expect));
    }

    #[test]
    fn cookies() {
        check(&["a=1; b=2"], &["a=1; b=2"]);
        check(&["a=1; dashcam_session_8081_50b312f5=x; b=2"], &["a=1; b=2"]);
        check(&["dashcam_session_8081_50b312f5=x; a=1"], &["a=1"]);
        check(&["a=1 ; dashcam_session_8081_50b312f5=x"], &["a=1"]);
        check(&["dashcam_token=x", "a=1"], &["a=1"]);
        check(&["dashcam_token=x; dashcam_session_8081_50b312f5=y", "dashcam_session_50b312f5=z"], &[]);
        check(
            &["dashcam_session_9081_50b312f5=x; dashcam_theme=dark"],
            &["dashcam_session_9081_50b312f5=x; dashcam_theme=dark"],
        );
        check(&["mine=dashcam_token"], &["mine=dashcam_token"]);
        check(&["dashcam_session_8081_00000000=x"], &["dashcam_session_8081_00000000=x"]);
    }
}
