//! Rules for requests over HTTP/2. They may become requests over HTTP/1, so the same must hold for them.

use dashcam_exchange::{IllegalHead, RequestHead, grammar};

use crate::h1::framing;
use crate::h1::framing::{BadFraming, Framing};
use crate::h2::extended_connect;
use crate::http::target;

/// Why a request is refused.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub(super) enum BadRequest {
    #[error("CONNECT is for a proxy, and this is a connection to the destination itself")]
    Connect,
    #[error("its :protocol is not the name of one that can be switched to (RFC 8441 §4, RFC 9110 §7.8)")]
    Protocol,
    #[error("its :authority or Host field is repeated, or names no host (RFC 9113 §8.3.1)")]
    Host,
    #[error("the value of its field \u{201c}{0}\u{201d} has white space around it (RFC 9113 §8.2.1)")]
    Padded(String),
    #[error("it announces a body, and what an extended CONNECT sends is none (RFC 8441 §4)")]
    Body,
    #[error("{0}")]
    Head(#[from] IllegalHead),
    #[error("{0}")]
    Framing(#[from] BadFraming),
}

/// Checks `head`, as it came.
pub(super) fn check(head: &RequestHead) -> Result<(), BadRequest> {
    let protocol = extended_connect::protocol(head);
    if head.method == "CONNECT" && protocol.is_none() {
        // An upstream would get it as an ordinary request.
        return Err(BadRequest::Connect);
    }
    if protocol.is_some_and(|protocol| !may_switch_to(protocol)) {
        return Err(BadRequest::Protocol);
    }
    if !target::names_one_host(head) {
        return Err(BadRequest::Host);
    }
    let fields = head.headers.iter().filter(|(name, _)| *name != extended_connect::PROTOCOL.as_bytes());
    if let Some((name, _)) = fields.clone().find(|(_, value)| grammar::is_padded(value)) {
        return Err(BadRequest::Padded(name.escape_ascii().to_string()));
    }
    let framing = framing::request(head.version, &head.headers)?;
    if protocol.is_some() && !matches!(framing, Framing::None | Framing::Length(0)) {
        return Err(BadRequest::Body);
    }
    Ok(check_legal(head, protocol.is_some())?)
}

/// An upgrade in HTTP/1.1 names its protocol in a field: what is no token there could end it. HTTP/2 would hide what is
/// inside.
fn may_switch_to(protocol: &str) -> bool {
    grammar::is_token(protocol.as_bytes()) && !protocol.to_ascii_lowercase().starts_with("h2")
}

/// Checks that it can be written; without `:protocol`, which no field of HTTP/1.1 is called.
fn check_legal(head: &RequestHead, has_protocol: bool) -> Result<(), IllegalHead> {
    if !has_protocol {
        return head.check();
    }
    let mut plain = head.clone();
    plain.headers.remove(extended_connect::PROTOCOL);
    plain.check()
}

#[cfg(test)]
mod tests {
    use super::*;
    use dashcam_exchange::{Headers, Version};

    fn head(method: &str, target: &str, fields: &[(&str, &str)]) -> RequestHead {
        RequestHead {
            method: method.to_owned(),
            target: target.to_owned(),
            authority: Some("a".to_owned()),
            version: Version::Http2,
            headers: fields.iter().copied().collect::<Headers>(),
        }
    }

    #[test]
    fn what_is_refused_over_http1_is_refused_here() {
        let length = |value| ("content-length", value);
        for (method, target, fields, expect) in [
            ("GET", "/a", &[("x", "1")][..], Ok(())),
            ("OPTIONS", "*", &[], Ok(())),
            ("GET", "*", &[], Err(BadRequest::Head(IllegalHead::Target))),
            ("GET", "a", &[], Err(BadRequest::Head(IllegalHead::Target))),
            ("GET", "/\u{7f}", &[], Err(BadRequest::Head(IllegalHead::Target))),
            ("POST", "/", &[length("5"), length("5")], Err(BadRequest::Framing(BadFraming::Length))),
            ("POST", "/", &[length("+5")], Err(BadRequest::Framing(BadFraming::Length))),
            ("GET", "/", &[("x", " 1")], Err(BadRequest::Padded("x".to_owned()))),
            ("GET", "/", &[("x", "1\t")], Err(BadRequest::Padded("x".to_owned()))),
            ("GET", "/", &[("host", "a"), ("host", "a")], Err(BadRequest::Host)),
            ("CONNECT", "/", &[], Err(BadRequest::Connect)),
        ] {
            assert_eq!(check(&head(method, target, fields)), expect, "{method} {target} {fields:?}");
        }
    }

    #[test]
    fn what_switches_announces_no_body() {
        for (length, expect) in [("0", Ok(())), ("60", Err(BadRequest::Body))] {
            let fields = [(":protocol", "websocket"), ("content-length", length)];
            assert_eq!(check(&head("CONNECT", "/chat", &fields)), expect, "{length}");
        }
    }

    #[test]
    fn a_protocol_is_a_token() {
        for (protocol, expect) in [
            ("websocket", Ok(())),
            ("connect-udp", Ok(())),
            ("websocket\r\nX-Injected: 1", Err(BadRequest::Protocol)),
            ("websocket\r\n\r\nGET /injected HTTP/1.1\r\nHost: a", Err(BadRequest::Protocol)),
            ("web socket", Err(BadRequest::Protocol)),
            ("a, b", Err(BadRequest::Protocol)),
            ("", Err(BadRequest::Protocol)),
            ("H2C", Err(BadRequest::Protocol)),
        ] {
            let head = head("CONNECT", "/chat", &[(":protocol", protocol), ("x", "1")]);
            assert_eq!(check(&head), expect, "{protocol:?}");
        }
    }
}
