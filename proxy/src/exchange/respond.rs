//! The one place that makes a failure into the response that a client gets.

use dashcam_exchange::{ExchangeId, Failure, RequestHead, ResponseHead, Side, Stage, Version};

use crate::body::Body;
use crate::exchange::message::Response;
use crate::exchange::observed::Observed;
use crate::exchange::route::{Route, RouteKind};
use crate::h1::encode::standard_reason;

/// Returns whether `head` is of a browser that shows a page.
pub(crate) fn wants_page(head: &RequestHead) -> bool {
    head.headers.text("accept").is_some_and(|accept| accept.contains("text/html"))
}

/// How much of a failure is told.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Told {
    /// All: to the proxy's own users.
    All,
    /// The number of the exchange, which its operator finds it by: to strangers. What was wrong with their own request
    /// they are told.
    Number(Option<ExchangeId>),
}

impl Told {
    /// How much a client on `route` is told of the exchange that was recorded as `exchange`.
    pub(crate) fn to(route: &Route, exchange: Option<ExchangeId>) -> Self {
        match route.kind {
            RouteKind::Forward => Self::All,
            RouteKind::Reverse { .. } => Self::Number(exchange),
        }
    }
}

/// The response that tells `failure`: JSON for programs, a page for browsers.
pub(crate) fn with_status(status: u16, failure: &Failure, (wants_page, told): (bool, Told)) -> Response {
    let number = match told {
        Told::Number(number) if failure.side != Side::Client => Some(number),
        Told::Number(_) | Told::All => None,
    };
    let (content_type, body) = match (number, wants_page) {
        (None, true) => ("text/html; charset=utf-8", page(status, failure)),
        (None, false) => ("application/json", json(failure)),
        (Some(number), true) => ("text/html; charset=utf-8", page_for_strangers(status, number)),
        (Some(number), false) => ("application/json", json_for_strangers(number)),
    };
    let proxy_status = if number.is_some() { "dashcam".to_owned() } else { proxy_status(status, failure) };
    let headers = [
        ("Content-Type", content_type.to_owned()),
        ("Content-Length", body.len().to_string()),
        ("Cache-Control", "no-store".to_owned()),
        ("Proxy-Status", proxy_status),
    ];
    let more = match status {
        407 => Some(("Proxy-Authenticate", "Basic realm=\"dashcam\", charset=\"UTF-8\"")),
        429 => Some(("Retry-After", "60")),
        // There is no room at the moment.
        503 => Some(("Retry-After", "1")),
        _ => None,
    };
    let more = more.map(|(name, value)| (name, value.to_owned()));
    Response {
        head: ResponseHead {
            version: Version::Http11,
            status,
            reason: standard_reason(status).to_owned(),
            headers: headers.into_iter().chain(more).collect(),
        },
        body: Body::from_bytes(body),
        observed: Observed::default(),
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
    let text = format!(
        "<p>{message}</p>\
         <p><small>This answer comes from dashcam, the recording proxy, not from the site. \
         Side: {side}. Stage: {stage}.</small></p>\n",
        side = failure.side,
        stage = failure.stage,
    );
    document(status, &text)
}

fn document(status: u16, text: &str) -> String {
    format!(
        "<!doctype html><meta charset=\"utf-8\"><title>{status} by dashcam</title>\
         <body style=\"font:16px system-ui;max-width:40em;margin:4em auto;padding:0 1em\">\
         <h1>{status} {reason}</h1>{text}",
        reason = standard_reason(status),
    )
}

/// The message for strangers.
fn for_strangers(number: Option<ExchangeId>) -> String {
    let number = number.map(|number| format!(" Exchange {}.", number.0)).unwrap_or_default();
    format!("This request could not be answered.{number}")
}

fn json_for_strangers(number: Option<ExchangeId>) -> String {
    let exchange = number.map(|number| format!("\"exchange\":{},", number.0)).unwrap_or_default();
    format!("{{\"error\":{{\"by\":\"dashcam\",{exchange}\"message\":\"{}\"}}}}\n", for_strangers(number))
}

fn page_for_strangers(status: u16, number: Option<ExchangeId>) -> String {
    document(status, &format!("<p>{}</p>\n", for_strangers(number)))
}

/// The failure, for programs along the way (RFC 9209).
fn proxy_status(status: u16, failure: &Failure) -> String {
    let error = match (failure.side, failure.stage) {
        (Side::Client, _) => "http_request_error",
        (Side::Proxy, _) if status == 508 => "proxy_loop_detected",
        (Side::Proxy, Stage::Connect) if status == 503 => "connection_limit_reached",
        (Side::Proxy, Stage::Connect) => "destination_ip_prohibited",
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

    /// Strangers learn nothing of what stands behind, in whatever form they ask.
    #[tokio::test]
    async fn strangers_are_told_a_number() {
        let failure = Failure::new(Side::Upstream, Stage::Connect, "10.0.0.7:5432 refused the connection");
        for wants_page in [false, true] {
            for (number, expect) in
                [(Some(ExchangeId(12)), "answered. Exchange 12."), (None, "answered.<|answered.\"")]
            {
                let mut response = with_status(502, &failure, (wants_page, Told::Number(number)));
                let Some(Ok(crate::body::Frame::Data(body))) = response.body.frame().await else { panic!() };
                let text = String::from_utf8(body.to_vec()).unwrap();
                assert!(expect.split('|').any(|expect| text.contains(expect)), "{text}");
                let all = format!("{text} {:?}", response.head.headers);
                for secret in ["10.0.0.7", "5432", "refused", "upstream", "connect", "destination"] {
                    assert!(!all.contains(secret), "{secret}: {all}");
                }
            }
        }
        let own = Failure::new(Side::Client, Stage::RequestHead, "two lengths");
        let mut response = with_status(400, &own, (false, Told::Number(None)));
        let Some(Ok(crate::body::Frame::Data(body))) = response.body.frame().await else { panic!() };
        assert!(String::from_utf8_lossy(&body).contains("two lengths"), "their own fault is no secret");
    }
}
