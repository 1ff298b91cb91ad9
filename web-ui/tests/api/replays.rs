//! Requests sent again.

use dashcam_exchange::BodyRecord;
use hyper::Method;

use crate::instance::{Instance, exchange};

#[tokio::test]
async fn what_cannot_be_sent_again_is_refused() {
    let instance = Instance::start().await;
    let mut cut = exchange(1, "127.0.0.1", "/", &[], b"");
    cut.request_body = BodyRecord { size: 5, truncated: true, ..BodyRecord::default() };
    instance.record([cut]).await;
    for (path, body, error) in [
        ("/exchanges/2/replay", "", (404, "not_found")),
        ("/exchanges/1/replay", "", (409, "conflict")),
        ("/exchanges/1/replay", r#"{"url": "nonsense"}"#, (422, "invalid")),
        ("/exchanges/1/replay", r#"{"body": "a", "body_base64": "YQ=="}"#, (422, "invalid")),
        ("/exchanges/1/replay", r#"{"body_base64": "?"}"#, (422, "invalid")),
        ("/exchanges/1/replay", r#"{"colour": "red"}"#, (422, "invalid")),
        ("/exchanges/1/replay", "{", (400, "bad_request")),
    ] {
        let answer = instance.call(Method::POST, path, body).await;
        assert_eq!(answer.error(), (error.0, error.1.to_owned()), "{path} {body}");
    }
    instance.stop().await;
}
