//! WebSockets among exchanges: their content is messages, and no body.

use dashcam_exchange::{Exchange, Version};

/// Returns whether the request asked for a WebSocket, over HTTP/1.1 (RFC 6455) or HTTP/2 (RFC 8441).
#[must_use]
pub fn is_asked_for(exchange: &Exchange) -> bool {
    let head = &exchange.request;
    match head.version {
        Version::Http2 => head.headers.has_token(":protocol", "websocket"),
        _ => head.headers.has_token("upgrade", "websocket"),
    }
}

/// Returns whether the request asked for a WebSocket and got it. An upstream of another version than the client's may
/// have answered with the other one's status.
#[must_use]
pub fn is_open(exchange: &Exchange) -> bool {
    let is_granted = |status| match exchange.request.version {
        Version::Http2 => status == 101 || (200..300).contains(&status),
        _ => status == 101,
    };
    is_asked_for(exchange) && exchange.response.as_ref().is_some_and(|head| is_granted(head.status))
}

#[cfg(test)]
mod tests {
    use dashcam_exchange::ResponseHead;

    use super::*;
    use crate::sample;

    #[test]
    fn asked_for_and_granted() {
        let check = |version, field: (&'static str, &str), status, expect: (bool, bool)| {
            let mut exchange = sample::exchange();
            exchange.request.version = version;
            exchange.request.headers.push(field.0, field.1);
            let (reason, headers) = (String::new(), dashcam_exchange::Headers::default());
            exchange.response = Some(ResponseHead { version, status, reason, headers });
            assert_eq!((is_asked_for(&exchange), is_open(&exchange)), expect, "{field:?} {status}");
        };
        check(Version::Http11, ("Upgrade", "WebSocket"), 101, (true, true));
        check(Version::Http11, ("Upgrade", "websocket"), 200, (true, false));
        check(Version::Http11, ("Upgrade", "h2c"), 101, (false, false));
        check(Version::Http2, (":protocol", "websocket"), 200, (true, true));
        check(Version::Http2, (":protocol", "websocket"), 101, (true, true));
        check(Version::Http2, (":protocol", "websocket"), 404, (true, false));
        check(Version::Http2, ("upgrade", "websocket"), 200, (false, false));
    }
}
