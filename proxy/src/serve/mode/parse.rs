//! Modes as texts: the grammar is that of the table.

use std::net::{Ipv4Addr, SocketAddr};
use std::str::FromStr;

use dashcam_exchange::{Destination, Scheme};

use crate::config::{Mode, Parent};
use crate::serve::mode::MODES;
use crate::serve::mode::spec::ModeSpec;

/// A mode that can't be understood.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{problem} \u{201c}{text}\u{201d}; expected {expected}")]
pub struct InvalidMode {
    problem: &'static str,
    text: String,
    expected: String,
}

impl Default for Mode {
    fn default() -> Self {
        Self { name: MODES[0].name, upstream: None, parent: None, listen: None }
    }
}

impl FromStr for Mode {
    type Err = InvalidMode;

    fn from_str(text: &str) -> Result<Self, InvalidMode> {
        let (kind, listen) = split_listen(text);
        let invalid =
            |problem, expected| InvalidMode { problem, text: without_userinfo(kind, listen), expected };
        let address = || "@PORT or @ADDRESS:PORT, such as @127.0.0.1:9000".to_owned();
        let listen = listen.map(|listen| {
            parse_listen(listen).ok_or_else(|| invalid("invalid address after the @ in mode", address()))
        });
        let listen = listen.transpose()?;
        let (name, url) = match kind.split_once(':') {
            Some((name, url)) => (name, Some(url)),
            None => (kind, None),
        };
        let is_meant = |spec: &&ModeSpec| spec.name == name && spec.url().is_some() == url.is_some();
        let spec = MODES.iter().find(is_meant).ok_or_else(|| invalid("unknown mode", grammar()))?;
        let upstream = url.filter(|_| spec.upstream.is_some()).map(|url| {
            let urls = || format!("{name}:http://HOST[:PORT] or {name}:https://HOST[:PORT], without a path");
            parse_upstream(url).ok_or_else(|| invalid("invalid upstream in mode", urls()))
        });
        let parent = url.filter(|_| spec.parent.is_some()).map(|url| {
            let urls = || {
                format!(
                    "{name}:URL, where URL is http://, https://, socks5:// or socks5h:// and [USER:PASSWORD@]HOST[:PORT]"
                )
            };
            url.parse().map_err(|_| invalid("invalid parent proxy in mode", urls()))
        });
        Ok(Self { name: spec.name, upstream: upstream.transpose()?, parent: parent.transpose()?, listen })
    }
}

/// The mode, and the address to listen on behind its last `@`. That `@` may also end the user and the password in a
/// parent's URL: it does where it can't be the address's.
fn split_listen(text: &str) -> (&str, Option<&str>) {
    let Some((kind, listen)) = text.rsplit_once('@') else { return (text, None) };
    let has_parent = |spec: &ModeSpec| spec.parent.is_some() && kind.starts_with(spec.name);
    let is_url = |kind: &str| kind.split_once(':').is_some_and(|(_, url)| url.parse::<Parent>().is_ok());
    if MODES.iter().any(has_parent) && (parse_listen(listen).is_none() || !is_url(kind)) {
        return (text, None);
    }
    (kind, Some(listen))
}

/// The text as it can be shown.
fn without_userinfo(kind: &str, listen: Option<&str>) -> String {
    let kind = match (kind.split_once("://"), kind.rsplit_once('@')) {
        (Some((scheme, _)), Some((_, authority))) => format!("{scheme}://\u{2026}@{authority}"),
        _ => kind.to_owned(),
    };
    listen.map_or(kind.clone(), |listen| format!("{kind}@{listen}"))
}

/// All modes, and an example of one with a URL.
fn grammar() -> String {
    let all: Vec<_> = MODES.iter().map(ToString::to_string).collect();
    let example = MODES.iter().find_map(|spec| Some(format!("{}:{}", spec.name, spec.url()?)));
    format!("{}, such as {}", all.join(" or "), example.unwrap_or_default())
}

fn parse_listen(text: &str) -> Option<(Option<std::net::IpAddr>, u16)> {
    if let Ok(port) = text.parse() {
        return Some((None, port));
    }
    if let Some(port) = text.strip_prefix("localhost:") {
        return Some((Some(Ipv4Addr::LOCALHOST.into()), port.parse().ok()?));
    }
    text.parse::<SocketAddr>().ok().map(|address| (Some(address.ip()), address.port()))
}

