//! The cookie that names a session.

use std::time::Duration;

use axum::http::{HeaderMap, header};
use dashcam_proxy::session_cookie;

/// The cookie of one listener, by a name that no other dashcam's page has ([`session_cookie`]).
#[derive(Debug, Clone)]
pub(crate) struct Cookie {
    name: String,
    attributes: &'static str,
}

impl Cookie {
    /// For the listener at `port`, or on a socket, of a dashcam with this root; one that speaks TLS never has its cookie sent
    /// without.
    pub(crate) fn new(port: Option<u16>, root_pem: &str, is_secure: bool) -> Self {
        let name = session_cookie(port, root_pem);
        let attributes = if is_secure {
            "; Path=/; HttpOnly; SameSite=Strict; Secure"
        } else {
            "; Path=/; HttpOnly; SameSite=Strict"
        };
        Self { name, attributes }
    }

    /// `Set-Cookie` for a session that lasts for `lifetime` at most.
    pub(super) fn set(&self, value: &str, lifetime: Duration) -> String {
        format!("{}={value}{}; Max-Age={}", self.name, self.attributes, lifetime.as_secs())
    }

    /// `Set-Cookie` that makes the browser forget it.
    pub(crate) fn forget(&self) -> String {
        format!("{}={}; Max-Age=0", self.name, self.attributes)
    }

    /// The values of cookies of this name.
    pub(super) fn values<'a>(&'a self, headers: &'a HeaderMap) -> impl Iterator<Item = &'a str> {
        let fields = headers.get_all(header::COOKIE).iter().filter_map(|field| field.to_str().ok());
        let pairs = fields.flat_map(|field| field.split(';')).filter_map(|pair| pair.trim().split_once('='));
        pairs.filter(|(name, _)| *name == self.name).map(|(_, value)| value)
    }
}

#[cfg(test)]
mod tests {
    use axum::http::HeaderValue;

    use super::*;

    #[test]
    fn each_listener_of_each_dashcam_has_its_own() {
        let plain = Cookie::new(Some(8081), "a root", false);
        let day = Duration::from_secs(86_400);
        let value = "dashcam_session_8081_50b312f5=x; Path=/; HttpOnly; SameSite=Strict; Max-Age=86400";
        assert_eq!(plain.set("x", day), value);
        assert!(Cookie::new(None, "a root", true).forget().starts_with("dashcam_session_50b312f5=; "));
        assert!(Cookie::new(Some(1), "a root", true).set("x", day).contains("; Secure;"));
        let names = "dashcam_session_8082_50b312f5=a; dashcam_session_8081_50b312f5=b; dashcam_session_8081_00000000=d";
        let mut headers = HeaderMap::new();
        headers.append("cookie", HeaderValue::from_static(names));
        headers.append("cookie", HeaderValue::from_static("dashcam_session_8081_50b312f5=c"));
        assert_eq!(plain.values(&headers).collect::<Vec<_>>(), ["b", "c"]);
        assert_ne!(plain.name, Cookie::new(Some(8081), "another root", false).name);
    }
}
