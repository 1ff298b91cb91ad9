//! An exchange for tests.

use dashcam_exchange::{
    BodyRecord, Destination, Exchange, ExchangeId, Headers, Level, RequestHead, Scheme, State, Timestamp,
    Timings, Version,
};

/// `POST https://api.example.com/a?b` with a body of two bytes, without a response.
pub(crate) fn exchange() -> Exchange {
    let headers = [("Host", "api.example.com"), ("X-A", "1"), ("Content-Length", "2")];
    Exchange {
        id: ExchangeId(7),
        connection: None,
        replay_of: None,
        started_at: Timestamp(0),
        level: Level::Full,
        state: State::Failed,
        destination: Destination { scheme: Scheme::Https, host: "api.example.com".to_owned(), port: 443 },
        request: RequestHead {
            method: "POST".to_owned(),
            target: "/a?b".to_owned(),
            authority: None,
            version: Version::Http11,
            headers: headers.into_iter().collect::<Headers>(),
        },
        request_body: BodyRecord { size: 2, stored: 2, complete: true, ..BodyRecord::default() },
        request_sent: None,
        interim: Vec::new(),
        response: None,
        response_sent: None,
        response_body: BodyRecord::default(),
        timings: Timings::default(),
        upstream: None,
        failure: None,
    }
}
