//! The one place that makes a failure into the response that a client gets.

use dashcam_exchange::{Failure, RequestHead, ResponseHead, Side, Stage, Version};

use crate::body::Body;
use crate::http::h1::encode::standard_reason;
use crate::message::Response;

/// Whether who sent `head` is a browser that shows a page.
pub(crate) fn wants_page(head: &RequestHead) -> bool {
    head.headers.text("accept").is_some_and(|accept| accept.contains("text/html"))
}

/// The response that tells `failure`: JSON for programs, a page for browsers.
pub(crate) fn with_status(status: u16, failure: &Failure, wants_page: bool) -> Response {
    let (content_type, body) = if wants_page {
        ("text/html; charset=utf-8", page(status, failure))
    } else {
        ("application/json", json(failure))
    };
    let headers = [
        ("Content-Type", content_type.to_owned()),
        ("Content-Length", body.len().to_string()),
        ("Cache-Control", "no-store".to_owned()),
        ("Proxy-Status", proxy_status(status, failure)),
    ];
    // There is no room at the moment.
    let retry_after = (status == 503).then(|| ("Retry-After", "1".to_owned()));
    Response {
        head: ResponseHead {
            version: Version::Http11,
            status,
            reason: standard_reason(status).to_owned(),
            headers: headers.into_iter().chain(retry_after).collect(),
        },
        body: Body::from_bytes(body),
        open: None,
        upgrade: None,
        close: failure.side == Side::Client,
        reset: None,
    }
}

fn json(failure: &Failure) -> String {
    format!(
        "{{\"error\":{{\"by\":\"dashcam\",\"side\":\"{}\",\"stage\":\"{}\",\"message\":\"{}\"}}}}\n",
        failure.side,
        failure.stage,
        escape(&failure.message, |character| match character {
            '"' | '\\' => Some(format!("\\{character}")),
            character if character.is_control() => Some(format!("\\u{:04x}", u32::from(character))),
            _ => None,
        })
    )
}

fn page(status: u16, failure: &Failure) -> String {
    let message = escape(&failure.message, |character| match character {
        '<' => Some("&lt;".to_owned()),
        '>' => Some("&gt;".to_owned()),
        '&' => Some("&amp;".to_owned()),
        _ => None,
    });
    format!(
        "<!doctype html><meta charset=\"utf-8\"><title>{status} by dashcam</title>\
         <body style=\"font:16px system-ui;max-width:40em;margin:4em auto;padding:0 1em\">\
         <h1>{status} {reason}</h1><p>{message}</p>\
         <p><small>This answer comes from dashcam, the recording proxy, not from the site. \
         Side: {side}. Stage: {stage}.</small></p>\n",
        reason = standard_reason(status),
        side = failure.side,
        stage = failure.stage,
    )
}

/// What failed, for programs along the way (RFC 9209).
fn proxy_status(status: u16, failure: &Failure) -> String {
    let error = match (failure.side, failure.stage) {
        (Side::Client, _) => "http_request_error",
        (Side::Proxy, _) if status == 508 => "proxy_loop_detected",
        (Side::Proxy, Stage::Connect) if status == 503 => "connection_limit_reached",
        (Side::Proxy, _) => "http_request_denied",
        (Side::Upstream, Stage::ResponseHead) if status == 504 => "http_response_timeout",
        (Side::Upstream, Stage::Dns) => "dns_error",
        (Side::Upstream, Stage::Connect) => "destination_unavailable",
        (Side::Upstream, Stage::TlsHandshake) => "tls_protocol_error",
        (Side::Upstream, _) => "http_protocol_error",
    };
    format!("dashcam; error={error}")
}

fn escape(text: &str, replacement: impl Fn(char) -> Option<String>) -> String {
    text.chars().fold(String::with_capacity(text.len()), |mut out, character| {
        match replacement(character) {
            Some(replacement) => out.push_str(&replacement),
            None => out.push(character),
        }
        out
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_failure_says_side_stage_and_why() {
        let why = Failure::new(Side::Upstream, Stage::Connect, "no \"way\" <in>");
        assert_eq!(
            json(&why),
            "{\"error\":{\"by\":\"dashcam\",\"side\":\"upstream\",\"stage\":\"connect\",\"message\":\"no \\\"way\\\" <in>\"}}\n"
        );
        assert!(page(502, &why).contains("no \"way\" &lt;in&gt;"));
    }
}
