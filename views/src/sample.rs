//! An exchange for tests.

use dashcam_exchange::{Destination, Exchange, Scheme, State, Timestamp, sample};

/// `POST https://api.example.com/a?b` with a body of two bytes, without a response.
pub(crate) fn exchange() -> Exchange {
    let headers = [("Host", "api.example.com"), ("X-A", "1"), ("Content-Length", "2")];
    let mut request_body = sample::body(b"{}");
    request_body.rest.clear();
    Exchange {
        started_at: Timestamp(0),
        state: State::Failed,
        destination: Destination { scheme: Scheme::Https, host: "api.example.com".to_owned(), port: 443 },
        request: sample::request("POST", "/a?b", &headers),
        request_body,
        ..sample::exchange(7)
    }
}
