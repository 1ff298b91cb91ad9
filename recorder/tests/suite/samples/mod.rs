//! What is handed over.

use dashcam_exchange::{Destination, Headers, Level, RequestHead, Scheme, Version};
use dashcam_recorder::Begin;

/// An exchange that begins, with nothing in it but what must be.
pub(crate) fn begin() -> Begin {
    Begin {
        connection: None,
        client: None,
        replay_of: None,
        level: Level::Full,
        body_limit: 1 << 20,
        destination: Destination::parse(Scheme::Https, "a.example").unwrap(),
        request: RequestHead {
            method: "GET".into(),
            target: "/".into(),
            authority: None,
            version: Version::Http11,
            headers: Headers::default(),
        },
    }
}