fn parse_upstream(text: &str) -> Option<Destination> {
    let (scheme, authority) = text.split_once("://")?;
    let authority = authority.strip_suffix('/').unwrap_or(authority);
    Destination::parse(Scheme::parse(scheme)?, authority).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(text: &str, expect: (&str, &str)) {
        let mode = text.parse::<Mode>().unwrap();
        let address = mode.address(Ipv4Addr::LOCALHOST.into(), 8080).to_string();
        assert_eq!((mode.to_string().as_str(), address.as_str()), expect, "{text}");
    }

    fn check_invalid(text: &str, expect: &str) {
        assert_eq!(text.parse::<Mode>().unwrap_err().to_string(), expect);
    }

    #[test]
    fn modes() {
        check("forward", ("forward", "127.0.0.1:8080"));
        check("forward@9000", ("forward", "127.0.0.1:9000"));
        check("forward@0.0.0.0:9000", ("forward", "0.0.0.0:9000"));
        check("reverse:http://a:81/@[::1]:9000", ("reverse:http://a:81", "[::1]:9000"));
        check("reverse:https://a", ("reverse:https://a", "127.0.0.1:8080"));
        check("socks5", ("socks5", "127.0.0.1:8080"));
        check("socks5@1080", ("socks5", "127.0.0.1:1080"));
        check("transparent@[::]:1", ("transparent", "[::]:1"));
        check("socks5@localhost:1080", ("socks5", "127.0.0.1:1080"));
        check("upstream:http://a:81", ("upstream:http://a:81", "127.0.0.1:8080"));
        check("upstream:socks5h://a@9000", ("upstream:socks5h://a:1080", "127.0.0.1:9000"));
        check("upstream:http://a:81@127.0.0.1:9000", ("upstream:http://a:81", "127.0.0.1:9000"));
        for parent in ["u:secret@a:81", "u:s@cret@a:81", "u:8000@a:81"] {
            let text = format!("upstream:http://{parent}");
            check(&text, ("upstream:http://a:81", "127.0.0.1:8080"));
            check(&format!("{text}@9000"), ("upstream:http://a:81", "127.0.0.1:9000"));
            check(&format!("{text}@[::1]:9000"), ("upstream:http://a:81", "[::1]:9000"));
        }
        check("upstream:http://u:secret@10.0.0.1:81", ("upstream:http://10.0.0.1:81", "127.0.0.1:8080"));
        assert_eq!(Mode::default(), "forward".parse().unwrap());
    }

    #[test]
    fn errors_say_what_the_table_has() {
        for unknown in ["", "reverse", "forward:http://a", "socks4", "socks5:http://a", "upstream"] {
            let modes = "forward or reverse:URL or socks5 or transparent or upstream:URL, such as \
                reverse:http://127.0.0.1:3000";
            check_invalid(unknown, &format!("unknown mode \u{201c}{unknown}\u{201d}; expected {modes}"));
        }
        for invalid in ["reverse:a", "reverse:ftp://a", "reverse:http://a/path"] {
            let urls = "reverse:http://HOST[:PORT] or reverse:https://HOST[:PORT], without a path";
            check_invalid(
                invalid,
                &format!("invalid upstream in mode \u{201c}{invalid}\u{201d}; expected {urls}"),
            );
        }
        for (invalid, shown) in [
            ("upstream:a", "upstream:a"),
            ("upstream:ftp://u:secret@a", "upstream:ftp://\u{2026}@a"),
            ("upstream:http://a/path@9000", "upstream:http://\u{2026}@9000"),
        ] {
            let error = invalid.parse::<Mode>().unwrap_err().to_string();
            let expect =
                format!("invalid parent proxy in mode \u{201c}{shown}\u{201d}; expected upstream:URL");
            assert!(error.starts_with(&expect), "{error}");
        }
        for invalid in ["forward@", "forward@x"] {
            let address = "@PORT or @ADDRESS:PORT, such as @127.0.0.1:9000";
            let expect =
                format!("invalid address after the @ in mode \u{201c}{invalid}\u{201d}; expected {address}");
            check_invalid(invalid, &expect);
        }
    }
}
