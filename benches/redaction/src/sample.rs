//! An exchange as a JSON API's clients make it: ten fields each way, and a body of records.

use dashcam_control::CaptureDecision;
use dashcam_exchange::{Destination, Direction, Headers, Level, RequestHead, ResponseHead, Scheme, Version};
use dashcam_recorder::{Begin, Recorder};

pub(crate) struct Sample {
    destination: Destination,
    request: RequestHead,
    response: ResponseHead,
    body: Vec<u8>,
}

impl Sample {
    /// One of `number`, with a credential of its own and a body of about `size` bytes.
    pub(crate) fn new(number: usize, size: usize) -> Self {
        let body = json(number, size);
        Self {
            destination: Destination { scheme: Scheme::Https, host: "api.example.com".to_owned(), port: 443 },
            request: RequestHead {
                method: "GET".to_owned(),
                target: format!("/v1/accounts/{number}/items?limit=50&order=name"),
                authority: None,
                version: Version::Http11,
                headers: request_headers(number),
            },
            response: ResponseHead {
                version: Version::Http11,
                status: 200,
                reason: "OK".to_owned(),
                headers: response_headers(number, body.len()),
            },
            body,
        }
    }

    /// Hands it over, in the order in which traffic does.
    pub(crate) fn record(&self, recorder: &Recorder) {
        let begin = Begin {
            connection: None,
            client: None,
            replay_of: None,
            decision: CaptureDecision::certain(Level::Full, 1 << 20),
            destination: self.destination.clone(),
            request: self.request.clone(),
        };
        let Some(open) = recorder.begin(begin) else { return };
        open.tap(Direction::Request).end(None);
        open.request_sent(&self.request);
        open.response(self.response.clone());
        open.response_sent(&self.response);
        let mut tap = open.tap(Direction::Response);
        tap.data(&self.body);
        tap.end(None);
    }
}

fn request_headers(number: usize) -> Headers {
    [
        ("Host", "api.example.com".to_owned()),
        ("User-Agent", format!("python-requests/2.32.{number}")),
        ("Accept-Encoding", "gzip, deflate".to_owned()),
        ("Accept", "application/json".to_owned()),
        ("Accept-Language", "en-GB,en;q=0.9".to_owned()),
        ("Connection", "keep-alive".to_owned()),
        ("Authorization", format!("Bearer {:0>60x}", number * 104_729 + 7919)),
        ("Cache-Control", "no-cache".to_owned()),
        ("Referer", format!("https://app.example.com/accounts/{number}")),
        ("X-Request-Id", format!("{:0>32x}", number * 104_729)),
    ]
    .into_iter()
    .collect()
}

fn response_headers(number: usize, size: usize) -> Headers {
    [
        ("Date", "Tue, 03 Mar 2026 10:00:00 GMT".to_owned()),
        ("Content-Type", "application/json".to_owned()),
        ("Content-Length", size.to_string()),
        ("Connection", "keep-alive".to_owned()),
        ("Server", "nginx".to_owned()),
        ("ETag", format!("\"{:0>40x}\"", number * 15_485_863)),
        ("Cache-Control", "private, max-age=0, must-revalidate".to_owned()),
        ("Vary", "Accept-Encoding, Authorization".to_owned()),
        ("X-RateLimit-Remaining", (5000 - number % 5000).to_string()),
        ("Strict-Transport-Security", "max-age=31536000; includeSubDomains".to_owned()),
    ]
    .into_iter()
    .collect()
}

/// A list of records.
fn json(number: usize, size: usize) -> Vec<u8> {
    let (mut json, mut seed) = (b"[".to_vec(), number as u64 + 1);
    while json.len() < size {
        seed = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        let id = seed >> 20;
        let (kind, price, cents) = (id % 977, id % 313, id % 100);
        let record = format!(
            "{{\"id\":{id},\"name\":\"item {kind}\",\"price\":{price}.{cents:0>2},\"tags\":[\"a\",\"b\"]}},"
        );
        json.extend_from_slice(record.as_bytes());
    }
    json.pop();
    json.push(b']');
    json
}
