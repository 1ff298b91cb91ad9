//! The destination that a request's target and `Host` name (RFC 9112 §3.2).

use dashcam_exchange::{Destination, Headers, RequestHead, Scheme, Version};

use crate::h1::parse::{BadHead, RawRequest};

/// Where a request goes.
pub(crate) struct Target {
    /// The target in origin form, or `*`, where that is not what was sent.
    pub(crate) path: Option<String>,
    /// The authority of an absolute-form target.
    pub(crate) authority: Option<String>,
    pub(crate) destination: Destination,
}

/// Where `raw` goes: to `fixed`, or where its absolute-form target says.
pub(crate) fn resolve(raw: &RawRequest, fixed: Option<&Destination>) -> Result<Target, BadHead> {
    check_host(raw.version, &raw.headers)?;
    if raw.method == "CONNECT" {
        // Where the destination is fixed there is nothing to connect to, and its upstream must not see it.
        return Err(BadHead::Target);
    }
    if raw.target.starts_with('/') || (raw.target == "*" && raw.method == "OPTIONS") {
        let destination = fixed.ok_or(BadHead::NoDestination)?.clone();
        return Ok(Target { path: None, authority: None, destination });
    }
    let (scheme, rest) = raw.target.split_once("://").ok_or(BadHead::Target)?;
    let scheme = Scheme::parse(scheme).ok_or(BadHead::Target)?;
    let path_at = rest.find(['/', '?', '#']).unwrap_or(rest.len());
    let (authority, path) = rest.split_at(path_at);
    let named = Destination::parse(scheme, authority).map_err(|_| BadHead::Target)?;
    let path = match path {
        "" if raw.method == "OPTIONS" => "*".to_owned(),
        path if path.starts_with('/') => path.to_owned(),
        path => format!("/{path}"),
    };
    let destination = fixed.cloned().unwrap_or(named);
    Ok(Target { path: Some(path), authority: Some(authority.to_owned()), destination })
}

/// Returns whether an HTTP/2 request names at most one host, and that is one.
pub(crate) fn names_one_host(head: &RequestHead) -> bool {
    let mut hosts = head.headers.all("host");
    let first = hosts.next();
    let is_host = |host: &[u8]| std::str::from_utf8(host).is_ok_and(Destination::is_authority);
    hosts.next().is_none()
        && first.is_none_or(is_host)
        && head.authority.as_ref().is_none_or(|authority| is_host(authority.as_bytes()))
}

fn check_host(version: Version, headers: &Headers) -> Result<(), BadHead> {
    let mut hosts = headers.all("host");
    let valid = match hosts.next() {
        None => version == Version::Http10,
        Some(b"") => true,
        Some(host) => std::str::from_utf8(host).is_ok_and(Destination::is_authority),
    };
    if valid && hosts.next().is_none() { Ok(()) } else { Err(BadHead::Host) }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(method: &str, target: &str, fixed: bool, expect: Option<(&str, &str)>) {
        let headers = [("Host", "h")].into_iter().collect();
        let raw =
            RawRequest { method: method.into(), target: target.into(), version: Version::Http11, headers };
        let fixed = fixed.then(|| Destination::parse(Scheme::Https, "fixed").unwrap());
        let found = resolve(&raw, fixed.as_ref()).ok();
        let found = found.map(|target| (target.path.unwrap_or(raw.target), target.destination.to_string()));
        assert_eq!(found, expect.map(|(target, to)| (target.to_owned(), to.to_owned())), "{method} {target}");
    }

    #[test]
    fn targets() {
        check("GET", "/a?b", true, Some(("/a?b", "https://fixed")));
        check("GET", "/a", false, None);
        check("GET", "http://A:81/x", false, Some(("/x", "http://a:81")));
        check("GET", "http://a?x", false, Some(("/?x", "http://a")));
        check("GET", "http://a", false, Some(("/", "http://a")));
        check("OPTIONS", "http://a", false, Some(("*", "http://a")));
        check("OPTIONS", "*", true, Some(("*", "https://fixed")));
        check("GET", "*", true, None);
        check("GET", "http://other/x", true, Some(("/x", "https://fixed")));
        check("GET", "ftp://a/", false, None);
        check("GET", "http://u@a/", false, None);
        check("CONNECT", "a:443", true, None);
        check("CONNECT", "/", true, None);
    }
}
