//! The cookie that names a session.

use std::time::Duration;

use axum::http::{HeaderMap, header};

/// The cookie of one listener: browsers keep cookies by host and not by port, so the port is in its name.
#[derive(Debug, Clone)]
pub(crate) struct Cookie {
    name: String,
    attributes: &'static str,
}

impl Cookie {
    /// For the listener at `port`, or on a socket; one that speaks TLS never has its cookie sent without.
    pub(crate) fn new(port: Option<u16>, is_secure: bool) -> Self {
        let name =
            port.map_or_else(|| "dashcam_session".to_owned(), |port| format!("dashcam_session_{port}"));
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
    fn each_listener_has_its_own() {
        let plain = Cookie::new(Some(8081), false);
        let day = Duration::from_secs(86_400);
        assert_eq!(
            plain.set("x", day),
            "dashcam_session_8081=x; Path=/; HttpOnly; SameSite=Strict; Max-Age=86400"
        );
        assert!(Cookie::new(None, true).forget().starts_with("dashcam_session=; "));
        assert!(Cookie::new(Some(1), true).set("x", day).contains("; Secure;"));
        let mut headers = HeaderMap::new();
        headers.append("cookie", HeaderValue::from_static("dashcam_session_8082=a; dashcam_session_8081=b"));
        headers.append("cookie", HeaderValue::from_static("dashcam_session_8081=c"));
        assert_eq!(plain.values(&headers).collect::<Vec<_>>(), ["b", "c"]);
    }
}
