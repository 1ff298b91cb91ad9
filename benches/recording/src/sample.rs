//! An exchange as a JSON API's clients make it.

use dashcam_control::CaptureDecision;
use dashcam_exchange::{
    ConnectionId, Destination, Direction, Headers, Level, RequestHead, ResponseHead, Scheme, Upstream,
    Version,
};
use dashcam_recorder::{Begin, Recorder};

pub(crate) struct Sample {
    destination: Destination,
    request: RequestHead,
    sent: RequestHead,
    response: ResponseHead,
    body: Vec<u8>,
    upstream: Upstream,
}

impl Sample {
    pub(crate) fn new(number: usize, size: usize) -> Self {
        let headers = request_headers(number);
        let mut sent = headers.clone();
        sent.push("X-Forwarded-For", "127.0.0.1");
        sent.push("X-Forwarded-Proto", "https");
        let head = |headers| RequestHead {
            method: "GET".to_owned(),
            target: format!("/v1/accounts/{number}/items?limit=50"),
            authority: None,
            version: Version::Http11,
            headers,
        };
        Self {
            destination: Destination { scheme: Scheme::Https, host: "api.example.com".to_owned(), port: 443 },
            request: head(headers),
            sent: head(sent),
            response: ResponseHead {
                version: Version::Http11,
                status: 200,
                reason: "OK".to_owned(),
                headers: response_headers(number, size),
            },
            body: json(number, size),
            upstream: Upstream {
                address: "192.0.2.1:443".to_owned(),
                reused: true,
                tls_version: Some("TLSv1.3".to_owned()),
                connection: None,
            },
        }
    }

    /// Hands it over, in the order in which traffic does.
    pub(crate) fn record(&self, recorder: &Recorder) {
        let begin = Begin {
            connection: Some(ConnectionId(1)),
            client: None,
            replay_of: None,
            decision: CaptureDecision::certain(Level::Full, 1 << 20),
            destination: self.destination.clone(),
            request: self.request.clone(),
        };
        let Some(open) = recorder.begin(begin) else { return };
        open.tap(Direction::Request).end(None);
        open.upstream(self.upstream.clone());
        open.request_sent(&self.sent);
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
        ("Accept-Language", "en-GB,en;q=0.7".to_owned()),
        ("Connection", "keep-alive".to_owned()),
        ("Cookie", format!("session={:0>16x}; theme=dark", number * 6151)),
        ("Referer", "https://www.example.com/items".to_owned()),
        ("Authorization", format!("Bearer {:0>120}", number * 7919)),
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
        ("X-RateLimit-Remaining", (5000 - number).to_string()),
        ("Strict-Transport-Security", "max-age=31536000; includeSubDomains".to_owned()),
    ]
    .into_iter()
    .collect()
}

/// A list of records, cut at `size` bytes.
fn json(number: usize, size: usize) -> Vec<u8> {
    let mut json = b"[".to_vec();
    let mut seed = number as u64 + 1;
    while json.len() < size {
        seed = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        let id = seed >> 20;
        json.extend_from_slice(
            format!(
                "{{\"id\":{id},\"name\":\"item {}\",\"price\":{}.{:0>2},\"tags\":[\"a\",\"b\"]}},",
                id % 977,
                id % 313,
                id % 100
            )
            .as_bytes(),
        );
    }
    json.truncate(size);
    json
}
