//! Samples of what is handed over.

use std::time::Duration;

use dashcam_control::CaptureDecision;
use dashcam_exchange::{Destination, Headers, Level, RequestHead, Scheme, Version};
use dashcam_recorder::Begin;
use tokio::time::timeout;

/// An exchange that begins, with nothing in it but what must be.
pub(crate) fn begin() -> Begin {
    Begin {
        connection: None,
        client: None,
        replay_of: None,
        decision: CaptureDecision::certain(Level::Full, 1 << 20),
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

/// Waits until `condition` is met, by the system's clock; 20 seconds at most.
pub(crate) async fn eventually(what: &str, mut condition: impl FnMut() -> bool) {
    let met = async {
        while !condition() {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    };
    assert!(timeout(Duration::from_secs(20), met).await.is_ok(), "waited in vain: {what}");
}
